"""Accounts are added by whoever may, logged first, told to everybody, and sealed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

import beholden.acts.accounts.listed as listing
from beholden.acts.accounts.change import (
    ADD,
    CHANGE,
    REVOKE,
    add_account,
    change_account,
    change_digest,
    revoke_account,
)
from beholden.acts.accounts.known import account_record, accounts_held, directory_of
from beholden.acts.accounts.listed import READ, list_accounts, notices_digest, notices_for
from beholden.acts.accounts.signed import FRESH, Signed, parse_signed, signed_bytes
from beholden.consent.oversight.accounts import Role
from beholden.ledger.memory import Weather
from beholden.ledger.note import SigningKey
from beholden.model.errors import DataFolderError, InputError, LogUnavailable, PolicyRefused
from beholden.storage.memory import MemoryStore
from tests.acts.faults import Faulty, Killed
from tests.acts.oversight import HOUR, World, told
from tests.people import NOW, Clock, office_of


def refusal(act) -> str:
    with pytest.raises(PolicyRefused) as caught:
        act()
    return caught.value.message


def test_the_first_account_is_the_places_and_its_leaf_says_that_nobody_added_it(live):
    """An operator or a maintainer of whoever runs the place."""
    reason = "the first account is an operator's or a maintainer's, of whoever runs the place"
    assert refusal(lambda: live.add("sam", "site", "site", ("approver",))) == reason
    assert refusal(lambda: live.add("wanda", "welfare", "welfare", ("operator",))) == reason
    live.add("olga", "site", "site")
    [event] = told(live.office, "account_added")
    held = accounts_held(live.office)[0]
    assert event == {
        "kind": "account_added",
        "at": "2026-11-23T09:41:07.250Z",
        "account": "a_olga",
        "organisation": "site",
        "what": "runs the place",
        "holder": "p_olga",
        "roles": ["operator"],
        "key": held.account.key,
        "expires_at": "2027-11-23T09:41:07.250000+00:00",
        "by": None,
    }


def test_every_other_account_is_added_by_one_that_may(live):
    """Not by nobody, not by an approver, not with another's signature."""
    live.add("olga", "site", "site")
    assert refusal(lambda: live.add("max")) == "an account is added by another one"
    live.add("sam", roles=("approver",), by="olga")
    assert refusal(lambda: live.add("max", by="sam")) == "this account may not add one of that organisation"
    wish = live.new("max")
    forged = replace(live.signed("sam", ADD, wish.digest), account="a_olga")
    assert refusal(lambda: add_account(live.office, wish, forged)).startswith("the signature is not that account's")
    other = live.signed("olga", ADD, replace(wish, roles=("maintainer",)).digest)
    assert refusal(lambda: add_account(live.office, wish, other)).startswith("the signature is not that account's")
    assert [each.id for each in list_accounts(live.office)] == ["a_olga", "a_sam"]
    assert told(live.office, "account_added")[1]["by"] == "a_olga"


def test_another_organisation_adds_its_own_after_the_first(live):
    """So that the place cannot add a second approver to a body that is there to watch it."""
    live.everybody("olga", "wanda")
    reason = "this account may not add one of that organisation"
    assert refusal(lambda: live.add("fake", "welfare", None, ("approver",), by="olga")) == reason
    live.add("will", "welfare", None, ("approver",), by="wanda")
    assert refusal(lambda: live.add("fake", "union", "other", ("approver",), by="olga")) == reason
    assert refusal(lambda: live.add("fake", "union", "other", ("approver",), by="will")) == reason  # will is new
    live.add("uwe", "union", "other", ("approver",), by="wanda")
    for name in ("wanda", "will"):
        revoke_account(live.office, f"a_{name}", live.signed(name, REVOKE, change_digest(f"a_{name}")))
    live.clock.pass_by(hours=71)
    assert refusal(lambda: live.add("shirin", "welfare", None, ("approver",), by="uwe")) == reason
    live.clock.pass_by(hours=1)
    assert refusal(lambda: live.add("shirin", "welfare", None, ("approver",), by="olga")) == reason
    live.add("shirin", "welfare", None, ("approver",), by="uwe")  # nobody is there who could


def test_when_nobody_watches_any_more_the_place_begins_anew(live):
    """Three days after the last of them was gone."""
    live.everybody("olga", "wanda")
    revoke_account(live.office, "a_wanda", live.signed("wanda", REVOKE, change_digest("a_wanda")))
    live.clock.pass_by(hours=71)
    for body in ("welfare", "shelter"):
        assert refusal(lambda body=body: live.add("eve", body, "welfare", ("approver",), by="olga"))
    live.clock.pass_by(hours=1)
    live.add("eve", "shelter", "welfare", ("approver",), by="olga")


def test_when_the_places_last_account_is_gone_there_is_a_first_one_again(live):
    """Logged as that; whoever is left hears of it."""
    live.everybody("olga", "sam")
    live.clock.pass_by(days=400)
    live.add("new", "site", None)
    assert told(live.office, "account_added")[-1]["by"] is None


