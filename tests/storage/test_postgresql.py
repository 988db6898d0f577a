"""What only the server must do: forget what it can, hold against whoever is at a shell, and show no password."""

from __future__ import annotations

import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from beholden.model.errors import (
    ConsentError,
    DataFolderError,
    FolderForbidden,
    FolderMissing,
    SettingsError,
    StorageFull,
)
from beholden.model.grant import GrantState
from beholden.storage.database import Database
from beholden.storage.postgresql import PERSONAL, PostgresqlServer
from beholden.storage.schema import metadata
from tests.people import NOW
from tests.storage.servers import Shell
from tests.storage.test_engines import INSERT
from tests.storage.test_store_promises import ANN, CAMERA, GRANT, SIGHTING, SUBJECT, TEMPLATE

SECRET, NAME, SIGHT, ADDRESS = (
    b"SEALED-TEMPLATE-" * 40,
    b"SEALED-NAME-" * 9,
    b"SEALED-SIGHTING-" * 9,
    b"SEALED-ADDRESS-" * 4,
)


@pytest.fixture
def kept(on_server):
    on_server.add_enrolment(replace(SUBJECT, particulars=NAME), [GRANT], replace(TEMPLATE, sealed=SECRET))
    on_server.put_sightings([replace(SIGHTING, sealed=SIGHT)])
    on_server.add_camera(replace(CAMERA, sealed=ADDRESS))
    return on_server


@pytest.fixture
def other(kept):
    """Somebody else at a shell."""
    opened = Shell(kept._backend)
    yield opened
    opened.close()


def withdraw(database):
    database.begin_withdrawal(ANN, 1)
    database.delete_templates(ANN)
    database.delete_sightings(ANN)
    database.strip(ANN)
    database.begin_camera_removal(CAMERA.camera.id, 2)


def test_what_is_deleted_is_gone_from_all_files_but_the_servers_log(kept, server):
    """Found while it is there, and after deleting too; after compacting in the write-ahead log at most, which keys
    protect."""
    needles = (SECRET[:16], NAME[:12], SIGHT[:16], ADDRESS[:15])
    assert all("base" in folders for folders in server.stored(needles, "kept"))
    withdraw(kept)
    assert all("base" in folders for folders in server.stored(needles, "kept"))
    kept.compact()
    assert all(folders <= {"pg_wal"} for folders in server.stored(needles, "kept"))


def in_tables(server, needle):
    [folders] = server.stored([needle], "kept")
    return "base" in folders


def test_a_plain_vacuum_would_not_do(kept, server, other):
    """The reason for the more expensive one: pages keep what was deleted in their holes."""
    for number in range(20):
        sealed = b"ANOTHER-%d-" % (number % 2) + bytes(500)
        kept.put_sightings([replace(SIGHTING, id=f"more{number}", sealed=sealed)])
    other.execute("DELETE FROM sightings WHERE position('ANOTHER-1' IN encode(sealed, 'escape')) > 0")
    other.execute("VACUUM sightings")
    assert in_tables(server, b"ANOTHER-1")
    kept.compact()
    assert not in_tables(server, b"ANOTHER-1")


def test_statistics_hold_nothing_that_is_sealed(kept, server, other):
    """The server gathers them by itself, and they would outlive the rows; asked for, they would."""
    query = "SELECT tablename, attname FROM pg_stats WHERE schemaname = 'beholden'"
    kept.put_sightings([replace(SIGHTING, id=f"s{number}", sealed=b"%d" % number) for number in range(50)])
    other.execute("ANALYZE")
    gathered = set(other.execute(query).fetchall())
    assert ("sightings", "dies_at") in gathered
    assert not {name for _, name in gathered} & {"sealed", "particulars", "body"}
    other.execute("ALTER TABLE sightings ALTER COLUMN sealed SET STATISTICS -1")
    other.execute("ANALYZE sightings")
    assert ("sightings", "sealed") in other.execute(query).fetchall()
    other.execute("ALTER TABLE sightings ALTER COLUMN sealed SET STATISTICS 0")
    other.execute("DELETE FROM pg_statistic WHERE starelid = 'sightings'::regclass")


def test_every_table_with_something_of_a_person_is_written_anew():
    """Those with sealed bytes; openings are too many, and the docstring says so."""
    sealed = {
        table.name
        for table in metadata.tables.values()
        if any(column.type.python_type is bytes for column in table.columns)
    }
    assert sealed - {"openings"} == set(PERSONAL)


