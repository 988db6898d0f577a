"""Exactly what is signed, word by word: another program that signs needs the same bytes (docs/oversight.md)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from beholden.acts.accounts.change import change_digest
from beholden.acts.accounts.listed import notices_digest
from beholden.acts.accounts.wished import NewAccount
from beholden.acts.approvals.breakglass import Breaking, glass_digest
from beholden.acts.approvals.people import list_digest as requests_digest
from beholden.acts.approvals.people import show_digest
from beholden.acts.displays.canaries import canaries_digest, canary_digest
from beholden.acts.displays.look_up import who_digest
from beholden.acts.displays.show import Look
from beholden.acts.displays.ties import tie_digest, ties_digest
from beholden.acts.displays.watched import Tie
from beholden.acts.grants.invite import Invitee
from beholden.acts.guardians.ask import Ask, own_digest, said_digest
from beholden.acts.guardians.seen import show_digest as show_digest_of_guardians
from beholden.acts.guardians.still import still_digest
from beholden.acts.plans.listed import list_digest as plans_digest
from beholden.acts.plans.listed import plan_digest
from beholden.acts.plans.open_close import Filing, wanted_digest
from beholden.acts.plans.own import Laid, answer_digest
from beholden.acts.report.weekly import openings_digest
from beholden.acts.sightings.incidents import incident_digest
from beholden.acts.sightings.incidents import list_digest as incidents_digest
from beholden.consent.oversight.approvals import Request
from beholden.consent.oversight.displays import Way
from beholden.consent.oversight.rules import Act
from beholden.model.grant import Hours, Purpose
from beholden.model.ids import GrantId, PlaceId, SightingId, SubjectId

DOC = Path(__file__).resolve().parents[2] / "docs" / "oversight.md"
S, G, F, A = SubjectId("s_1"), GrantId("g_1"), "f_1", "a_1"
AT = datetime(2026, 11, 23, 9, 41, 7, 250_000, tzinfo=UTC)
STORED = "2026-11-23T09:41:07.250000+00:00"
ASK = Ask(G, S, Purpose.CARE, ("b", "a"), date(2031, 5, 4), "UTC", "ee", frozenset({PlaceId("y"), PlaceId("x")}))
ASKED = {
    "grant": G, "subject": S, "purpose": "care", "guardians": ["a", "b"], "majority": "2031-05-04", "zone": "UTC",
    "evidence": "ee", "places": ["x", "y"], "duration": None, "hours": None, "recordings": "no",
}  # fmt: skip
ACCOUNT = NewAccount(A, "Olga", "site", "other", ("operator", "approver"), "pub", 365, "s_2")
ADDED = {
    "id": A, "name": "Olga", "organisation": "site", "what": "other", "roles": ["approver", "operator"],
    "public": "pub", "days": "365", "same_as": "s_2",
}  # fmt: skip
LAID = Laid(S, ("Bea",), ("Ben",), ("Cid",), AT)
WISHED = {"subject": S, "may_tell": ["Bea"], "never_tell": ["Ben"], "relatives": ["Cid"], "adult_from": STORED}
REQUEST = Request(Act.EXPORT_RECORDINGS, A, AT, (("to", "b"), ("camera", "c")), S)
REQUESTED = {
    "act": str(Act.EXPORT_RECORDINGS), "requester": A, "asked_at": STORED, "subject": S,
    "particulars": [["camera", "c"], ["to", "b"]],
}  # fmt: skip
GLASS = Breaking("glass-1", F, S, "why", "welfare")
INVITEE = Invitee("Nobody", (Purpose.CARE,), frozenset(), S, None)
SIGNED = (
    (("request", "approve", "guardian decline", "act"), REQUEST.digest, REQUESTED),
    (("look",), Look(S, Way.FEED, PlaceId("lobby"), SightingId("n")).digest,
     {"subject": S, "way": str(Way.FEED), "place": "lobby", "of": "n"}),
    (("account add", "account same-as"), ACCOUNT.digest, ADDED),
    (("account change", "account revoke"), change_digest(A, "pub", ("b", "a")),
     {"account": A, "public": "pub", "roles": ["a", "b"]}),
    (("account notices",), notices_digest(A), {"account": A}),
    (("approvals list", "glass list"), requests_digest(A), {"account": A}),
    (("approvals show",), show_digest("dd"), {"request": "dd"}),
    (("glass open",), GLASS.digest,
     {"glass": "glass-1", "plan": F, "subject": S, "why": "why", "welfare": "welfare"}),
    (("glass close", "glass review"), glass_digest("glass-1", "yes"), {"glass": "glass-1", "justified": "yes"}),
    (("plan lay-down",), LAID.digest, WISHED),
    (("plan report",), Filing(F, "Anna", "Bea", True).digest,
     {"plan": F, "who": "Anna", "by": "Bea", "source": "authority"}),
    (("plan ask",), wanted_digest(F, "delay", 5), {"plan": F, "what": "delay", "hours": "5"}),
    (("plan close", "plan matches"), plan_digest(F), {"plan": F}),
    (("plan answer",), answer_digest(S, "help"), {"subject": S, "reply": "help"}),
    (("plan list",), plans_digest(A), {"account": A}),
    (("tie", "untie"), tie_digest(Tie.BARRED, "a_2", S), {"tie": str(Tie.BARRED), "other": "a_2", "subject": S}),
    (("ties",), ties_digest(A), {"account": A}),
    (("canary",), canary_digest(INVITEE), {"name": "Nobody", "subject": S}),
    (("canaries",), canaries_digest(A), {"account": A}),
    (("guardian ask",), ASK.digest, ASKED),
    (("guardian yes", "guardian no", "guardian dispute"), said_digest(G, "ee"),
     {"grant": G, "evidence": "ee"}),
    (("guardian show",), show_digest_of_guardians(G), {"grant": G}),
    (("guardian still",), still_digest(G, "nn", 90), {"grant": G, "notice": "nn", "days": "90"}),
    (("person yes", "person no"), own_digest(S), {"subject": S}),
    (("look up",), who_digest("Anna"), {"who": "Anna"}),
    (("keep incident", "read incident"), incident_digest("n"), {"sighting": "n"}),
    (("list incidents",), incidents_digest(), {}),
    (("openings",), openings_digest("2026-W48"), {"week": "2026-W48"}),
)  # fmt: skip


@pytest.mark.parametrize(("words", "digest", "values"), SIGNED, ids=[words[0] for words, *_ in SIGNED])
def test_what_is_signed_is_the_digest_of_exactly_this(words, digest, values):
    """Canonical JSON; and docs/oversight.md names every key of it."""
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert digest == hashlib.sha256(text.encode()).hexdigest()
    keys = ", ".join(f"`{key}`" for key in sorted(values)) or "none"
    told = ", ".join(f"`{word}`" for word in words)
    assert f"\n| {told} | {keys} |" in DOC.read_text("utf-8")


def test_what_is_left_out_is_null():
    """And not missing, or a word for it."""
    expected = hashlib.sha256(b'{"adult_from":null,"may_tell":null,"never_tell":null,"relatives":[],"subject":"s_1"}')
    assert Laid(S, relatives=()).digest == expected.hexdigest()
    assert still_digest(G, "nn", None) == _digest({"grant": G, "notice": "nn", "days": None})
    assert Filing(F, "Anna", "Bea").digest == _digest({"plan": F, "who": "Anna", "by": "Bea", "source": "person"})
    assert change_digest(A) == _digest({"account": A, "public": None, "roles": []})


def test_durations_and_hours_are_signed_as_people_write_them():
    """Of a guardian's wish: whole days, and the clock on the wall."""
    hours = Hours.parse("08:00-20:00")
    wish = replace(ASK, duration=timedelta(days=9), hours=hours, recordings=True)
    assert wish.digest == _digest(ASKED | {"duration": "9", "hours": "08:00-20:00", "recordings": "yes"})


def _digest(values):
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
