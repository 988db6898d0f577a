"""What a database must do on either engine: hold against raw SQL, be shared, be versioned, and copy to the other."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import threading
import traceback
from dataclasses import replace
from datetime import timedelta

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, select

from beholden.acts.store import Opening, Published
from beholden.consent.registry import SubjectState
from beholden.model.errors import BeholdenError, ConsentError, DataFolderError, FolderMissing, FolderNewer
from beholden.model.grant import GrantState
from beholden.storage.copying import copy_database
from beholden.storage.database import Database
from beholden.storage.engine import create_database
from beholden.storage.migrations import VERSIONS
from beholden.storage.postgresql import PostgresqlServer
from beholden.storage.schema import metadata
from beholden.storage.sqlite import SqliteFile
from tests.people import NOW
from tests.storage.servers import Shell, outsider
from tests.storage.test_store_promises import ANN, BEN, CAMERA, COUNT, GRANT, SIGHTING, SUBJECT, TEMPLATE, end

INSERT = (
    "INSERT INTO templates (subject, grant_id, sealed, model, captured_at, quality, shots) "
    "VALUES ({}, {}, 'x', 'm', 0, 1, 1)"
)
WITHDRAW = "UPDATE grants SET state = 'withdrawn'"


@pytest.fixture(params=[True, False], ids=["foreign keys on", "foreign keys off"])
def raw(request, kept):
    """Somebody with a SQL shell, who may have switched foreign keys off."""
    kept.add_enrolment(SUBJECT, [GRANT], TEMPLATE)
    opened = Shell(kept._backend, checked=request.param)
    yield opened
    opened.close()


def test_raw_sql_can_insert_a_template_with_a_grant(raw):
    """The control: the statement itself is right."""
    raw.execute(INSERT.format("'s_ann'", "'g_1'"))


@pytest.mark.parametrize(
    ("subject", "grant"), [("'s_ann'", "'g_2'"), ("'s_ann'", "NULL"), ("'s_stranger'", "'g_1'"), ("NULL", "'g_1'")]
)
def test_raw_sql_cannot_insert_a_template_without_a_grant(raw, subject, grant):
    """I1: a foreign key, and triggers for whoever switched that off."""
    with pytest.raises(raw.refused):
        raw.execute(INSERT.format(subject, grant))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE templates SET grant_id = 'g_2'",
        "UPDATE templates SET subject = 's_stranger'",
        "DELETE FROM grants",
        "DELETE FROM subjects",
        WITHDRAW,
        "UPDATE grants SET id = 'g_9'",
        "UPDATE grants SET subject = 's_stranger'",
        "UPDATE folder SET rehearsal = FALSE",
        "DELETE FROM folder",
        "INSERT INTO folder VALUES ('other', FALSE, 0)",
        "UPDATE revision SET value = 1",
        "DELETE FROM revision",
        "INSERT INTO sightings (id, subject, dies_at, sealed) VALUES ('x', 's_stranger', 0, 'x')",
        "UPDATE cameras_revision SET value = 1",
        "DELETE FROM cameras_revision",
    ],
)
def test_raw_sql_cannot_walk_around_the_rules(raw, statement):
    """Templates keep their grant, a folder stays what it is, the revision never falls."""
    with pytest.raises(raw.refused):
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
        "oversight.sealed",
    }


def test_the_schema_equals_the_summed_migrations(kept):
    """Tables, columns, types, indexes and keys; a planted difference is found."""
    engine = outsider(kept._backend)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        connection.exec_driver_sql("CREATE TABLE planted (id INTEGER)")
        assert compare_metadata(context, metadata) != []
        connection.rollback()
    engine.dispose()


def test_the_list_of_versions_is_the_list_of_migrations():
    """So that a newer database is told from a damaged one."""
    steps = [script.revision for script in ScriptDirectory.from_config(migrations()).walk_revisions()]
    assert tuple(reversed(steps)) == VERSIONS


def migrations() -> Config:
    config = Config()
    config.set_main_option("script_location", "beholden.storage:migrations")
    config.set_main_option("path_separator", "os")
    return config


FIRST_ROWS = (
    "INSERT INTO folder VALUES ('f', TRUE, 0)",
    "INSERT INTO subjects (id, state, created_at) VALUES ('s_ann', 'enrolled', 5)",
    "INSERT INTO sightings VALUES ('x', 's_ann', 9, {})",
    "INSERT INTO track_ends (at, camera, place, outcome, reason, seconds) VALUES (7, 'c', NULL, 'unknown', 'clear', 3)",
)


def test_a_database_of_the_first_version_is_brought_up_to_date(new):
    """What was in it stays, and the end of a track that had no end gets a day from when it happened."""
    create_database(new, VERSIONS[0]).dispose()
    shell = Shell(new)
    for statement in FIRST_ROWS:
        shell.execute(statement.format(shell.byte))
    shell.close()
    with Database.open(new) as database:
        assert [subject.id for subject in database.subjects()] == ["s_ann"]
        assert [sighting.id for sighting in database.sightings()] == ["x"]
        assert (database.cameras(), database.cameras_revision()) == ((), 1)
        [end] = database.track_ends()
        database.purge(end.at + timedelta(days=1) - timedelta(microseconds=1))
        assert database.track_ends() == (end,)
        database.purge(end.at + timedelta(days=1))
        assert database.track_ends() == ()


def test_a_migration_that_fails_changes_nothing(new, monkeypatch):
    """All steps are one transaction: the old version stays, and the next try brings it up."""
    create_database(new, VERSIONS[0]).dispose()
    upgrade = command.upgrade

    def fail(*arguments):
        upgrade(*arguments)
        raise ValueError("power cut")

    monkeypatch.setattr(command, "upgrade", fail)
    with pytest.raises(DataFolderError):
        Database.open(new)
    engine = outsider(new)
    assert not inspect(engine).has_table("cameras")
    engine.dispose()
    monkeypatch.undo()
    shell = Shell(new)
    shell.execute(FIRST_ROWS[0])
    shell.close()
    Database.open(new).close()


def test_a_newer_database_is_not_touched(kept, shell):
    """Exit code 6, and its version is the same afterwards."""
    shell.execute("UPDATE alembic_version SET version_num = '9999'")
    try:
        with pytest.raises(FolderNewer, match="9999"):
            Database.open(kept._backend)
        assert shell.execute("SELECT version_num FROM alembic_version").fetchone() == ("9999",)
    finally:
        shell.execute(f"UPDATE alembic_version SET version_num = '{VERSIONS[-1]}'")


def test_a_missing_database_is_not_made_by_opening(new):
    """Opening creates nothing."""
    for _ in range(2):
        with pytest.raises(FolderMissing):
            Database.open(new)


def test_a_creation_that_fails_leaves_nothing(new):
    """Neither a file nor a schema: the next one succeeds."""

    def fill(_):
        raise ValueError("power cut")

    with pytest.raises(DataFolderError):
        create_database(new, fill=fill)
    with pytest.raises(FolderMissing):
        Database.open(new)
    Database.create(new, "f", rehearsal=True, moment=NOW).close()


def test_a_database_is_not_made_over_another(kept):
    """And the other is as it was."""
    kept.add_subject(SUBJECT)
    with pytest.raises(DataFolderError):
        Database.create(kept._backend, "g", rehearsal=False, moment=NOW)
    with Database.open(kept._backend) as same:
        assert (same.id, same.rehearsal, same.subjects()) == ("f", True, (SUBJECT,))


def test_a_row_that_nobody_here_wrote_is_an_error_of_ours(raw, kept):
    """An unknown purpose is damage."""
    raw.execute("UPDATE grants SET purpose = 'advertising'")
    with pytest.raises(DataFolderError, match="damaged"):
        kept.snapshot()


def test_what_a_row_holds_is_in_no_error(kept):
    """Nor in anything that a traceback shows of what it came from."""
    kept.add_subject(SUBJECT)
    with pytest.raises(ConsentError) as caught:
        kept.add_subject(replace(SUBJECT, particulars=b"NAME" * 3))
    shown = "".join(traceback.format_exception(caught.value))
    assert "INSERT INTO subjects" in shown
    assert "NAME" * 3 not in shown


def test_a_reader_sees_another_process_at_its_next_question(kept):
    """The revision, and what changed."""
    revision = kept.revision()
    code = """
        import sys
        from pathlib import Path
        from beholden.storage.database import Database
        from beholden.storage.postgresql import PostgresqlServer
        from tests.storage.test_store_promises import GRANT, SUBJECT, TEMPLATE
        where = sys.argv[1]
        with Database.open(PostgresqlServer(where) if "://" in where else Path(where)) as other:
            other.add_enrolment(SUBJECT, [GRANT], TEMPLATE)
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code), address(kept)], check=True)
    assert kept.revision() > revision
    assert kept.snapshot().subjects == (SUBJECT,)


