"""What a person says about who may look at them, through the real acts: silent, sealed, logged first."""

from __future__ import annotations

import pytest

from beholden.acts.accounts.change import CHANGE, REVOKE, change_account, change_digest, revoke_account
from beholden.acts.displays.show import LOOK, Look, Shown, show
from beholden.acts.displays.ties import MOST, READ, TAKE_BACK, Said, say, take_back, tie_digest, ties, ties_digest
from beholden.acts.displays.watched import Tie, family_of
from beholden.acts.grants.withdraw import withdraw
from beholden.consent.oversight.displays import BLOCKED, Way
from beholden.consent.registry import SubjectState
from beholden.ledger.memory import Weather
from beholden.ledger.note import SigningKey
from beholden.model.errors import DataFolderError, InputError, KeystoreError, LogUnavailable, PolicyRefused
from beholden.model.ids import SubjectId
from beholden.storage.memory import MemoryStore
from tests.acts.faults import Faulty, Killed
from tests.acts.oversight import World, told
from tests.acts.test_accounts import refusal
from tests.acts.test_displays import BROTHER, HER, MOTHER, STRANGER, known, looked, said, town
from tests.people import LOBBY, Clock, office_of

__all__ = ["town"]


def back(world, name, tie, other):
    take_back(world.office, tie, other, None, world.signed(name, TAKE_BACK, tie_digest(tie, other)))


def read(world, name, subject=None):
    return ties(world.office, subject, world.signed(name, READ, ties_digest(f"a_{name}")))


@pytest.fixture
def barred(town):
    """She bars Olga."""
    said(town, "her", Tie.BARRED, "a_olga")
    return town


def noticed(world):
    return [each["what"] for each in told(world.office, "overseen")]


def texts(world, account):
    return [row.sealed for row in world.office.store.kept("notice", [f"account:a_{account}"])]


def test_whom_she_bars_sees_what_it_would_see_of_nobody_and_is_told_nothing(town):
    """The answer equals that about nobody; the log knows; others see her."""
    before = texts(town, "olga")
    said(town, "her", Tie.BARRED, "a_olga")
    assert looked(town, "olga", HER) == looked(town, "olga", SubjectId("s_nobody")) == Shown()
    assert noticed(town)[-2:] == ["tie_said", "barred_look"]
    assert (town.office.store.kept("display"), texts(town, "olga")) == ((), before)
    assert looked(town, "oscar", HER) == Shown("Her")
    assert looked(town, "olga", MOTHER) == Shown("Mother")


def test_a_look_that_is_repeated_after_the_bar_sees_nobody(town):
    """The same signature."""
    asked = Look(HER, Way.CLI, LOBBY)
    signed = town.signed("olga", LOOK, asked.digest)
    assert show(town.office, asked, signed) == Shown("Her")
    said(town, "her", Tie.BARRED, "a_olga")
    assert show(town.office, asked, signed) == Shown()


def test_all_accounts_of_whoever_is_barred_are(barred):
    """Another name is no way around."""
    barred.add("olga2", "site", None, ("operator",), by="olga", same_as="Olga")
    barred.clock.pass_by(hours=72)
    assert looked(barred, "olga2", HER) == Shown()


def test_a_row_tells_neither_whom_she_bars_nor_that_it_is_a_bar(barred):
    """And her own account reads it, no other."""
    rows = barred.office.store.kept("tie", [HER])
    assert not any(b"olga" in row.sealed or "olga" in row.id or "bar" in row.id for row in rows)
    assert Said(Tie.BARRED, "a_olga") in read(barred, "her")
    assert refusal(lambda: read(barred, "olga")).startswith("only the person can read what they said")
    assert refusal(lambda: read(barred, "olga", HER)).startswith("only the person can read what they said")
    assert refusal(lambda: read(barred, "mother", HER)) == "nobody speaks for somebody else"
    assert refusal(lambda: ties(barred.office, HER)) == "only the person can read what they said"


