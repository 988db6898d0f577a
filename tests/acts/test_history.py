"""Where somebody was is kept only if they want it, for them alone, and not for longer than they said."""

from __future__ import annotations

from datetime import timedelta

import pytest

from beholden.acts.grants.invite import invite_all
from beholden.acts.grants.withdraw import withdraw
from beholden.acts.own_copy.export import ASKED, export_held
from beholden.acts.own_copy.history import (
    ASKED_OFF,
    ASKED_SHOW,
    History,
    asked_on,
    show_history,
    turn_history_off,
    turn_history_on,
)
from beholden.acts.sightings.sighting import Settle, purge
from beholden.consent.history_box import Past, new_pair, open_past, seal_past
from beholden.ledger.memory import Weather
from beholden.model.errors import InputError, LogUnavailable, PolicyRefused, SealBroken, UnknownSubject
from beholden.model.ids import Epoch, SubjectId, TrackId
from beholden.model.match import Known, Reason, Why
from beholden.storage.database import Database
from beholden.storage.memory import MemoryStore
from tests.acts.houses import invitee, kinds, live_office
from tests.acts.test_receipts import ANN, BOB, SEATED, joined, proof
from tests.acts.words import lines, said_by
from tests.people import AT_LOBBY, LOBBY, NOW

PRIVATE, PUBLIC = new_pair()
EPOCH = Epoch("aaaaaaaaaaaa")


@pytest.fixture
def office(tmp_path, keystore, log, clock):
    with Database.create(tmp_path / "live.db", "f", rehearsal=False, moment=NOW) as database:
        made = live_office(database, keystore, log, clock, SEATED)
        joined(made)
        clock.pass_by(days=2)
        yield made


def turn_on(office, days=30, public=PUBLIC):
    turn_history_on(office, ANN, public, days, proof(office, ANN, asked_on(public, days)))


def shown(office):
    return show_history(office, ANN, proof(office, ANN, ASKED_SHOW))


def see(office, clock, number=1):
    match = Known(ANN, office.store.grants(ANN)[0].id, Why(Reason.CLEAR, 2))
    Settle(office).named(AT_LOBBY, EPOCH, TrackId(f"{EPOCH}-{number}"), match, clock.now)
    return clock.now


def rows(office):
    return office.store.kept_about(ANN)


def test_it_is_off_unless_it_is_wanted(office, clock):
    """A sighting dies, and nothing is left."""
    see(office, clock)
    clock.pass_by(days=1)
    assert purge(office) == 1
    assert (rows(office), shown(office).boxes, shown(office).days) == ((), (), None)


def test_what_dies_opens_with_her_key_only(office, clock):
    """Once, however often it is purged; and a changed box, or another person's name on it, opens for nobody."""
    turn_on(office)
    seen = see(office, clock)
    purge(office)
    assert shown(office).boxes == ()
    clock.pass_by(days=1)
    purge(office)
    purge(office)
    [box] = shown(office).boxes
    assert open_past(PRIVATE, ANN, box) == Past(LOBBY, "cam", seen, seen)
    for wrong in ((new_pair()[0], ANN, box), (PRIVATE, BOB, box), (PRIVATE, ANN, box[:-1] + bytes([box[-1] ^ 1]))):
        with pytest.raises(SealBroken):
            open_past(*wrong)


def test_a_line_that_was_kept_just_before_a_kill_is_not_lost_or_doubled(office, clock, monkeypatch):
    """Sealed, and then the sightings were not deleted: the next time they are."""
    turn_on(office)
    see(office, clock)
    clock.pass_by(days=1)
    with monkeypatch.context() as cut_off:
        cut_off.setattr(type(office.store), "purge", lambda *_: 0)
        purge(office)
    assert purge(office) == 1
    assert len(shown(office).boxes) == 1


