"""Every display of a person through the real acts: signed for, logged, counted, blocked; bars and canaries."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from beholden.acts.accounts.listed import READ, notices_digest, notices_for
from beholden.acts.displays.show import LOOK, Look, Shown, show
from beholden.acts.displays.ties import SAY, say, tie_digest
from beholden.acts.displays.watched import Tie
from beholden.acts.sightings.presence import Sighting, sealed_sighting
from beholden.consent.oversight.displays import BLOCKED, Way
from beholden.consent.registry import Particulars, Subject, SubjectState
from beholden.consent.seal import seal_particulars
from beholden.ledger.memory import Weather
from beholden.model.errors import DataFolderError, LogUnavailable, PolicyRefused
from beholden.model.ids import CameraId, GrantId, PlaceId, SightingId, SubjectId
from beholden.storage.memory import MemoryStore
from tests.acts.faults import Faulty, Killed
from tests.acts.oversight import ANOTHER, World, told
from tests.acts.test_accounts import refusal
from tests.people import LOBBY, Clock, office_of

HER, MOTHER, BROTHER, STRANGER = map(SubjectId, ("s_her", "s_mother", "s_brother", "s_stranger"))
BLOCK = Shown(refused=BLOCKED)


def known(world, *subjects):
    for subject in subjects:
        world.office.keystore.create_key(subject)
        key = world.office.keystore.data_key(subject)
        name = seal_particulars(key, Particulars(subject.removeprefix("s_").title()), subject)
        world.office.store.add_subject(Subject(subject, SubjectState.ENROLLED, name, world.clock()))


@pytest.fixture
def town(live):
    """Olga and Oscar are operators here."""
    live.everybody()
    known(live, HER, MOTHER, BROTHER, STRANGER)
    live.add("her", "residents", "other", ("subject",), by="olga", same_as=HER)
    live.add("mother", "residents", None, ("subject",), by="her", same_as=MOTHER)
    live.add("oscar", *ANOTHER, by="olga")
    live.clock.pass_by(hours=100)
    said(live, "her", Tie.RELATIVE, MOTHER)
    said(live, "mother", Tie.RELATIVE, BROTHER)
    return live


def said(world, name, tie, other, subject=None):
    """Signed by the account of that name."""
    say(world.office, tie, other, subject, world.signed(name, SAY, tie_digest(tie, other, subject)))


def looked(world, name, subject, way=Way.LOOK_UP, sighting=None, office=None):
    """A moment later than the last."""
    world.clock.pass_by(seconds=1)
    asked = Look(subject, way, LOBBY, sighting)
    return show(office or world.office, asked, world.signed(name, LOOK, asked.digest))


def seen(world, subject, number="1", lives=timedelta(hours=24), place=LOBBY):
    """A sighting of somebody."""
    sighting, now = SightingId(f"{subject}{number}"), world.clock()
    made = Sighting(sighting, subject, GrantId("g"), CameraId("cam"), place, now, now, 2, now + lives)
    world.office.store.put_sightings([sealed_sighting(made, world.office.keystore.data_key(subject))])
    return sighting


def noticed(world, *others):
    """But for what the people said themselves, and `others`."""
    left_out = {"tie_said", "tie_taken_back", *others}
    return [each["what"] for each in told(world.office, "overseen") if each["what"] not in left_out]


def test_a_display_without_an_account_is_refused_in_a_live_folder(town):
    """And shows no name."""
    reason = "a person is shown to a named account only"
    assert refusal(lambda: show(town.office, Look(HER, Way.CLI, LOBBY))) == reason
    assert noticed(town) == []


def test_in_a_rehearsal_an_account_is_optional_and_counts_where_it_is_given(keystore, log):
    """The fourth time it is shown nothing."""
    clock = Clock()
    world = World(office_of(MemoryStore(), keystore, log, clock), clock)
    known(world, HER)
    assert [show(world.office, Look(HER, Way.CLI, LOBBY)) for _ in range(9)] == [Shown("Her")] * 9
    world.add("olga", "site", "site")
    assert [looked(world, "olga", HER).refused for _ in range(4)] == [None, None, None, BLOCKED]


CASES = {
    "her": [HER] * 69,
    "her mother": [MOTHER] * 24,
    "her brother": [BROTHER] * 15,
    "all of them": [HER, MOTHER, BROTHER] * 15 + [HER, MOTHER] * 9 + [HER] * 45,
}
"""A public case: one person was displayed 69 times to somebody who knew her, two of her relatives 24 and 15 times."""


@pytest.mark.parametrize("case", CASES)
def test_a_pursuit_of_one_woman_and_her_family_alarms_by_the_third_and_is_blocked_by_the_fourth(town, case):
    """However many there would have been, whichever of them is looked at, in whatever way, over weeks."""
    ways, answers = (Way.LOOK_UP, Way.CLI, Way.PLAYBACK), []
    for number, subject in enumerate(CASES[case]):
        answers.append(looked(town, "olga", subject, ways[number % 3]))
        town.clock.pass_by(hours=18)
    first = [Shown(subject.removeprefix("s_").title()) for subject in CASES[case][:3]]
    assert answers == [*first, *[BLOCK] * (len(CASES[case]) - 3)]
    what = noticed(town, "oddity")
    assert what[:6] == ["shown", "shown", "shown", "display_alarm", "display_blocked", "display_alarm"]
    assert what[6:] == ["display_blocked"] * (len(CASES[case]) - 4)
    signed = town.signed("audrey", READ, notices_digest("a_audrey"))
    heard = [each.text for each in notices_for(town.office, signed) if "again and again" in each.text]
    assert len(heard) == 2
    assert looked(town, "olga", STRANGER) == Shown("Stranger")
    assert looked(town, "oscar", HER) == Shown("Her")


def test_a_second_account_of_the_same_holder_counts_with_the_first(town):
    """So that another name is no way around."""
    town.add("olga2", "site", None, ("operator",), by="olga", same_as="Olga")
    town.clock.pass_by(hours=72)
    names = ("olga", "olga2", "olga", "olga2")
    assert [looked(town, name, HER).refused for name in names] == [None, None, None, BLOCKED]


def test_it_is_logged_for_the_person_who_was_looked_at(town):
    """Who, how, and whom: sealed under her key."""
    looked(town, "olga", HER, Way.CLI)
    [line] = [each for each in town.office.journal.read() if each.event and each.event.get("what") == "shown"]
    assert line.about == HER
    assert {key: line.event[key] for key in ("what", "about", "subject", "by", "detail")} == {
        "what": "shown",
        "about": "cli",
        "subject": HER,
        "by": ["a_olga"],
        "detail": "",
    }
    [kept] = town.office.store.kept("display")
    assert kept.about == HER
    assert b"olga" not in kept.sealed


def test_after_ninety_days_it_counts_no_more_and_is_gone(town):
    """To the microsecond."""
    first = looked(town, "olga", HER) and town.clock()
    for _ in range(3):
        looked(town, "olga", HER)
    town.clock.now = first + timedelta(days=90) - timedelta(seconds=1, microseconds=1)
    town.office.store.purge(town.clock())
    assert len(town.office.store.kept("display")) == 4
    town.office.store.purge(first + timedelta(days=90))
    assert len(town.office.store.kept("display")) == 3


def test_a_sighting_counts_once_however_often_its_line_is_drawn(town):
    """A desk sees who passes, and another desk counts for itself."""
    sighting = seen(town, HER)
    assert {looked(town, "olga", HER, Way.FEED, sighting) for _ in range(9)} == {Shown("Her")}
    assert noticed(town) == ["shown"]
    looked(town, "oscar", HER, Way.FEED, sighting)
    assert len(town.office.store.kept("display")) == 2


def test_a_resident_who_passes_every_quarter_of_an_hour_is_shown_to_the_desk(town):
    """What is pushed counts for ten minutes; four times in these it is too often."""
    for number in range(8):
        assert looked(town, "olga", HER, Way.FEED, seen(town, HER, f"quarter {number}")) == Shown("Her")
        town.clock.pass_by(minutes=15)
    answers = [looked(town, "olga", HER, Way.FEED, seen(town, HER, str(number))) for number in range(4)]
    assert answers == [*[Shown("Her")] * 3, BLOCK]
    again = looked(town, "olga", HER, Way.FEED, seen(town, HER, "3"))
    assert again == BLOCK


def test_nobody_is_looked_up_through_the_feed(town):
    """Only who was sighted, there, and lately."""
    old = seen(town, HER, "old", timedelta(seconds=1))  # it dies at the moment of the first look
    elsewhere = seen(town, HER, "elsewhere", place=PlaceId("yard"))
    for wrong in (old, None, SightingId("invented"), seen(town, STRANGER), elsewhere):
        reason = "nobody was sighted there"
        assert refusal(lambda wrong=wrong: looked(town, "olga", HER, Way.FEED, wrong)) == reason


def feed(world, name, subject, number, place):
    """The line of somebody at that place, as an account sees it."""
    world.clock.pass_by(seconds=1)
    asked = Look(subject, Way.FEED, place, seen(world, subject, number, place=place))
    return show(world.office, asked, world.signed(name, LOOK, asked.digest))


def test_who_sees_the_feed_of_one_place_sees_that_of_no_other_during_the_shift(town):
    """Nor with another account of the same human being; somebody else may, and so may they twelve hours later."""
    yard = PlaceId("yard")
    town.add("olga2", "site", None, ("operator",), by="olga", same_as="Olga")
    town.clock.pass_by(hours=72)
    assert feed(town, "olga", HER, "a", LOBBY) == Shown("Her")
    for name in ("olga", "olga2"):
        assert "another place during this shift" in refusal(lambda name=name: feed(town, name, HER, name, yard))
    assert feed(town, "oscar", HER, "b", yard) == Shown("Her")
    town.clock.pass_by(hours=12)
    assert feed(town, "olga", HER, "c", yard) == Shown("Her")


def test_what_the_feed_shows_is_public_with_its_hour_and_dies_on_a_full_hour(town, log):
    """By itself a leaf, or the row of a display, would tell when she came."""
    before = log.size()
    feed(town, "olga", HER, "a", LOBBY)
    assert [(each.about, each.noted is not None) for each in town.office.store.waiting()] == [(HER, True)]
    assert noticed(town) == ["shown"]
    [row] = town.office.store.kept("display")
    assert (row.dies_at.minute, row.dies_at.second, row.dies_at.microsecond) == (0, 0, 0)
    looked(town, "olga", HER, Way.CLI)
    assert log.size() > before


def test_a_signature_is_for_one_display_of_one_person(town):
    """Sent again it is the same display; for another person it is none."""
    asked = Look(HER, Way.CLI, LOBBY)
    signed = town.signed("olga", LOOK, asked.digest)
    assert [show(town.office, asked, signed) for _ in range(5)] == [Shown("Her")] * 5
    assert len(town.office.store.kept("display")) == 1
    for other in (replace(asked, subject=STRANGER), replace(asked, way=Way.LOOK_UP), replace(asked, place="x"),
                  replace(asked, sighting="x")):  # fmt: skip
        assert refusal(lambda other=other: show(town.office, other, signed)).startswith("the signature is not")


def test_authorities_and_accounts_that_ended_are_shown_nothing(town):
    """Whatever their roles."""
    assert "police" in refusal(lambda: looked(town, "paul", HER))
    town.clock.pass_by(days=400)
    assert refusal(lambda: looked(town, "olga", HER)) == "the credential has expired"


def test_who_is_not_here_is_unknown_and_who_withdrew_has_no_name(town, keystore):
    """Neither counts."""
    assert looked(town, "olga", SubjectId("s_nobody")) == Shown()
    keystore.destroy(HER)
    assert looked(town, "olga", HER) == Shown(HER)
    assert noticed(town) == []


# Log before act


def test_while_the_log_fails_nobody_is_displayed(town, log):
    """And nothing is counted."""
    log.weather = Weather.FAILS
    with pytest.raises(LogUnavailable):
        looked(town, "olga", HER)
    assert town.office.store.kept("display") == ()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("error", [Killed(), DataFolderError("x")])
def test_cut_off_before_it_was_counted_it_was_not_displayed(town, keystore, log, when, error):
    """Its leaf is there; asked for again it is displayed, and counted once."""
    faulty = office_of(Faulty(town.office.store, "put_kept", when, error), keystore, log, town.clock)
    asked = Look(HER, Way.CLI, LOBBY)
    signed = town.signed("olga", LOOK, asked.digest)
    with pytest.raises(type(error)):
        show(faulty, asked, signed)
    assert noticed(town) == ["shown"]
    assert show(town.office, asked, signed) == Shown("Her")
    assert len(town.office.store.kept("display")) == 1


def test_an_altered_count_does_not_open(town):
    """Somebody who moves a row to another person does not count it there."""
    looked(town, "olga", HER)
    [row] = town.office.store.kept("display")
    town.office.store.put_kept([replace(row, about=STRANGER)])
    with pytest.raises(PolicyRefused):
        show(town.office, Look(HER, Way.CLI, LOBBY))
    assert looked(town, "olga", STRANGER) == Shown("Stranger")
