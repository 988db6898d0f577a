"""Receipts of what a person agreed to, made of the log when they ask, and checked by somebody else's code."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from beholden.acts.grants import own
from beholden.acts.grants.accept import accept, read
from beholden.acts.grants.invite import invite_all
from beholden.acts.grants.life import look_after
from beholden.acts.grants.reference import Reference
from beholden.acts.own_copy.own_request import Proof, prove
from beholden.acts.own_copy.receipt import asked_receipts, asked_withdrawal, give_receipts, withdraw_with_receipt
from beholden.acts.report.tally import running
from beholden.consent.correction import Terms
from beholden.consent.house import House
from beholden.consent.logkeys import tag_key
from beholden.consent.receipts.receipt import open_receipt
from beholden.consent.receipts.said import Seat
from beholden.consent.registry import SubjectState
from beholden.ledger.leaf import Month
from beholden.ledger.memory import Weather
from beholden.ledger.note import parse_verifier
from beholden.model.errors import InputError, LogUnavailable, PolicyRefused
from beholden.model.grant import Purpose
from beholden.model.ids import SubjectId
from beholden.storage.memory import MemoryStore
from tests.acts.houses import CONTROLLER, GATE, PLACES, TOKEN, invitee, kinds, live_office, tick
from tests.consent.receipts.second_jcs import jcs
from tests.people import LOBBY, MODEL, vector

ANN, BOB = SubjectId("s_00000000000000000aaa"), SubjectId("s_00000000000000000bbb")
SEAT = Seat("1 Vale Street", "IE", "IE", "At the desk")
SEATED = House(CONTROLLER, PLACES, SEAT)


@pytest.fixture
def office(keystore, log, clock):
    return live_office(MemoryStore(rehearsal=False), keystore, log, clock, SEATED)


def joined(office, name="Ann", ticks=None, token=TOKEN, subject=ANN):
    """Somebody who was invited, read the notice and accepted."""
    ticks = ticks or (tick(),)
    invite_all(office, (replace(invitee(name, token, tuple(each.purpose for each in ticks)), subject=subject),))
    read(office, token)
    return accept(office, token, ticks, Reference(vector(1), MODEL, 0.8, 3), SubjectId(f"{subject}_request"))


def proof(office, subject, what, at=None, month=None):
    """As the person's own command makes it, of their log key."""
    at = at or office.clock()
    key = tag_key(office.keystore.data_key(subject), month or Month.of(at))
    return prove(key, subject, what, at)


def receipts(office, subject, grant=None):
    return give_receipts(office, subject, grant, proof(office, subject, asked_receipts(grant)))


def public(office):
    return parse_verifier(office.journal.signer().verifier.encoded()).public


def base58(text):
    """Of a `z` text, by the definition."""
    number = 0
    for letter in text[1:]:
        number = number * 58 + "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz".index(letter)
    return number.to_bytes(64)


def signed_by(public_bytes, data):
    """eddsa-jcs-2022 with nothing of ours: two hashes of RFC 8785 bytes, and Ed25519."""
    document = json.loads(data)
    options = document.pop("proof")
    signature = base58(options.pop("proofValue"))
    hashes = hashlib.sha256(jcs(options)).digest() + hashlib.sha256(jcs(document)).digest()
    Ed25519PublicKey.from_public_bytes(public_bytes).verify(signature, hashes)
    return document


def statuses(data):
    record = json.loads(data)["dpv:hasRecordOfActivity"]
    return [each["skos:prefLabel"] for each in record["dpv:hasConsentStatus"]]


def test_a_receipt_is_checked_by_code_that_knows_nothing_of_ours(office):
    """Given, with the leaf of the log and the notice that was read."""
    ann = joined(office)
    [receipt] = receipts(office, ann.subject)
    document = signed_by(public(office), receipt.signed)
    record = document["dpv:hasRecordOfActivity"]
    [given] = record["dpv:hasConsentStatus"]
    assert record["dpv:hasDataSubject"]["dct:identifier"] == ann.subject
    assert record["dpv:hasNotice"][0]["spdx:checksum"]["spdx:checksumValue"] == SEATED.edition_of(ann.grants[0]).digest
    line = next(each for each in office.journal.read() if each.leaf == given["dct:provenance"]["dct:identifier"])
    assert line.event["kind"] == "granted"
    assert open_receipt(receipt.signed, public(office)) == document


