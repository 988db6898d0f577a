"""Two credentials are two people: every pair of a small world, decided as a second set of rules says."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from itertools import permutations, product

import pytest

from beholden.consent.oversight import approvals as decided_by
from beholden.consent.oversight.accounts import PersonId, Role
from beholden.consent.oversight.approvals import Allowed, Request, decide
from beholden.consent.oversight.rules import RULES, Act, in_words
from beholden.consent.oversight.steps import Refused
from beholden.consent.purposes import POLICIES, Party
from tests.consent.oversight.world import ANNA, DAY, HOUR, MOTHER, NOW, SUBJECT, TICK, account, approved, directory

ASKED = NOW - HOUR
STRANGE = (
    account("olgas second", "union", person=PersonId("olga")),
    account("olgas key", "union", key="key of olga"),
    account("olga herself", "welfare", person=PersonId("olga"), key="key of olga"),
    account("wandas second", "union", person=PersonId("wanda")),
    account("wandas key", "shelter", key="key of wanda"),
    account("new", "welfare", added_at=ASKED - 72 * HOUR + TICK),
    account("just not new", "welfare", added_at=ASKED - 72 * HOUR),
    account("later", "welfare", added_at=NOW),
    account("annas", "welfare", person=ANNA),
    account("mothers", "welfare", person=MOTHER),
    account("expired", "welfare", expires_at=NOW),
    account("expires soon", "welfare", expires_at=NOW + TICK),
    account("revoked", "welfare", revoked_at=NOW),
    account("revoked soon", "welfare", revoked_at=NOW + TICK),
    account("locked", "welfare"),
    account("clerk", "welfare", Role.OPERATOR),
    account("both", "welfare", Role.OPERATOR, Role.APPROVER),
    account("nowhere", "unknown", Role.APPROVER, Role.OPERATOR),
)
WORLD = directory(*STRANGE, locked={"locked"})
NAMES = sorted(WORLD.accounts)


def request(act=Act.OPEN_FIND_ME, requester="olga", **other):
    lasts = (("seconds", "3600"),) if act is Act.DELAY_NOTICE else ()
    values = {"particulars": (("plan", "p1"), *lasts), "subject": SUBJECT, "apart": frozenset({ANNA, MOTHER}), **other}
    return Request(act, requester, ASKED, **values)


# The rules again, from the text of design section 8: who asks, and for each approver whether it must be another
# organisation ("o"), the outside welfare body ("w") or just somebody else ("e").
ORACLE = {
    "open_find_me": ({"operator"}, "ew"),
    "guardian_grant": ({"operator", "subject"}, "o"),
    "camera_place": ({"operator", "maintainer"}, "e"),
    "loosen": ({"operator", "maintainer"}, "e"),
    "export_recordings": ({"operator"}, "o"),
    "change_policy": ({"operator", "maintainer"}, "o"),
    "delay_notice": ({"operator"}, "o"),
}


def lives(found):
    ends = [found.expires_at] + ([found.revoked_at] if found.revoked_at else [])
    known = found.organisation in ("site", "welfare", "shelter", "union")
    return known and found.id != "locked" and found.added_at <= ASKED and min(ends) > NOW


def oracle(act, requester, names):
    """Whether these approvers, in any order, some of them unneeded, may let `requester` do `act`."""
    asks, seats = ORACLE[act]
    asking = WORLD.accounts[requester]
    if not lives(asking) or not {str(role) for role in asking.roles} & asks:
        return False
    for sitting in permutations([WORLD.accounts[name] for name in names], len(seats)):
        people = [asking, *sitting]
        fine = all(lives(each) and "approver" in each.roles for each in sitting)
        fine &= all(ASKED - each.added_at >= 72 * HOUR for each in sitting)
        fine &= not any(each.person in ("anna", "mother") for each in sitting)
        fine &= len({each.person for each in people}) == len({each.key for each in people}) == len(people)
        for seat, each in zip(seats, sitting, strict=True):
            alone = [other.organisation for other in people].count(each.organisation) == 1
            fine &= seat == "e" or (alone and (seat == "o" or each.organisation in ("welfare", "shelter")))
        if fine:
            return True
    return False


@pytest.mark.parametrize("act", Act)
def test_every_pair_of_accounts_is_decided_as_the_rules_say(act):
    """Also one account alone, nobody, and the same account twice."""
    chosen = [(), *((name,) for name in NAMES), *product(NAMES, NAMES)]
    allowed = 0
    for requester in ("olga", "max", "anna", "both", "paul"):
        asked = request(act, requester)
        given = {name: approved(asked, name, world=WORLD)[0] for name in NAMES}
        for names in chosen:
            decision = decide(asked, [given[name] for name in names], WORLD, NOW)
            assert isinstance(decision, Allowed) == oracle(act, requester, names), (requester, names, decision)
            allowed += isinstance(decision, Allowed)
    assert 10 < allowed < len(chosen) * 3


def test_the_oracle_notices_a_rule_that_is_left_out(monkeypatch):
    """Without the clash of organisations some pair would be allowed that must not be."""
    monkeypatch.setattr(decided_by, "_clash", lambda *_: None)
    asked = request()
    pairs = [names for names in product(NAMES, NAMES) if not oracle("open_find_me", "olga", names)]
    assert any(isinstance(decide(asked, approved(asked, *names, world=WORLD), WORLD, NOW), Allowed) for names in pairs)


OTHER = request(particulars=(("plan", "p2"),)).digest
SPOILT = [
    ({"digest": OTHER}, "the approval is for another act"),
    ({"at": ASKED - TICK}, "the approval is older than the request"),
    ({"at": NOW + TICK}, "the approval is from the future"),
    ({"key": "key of nobody"}, "the approval is signed with another key than the account's"),
    ({"account": "nobody"}, "there is no such account"),
]


@pytest.mark.parametrize(("spoilt", "reason"), SPOILT)
@pytest.mark.parametrize("which", [0, 1])
def test_an_approval_that_is_not_for_this_act_does_not_count(spoilt, reason, which):
    """Either of the two, and the reason says what is wrong."""
    asked = request()
    given = approved(asked, "sam", "wanda")
    assert isinstance(decide(asked, given, WORLD, NOW), Allowed)
    given[which] = replace(given[which], **spoilt)
    assert decide(asked, given, WORLD, NOW) == Refused(reason)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("new", "a new approver waits for 72 hours"),
        ("later", "the account was added later"),
        ("annas", "an approver has a personal link to whom this is about"),
        ("mothers", "an approver has a personal link to whom this is about"),
        ("expired", "the credential has expired"),
        ("revoked", "the credential was revoked"),
        ("locked", "the account is locked"),
        ("clerk", "the account is not an approver"),
        ("nowhere", "the account is of no known organisation"),
        ("paul", "police and other authorities neither ask nor approve here"),
        ("olgas second", "whoever asks does not approve"),
        ("olgas key", "whoever asks does not approve"),
        ("olga herself", "whoever asks does not approve"),
    ],
)
def test_the_reason_says_what_is_wrong_with_an_approver(name, reason):
    """In a sentence for people."""
    asked = request()
    assert decide(asked, approved(asked, "sam", name, world=WORLD), WORLD, NOW) == Refused(reason)


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        ((), "2 others must approve, and 0 did"),
        (("wanda",), "2 others must approve, and 1 did"),
        (("wanda", "wanda"), "one person, or one key, does not approve twice"),
        (("wanda", "wandas second"), "one person, or one key, does not approve twice"),
        (("wanda", "wandas key"), "one person, or one key, does not approve twice"),
        (("sam", "uwe"), "one of the approvers must be the outside welfare body"),
        (("sam", "sue"), "one of the approvers must be the outside welfare body"),
        (("wanda", "will"), "one of the approvers must be of an organisation of its own"),
        (("will", "wanda"), "one of the approvers must be of an organisation of its own"),
    ],
)
def test_the_reason_says_why_these_are_not_two(names, reason):
    """In a sentence for people."""
    asked = request()
    assert decide(asked, approved(asked, *names, world=WORLD), WORLD, NOW) == Refused(reason)


@pytest.mark.parametrize(
    ("requester", "reason"),
    [
        ("sam", "only operator asks for this"),
        ("max", "only operator asks for this"),
        ("uwe", "only operator asks for this"),
        ("paul", "police and other authorities neither ask nor approve here"),
        ("nobody", "there is no such account"),
    ],
)
def test_only_whom_the_table_names_asks(requester, reason):
    """Whoever approves."""
    asked = request(requester=requester)
    assert decide(asked, approved(asked, "sue", "wanda"), WORLD, NOW) == Refused(reason)


@pytest.mark.parametrize("names", [("sam", "wanda"), ("wanda", "sam")])
def test_a_welfare_body_that_asks_itself_is_not_the_outside_one(names):
    """And the reason is about its seat, in whatever order they approved."""
    asked = request(requester="both")
    decision = decide(asked, approved(asked, *names), WORLD, NOW)
    assert decision == Refused("one of the approvers must be of an organisation of its own")


def test_an_outside_approver_shares_its_organisation_with_nobody_in_whatever_place_of_the_list(monkeypatch):
    """Also where it is named before the other one."""
    first = replace(RULES[Act.EXPORT_RECORDINGS], approvers=(Party.OUTSIDE, Party.ANOTHER))
    monkeypatch.setitem(RULES, Act.EXPORT_RECORDINGS, first)
    asked = request(Act.EXPORT_RECORDINGS)
    assert isinstance(decide(asked, approved(asked, "wanda", "sam"), WORLD, NOW), Allowed)
    alone = Refused("one of the approvers must be of an organisation of its own")
    assert decide(asked, approved(asked, "wanda", "will"), WORLD, NOW) == alone


def test_an_approval_counts_for_a_day():
    """To the microsecond."""
    asked = request()
    given = approved(asked, "sam", "wanda")
    assert isinstance(decide(asked, given, WORLD, ASKED + DAY - TICK), Allowed)
    assert decide(asked, given, WORLD, ASKED + DAY) == Refused("the approval is too old")


def test_an_approval_of_this_moment_counts_and_a_request_of_the_future_does_not():
    """The edges of time."""
    asked = request()
    assert isinstance(decide(asked, approved(asked, "sam", "wanda", at=NOW), WORLD, NOW), Allowed)
    assert isinstance(decide(asked, approved(asked, "sam", "wanda"), WORLD, ASKED), Allowed)
    early = decide(asked, approved(asked, "sam", "wanda"), WORLD, ASKED - TICK)
    assert early == Refused("what is asked for in the future is not decided now")


def test_a_requester_who_was_revoked_since_does_not_act():
    """The credential counts when asking and when acting."""
    asked = request()
    world = directory(account("olga", "site", Role.OPERATOR, revoked_at=NOW))
    assert decide(asked, approved(asked, "sam", "wanda"), world, NOW) == Refused("the credential was revoked")
    world = directory(account("olga", "site", Role.OPERATOR, added_at=ASKED + TICK))
    assert decide(asked, approved(asked, "sam", "wanda"), world, NOW) == Refused("the account was added later")


def test_a_bad_approval_blocks_nobody():
    """It counts for nothing, in either direction; who approved is said in the order of the table."""
    asked = request()
    bad = replace(approved(asked, "sue")[0], key="key of nobody")
    decision = decide(asked, [bad, *approved(asked, "wanda", "paul", "sam", world=WORLD)], WORLD, NOW)
    assert isinstance(decision, Allowed)
    assert [each.id for each in decision.approvers] == ["sam", "wanda"]


@pytest.mark.parametrize(
    "other",
    [
        {"act": Act.DELAY_NOTICE},
        {"requester": "both"},
        {"asked_at": ASKED + TICK},
        {"particulars": (("plan", "p2"),)},
        {"particulars": (("plan", "p1"), ("day", "2"))},
        {"subject": "s_berta"},
        {"subject": None},
    ],
)
def test_the_digest_changes_with_everything_that_is_asked_for(other):
    """So that an approval is for one act."""
    assert replace(request(), **other).digest != request().digest


def test_the_digest_is_of_the_act_and_not_of_how_it_is_written():
    """Order, time zone, and who is apart at the moment change nothing."""
    one = request(particulars=(("a", "1"), ("b", "2")))
    other = request(particulars=(("b", "2"), ("a", "1")), apart=frozenset())
    zone = replace(one, asked_at=ASKED.astimezone(tz=None))
    assert one.digest == other.digest == zone.digest
    assert one.digest != request(particulars=(("a", "2"), ("b", "1"))).digest


def test_the_digest_never_changes_between_versions():
    """Signed approvals stay good: written down once."""
    text = b'{"act":"open_find_me","asked_at":"2026-11-23T08:41:00.000000+00:00","particulars":[["plan","p1"]],'
    text += b'"requester":"olga","subject":"s_anna"}'
    assert request().digest == hashlib.sha256(text).hexdigest()
    assert request(particulars=(("plan", "ü"),)).digest == hashlib.sha256(text.replace(b"p1", "ü".encode())).hexdigest()


def test_the_table_of_purposes_and_the_list_of_acts_say_the_same():
    """Whom a guardian's grant needs, for each purpose; whom a plan needs."""
    for policy in POLICIES.values():
        assert policy.guardian_approvers in ((), RULES[Act.GUARDIAN_GRANT].approvers)
    assert RULES[Act.OPEN_FIND_ME].approvers == (Party.ANOTHER, Party.WELFARE_BODY)