def address(database: Database) -> str:
    backend = database._backend
    return backend.url if isinstance(backend, PostgresqlServer) else backend.name


def test_a_reader_sees_one_moment(kept):
    """What is written while it reads comes with its next question."""
    with kept._reading() as connection:
        before = connection.execute(select(metadata.tables["revision"].c.value)).scalar_one()
        kept.add_subject(SUBJECT)
        assert connection.execute(select(metadata.tables["subjects"])).all() == []
        assert connection.execute(select(metadata.tables["revision"].c.value)).scalar_one() == before
    assert kept.subjects() == (SUBJECT,)


def test_writers_come_one_after_the_other(kept):
    """Each counts up from what the one before wrote: none is lost, and none has to be repeated."""
    kept.add_enrolment(SUBJECT, [GRANT], TEMPLATE)
    kept.put_sightings([replace(SIGHTING, id=f"s{number}") for number in range(4)])
    errors = []

    def answer(number):
        try:
            for right in (True, False) * 5:
                kept.mark_answer(f"s{number}", right, "lobby", NOW.date(), {})
        except BeholdenError as error:
            errors.append(error)

    busy = [threading.Thread(target=answer, args=(number,)) for number in range(4)]
    for each in busy:
        each.start()
    for each in busy:
        each.join()
    assert errors == []
    assert [(count.right, count.count) for count in kept.answer_counts()] == [(False, 4)]


