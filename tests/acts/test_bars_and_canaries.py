"""Silent bars, canaries and relatives through the real acts."""

from __future__ import annotations

import pytest

from beholden.acts.accounts_listed import READ, notices_digest, notices_for
from beholden.acts.displays import Shown
from beholden.acts.displays_watched import (
    BAR,
    CANARY,
    LIFT,
    RELATE,
    add_canary,
    bar,
    bar_digest,
    canary_digest,
    lift_bar,
    relate,
    related_digest,
)
from tests.acts.test_accounts import refusal
from tests.acts.test_displays import HER, MOTHER, STRANGER, looked, noticed, town

__all__ = ["town"]


@pytest.fixture
def barred(town):
    """She has an account, and bars Olga."""
    town.add("her", "residents", "other", ("subject",), by="olga", same_as=HER)
    bar(town.office, "a_olga", town.signed("her", BAR, bar_digest("a_olga")))
    return town


def test_whom_she_bars_sees_nobody_and_is_told_nothing(barred):
    """The answer equals that about nobody; the log knows; others see her."""
    assert looked(barred, "olga", HER) == Shown()
    assert noticed(barred) == ["barred_look"]
    assert barred.office.store.kept("display") == ()
    assert looked(barred, "max", HER) == Shown("Her")
    assert looked(barred, "olga", MOTHER) == Shown("Mother")


def test_a_bar_is_her_own_and_can_be_lifted(barred):
    """Nobody bars for another."""
    assert (
        refusal(lambda: bar(barred.office, "a_max", barred.signed("olga", BAR, bar_digest("a_max"))))
        == "only a subject bars an account"
    )
    lift_bar(barred.office, "a_olga", barred.signed("her", LIFT, bar_digest("a_olga")))
    assert looked(barred, "olga", HER) == Shown("Her")


def test_she_sees_herself_without_a_count(barred):
    """As often as she likes."""
    assert [looked(barred, "her", HER) for _ in range(9)] == [Shown("Her")] * 9
    assert barred.office.store.kept("display") == ()


# Canaries


def test_a_canary_answers_like_anybody_and_alarms_at_once(town):
    """Those who watch hear of it; nobody but an auditor makes one."""
    reason = "only an auditor says so"
    assert (
        refusal(lambda: add_canary(town.office, STRANGER, town.signed("olga", CANARY, canary_digest(STRANGER))))
        == reason
    )
    add_canary(town.office, STRANGER, town.signed("audrey", CANARY, canary_digest(STRANGER)))
    assert looked(town, "olga", STRANGER) == Shown("Stranger")
    assert noticed(town) == ["shown", "canary_touched"]
    signed = town.signed("wanda", READ, notices_digest("a_wanda"))
    assert notices_for(town.office, signed)[-1].text.startswith("Account a_olga looked at a person who does not exist")


def test_relatives_are_named_by_an_operator(town):
    """And not without a signature."""
    pair = related_digest(HER, STRANGER)
    for signed in (None, town.signed("sam", RELATE, pair)):
        assert refusal(lambda s=signed: relate(town.office, HER, STRANGER, s)) == "only an operator says so"
