"""Facts: what can happen here. Each is a dataclass whose docstring is its documentation (docs/events.md)."""

from __future__ import annotations

from beholden.model.event.base import Event
from beholden.model.event.cameras import (
    CameraAdded,
    CameraPaused,
    CameraRemoved,
    CameraResumed,
    CameraRezoned,
    RecordingExported,
)
from beholden.model.event.keeping import (
    ActCompleted,
    BackedUp,
    FolderCreated,
    Heartbeat,
    KeysRotated,
    ModelAdded,
    Restored,
)
from beholden.model.event.people import (
    Enrolled,
    Erased,
    Granted,
    Invited,
    LogKeysGiven,
    Paused,
    PeopleListed,
    Resumed,
    Withdrawn,
)
from beholden.model.event.presence import Answered, Sighted, TrackEnded

__all__ = [
    "EVENTS",
    "ActCompleted",
    "Answered",
    "BackedUp",
    "CameraAdded",
    "CameraPaused",
    "CameraRemoved",
    "CameraResumed",
    "CameraRezoned",
    "Enrolled",
    "Erased",
    "Event",
    "FolderCreated",
    "Granted",
    "Heartbeat",
    "Invited",
    "KeysRotated",
    "LogKeysGiven",
    "ModelAdded",
    "Paused",
    "PeopleListed",
    "RecordingExported",
    "Restored",
    "Resumed",
    "Sighted",
    "TrackEnded",
    "Withdrawn",
]

EVENTS: tuple[type[Event], ...] = (
    FolderCreated,
    Invited,
    Granted,
    Enrolled,
    Withdrawn,
    Erased,
    KeysRotated,
    Paused,
    Resumed,
    Sighted,
    Answered,
    LogKeysGiven,
    TrackEnded,
    ModelAdded,
    CameraAdded,
    CameraRemoved,
    CameraPaused,
    CameraResumed,
    CameraRezoned,
    RecordingExported,
    BackedUp,
    Restored,
    PeopleListed,
    Heartbeat,
    ActCompleted,
)
