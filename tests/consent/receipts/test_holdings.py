"""Everything that is held, for programs: complete, exact, and without a template's numbers."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path

import pytest

from beholden.consent.receipts.canonical import canonical
from beholden.consent.receipts.holdings import (
    NOT_HERE,
    REHEARSAL,
    WHY_NO_NUMBERS,
    HeldReceipt,
    HeldRecord,
    HeldTemplate,
    Holdings,
    as_json,
)
from beholden.consent.receipts.receipt import open_receipt
from beholden.model.errors import InputError
from tests.consent.receipts.examples import CONTROLLER, HOLDINGS, ISSUED, PUBLIC, SEAT, SIGNED
from tests.word_for_word import same

EMPTY = Holdings(HOLDINGS.subject, ISSUED, CONTROLLER, SEAT)


def values(held=HOLDINGS):
    return json.loads(as_json(held))


def test_every_kind_of_thing_is_in_it():
    """A field that is added to the holdings is in the export, or this fails."""
    names = {field.name for field in fields(Holdings)} - {"rehearsal", "seat"}
    assert names <= values().keys()
    assert values().keys() - names == {"format", "left_out"}


def test_grants_are_told_whole():
    """Field by field."""
    assert values()["grants"] == [
        {
            "id": "g_00112233445566778899",
            "purpose": "entrance",
            "basis": "consent",
            "places": ["garden gate", "lobby"],
            "hours": "from 07:00 to 22:30",
            "recordings": False,
            "starts_at": "2026-11-24T09:41:07.250Z",
            "ends_at": "2028-02-21T09:41:07.250Z",
            "state": "active",
            "standing": "Active",
            "asked_at": "2027-08-20T09:41:07.250Z",
            "destroy_by": "2028-02-21T09:41:07.250Z",
        }
    ]


def test_what_there_is_none_of_is_null():
    """A grant that is over is not asked about, and a grant may have no hours."""
    over = replace(
        HOLDINGS.grants[0], asked_at=None, destroy_by=None, grant=replace(HOLDINGS.grants[0].grant, hours=None)
    )
    told = values(replace(HOLDINGS, grants=(over,)))["grants"][0]
    assert (told["asked_at"], told["destroy_by"], told["hours"]) == (None, None, None)


def test_the_rest_is_told_whole():
    """Field by field."""
    told = values()
    assert told["format"] == "beholden-holdings-1"
    assert (told["subject"], told["made_at"]) == ("s_aabbccddeeff00112233", "2027-02-21T09:42:07.250Z")
    assert told["controller"] == {
        "name": "Lindenhof Residence",
        "address": "1 Linden Square, 1010 Example Town",
        "contact": "privacy@lindenhof.example",
        "officer": "officer@lindenhof.example",
        "authority": "The Example Data Protection Commission",
        "rights_at": "At the desk, or with `beholden withdraw`",
    }
    assert told["particulars"] == [
        {"heading": "What you are called here", "text": "Zofia Lindqvist"},
        {"heading": "Guardian", "text": "none"},
    ]
    assert told["sightings"][0] == {
        "camera": "door-2",
        "place": "lobby",
        "opened_at": "2027-02-21T06:42:07.250Z",
        "seen_at": "2027-02-21T06:44:07.250Z",
        "dies_at": "2027-02-22T06:42:07.250Z",
    }
    assert told["sightings"][1]["place"] is None
    assert told["leaves"][0] == {"index": 17, "at": "2026-11-23T09:41:07.250Z", "words": "You agreed to entrance."}
    assert told["displays"] == [
        {
            "at": "2027-02-21T06:42:07.250Z",
            "account": "desk-1",
            "what": "Your name, the camera and the moment",
        }
    ]
    assert told["notices"] == [
        {"version": "entrance 3", "language": "en", "sha256": "5e" * 32, "shown_at": "2026-11-23T09:37:07.250Z"}
    ]


def test_a_template_is_described_and_its_numbers_are_left_out_with_the_reason():
    """There is no field that could hold them."""
    assert values()["templates"] == [
        {"model": "ab" * 32, "captured_at": "2026-11-23T09:41:07.250Z", "quality_percent": 81, "shots": 5}
    ]
    assert {field.name for field in fields(HeldTemplate)} == {"model", "captured_at", "quality", "shots"}
    assert values()["left_out"] == {"numbers of templates": WHY_NO_NUMBERS, **dict(NOT_HERE)}


def test_receipts_stand_in_it_as_they_were_signed():
    """Written as RFC 8785 says, each can be checked again."""
    found = values()["receipts"][0]
    assert open_receipt(canonical(found), PUBLIC)["@type"] == "dpv:ConsentReceipt"


def test_a_broken_receipt_is_not_passed_on():
    """Nobody gets a receipt that nobody can check."""
    with pytest.raises(InputError):
        as_json(replace(HOLDINGS, receipts=(HeldReceipt("entrance", ISSUED, SIGNED[:-1]),)))


def test_who_has_nothing_here_gets_empty_lists():
    """And still who answers for it, and what is left out."""
    told = values(EMPTY)
    empty = {name for name, value in told.items() if value == []}
    assert empty == {
        "particulars",
        "grants",
        "templates",
        "sightings",
        "leaves",
        "displays",
        "notices",
        "messages",
        "records",
        "receipts",
    }
    assert told["controller"]["name"] == "Lindenhof Residence"


def test_a_rehearsal_says_so():
    """And only a rehearsal does."""
    assert values(replace(HOLDINGS, rehearsal=True))["rehearsal"] == REHEARSAL
    assert "rehearsal" not in values()


def test_names_are_written_as_people_write_them():
    """No escapes, one field a line."""
    held = replace(HOLDINGS, particulars=(("Name", "Živa Łukaszewicz"),))
    assert '"text": "Živa Łukaszewicz"\n' in as_json(held)
    assert as_json(held).endswith("}\n")


def test_the_export_is_word_for_word_what_it_was():
    """Every field, every sentence about what is not in it, and that it is a rehearsal."""
    incident = HeldRecord("Incident", ISSUED, (("Kept by", "two carers"),))
    held = replace(HOLDINGS, rehearsal=True, records=(*HOLDINGS.records, incident))
    same(as_json(held), Path(__file__).parent / "holdings.json")
