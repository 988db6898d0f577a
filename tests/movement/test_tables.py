"""No table, view, index or method of the store says in clear who was where, or when to less than an hour."""

from __future__ import annotations

import inspect
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from beholden.acts.store import SealedSighting, Store
from beholden.consent.keystore import Keystore
from beholden.storage.database import Database
from beholden.storage.schema import metadata
from tests.movement.arguments import calls
from tests.movement.planted import BEGAN, complaints, planted
from tests.people import NOW

PERSON = {"subject", "about", "grant_id", "token_hash"}
"""Columns that tell, or lead to, whose a row is."""
PRESENCE = {"place", "camera", "at", "day", "hour", "seconds", "track", "opened_at", "seen_at", "closed_at", "answered"}
"""Columns in clear that tell where or when somebody was."""
HARMLESS = {
    "id", "rehearsal", "created_at", "value", "state", "particulars", "withdrawal", "purpose", "basis", "places",
    "starts_at", "ends_at", "hours", "recordings", "standing", "sealed", "model", "captured_at", "quality", "shots",
    "dies_at", "outcome", "reason", "count", "right", "added_at", "paused", "record", "zones", "removal", "commitment",
    "body", "intent", "leaf", "result", "noted", "size", "what", "lines", "purposes", "made_at", "expires_at",
    "read_digest", "used_at", "revoked_at", "latest", "sure", "certain", "boot", "counted", "kind",
}  # fmt: skip
"""Columns that are sealed, or about agreements, keeping and the log; what they hold is looked at below."""
SEALED_OR_EMPTY = {("openings", "place"), ("sightings", "answered")}
"""The place of a fact that waits for its hour is sealed (`acts.logged.openings_place`); whether an alert was right
tells neither where nor when."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A town in a real database."""
    path = tmp_path_factory.mktemp("tables")
    with Database.create(path / "town.db", "f", rehearsal=False, moment=BEGAN) as database:
        yield planted(database, Keystore.create(path / "keystore")), path / "town.db"


def test_no_table_joins_a_person_with_a_place_or_a_moment_of_presence():
    """By its columns; a column that is new has to be said here."""
    for table in metadata.tables.values():
        names = {column.name for column in table.columns}
        assert names <= PERSON | PRESENCE | HARMLESS, table.name
        if names & PERSON:
            assert {(table.name, name) for name in names & PRESENCE} <= SEALED_OR_EMPTY


def test_no_index_leads_from_a_person_to_where_or_when():
    """Each is of one column."""
    indexes = [index for table in metadata.tables.values() for index in table.indexes]
    assert indexes
    assert all(len(index.columns) == 1 for index in indexes)


def test_there_are_no_views(folder):
    """One would have to be looked at here."""
    with sqlite3.connect(folder[1]) as database:
        kinds = {kind for (kind,) in database.execute("SELECT DISTINCT type FROM sqlite_master")}
    assert kinds == {"table", "index", "trigger"}


def test_no_row_tells_where_or_when_somebody_was(folder):
    """Every row of every table, moments written out; a full hour is as much as any row of a person knows."""
    town, path = folder
    assert [each for each in _rows(path) if list(complaints(town, each, each))] == []


def test_a_row_that_tells_is_found(folder):
    """Planted: whose it is with the minute, and whose it is with the place."""
    town, path = folder
    ann = town.people[0]
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE planted (subject TEXT, at INTEGER, place TEXT)")
        for at, place in ((ann.traces[0].at, None), (NOW, ann.traces[0].place)):
            database.execute("INSERT INTO planted VALUES (?, ?, ?)", (ann.id, int(at.timestamp() * 1e6), place))
    try:
        assert len([each for each in _rows(path) if list(complaints(town, each, each))]) == 2
    finally:
        with sqlite3.connect(path) as database:
            database.execute("DROP TABLE planted")


def test_names_are_in_no_file_of_the_database(folder):
    """Nor the words of an incident that is kept."""
    town, path = folder
    held = b"".join(each.read_bytes() for each in path.parent.glob("town.db*"))
    assert not any(person.name.encode() in held for person in town.people)
    assert b"cam-attic" in held  # the camera itself is known; beside whom, the rows above say


def test_every_method_of_the_store_that_returns_sightings_returns_them_sealed():
    """A new one is to be looked at: what is sealed opens with the person's key only."""
    returning = {
        name
        for name, method in inspect.getmembers(Store, inspect.isfunction)
        if SealedSighting.__name__ in str(inspect.signature(method).return_annotation)
    }
    assert returning == {"sightings", "sighting"}
    assert set(SealedSighting.__slots__) == {"id", "subject", "dies_at", "sealed", "answered"}


READING = sorted(
    name
    for name, method in inspect.getmembers(Store, inspect.isfunction)
    if not name.startswith("_") and str(inspect.signature(method).return_annotation) not in ("None", "")
    and not name.startswith(("put_", "mark_", "purge"))
)  # fmt: skip


@pytest.mark.parametrize("name", READING)
def test_no_method_of_the_store_tells_where_or_when_somebody_was(folder, name):
    """With every kind of argument; one by one, for a list of sealed sightings is no list of where they were."""
    town, _ = folder
    for given in calls(town, getattr(Store, name)):
        given.pop("self", None)
        found = getattr(town.office.store, name)(**given)
        for each in found if isinstance(found, tuple | list) else [found]:
            assert list(complaints(town, "", _written(each))) == []


def _rows(path) -> list[str]:
    with sqlite3.connect(path) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return [
            " ".join(_written(value) for value in row)
            for table in tables
            for row in database.execute(f'SELECT * FROM "{table}"')
        ]


def _written(value: object) -> str:
    """As text, with numbers that may be moments as moments, and every text in quotes."""
    if isinstance(value, int) and 1_600_000_000_000_000 < value < 2_000_000_000_000_000:
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=value)).isoformat()
    if isinstance(value, datetime):
        return value.isoformat()
    if hasattr(value, "__slots__") and not isinstance(value, str | bytes):
        return " ".join(_written(getattr(value, name, None)) for name in type(value).__slots__)
    return f'"{value}"' if isinstance(value, str) else str(value)