def test_a_signature_counts_for_five_minutes_and_not_before_it_is_given(live):
    """To the microsecond."""
    live.add("olga", "site", "site")
    wish = live.new("max")
    signed = live.signed("olga", ADD, wish.digest)
    live.clock.now = NOW + FRESH
    assert refusal(lambda: add_account(live.office, wish, signed)) == "the signature is not of now"
    live.clock.now = NOW - HOUR / 3600
    assert refusal(lambda: add_account(live.office, wish, signed)) == "the signature is not of now"
    live.clock.now = NOW + FRESH - HOUR / 3600
    add_account(live.office, wish, signed)


def test_the_name_is_sealed_and_in_no_leaf(live, keystore):
    """As the particulars of a person are; a row that was altered or exchanged does not open."""
    live.everybody("olga", "sam")
    rows = live.office.store.kept("account")
    assert not any(b"Olga" in row.sealed or b"Sam" in row.sealed for row in rows)
    assert "Olga" not in str([line.event for line in live.office.journal.read()])
    assert [each.name for each in accounts_held(live.office)] == ["Olga", "Sam"]
    olga, sam = rows
    live.office.store.put_kept([replace(olga, sealed=sam.sealed)])
    assert [each.name for each in accounts_held(live.office)] == ["Sam"]
    live.office.store.put_kept([olga])
    keystore.destroy("account:a_sam")
    assert [each.name for each in accounts_held(live.office)] == ["Olga"]


def test_adding_it_again_changes_nothing_and_another_of_that_id_or_name_is_refused(live):
    """One leaf, one account."""
    live.add("olga", "site", "site")
    live.clock.pass_by(minutes=1)
    live.add("olga", "site", "site")
    assert len(told(live.office, "account_added")) == 1
    with pytest.raises(InputError, match="another account of that id"):
        live.add("olga", "site", "site", ("maintainer",))
    with pytest.raises(InputError, match="account of that name"):
        add_account(live.office, replace(live.new("olga"), id="a_2", name=" OLGA "), None)


@pytest.mark.parametrize(
    ("other", "match"),
    [
        ({"public": "olga+00000000+AAAA"}, "no public key"),
        ({"organisation": "union"}, "union is new here"),
        ({"organisation": "union", "what": "club"}, "'club' is no kind of organisation"),
        ({"what": "welfare"}, "site is known here as what runs the place"),
        ({"roles": ("king",)}, "no such role"),
        ({"days": 0}, "lasts for 1 to 3660 days"),
        ({"days": 3661}, "lasts for 1 to 3660 days"),
        ({"id": "s_x"}, "has an id"),
        ({"same_as": "nobody"}, "no account called 'nobody'"),
    ],
)
def test_what_cannot_be_an_account_is_refused(live, other, match):
    """With what would do."""
    live.add("olga", "site", "site")
    wish = replace(live.new("max"), **other)
    with pytest.raises(InputError, match=match):
        add_account(live.office, wish, live.signed("olga", ADD, wish.digest))
    assert len(list_accounts(live.office)) == 1


@pytest.mark.parametrize("roles", [(), ("auditor", "operator"), ("approver", "maintainer")])
def test_roles_that_nobody_may_hold_together_are_refused(live, roles):
    """As the core says, when adding and when changing."""
    live.add("olga", "site", "site")
    assert refusal(lambda: live.add("max", "site", None, roles, by="olga"))
    if roles:
        digest = change_digest("a_olga", None, roles)
        signed = live.signed("olga", CHANGE, digest)
        assert refusal(lambda: change_account(live.office, "a_olga", None, roles, signed))


def test_a_second_account_of_somebody_is_known_as_theirs(live):
    """By another account, or by the subject that they are."""
    live.everybody("olga")
    live.add("olga2", "site", None, ("approver",), by="olga", same_as="Olga")
    one, two = (each.account for each in accounts_held(live.office))
    assert one.is_held_as(two)


def test_changing_makes_an_account_new_and_its_old_key_worthless(live):
    """Its holder may change the key, and not the roles."""
    live.everybody("olga", "sam", "wanda")
    old, new = live.keys["sam"], SigningKey.generate("sam")
    public = new.verifier.encoded()
    signed = live.signed("sam", CHANGE, change_digest("a_sam", public))
    after = change_account(live.office, "a_sam", public, (), signed)
    assert (after.new, after.added_at) == (True, live.clock.now)
    assert told(live.office, "account_changed")[0]["by"] == "a_sam"
    roles = change_digest("a_sam", None, ("operator",))
    assert refusal(lambda: change_account(live.office, "a_sam", None, ("operator",), live.signed("sam", CHANGE, roles)))
    live.keys["sam"] = new
    by_itself = live.signed("sam", CHANGE, roles)
    reason = "this account may not change that one"
    assert refusal(lambda: change_account(live.office, "a_sam", None, ("operator",), by_itself)) == reason
    live.keys["sam"] = old
    theirs = change_digest("a_wanda", public)
    assert refusal(lambda: change_account(live.office, "a_wanda", public, (), live.signed("olga", CHANGE, theirs)))
    assert refusal(lambda: change_account(live.office, "a_sam", public, ("operator",))).startswith("an account is cha")
    change_account(live.office, "a_sam", None, ("operator",), live.signed("olga", CHANGE, roles))
    assert accounts_held(live.office)[1].account.roles == {Role.OPERATOR}