def test_a_writer_that_waits_too_long_is_told_so(kept, monkeypatch):
    """Nothing hangs for ever behind another process."""
    monkeypatch.setattr("beholden.storage.engine.BUSY_SECONDS", 0.1)
    with Database.open(kept._backend) as quick, kept._writing(), pytest.raises(DataFolderError, match="in use"):
        quick.add_subject(SUBJECT)
    assert kept.subjects() == ()


def test_a_database_of_no_data_folder_is_refused(new):
    """A schema without the row that says what it is."""
    create_database(new).dispose()
    with pytest.raises(DataFolderError, match="no data folder"):
        Database.open(new)


@pytest.mark.parametrize("rehearsal", [True, False])
def test_what_was_created_says_what_it_is(new, rehearsal):
    """Rehearsal or not, for good."""
    with Database.create(new, "f", rehearsal=rehearsal, moment=NOW) as each:
        assert (each.rehearsal, each.id) == (rehearsal, "f")


def filled(database: Database) -> Database:
    """Something of everything, also of somebody whose withdrawal was cut off."""
    database.add_enrolment(SUBJECT, [GRANT], TEMPLATE)
    ben = replace(SUBJECT, id=BEN, state=SubjectState.ENROLLED, particulars=None)
    grant = replace(GRANT, id="g_2", subject=BEN, hours=None, state=GrantState.PAUSED)
    database.add_enrolment(ben, [grant], replace(TEMPLATE, subject=BEN))
    database.put_sightings([SIGHTING, replace(SIGHTING, id="2", subject=BEN, sealed=bytes(range(256)))])
    opening = Opening(b"c" * 32, b"\0\xff", ANN, True, NOW)
    database.add_openings([opening, replace(opening, commitment=b"d" * 32, place="yard")])
    database.set_noted({b"d" * 32: 5})
    database.publish({b"c" * 32: 7}, Published(12, 40))
    database.add_track_ends([end(0, "Küche"), end(1, None)], NOW + timedelta(hours=1), [COUNT])
    database.mark_answer(SIGHTING.id, False, "lobby", NOW.date(), {})
    database.put_in_force("settings", ["a = 1", "ü = 2"])
    database.add_camera(CAMERA)
    database.begin_withdrawal(BEN, 9)
    return database


def content(database: Database):
    hour = COUNT.hour
    return (
        (database.id, database.rehearsal, database.published(), database.cameras_revision(), database.snapshot()),
        (database.sightings(), database.openings(), database.track_ends(), database.answer_counts()),
        (database.hour_counts(hour, hour + timedelta(hours=1)), database.cameras(), database.in_force("settings")),
    )


def test_a_copy_on_either_engine_holds_the_same_and_goes_on(kept, new):
    """Every row; the rules hold in it again, and new rows do not get the numbers of old ones."""
    filled(kept)
    copy_database(kept._backend, new)
    with Database.open(new) as copy:
        assert content(copy) == content(kept)
        copy.add_track_ends([end(2)], NOW)
        assert copy.track_ends() == (*kept.track_ends(), end(2))
        revision = copy.revision()
        copy.set_grant_states({GRANT.id: GrantState.PAUSED})
        assert copy.revision() > revision
        shell = Shell(new, checked=False)
        with pytest.raises(shell.refused):
            shell.execute(WITHDRAW)
        shell.close()


def test_a_copy_is_of_the_version_that_it_was_taken_from(new, server, tmp_path):
    """So that a backup before an upgrade is one: it is brought up when it is opened."""
    create_database(new, "0002").dispose()
    shell = Shell(new)
    for statement in FIRST_ROWS[:3]:
        shell.execute(statement.format(shell.byte))
    shell.close()
    other = PostgresqlServer(server.new()) if isinstance(new, SqliteFile) else SqliteFile(tmp_path / "copy.db")
    copy_database(new, other)
    engine = outsider(other)
    assert "answered" not in {column["name"] for column in inspect(engine).get_columns("sightings")}
    engine.dispose()
    with Database.open(other) as copy:
        assert [(each.id, each.answered) for each in copy.sightings()] == [("x", None)]
