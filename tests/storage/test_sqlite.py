"""What only the SQLite file must do: hold against its own ways of replacing rows, forget bytes, be private."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import pytest

from beholden.consent.registry import SubjectState
from beholden.model.errors import DataFolderError, StorageFull
from beholden.storage.database import Database
from tests.storage.test_engines import INSERT
from tests.storage.test_store_promises import ANN, GRANT, SIGHTING, SUBJECT, TEMPLATE


@pytest.fixture
def path(tmp_path):
    return tmp_path / "beholden.db"


@pytest.mark.parametrize("checked", [True, False], ids=["foreign keys on", "foreign keys off"])
@pytest.mark.parametrize(
    "statement",
    [
        *(INSERT.format(subject, grant) for subject, grant in (("'s_ann'", "'g_2'"), ("NULL", "'g_1'"))),
        "INSERT INTO folder VALUES ('f', 0, 0)",
        "INSERT INTO revision VALUES (1, 0)",
        "INSERT INTO cameras_revision VALUES (1, 0)",
    ],
)
def test_replacing_a_row_is_no_way_around_the_rules(database, path, checked, statement):
    """OR REPLACE deletes what is in the way."""
    database.add_enrolment(SUBJECT, [GRANT], TEMPLATE)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(f"PRAGMA foreign_keys={'ON' if checked else 'OFF'}")
    with pytest.raises(sqlite3.IntegrityError):
        connection.execute(statement.replace("INSERT", "INSERT OR REPLACE", 1))
    connection.close()


@pytest.mark.parametrize("content", [b"not a database at all" * 100, b"SQLite format 3\x00" + b"\xff" * 5000])
def test_a_damaged_database_is_an_error_of_ours(path, content):
    """No foreign exception leaves."""
    path.write_bytes(content)
    with pytest.raises(DataFolderError):
        Database.open(path)


def test_the_file_and_its_journal_are_private(database, path):
    """0600, all three."""
    database.add_enrolment(SUBJECT, [GRANT], TEMPLATE)
    files = sorted(path.parent.glob("beholden.db*"))
    assert len(files) == 3
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


def stored(path, needle):
    """In which files of the database these bytes lie."""
    return {file.name for file in path.parent.glob("beholden.db*") if needle in file.read_bytes()}


def test_what_is_deleted_is_gone_from_the_file_and_its_journal(database, path):
    """Found while it is there, in the journal too; nowhere after deleting and compacting."""
    secret, name, sight = b"SEALED-TEMPLATE-" * 40, b"SEALED-NAME-" * 9, b"SEALED-SIGHTING-" * 9
    database.add_enrolment(replace(SUBJECT, particulars=name), [GRANT], replace(TEMPLATE, sealed=secret))
    database.put_sightings([replace(SIGHTING, sealed=sight)])
    for needle in (secret, name, sight):
        assert "beholden.db-wal" in stored(path, needle)
    database.compact()
    for needle in (secret, name, sight):
        assert stored(path, needle) == {"beholden.db"}
    database.begin_withdrawal(ANN, 1)
    database.delete_templates(ANN)
    database.delete_sightings(ANN)
    database.strip(ANN)
    assert stored(path, secret[:16]), "the journal or the file keeps it until compacting: the search does find things"
    database.compact()
    for needle in (secret[:16], name[:12], sight[:16]):
        assert stored(path, needle) == set()


def test_compacting_says_so_when_a_reader_is_in_the_way(database, path, monkeypatch):
    """Old pages that a reader holds are not passed over in silence."""
    monkeypatch.setattr("beholden.storage.engine.BUSY_SECONDS", 0.1)
    database.add_subject(replace(SUBJECT, state=SubjectState.INVITED))
    with Database.open(path) as quick:
        reader = sqlite3.connect(path, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM subjects").fetchall()
        quick.strip(ANN)
        with pytest.raises(DataFolderError, match="reader"):
            quick.compact()
        reader.execute("COMMIT")
        reader.close()
        quick.compact()


def test_a_full_disk_is_an_error_of_ours_and_stores_nothing(database, path):
    """SQLite's own page limit stands in for a full disk."""
    engine = database._engine
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 30")
    with pytest.raises(StorageFull):
        database.add_enrolment(replace(SUBJECT, particulars=bytes(500_000)), [GRANT], TEMPLATE)
    assert database.subjects() == ()
