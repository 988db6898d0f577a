"""Every display counts: limits, families, silent bars, canaries."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beholden.consent.oversight.accounts import PersonId, Role
from beholden.consent.oversight.displays import BLOCKED, NOBODY, SOUGHT, Answer, Display, Watched, Way, look
from beholden.consent.oversight.families import Bars, Families
from beholden.consent.oversight.steps import Fact, Happened, Notice
from beholden.model.ids import PlaceId, SubjectId
from tests.consent.oversight.world import DAY, HOUR, NOW, SUBJECT, TICK, account, directory

HER, HER_MOTHER, HER_BROTHER, STRANGER = (SubjectId(f"s_{each}") for each in ("anna", "mother", "brother", "berta"))
LOBBY = PlaceId("lobby")
DIRECTORY = directory(
    account("olgas second", "union", Role.OPERATOR, person=PersonId("olga")),
    account("olga audits", "union", Role.AUDITOR, person=PersonId("olga")),
    account("oskar", "site", Role.OPERATOR),
)
WATCHED = Watched(
    DIRECTORY,
    Families((frozenset({HER, HER_MOTHER, HER_BROTHER}),)),
    canaries=frozenset({SubjectId("s_canary")}),
    persons={HER: PersonId("anna"), STRANGER: PersonId("berta")},
)
WATCHERS = ["audrey", "shirin", "uwe", "wanda", "will"]


def replayed(looks, watched=WATCHED):
    """Every look, one after the other: (account, subject, way, moment)."""
    past, seen = [], []
    for name, subject, way, moment in looks:
        looked = look(name, subject, way, LOBBY, past, watched, moment)
        past += [looked.counted] if looked.counted else []
        seen.append(looked)
    return seen


def shown(looks, watched=WATCHED):
    return [each.answer.shown is not None for each in replayed(looks, watched)]


def spread(subjects, time, way=Way.LOOK_UP, name="olga"):
    """Evenly over `time`."""
    return [(name, subject, way, NOW + time * number / len(subjects)) for number, subject in enumerate(subjects)]


def alarms(seen):
    return [number + 1 for number, each in enumerate(seen) if each.notices]


# A public case: one person was displayed 69 times to somebody who knew her, and two of her relatives 24 and 15 times.
CASE = [(HER, 69), (HER_MOTHER, 24), (HER_BROTHER, 15)]


@pytest.mark.parametrize("way", sorted(SOUGHT))
@pytest.mark.parametrize("time", [HOUR, 30 * DAY, 214 * DAY])
@pytest.mark.parametrize(("subject", "times"), CASE)
def test_each_of_the_three_alone_alarms_by_the_third_and_is_blocked_by_the_fourth(subject, times, time, way):
    """Within an hour, a month, or seven months; and whoever goes on trying stays blocked."""
    seen = replayed(spread([subject] * times, time, way))
    assert [each.answer.shown for each in seen] == [subject] * 3 + [None] * (times - 3)
    assert alarms(seen) == [3, 4]


@pytest.mark.parametrize("way", sorted(SOUGHT))
@pytest.mark.parametrize("turn", [0, 1])
def test_the_case_as_a_whole_is_over_with_the_third_display(way, turn):
    """One after the other, or in turns: she and her relatives are one."""
    row = [subject for subject, times in CASE for _ in range(times)]
    row = row if turn == 0 else [row[number * 41 % 108] for number in range(108)]
    seen = replayed(spread(row, 214 * DAY, way))
    assert [each.answer.shown is not None for each in seen] == [True] * 3 + [False] * 105
    assert alarms(seen) == [3, 4]


def test_the_feed_is_counted_like_everything_else_while_it_is_fresh():
    """69 displays within ten minutes: the fourth is not shown."""
    seen = replayed(spread([HER] * 69, 10 * HOUR / 60, Way.FEED))
    assert [each.answer.shown is not None for each in seen] == [True] * 3 + [False] * 66
    assert alarms(seen) == [3, 4]


@pytest.mark.parametrize(("way", "lasts"), [*((way, 90 * DAY) for way in sorted(SOUGHT)), (Way.FEED, HOUR / 6)])
def test_a_display_counts_for_ninety_days_and_one_of_the_feed_for_ten_minutes(way, lasts):
    """A rolling window: at its very end the first of four does not count any more."""
    begin = [("olga", HER, way, NOW)] * 3
    assert shown([*begin, ("olga", HER, way, NOW + lasts - TICK)]) == [True, True, True, False]
    assert shown([*begin, ("olga", HER, way, NOW + lasts)]) == [True, True, True, True]


def test_a_desk_goes_on_seeing_residents_who_pass_every_day():
    """The feed is pushed: twice an hour for a month alarms nobody."""
    seen = replayed(spread([HER] * 1440, 30 * DAY, Way.FEED))
    assert all(each.answer == Answer(HER) and not each.notices for each in seen)


def test_all_ways_count_together():
    """One look each."""
    assert shown([("olga", HER, way, NOW) for way in Way]) == [True, True, True, False]


def test_accounts_of_one_holder_are_one_viewer_and_others_are_not():
    """A second account is no second budget; a colleague has their own."""
    names = ["olga", "olgas second", "olga", "olgas second", "oskar"]
    assert shown([(name, HER, Way.LOOK_UP, NOW) for name in names]) == [True, True, True, False, True]


def test_strangers_to_each_other_are_counted_apart():
    """Three looks at her do not block one at somebody else."""
    row = [HER, HER, HER, STRANGER, HER]
    assert shown([("olga", each, Way.CLI, NOW) for each in row]) == [True, True, True, True, False]


def test_clocks_that_are_set_back_uncount_nothing():
    """Three looks of tomorrow block one of today."""
    row = [("olga", HER, Way.CLI, NOW + DAY)] * 3 + [("olga", HER, Way.CLI, NOW)]
    assert shown(row) == [True, True, True, False]


def test_every_look_is_logged_with_its_account_and_every_blocked_one_too():
    """What, when, by whom, about whom, how."""
    seen = replayed([("olga", HER, Way.PLAYBACK, NOW + each * HOUR) for each in range(5)])
    kinds = [Happened.SHOWN] * 3 + [Happened.DISPLAY_BLOCKED] * 2
    for number, (each, kind) in enumerate(zip(seen, kinds, strict=True)):
        moment = NOW + number * HOUR
        assert each.facts[0] == Fact(moment, kind, "playback", HER, ("olga",))
        alarm = (Fact(moment, Happened.DISPLAY_ALARM, "playback", HER, ("olga",)),)
        assert each.facts[1:] == (alarm if number in (2, 3) else ())
        assert each.counted == Display("olga", "olga", HER, Way.PLAYBACK, LOBBY, moment, number < 3)
    assert seen[4].answer == Answer(refused=BLOCKED)
    assert BLOCKED == "this account has looked at this person or their family too often"


def test_the_alarm_goes_to_those_who_watch_and_to_those_who_were_looked_at():
    """Not to the viewer's own audit account, not to relatives nobody looked at."""
    third, fourth = replayed([("olga", each, Way.LOOK_UP, NOW) for each in (HER_MOTHER, HER, HER, HER)])[2:]
    for looked, end in ((third, "was shown them for the last time"), (fourth, "is not shown them any more")):
        others = f"Account olga looked at one person, or their relatives, again and again, and {end}."
        own = f"Account olga looked at you, or at your relatives, again and again, and {end}."
        told = [*(Notice(name, others, NOW) for name in WATCHERS), Notice(HER, own, NOW), Notice(HER_MOTHER, own, NOW)]
        assert list(looked.notices) == told


