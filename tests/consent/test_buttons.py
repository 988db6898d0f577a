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
