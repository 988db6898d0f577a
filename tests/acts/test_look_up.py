"""Somebody looked up by name: a display, for an account that signed; by id, without a name."""

from __future__ import annotations

import pytest

from beholden.acts.displays.look_up import LOOK_UP, look_up, who_digest
from beholden.acts.displays.watched import Tie
from beholden.acts.grants.people import list_people, people
from beholden.model.errors import PolicyRefused, UnknownSubject
from tests.acts.oversight import told
from tests.acts.test_accounts import refusal
from tests.acts.test_displays import HER, noticed, said, town  # noqa: F401 - a fixture

NAMES = ("Her", "Mother", "Brother", "Stranger")


def by(world, name, who):
    world.clock.pass_by(seconds=1)
    return look_up(world.office, who, world.signed(name, LOOK_UP, who_digest(who)))


def test_no_list_of_a_live_folder_has_a_name(town):  # noqa: F811
    """Whoever asks the keeper gets ids, and whether what is kept opens."""
    for listed in (people(town.office), list_people(town.office), (look_up(town.office, HER), by(town, "olga", HER))):
        assert not any(name in repr(listed) for name in NAMES)
        assert all(person.opens for person in listed)
    assert noticed(town) == []


def test_without_an_account_nobody_is_found_by_name(town):  # noqa: F811
    """Nor does the answer tell whether there is somebody of that name."""
    answers = {refusal(lambda who=who: look_up(town.office, who)) for who in ("Her", "her", "Nobody")}
    assert answers == {"a person is shown to a named account only"}


def test_a_name_looked_up_counts_as_a_display(town):  # noqa: F811
    """Three times; the fourth is refused, and the log says so about her."""
    assert [by(town, "olga", "her").label for _ in range(3)] == ["Her"] * 3
    with pytest.raises(PolicyRefused, match="too often"):
        by(town, "olga", "Her")
    assert noticed(town) == ["shown", "shown", "shown", "display_alarm", "display_blocked", "display_alarm"]
    shown = [each for each in told(town.office, "overseen") if each["what"] != "tie_said"]
    assert {each["subject"] for each in shown} == {HER}


def test_to_whom_she_barred_she_is_not_there(town):  # noqa: F811
    """The same words as about nobody."""
    said(town, "her", Tie.BARRED, "a_olga")
    for who in ("Her", "Nobody"):
        with pytest.raises(UnknownSubject, match=f"there is nobody called '{who}' here"):
            by(town, "olga", who)
    assert by(town, "oscar", "Her").id == HER


def test_a_signature_for_one_name_is_none_for_another(town):  # noqa: F811
    """It is of exactly what was asked."""
    signed = town.signed("olga", LOOK_UP, who_digest("Her"))
    assert refusal(lambda: look_up(town.office, "Mother", signed)).startswith("the signature is not")
