"""How long a camera waits before it is tried again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beholden.video.camera.backoff import Backoff


def test_waits_double_from_half_a_second_to_five() -> None:
    """A camera that is gone is tried often at first, and at least every five seconds for ever."""
    backoff = Backoff(lambda: 0.0)
    assert [backoff.lost() for _ in range(7)] == [0.5, 1.0, 2.0, 4.0, 5.0, 5.0, 5.0]


def test_refusals_wait_half_a_minute_and_more() -> None:
    """A wrong password is not tried again and again: the camera would lock the account."""
    backoff = Backoff(lambda: 0.0)
    assert [backoff.refused() for _ in range(6)] == [30, 60, 120, 240, 300, 300]


def test_ten_seconds_of_pictures_are_a_new_beginning() -> None:
    """Shorter ones are not: a camera that shows one picture and is gone is no good camera."""
    backoff = Backoff(lambda: 0.0)
    for _ in range(5):
        backoff.lost()
    backoff.refused()
    backoff.good(9.9)
    assert backoff.lost() == 5.0
    backoff.good(10.0)
    assert backoff.lost() == 0.5


def test_a_camera_that_worked_may_refuse_while_it_starts() -> None:
    """After a reboot, streams may not be there yet: two more tries come soon, the others as seldom as ever."""
    backoff = Backoff(lambda: 0.0)
    backoff.good(10.0)
    assert [backoff.refused() for _ in range(4)] == [5.0, 5.0, 30.0, 60.0]


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1, exclude_max=True)), min_size=1, max_size=3000))
def test_no_wait_is_out_of_bounds(script: list[tuple[bool, float]]) -> None:
    """However long it goes on and whatever chance says: at most 5 s when lost, 30 s to 5 min when refused."""
    rolls = iter([roll for _, roll in script])
    backoff = Backoff(lambda: next(rolls))
    for refused, _ in script:
        wait = backoff.refused() if refused else backoff.lost()
        backoff.good(9.0)
        assert 30 <= wait <= 300 if refused else 0.4 <= wait <= 5


def test_cameras_lost_together_do_not_come_back_together() -> None:
    """Chance spreads the waits by a fifth."""
    assert Backoff(lambda: 0.999).lost() == pytest.approx(0.4, abs=0.001)
