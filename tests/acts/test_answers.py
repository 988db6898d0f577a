"""An answer of the desk counts once, is announced first, and reaches no template; few answers are not told."""

from __future__ import annotations

import ast
import inspect
import json
import sqlite3
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import beholden.acts.sightings.answers
import beholden.acts.sightings.drift
from beholden.acts.camera import add_camera
from beholden.acts.grants.withdraw import withdraw
from beholden.acts.recover import recover
from beholden.acts.sightings.answers import Answer, answer, estimate
from beholden.acts.sightings.counts import add_track_ends
from beholden.acts.sightings.presence import Sighting, sealed_sighting
from beholden.acts.sightings.sighting import Settle, purge
from beholden.acts.store import IN_FILES, AnswerCount
from beholden.consent.gate import Gate
from beholden.ledger.memory import MemoryLog, Weather
from beholden.model.camera import Camera
from beholden.model.errors import DataFolderError, LogUnavailable, SightingGone
from beholden.model.event import TrackEnded
from beholden.model.grant import Purpose
from beholden.model.ids import CameraId, Epoch, PlaceId, SightingId, TrackId
from beholden.model.match import Known, Reason, Why
from beholden.supervise.keeper.calls import Calls
from tests.acts.faults import Faulty, Killed
from tests.people import AT_LOBBY, IN_A_FILE, LOBBY, MODEL, NOW, enrolled, office_of

YARD = PlaceId("yard")
TODAY = NOW.date()


@pytest.fixture
def ann(office):
    enrolment = enrolled(office, "Ann", 1)
    return Known(enrolment.subject, enrolment.grants[0].id, Why(Reason.CLEAR, 2))


@pytest.fixture
def seen(office, ann):
    """Ann was recognised at the lobby."""
    return Settle(office).named(AT_LOBBY, Epoch("e"), TrackId("t"), ann, NOW)


def put(office, ann, number, place=LOBBY, opened_at=NOW, first=0):
    """So many more sightings of Ann; their ids. They die in a day, whenever they were opened."""
    made = [
        Sighting(
            id=SightingId(f"{place}{opened_at:%Y%m%d}{first + each}"),
            subject=ann.subject,
            grant=ann.grant,
            camera=CameraId("cam"),
            place=place,
            opened_at=opened_at,
            seen_at=opened_at,
            shots=2,
            dies_at=office.clock() + timedelta(days=1),
        )
        for each in range(number)
    ]
    key = office.keystore.data_key(ann.subject)
    office.store.put_sightings([sealed_sighting(each, key) for each in made])
    return [each.id for each in made]


def answered(office, ann, right, wrong, **where):
    """So many alerts were answered so."""
    for number, each in enumerate(put(office, ann, right + wrong, **where)):
        answer(office, each, number < right)


def events(office):
    return [line.event for line in office.journal.read() if line.event is not None]


def said(office):
    return [event for event in events(office) if event["kind"] == "answered"]


def counted(office):
    """Right and wrong ones by place and day."""
    return {(each.place, each.day, each.right): each.count for each in office.store.answer_counts()}


# -- one answer


def test_an_answer_is_announced_then_done_and_public_with_its_hour(office, seen, ann, log, clock):
    """Whom, where and what; nobody who counts leaves learns when."""
    before, size = len(events(office)), log.size()
    assert answer(office, seen, True) == Answer(seen, True, changed=True)
    [told] = events(office)[before:]
    assert told == {
        "kind": "answered",
        "at": "2026-11-23T09:41:07.250Z",
        "sighting": seen,
        "subject": ann.subject,
        "place": "lobby",
        "right": True,
    }
    assert office.store.sighting(seen).answered is True
    assert counted(office) == {(LOBBY, TODAY, True): 1}
    assert log.size() == size
    clock.pass_by(hours=1)
    office.journal.publish_due()
    [line] = [line for line in office.journal.read() if line.event == told]
    assert line.genuine
    assert line.leaf is not None


def test_its_leaf_is_sealed_under_the_key_of_whom_it_is_about(office, seen, ann, keystore):
    """After a withdrawal nobody can read of it."""
    answer(office, seen, False)
    assert len(said(office)) == 1
    keystore.destroy(ann.subject)
    assert said(office) == []


def test_the_same_answer_again_changes_nothing(office, seen, log, store):
    """No leaf, no count."""
    answer(office, seen, False)
    size, rows = log.size(), store.sightings()
    assert answer(office, seen, False) == Answer(seen, False, changed=False)
    assert (log.size(), store.sightings(), counted(office)) == (size, rows, {(LOBBY, TODAY, False): 1})


