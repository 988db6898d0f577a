"""A slot holds the newest frame and nothing else; one condition wakes whoever looks at all of them."""

from __future__ import annotations

import threading
from dataclasses import replace

from beholden.supervise.workers.slots import LatestFrame
from tests.supervise.cameras import Arrived, frame


def test_the_newest_frame_is_taken_once() -> None:
    """Two puts, one take, and then nothing."""
    slot = LatestFrame(threading.Condition())
    slot.put(frame(0))
    slot.put(frame(1))
    taken = slot.take()
    assert taken is not None
    assert taken.frame.index == 1
    assert slot.take() is None


def test_what_is_overwritten_is_counted() -> None:
    """Putting says whether a frame was dropped for it."""
    slot = LatestFrame(threading.Condition())
    assert not slot.put(frame(0))
    assert slot.put(frame(1))
    assert slot.put(frame(2))
    slot.take()
    assert not slot.put(frame(3))
    assert slot.dropped == 2


def test_a_cut_is_not_lost_with_the_frame_that_carried_it() -> None:
    """The first frame of a new connection is overwritten: the next one still continues nothing."""
    slot = LatestFrame(threading.Condition())
    slot.put(frame(0, cut=True))
    slot.put(frame(1))
    slot.put(frame(2))
    taken = slot.take()
    assert taken is not None
    assert (taken.frame.index, taken.frame.cut) == (2, True)
    slot.put(frame(3))
    again = slot.take()
    assert again is not None
    assert not again.frame.cut


def test_a_slot_says_since_when_its_frame_waits() -> None:
    """The arrival of the frame that waits; nothing once it was taken, though the newest arrival is still known."""
    slot = LatestFrame(threading.Condition())
    assert slot.waiting_s is None
    slot.put(frame(0, arrived_s=3.5))
    assert slot.waiting_s == 3.5
    slot.take()
    assert slot.waiting_s is None
    assert slot.last_s == 3.5


def test_a_closed_slot_lets_go_and_takes_no_more() -> None:
    """A removed camera's reader may go on for a moment: nothing of it is looked at."""
    slot = LatestFrame(threading.Condition())
    slot.put(frame(0))
    slot.close()
    assert slot.take() is None
    assert not slot.put(frame(1))
    assert slot.take() is None


def test_any_slot_wakes_whoever_waits_for_all() -> None:
    """One condition for all slots of a worker."""
    arrived = threading.Condition()
    slots = [LatestFrame(arrived) for _ in range(3)]
    woken = threading.Event()

    def wait() -> None:
        with arrived:
            while all(slot.waiting_s is None for slot in slots):
                arrived.wait(10)
        woken.set()

    thread = threading.Thread(target=wait)
    thread.start()
    slots[2].put(frame(0))
    assert woken.wait(10)
    thread.join(10)


def test_a_thousand_frames_leave_one() -> None:
    """Bounded by construction: whatever is put, one frame is held."""
    slot = LatestFrame(threading.Condition())
    for index in range(1000):
        slot.put(frame(index))
    assert slot.dropped == 999
    assert slot.take() is not None
    assert slot.take() is None


def late(index: int) -> Arrived:
    """A frame that comes at once with others."""
    return replace(frame(index), late=True)


def test_late_frames_do_not_push_out_each_other() -> None:
    """A camera that wakes has several: each waits until the one before it was taken, and so does the next in time."""
    slot = LatestFrame(threading.Condition())
    slot.put(late(0))
    putting = threading.Thread(target=lambda: [slot.put(one, 60.0) for one in (late(1), late(2), frame(3))])
    putting.start()
    taken: list[int] = []
    while len(taken) < 4:
        live = slot.take()
        if live is not None:
            taken.append(live.frame.index)
    putting.join(10)
    assert taken == [0, 1, 2, 3]
    assert slot.dropped == 0


def test_a_late_frame_waits_no_longer_than_it_may() -> None:
    """Nobody looks: it takes the place of the one before, as it would have in its time."""
    slot = LatestFrame(threading.Condition())
    slot.put(late(0))
    assert slot.put(late(1), 0.001)
    assert slot.dropped == 1


def test_nobody_waits_for_a_closed_slot() -> None:
    """A camera that is removed is not held up by what nobody takes any more."""
    slot = LatestFrame(threading.Condition())
    slot.put(late(0))
    putting = threading.Thread(target=lambda: slot.put(late(1), 60.0))
    putting.start()
    slot.close()
    putting.join(10)
    assert not putting.is_alive()
    assert slot.take() is None
