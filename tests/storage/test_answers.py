"""Marks and counts of answers, on every store: changed together, kept for a year, with nobody in them."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from alembic import command
from alembic.config import Config
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine

from beholden.acts.store import AnswerCount, Opening
from beholden.model.errors import StorageFull
from beholden.model.ids import PlaceId, SightingId
from beholden.storage import schema
from beholden.storage.database import Database
from tests.people import LOBBY, NOW
from tests.storage.test_store_promises import ANN, GRANT, SIGHTING, SUBJECT, TEMPLATE

DAY = NOW.date()
OTHER = replace(SIGHTING, id=SightingId("2"))
SAID = Opening(b"i" * 32, b"x", ANN, False, NOW, place="lobby")


@pytest.fixture
def seen(store):
    """Ann, two sightings, and what opens an answer."""
    store.add_enrolment(SUBJECT, [GRANT], TEMPLATE)
    store.put_sightings([SIGHTING, OTHER])
    store.add_openings([SAID])
    return store


def mark(store, right, sighting=SIGHTING.id, place=LOBBY, day=DAY, noted=None):
    return store.mark_answer(sighting, right, place, day, noted or {})


def test_a_sighting_is_found_by_its_id(seen):
    """With its answer; None where there is none."""
    assert seen.sighting(SIGHTING.id) == SIGHTING
    mark(seen, False)
    assert seen.sighting(SIGHTING.id) == replace(SIGHTING, answered=False)
    assert seen.sighting(SightingId("3")) is None


def test_a_mark_its_count_and_what_is_noted_are_one_change(seen):
    """Of one sighting only."""
    assert mark(seen, True, noted={SAID.commitment: 3})
    assert seen.sightings() == (replace(SIGHTING, answered=True), OTHER)
    assert seen.answer_counts() == (AnswerCount(LOBBY, DAY, True, 1),)
    assert seen.waiting() == (replace(SAID, noted=3),)
    assert mark(seen, True, OTHER.id)
    assert seen.answer_counts() == (AnswerCount(LOBBY, DAY, True, 2),)


def test_an_answer_that_changes_moves_its_count_and_one_that_does_not_moves_none(seen):
    """A count of nothing is no row."""
    mark(seen, True)
    mark(seen, True)
    assert seen.answer_counts() == (AnswerCount(LOBBY, DAY, True, 1),)
    mark(seen, False)
    assert seen.answer_counts() == (AnswerCount(LOBBY, DAY, False, 1),)
    assert seen.sighting(SIGHTING.id).answered is False


def test_a_sighting_that_is_gone_is_not_marked_and_nothing_is_changed(seen):
    """No count."""
    assert not mark(seen, True, SightingId("3"))
    assert seen.answer_counts() == ()


def test_putting_a_sighting_again_keeps_its_answer(seen):
    """Whatever the new row says of it: the person is seen on after the desk has answered."""
    mark(seen, False)
    later = replace(SIGHTING, sealed=b"later")
    for put in (later, replace(later, answered=True)):
        seen.put_sightings([put])
        assert seen.sighting(SIGHTING.id) == replace(later, answered=False)
    seen.put_sightings([replace(SIGHTING, id=SightingId("3"), answered=True)])
    assert seen.sighting(SightingId("3")).answered is None


def test_counts_are_told_by_place_and_day(seen):
    """Wrong ones first; files have no name."""
    for number, (place, days, right) in enumerate(
        [("yard", 0, True), ("", 1, True), ("lobby", 1, True), ("lobby", 1, False), ("lobby", 0, True)]
    ):
        seen.put_sightings([replace(SIGHTING, id=SightingId(f"n{number}"))])
        mark(seen, right, SightingId(f"n{number}"), PlaceId(place), DAY + timedelta(days=days))
    next_day = DAY + timedelta(days=1)
    assert seen.answer_counts() == (
        AnswerCount(PlaceId(""), next_day, True, 1),
        AnswerCount(LOBBY, DAY, True, 1),
        AnswerCount(LOBBY, next_day, False, 1),
        AnswerCount(LOBBY, next_day, True, 1),
        AnswerCount(PlaceId("yard"), DAY, True, 1),
    )


def test_counts_outlive_the_sighting_and_the_person(seen):
    """They go when their year is over, counted from the beginning of the day."""
    mark(seen, True)
    seen.begin_withdrawal(ANN, 1)
    seen.delete_sightings(ANN)
    begun = datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC)
    seen.purge(begun + timedelta(days=365) - timedelta(microseconds=1))
    assert seen.answer_counts() == (AnswerCount(LOBBY, DAY, True, 1),)
    seen.purge(begun + timedelta(days=365))
    assert seen.answer_counts() == ()


def test_an_answer_whose_count_was_purged_takes_nothing_else_back(seen):
    """No count is ever less than nothing: of a film that is older than a year, for example."""
    old = DAY - timedelta(days=400)
    mark(seen, True, day=old)
    seen.purge(NOW)
    assert (seen.answer_counts(), seen.sighting(SIGHTING.id).answered) == ((), True)
    mark(seen, False, day=old)
    assert seen.answer_counts() == (AnswerCount(LOBBY, old, False, 1),)


def test_answers_do_not_raise_a_revision(seen):
    """Galleries and cameras are not read again for them."""
    before = seen.revision(), seen.cameras_revision(), seen.snapshot()
    mark(seen, True)
    mark(seen, False)
    assert (seen.revision(), seen.cameras_revision(), seen.snapshot()) == before


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["1", "2"]), st.booleans()), max_size=12))
def test_counts_are_the_marks_that_there_are(seen, said):
    """After any answers: each sighting counts once."""
    seen.purge(NOW + timedelta(days=366))
    seen.put_sightings([SIGHTING, OTHER])
    for sighting, right in said:
        mark(seen, right, SightingId(sighting))
    marks = [each.answered for each in seen.sightings()]
    assert {each.right: each.count for each in seen.answer_counts()} == {
        right: marks.count(right) for right in (True, False) if right in marks
    }


def test_on_a_full_disk_neither_the_mark_nor_the_count_is_kept(database, tmp_path):
    """The mark is written after the count: a limit of SQLite's own stands in for the disk."""
    database.add_enrolment(SUBJECT, [GRANT], TEMPLATE)
    database.put_sightings([SIGHTING])
    raw = sqlite3.connect(tmp_path / "beholden.db", isolation_level=None)
    raw.execute(
        "CREATE TRIGGER full BEFORE UPDATE ON sightings BEGIN INSERT INTO sightings (id, subject, dies_at, sealed) "
        "VALUES ('big', NEW.subject, 0, zeroblob(5000000)); END"
    )
    with database._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 100")
    with pytest.raises(StorageFull):
        mark(database, True)
    raw.close()
    assert (database.answer_counts(), database.sightings()) == ((), (SIGHTING,))


