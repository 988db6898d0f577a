"""Facts about people's agreements: invited, granted, enrolled, paused, withdrawn, and who looked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from beholden.model.event.base import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited(Event):
    """Somebody was invited to read the notice and decide. Nothing about their face is known."""

    kind: ClassVar[str] = "invited"
    subject: str
    purposes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted(Event):
    """A person, or a guardian beforehand, agreed to one purpose; `notice` is the SHA-256 of what they had read."""

    kind: ClassVar[str] = "granted"
    subject: str
    grant: str
    purpose: str
    basis: str
    places: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime
    notice: str | None = None


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
class LogKeysGiven(Event):
    """A person took the keys by which they find the leaves about them, for the months from `first` to `last`."""

    kind: ClassVar[str] = "log_keys_given"
    subject: str
    first: str
    last: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptGiven(Event):
    """A person asked for a signed receipt of what they agreed to in one grant, and is given it."""

    kind: ClassVar[str] = "receipt_given"
    subject: str
    grant: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldingsExported(Event):
    """A person asked for everything that is held about them, and is given it, with a receipt of each grant."""

    kind: ClassVar[str] = "holdings_exported"
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryTurnedOn(Event):
    """A person wants to know where they were: lines that die are sealed to their own key, and kept for `days`."""

    kind: ClassVar[str] = "history_turned_on"
    subject: str
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryTurnedOff(Event):
    """A person wants no history any more: what was kept of it is destroyed."""

    kind: ClassVar[str] = "history_turned_off"
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryGiven(Event):
    """A person asked for the lines that are sealed to their own key, and is given them."""

    kind: ClassVar[str] = "history_given"
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleListed(Event):
    """Somebody was about to be shown the names of everybody who is known here; `people` is how many."""

    kind: ClassVar[str] = "people_listed"
    people: int
