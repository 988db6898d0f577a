"""Places with capture `button`: a camera names for a short while after somebody pressed the button beside it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from beholden.consent.span import Span
from beholden.model.ids import CameraId

PRESS_OPENS = timedelta(seconds=15)
_FORGET_AFTER = timedelta(seconds=60)
"""Pictures from within a window are still asked about for a moment after it has closed."""
_SET_BACK = timedelta(seconds=1)
"""Whoever asks may have read the clock a little before a press did."""


@dataclass(frozen=True, slots=True)
class _Window:
    """Pictures of since <= moment < until may be named; `open` until it was noticed that this is over."""

    since: datetime
    until: datetime
    open: bool = True


class Buttons:
    """Which buttons were pressed lately. Whoever uses it holds a lock (`consent.gate`)."""

    def __init__(self) -> None:
        self._windows: dict[CameraId, _Window] = {}

    def press(self, camera: CameraId, moment: datetime) -> datetime:
        """The button was pressed at `moment` (aware): until when the camera may name. An open window is prolonged."""
        before = self._windows.get(camera)
        since = before.since if before is not None and before.since <= moment < before.until else moment
        until = moment + PRESS_OPENS
        self._windows[camera] = _Window(since, until)
        return until

    def end(self, moment: datetime) -> bool:
        """Close the windows that are over at `moment`, or of a clock set back since; whether there were any."""
        over = [camera for camera, window in self._windows.items() if window.open and window.until <= moment]
        for camera in over:
            self._windows[camera] = replace(self._windows[camera], open=False)
        for camera in [c for c, window in self._windows.items() if window.until + _FORGET_AFTER < moment]:
            del self._windows[camera]
        ahead = [c for c, window in self._windows.items() if window.until > moment + PRESS_OPENS + _SET_BACK]
        for camera in ahead:  # the clock was set back: nobody pressed at a time that is still to come
            del self._windows[camera]
        return bool(over or ahead)

    def open_at(self, camera: CameraId, moment: datetime, span: Span) -> bool:
        """Whether a picture of `moment` may be named; narrows `span` to where that is the answer."""
        window = self._windows.get(camera)
        if window is None:
            return False
        span.take((window.since, window.until))
        return window.since <= moment < window.until