def test_the_table_of_counts_has_no_room_for_anybody():
    """Neither a sighting nor a person."""
    columns = {column.name: column.type.python_type for column in schema.answer_counts.columns}
    assert columns == {"place": str, "day": int, "right": bool, "count": int}


@pytest.mark.parametrize("version", ["0001", "0002"])
def test_sightings_of_before_were_not_answered(tmp_path, version):
    """They stay, and can be answered."""
    path, config = tmp_path / "old.db", Config()
    config.set_main_option("script_location", "beholden.storage:migrations")
    config.set_main_option("path_separator", "os")
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        with connection.begin():
            command.upgrade(config, version)
        for statement in (
            "INSERT INTO folder VALUES ('f', 1, 0)",
            "INSERT INTO subjects (id, state, created_at) VALUES ('s_ann', 'enrolled', 5)",
            "INSERT INTO sightings VALUES ('1', 's_ann', 9, x'00')",
        ):
            connection.exec_driver_sql(statement)
        connection.commit()
    engine.dispose()
    with Database.open(path) as database:
        assert [(each.id, each.answered) for each in database.sightings()] == [("1", None)]
        assert database.answer_counts() == ()
        assert mark(database, True)
        assert database.answer_counts() == (AnswerCount(LOBBY, DAY, True, 1),)
