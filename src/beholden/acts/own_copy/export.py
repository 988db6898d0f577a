"""Everything that is held about one person, for that person: for programs and for people, logged before it is made.

Only this person's seals are opened. Whatever else is about them and is sealed for nobody, or for others, is
about the installation, and stays where it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from beholden.acts.accounts.kept import Record, kept_about, moment_of, stored
from beholden.acts.grants.life import why_unnamed
from beholden.acts.office import Office
from beholden.acts.own_copy.export_words import (
    SOMEBODY,
    display_words,
    grant_names,
    line_words,
    record_words,
    standing_words,
    without_others,
)
from beholden.acts.own_copy.own_request import Proof, refuse_others
from beholden.acts.own_copy.receipt import consents_of, gone_by, refuse_gone, signed
from beholden.acts.plans.kept import OUTSIDE
from beholden.acts.plans.later import tells_of, told_later
from beholden.acts.sightings.presence import open_sighting
from beholden.consent.life import Standing, over_by
from beholden.consent.policy import asked_next
from beholden.consent.receipts.holdings import (
    Display,
    HeldGrant,
    HeldLeaf,
    HeldMessage,
    HeldReceipt,
    HeldRecord,
    HeldSighting,
    HeldTemplate,
    Holdings,
    as_json,
)
from beholden.consent.receipts.page import as_html
from beholden.consent.receipts.said import Consent, Seat
from beholden.consent.registry import Subject, SubjectState
from beholden.consent.seal import open_particulars
from beholden.model.errors import PolicyRefused, SealBroken
from beholden.model.event import HoldingsExported
from beholden.model.ids import SubjectId

ASKED = "everything that is held"
"""What a person proves that they ask for."""
_UNSAID = Seat("not said here", "ZZ", "ZZ", "not said here: ask", gdpr=False)
_WISHES, _REPORTED, _MATCHED = "find_wishes", "find_own", "find_match"
_NOT_TOLD = {_REPORTED: ("by",), _MATCHED: ("name",)}
"""Who reported them, and what a row is called."""
_STATES = {SubjectState.INVITED: "Invited", SubjectState.ENROLLED: "Enrolled"}


@dataclass(frozen=True, slots=True)
class Export:
    """The same twice: `data` is JSON for programs, `page` HTML for people."""

    subject: SubjectId
    data: str = field(repr=False)
    page: str = field(repr=False)


def export_held(office: Office, subject: SubjectId, proof: Proof | None = None) -> Export:
    """Everything about one person, who asks. Logged before any of it is opened.

    Raises PolicyRefused for anybody else, and for whoever withdrew; UnknownSubject, LogUnavailable (then nothing
    was opened), DataFolderError, KeystoreError.
    """
    with office.journal.acting():
        refuse_others(office, subject, ASKED, proof)
        refuse_gone(office, subject)
        with office.journal.act([HoldingsExported(at=office.clock(), subject=subject)], about=subject):
            held = _holdings(office, office.store.subject(subject))
            return Export(subject, as_json(held), as_html(held, _zone(office, held)))


def _holdings(office: Office, record: Subject) -> Holdings:
    subject, seat = record.id, office.house.seat
    consents = consents_of(office, subject)
    later = told_later(office, subject)
    records, reporters = _records(office, subject, later)
    leaves, closed = _leaves(office, subject, later)
    return Holdings(
        subject=subject,
        made_at=office.clock(),
        controller=office.house.controller,
        seat=_UNSAID if seat is None else seat,
        particulars=(*_particulars(office, record), *_unopened(closed)),
        grants=tuple(_grants(office, subject)),
        templates=_templates(office, subject),
        sightings=tuple(_sightings(office, subject)),
        leaves=leaves,
        displays=tuple(_display(each) for each in records if each.kind == "display"),
        notices=tuple(dict.fromkeys(notice for consent, _ in consents for notice in consent.notices)),
        messages=tuple(_message(each, subject, reporters) for each in records if each.kind == "notice"),
        records=tuple(_other(each, subject) for each in records if each.kind not in ("display", "notice")),
        receipts=tuple(_receipts(office, consents)),
        rehearsal=office.store.rehearsal,
    )


def _particulars(office: Office, record: Subject) -> Iterator[tuple[str, str]]:
    if record.particulars is not None:
        known = open_particulars(office.keystore.data_key(record.id), record.particulars, record.id)
        yield "What you are called here", known.label
        yield "Guardian", known.guardian or "None"
    yield "How you are known here", f"{_STATES[record.state]}, since {record.created_at:%-d %B %Y}"
    for sent in office.store.invitations():
        if sent.subject == record.id:
            offer, link = sent.invitation.offer, sent.invitation
            where = f" at {', '.join(sorted(offer.places))}" if offer.places else ""
            wanted = ", ".join(str(each).replace("_", " ") for each in offer.purposes)
            yield "You were invited", f"To {wanted}{where}; the link worked until {link.expires_at:%-d %B %Y}"


def _unopened(lines: int) -> Iterator[tuple[str, str]]:
    if lines:
        yield "Damaged", f"{lines} of the lines of the log about you do not open, or are not what the log confirms"


def _grants(office: Office, subject: SubjectId) -> Iterator[HeldGrant]:
    standings, gone = office.store.standings(subject), gone_by(office, subject)
    for grant in office.store.grants(subject):
        standing = standings[grant.id]
        why = why_unnamed(office, grant)
        yield HeldGrant(grant, standing_words(standing, why), _asked_at(standing), gone)


def _asked_at(standing: Standing) -> datetime | None:
    """When the person is asked the next time, or was asked last where that is open."""
    if standing.over is not None:
        return None
    if standing.question is not None:
        return standing.question.since
    found = asked_next(standing.confirmed_at, standing.asked_before)
    return found if found < over_by(standing) else None


def _templates(office: Office, subject: SubjectId) -> tuple[HeldTemplate, ...]:
    found = (each for each in office.store.snapshot().templates if each.subject == subject)
    return tuple(HeldTemplate(each.model, each.captured_at, round(each.quality * 100), each.shots) for each in found)


def _sightings(office: Office, subject: SubjectId) -> Iterator[HeldSighting]:
    key = office.keystore.data_key(subject)
    for row in office.store.sightings(subject):
        with suppress(SealBroken):
            seen = open_sighting(row, key)
            yield HeldSighting(seen.camera, seen.place, seen.opened_at, seen.seen_at, seen.dies_at)


def _records(office: Office, subject: SubjectId, later: frozenset[str]) -> tuple[tuple[Record, ...], frozenset[str]]:
    """Every record about somebody but what they are told `later`; and who reported them, of those with no account."""
    now, found = stored(office.clock()), tuple(kept_about(office, subject))
    by = {str(each.values["by"]) for each in found if each.kind == _REPORTED}
    told = tuple(each for each in found if not _is_later(each, later, now))
    return told, frozenset(each for each in by if each.startswith(OUTSIDE))


def _is_later(record: Record, later: frozenset[str], now: str) -> bool:
    if record.kind == "notice":
        return tells_of(record.id, later) or (record.values["not_before"] or "") > now
    return record.id in later or record.values.get("plan") in later


def _leaves(office: Office, subject: SubjectId, later: frozenset[str]) -> tuple[tuple[HeldLeaf, ...], int]:
    """Lines that open and are confirmed, but for what they are told `later`; and how many do not, or are not."""
    lines, names = office.journal.read(subject), grant_names(office.store.grants(subject))
    sound = [(line.leaf, line.event) for line in lines if line.event is not None and line.genuine]
    told = [
        HeldLeaf(leaf, datetime.fromisoformat(event["at"]), line_words(event, names))
        for leaf, event in sound
        if not later & {str(event.get("about")), str(event.get("plan"))}
    ]
    return tuple(told), len(lines) - len(sound)


def _display(record: Record) -> Display:
    values = record.values
    what = display_words(values["way"], values["place"], shown=values["shown"] == "yes")
    return Display(moment_of(values["at"]), values["account"], what)


def _message(record: Record, subject: SubjectId, reporters: Iterable[str]) -> HeldMessage:
    text = without_others(record.values["text"], subject)
    for name in sorted(reporters, key=len, reverse=True):
        text = text.replace(name, SOMEBODY)
    return HeldMessage(moment_of(record.values["due"]), text)


def _other(record: Record, subject: SubjectId) -> HeldRecord:
    """A record of a kind that has no section of its own: what it says, but for whom it is about, and for others.

    Whom the person named in their own wishes is their own word, and stays.
    """
    left_out = {"subject", *_NOT_TOLD.get(record.kind, ())}
    said = {name: value for name, value in record.values.items() if name not in left_out and value is not None}
    own = record.kind == _WISHES
    says = tuple(
        (name.replace("_", " ").capitalize(), without_others(_text(value, own), subject))
        for name, value in said.items()
    )
    return HeldRecord(record_words(record.kind), record.dies_at, says)


def _text(value: object, own: bool) -> str:
    if isinstance(value, dict):
        return str(len(value))  # pyright: ignore[reportUnknownArgumentType]
    if isinstance(value, list | tuple):
        return ", ".join(_text(each, own) for each in value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    text = str(value)
    return text if not text.startswith(OUTSIDE) else text.removeprefix(OUTSIDE) if own else SOMEBODY


def _receipts(office: Office, consents: Iterable[tuple[Consent, str | None]]) -> Iterator[HeldReceipt]:
    """One of each grant that a receipt can be given of."""
    for consent, reason in consents:
        with suppress(PolicyRefused):
            if reason is None:
                made = signed(office, consent)
                yield HeldReceipt(made.purpose, made.issued, made.signed)


def _zone(office: Office, held: Holdings) -> str:
    """The clock on the wall of the places that the person agreed to, where that is one."""
    places = {place for each in held.grants for place in each.grant.places}
    zones = {office.house.places[each].zone for each in places if each in office.house.places}
    return zones.pop() if len(zones) == 1 else "UTC"
