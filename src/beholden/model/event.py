"""Facts: one dataclass each, its docstring is its documentation (docs/events.md is made from them).

Every event has canonical bytes: RFC 8785 JSON. Only strings, integers, booleans, null, lists and
objects with ASCII keys are allowed in one, for which Python's sorted, compact JSON *is* RFC 8785
(no number formatting is left to choose). No event holds a name, a template, a score or a picture.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import ClassVar, cast


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened. `at` is aware UTC, kept to the millisecond."""

    kind: ClassVar[str]
    at: datetime

    def as_dict(self) -> dict[str, object]:
        """The event as JSON-ready values, `kind` included."""
        values: dict[str, object] = {"kind": self.kind}
        for field in fields(self):
            values[field.name] = _plain(getattr(self, field.name))
        return values

    def canonical(self) -> bytes:
        """RFC 8785 bytes, UTF-8: equal facts are equal bytes."""
        return json.dumps(self.as_dict(), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise TypeError("an event's time needs a time zone")
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, tuple | list):
        return [_plain(item) for item in cast("Sequence[object]", value)]
    raise TypeError(f"{type(value).__name__} has no canonical form in an event")


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderCreated(Event):
    """A data folder was created; `rehearsal` says whether it accepts photos and skips delays."""

    kind: ClassVar[str] = "folder_created"
    rehearsal: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited(Event):
    """Somebody was invited to read the notice and decide. Nothing about their face is known."""

    kind: ClassVar[str] = "invited"
    subject: str
    purposes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted(Event):
    """A person, or a guardian beforehand, agreed to one purpose."""

    kind: ClassVar[str] = "granted"
    subject: str
    grant: str
    purpose: str
    basis: str
    places: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled(Event):
    """A reference template was made and sealed under the person's own key."""

    kind: ClassVar[str] = "enrolled"
    subject: str
    model: str
    shots: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn(Event):
    """A person withdrew: the templates, and the key that opened them, are destroyed."""

    kind: ClassVar[str] = "withdrawn"
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased(Event):
    """The withdrawal announced by the leaf `intent` was carried out: what was destroyed, and where, in this order."""

    kind: ClassVar[str] = "erased"
    intent: int
    subject: str
    destroyed: tuple[str, ...] = (
        "templates: in the database, and in every gallery in memory within a second",
        "data key: in both copies of the keystore; the key that wrapped it was replaced, so that no backup opens",
        "sightings: in the database",
        "name and what else was known: in the database",
        "what had been deleted: in the database's file and its journal",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysRotated(Event):
    """A bucket's key-encryption key was replaced, so that older copies of the keystore open nobody who left."""

    kind: ClassVar[str] = "keys_rotated"
    bucket: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused(Event):
    """A person paused a grant: nobody is recognised under it until they resume."""

    kind: ClassVar[str] = "paused"
    subject: str
    grant: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed(Event):
    """A person resumed a paused grant."""

    kind: ClassVar[str] = "resumed"
    subject: str
    grant: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighted(Event):
    """A person was recognised at a place under a grant, by several agreeing shots of one track."""

    kind: ClassVar[str] = "sighted"
    sighting: str
    camera: str
    place: str | None
    subject: str
    grant: str
    shots: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered(Event):
    """Somebody at the desk said whether a sighting was of that person (`right`). Nothing is learnt from it."""

    kind: ClassVar[str] = "answered"
    sighting: str
    subject: str
    place: str | None
    right: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LogKeysGiven(Event):
    """A person took the keys by which they find the leaves about them, for the months from `first` to `last`."""

    kind: ClassVar[str] = "log_keys_given"
    subject: str
    first: str
    last: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackEnded(Event):
    """A track ended: what it ended as, without any identity. `outcome` is known, unknown or undecided."""

    kind: ClassVar[str] = "track_ended"
    camera: str
    place: str | None
    outcome: str
    reason: str
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAdded(Event):
    """A recogniser was added from a file after its contract was checked."""

    kind: ClassVar[str] = "model_added"
    name: str
    digest: str
    licence: str


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


@dataclass(frozen=True, slots=True, kw_only=True)
class BackedUp(Event):
    """A backup of the data folder, without its keys, was about to be taken."""

    kind: ClassVar[str] = "backed_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored(Event):
    """The data folder was put back from the backup of `taken_at`; whoever withdrew since is about to be forgotten."""

    kind: ClassVar[str] = "restored"
    taken_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ActCompleted(Event):
    """The act announced by the leaf `intent` (its index in the log) was done, or failed with `error`."""

    kind: ClassVar[str] = "act_completed"
    intent: int
    error: str | None = None


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
    ActCompleted,
)
