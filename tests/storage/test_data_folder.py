"""A data folder appears whole or not at all, stays what it is, and says in one line what is wrong with it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import pytest

from beholden.acts.camera import add_camera, camera_specs, remove_camera, unopened_cameras
from beholden.acts.grants.withdraw import withdraw
from beholden.acts.recover import recover
from beholden.consent.gate import Gate
from beholden.consent.keystore import Keystore
from beholden.model.camera import Camera
from beholden.model.errors import (
    DataFolderError,
    FolderExists,
    FolderMissing,
    FolderNewer,
    KeystoreError,
    KeystoreExposed,
    KeystoreMissing,
    LogUnavailable,
    PolicyRefused,
)
from beholden.model.grant import Purpose
from beholden.model.ids import CameraId
from beholden.storage.folder import create_folder, open_folder
from tests.people import AT_LOBBY, LOBBY, MODEL, NOW, Clock, enrolled


@pytest.fixture
def path(tmp_path):
    create_folder(tmp_path / "data", rehearsal=True, clock=Clock())
    return tmp_path / "data"


def opened(path, **options):
    return open_folder(path, clock=Clock(), **options)


def test_a_new_folder_is_private_and_whole(path, tmp_path):
    """0700, files 0600, nothing beside it."""
    with opened(path) as folder:
        assert folder.rehearsal
        assert [line.event["kind"] for line in folder.office.journal.read()] == ["folder_created"]
    assert path.stat().st_mode & 0o777 == 0o700
    for each in path.rglob("*"):
        assert each.stat().st_mode & 0o077 == 0, each
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_for_rehearsals_says_so(tmp_path):
    """In the database, the log's name and its first leaf; and takes no photos."""
    create_folder(tmp_path / "real", rehearsal=False, clock=Clock())
    with opened(tmp_path / "real") as folder:
        assert (folder.rehearsal, "rehearsal" in folder.log.origin) == (False, False)
        assert folder.office.journal.first().event["rehearsal"] is False
        with pytest.raises(PolicyRefused, match="rehearsal"):
            enrolled(folder.office, "Ann", 1)


def test_the_log_of_a_rehearsal_is_named_so(path):
    """Whoever sees a head of it knows."""
    with opened(path) as folder:
        assert folder.log.origin.startswith("beholden.invalid/rehearsal/")


@pytest.mark.parametrize("kind", ["folder", "file", "link"])
def test_what_is_there_is_never_overwritten(tmp_path, kind):
    """A folder with something in it, a file, a dangling link."""
    target = tmp_path / "data"
    if kind == "folder":
        target.mkdir()
        (target / "letter.txt").write_text("keep me")
    elif kind == "file":
        target.write_text("keep me")
    else:
        target.symlink_to(tmp_path / "nowhere")
    with pytest.raises(FolderExists):
        create_folder(target, rehearsal=True, clock=Clock())
    assert [each.name for each in tmp_path.iterdir()] == ["data"]


def test_an_empty_folder_may_become_one(tmp_path):
    """Such as one that mktemp made."""
    (tmp_path / "data").mkdir()
    create_folder(tmp_path / "data", rehearsal=True, clock=Clock())
    opened(tmp_path / "data").close()


def test_a_folder_in_a_folder_that_is_not_there_is_refused(tmp_path):
    """A typo does not create a tree."""
    with pytest.raises(FolderMissing):
        create_folder(tmp_path / "a" / "b", rehearsal=True, clock=Clock())


def test_a_creation_that_fails_leaves_nothing(tmp_path):
    """The keystore's place is taken: no half folder, and what was there is untouched."""
    (tmp_path / "keys").mkdir()
    with pytest.raises(KeystoreError):
        create_folder(tmp_path / "data", rehearsal=True, clock=Clock(), keystore=tmp_path / "keys")
    assert [each.name for each in tmp_path.iterdir()] == ["keys"]


