"""What happened to a grant, as the log tells it: the history that a receipt says, and which notices were read.

Events come as the log holds them, JSON with the number of their leaf. A yes to "still yes?" renews a grant
without moving its end. A person who ends their own pause while a question is unanswered is still paused,
by the rule that takes silence for no yes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from beholden.consent.life import Over
from beholden.consent.receipts.said import By, Change, ShownNotice, Status
from beholden.model.grant import Basis, Grant

LANGUAGE = "en"
"""Of every notice so far (`consent.notice.LANGUAGES`)."""
_DIGEST = 64
_SHOWN = 12
"""Characters of a digest by which an edition is called."""
_BY_THE_PERSON = frozenset({Over.CANCELLED.name.lower(), Over.WITHDRAWN.name.lower()})


@dataclass(frozen=True, slots=True)
class Written:
    """An event of one person, and the number of the leaf that commits to it."""

    leaf: int
    event: Mapping[str, Any]

    @property
    def kind(self) -> str:
        return self.event["kind"]

    @property
    def at(self) -> datetime:
        return datetime.fromisoformat(self.event["at"])


def changes(written: Sequence[Written], grant: Grant) -> tuple[Change, ...]:
    """Everything that happened to `grant`; `written` are events about its person, by their leaves."""
    told = _Telling(grant)
    for each in written:
        told.take(each)
    return tuple(told.history)


def notices(written: Iterable[Written], grant: Grant) -> tuple[ShownNotice, ...]:
    """The editions of the notice about a grant that its person said yes to, each as it was read first."""
    found: dict[str, ShownNotice] = {}
    for each in written:
        digest = each.event.get("notice")
        said_yes = each.kind in ("granted", "confirmed", "renewed") and each.event["grant"] == grant.id
        if said_yes and isinstance(digest, str) and len(digest) == _DIGEST and digest not in found:
            found[digest] = ShownNotice(f"{grant.purpose} {digest[:_SHOWN]}", LANGUAGE, digest, each.at)
    return tuple(found.values())


def to_the_millisecond(grant: Grant) -> Grant:
    """The grant with moments as events write them."""
    return replace(grant, starts_at=_cut(grant.starts_at), ends_at=_cut(grant.ends_at))


class _Telling:
    """A grant's history while it is put together."""

    def __init__(self, grant: Grant) -> None:
        self._grant = grant
        self._giver = By.GUARDIAN if grant.basis is Basis.GUARDIAN else By.PERSON
        self._until: datetime | None = None
        self._silent = False
        self.history: list[Change] = []

    def take(self, written: Written) -> None:
        event = written.event
        of_all = written.kind in ("withdrawn", "forgotten")
        if not of_all and event.get("grant") != self._grant.id:
            return
        if self.history and self.history[-1].status in (Status.WITHDRAWN, Status.EXPIRED):
            return
        match written.kind:
            case "granted" | "renewed":
                self._until, self._silent = datetime.fromisoformat(event["ends_at"]), False
                self._yes(written, Status.GIVEN if written.kind == "granted" else Status.RENEWED)
            case "confirmed":
                self._silent = False
                self._yes(written, Status.RENEWED)
            case "corrected":
                self._until = datetime.fromisoformat(event["ends_at"])
                self._yes(written, Status.CORRECTED)
            case "paused":
                self._add(written, Status.PAUSED, By.PERSON)
            case "silent":
                self._silent = True
                self._add(written, Status.PAUSED, By.RULE)
            case "resumed" if self._silent:
                self._add(written, Status.PAUSED, By.RULE)
            case "resumed":
                self._add(written, Status.RESUMED, self._giver)
            case "withdrawn":
                self._add(written, Status.WITHDRAWN, By.PERSON)
            case "grant_ended" | "forgotten":
                said = event["why"] in _BY_THE_PERSON
                self._add(written, *((Status.WITHDRAWN, By.PERSON) if said else (Status.EXPIRED, By.RULE)))
            case _:
                pass  # it was asked about, or somebody was seen under it: nothing of it changed

    def _yes(self, written: Written, status: Status) -> None:
        self.history.append(Change(status, written.at, self._giver, written.leaf, self._until))

    def _add(self, written: Written, status: Status, by: By) -> None:
        self.history.append(Change(status, written.at, by, written.leaf))


def _cut(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