def test_people_see_themselves_as_often_as_they_like():
    """And it counts for nothing."""
    looked = look("anna", HER, Way.LOOK_UP, LOBBY, [], WATCHED, NOW)
    assert (looked.answer, looked.counted, looked.facts) == (Answer(HER), None, ())
    assert all(shown([("anna", HER, Way.LOOK_UP, NOW)] * 9))


def test_a_new_account_in_their_name_counts_as_any():
    """Whoever adds it says whose it is."""
    false = account("false", "site", Role.SUBJECT, person=PersonId("anna"), added_at=NOW - 72 * HOUR + TICK)
    new = replace(WATCHED, directory=directory(false))
    assert look("false", HER, Way.LOOK_UP, LOBBY, [], new, NOW).counted
    assert not look("false", HER, Way.LOOK_UP, LOBBY, [], new, NOW + TICK).counted


@pytest.mark.parametrize("subject", [HER, None])
def test_an_account_that_may_not_act_is_told_so_whoever_is_there(subject):
    """Nothing is counted, nothing is shown."""
    for name, reason in (
        ("paul", "police and other authorities neither ask nor approve here"),
        ("x", "there is no such account"),
    ):
        looked = look(name, subject, Way.CLI, LOBBY, [], WATCHED, NOW)
        assert (looked.answer, looked.counted) == (Answer(refused=reason), None)


# Silent bars

BARRED = replace(WATCHED, bars=Bars().bar(HER, DIRECTORY.accounts["olga"]))
SUBJECTS = (HER, HER_MOTHER, STRANGER, None)
LOOKS = st.lists(
    st.tuples(
        st.sampled_from(("olga", "olgas second", "oskar")),
        st.sampled_from(SUBJECTS),
        st.sampled_from(list(Way)),
        st.integers(0, 60),
    ),
    max_size=12,
)


def timed(looks):
    moment, row = NOW, []
    for name, subject, way, days in looks:
        moment += days * DAY
        row.append((name, subject, way, moment))
    return row