def test_a_creation_on_a_full_disk_leaves_nothing(tmp_path):
    """A file size limit stands in for a full disk; the error is one of ours."""
    code = """
        import resource, signal, sys
        from datetime import UTC, datetime
        from pathlib import Path
        from beholden.model.errors import BeholdenError
        from beholden.storage.folder import create_folder
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
        try:
            create_folder(Path(sys.argv[1]), rehearsal=True, clock=lambda: datetime.now(UTC))
        except BeholdenError:
            print("refused")
    """
    command = [sys.executable, "-c", textwrap.dedent(code), str(tmp_path / "data")]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "refused\n"
    assert list(tmp_path.iterdir()) == []


def test_a_keystore_may_lie_elsewhere(tmp_path):
    """On another disk, for one."""
    create_folder(tmp_path / "data", rehearsal=True, clock=Clock(), keystore=tmp_path / "keys")
    assert not (tmp_path / "data" / "keystore").exists()
    opened(tmp_path / "data", keystore=tmp_path / "keys").close()


@pytest.mark.parametrize("make", [lambda p: None, lambda p: p.mkdir(), lambda p: p.write_text("x")])
def test_a_missing_folder_is_an_error_of_its_own(tmp_path, make):
    """Nothing there, an empty folder, a file."""
    make(tmp_path / "data")
    with pytest.raises(FolderMissing):
        opened(tmp_path / "data")


def test_a_folder_without_permission_is_an_error_of_its_own():
    """As another account, in a child process: root may do everything."""
    code = """
        import os, sys
        from datetime import UTC, datetime
        from pathlib import Path
        from beholden.model.errors import FolderForbidden
        from beholden.storage.folder import create_folder, open_folder
        if os.getuid() == 0:
            os.setgid(65534)
            os.setuid(65534)
        path, clock = Path(sys.argv[1]), lambda: datetime.now(UTC)
        for attempt in (
            lambda: open_folder(path / "data", clock=clock),
            lambda: create_folder(path / "new", rehearsal=True, clock=clock),
            lambda: create_folder(path / "data" / "new", rehearsal=True, clock=clock),
        ):
            try:
                attempt()
            except FolderForbidden:
                print("forbidden")
    """
    with tempfile.TemporaryDirectory() as name:
        path = Path(name)
        create_folder(path / "data", rehearsal=True, clock=Clock())
        (path / "data").chmod(0o700 if os.getuid() == 0 else 0)
        path.chmod(0o555)
        try:
            command = [sys.executable, "-c", textwrap.dedent(code), name]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
        finally:
            path.chmod(0o700)
            (path / "data").chmod(0o700)
        assert done.stdout == "forbidden\n" * 3


def test_a_newer_database_a_missing_and_an_exposed_keystore_each_have_their_error(path):
    """One line each, exit codes 6 and 7."""
    (path / "keystore" / "kek.a.json").chmod(0o644)
    with pytest.raises(KeystoreExposed):
        opened(path)
    (path / "keystore").rename(path / "elsewhere")
    with pytest.raises(KeystoreMissing):
        opened(path)
    connection = sqlite3.connect(path / "beholden.db", isolation_level=None)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(FolderNewer):
        opened(path)


def test_a_missing_log_is_an_error_of_its_own(path):
    """Exit code 9."""
    shutil.rmtree(path / "log")
    with pytest.raises(LogUnavailable):
        opened(path)


def test_a_log_of_another_folder_is_refused(path, tmp_path):
    """Parts that do not belong together are not used."""
    create_folder(tmp_path / "other", rehearsal=True, clock=Clock())
    shutil.rmtree(path / "log")
    shutil.copytree(tmp_path / "other" / "log", path / "log")
    with pytest.raises(DataFolderError, match="different folders"):
        opened(path)


def test_a_log_put_back_from_before_is_refused(path, tmp_path):
    """The database knows leaves that are not in it."""
    shutil.copytree(path / "log", tmp_path / "log")
    with opened(path) as folder:
        enrolled(folder.office, "Ann", 1)
    shutil.rmtree(path / "log")
    shutil.copytree(tmp_path / "log", path / "log")
    with pytest.raises(DataFolderError, match="older than the database"):
        opened(path)


