"""Facts about the data folder itself: made, kept, copied, its keys and recognisers, and how acts ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from beholden.model.event.base import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderCreated(Event):
    """A data folder was created; `rehearsal` says whether it accepts photos and skips delays."""

    kind: ClassVar[str] = "folder_created"
    rehearsal: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysRotated(Event):
    """A bucket's key-encryption key was replaced, so that older copies of the keystore open nobody who left."""

    kind: ClassVar[str] = "keys_rotated"
    bucket: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAdded(Event):
    """A recogniser was added from a file after its contract was checked."""

    kind: ClassVar[str] = "model_added"
    name: str
    digest: str
    licence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesChanged(Event):
    """Other rules hold from now on: `rules` are `settings` or the `policy`, `digest` is of all their lines, `changed`
    those that went (-) and came (+). Nothing in them is about a person or secret."""

    kind: ClassVar[str] = "rules_changed"
    rules: str
    digest: str
    changed: tuple[str, ...]


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
class Heartbeat(Event):
    """The folder was kept at the full hour, so that a gap in the log is known as one; `hours` since the last time."""

    kind: ClassVar[str] = "heartbeat"
    hours: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ActCompleted(Event):
    """The act announced by the leaf `intent` (its index in the log) was done, or failed with `error`."""

    kind: ClassVar[str] = "act_completed"
    intent: int
    error: str | None = None
