"""Where somebody was, kept for them alone, because they asked for it: off unless they turn it on, 30 days at most.

A sighting dies after 24 hours, as everybody's. Of those who turned it on, its line is sealed then to a key whose
private half is theirs (`consent.history_box`): nobody here can read it any more. The lines of a day lie together,
under the person's data key besides, and are deleted with the day that many days later.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any

from beholden.acts.accounts.kept import Record, keep, kept
from beholden.acts.office import Office
from beholden.acts.own_copy.own_request import Proof, refuse_others
from beholden.acts.sightings.presence import Sighting, open_sighting
from beholden.consent.history_box import Past, checked_public, seal_past
from beholden.consent.registry import SubjectState
from beholden.model.errors import BeholdenError, PolicyRefused, SealBroken
from beholden.model.event import HistoryGiven, HistoryTurnedOff, HistoryTurnedOn
from beholden.model.ids import SubjectId

MOST_DAYS = 30
DAYS, ON = "history", "history_on"
"""Kinds of records: a day with its lines, and that somebody wants them."""
ASKED_OFF, ASKED_SHOW = "history off", "history show"
"""What a person proves that they ask for."""


@dataclass(frozen=True, slots=True)
class History:
    """`boxes` open with the person's key only, oldest day first. `days`: how long lines are kept, None when off."""

    boxes: tuple[bytes, ...] = field(repr=False)
    days: int | None


def asked_on(public: str, days: int) -> str:
    """What a person proves that they ask for."""
    return f"history on {public.lower()} {days}"


def turn_history_on(
    office: Office, subject: SubjectId, public: str, days: int = MOST_DAYS, proof: Proof | None = None
) -> None:
    """From now on, what dies is sealed to the key with this public half, in hexadecimal. Logged first.

    Asked for again with another key or other days, that holds for what dies from then on. Raises InputError,
    PolicyRefused, UnknownSubject, LogUnavailable (then nothing changed), DataFolderError, KeystoreError.
    """
    public = checked_public(public)
    if not 1 <= days <= MOST_DAYS:
        raise PolicyRefused(f"a history is kept for 1 to {MOST_DAYS} days")
    with office.journal.acting():
        refuse_others(office, subject, asked_on(public, days), proof)
        if office.store.subject(subject).state is not SubjectState.ENROLLED:
            raise PolicyRefused(f"{subject} is not enrolled: there is nothing that a history could be of")
        wish = Record(ON, subject, {"public": public, "days": days}, subject)
        with office.journal.act([HistoryTurnedOn(at=office.clock(), subject=subject, days=days)], about=subject):
            keep(office, [wish])


def turn_history_off(office: Office, subject: SubjectId, proof: Proof | None = None) -> None:
    """No more is kept, and what was is destroyed. Logged first. Raises as `turn_history_on`."""
    with office.journal.acting():
        refuse_others(office, subject, ASKED_OFF, proof)
        office.store.subject(subject)
        with office.journal.act([HistoryTurnedOff(at=office.clock(), subject=subject)], about=subject):
            forget_history(office, subject)
            office.store.compact()


def show_history(office: Office, subject: SubjectId, proof: Proof | None = None) -> History:
    """Everything that is sealed for somebody, for them to open. Logged first. Raises as `turn_history_on`."""
    with office.journal.acting():
        refuse_others(office, subject, ASKED_SHOW, proof)
        office.store.subject(subject)
        with office.journal.act([HistoryGiven(at=office.clock(), subject=subject)], about=subject):
            wish = next(kept(office, ON, [subject]), None)
            days = sorted(kept(office, DAYS, [subject]), key=lambda day: day.id)
            boxes = tuple(base64.b64decode(box) for day in days for box in day.values["boxes"].values())
            return History(boxes, None if wish is None else int(wish.values["days"]))


def forget_history(office: Office, subject: SubjectId) -> None:
    """Everything of it, and that it was wanted; whether or not their key is still there. May be repeated."""
    for kind in (ON, DAYS):
        ids = [each.id for each in office.store.kept(kind, [subject])]
        if ids:
            office.store.drop_kept(kind, ids)


def bury(office: Office, now: datetime) -> int:
    """Delete what is over at `now` (`Store.purge`), after sealing what people wanted sealed; how many sightings died.

    What cannot be sealed dies all the same. Raises DataFolderError.
    """
    with suppress(BeholdenError):
        for wish in tuple(kept(office, ON)):
            with suppress(BeholdenError):
                _seal_dying(office, wish, now)
    return office.store.purge(now)


def _seal_dying(office: Office, wish: Record, now: datetime) -> None:
    subject = SubjectId(wish.about)
    days: dict[str, dict[str, Any]] = {}
    for seen in _dying(office, subject, now):
        past = Past(seen.place, seen.camera, seen.opened_at, seen.seen_at)
        box = seal_past(wish.values["public"], subject, past)
        days.setdefault(f"{seen.opened_at.astimezone(UTC):%Y-%m-%d}", {})[seen.id] = base64.b64encode(box).decode()
    if not days:
        return
    before = {each.id: each.values["boxes"] for each in kept(office, DAYS, [subject])}
    records: list[Record] = []
    for day, boxes in days.items():
        dies_at = datetime.combine(datetime.fromisoformat(day), time(), UTC) + timedelta(days=wish.values["days"])
        if dies_at > now:
            name = f"{subject}.{day}"
            records.append(Record(DAYS, name, {"day": day, "boxes": boxes | before.get(name, {})}, subject, dies_at))
    keep(office, records)
    if not office.store.kept(ON, [subject]):  # it was turned off meanwhile
        forget_history(office, subject)


def _dying(office: Office, subject: SubjectId, now: datetime) -> Iterator[Sighting]:
    key = office.keystore.data_keys([subject])[subject]
    for row in office.store.sightings(subject):
        if key is not None and row.dies_at <= now:
            with suppress(SealBroken):
                yield open_sighting(row, key)