def test_a_rehearsal_cannot_be_converted_even_by_removing_the_triggers(path):
    """The log's name and its first leaf still say what it is."""
    connection = sqlite3.connect(path / "beholden.db", isolation_level=None)
    connection.execute("DROP TRIGGER folder_never_changes")
    connection.execute("UPDATE folder SET rehearsal = 0")
    connection.close()
    with pytest.raises(DataFolderError, match="different folders"):
        opened(path)


def test_people_enrolled_in_one_process_and_withdrawn_in_another(path):
    """One process reads galleries while another withdraws: it sees that at its next call."""
    with opened(path) as folder:
        ann, ben = enrolled(folder.office, "Ann", 1), enrolled(folder.office, "Ben", 2)
        gate = Gate(folder.database, folder.keystore)
        held = gate.gallery(AT_LOBBY, tuple(Purpose), NOW, MODEL, rehearsal=True)
        assert set(held.subjects) == {ann.subject, ben.subject}
        code = """
            import sys
            from pathlib import Path
            from beholden.acts.grants.withdraw import withdraw
            from beholden.storage.folder import open_folder
            from tests.people import Clock
            with open_folder(Path(sys.argv[1]), clock=Clock()) as folder:
                withdraw(folder.office, sys.argv[2])
        """
        subprocess.run([sys.executable, "-c", textwrap.dedent(code), str(path), ann.subject], check=True)
        assert gate.revision() > held.revision
        assert not held.vectors[held.subjects.index(ann.subject)].any()
        assert gate.gallery(AT_LOBBY, tuple(Purpose), NOW, MODEL, rehearsal=True).subjects == (ben.subject,)


def test_an_old_database_with_todays_keystore_names_only_those_who_stayed(path, tmp_path):
    """I7 from end to end: names and templates of who left do not open, of who stayed do."""
    with opened(path) as folder:
        ann, ben = enrolled(folder.office, "Ann", 1), enrolled(folder.office, "Ben", 2)
        folder.database.compact()
    shutil.copytree(path, tmp_path / "backup")
    with opened(path) as folder:
        withdraw(folder.office, ann.subject)
    shutil.rmtree(tmp_path / "backup" / "keystore")
    with opened(tmp_path / "backup", keystore=path / "keystore") as backup:
        gate = Gate(backup.database, Keystore.open(path / "keystore"))
        gallery = gate.gallery(AT_LOBBY, tuple(Purpose), NOW, MODEL, rehearsal=True)
        assert gallery.subjects == (ben.subject,)
        from beholden.acts.grants.people import people

        assert {person.label for person in people(backup.office)} == {None, "Ben"}


def test_an_old_database_with_todays_keystore_opens_only_the_cameras_that_stayed(path, tmp_path):
    """I7 for cameras: a backup forgets the password of one that was removed. The old keystore is the control."""
    with opened(path) as folder:
        for name in ("door", "window"):
            add_camera(folder.office, Camera(CameraId(name), LOBBY, NOW), f"rtsp://viewer:{name}@192.168.1.20/")
        folder.database.compact()
    shutil.copytree(path, tmp_path / "backup")
    with opened(path) as folder:
        remove_camera(folder.office, CameraId("door"))
    with opened(tmp_path / "backup") as backup:
        assert [spec.address for spec in camera_specs(backup.office)] == [
            "rtsp://viewer:door@192.168.1.20/",
            "rtsp://viewer:window@192.168.1.20/",
        ]
    with opened(tmp_path / "backup", keystore=path / "keystore") as backup:
        assert [spec.address for spec in camera_specs(backup.office)] == ["rtsp://viewer:window@192.168.1.20/"]
        assert unopened_cameras(backup.office) == ("door",)


def test_recovering_an_orderly_folder_changes_nothing(path):
    """Safe to do at every start."""
    with opened(path) as folder:
        enrolled(folder.office, "Ann", 1)
        size = folder.log.size()
        assert (recover(folder.office).withdrawals, recover(folder.office).settled, folder.log.size()) == ((), 0, size)
