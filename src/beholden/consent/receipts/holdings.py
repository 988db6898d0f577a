"""Everything that is held about one person, as plain facts: what an export says, for people and for programs.

Whoever gathers it opens only this person's seals. A face template is described, and its numbers are left
out: see WHY_NO_NUMBERS.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from beholden.consent.lengths import length
from beholden.consent.lifetimes import LONGEST
from beholden.consent.notice import Controller
from beholden.consent.oversight.rules import RULES, Act
from beholden.consent.receipts.canonical import parse, written
from beholden.consent.receipts.record import hours_words
from beholden.consent.receipts.said import Seat, ShownNotice
from beholden.model.grant import Grant
from beholden.model.ids import CameraId, ModelDigest, PlaceId, SubjectId

FORMAT = "beholden-holdings-1"
REHEARSAL = "REHEARSAL: nobody in this folder is recognised in earnest."
WHY_NO_NUMBERS = (
    "The numbers of a template are not here. They cannot be changed like a password: whoever has them can look for you "
    "wherever else this recogniser runs, and a file is easily lost or copied. They serve nothing else, they open only "
    "inside this installation, under a key of your own, and they are destroyed when you withdraw."
)
NOT_HERE: tuple[tuple[str, str], ...] = (
    ("Pictures of your face", "None is kept: the pictures that a template was made of were discarded."),
    ("How alike you looked", "No such figure is kept, or told to anybody: a template could be rebuilt from it."),
    (
        "Where you were before",
        f"A sighting dies after {length(LONGEST)}, in the pictures of an event with your yes to it. Of those before, "
        "nothing is left but the lines of the log above, and what is told above as a record: an incident that was "
        "kept, where a plan to find you found you, your own history.",
    ),
    ("Recordings", "Every face in them is covered, yours too, and they carry no names."),
    (
        "Other people",
        "Nothing here is about anybody else: only your guardian, accounts, and whom you named yourself are in it. Who "
        "reported you missing you read among what you are told, with an account of your own.",
    ),
    (
        "What you are told later",
        "Where two people, one of them from outside, decided that you are told something later, it is not here before "
        f"then: {length(RULES[Act.DELAY_NOTICE].longest or timedelta(0))} at most.",
    ),
)


@dataclass(frozen=True, slots=True)
class HeldGrant:
    """A grant, how it stands in words ("active", "paused, because ..."), when the person is asked "still yes?" the
    next time, and when its templates are destroyed at the latest. Moments are aware UTC, None where there is none."""

    grant: Grant
    standing: str
    asked_at: datetime | None
    destroy_by: datetime | None


@dataclass(frozen=True, slots=True)
class HeldTemplate:
    """What is known of a template but for its numbers. `quality` is 0 to 100."""

    model: ModelDigest
    captured_at: datetime
    quality: int
    shots: int


@dataclass(frozen=True, slots=True)
class HeldSighting:
    """A sighting that is still alive: `place` None for a file. `dies_at` is when it is deleted."""

    camera: CameraId
    place: PlaceId | None
    opened_at: datetime
    seen_at: datetime
    dies_at: datetime


@dataclass(frozen=True, slots=True)
class HeldLeaf:
    """A line of the log about the person: its number (None until it is public), its moment, and what it says."""

    index: int | None
    at: datetime
    words: str


@dataclass(frozen=True, slots=True)
class Display:
    """Once that somebody was shown something of the person: `account` is whose account it was shown to."""

    at: datetime
    account: str
    what: str


@dataclass(frozen=True, slots=True)
class HeldMessage:
    """What the person is told of, at the latest by `due`."""

    due: datetime
    words: str


@dataclass(frozen=True, slots=True)
class HeldRecord:
    """Any other record about the person: what it is, and what it says as headings and texts."""

    what: str
    kept_until: datetime | None
    says: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class HeldReceipt:
    """A signed receipt: `signed` are its bytes, as `issue` made them."""

    purpose: str
    issued: datetime
    signed: bytes


@dataclass(frozen=True, slots=True)
class Holdings:
    """Everything about `subject` at `made_at` (aware UTC). `particulars` are a heading and a text each."""

    subject: SubjectId
    made_at: datetime
    controller: Controller
    seat: Seat
    particulars: tuple[tuple[str, str], ...] = ()
    grants: tuple[HeldGrant, ...] = ()
    templates: tuple[HeldTemplate, ...] = ()
    sightings: tuple[HeldSighting, ...] = ()
    leaves: tuple[HeldLeaf, ...] = ()
    displays: tuple[Display, ...] = ()
    notices: tuple[ShownNotice, ...] = ()
    messages: tuple[HeldMessage, ...] = ()
    records: tuple[HeldRecord, ...] = ()
    receipts: tuple[HeldReceipt, ...] = ()
    rehearsal: bool = False


def as_json(held: Holdings) -> str:
    """The export for programs: indented JSON. Raises InputError on a receipt that is not written as receipts are.

    Receipts stand in it as objects; their RFC 8785 bytes are what was signed.
    """
    return json.dumps(_values(held), indent=1, ensure_ascii=False) + "\n"


def _values(held: Holdings) -> dict[str, object]:
    controller = held.controller
    return {
        "format": FORMAT,
        **({"rehearsal": REHEARSAL} if held.rehearsal else {}),
        "subject": held.subject,
        "made_at": written(held.made_at),
        "controller": {
            "name": controller.name,
            "address": held.seat.address,
            "contact": controller.contact,
            "officer": controller.officer,
            "authority": controller.authority,
            "rights_at": held.seat.rights_at,
        },
        "particulars": [{"heading": heading, "text": text} for heading, text in held.particulars],
        "grants": [_grant(each) for each in held.grants],
        "templates": [_template(each) for each in held.templates],
        "sightings": [_sighting(each) for each in held.sightings],
        "leaves": [{"index": each.index, "at": written(each.at), "words": each.words} for each in held.leaves],
        "displays": [{"at": written(each.at), "account": each.account, "what": each.what} for each in held.displays],
        "notices": _notices(held.notices),
        "messages": [{"due": written(each.due), "words": each.words} for each in held.messages],
        "records": [_record(each) for each in held.records],
        "receipts": [parse(each.signed) for each in held.receipts],
        "left_out": {"numbers of templates": WHY_NO_NUMBERS, **dict(NOT_HERE)},
    }


def _grant(held: HeldGrant) -> dict[str, object]:
    grant = held.grant
    return {
        "id": grant.id,
        "purpose": str(grant.purpose),
        "basis": str(grant.basis),
        "places": sorted(grant.places),
        "hours": None if grant.hours is None else hours_words(grant.hours),
        "recordings": grant.recordings,
        "starts_at": written(grant.starts_at),
        "ends_at": written(grant.ends_at),
        "state": str(grant.state),
        "standing": held.standing,
        "asked_at": None if held.asked_at is None else written(held.asked_at),
        "destroy_by": None if held.destroy_by is None else written(held.destroy_by),
    }


def _template(held: HeldTemplate) -> dict[str, object]:
    return {
        "model": held.model,
        "captured_at": written(held.captured_at),
        "quality_percent": held.quality,
        "shots": held.shots,
    }


def _sighting(held: HeldSighting) -> dict[str, object]:
    return {
        "camera": held.camera,
        "place": held.place,
        "opened_at": written(held.opened_at),
        "seen_at": written(held.seen_at),
        "dies_at": written(held.dies_at),
    }


def _record(held: HeldRecord) -> dict[str, object]:
    return {
        "what": held.what,
        "kept_until": None if held.kept_until is None else written(held.kept_until),
        "says": [{"heading": heading, "text": text} for heading, text in held.says],
    }


def _notices(notices: Sequence[ShownNotice]) -> list[dict[str, object]]:
    return [
        {
            "version": each.version,
            "language": each.language,
            "sha256": each.digest,
            "shown_at": written(each.shown_at),
        }
        for each in notices
    ]