def test_another_answer_moves_the_count(office, seen):
    """From right to wrong, in the log both."""
    answer(office, seen, True)
    assert answer(office, seen, False).changed
    assert counted(office) == {(LOBBY, TODAY, False): 1}
    assert [event["right"] for event in said(office)] == [True, False]


def test_an_answer_counts_for_the_day_of_the_sighting(office, ann, clock):
    """Changed after midnight, it moves within the day before."""
    clock.now = NOW.replace(hour=23, minute=59)
    [late] = put(office, ann, 1, opened_at=clock.now)
    clock.pass_by(minutes=5)
    answer(office, late, True)
    answer(office, late, False)
    assert counted(office) == {(LOBBY, TODAY, False): 1}


def test_a_sighting_in_a_file_counts_under_no_place(office, ann):
    """The event has none."""
    found = Settle(office).named(IN_A_FILE, Epoch("e"), TrackId("t"), ann, NOW)
    answer(office, found, True)
    assert counted(office) == {(IN_FILES, TODAY, True): 1}
    assert [event["place"] for event in said(office)] == [None]


def test_an_answer_stays_when_the_person_is_seen_on(office, seen, ann):
    """The sealed row is put again, by the keeper and by its closing."""
    answer(office, seen, False)
    settle = Settle(office)
    assert settle.named(AT_LOBBY, Epoch("e"), TrackId("t"), ann, NOW + timedelta(seconds=30)) == seen
    assert len(settle.close_due(NOW + timedelta(hours=1))) == 1
    assert office.store.sighting(seen).answered is False
    assert not answer(office, seen, False).changed


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 4), st.booleans()), max_size=12))
def test_every_sighting_counts_once_as_it_was_answered_last(office, store, clock, keystore, said):
    """However often it was answered."""
    subjects = [each.id for each in store.subjects()]
    subject = subjects[0] if subjects else enrolled(office, "Ann", 1).subject
    store.purge(NOW + timedelta(days=400))
    who = Known(subject, store.grants(subject)[0].id, Why(Reason.CLEAR, 2))
    places = [LOBBY, LOBBY, LOBBY, YARD, YARD]
    ids = [put(office, who, 1, place=place, first=number)[0] for number, place in enumerate(places)]
    last = {}
    for number, right in said:
        assert answer(office, ids[number], right).changed is (last.get(number) is not right)
        last[number] = right
    for place in (LOBBY, YARD):
        for right in (True, False):
            mine = sum(1 for number, each in last.items() if (places[number], each) == (place, right))
            assert counted(office).get((place, TODAY, right), 0) == mine


# -- what cannot be answered


def refused(office, log, identity):
    size, before = log.size(), counted(office)
    with pytest.raises(SightingGone) as caught:
        answer(office, identity, True)
    assert "within 24 hours" in caught.value.advice
    assert (log.size(), counted(office)) == (size, before)


def test_a_sighting_that_never_was_cannot_be_answered(office, log):
    """Whatever was given for its id."""
    for identity in ("0" * 32, "", "x" * 5000, "' OR 1=1 --"):
        refused(office, log, SightingId(identity))


def test_a_sighting_is_answered_within_its_24_hours(office, log, seen, clock):
    """Not at its end, whether it was deleted yet or not."""
    dies_at = office.store.sighting(seen).dies_at
    clock.now = dies_at - timedelta(microseconds=1)
    answer(office, seen, True)
    clock.now = dies_at
    refused(office, log, seen)
    purge(office)
    refused(office, log, seen)
    assert counted(office) == {(LOBBY, TODAY, True): 1}


def test_a_withdrawal_deletes_the_sighting_and_keeps_the_counts(office, log, seen, ann, store):
    """Nobody is in them."""
    answer(office, seen, True)
    withdraw(office, ann.subject)
    assert store.sightings() == ()
    assert counted(office) == {(LOBBY, TODAY, True): 1}
    refused(office, log, seen)


@pytest.mark.parametrize("step", ["delete_templates", "delete_sightings"])
def test_while_a_withdrawal_is_under_way_nothing_is_answered(office, log, seen, ann, store, keystore, clock, step):
    """Before the key is destroyed, and after."""
    with pytest.raises(Killed):
        withdraw(office_of(Faulty(store, step, "before", Killed()), keystore, log, clock), ann.subject)
    assert store.sighting(seen) is not None
    refused(office, log, seen)


