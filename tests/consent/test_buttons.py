"""A button's window: how long it is open, and what becomes of it when the clock is set back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from beholden.consent.buttons import PRESS_OPENS, Buttons
from beholden.consent.span import Span
from beholden.model.ids import CameraId

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
DOOR = CameraId("door")


def open_at(buttons: Buttons, moment: datetime) -> bool:
    return buttons.open_at(DOOR, moment, Span(moment, "UTC"))


def test_a_press_opens_for_a_while() -> None:
    """From the press on, and not a moment longer."""
    buttons = Buttons()
    until = buttons.press(DOOR, NOON)
    assert until == NOON + PRESS_OPENS
    assert open_at(buttons, NOON)
    assert not open_at(buttons, until)


def test_a_clock_that_is_set_back_opens_nothing_later() -> None:
    """An hour later by the wall it is the time of the press again, and nobody pressed."""
    buttons = Buttons()
    buttons.press(DOOR, NOON)
    assert buttons.end(NOON - timedelta(hours=1))
    assert not open_at(buttons, NOON + timedelta(seconds=5))


def test_a_look_that_is_a_little_older_than_the_press_closes_nothing() -> None:
    """Two clocks are read one after the other."""
    buttons = Buttons()
    buttons.press(DOOR, NOON)
    assert not buttons.end(NOON - timedelta(milliseconds=300))
    assert open_at(buttons, NOON)


SECOND, TICK = timedelta(seconds=1), timedelta(microseconds=1)


def test_a_window_is_fifteen_seconds_and_narrows_the_answer_to_itself() -> None:
    """To the microsecond; at a camera that nobody pressed at, nothing is open and nothing narrowed."""
    buttons = Buttons()
    until = buttons.press(DOOR, NOON)
    assert until == NOON + 15 * SECOND
    span = Span(NOON, "UTC")
    assert buttons.open_at(DOOR, NOON, span)
    assert (span.since, span.until) == (NOON, until)
    assert [open_at(buttons, at) for at in (NOON - TICK, until - TICK, until)] == [False, True, False]
    other = Span(NOON, "UTC")
    assert not buttons.open_at(CameraId("hall"), NOON, other)
    assert other == Span(NOON, "UTC")


def test_a_press_prolongs_an_open_window_and_begins_another_once_it_is_over() -> None:
    """The end itself is over."""
    for again, begun in ((NOON + 15 * SECOND - TICK, NOON), (NOON + 15 * SECOND, NOON + 15 * SECOND)):
        buttons = Buttons()
        buttons.press(DOOR, NOON)
        assert buttons.press(DOOR, again) == again + 15 * SECOND
        assert open_at(buttons, begun)
        assert not open_at(buttons, begun - TICK)


def test_the_end_of_a_window_is_told_once() -> None:
    """When it comes, and not before."""
    buttons = Buttons()
    until = buttons.press(DOOR, NOON)
    assert [buttons.end(at) for at in (until - TICK, until, until, until + SECOND)] == [False, True, False, False]


def test_pictures_from_within_a_window_are_answered_for_a_minute_after_it() -> None:
    """Then it is forgotten."""
    buttons = Buttons()
    until = buttons.press(DOOR, NOON)
    buttons.end(until + 60 * SECOND)
    assert open_at(buttons, NOON)
    buttons.end(until + 60 * SECOND + TICK)
    assert not open_at(buttons, NOON)


def test_a_clock_read_up_to_a_second_before_the_press_was_not_set_back() -> None:
    """A microsecond more, and it was."""
    buttons = Buttons()
    buttons.press(DOOR, NOON)
    assert not buttons.end(NOON - SECOND)
    assert buttons.end(NOON - SECOND - TICK)
    assert not open_at(buttons, NOON)