def test_lines_go_on_their_day(office, clock):
    """As many days after theirs as she said, and never more than 30."""
    turn_on(office, days=3)
    first = see(office, clock)
    for number in range(2, 7):
        clock.pass_by(days=1)
        see(office, clock, number)
        purge(office)
        pasts = [open_past(PRIVATE, ANN, box) for box in shown(office).boxes]
        assert all(clock.now - past.opened_at < timedelta(days=3) for past in pasts)
        assert (first in [past.opened_at for past in pasts]) == (number in (2, 3))
    with pytest.raises(PolicyRefused):
        turn_on(office, days=31)


@pytest.mark.parametrize("end", ["off", "withdrawal"])
def test_nothing_is_left_when_it_is_turned_off_or_she_withdraws(office, clock, end):
    """No row of it."""
    turn_on(office)
    see(office, clock)
    clock.pass_by(days=1)
    purge(office)
    assert {each.kind for each in rows(office)} == {"history", "history_on"}
    if end == "off":
        turn_history_off(office, ANN, proof(office, ANN, ASKED_OFF))
        assert kinds(office).count("history_turned_off") == 1
    else:
        withdraw(office, ANN)
    assert rows(office) == ()


def test_only_she_turns_it_on_with_a_key_that_can_be_sealed_to(office, log):
    """Logged first."""
    for wrong in (None, proof(office, ANN, asked_on(PUBLIC, 29))):
        with pytest.raises(PolicyRefused):
            turn_history_on(office, ANN, PUBLIC, 30, wrong)
    for public in ("00" * 32, "ab", "no key"):
        with pytest.raises(InputError):
            turn_on(office, public=public)
    log.weather = Weather.FAILS
    with pytest.raises(LogUnavailable):
        turn_on(office)
    log.weather = Weather.WORKS
    assert rows(office) == ()
    with pytest.raises(PolicyRefused):
        show_history(office, ANN)


def test_each_wish_about_it_is_logged_about_her_and_shown_with_its_days(office):
    """Turned on, shown, turned on for less, turned off: for 1 to 30 days."""
    turn_on(office)
    turn_on(office, days=1)
    assert shown(office) == History((), 1)
    turn_history_off(office, ANN, proof(office, ANN, ASKED_OFF))
    assert shown(office) == History((), None)
    on = [(ANN, {"subject": ANN, "days": days}) for days in (30, 1)]
    assert lines(office, "history_turned_on") == on
    assert lines(office, "history_turned_off") == [(ANN, {"subject": ANN})]
    assert lines(office, "history_given") == [(ANN, {"subject": ANN})] * 2
    for days in (0, 31):
        kind, message, _ = said_by(lambda days=days: turn_on(office, days))
        assert (kind, message) == (PolicyRefused, "a history is kept for 1 to 30 days")


def test_a_history_is_of_somebody_who_is_enrolled(keystore, log, clock):
    """Of whoever was only invited there is nothing."""
    office = live_office(MemoryStore(), keystore, log, clock, SEATED)
    invite_all(office, (invitee(),))
    kind, message, _ = said_by(lambda: turn_history_on(office, SubjectId("s_ann"), PUBLIC))
    assert (kind, message) == (PolicyRefused, "s_ann is not enrolled: there is nothing that a history could be of")
    for act in (turn_history_off, show_history):
        with pytest.raises(UnknownSubject):
            act(office, SubjectId("s_nobody"))


def test_an_export_says_that_there_is_one_and_not_what_is_in_it(office, clock):
    """Its box is opened by her, elsewhere."""
    turn_on(office, days=7)
    see(office, clock)
    clock.pass_by(days=1)
    purge(office)
    page = export_held(office, ANN, proof(office, ANN, ASKED)).page
    assert "Where you were on a day, sealed so that only you can open it" in page
    assert "You turned your history on, for 7 days." in page


def test_all_boxes_are_of_one_length():
    """A place is not told by its name's."""
    sizes = {len(seal_past(PUBLIC, ANN, Past(place, "cam", NOW, NOW))) for place in (None, "a", "a" * 40)}
    assert len(sizes) == 1