def test_the_table_is_told_in_words():
    """Who asks, who agrees, how many that are, and for how long."""
    assert {act: rule.credentials for act, rule in RULES.items()} == dict.fromkeys(Act, 2) | {Act.OPEN_FIND_ME: 3}
    assert in_words(Act.DELAY_NOTICE) == (
        "delaying a notice to a person: an operator asks, and an approver of another organisation agrees, "
        "for 72 hours at most"
    )
    assert in_words(Act.OPEN_FIND_ME) == (
        "opening or renewing a find-me plan: an operator asks, and a second approver and the outside welfare body agree"
    )
    assert in_words(Act.CAMERA_PLACE) == (
        "a camera's place and capture mode: an operator or a maintainer asks, and a second approver agrees"
    )
    assert in_words(Act.LOOSEN).startswith("loosening a threshold or a gate: an operator or a maintainer asks, and a s")
    outside = "an approver of another organisation agrees"
    assert in_words(Act.EXPORT_RECORDINGS) == f"an export of recordings: an operator asks, and {outside}"
    either = "an operator or a maintainer asks"
    assert in_words(Act.CHANGE_POLICY) == f"a change of policy or model: {either}, and {outside}"
    guardian = "a guardian's grant, and settling who the guardians are: an operator or a subject asks"
    assert in_words(Act.GUARDIAN_GRANT) == f"{guardian}, and {outside}"