def test_a_changed_byte_is_refused(office):
    """Wherever it is, by us and by the other code."""
    [receipt] = receipts(office, joined(office).subject)
    changed = receipt.signed.replace(b"entrance", b"entrancE", 1)
    with pytest.raises(InputError):
        open_receipt(changed, public(office))
    with pytest.raises(InvalidSignature):
        signed_by(public(office), changed)
    for at in range(0, len(receipt.signed), 97):
        data = bytearray(receipt.signed)
        data[at] ^= 1
        with pytest.raises(InputError):
            open_receipt(bytes(data), public(office))


def test_it_tells_everything_that_happened(office, clock):
    """Asked, silent, a late yes, a pause, a correction, a renewal; each with its own leaf."""
    ann = joined(office, ticks=(tick(), tick(Purpose.PHOTOS)))
    grant = ann.grants[0]
    for _ in range(45):
        clock.pass_by(days=1)
        look_after(office)
    own.pause(office, ann.subject, grant.id)
    own.resume(office, ann.subject, grant.id)
    own.confirm(office, ann.subject, grant.id, SEATED.edition_of(grant))
    own.pause(office, ann.subject, grant.id)
    own.resume(office, ann.subject, grant.id)
    own.correct(office, ann.subject, grant.id, Terms(frozenset({LOBBY})), SEATED.edition_of(grant))
    less = next(each for each in office.store.grants(ann.subject) if each.id == grant.id)
    own.renew(office, ann.subject, grant.id, timedelta(days=90), SEATED.edition_of(less))
    [receipt] = receipts(office, ann.subject, grant.id)
    assert statuses(receipt.signed) == [
        *("given", "paused", "paused", "paused", "renewed"),
        *("paused", "resumed", "corrected", "renewed"),
    ]
    where = json.loads(receipt.signed)["dpv:hasRecordOfActivity"]["dpv:hasProcess"]["dpv:hasProcessingCondition"]
    assert [each["dct:identifier"] for each in where if "dct:identifier" in each] == [LOBBY]
    own.withdraw(office, ann.subject, grant.id)
    assert statuses(receipts(office, ann.subject, grant.id)[0].signed)[-1] == "withdrawn"


def test_what_more_was_agreed_to_is_another_receipt(office, clock):
    """The old grant ends when the new one begins, and its receipt says so."""
    ann = joined(office, ticks=(tick(places=frozenset({LOBBY})),))
    clock.pass_by(days=2)
    both = frozenset({LOBBY, GATE})
    own.correct(office, ann.subject, ann.grants[0].id, Terms(both), SEATED.edition(Purpose.ENTRANCE, both))
    told = {each.grant: statuses(each.signed) for each in receipts(office, ann.subject)}
    assert sorted(told.values()) == [["given"], ["given", "corrected"]]


def test_after_a_correction_that_was_taken_back_there_is_still_a_receipt(office, clock):
    """The old grant lasts as it did, and the log says so."""
    ann = joined(office, ticks=(tick(places=frozenset({LOBBY})),))
    clock.pass_by(days=2)
    both = frozenset({LOBBY, GATE})
    done = own.correct(office, ann.subject, ann.grants[0].id, Terms(both), SEATED.edition(Purpose.ENTRANCE, both))
    own.cancel(office, ann.subject, done.afresh)
    told = {each.grant: statuses(each.signed) for each in receipts(office, ann.subject)}
    assert told == {ann.grants[0].id: ["given", "corrected", "corrected"], done.afresh: ["given", "withdrawn"]}


def test_a_correction_that_leaves_nothing_of_a_grant_ends_it(office, clock):
    """In the log, the receipt, the counts, and in words to her."""
    ann = joined(office, ticks=(tick(places=frozenset({LOBBY})),))
    clock.pass_by(days=2)
    other = frozenset({GATE})
    done = own.correct(office, ann.subject, ann.grants[0].id, Terms(other), SEATED.edition(Purpose.ENTRANCE, other))
    assert not done.goes_on
    assert [kind for kind in kinds(office)[-3:] if kind != "act_completed"] == ["grant_ended", "granted"]
    told = {each.grant: statuses(each.signed) for each in receipts(office, ann.subject)}
    assert told == {ann.grants[0].id: ["given", "withdrawn"], done.afresh: ["given"]}
    [week] = running(office.store).weeks.values()
    assert (week["begun.entrance"], week["withdrawn.entrance"]) == (2, 1)


