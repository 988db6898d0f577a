"""Accounts: when they count, who is behind them, and what nobody holds together."""

from __future__ import annotations

import pytest

from beholden.consent.oversight.accounts import PersonId, Role, changed, roles_refusal
from tests.consent.oversight.world import HOUR, NOW, TICK, account, directory


def test_a_credential_counts_from_its_first_moment_to_its_last():
    """Added, expired, revoked: to the microsecond."""
    one = account("x", added_at=NOW, expires_at=NOW + HOUR)
    assert one.dead_at(NOW - TICK) == "the account was added later"
    assert one.dead_at(NOW) is None
    assert one.dead_at(NOW + HOUR - TICK) is None
    assert one.dead_at(NOW + HOUR) == "the credential has expired"
    revoked = account("x", revoked_at=NOW)
    assert revoked.dead_at(NOW - TICK) is None
    assert revoked.dead_at(NOW) == "the credential was revoked"


def test_another_key_or_role_makes_an_account_new():
    """Whoever slips their key into an old account waits for 72 hours, too."""
    old = account("x", "union", Role.APPROVER)
    rekeyed, promoted = changed(old, NOW, key="another"), changed(old, NOW, roles={Role.OPERATOR})
    assert not old.is_new_at(NOW)
    assert (rekeyed.key, rekeyed.roles, rekeyed.added_at) == ("another", old.roles, NOW)
    assert (promoted.key, promoted.roles, promoted.added_at) == (old.key, {Role.OPERATOR}, NOW)
    assert rekeyed.is_new_at(NOW + 72 * HOUR - TICK)
    assert not rekeyed.is_new_at(NOW + 72 * HOUR)


@pytest.mark.parametrize(
    ("roles", "reason"),
    [
        ((), "an account has a role"),
        ((Role.AUDITOR, Role.OPERATOR), "whoever audits does nothing of what is audited"),
        ((Role.AUDITOR, Role.APPROVER), "whoever audits does nothing of what is audited"),
        ((Role.AUDITOR, Role.MAINTAINER), "whoever audits does nothing of what is audited"),
        ((Role.APPROVER, Role.MAINTAINER), "whoever maintains the machines does not approve"),
        (tuple(Role), "whoever audits does nothing of what is audited"),
        ((Role.AUDITOR, Role.SUBJECT), None),
        ((Role.OPERATOR, Role.APPROVER), None),
        ((Role.OPERATOR, Role.MAINTAINER), None),
        ((Role.MAINTAINER,), None),
    ],
)
def test_no_account_can_do_everything(roles, reason):
    """I11."""
    assert roles_refusal(roles) == reason


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ({}, False),
        ({"person": PersonId("sam")}, True),
        ({"key": "key of sam"}, True),
    ],
)
def test_one_person_or_one_key_is_one(other, same):
    """Whatever the accounts are called."""
    sam = account("sam")
    assert sam.is_held_as(account("x", **other)) == same
    assert sam.is_held_as(account("sam", person=PersonId("y"), key="z"))


def test_everyone_is_who_may_act_by_id():
    """Not the police, not the locked, not the expired."""
    world = directory(account("gone", expires_at=NOW), locked={"will"})
    names = [each.id for each in world.everyone(NOW)]
    assert names == ["anna", "audrey", "max", "olga", "sam", "shirin", "sue", "uwe", "wanda"]


def test_an_alarm_goes_to_auditors_and_to_approvers_of_other_organisations():
    """Never to whoever it is about, with another account, either."""
    world = directory(
        account("olga audits", "union", Role.AUDITOR, person=PersonId("olga")),
        account("in house", "site", Role.AUDITOR),
    )
    told = [each.id for each in world.watchers(world.accounts["olga"], NOW)]
    assert told == ["audrey", "in house", "shirin", "uwe", "wanda", "will"]


def test_an_account_acts_only_if_it_counts_at_every_moment():
    """And the reason is that of the first at which it does not."""
    world = directory(account("x", expires_at=NOW))
    assert world.acting("x", (NOW - HOUR, NOW)) == "the credential has expired"
    assert world.acting("x", (NOW - HOUR,)) == world.accounts["x"]
    assert world.acting("y", ()) == "there is no such account"
