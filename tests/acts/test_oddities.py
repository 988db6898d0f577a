"""What is odd about how an account looks is told to those who watch it, once, and never to itself."""

from __future__ import annotations

from datetime import timedelta

import pytest

from beholden.acts.accounts.kept import full_hour
from beholden.acts.accounts.listed import READ, notices_digest, notices_for
from beholden.acts.displays.watched import Tie
from beholden.consent.oversight.displays import Way
from beholden.consent.oversight.rules import Act
from tests.acts.oversight import told
from tests.acts.test_displays import BROTHER, HER, MOTHER, STRANGER, looked, said, seen, town

__all__ = ["town"]

EVERYBODY = ("olga", "oscar", "max", "sam", "sue", "wanda", "uwe", "audrey")
WATCHERS = {"wanda", "uwe", "audrey"}
HOURS = "looked at people outside the hours of the place."
KNOWN = "looked at somebody whom its holder knows personally, or at their relatives."
SHOWN = "somebody whom its holder knows personally, or their relatives."
OFTEN = "The feed showed account a_olga one person, or their relatives, 12 times in a day."
AGAIN = "looked at one person, or their relatives, on 3 days or more."


def odd(world):
    return [(each["about"], each["by"]) for each in told(world.office, "overseen") if each["what"] == "oddity"]


def heard(world, words):
    """Who was told, and how often."""
    counts = {}
    for name in EVERYBODY:
        told_here = notices_for(world.office, world.signed(name, READ, notices_digest(f"a_{name}")))
        counts[name] = sum(words in each.text for each in told_here)
    return {name: count for name, count in counts.items() if count}


def test_whoever_knows_her_is_told_of_when_they_look(town):
    """At her relatives, too; the second look is no news."""
    said(town, "her", Tie.KNOWN, "a_olga")
    looked(town, "oscar", HER)
    assert odd(town) == []
    for _ in range(2):
        looked(town, "olga", BROTHER)
    assert odd(town) == [("personal_link", ["a_olga"])]
    assert heard(town, f"Account a_olga {KNOWN}") == dict.fromkeys(WATCHERS, 1)


def test_whoever_knows_her_is_told_of_once_a_day_when_the_feed_shows_her(town):
    """And once when it shows a relative; to nobody when it shows her to somebody else."""
    said(town, "her", Tie.KNOWN, "a_olga")
    looked(town, "oscar", HER, Way.FEED, seen(town, HER, "oscar"))
    for day in range(1, 3):
        for number in range(2):
            for subject in (HER, BROTHER):
                looked(town, "olga", subject, Way.FEED, seen(town, subject, f"{day}{number}"))
            town.clock.pass_by(minutes=30)
        assert odd(town) == [("personal_link", ["a_olga"])] * 2 * day
        assert heard(town, f"The feed showed account a_olga {SHOWN}") == dict.fromkeys(WATCHERS, 2 * day)
        town.clock.pass_by(hours=23)


def test_whoever_knows_her_is_told_of_once_a_day_when_a_playback_shows_her(town):
    """Of the first, which is odd by itself, not twice."""
    said(town, "her", Tie.KNOWN, "a_olga")
    for pause in (0, 1, 23):
        town.clock.pass_by(hours=pause)
        looked(town, "olga", HER, Way.PLAYBACK)
    assert odd(town) == [("personal_link", ["a_olga"])] * 2
    assert heard(town, f"Account a_olga {KNOWN}") == dict.fromkeys(WATCHERS, 1)
    assert heard(town, f"A playback showed account a_olga {SHOWN}") == dict.fromkeys(WATCHERS, 1)


def test_one_family_that_the_feed_shows_twelve_times_in_a_day_is_told_once_a_day_and_shown_on(town):
    """Not eleven times; another desk counts for itself, and playback is counted elsewhere."""

    def shown(name, number):
        town.clock.pass_by(minutes=15)
        subject = HER if number % 2 else MOTHER
        assert looked(town, name, subject, Way.FEED, seen(town, subject, f"{name}{number}")).name is not None

    def alarms():
        return [each["about"] for each in told(town.office, "overseen") if each["what"] == "display_alarm"]

    for number in range(11):
        shown("olga", number)
    shown("oscar", 0)
    looked(town, "olga", HER, Way.PLAYBACK)
    assert alarms() == []
    for number in range(11, 20):
        shown("olga", number)
    assert alarms() == ["feed"]
    assert heard(town, OFTEN) == dict.fromkeys(WATCHERS, 1)
    town.clock.pass_by(hours=24)
    for number in range(20, 32):
        assert alarms() == ["feed"]
        shown("olga", number)
    assert alarms() == ["feed"] * 2


def test_what_is_counted_of_a_day_dies_with_it_and_tells_no_moment(town):
    """On a full hour; neither who was shown her nor how often is to be read in the row."""
    for number in "12":
        looked(town, "olga", HER, Way.FEED, seen(town, HER, number))
    [row] = town.office.store.kept("feed_day")
    assert (row.about, row.dies_at) == (HER, full_hour(town.clock()) + timedelta(hours=24))
    assert not any(word in row.sealed + row.id.encode() for word in (b"olga", b"times"))
    town.office.store.purge(row.dies_at)
    assert town.office.store.kept("feed_day") == ()


def test_a_look_at_night_is_told(town):
    """By the clock of the house; what is pushed at night is not asked for."""
    town.clock.now = town.clock.now.replace(hour=23)
    looked(town, "olga", STRANGER, Way.FEED, seen(town, STRANGER))
    assert odd(town) == []
    looked(town, "olga", HER, Way.CLI)
    assert odd(town) == [("odd_hours", ["a_olga"])]
    assert heard(town, f"Account a_olga {HOURS}") == dict.fromkeys(WATCHERS, 1)


def test_one_family_on_three_days_is_told(town):
    """Once a day is enough for that; two accounts of one holder are one."""
    town.add("olga2", "site", None, ("operator",), by="olga", same_as="Olga")
    town.clock.pass_by(hours=72)
    for name, subject in (("olga", HER), ("olga2", MOTHER), ("olga", BROTHER)):
        assert odd(town) == []
        looked(town, name, subject)
        town.clock.pass_by(days=1)
    assert odd(town) == [("repeat_target", ["a_olga"])]
    assert heard(town, f"Account a_olga {AGAIN}") == dict.fromkeys(WATCHERS, 1)


@pytest.mark.parametrize("why", ["link", "looks"])
def test_whoever_asks_for_an_act_about_somebody_they_pursue_is_told_of(town, why):
    """Not for the hour: whoever is missed at night is missed at night."""
    if why == "link":
        said(town, "her", Tie.KNOWN, "a_olga")
    for _ in range(2 if why == "looks" else 0):
        looked(town, "olga", HER)
        town.clock.pass_by(days=1)
    town.clock.now = town.clock.now.replace(hour=23) + timedelta(days=1)
    particulars = (("notice", "n1"), ("seconds", "60"))
    town.ask("olga", Act.DELAY_NOTICE, particulars, STRANGER)
    assert odd(town) == []
    town.ask("olga", Act.DELAY_NOTICE, particulars, HER)
    town.ask("olga", Act.DELAY_NOTICE, particulars, HER)
    assert odd(town) == [("personal_link" if why == "link" else "repeat_target", ["a_olga"])]
    assert heard(town, "It asks for delaying a notice to a person.") == dict.fromkeys(WATCHERS, 1)
