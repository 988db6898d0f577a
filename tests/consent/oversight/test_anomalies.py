"""What an auditor should ask about: one fact a finding, in names' order, on the clock of the place."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, time, timedelta

import pytest

from beholden.consent.oversight.accounts import PersonId
from beholden.consent.oversight.anomalies import Finding, Oddity, findings
from beholden.consent.oversight.displays import Display, Watched, Way
from beholden.consent.oversight.families import Families
from beholden.model.grant import Hours, Place
from beholden.model.ids import PlaceId, SubjectId
from tests.consent.oversight.world import DAY, HOUR, TICK, directory

LOBBY, YARD = PlaceId("lobby"), PlaceId("yard")
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PLACES = {LOBBY: Place(LOBBY), YARD: Place(YARD, "Australia/Lord_Howe", hours=Hours(time(8), time(18)))}
WATCHED = Watched(
    directory(),
    Families((frozenset({SubjectId("s_anna"), SubjectId("s_mother")}),)),
    persons={SubjectId("s_anna"): PersonId("anna"), SubjectId("s_berta"): PersonId("berta")},
)
LINKS = frozenset({frozenset({PersonId("olga"), PersonId("anna")})})


def seen(subject="s_berta", at=NOON, name="olga", way=Way.LOOK_UP, place=LOBBY, person=None) -> Display:
    return Display(name, PersonId(person or name), SubjectId(subject), way, place, at)


def found(*displays, now=NOON, links=LINKS):
    return findings(displays, WATCHED, PLACES, links, now)


def test_one_look_at_noon_at_a_stranger_is_no_finding():
    """Nor is none."""
    assert found(seen()) == found() == ()


@pytest.mark.parametrize(
    ("days", "odd"),
    [((0, 1, 2), True), ((0, 0, 1), False), ((0, 14, 29), True), ((0, 1), False), ((0, 1, 30), False)],
)
def test_looking_at_one_person_on_three_days_of_a_month_is_a_repeat(days, odd):
    """Counted in days, not in looks; a look of 30 days ago is past."""
    finding = Finding("olga", Oddity.REPEAT_TARGET, ("s_berta",))
    assert found(*(seen(at=NOON - each * DAY) for each in days)) == ((finding,) if odd else ())
    assert finding.sentence == "Account olga looked at one person, or their relatives, on 3 days or more."


def test_a_family_is_one_target_and_strangers_are_not():
    """She on two days and her mother on a third; three strangers."""
    row = [seen(each, NOON - DAY * number) for number, each in enumerate(("s_anna", "s_mother", "s_anna"))]
    assert found(*row, links=frozenset()) == (Finding("olga", Oddity.REPEAT_TARGET, ("s_anna", "s_mother")),)
    row = [seen(each, NOON - DAY * number) for number, each in enumerate(("s_a", "s_b", "s_c"))]
    assert found(*row) == ()


def test_days_are_those_of_the_place():
    """Three looks within 25 hours, on three days where it is just before midnight, then just after the next."""
    looks = [datetime(2026, 11, 22, 12, 59, tzinfo=UTC), datetime(2026, 11, 22, 23, tzinfo=UTC)]
    last = datetime(2026, 11, 23, 13, tzinfo=UTC)
    at_yard = [seen(at=each, place=YARD) for each in (*looks, last)]
    kinds = [each.oddity for each in found(*at_yard, now=last)]
    assert Oddity.REPEAT_TARGET in kinds  # 23:59 on the 22nd, 10:00 on the 23rd, 00:00 on the 24th
    assert Oddity.REPEAT_TARGET not in [each.oddity for each in found(*at_yard[:2], now=last)]
    at_lobby = [replace(each, place=LOBBY) for each in at_yard]
    assert Oddity.REPEAT_TARGET not in [each.oddity for each in found(*at_lobby, now=last)]


@pytest.mark.parametrize(
    ("place", "moment", "odd"),
    [
        (LOBBY, datetime(2026, 11, 22, 6, tzinfo=UTC), False),
        (LOBBY, datetime(2026, 11, 22, 5, 59, tzinfo=UTC), True),
        (LOBBY, datetime(2026, 11, 22, 21, 59, tzinfo=UTC), False),
        (LOBBY, datetime(2026, 11, 22, 22, tzinfo=UTC), True),
        ("elsewhere", datetime(2026, 11, 22, 3, tzinfo=UTC), True),
        ("elsewhere", datetime(2026, 11, 22, 12, tzinfo=UTC), False),
        (YARD, datetime(2026, 11, 21, 21, tzinfo=UTC), False),  # 08:00 at +11 hours
        (YARD, datetime(2026, 11, 21, 20, 59, tzinfo=UTC), True),
        (YARD, datetime(2026, 11, 22, 12, tzinfo=UTC), True),
    ],
)
def test_hours_are_odd_by_the_clock_of_the_place(place, moment, odd):
    """The place's own hours, or six to ten; summer time counts."""
    finding = Finding("olga", Oddity.ODD_HOURS, ("s_berta",))
    assert found(seen(at=moment, place=place)) == ((finding,) if odd else ())
    assert finding.sentence == "Account olga looked at people outside the hours of the place."