@given(LOOKS)
def test_a_bar_answers_as_if_nobody_were_there(looks):
    """In any history: with her there and barring, and with nobody there at all, the barred account reads the same."""
    row = timed(looks)
    olgas = ("olga", "olgas second")
    without = [(name, None if subject == HER and name in olgas else subject, *rest) for name, subject, *rest in row]
    there, gone = replayed(row, BARRED), replayed(without, WATCHED)
    assert [each.answer for each in there] == [each.answer for each in gone]
    assert [each.counted for each in there] == [each.counted for each in gone]


@given(LOOKS)
def test_a_bar_set_later_hides_that_it_was_set(looks):
    """With the same past, whatever it was: the answers from then on are those of nobody."""
    past = [each.counted for each in replayed(timed(looks)) if each.counted]
    for name in ("olga", "olgas second"):
        barred = look(name, HER, Way.LOOK_UP, LOBBY, past, BARRED, NOW + 9 * DAY)
        nobody = look(name, None, Way.LOOK_UP, LOBBY, past, WATCHED, NOW + 9 * DAY)
        assert barred.answer == nobody.answer == NOBODY
        assert (barred.counted, barred.notices) == (nobody.counted, nobody.notices) == (None, ())


def test_the_person_finds_in_the_log_that_a_barred_account_looked():
    """The only trace, and it is not the account's to read."""
    looked = look("olga", HER, Way.CLI, LOBBY, [], BARRED, NOW)
    assert looked.facts == (Fact(NOW, Happened.BARRED_LOOK, "cli", HER, ("olga",)),)


def test_a_bar_is_one_persons_against_one_holder_and_can_be_lifted():
    """Others see, others are seen."""
    olga = DIRECTORY.accounts["olga"]
    assert look("oskar", HER, Way.CLI, LOBBY, [], BARRED, NOW).answer == Answer(HER)
    assert look("olga", STRANGER, Way.CLI, LOBBY, [], BARRED, NOW).answer == Answer(STRANGER)
    both = BARRED.bars.bar(STRANGER, olga)
    assert both.lift(HER, olga) == Bars().bar(STRANGER, olga)
    assert both.lift(HER, DIRECTORY.accounts["oskar"]) == both


# Canaries


def test_a_canary_alarms_at_the_first_touch_and_answers_like_anybody():
    """The account notices nothing."""
    looked = look("olga", SubjectId("s_canary"), Way.LOOK_UP, LOBBY, [], WATCHED, NOW)
    plain = look("olga", SubjectId("s_canary"), Way.LOOK_UP, LOBBY, [], replace(WATCHED, canaries=frozenset()), NOW)
    assert (looked.answer, looked.counted) == (plain.answer, plain.counted)
    assert looked.facts == (
        *plain.facts,
        Fact(NOW, Happened.CANARY_TOUCHED, "s_canary", SubjectId("s_canary"), ("olga",)),
    )
    text = "Account olga looked at a person who does not exist: nobody has a reason to."
    assert looked.notices == tuple(Notice(name, text, NOW) for name in WATCHERS)


def test_a_canary_touched_again_and_again_is_blocked_like_anybody_and_told_nothing():
    """There is nobody to tell, but those who watch hear of every touch."""
    seen = replayed([("olga", SubjectId("s_canary"), Way.LOOK_UP, NOW)] * 5)
    assert [each.answer.shown is not None for each in seen] == [True] * 3 + [False] * 2
    assert all({notice.to for notice in each.notices} == set(WATCHERS) for each in seen)


# Families and a second count


def test_whoever_is_in_no_family_is_alone():
    """Also without any; everybody else is of their own family, not of the first one."""
    two = Families((frozenset({HER, HER_MOTHER}), frozenset({STRANGER, HER_BROTHER})))
    assert Families().of(SUBJECT) == {SUBJECT}
    assert [two.of(each) for each in (HER, HER_BROTHER)] == list(two.groups)
    assert two.of(SubjectId("s_canary")) == {"s_canary"}


@given(LOOKS)
def test_in_any_history_a_display_is_shown_as_a_plain_count_says(looks):
    """Counted again from the looks themselves."""
    row = timed(looks)
    seen = replayed(row)
    groups = {HER: 1, HER_MOTHER: 1, STRANGER: 2}
    for number, (name, subject, _way, moment) in enumerate(row):
        if subject is None:
            assert seen[number].answer == NOBODY
            continue
        count = 0
        for other, whom, by, then in row[: number + 1]:
            lasts = HOUR / 6 if by is Way.FEED else 90 * DAY
            same = name == other or "oskar" not in (name, other)
            count += whom is not None and groups[whom] == groups[subject] and same and moment < then + lasts
        assert seen[number].answer.shown == (subject if count <= 3 else None)
        assert bool(seen[number].notices) == (count in (3, 4))
    assert all(a[3] <= b[3] for a, b in pairwise(row))
