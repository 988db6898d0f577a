"""What a minute did is counted, what an end leaves is dated, and what is in doubt is neither."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from beholden.acts.grants import own
from beholden.acts.grants.life import NotNamed, look_after, look_after_one, not_named
from beholden.acts.grants.withdraw import withdraw, withdrawal_receipt
from beholden.consent.life import Over, Unnamed
from beholden.model.errors import ConsentError
from beholden.model.grant import Purpose
from beholden.storage.memory import MemoryStore
from tests.acts.houses import HOUSE, joined, live_office, standing, tick
from tests.acts.test_grant_life import Doubted
from tests.acts.words import lines, said_by
from tests.people import NOW

DAY = timedelta(days=1)


@pytest.fixture
def office(keystore, log, clock):
    return live_office(MemoryStore(rehearsal=False), keystore, log, clock)


def test_a_minute_counts_what_it_did_for_everybody(office, clock):
    """Two are asked, one of them about two grants; each question says which notice it is about."""
    ann = joined(office, ticks=(tick(), tick(Purpose.CARE)))
    ben = joined(office, "Ben", token="b")
    clock.pass_by(days=31)
    assert [look_after(office) for _ in range(2)] == [3, 0]
    asked = {
        said["grant"]: (about, said["subject"], said["notice"]) for about, said in lines(office, "still_yes_asked")
    }
    assert asked == {
        each.id: (each.subject, each.subject, HOUSE.edition_of(each).digest) for each in (*ann.grants, *ben.grants)
    }
    clock.pass_by(days=8)
    assert look_after(office) == 3
    assert {said["grant"] for _, said in lines(office, "still_yes_reminded")} == asked.keys()
    clock.pass_by(days=8)
    assert look_after(office) == 3
    assert {about for about, _ in lines(office, "silent")} == {ann.subject, ben.subject}
    reasons = {each.grant: each.reason for each in not_named(office)}
    assert reasons == dict.fromkeys(asked, str(Unnamed.SILENT))
    assert NotNamed(ben.subject, ben.grants[0].id, str(Unnamed.SILENT)) in not_named(office)


def test_in_doubt_and_for_whoever_is_not_enrolled_no_step_is_taken(office, clock):
    """None is counted, either."""
    ann = joined(office)
    clock.pass_by(days=31)
    assert look_after_one(replace(office, time=Doubted()), ann.subject) == 0
    withdraw(office, ann.subject)
    assert look_after_one(office, ann.subject) == 0


def test_a_grant_that_is_over_while_another_goes_on_is_said_to_be_over_by_its_reason(office, clock):
    """Its leaf is the person's."""
    ann = joined(office, ticks=(tick(days=10), tick(Purpose.CARE)))
    clock.pass_by(days=11)
    assert look_after(office) == 1
    assert lines(office, "grant_ended") == [
        (ann.subject, {"subject": ann.subject, "grant": ann.grants[0].id, "why": "ended"})
    ]


def test_a_withdrawal_dates_the_end_of_each_grant_and_leaves_what_was_over(office, clock):
    """At the moment at which they withdrew."""
    ann = joined(office, ticks=(tick(), tick(Purpose.CARE)))
    entrance, care = ann.grants
    clock.pass_by(days=2)
    own.withdraw(office, ann.subject, care.id)
    clock.pass_by(days=1)
    withdraw(office, ann.subject)
    ends = {each.id: (standing(office, each).over, standing(office, each).over_at) for each in ann.grants}
    assert ends == {
        entrance.id: (Over.WITHDRAWN, NOW + 3 * DAY),
        care.id: (Over.WITHDRAWN, NOW + 2 * DAY),
    }


def test_who_has_not_withdrawn_is_told_that_there_is_no_receipt_of_it(office):
    """With when there is one."""
    ann = joined(office).subject
    assert said_by(lambda: withdrawal_receipt(office, ann)) == (
        ConsentError,
        f"{ann} has not withdrawn",
        "A receipt is of a withdrawal that is done.",
    )
