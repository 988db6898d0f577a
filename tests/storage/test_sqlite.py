"""What only the SQLite file must do: hold against raw SQL, forget bytes, be private, be shared, be versioned."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import textwrap
from dataclasses import replace
from datetime import timedelta

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from beholden.consent.registry import SubjectState
from beholden.model.errors import DataFolderError, FolderMissing, FolderNewer, StorageFull
from beholden.storage.database import Database
from beholden.storage.migrations import VERSIONS
from beholden.storage.schema import metadata
from tests.people import NOW
from tests.storage.test_store_promises import ANN, GRANT, SIGHTING, SUBJECT, TEMPLATE

INSERT = "INSERT INTO templates (subject, grant_id, sealed, model, captured_at, quality, shots) VALUES (?,?,?,?,0,1,1)"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "beholden.db"


@pytest.fixture(params=[True, False], ids=["foreign keys on", "foreign keys off"])
def raw(request, database, path):
    """Somebody with a SQL shell, who may not have switched foreign keys on."""
    database.add_enrolment(SUBJECT, [GRANT], TEMPLATE)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(f"PRAGMA foreign_keys={'ON' if request.param else 'OFF'}")
    yield connection
    connection.close()


def test_raw_sql_can_insert_a_template_with_a_grant(raw):
    """The control: the statement itself is right."""
    raw.execute(INSERT, (ANN, "g_1", b"x", "m"))


@pytest.mark.parametrize(("subject", "grant"), [(ANN, "g_2"), (ANN, None), ("s_stranger", "g_1"), (None, "g_1")])
def test_raw_sql_cannot_insert_a_template_without_a_grant(raw, subject, grant):
    """I1: a foreign key, and triggers for whoever switched that off."""
    with pytest.raises(sqlite3.IntegrityError):
        raw.execute(INSERT, (subject, grant, b"x", "m"))
    with pytest.raises(sqlite3.IntegrityError):
        raw.execute(INSERT.replace("INSERT", "INSERT OR REPLACE"), (subject, grant, b"x", "m"))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE templates SET grant_id = 'g_2'",
        "UPDATE templates SET subject = 's_stranger'",
        "DELETE FROM grants",
        "DELETE FROM subjects",
        "UPDATE grants SET state = 'withdrawn'",
        "UPDATE grants SET id = 'g_9'",
        "UPDATE grants SET subject = 's_stranger'",
        "UPDATE folder SET rehearsal = 0",
        "DELETE FROM folder",
        "INSERT INTO folder VALUES ('other', 0, 0)",
        "INSERT OR REPLACE INTO folder VALUES ('f', 0, 0)",
        "UPDATE revision SET value = 1",
        "DELETE FROM revision",
        "INSERT OR REPLACE INTO revision VALUES (1, 0)",
        "INSERT INTO sightings (id, subject, dies_at, sealed) VALUES ('x', 's_stranger', 0, x'00')",
        "UPDATE cameras_revision SET value = 1",
        "DELETE FROM cameras_revision",
        "INSERT OR REPLACE INTO cameras_revision VALUES (1, 0)",
    ],
)
def test_raw_sql_cannot_walk_around_the_rules(raw, statement):
    """Templates keep their grant, a folder stays what it is, the revision never falls."""
    with pytest.raises(sqlite3.IntegrityError):
        raw.execute(statement)


def test_no_other_column_could_hold_a_template():
    """Binary columns are these: a stranger's template has no place to be."""
    binary = {
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if column.type.python_type is bytes
    }
    assert binary == {
        "subjects.particulars",
        "templates.sealed",
        "sightings.sealed",
        "openings.commitment",
        "openings.body",
        "cameras.sealed",
    }


def test_the_schema_equals_the_summed_migrations(database, path):
    """Tables, columns, types, indexes and keys; a planted difference is found."""
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        connection.exec_driver_sql("CREATE TABLE planted (id INTEGER)")
        assert compare_metadata(context, metadata) != []
        connection.rollback()
    engine.dispose()


