"""Whoever asks for what is theirs proves it with the key of the month; which keys are given, to whom, and for when."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from beholden.acts.own_copy.logkeys import MonthKey, give_log_keys, parse_month
from beholden.acts.own_copy.own_request import Proof, prove, refuse_others
from beholden.consent.logkeys import log_key, month_key, tag_key
from beholden.ledger.leaf import Month
from beholden.ledger.memory import Weather
from beholden.model.errors import LogUnavailable, PolicyRefused, UnknownSubject
from beholden.model.ids import SubjectId
from beholden.storage.memory import MemoryStore
from tests.acts.houses import kinds, live_office
from tests.acts.test_receipts import ANN, SEATED, joined
from tests.acts.words import lines, said_by
from tests.people import enrolled

KEY, AT = bytes(range(32)), datetime(2026, 11, 23, 9, 41, 7, 250_000, tzinfo=UTC)
WRONG = (
    PolicyRefused,
    "these keys are not that person's, or not of this month",
    "Ask with the file of log keys that was given to you, and no other; newer keys, if this month is not in it.",
)


@pytest.fixture
def live(keystore, log, clock):
    office = live_office(MemoryStore(rehearsal=False), keystore, log, clock, SEATED)
    joined(office)
    return office


@pytest.fixture
def playing(keystore, log, clock):
    return live_office(MemoryStore(), keystore, log, clock)


def proof(office, what="this", at=None, month=None, subject=ANN):
    at = at or office.clock()
    return prove(tag_key(office.keystore.data_key(ANN), month or Month.of(at)), subject, what, at)


def test_a_proof_is_the_hmac_of_exactly_this():
    """So that another program proves it as well: who, what, and when in UTC, each on its line."""
    text = b"beholden own request v1\ns_1\nthis\n2026-11-23T09:41:07.250000+00:00\n"
    expected = Proof(AT, hmac.new(KEY, text, hashlib.sha256).digest())
    assert prove(KEY, "s_1", "this", AT) == expected
    elsewhere = AT.astimezone(timezone(timedelta(hours=5)))
    assert prove(KEY, "s_1", "this", elsewhere).mac == expected.mac


def test_only_the_person_with_the_key_of_this_month_asks_for_exactly_this_now(live, clock):
    """All else is refused in the same words: another month, another wish, another's name, old, of the future."""
    last = Month(2026, 10)
    for wrong in (
        proof(live, month=last),
        proof(live, "that"),
        proof(live, subject=SubjectId("s_other")),
        proof(live, at=clock.now - timedelta(minutes=5)),
        proof(live, at=clock.now + timedelta(microseconds=1)),
        replace(proof(live), mac=bytes(32)),
    ):
        assert said_by(lambda wrong=wrong: refuse_others(live, ANN, "this", wrong)) == WRONG
    assert said_by(lambda: refuse_others(live, SubjectId("s_none"), "this", proof(live))) == WRONG
    for right in (proof(live), proof(live, at=clock.now - timedelta(minutes=5) + timedelta(microseconds=1))):
        assert refuse_others(live, ANN, "this", right) is None
    assert said_by(lambda: refuse_others(live, ANN, "this", None)) == (
        PolicyRefused,
        "what is held about somebody is told to nobody but them",
        "They prove it with their log keys: --keys FILE. An operator can pause or withdraw for them.",
    )


def test_in_a_rehearsal_nobody_has_to_prove_it_and_a_wrong_proof_is_refused_all_the_same(playing):
    """It was given, so it is looked at."""
    ann = enrolled(playing, "Ann", 1).subject
    assert refuse_others(playing, ann, "this", None) is None
    assert said_by(lambda: refuse_others(playing, ann, "this", Proof(playing.clock(), bytes(32)))) == WRONG


def test_each_month_has_a_key_of_its_own_and_what_was_given_is_in_the_log(playing):
    """From the first to the last, over the turn of a year; sealed as the person's."""
    ann = enrolled(playing, "Ann", 1).subject
    own = log_key(playing.keystore.data_key(ann))
    months = (Month(2026, 11), Month(2026, 12), Month(2027, 1))
    assert give_log_keys(playing, ann, "2026-11", "2027-01") == tuple(
        MonthKey(name, month_key(own, month).hex())
        for name, month in zip(("2026-11", "2026-12", "2027-01"), months, strict=True)
    )
    assert lines(playing, "log_keys_given") == [(ann, {"subject": ann, "first": "2026-11", "last": "2027-01"})]


def test_keys_are_given_for_240_months_at_most_and_not_backwards(playing):
    """Nor to nobody; and while the log fails, none."""
    ann = enrolled(playing, "Ann", 1).subject
    assert len(give_log_keys(playing, ann, "2000-01", "2019-12")) == 240
    for first, last in (("2000-01", "2020-01"), ("2026-11", "2026-10")):
        _, message, _ = said_by(lambda first=first, last=last: give_log_keys(playing, ann, first, last))
        assert message == "keys are given for 1 to 240 months at a time"
    with pytest.raises(UnknownSubject):
        give_log_keys(playing, SubjectId("s_nobody"), "2026-11", "2026-11")
    assert kinds(playing).count("log_keys_given") == 1


def test_while_the_log_fails_no_key_is_given(playing, log):
    """It is logged first."""
    ann = enrolled(playing, "Ann", 1).subject
    log.weather = Weather.FAILS
    with pytest.raises(LogUnavailable):
        give_log_keys(playing, ann, "2026-11", "2026-11")


def test_outside_a_rehearsal_nobody_is_given_them_here(live):
    """They would be a list of somebody's movements."""
    assert said_by(lambda: give_log_keys(live, ANN, "2026-11", "2026-11")) == (
        PolicyRefused,
        "the keys to somebody's leaves are theirs alone: outside a rehearsal they are given to the person, live",
        "There is no portal yet in which a person could take them.",
    )


@pytest.mark.parametrize("text", ["1969-12", "2026-00", "2026-13", "26-11", "2026/11", "2026-11-1", "٢٠٢٦-11"])
def test_what_is_no_month_is_said_to_be_none(text):
    """In ASCII digits, since 1970."""
    with pytest.raises(ValueError, match="is no month like 2026-11") as caught:
        parse_month(text)
    assert str(caught.value) == f"{text!r} is no month like 2026-11"
    assert [parse_month(each) for each in ("1970-01", "9999-12")] == [Month(1970, 1), Month(9999, 12)]