# -- what is cut off


def whole(office, identity):
    """Nothing is left over, and log, mark and count tell the same."""
    recover(office)
    assert [each for each in office.store.unsettled() if each.leaf is not None] == []
    told = said(office)
    mark = office.store.sighting(identity).answered
    assert mark is (told[-1]["right"] if told else None)
    assert counted(office) == ({} if mark is None else {(LOBBY, TODAY, mark): 1})


@pytest.fixture
def hour():
    return MemoryLog("beholden.invalid/memory/seen")


@pytest.fixture
def office(store, keystore, log, clock, hour):
    return office_of(store, keystore, log, clock, hour)


@pytest.mark.parametrize("before", [None, True], ids=["first", "changed"])
def test_while_the_log_fails_nothing_is_answered(office, seen, hour, before):
    """Asking again works."""
    if before is not None:
        answer(office, seen, before)
    hour.weather = Weather.FAILS
    with pytest.raises(LogUnavailable):
        answer(office, seen, False)
    assert office.store.sighting(seen).answered is before
    hour.weather = Weather.WORKS
    whole(office, seen)
    assert office.store.sighting(seen).answered is before
    assert answer(office, seen, False).changed
    whole(office, seen)


def test_what_was_said_though_the_log_failed_is_carried_on_at_the_next_start(office, seen, hour):
    """The leaf was persisted."""
    hour.weather = Weather.FAILS_BUT_PERSISTED
    with pytest.raises(LogUnavailable):
        answer(office, seen, False)
    assert office.store.sighting(seen).answered is None
    hour.weather = Weather.WORKS
    whole(office, seen)
    assert office.store.sighting(seen).answered is False


STEPS = ["add_openings", "mark_answer"]


@pytest.mark.parametrize("before", [None, True], ids=["first", "changed"])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("error", [Killed(), DataFolderError("the disk went away")], ids=["killed", "failed"])
@pytest.mark.parametrize("step", STEPS)
def test_cut_off_at_any_step_an_answer_is_done_or_was_not_given(
    office, seen, store, keystore, log, clock, hour, step, error, when, before
):
    """Never half: the log, the mark and the count agree, and asking again counts once."""
    if before is not None:
        answer(office, seen, before)
    with pytest.raises((Killed, DataFolderError)):
        answer(office_of(Faulty(store, step, when, error), keystore, log, clock, hour), seen, False)
    whole(office, seen)
    assert store.sighting(seen).answered is (False if step == "mark_answer" else before)
    answer(office, seen, False)
    whole(office, seen)
    assert store.sighting(seen).answered is False


def test_a_sighting_that_dies_meanwhile_is_not_answered(office, seen, store, keystore, log, clock, hour):
    """It was deleted between being found and being marked."""
    faulty = Faulty(store, "mark_answer", "before", None)

    def mark(*where, **how):
        store.purge(NOW + timedelta(days=2))
        return store.mark_answer(*where, **how)

    faulty.mark_answer = mark
    with pytest.raises(SightingGone):
        answer(office_of(faulty, keystore, log, clock, hour), seen, True)
    assert counted(office) == {}
    recover(office)
    assert counted(office) == {}


# -- no template


def stored_templates(path):
    connection = sqlite3.connect(path)
    try:
        return connection.execute("SELECT * FROM templates ORDER BY id").fetchall()
    finally:
        connection.close()


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_answers_never_touch_templates(office, store, keystore, ann, seen, tmp_path):
    """The table's bytes, what is known of people, and the gallery are the same after any number of answers."""

    def gallery():
        found = gate.gallery(AT_LOBBY, [Purpose.ENTRANCE], NOW, MODEL, rehearsal=True)
        return found.subjects, found.vectors.tobytes()

    gate = Gate(store, keystore)
    rows, people, shown = stored_templates(tmp_path / "beholden.db"), store.snapshot(), gallery()
    assert len(rows) == 1
    assert len(shown[0]) == 1
    for right in (False, True, False):
        answer(office, seen, right)
    answered(office, ann, 3, 9)
    estimate(office)
    assert stored_templates(tmp_path / "beholden.db") == rows
    assert (store.snapshot(), gallery()) == (people, shown)
    assert Gate(store, keystore).gallery(AT_LOBBY, [Purpose.ENTRANCE], NOW, MODEL, rehearsal=True).subjects == shown[0]


