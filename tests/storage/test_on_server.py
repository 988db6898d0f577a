"""A data folder whose records are on a server: the same from the first day to a withdrawal, a restart and a backup."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import textwrap
import traceback

import pytest

from beholden.acts.camera import add_camera, camera_specs, remove_camera
from beholden.acts.grants.people import people
from beholden.acts.grants.withdraw import withdraw
from beholden.acts.reconcile import reconcile
from beholden.acts.recover import recover
from beholden.acts.sightings.sighting import Settle, purge, sightings
from beholden.cli.app import run
from beholden.consent.gate import Gate
from beholden.consent.registry import SubjectState
from beholden.model.camera import Camera
from beholden.model.errors import (
    BeholdenError,
    DataFolderError,
    FolderExists,
    FolderMissing,
    KeystoreError,
    SettingsError,
)
from beholden.model.grant import Purpose
from beholden.model.ids import CameraId, Epoch, TrackId
from beholden.model.match import Known, Reason, Why
from beholden.settings import read_settings
from beholden.storage.backup import back_up, restore
from beholden.storage.database import Database
from beholden.storage.engine import create_database
from beholden.storage.folder import create_folder, open_folder
from beholden.storage.postgresql import PostgresqlServer
from tests.people import AT_LOBBY, LOBBY, MODEL, NOW, Clock, enrolled

TAKEN = "2026-11-23T09:41:07+00:00"


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def url(server):
    return server.new()


@pytest.fixture
def town(tmp_path, clock, url):
    create_folder(tmp_path / "town", rehearsal=True, clock=clock, database=url)
    return tmp_path / "town"


def tables(server, url):
    name = url.partition("@/")[2].partition("?")[0]
    return server.execute("SELECT count(*) FROM pg_class WHERE relnamespace = to_regnamespace('beholden')", name)[0][0]


def see(folder, person):
    match = Known(person.subject, person.grants[0].id, Why(Reason.CLEAR, 2))
    return Settle(folder.office).named(AT_LOBBY, Epoch("e"), TrackId("t"), match, NOW)


def named(folder):
    gate = Gate(folder.database, folder.keystore)
    return set(gate.gallery(AT_LOBBY, tuple(Purpose), NOW, MODEL, rehearsal=True).subjects)


def test_from_the_first_day_to_a_withdrawal_and_a_restart(town, clock, url):
    """Enrolled, seen, withdrawn; after each restart it is as it was left."""
    assert not (town / "beholden.db").exists()
    with open_folder(town, clock=clock, database=url) as folder:
        ann, ben = enrolled(folder.office, "Ann", 1), enrolled(folder.office, "Ben", 2)
        see(folder, ann)
        add_camera(folder.office, Camera(CameraId("door"), LOBBY, NOW), "rtsp://viewer:secret@192.168.1.20/")
        leaves = folder.log.size()
    with open_folder(town, clock=clock, database=url) as folder:
        recover(folder.office)
        assert folder.log.size() == leaves
        assert named(folder) == {ann.subject, ben.subject}
        assert [each.subject for each in sightings(folder.office)] == [ann.subject]
        assert [spec.address for spec in camera_specs(folder.office)] == ["rtsp://viewer:secret@192.168.1.20/"]
        withdraw(folder.office, ann.subject)
        remove_camera(folder.office, CameraId("door"))
    with open_folder(town, clock=clock, database=url) as folder:
        assert named(folder) == {ben.subject}
        assert {person.label for person in people(folder.office)} == {None, "Ben"}
        assert (sightings(folder.office), camera_specs(folder.office)) == ((), ())
        see(folder, ben)
        clock.pass_by(hours=25)
        assert purge(folder.office) == 1


def test_a_withdrawal_that_is_cut_off_is_carried_on(town, clock, url, monkeypatch):
    """The server goes in the middle of it."""
    with open_folder(town, clock=clock, database=url) as folder:
        ann = enrolled(folder.office, "Ann", 1)
        with monkeypatch.context() as cut:
            cut.setattr(Database, "strip", lambda *_: (_ for _ in ()).throw(DataFolderError("gone")))
            with pytest.raises(DataFolderError):
                withdraw(folder.office, ann.subject)
        assert named(folder) == set()
    with open_folder(town, clock=clock, database=url) as folder:
        assert recover(folder.office).withdrawals == (ann.subject,)
        assert folder.database.subject(ann.subject).state is SubjectState.WITHDRAWN


def test_one_process_sees_what_another_did(town, clock, url):
    """At its next call, as with a file."""
    with open_folder(town, clock=clock, database=url) as folder:
        ann, ben = enrolled(folder.office, "Ann", 1), enrolled(folder.office, "Ben", 2)
        assert named(folder) == {ann.subject, ben.subject}
        code = """
            import sys
            from pathlib import Path
            from beholden.acts.grants.withdraw import withdraw
            from beholden.storage.folder import open_folder
            from tests.people import Clock
            with open_folder(Path(sys.argv[1]), clock=Clock(), database=sys.argv[3]) as folder:
                withdraw(folder.office, sys.argv[2])
        """
        subprocess.run([sys.executable, "-c", textwrap.dedent(code), str(town), ann.subject, url], check=True)
        assert named(folder) == {ben.subject}


def test_a_folder_says_where_its_records_may_be(town, clock, url, tmp_path):
    """Without the setting; and with it where there is a file too."""
    with pytest.raises(FolderMissing) as caught:
        open_folder(town, clock=clock)
    assert "storage.database" in caught.value.advice
    create_folder(tmp_path / "other", rehearsal=True, clock=clock)
    with pytest.raises(DataFolderError, match="a database of its own"):
        open_folder(tmp_path / "other", clock=clock, database=url)
    shutil.rmtree(town / "log")
    with pytest.raises(FolderMissing, match="no data folder"):
        open_folder(town, clock=clock, database=url)


def test_records_of_another_folder_are_refused(town, clock, server, tmp_path):
    """The log and the database know each other."""
    second = server.new()
    create_folder(tmp_path / "second", rehearsal=True, clock=clock, database=second)
    with pytest.raises(DataFolderError, match="different folders"):
        open_folder(town, clock=clock, database=second)


def test_one_database_holds_one_folder(town, clock, url, tmp_path):
    """The second is refused, and the first is as it was."""
    with pytest.raises(FolderExists):
        create_folder(tmp_path / "second", rehearsal=True, clock=clock, database=url)
    assert [each.name for each in tmp_path.iterdir()] == ["town"]
    open_folder(town, clock=clock, database=url).close()


@pytest.mark.parametrize("step", ["Keystore.create", "FileLog.create", "_opened", "Path.rename"])
def test_a_creation_that_fails_leaves_nothing_here_or_there(tmp_path, clock, server, url, step, monkeypatch):
    """Neither folder nor tables: the next one succeeds."""

    def fail(*_, **__):
        raise KeystoreError("no") if step == "Keystore.create" else OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(f"beholden.storage.folder.{step}", fail)
        with pytest.raises(BeholdenError):
            create_folder(tmp_path / "town", rehearsal=True, clock=clock, database=url)
    assert (list(tmp_path.iterdir()), tables(server, url)) == ([], 0)
    create_folder(tmp_path / "town", rehearsal=True, clock=clock, database=url)
    assert tables(server, url) > 0


def test_tables_that_were_begun_and_never_used_are_no_folder(tmp_path, clock, url):
    """Killed between the tables and the folder: it says what to do."""
    create_database(PostgresqlServer(url)).dispose()
    with pytest.raises(FolderExists) as caught:
        create_folder(tmp_path / "town", rehearsal=True, clock=clock, database=url)
    assert "drop its schema" in caught.value.advice


@pytest.mark.parametrize("to_server", [True, False])
def test_a_backup_is_put_back_in_a_file_or_on_a_server(town, clock, server, url, tmp_path, to_server):
    """Who withdrew since stays forgotten, who stayed is there; nothing that was deleted before is in it."""
    with open_folder(town, clock=clock, database=url) as folder:
        people_of = [enrolled(folder.office, f"P{number}", number) for number in range(4)]
        see(folder, people_of[1])
        gone = folder.database.snapshot().templates[0].sealed
        withdraw(folder.office, people_of[0].subject)
        sealed = folder.database.snapshot().templates[0].sealed
        made = back_up(town, tmp_path / "backup", NOW, url)
        withdraw(folder.office, people_of[1].subject)
    copy = (tmp_path / "backup" / "beholden.db").read_bytes()
    assert (sealed in copy, gone in copy) == (True, False)
    again = server.new() if to_server else None
    assert restore(tmp_path / "backup", tmp_path / "again", town / "keystore", None, again).leaves == made.leaves
    assert (tmp_path / "again" / "beholden.db").exists() is not to_server
    with open_folder(tmp_path / "again", clock=clock, database=again) as folder:
        assert reconcile(folder.office, TAKEN).forgotten == (people_of[1].subject,)
        assert named(folder) == {each.subject for each in people_of[2:]}
        late = enrolled(folder.office, "Late", 9)
        assert late.subject in named(folder)


def test_a_folder_moves_to_a_server_by_a_backup(tmp_path, clock, url):
    """And its log goes on."""
    create_folder(tmp_path / "town", rehearsal=True, clock=clock)
    with open_folder(tmp_path / "town", clock=clock) as folder:
        ann = enrolled(folder.office, "Ann", 1)
        back_up(tmp_path / "town", tmp_path / "backup", NOW)
    restore(tmp_path / "backup", tmp_path / "moved", tmp_path / "town" / "keystore", tmp_path / "town", url)
    with open_folder(tmp_path / "moved", clock=clock, database=url) as folder:
        assert named(folder) == {ann.subject}


def test_what_cannot_be_put_back_leaves_nothing_on_the_server(town, clock, server, url, tmp_path, monkeypatch):
    """Neither over another folder's records, which stay, nor half. What was only not made sure of is whole."""
    back_up(town, tmp_path / "backup", NOW, url)
    with pytest.raises(FolderExists):
        restore(tmp_path / "backup", tmp_path / "again", town / "keystore", None, url)
    open_folder(town, clock=clock, database=url).close()
    empty, keys = server.new(), town / "keystore"

    def fail(*_):
        raise OSError(5, "I/O error")

    with monkeypatch.context() as broken:
        broken.setattr("beholden.storage.backup.Path.rename", fail)
        with pytest.raises(BeholdenError):
            restore(tmp_path / "backup", tmp_path / "again", keys, None, empty)
    assert (tables(server, empty), (tmp_path / "again").exists()) == (0, False)
    with monkeypatch.context() as broken:
        broken.setattr("beholden.storage.backup.sync_folder", fail)
        with pytest.raises(BeholdenError):
            restore(tmp_path / "backup", tmp_path / "again", keys, None, empty)
    open_folder(tmp_path / "again", clock=clock, database=empty).close()