def test_the_list_of_versions_is_the_list_of_migrations():
    """So that a newer database is told from a damaged one."""
    config = Config()
    config.set_main_option("script_location", "beholden.storage:migrations")
    config.set_main_option("path_separator", "os")
    steps = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert tuple(reversed(steps)) == VERSIONS


FIRST_ROWS = (
    "INSERT INTO folder VALUES ('f', 1, 0)",
    "INSERT INTO subjects (id, state, created_at) VALUES ('s_ann', 'enrolled', 5)",
    "INSERT INTO sightings VALUES ('x', 's_ann', 9, x'00')",
    "INSERT INTO track_ends (at, camera, place, outcome, reason, seconds) VALUES (7, 'c', NULL, 'unknown', 'clear', 3)",
)


def test_a_database_of_the_first_version_is_brought_up_to_date(path):
    """What was in it stays, and the end of a track that had no end gets a day from when it happened."""
    config = Config()
    config.set_main_option("script_location", "beholden.storage:migrations")
    config.set_main_option("path_separator", "os")
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        with connection.begin():
            command.upgrade(config, "0001")
        for statement in FIRST_ROWS:
            connection.exec_driver_sql(statement)
        connection.commit()
    engine.dispose()
    with Database.open(path) as database:
        assert [subject.id for subject in database.subjects()] == ["s_ann"]
        assert [sighting.id for sighting in database.sightings()] == ["x"]
        assert (database.cameras(), database.cameras_revision()) == ((), 1)
        [end] = database.track_ends()
        database.purge(end.at + timedelta(days=1) - timedelta(microseconds=1))
        assert database.track_ends() == (end,)
        database.purge(end.at + timedelta(days=1))
        assert database.track_ends() == ()


def test_a_newer_database_is_not_touched(database, path):
    """Exit code 6, and the bytes are the same afterwards."""
    database.close()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(FolderNewer, match="9999"):
        Database.open(path)
    assert path.read_bytes() == before


def test_a_missing_database_is_not_made_by_opening(path):
    """Opening creates nothing."""
    with pytest.raises(FolderMissing):
        Database.open(path)
    assert not path.exists()


@pytest.mark.parametrize("content", [b"not a database at all" * 100, b"SQLite format 3\x00" + b"\xff" * 5000])
def test_a_damaged_database_is_an_error_of_ours(path, content):
    """No foreign exception leaves."""
    path.write_bytes(content)
    with pytest.raises(DataFolderError):
        Database.open(path)


def test_a_row_that_nobody_here_wrote_is_an_error_of_ours(raw, database):
    """An unknown purpose is damage."""
    raw.execute("UPDATE grants SET purpose = 'advertising'")
    with pytest.raises(DataFolderError, match="damaged"):
        database.snapshot()


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


def test_a_reader_sees_another_process_at_its_next_question(database, path):
    """The revision, and what changed."""
    revision = database.revision()
    code = """
        import sys
        from pathlib import Path
        from beholden.storage.database import Database
        from tests.storage.test_store_promises import GRANT, SUBJECT, TEMPLATE
        with Database.open(Path(sys.argv[1])) as other:
            other.add_enrolment(SUBJECT, [GRANT], TEMPLATE)
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code), str(path)], check=True)
    assert database.revision() > revision
    assert database.snapshot().subjects == (SUBJECT,)


def test_a_full_disk_is_an_error_of_ours_and_stores_nothing(database, path):
    """SQLite's own page limit stands in for a full disk."""
    engine = database._engine
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 30")
    with pytest.raises(StorageFull):
        database.add_enrolment(replace(SUBJECT, particulars=bytes(500_000)), [GRANT], TEMPLATE)
    assert database.subjects() == ()


def test_a_file_of_no_data_folder_is_refused(path):
    """A schema without the row that says what it is."""
    from beholden.storage.engine import create_database

    create_database(path).dispose()
    with pytest.raises(DataFolderError, match="no data folder"):
        Database.open(path)


def test_what_was_created_says_what_it_is(tmp_path):
    """Rehearsal or not, for good."""
    for rehearsal in (True, False):
        with Database.create(tmp_path / f"{rehearsal}.db", "f", rehearsal=rehearsal, moment=NOW) as each:
            assert (each.rehearsal, each.id) == (rehearsal, "f")
