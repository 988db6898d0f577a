"""Receipts: what stands in one, word for word, and that nothing but what was signed is read."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beholden.consent.policy_digest import policy_digest
from beholden.consent.receipts.canonical import ADVICE, LARGEST, canonical
from beholden.consent.receipts.proof import sign
from beholden.consent.receipts.receipt import issue, open_receipt, receipt
from beholden.ledger.note import SigningKey
from beholden.model.errors import InputError
from beholden.model.ids import PlaceId
from tests.consent.receipts.examples import (
    CONSENT,
    CONTROLLER,
    DAY,
    GRANT,
    HISTORY,
    ISSUED,
    KEY,
    NOTICE,
    PUBLIC,
    RENEWED,
    SEAT,
    SIGNED,
)

GOLDEN = Path(__file__).parent / "receipt.json"
"""The signed example, made readable. After a change that is meant, `python -m tests.consent.receipts.examples` writes
it again; a change of the form keeps the old one for the receipts that people already have."""
LATER = RENEWED + DAY


def opened(consent, issued=ISSUED):
    return open_receipt(issue(consent, KEY, issued), PUBLIC)


def record(consent=CONSENT, issued=ISSUED):
    return opened(consent, issued)["dpv:hasRecordOfActivity"]


def test_the_example_is_word_for_word_what_it_was():
    """Names, order, signature: the whole document. The digest of the policy table changes with the table alone."""
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    policy = golden["dpv:hasRecordOfActivity"]["dpv:hasProcess"]["dpv:hasPolicy"]
    assert policy["spdx:checksum"]["spdx:checksumValue"] == policy_digest()
    assert json.loads(SIGNED) == golden
    assert canonical(golden) == SIGNED


def test_a_receipt_is_read_again_with_the_logs_key():
    """And is the document that was made, without its proof."""
    assert open_receipt(SIGNED, PUBLIC) == receipt(CONSENT, PUBLIC, ISSUED)


def test_the_same_receipt_has_the_same_bytes_and_another_moment_another_name():
    """So that it can be issued again; two receipts are never confused."""
    assert issue(CONSENT, KEY, ISSUED) == SIGNED
    later = opened(CONSENT, LATER)
    assert later["dct:identifier"] != json.loads(SIGNED)["dct:identifier"]
    assert later["dpv:hasRecordOfActivity"]["@id"] == record()["@id"]


TEXT = SIGNED.decode()
PLACES = st.integers(0, len(TEXT) - 1)
LETTERS = st.characters(exclude_categories=["Cs"]) | st.sampled_from(' \n\t"{}[],:\\01a')


@settings(max_examples=300, deadline=None)
@given(PLACES, LETTERS, st.sampled_from(["replace", "insert", "delete"]))
def test_one_changed_character_is_refused(at, letter, how):
    """Anywhere: in a word, in the proof, or between them."""
    after = {"replace": at + 1, "insert": at, "delete": at + 1}[how]
    changed = TEXT[:at] + ("" if how == "delete" else letter) + TEXT[after:]
    if changed == TEXT:
        return
    with pytest.raises(InputError):
        open_receipt(changed.encode(), PUBLIC)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(SIGNED) * 8 - 1))
def test_one_flipped_bit_is_refused(bit):
    """Also where it makes no UTF-8."""
    changed = bytearray(SIGNED)
    changed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(InputError):
        open_receipt(bytes(changed), PUBLIC)


def test_every_letter_of_the_signature_counts():
    """All 88, each replaced by its neighbour in the alphabet."""
    start = TEXT.index('"proofValue":"z') + len('"proofValue":"z')
    value = TEXT[start : TEXT.index('"', start)]
    assert len(value) in (87, 88)
    for at, letter in enumerate(value):
        other = "2" if letter == "1" else "1"
        with pytest.raises(InputError):
            open_receipt((TEXT[: start + at] + other + TEXT[start + at + 1 :]).encode(), PUBLIC)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_bytes_that_are_no_receipt_are_refused(data):
    """With an error that says so, whatever they are."""
    with pytest.raises(InputError):
        open_receipt(data, PUBLIC)


@pytest.mark.parametrize(
    "data",
    [
        json.dumps(json.loads(SIGNED), indent=1).encode(),
        json.dumps(json.loads(SIGNED)).encode(),
        SIGNED + b"\n",
        SIGNED[:-1] + b',"proof":null}',
        SIGNED + SIGNED,
        b"",
    ],
)
def test_the_same_words_written_in_another_way_are_refused(data):
    """One receipt has one text."""
    with pytest.raises(InputError, match="JSON"):
        open_receipt(data, PUBLIC)


def test_a_receipt_of_another_log_is_refused():
    """Its signature is sound, and the receipt names its own key: neither counts."""
    other = SigningKey("log.example/other", bytes(32))
    with pytest.raises(InputError, match="verificationMethod"):
        open_receipt(issue(CONSENT, other, ISSUED), PUBLIC)


@pytest.mark.parametrize("field", ["@type", "dct:created", "dpv:hasRecordOfActivity"])
def test_what_the_log_signed_and_is_no_receipt_is_refused(field):
    """A signature alone makes no receipt."""
    document = {name: value for name, value in receipt(CONSENT, PUBLIC, ISSUED).items() if name != field}
    with pytest.raises(InputError, match=f"^signed, but not a receipt: it has no {field}$") as refused:
        open_receipt(canonical(sign(document, KEY, ISSUED)), PUBLIC)
    assert refused.value.advice == ADVICE


def test_what_contradicts_itself_is_not_issued():
    """With the reason."""
    with pytest.raises(ValueError, match=r"^a history begins with a yes$"):
        issue(replace(CONSENT, history=()), KEY, ISSUED)


@pytest.mark.parametrize(
    "consent",
    [
        replace(CONSENT, seat=replace(SEAT, jurisdiction="Ireland")),
        replace(CONSENT, seat=replace(SEAT, stored_in="ie")),
        replace(CONSENT, controller=replace(CONTROLLER, name="")),
        replace(CONSENT, controller=replace(CONTROLLER, contact="x" * 1001)),
        replace(CONSENT, notices=(replace(NOTICE, digest="5E" * 32),)),
        replace(CONSENT, notices=(replace(NOTICE, language="English, please"),)),
        replace(CONSENT, history=(replace(HISTORY[0], leaf=-1), *HISTORY[1:])),
        replace(CONSENT, grant=replace(GRANT, subject="Zofia Lindqvist")),
        replace(CONSENT, grant=replace(GRANT, places=frozenset({PlaceId("")}))),
        replace(CONSENT, origin=""),
    ],
)
def test_what_has_not_the_form_is_not_issued(consent):
    """A name in the place of an id, a country that is none, a leaf that cannot be."""
    with pytest.raises(ValueError, match=r"^it\."):
        issue(consent, KEY, ISSUED)


def test_a_receipt_has_a_longest_size():
    """What could not be read is not issued."""
    places = frozenset(PlaceId(f"{number:03} {'x' * 500}") for number in range(LARGEST // 500))
    with pytest.raises(ValueError, match=f"^a receipt has at most {LARGEST} bytes$"):
        issue(replace(CONSENT, grant=replace(GRANT, places=places)), KEY, ISSUED)


def test_a_receipt_of_exactly_the_most_bytes_is_issued(monkeypatch):
    """One byte more is not."""
    monkeypatch.setattr("beholden.consent.receipts.receipt.LARGEST", len(SIGNED))
    assert issue(CONSENT, KEY, ISSUED) == SIGNED
    monkeypatch.setattr("beholden.consent.receipts.receipt.LARGEST", len(SIGNED) - 1)
    with pytest.raises(ValueError, match=f"^a receipt has at most {len(SIGNED) - 1} bytes$"):
        issue(CONSENT, KEY, ISSUED)