def test_commands_work_on_it_and_none_shows_the_password(tmp_path, server, monkeypatch, capsys):
    """`init`, `doctor`, `backup`, `restore`, `people`, by the environment; the settings are never shown."""
    password = "kX9-secret-7h"
    name = server.new().partition("@/")[2].partition("?")[0]
    monkeypatch.setenv("BEHOLDEN_STORAGE__DATABASE", server.url(name, f"postgres:{password}"))
    data, copy, again = (str(tmp_path / each) for each in ("data", "copy", "again"))
    for arguments in (
        ["init", "--rehearsal", "--place", "lobby", "--data", data],
        ["people", "--data", data, "--json"],
        ["doctor", "--data", data, "--json"],
        ["backup", copy, "--data", data],
    ):
        assert run(arguments) == 0, capsys.readouterr()
    assert run(["restore", copy, "--keystore", f"{data}/keystore", "--data", again]) == 6
    monkeypatch.setenv("BEHOLDEN_STORAGE__DATABASE", f"postgresql://postgres:{password}@127.0.0.1:1/{name}")
    assert run(["people", "--data", data]) == 6
    monkeypatch.setenv("BEHOLDEN_STORAGE__DATABASE", f"postgresql//postgres:{password}@127.0.0.1:1/{name}")
    assert run(["people", "--data", data]) == 2
    wrote = capsys.readouterr()
    assert "storage.database" in wrote.err
    assert password not in wrote.out + wrote.err
    checks = [json.loads(line) for line in wrote.out.splitlines() if line.startswith('{"check": "data folder"')]
    assert [check["ok"] for check in checks] == [True]
    settings = read_settings(None)
    assert password in (settings.database or "")
    assert password not in f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"


def test_a_mistyped_name_of_the_setting_does_not_show_what_it_holds():
    """Neither the message nor what it came from."""
    password = "kX9-secret-7h"
    with pytest.raises(SettingsError) as caught:
        read_settings(None, {"BEHOLDEN_STORAGE__DATABSE": f"postgresql://me:{password}@host/town"})
    assert "did you mean database" in caught.value.message
    assert password not in "".join(traceback.format_exception(caught.value))