def test_nobody_bars_for_another(town):
    """Neither an operator, nor another subject, nor without a signature."""
    assert refusal(lambda: said(town, "olga", Tie.BARRED, "a_max")).startswith("only the person can say")
    assert refusal(lambda: said(town, "mother", Tie.BARRED, "a_max", HER)) == "nobody speaks for somebody else"
    assert refusal(lambda: say(town.office, Tie.BARRED, "a_max", HER)).startswith("only the person can say")
    wrong = town.signed("her", TAKE_BACK, tie_digest(Tie.BARRED, "a_max"))
    assert refusal(lambda: say(town.office, Tie.BARRED, "a_max", None, wrong)).startswith("the signature is not")
    with pytest.raises(InputError):
        said(town, "her", Tie.BARRED, "a_nobody")
    assert refusal(lambda: said(town, "her", Tie.BARRED, "a_her")) == "that is an account of their own"
    assert refusal(lambda: said(town, "her", Tie.RELATIVE, HER)) == "nobody is a relative of themselves"


def test_a_bar_is_lifted_by_the_account_that_set_it(barred):
    """An operator who adds an account in her name lifts nothing with it; she is told of the account."""
    barred.add("false", "site", None, ("subject",), by="olga", same_as=HER)
    reason = "it is taken back by the account that said it, or after 72 hours when that is gone"
    assert refusal(lambda: back(barred, "false", Tie.BARRED, "a_olga")) == reason
    barred.clock.pass_by(hours=80)
    assert refusal(lambda: back(barred, "false", Tie.BARRED, "a_olga")) == reason
    assert len(barred.office.store.kept("notice", [HER])) == 2  # of either account
    back(barred, "her", Tie.BARRED, "a_olga")
    back(barred, "her", Tie.BARRED, "a_olga")
    assert looked(barred, "olga", HER) == Shown("Her")
    assert noticed(barred).count("tie_taken_back") == 1


def test_when_her_account_is_gone_another_of_hers_lifts_it_after_three_days(barred):
    """She lost her key."""
    signed = barred.signed("her", REVOKE, change_digest("a_her"))
    revoke_account(barred.office, "a_her", signed)
    barred.add("her2", "residents", None, ("subject",), by="mother", same_as=HER)
    assert "72 hours" in refusal(lambda: back(barred, "her2", Tie.BARRED, "a_olga"))
    barred.clock.pass_by(hours=72)
    back(barred, "her2", Tie.BARRED, "a_olga")
    assert looked(barred, "olga", HER) == Shown("Her")


def test_her_account_with_another_key_lifts_nothing_for_three_days(barred):
    """Whoever may change it could have put the key there."""
    key = SigningKey.generate("her")
    public = key.verifier.encoded()
    signed = barred.signed("her", CHANGE, change_digest("a_her", public))
    change_account(barred.office, "a_her", public, (), signed)
    barred.keys["her"] = key
    assert "72 hours" in refusal(lambda: back(barred, "her", Tie.BARRED, "a_olga"))
    barred.clock.pass_by(hours=72)
    back(barred, "her", Tie.BARRED, "a_olga")


def test_she_sees_herself_without_a_count(barred):
    """As often as she likes."""
    assert [looked(barred, "her", HER) for _ in range(9)] == [Shown("Her")] * 9
    assert barred.office.store.kept("display") == ()


def test_relatives_count_together_until_that_is_taken_back(town):
    """Either way round; each of them reads it."""
    assert family_of(town.office, HER) == {HER, MOTHER, BROTHER}
    assert read(town, "mother") == (Said(Tie.RELATIVE, BROTHER), Said(Tie.RELATIVE, HER))
    assert [looked(town, "olga", each).refused for each in (BROTHER, MOTHER, BROTHER, HER)] == [None] * 3 + [BLOCKED]
    back(town, "her", Tie.RELATIVE, MOTHER)
    assert looked(town, "oscar", HER) == Shown("Her")
    assert family_of(town.office, HER) == {HER}
    assert looked(town, "olga", HER) == Shown("Her")


def test_whoever_is_said_to_be_a_relative_may_say_no(town):
    """Not with an account of today, which reads nothing either."""
    town.add("other", "residents", None, ("subject",), by="mother", same_as=MOTHER)
    assert "72 hours" in refusal(lambda: back(town, "other", Tie.RELATIVE, HER))
    assert "72 hours" in refusal(lambda: read(town, "other"))
    town.clock.pass_by(hours=72)
    back(town, "other", Tie.RELATIVE, HER)
    assert family_of(town.office, HER) == {HER}


