"""Facts about cameras and what they recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from beholden.model.event.base import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraAdded(Event):
    """A live camera was added to a place; `zones` counts its privacy zones. Its address is not told."""

    kind: ClassVar[str] = "camera_added"
    camera: str
    place: str
    record: bool
    zones: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraRemoved(Event):
    """A camera was removed, and the key that opened its address was destroyed."""

    kind: ClassVar[str] = "camera_removed"
    camera: str
    place: str
    record: bool
    zones: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraPaused(Event):
    """A camera was paused: nothing is seen through it until it is resumed."""

    kind: ClassVar[str] = "camera_paused"
    camera: str
    place: str
    record: bool
    zones: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraResumed(Event):
    """A paused camera was resumed."""

    kind: ClassVar[str] = "camera_resumed"
    camera: str
    place: str
    record: bool
    zones: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraRezoned(Event):
    """The privacy zones of a camera were replaced; `zones` counts the new ones."""

    kind: ClassVar[str] = "camera_rezoned"
    camera: str
    place: str
    record: bool
    zones: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingExported(Event):
    """A covered recording of a camera, from `starts_at` to `ends_at`, was about to be exported."""

    kind: ClassVar[str] = "recording_exported"
    camera: str
    starts_at: datetime
    ends_at: datetime