def test_changing_to_what_it_is_changes_nothing(live):
    """It is not new again."""
    live.everybody("olga")
    assert not change_account(live.office, "Olga", live.keys["olga"].verifier.encoded(), ("operator",)).new
    assert told(live.office, "account_changed") == []


@pytest.mark.parametrize(("by", "may"), [("wanda", True), ("will", True), ("olga", False), ("uwe", False)])
def test_an_account_is_revoked_by_its_holder_and_by_its_organisation(live, by, may):
    """And by nobody else, the place least of all; once."""
    live.everybody("olga", "wanda", "uwe")
    live.add("will", "welfare", None, ("approver",), by="wanda")
    signed = live.signed(by, REVOKE, change_digest("a_wanda"))
    if not may:
        assert refusal(lambda: revoke_account(live.office, "a_wanda", signed)) == "this account may not change that one"
        return
    assert revoke_account(live.office, "a_wanda", signed).dead == "the credential was revoked"
    live.clock.pass_by(minutes=1)
    revoke_account(live.office, "a_wanda", signed)
    assert [each["by"] for each in told(live.office, "account_revoked")] == [f"a_{by}"]
    assert isinstance(directory_of(live.office).acting("a_wanda", (live.clock(),)), str)


def test_every_account_is_told_and_reads_it_with_its_key(live):
    """Nobody else does."""
    live.everybody("olga", "sam", "wanda")
    signed = live.signed("wanda", READ, notices_digest("a_wanda"))
    assert notices_for(live.office, signed) == ()  # it was not there when the others were added
    live.add("uwe", "union", "other", ("approver",), by="wanda")
    [notice] = notices_for(live.office, signed)
    assert (notice.text, notice.due) == ("Account a_uwe was added for union, as approver.", live.clock.now)
    assert refusal(lambda: notices_for(live.office, replace(signed, account="a_olga")))
    [row] = live.office.store.kept("notice", ["account:a_wanda"])
    assert row.dies_at == (live.clock.now + timedelta(days=365)).replace(minute=0, second=0, microsecond=0)


def test_while_the_log_fails_nobody_is_added(live, log):
    """And added when it works again."""
    log.weather = Weather.FAILS
    with pytest.raises(LogUnavailable):
        live.add("olga", "site", "site")
    assert list_accounts(live.office) == ()
    log.weather = Weather.WORKS
    live.add("olga", "site", "site")


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("error", [Killed(), DataFolderError("x")])
def test_cut_off_at_the_store_it_is_added_by_asking_again(live, keystore, log, clock, when, error):
    """The leaf is there before the account is."""
    faulty = Faulty(live.office.store, "put_kept", when, error)
    broken = World(office_of(faulty, keystore, log, clock), clock, live.keys)
    with pytest.raises(type(error)):
        broken.add("olga", "site", "site")
    assert len(told(live.office, "account_added")) == 1
    live.add("olga", "site", "site")
    assert [each.id for each in list_accounts(live.office)] == ["a_olga"]


def test_a_rehearsal_needs_no_signature_and_nobody_is_new(keystore, log):
    """As its grants skip their delays."""
    clock = Clock()
    world = World(office_of(MemoryStore(), keystore, log, clock), clock)
    assert not world.add("sam", "union", "other", ("approver",)).new
    assert not change_account(world.office, "a_sam", None, ("operator",)).new
    assert revoke_account(world.office, "a_sam").dead == "the credential was revoked"


def test_accounts_are_opened_a_few_times_however_many_are_listed(live, monkeypatch):
    """Not once more for each."""
    live.everybody()
    opened, whole = [], listing.directory_of
    monkeypatch.setattr(listing, "directory_of", lambda office: opened.append(1) or whole(office))
    assert len(list_accounts(live.office)) == 8
    assert len(opened) == 1


def test_a_signature_is_written_and_read_as_one_line(live):
    """And nothing else is one."""
    live.add("olga", "site", "site")
    signed = live.signed("olga", "approve", "ab" * 32)
    assert parse_signed(signed.encoded()) == signed
    for text in ("", "a b c", signed.encoded() + "x", signed.encoded().replace("+00:00", "Z")):
        with pytest.raises(InputError):
            parse_signed(text)


def test_the_signed_bytes_are_these():
    """They are documented: other programs sign them."""
    expected = b"beholden oversight v1\napprove\na_1\n" + b"ab" * 32 + b"\n2026-11-23T09:41:07.250000+00:00\n"
    assert signed_bytes("approve", "a_1", "ab" * 32, NOW) == expected
    assert Signed("a_1", NOW, b"x").encoded() == "a_1 2026-11-23T09:41:07.250000+00:00 eA=="


def test_a_record_says_everything_about_an_account(live):
    """Kept and read again it is the same, also revoked."""
    live.everybody("olga")
    held = accounts_held(live.office)[0]
    assert held.account.added_at == NOW
    assert account_record(held).values["revoked_at"] is None
