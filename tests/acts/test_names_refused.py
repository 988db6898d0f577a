"""Names are shown to operators of those who run the place, and to people their own: to no other account, of whatever
role, and in the same words of somebody who is not here."""

from __future__ import annotations

import pytest

from beholden.acts.accounts.change import CHANGE, change_account, change_digest
from beholden.acts.displays.look_up import LOOK_UP, look_up, who_digest
from beholden.acts.displays.show import Shown
from beholden.consent.oversight.displays import Way
from beholden.model.ids import SubjectId
from tests.acts.test_accounts import refusal
from tests.acts.test_displays import HER, looked, noticed, seen, town

__all__ = ["town"]

NOT_THEIRS = "names are shown to operators of those who run the place"
OTHERS = {
    "a maintainer of the place": "max",
    "an approver of the place": "sam",
    "an auditor": "audrey",
    "an approver of another organisation": "uwe",
    "an operator of another organisation": "ulla",
    "an approver of the welfare body": "wanda",
    "an operator of the welfare body": "walt",
    "another person": "mother",
}


@pytest.fixture
def place(town):
    """Ulla and Walt run something elsewhere."""
    town.add("ulla", "union", None, ("operator",), by="uwe")
    town.add("walt", "welfare", None, ("operator",), by="wanda")
    town.clock.pass_by(hours=100)
    return town


def by_name(world, name, who):
    world.clock.pass_by(seconds=1)
    return look_up(world.office, who, world.signed(name, LOOK_UP, who_digest(who)))


@pytest.mark.parametrize("who", OTHERS)
def test_no_name_is_shown_to(place, who):
    """In no way; nothing is counted or logged of it, for nobody was looked at."""
    sighting = seen(place, HER)
    for way in Way:
        of = sighting if way is Way.FEED else None
        assert refusal(lambda way=way, of=of: looked(place, OTHERS[who], HER, way, of)) == NOT_THEIRS
    assert (place.office.store.kept("display"), noticed(place)) == ((), [])


@pytest.mark.parametrize("who", OTHERS)
def test_nobody_is_found_by_name_for(place, who):
    """Nor does the answer tell whether there is somebody of that name; an id is answered without a name."""
    assert {refusal(lambda called=called: by_name(place, OTHERS[who], called)) for called in ("Her", "Nobody")} == {
        NOT_THEIRS
    }
    assert by_name(place, OTHERS[who], HER).label is None


@pytest.mark.parametrize("way", list(Way))
def test_whoever_is_shown_no_names_reads_the_same_of_nobody(place, way):
    """So that an account cannot try who is here."""
    assert refusal(lambda: looked(place, "audrey", SubjectId("s_nobody"), way)) == NOT_THEIRS


def test_an_operator_who_becomes_a_maintainer_is_shown_no_more_names(place):
    """Roles are those of now, also for what was shown a moment ago."""
    assert looked(place, "oscar", HER) == Shown("Her")
    wish = place.new("oscar")
    signed = place.signed("olga", CHANGE, change_digest("a_oscar", wish.public, ("maintainer",)))
    change_account(place.office, "a_oscar", wish.public, ("maintainer",), signed)
    assert refusal(lambda: looked(place, "oscar", HER)) == NOT_THEIRS


def test_she_finds_herself_by_name_without_a_count(place):
    """As often as she likes; not her mother."""
    assert [by_name(place, "her", "Her").label for _ in range(5)] == ["Her"] * 5
    assert place.office.store.kept("display") == ()
    assert refusal(lambda: by_name(place, "her", "Mother")) == NOT_THEIRS


def test_an_account_of_today_in_her_name_is_not_shown_her(place):
    """Whoever added it could be anybody; after three days it is hers."""
    place.add("her2", "residents", None, ("subject",), by="mother", same_as=HER)
    assert refusal(lambda: looked(place, "her2", HER)) == refusal(lambda: by_name(place, "her2", "Her")) == NOT_THEIRS
    place.clock.pass_by(hours=72)
    assert looked(place, "her2", HER) == Shown("Her")