MAY = {"answer_counts", "cameras", "mark_answer", "sighting", "subject"}


def asked_of(code, what):
    """The names that are read from `x.what` anywhere in the code."""
    return {
        node.attr
        for node in ast.walk(code)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute) and node.value.attr == what
    }


def test_answers_ask_the_records_for_nothing_else():
    """No method of theirs reads or writes a template; a planted one is found."""
    code = ast.parse(inspect.getsource(beholden.acts.sightings.answers))
    assert asked_of(code, "store") == MAY
    assert asked_of(code, "keystore") == {"data_keys"}
    assert asked_of(ast.parse("office.store.delete_templates(s)"), "store") - MAY == {"delete_templates"}


def test_answers_import_nothing_that_knows_templates():
    """Neither by name nor by module; the store's own type, which does, is only in `Office`."""
    for module in (beholden.acts.sightings.answers, beholden.acts.sightings.drift):
        code = ast.parse(inspect.getsource(module))
        imported = {
            f"{node.module}.{alias.name}"
            for node in ast.walk(code)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        knowing = ("template", "gallery", "segment", "references", "gate", "enrol", "faces", "snapshot", "store.store")
        assert imported
        assert not [name for name in imported if any(word in name.lower() for word in knowing)]


# -- what is told


@pytest.fixture
def camera(office):
    add_camera(office, Camera(CameraId("cam"), LOBBY, NOW), "rtsp://192.168.1.20/")


def passed(office, number, at=NOW, outcome="unknown", place=LOBBY):
    """So many tracks ended."""
    event = TrackEnded(at=at, camera="cam", place=place, outcome=outcome, reason="clear", seconds=1)
    add_track_ends(office, (event,) * number)


def test_ten_answers_are_told_and_nine_are_not(office, ann):
    """Nor how many are missing: nine look like none."""
    answered(office, ann, 8, 1)
    [few] = estimate(office, LOBBY)
    assert (few.answered, few.right, few.wrong, few.per_alert, few.per_face) == (None,) * 5
    assert few == replace(estimate(office, YARD)[0], place=LOBBY)
    answered(office, ann, 1, 0, first=20)
    [told] = estimate(office, LOBBY)
    assert (told.answered, told.right, told.wrong, told.days) == (10, 9, 1, 90)
    assert (told.per_alert.wrong, told.per_alert.of, told.per_alert.share) == (1, 10, 0.1)
    assert (told.per_alert.low, told.per_alert.high) == pytest.approx((0.01788, 0.40415), abs=1e-5)


def test_every_place_has_a_row(office, ann, camera):
    """Places with cameras, and whatever was answered: a row that is missing would tell that nothing was."""
    assert [each.place for each in estimate(office)] == [LOBBY]
    answered(office, ann, 10, 0, place=YARD)
    answered(office, ann, 1, 0, place=None)
    assert [(each.place, each.answered) for each in estimate(office)] == [("", None), (LOBBY, None), (YARD, 10)]
    assert [each.place for each in estimate(office, YARD)] == [YARD]


def test_days_reach_back_with_today(office, ann, clock):
    """Whole days in UTC; at most those of a year."""
    for number, days in enumerate((0, 6, 7)):
        answered(office, ann, 10, number, opened_at=NOW - timedelta(days=days))
    clock.now = NOW.replace(hour=23, minute=59)
    told = {days: estimate(office, LOBBY, days)[0].answered for days in (1, 6, 7, 8, 365, 10**9, 0, -5)}
    assert told == {1: 10, 6: 10, 7: 21, 8: 33, 365: 33, 10**9: 33, 0: 10, -5: 10}


def test_counts_of_answers_are_kept_for_a_year(office, ann, clock):
    """And then are gone."""
    answered(office, ann, 12, 0)
    clock.now = datetime.combine(TODAY, NOW.timetz().replace(hour=0, minute=0, second=0, microsecond=0)) + timedelta(
        days=365, microseconds=-1
    )
    purge(office)
    assert estimate(office, LOBBY, 365)[0].answered == 12
    clock.pass_by(microseconds=1)
    purge(office)
    assert counted(office) == {}


def test_wrong_ones_are_told_per_face_that_passed(office, ann, clock):
    """Of the hours that may be told: 400 strangers and 20 who were named, over two hours."""
    answered(office, ann, 17, 3)
    passed(office, 400)
    passed(office, 10, outcome="known")
    clock.pass_by(hours=1)
    passed(office, 10, outcome="known", at=clock.now)
    passed(office, 30, at=clock.now)
    passed(office, 9, at=clock.now, outcome="undecided")  # hidden, and takes the smallest of the others with it
    assert estimate(office, LOBBY)[0].per_face.of == 400
    clock.pass_by(hours=1)
    [told] = estimate(office, LOBBY)
    assert (told.per_face.wrong, told.per_face.of, told.per_face.share) == (3, 430, 3 / 430)
    assert told.per_face.low < 3 / 430 < told.per_face.high


def test_faces_are_those_of_the_counts_that_may_be_told(office, ann, clock, camera):
    """Never more than their sum: a count that is hidden there cannot be had here by subtraction."""
    from beholden.acts.sightings.counts import counts

    answered(office, ann, 12, 0)
    for hour in range(6):
        for outcome, number in (("known", 12), ("unknown", 9 + hour), ("undecided", hour * 5)):
            passed(office, number, at=clock.now, outcome=outcome)
        clock.pass_by(hours=1)
    rows = counts(office, NOW - timedelta(days=2), clock.now, LOBBY)
    told = sum(count for row in rows for count in row.outcomes.values() if count is not None)
    [found] = estimate(office, LOBBY)
    assert found.per_face.of == told
    everything = sum(each.count for each in office.store.hour_counts(NOW - timedelta(days=2), clock.now))
    assert everything > told > 0


def test_faces_are_not_told_where_too_few_were_counted(office, ann, clock):
    """Nothing in hours that may be told, or fewer than alerts."""
    answered(office, ann, 20, 0)
    clock.pass_by(hours=2)
    assert estimate(office, LOBBY)[0].per_face is None
    passed(office, 19)
    clock.pass_by(hours=2)
    assert estimate(office, LOBBY)[0].per_face is None
    passed(office, 21)
    clock.pass_by(hours=2)
    assert estimate(office, LOBBY)[0].per_face.of >= 20


def test_wrong_per_face_is_of_the_days_whose_faces_are_known(office, ann, clock):
    """Counts of faces live 90 days: older answers are told per alert only."""
    answered(office, ann, 15, 15, opened_at=NOW - timedelta(days=90))
    answered(office, ann, 18, 2, opened_at=NOW - timedelta(days=89))
    passed(office, 100)
    clock.pass_by(hours=2)
    [told] = estimate(office, LOBBY, 365)
    assert (told.per_alert.wrong, told.per_alert.of) == (17, 50)
    assert (told.per_face.wrong, told.per_face.of) == (2, 100)


def test_an_alarm_is_told_of_its_place(office, ann):
    """Whatever span was asked for, and not from fewer than ten answers."""
    answered(office, ann, 0, 9, opened_at=NOW - timedelta(days=3))
    answered(office, ann, 12, 0, place=YARD)
    assert estimate(office, LOBBY)[0].alarm is None
    answered(office, ann, 0, 1, opened_at=NOW - timedelta(days=2))
    lobby, yard = estimate(office, days=1)
    assert (lobby.alarm.since, lobby.alarm.raised, lobby.answered) == (date(2026, 11, 20), date(2026, 11, 20), None)
    assert yard.alarm is None


def test_an_estimate_is_the_same_at_the_other_end_of_the_keepers_socket(office, ann, clock):
    """With shares, days and an alarm; as JSON both denominators are named."""
    answered(office, ann, 6, 30)
    passed(office, 100)
    clock.pass_by(hours=2)
    told = estimate(office, LOBBY, 30)
    assert None not in (told[0].alarm, told[0].per_face, told[0].per_alert)
    call = Calls().of(estimate)
    assert call.decode(call.run(office, call.encode((LOBBY,), {"days": 30})[0])) == told
    values = json.loads(json.dumps(told[0].as_values()))
    assert values["wrong_per_alert_answered"]["of"] == 36
    assert values["wrong_per_face_that_passed"]["of"] == 100
    assert values["alarm"]["since"] == "2026-11-23"
    given = Calls().of(answer)
    again = given.run(office, given.encode((put(office, ann, 1, first=90)[0], True), {})[0])
    assert given.decode(again).changed


def test_a_count_of_answers_has_room_for_nobody():
    """A place, a day, a word and a number."""
    assert set(AnswerCount.__dataclass_fields__) == {"place", "day", "right", "count"}