def test_a_grant_that_contradicts_itself_takes_no_receipt_from_the_others(office):
    """Asked for by itself, it is said why."""
    ann = joined(office, ticks=(tick(), tick(Purpose.PHOTOS)))
    odd, sound = (each.id for each in ann.grants)
    standing = office.store.standings(ann.subject)[odd]
    office.store.set_standings({odd: replace(standing, ends_at=standing.ends_at - timedelta(days=9))})
    assert [each.grant for each in receipts(office, ann.subject)] == [sound]
    with pytest.raises(PolicyRefused, match="the grant ends when the last yes said"):
        receipts(office, ann.subject, odd)


def test_the_last_receipt_comes_with_the_withdrawal(office):
    """Afterwards nothing opens, and nobody can ask any more."""
    ann = joined(office)
    grant = ann.grants[0].id
    receipt = withdraw_with_receipt(office, ann.subject, grant, proof(office, ann.subject, asked_withdrawal(grant)))
    assert statuses(receipt.signed) == ["given", "withdrawn"]
    assert "nothing is kept" in receipt.signed.decode()
    signed_by(public(office), receipt.signed)
    assert office.store.subject(ann.subject).state is SubjectState.WITHDRAWN
    with pytest.raises(PolicyRefused):
        give_receipts(office, ann.subject, None, Proof(office.clock(), bytes(32)))


def test_it_is_logged_before_it_is_signed(office, log):
    """A log that fails gives none."""
    ann = joined(office)
    asked = proof(office, ann.subject, asked_receipts(None))
    log.weather = Weather.FAILS
    with pytest.raises(LogUnavailable):
        give_receipts(office, ann.subject, None, asked)
    log.weather = Weather.WORKS
    receipts(office, ann.subject)
    assert kinds(office).count("receipt_given") == 1


def test_nobody_else_is_given_one(office, clock):
    """No keys, another person's, another month's, an old proof, one for something else: one answer."""
    ann = joined(office)
    joined(office, "Bob", token="another token", subject=BOB)
    what, now = asked_receipts(None), clock.now
    with pytest.raises(PolicyRefused, match="nobody but them"):
        give_receipts(office, ann.subject)
    said = set()
    for wrong in (
        proof(office, BOB, what),
        proof(office, ann.subject, what, month=Month(2026, 10)),
        proof(office, ann.subject, what, at=now - timedelta(minutes=5)),
        proof(office, ann.subject, what, at=now + timedelta(seconds=1)),
        proof(office, ann.subject, asked_receipts(ann.grants[0].id)),
        replace(proof(office, ann.subject, what), at=now - timedelta(seconds=1)),
    ):
        with pytest.raises(PolicyRefused) as refused:
            give_receipts(office, ann.subject, None, wrong)
        said.add(str(refused.value))
    with pytest.raises(PolicyRefused) as refused:
        give_receipts(office, "s_nobody", None, proof(office, ann.subject, what))
    assert said == {str(refused.value)}
    assert "receipt_given" not in kinds(office)


def test_without_an_address_none_can_be_given_and_the_setting_is_named(office):
    """Whose country it is, nobody guesses."""
    ann = joined(office)
    unseated = replace(office, house=House(CONTROLLER, PLACES, None))
    with pytest.raises(PolicyRefused) as refused:
        receipts(unseated, ann.subject)
    assert "controller.address" in refused.value.advice


def test_the_house_of_a_rehearsal_says_that_it_is_one(keystore, log, clock):
    """Asked for by name, as everything there."""
    office = live_office(MemoryStore(), keystore, log, clock, House(places=PLACES))
    ann = joined(office)
    [receipt] = give_receipts(office, ann.subject)
    assert "REHEARSAL" in json.loads(receipt.signed)["rdfs:comment"]