@pytest.mark.parametrize(
    "statement", ["SELECT count(*) FROM folder", "SELECT count(*) FROM templates", "LOCK TABLE sightings"]
)
def test_compacting_says_so_when_somebody_is_in_the_way(kept, server, other, monkeypatch, statement):
    """An old snapshot, which keeps deleted rows, and a lock; afterwards it is done."""
    monkeypatch.setattr("beholden.storage.engine.BUSY_SECONDS", 0.1)
    other.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
    other.execute(statement)
    if "LOCK" not in statement:
        withdraw(kept)
    with pytest.raises(DataFolderError, match="reader"):
        kept.compact()
    other.execute("COMMIT")
    withdraw(kept)
    kept.compact()
    assert not in_tables(server, SECRET[:16])


def test_a_role_that_may_not_ask_for_checkpoints_can_do_everything_else(server):
    """Nor make schemas, where one is there for it."""
    server.execute("CREATE ROLE plain LOGIN")
    url = server.new()
    name = url.partition("@/")[2].partition("?")[0]
    server.execute("CREATE SCHEMA beholden AUTHORIZATION plain", name)
    with Database.create(PostgresqlServer(server.url(name, "plain")), "f", rehearsal=True, moment=NOW) as database:
        database.add_enrolment(SUBJECT, [GRANT], replace(TEMPLATE, sealed=SECRET))
        withdraw(database)
        database.compact()
        assert database.snapshot().templates == ()


def test_what_a_role_may_not_do_is_said(server):
    """Not a word of the driver's."""
    server.execute("CREATE ROLE nobody LOGIN")
    name = server.new().partition("@/")[2].partition("?")[0]
    with pytest.raises(FolderForbidden, match="permission denied"):
        Database.create(PostgresqlServer(server.url(name, "nobody")), "f", rehearsal=True, moment=NOW)


@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE folder",
        "TRUNCATE revision",
        "TRUNCATE cameras_revision",
        "INSERT INTO folder VALUES ('f', FALSE, 0) ON CONFLICT (id) DO UPDATE SET rehearsal = FALSE",
        "INSERT INTO revision VALUES (1, 0) ON CONFLICT (id) DO UPDATE SET value = 0",
    ],
)
@pytest.mark.parametrize("checked", [True, False])
def test_the_servers_own_ways_around_the_rules_are_closed(kept, statement, checked):
    """Emptying a table asks no row; an upsert is an update."""
    shell = Shell(kept._backend, checked=checked)
    with pytest.raises(shell.refused):
        shell.execute(statement)
    shell.close()


def test_emptying_a_table_raises_the_revision(kept, other):
    """Galleries are built anew."""
    revision = kept.revision()
    other.execute("TRUNCATE templates")
    assert kept.revision() > revision


def test_another_table_of_that_name_is_not_taken_for_ours(kept, other):
    """Rules look into the schema, whatever path the session has."""
    other.execute("CREATE TEMPORARY TABLE grants (id text, subject text, state text)")
    other.execute("INSERT INTO pg_temp.grants VALUES ('g_9', 's_ann', 'active')")
    other.execute("SET search_path = pg_temp, beholden")
    other.execute("ALTER TABLE beholden.templates DROP CONSTRAINT fk_templates_grant_id_grants")
    try:
        with pytest.raises(other.refused, match="live grant"):
            other.execute(INSERT.format("'s_ann'", "'g_9'"))
    finally:
        other.execute(
            "ALTER TABLE beholden.templates ADD CONSTRAINT fk_templates_grant_id_grants "
            "FOREIGN KEY (grant_id) REFERENCES beholden.grants (id)"
        )


def test_a_rule_holds_also_against_who_has_not_ended_yet(kept, server, other):
    """A template that somebody at a shell is putting in, and the withdrawal of its grant, which waits for that."""
    kept.delete_templates(ANN)
    other.execute("BEGIN")
    other.execute(INSERT.format("'s_ann'", "'g_1'"))
    with ThreadPoolExecutor(1) as beside:
        withdrawn = beside.submit(kept.set_grant_states, {GRANT.id: GrantState.WITHDRAWN})
        while not server.execute("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"):
            assert not withdrawn.done()
        other.execute("COMMIT")
        with pytest.raises(ConsentError, match="delete the templates first"):
            withdrawn.result()
    assert [grant.state for grant in kept.grants(ANN)] == [GrantState.ACTIVE]