def test_a_damaged_key_of_a_relative_stops_no_withdrawal(town, keystore, monkeypatch):
    """Her own is destroyed before anybody else's is asked for."""
    whole = keystore.data_keys

    def damaged(subjects):
        asked = list(subjects)
        if MOTHER in asked:
            raise KeystoreError("damaged")
        return whole(asked)

    monkeypatch.setattr(keystore, "data_keys", damaged)
    withdraw(town.office, HER)
    assert town.office.store.subject(HER).state is SubjectState.WITHDRAWN
    assert keystore.bucket(HER) is None


def test_a_family_has_its_limit(town):
    """One person's word does not join the whole house."""
    known(town, *(SubjectId(f"s_{number}") for number in range(20)))
    for number in range(MOST[Tie.RELATIVE] - 1):
        said(town, "her", Tie.RELATIVE, f"s_{number}")
    assert "are enough" in refusal(lambda: said(town, "her", Tie.RELATIVE, "s_19"))


def test_whoever_withdraws_leaves_no_tie(barred):
    """Not with their relatives either."""
    withdraw(barred.office, HER)
    assert barred.office.store.kept("tie", [HER]) == ()
    assert read(barred, "mother") == (Said(Tie.RELATIVE, BROTHER),)
    assert refusal(lambda: said(barred, "mother", Tie.RELATIVE, HER)).startswith("they withdrew")


def test_who_knows_her_may_say_so_themselves(town):
    """And nobody says it of a third."""
    say(town.office, Tie.KNOWN, "a_olga", STRANGER, town.signed("olga", "tie", tie_digest("known", "a_olga", STRANGER)))
    assert refusal(lambda: said(town, "olga", Tie.KNOWN, "a_max", STRANGER)).startswith("only the person")


def test_in_a_rehearsal_anybody_says_it_for_the_person(keystore, log):
    """And reads it."""
    clock = Clock()
    world = World(office_of(MemoryStore(), keystore, log, clock), clock)
    known(world, HER, MOTHER)
    world.add("olga", "site", "site")
    say(world.office, Tie.BARRED, "Olga", HER)
    say(world.office, Tie.RELATIVE, MOTHER, HER)
    assert ties(world.office, HER) == (Said(Tie.BARRED, "a_olga"), Said(Tie.RELATIVE, MOTHER))
    assert looked(world, "olga", HER) == Shown()
    take_back(world.office, Tie.BARRED, "Olga", HER)
    assert looked(world, "olga", HER) == Shown("Her")
    assert show(world.office, Look(MOTHER, Way.CLI, LOBBY)) == Shown("Mother")
    with pytest.raises(PolicyRefused):
        say(world.office, Tie.BARRED, "Olga")


# Log before act


def test_while_the_log_fails_nothing_is_said(town, log):
    """And what was said stays so."""
    log.weather = Weather.FAILS
    for act in (lambda: said(town, "her", Tie.BARRED, "a_olga"), lambda: back(town, "her", Tie.RELATIVE, MOTHER)):
        with pytest.raises(LogUnavailable):
            act()
    log.weather = Weather.WORKS
    assert read(town, "her") == (Said(Tie.RELATIVE, MOTHER),)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("error", [Killed(), DataFolderError("x")])
def test_cut_off_it_is_said_by_the_same_call(town, keystore, log, when, error):
    """Both rows of relatives, or none; the leaf is there before."""
    faulty = World(office_of(Faulty(town.office.store, "put_kept", when, error), keystore, log, town.clock), town.clock)
    faulty.keys = town.keys
    with pytest.raises(type(error)):
        said(faulty, "her", Tie.RELATIVE, STRANGER)
    assert len(town.office.store.kept("tie", [STRANGER])) == (when == "after")
    assert [each["what"] for each in told(town.office, "overseen")][-2:] == ["tie_said"] * 2
    said(town, "her", Tie.RELATIVE, STRANGER)
    assert len(town.office.store.kept("tie", [STRANGER])) == 1