def test_the_same_hour_is_usual_in_summer_and_odd_in_winter():
    """The clock on the wall decides: Lord Howe is half an hour later in summer (November)."""
    summer, winter = datetime(2026, 11, 21, 21, tzinfo=UTC), datetime(2026, 7, 21, 21, tzinfo=UTC)
    assert found(seen(at=summer, place=YARD), now=summer) == ()
    assert [each.oddity for each in found(seen(at=winter, place=YARD), now=winter)] == [Oddity.ODD_HOURS]


@pytest.mark.parametrize(("subject", "odd"), [("s_anna", True), ("s_mother", True), ("s_berta", False)])
def test_looking_at_somebody_one_knows_or_their_relatives_is_a_finding(subject, odd):
    """Once is enough, in either order of the pair."""
    finding = Finding("olga", Oddity.PERSONAL_LINK, (subject,))
    assert found(seen(subject)) == ((finding,) if odd else ())
    assert found(seen(subject, name="oskar")) == ()
    sentence = "Account olga looked at somebody whom its holder knows personally, or at their relatives."
    assert finding.sentence == sentence


def test_the_feed_is_not_the_operators_choice():
    """What is pushed at three in the morning, every day, is no finding."""
    assert found(*(seen("s_anna", NOON - 9 * HOUR - each * DAY, way=Way.FEED) for each in range(9))) == ()


@pytest.mark.parametrize(("at", "odd"), [(0 * DAY, True), (TICK, False), (-30 * DAY, False), (TICK - 30 * DAY, True)])
def test_thirty_days_back_are_looked_at(at, odd):
    """Not what is older, nor what a wrong clock says is still to come."""
    assert bool(found(seen("s_anna", NOON + at))) == odd


def test_accounts_of_one_holder_are_one():
    """Three days, two accounts."""
    row = [seen(at=NOON - each * DAY, name=f"olga {each % 2}", person="olga") for each in range(3)]
    assert found(*row) == (Finding("olga 0", Oddity.REPEAT_TARGET, ("s_berta",)),)


def test_findings_are_in_the_order_of_names_and_hold_no_number():
    """Neither the order nor a field says who is worse."""
    night = NOON - timedelta(hours=9)
    row = [seen("s_b", night, name="zoe")] * 9 + [seen("s_c", night, name="adam"), seen("s_a", night, name="adam")]
    assert found(*row) == (
        Finding("adam", Oddity.ODD_HOURS, ("s_a", "s_c")),
        Finding("zoe", Oddity.ODD_HOURS, ("s_b",)),
    )
    assert {each.name for each in fields(Finding)} == {"account", "oddity", "subjects"}
    assert list(Oddity) == ["repeat_target", "odd_hours", "personal_link"]