def test_names_are_ordered_by_their_bytes(other):
    """As in SQLite, whatever language the database was made for."""
    found = other.execute(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'beholden' "
        "AND data_type = 'character varying' AND collation_name IS DISTINCT FROM 'C'"
    ).fetchall()
    assert found == [("alembic_version", "version_num")]


def test_a_full_disk_is_an_error_of_ours_and_stores_nothing(kept, other):
    """A trigger that says what the server would."""
    other.execute(
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$"
    )
    other.execute("CREATE TRIGGER z_full BEFORE INSERT ON cameras FOR EACH ROW EXECUTE FUNCTION full_disk()")
    try:
        with pytest.raises(StorageFull):
            kept.add_camera(replace(CAMERA, camera=replace(CAMERA.camera, id="second")))
    finally:
        other.execute("DROP FUNCTION full_disk CASCADE")
    assert [each.camera.id for each in kept.cameras()] == [CAMERA.camera.id]


def test_a_server_that_was_started_again_is_connected_to_again(kept, other):
    """Nobody is told of connections that were waiting."""
    kept.subjects()
    other.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname IS NOT NULL"
    )
    assert [each.id for each in kept.subjects()] == [ANN]


def test_defaults_of_the_role_do_not_change_what_is_promised(kept, other):
    """Durable, and one moment for readers only."""
    other.execute("ALTER ROLE postgres SET synchronous_commit = off")
    other.execute("ALTER ROLE postgres SET default_transaction_isolation = serializable")
    try:
        with Database.open(kept._backend) as opened, opened._writing() as connection:
            assert connection.exec_driver_sql("SHOW synchronous_commit").scalar_one() == "on"
            assert connection.exec_driver_sql("SHOW transaction_isolation").scalar_one() == "read committed"
    finally:
        other.execute("ALTER ROLE postgres RESET ALL")


PASSWORD = "kX9-secret-7h"


ME = f"postgres:{PASSWORD}"
WRONG = {
    "no such database": (lambda server: server.url("nothing", ME), DataFolderError),
    "no such role": (lambda server: server.url("postgres", f"unknown:{PASSWORD}"), DataFolderError),
    "no server there": (lambda _: f"postgresql://{ME}@127.0.0.1:1/postgres", DataFolderError),
    "no folder in it": (lambda server: server.url("postgres", ME), FolderMissing),
    "an option that is none": (lambda server: f"{server.url('postgres', ME)}&sslmode=perhaps", DataFolderError),
    "a password among the options": (
        lambda server: f"{server.url()}&password={PASSWORD}&target_session_attrs=standby",
        DataFolderError,
    ),
    "a port that is none": (lambda _: f"postgresql://postgres:x@host:{PASSWORD}/postgres", SettingsError),
    "no URL": (lambda _: PASSWORD, SettingsError),
    "another scheme": (lambda _: f"mysql://{ME}@host/postgres", SettingsError),
    "no database": (lambda _: f"postgresql://{ME}@host", SettingsError),
}


@pytest.mark.parametrize("what", WRONG)
def test_no_error_holds_the_password(server, what):
    """Neither in what is said, nor in anything that a traceback shows of what it came from."""
    url, kind = WRONG[what]
    with pytest.raises(kind) as caught:
        Database.open(PostgresqlServer(url(server)))
    assert PASSWORD not in caught.value.one_line()
    assert PASSWORD not in "".join(traceback.format_exception(caught.value))


def test_neither_a_server_nor_its_engine_shows_the_password(server):
    """Wherever they are printed."""
    backend = PostgresqlServer(server.url("postgres", f"postgres:{PASSWORD}"))
    assert PASSWORD not in f"{backend!r} {backend} {backend.name} {backend.engine()!r} {backend.engine().url}"


def test_without_the_driver_it_is_said_how_to_get_it(monkeypatch):
    """It is an extra."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(SettingsError) as caught:
        Database.open(PostgresqlServer("postgresql://somebody@host/town"))
    assert "beholden[server]" in caught.value.advice


def test_a_database_that_cannot_hold_every_name_is_refused(server):
    """UTF-8 only."""
    server.execute("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    with pytest.raises(SettingsError, match="LATIN1"):
        Database.create(PostgresqlServer(server.url("latin")), "f", rehearsal=True, moment=NOW)
