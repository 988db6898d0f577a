"""When something that died is started again."""

from __future__ import annotations

import pytest

from beholden.supervise.workers.restarts import KILLED_S, Restarts


def after(*lives: float) -> Restarts:
    restarts = Restarts()
    for lived_s in lives:
        restarts = restarts.died(lived_s)
    return restarts


@pytest.mark.parametrize("lives", [(0.1,), (0.1, 0.1), (5.0, 4.0, 3.0), (0.1, 0.1, 60.0), (60.0,)])
def test_what_dies_now_and_then_is_started_at_once(lives: tuple[float, ...]) -> None:
    """Twice in a row, or after a long life."""
    assert after(*lives).wait_s == 0.0


def test_a_crash_loop_waits_longer_each_time() -> None:
    """Three deaths in ten seconds: 1, 2, 4, 8, 10, 10 s."""
    assert [after(*[0.5] * count).wait_s for count in range(3, 9)] == [1.0, 2.0, 4.0, 8.0, 10.0, 10.0]


def test_a_life_of_ten_seconds_ends_the_loop() -> None:
    """It came up again: the next death is the first."""
    assert after(0.5, 0.5, 0.5, 0.5, 10.0).wait_s == 0.0
    assert after(0.5, 0.5, 0.5, 10.0, 0.5).wait_s == 0.0


def test_a_kill_from_outside_is_no_fault() -> None:
    """Killed a hundred times: at once each time, at most four times a second."""
    restarts = Restarts()
    for _ in range(100):
        restarts = restarts.died(0.05, from_outside=True)
        assert restarts.wait_s == pytest.approx(KILLED_S - 0.05)
    assert restarts.died(5.0, from_outside=True).wait_s == 0.0
