"""All that is shown of accounts and of their notices; and how one that is not there is said not to be."""

from __future__ import annotations

from datetime import timedelta

import pytest

from beholden.acts.accounts.change import REVOKE, change_digest, revoke_account
from beholden.acts.accounts.known import find_account
from beholden.acts.accounts.listed import Listed, account_id, list_accounts
from beholden.model.errors import InputError
from beholden.storage.memory import MemoryStore
from tests.acts.oversight import World, told
from tests.acts.test_displays import HER, known
from tests.acts.words import said_by
from tests.people import NOW, office_of

YEAR, HOURS = timedelta(days=365), timedelta(hours=72)


@pytest.fixture
def world(keystore, log, clock):
    return World(office_of(MemoryStore(rehearsal=False), keystore, log, clock), clock)


def test_an_account_is_listed_with_all_that_it_is_and_whether_it_acts(world):
    """By name; new for 72 hours, and then not; dead once it is revoked. A subject's account has no name."""
    known(world, HER)
    world.add("olga", "site", "site", ("operator", "maintainer"))
    world.add("uwe", "union", "other", ("approver",), by="olga")
    world.add("her", "residents", "other", ("subject",), by="olga", same_as=HER)
    keys = {each["account"]: each["key"] for each in told(world.office, "account_added")}

    def shown(name, called, organisation, what, roles, dead=None, new=True):
        return Listed(f"a_{name}", called, organisation, what, roles, keys[f"a_{name}"], NOW, NOW + YEAR, dead, new)

    olga = ("olga", "Olga", "site", "runs the place", ("maintainer", "operator"))
    uwe = ("uwe", "Uwe", "union", "another organisation", ("approver",))
    her = ("her", "a_her", "residents", "another organisation", ("subject",))
    assert list_accounts(world.office) == (shown(*olga), shown(*uwe), shown(*her))
    world.clock.now = NOW + HOURS
    assert list_accounts(world.office) == tuple(shown(*each, new=False) for each in (olga, uwe, her))
    revoke_account(world.office, "a_uwe", world.signed("uwe", REVOKE, change_digest("a_uwe")))
    assert list_accounts(world.office)[1] == shown(*uwe, dead="the credential was revoked", new=False)


def test_an_account_is_found_by_its_id_or_by_its_name_while_it_is_in_use(world):
    """However that is written; else with where they are listed."""
    world.add("olga", "site", "site")
    world.add("uwe", "union", "other", ("approver",), by="olga")
    assert [account_id(world.office, each) for each in ("a_uwe", "Uwe", " uWE ")] == ["a_uwe"] * 3
    revoke_account(world.office, "a_uwe", world.signed("uwe", REVOKE, change_digest("a_uwe")))
    assert account_id(world.office, "a_uwe") == "a_uwe"
    for who in ("Uwe", "Nobody"):
        assert said_by(lambda who=who: find_account(world.office, who)) == (
            InputError,
            f"there is no account called {who!r} here",
            "List them with `beholden account list`.",
        )
