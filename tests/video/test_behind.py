"""A reader that cannot keep up drops pictures; one whose network is slow drops none."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from itertools import pairwise

import pytest

from beholden.video.camera.behind import LATE_S, PATIENCE_S, WATCHED_S, Behind, ready_s

GROUP = 10


class Thread:
    """A thread that was ready for a share of the time."""

    def __init__(self, share: float) -> None:
        self.share, self.now_s = share, 0.0

    def __call__(self) -> float:
        return self.now_s * self.share


def passed(behind: Behind, thread: Thread, late: Iterable[float]) -> list[bool]:
    """Packets a tenth of a second apart, each tenth one a keyframe."""
    found: list[bool] = []
    for number, late_s in enumerate(late):
        thread.now_s += 0.1
        found.append(behind.passes(thread.now_s, late_s, keyframe=number % GROUP == 0))
    return found


def test_who_keeps_up_passes_over_nothing():
    """However busy the thread is."""
    thread = Thread(1.0)
    assert not any(passed(Behind(thread), thread, [LATE_S] * 50))


def test_a_slow_network_costs_no_picture():
    """Late for a minute, and the thread waits for packets most of the time."""
    thread = Thread(0.5)
    assert not any(passed(Behind(thread), thread, [5.0] * 600))


def test_a_burst_after_a_pause_costs_no_picture():
    """What the network held up comes at once, and is decoded within a moment."""
    thread = Thread(1.0)
    behind = Behind(thread)
    for number in range(30):
        thread.now_s += WATCHED_S / 40
        assert not behind.passes(thread.now_s, 2.0 - number * 0.05, keyframe=False)


def test_who_is_behind_goes_on_at_the_next_keyframe():
    """From when it is known; and once it has caught up, everything is decoded again."""
    thread = Thread(0.9)
    behind = Behind(thread)
    found = passed(behind, thread, [0.8] * 9 + [0.1] * 21)
    first = found.index(True)
    assert 2 <= first <= 5
    assert found[first:GROUP] == [True] * (GROUP - first)
    assert not any(found[GROUP:])
    assert behind.passed == sum(found)


def test_a_keyframe_that_is_late_itself_is_passed_over_too():
    """What waits is read through to its end: the next keyframe is one of now."""
    thread = Thread(1.0)
    found = passed(Behind(thread), thread, [1.2] * 25 + [0.1] * 10)
    assert all(found[5:30])
    assert not any(found[30:])


def test_a_camera_that_stays_late_is_looked_at_now_and_then():
    """A keyframe of it, and what follows until it is known again why it is late."""
    thread = Thread(1.0)
    found = passed(Behind(thread), thread, [3.0] * 200)
    decoded = [number for number, passes in enumerate(found[10:], 10) if not passes]
    assert decoded
    assert len(decoded) < 0.15 * len(found)
    gaps = [later - number for number, later in pairwise(decoded)]
    assert max(gaps) / 10 <= PATIENCE_S + GROUP / 10


def test_a_new_connection_begins_anew():
    """What was late before has nothing to do with it."""
    thread = Thread(1.0)
    behind = Behind(thread)
    assert passed(behind, thread, [1.0] * 8)[-1]
    behind.begin_again()
    assert not behind.passes(thread.now_s, 1.0, keyframe=False)


def test_where_the_kernel_does_not_count_nothing_is_passed_over():
    """Nobody can tell whose fault it is."""
    behind = Behind(lambda: None)
    assert not any(behind.passes(number / 10, 3.0, keyframe=False) for number in range(100))


def test_the_time_of_a_thread_that_waits_is_not_counted():
    """Of this very thread, and of no other one of the process."""
    before = ready_s()
    if before is None:
        pytest.skip("this kernel does not count how long threads are ready")
    worked: list[float] = []

    def work() -> None:
        while time.thread_time() < 0.5:
            sum(range(10_000))
        worked.append(time.thread_time())

    other = threading.Thread(target=work)
    other.start()
    other.join()
    after = ready_s()
    assert after is not None
    assert after - before < worked[0]
