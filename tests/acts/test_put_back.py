"""A backup that is put back brings no account back that was revoked, nor its old key; and what a withdrawal leaves."""

from __future__ import annotations

import pytest

from beholden.acts.accounts.change import CHANGE, REVOKE, change_account, change_digest, revoke_account
from beholden.acts.accounts.known import accounts_held, end_before
from beholden.acts.accounts.listed import list_accounts
from beholden.acts.displays.show import Shown
from beholden.acts.grants.withdraw import withdraw
from beholden.acts.recover import recover
from beholden.consent.keystore import Keystore
from beholden.model.errors import KeystoreError
from tests.acts.faults import Faulty, Killed
from tests.acts.oversight import World
from tests.acts.test_accounts import refusal
from tests.acts.test_displays import HER, MOTHER, looked, town
from tests.people import office_of

__all__ = ["town"]


def revoke(world, name, office=None):
    revoke_account(office or world.office, f"a_{name}", world.signed("olga", REVOKE, change_digest(f"a_{name}")))


def dead(world):
    everybody = list_accounts(world.office)
    return {each.id: each.dead for each in everybody if each.dead is not None and "police" not in each.dead}


def test_an_account_that_was_revoked_stays_so(town, log, tmp_path):
    """Today's keystore knows, also when it is opened anew."""
    backup = town.office.store.kept("account")
    revoke(town, "max")
    town.office.store.put_kept(backup)
    assert dead(town) == {"a_max": "the credential was revoked"}
    assert refusal(lambda: looked(town, "max", HER)) == "the credential was revoked"
    assert looked(town, "olga", HER) == Shown("Her")
    again = World(office_of(town.office.store, Keystore.open(tmp_path / "keystore"), log, town.clock), town.clock)
    assert dead(again) == {"a_max": "the credential was revoked"}


def test_a_key_that_was_replaced_signs_nothing_again(town):
    """Nor do roles come back; the holder is added anew."""
    backup = town.office.store.kept("account")
    stolen = town.keys.pop("oscar")
    wish = town.new("oscar")
    signed = town.signed("olga", CHANGE, change_digest("a_oscar", wish.public))
    change_account(town.office, "a_oscar", wish.public, (), signed)
    assert refusal(lambda: looked(town, "oscar", HER)) == "a new account is shown names after 72 hours"
    town.clock.pass_by(hours=72)
    assert looked(town, "oscar", HER) == Shown("Her")
    town.office.store.put_kept(backup)
    town.keys["oscar"] = stolen
    assert refusal(lambda: looked(town, "oscar", HER)) == "the credential was revoked"


def test_whoever_is_added_after_the_backup_is_unknown(town):
    """And everybody else is as they were."""
    before = accounts_held(town.office)
    assert end_before(town.office) == 0
    town.office.store.put_kept(town.office.store.kept("account"))
    assert accounts_held(town.office) == before


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("error", [Killed(), KeystoreError("x")])
def test_cut_off_before_the_keystore_knows_it_is_told_it_later(town, keystore, log, when, error):
    """By the same call, or by whoever opens the folder next."""
    backup = town.office.store.kept("account")
    faulty = Faulty(keystore, "create_keys", when, error)
    with pytest.raises(type(error)):
        revoke(town, "max", office_of(town.office.store, faulty, log, town.clock))
    recover(town.office) if isinstance(error, Killed) else revoke(town, "max")
    town.office.store.put_kept(backup)
    assert dead(town) == {"a_max": "the credential was revoked"}


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_withdrawal_leaves_no_row_about_the_person(town, keystore, log, when):
    """Displays, notices, ties; cut off, it is carried on."""
    for _ in range(3):
        looked(town, "olga", HER)
    looked(town, "oscar", MOTHER)
    kinds = ("display", "notice", "tie")
    assert [len(town.office.store.kept(kind, [HER])) for kind in kinds] == [3, 2, 1]
    kept = len(town.office.store.kept("notice"))
    with pytest.raises(Killed):
        withdraw(office_of(Faulty(town.office.store, "drop_about", when, Killed()), keystore, log, town.clock), HER)
    recover(town.office)
    assert [len(town.office.store.kept(kind, [HER])) for kind in kinds] == [0, 0, 0]
    assert len(town.office.store.kept("notice")) == kept - 2
    assert [each.about for each in town.office.store.kept("display")] == [MOTHER]
