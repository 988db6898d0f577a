"""A backup is whole and holds no key; put back with today's keystore it opens those who stayed, and nobody who left."""

from __future__ import annotations

import json
import shutil
import threading
from datetime import datetime
from pathlib import Path

import pytest

from beholden.acts.grants.pause import pause, resume
from beholden.acts.grants.people import people
from beholden.acts.grants.withdraw import withdraw
from beholden.acts.reconcile import reconcile
from beholden.acts.sightings.sighting import Settle, sightings
from beholden.consent.registry import SubjectState
from beholden.consent.seal import open_template
from beholden.ledger.log import FileLog
from beholden.model.errors import (
    DataFolderError,
    FolderExists,
    FolderMissing,
    KeyDestroyed,
    KeystoreMissing,
    StorageFull,
)
from beholden.model.ids import Epoch, TrackId
from beholden.model.match import Known, Reason, Why
from beholden.storage.backup import MANIFEST, back_up, read_backup, restore
from beholden.storage.folder import LOG, DataFolder, create_folder, open_folder
from tests.people import AT_LOBBY, NOW, Clock, enrolled

TAKEN = "2026-11-23T09:41:07+00:00"


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def town(tmp_path, clock):
    """Twelve people, one of whom is at the lobby."""
    create_folder(tmp_path / "town", rehearsal=True, clock=clock)
    with open_folder(tmp_path / "town", clock=clock) as folder:
        made = [enrolled(folder.office, f"P{number}", number) for number in range(12)]
        match = Known(made[0].subject, made[0].grants[0].id, Why(Reason.CLEAR, 2))
        Settle(folder.office).named(AT_LOBBY, Epoch("e"), TrackId("t"), match, NOW)
        yield folder


def opens(folder: DataFolder) -> set[str]:
    """Whose templates open."""
    found: set[str] = set()
    for each in folder.database.snapshot().templates:
        try:
            open_template(folder.keystore.data_key(each.subject), each.sealed, each.subject, each.model)
        except KeyDestroyed:
            continue
        found.add(each.subject)
    return found


def names(folder: DataFolder) -> set[str | None]:
    return {person.label for person in people(folder.office) if person.state is not SubjectState.WITHDRAWN}


def put_back(tmp_path: Path, clock: Clock, todays: Path | None = None) -> DataFolder:
    restore(tmp_path / "backup", tmp_path / "again", tmp_path / "town" / "keystore", todays)
    return open_folder(tmp_path / "again", clock=clock)


def test_who_withdrew_since_stays_forgotten_and_who_stayed_is_back(town, tmp_path, clock):
    """Of twelve, three left after the backup: nine templates open, and of the three nothing is left."""
    back_up(tmp_path / "town", tmp_path / "backup", NOW)
    left = {person.id for person in people(town.office)[:3]}
    for subject in left:
        withdraw(town.office, subject)
    with put_back(tmp_path, clock) as again:
        assert len(opens(again)) == 9
        assert set(reconcile(again.office, TAKEN).forgotten) == left
        assert len(names(again)) == 9
        assert {each.subject for each in again.database.snapshot().templates}.isdisjoint(left)
        assert {each.subject for each in sightings(again.office)}.isdisjoint(left)
        assert reconcile(again.office, TAKEN).forgotten == ()


def test_with_the_keystore_of_that_day_it_would_open_all(town, tmp_path, clock):
    """The control: it is the keys that are gone."""
    shutil.copytree(tmp_path / "town" / "keystore", tmp_path / "old keys")
    back_up(tmp_path / "town", tmp_path / "backup", NOW)
    withdraw(town.office, people(town.office)[0].id)
    restore(tmp_path / "backup", tmp_path / "again", tmp_path / "old keys")
    with open_folder(tmp_path / "again", clock=clock) as again:
        assert len(opens(again)) == 12


def test_who_enrolled_since_has_to_again_and_their_key_goes(town, tmp_path, clock):
    """The records do not know them; a key without anybody would open an export of theirs."""
    back_up(tmp_path / "town", tmp_path / "backup", NOW)
    late = enrolled(town.office, "Late", 99)
    with put_back(tmp_path, clock) as again:
        assert reconcile(again.office, TAKEN).unknown == 1
        assert late.subject not in again.keystore.subjects()
        assert len(opens(again)) == 12
    assert late.subject in town.keystore.subjects()


def test_todays_log_goes_on_where_it_is_still_there(town, tmp_path, clock):
    """Nothing that was logged since is lost, and the next leaf follows."""
    back_up(tmp_path / "town", tmp_path / "backup", NOW)
    withdraw(town.office, people(town.office)[0].id)
    size = town.log.size()
    with put_back(tmp_path, clock, tmp_path / "town") as again:
        assert again.log.size() == size
        reconcile(again.office, TAKEN)
        assert again.log.leaves(0, size) == town.log.leaves()


def test_a_log_that_is_not_the_backups_is_not_taken(town, tmp_path, clock):
    """Another folder's, or one that was rewritten."""
    back_up(tmp_path / "town", tmp_path / "backup", NOW)
    create_folder(tmp_path / "other", rehearsal=True, clock=clock)
    with pytest.raises(DataFolderError):
        restore(tmp_path / "backup", tmp_path / "again", tmp_path / "town" / "keystore", tmp_path / "other")
    assert not (tmp_path / "again").exists()


def test_no_key_of_anybody_is_in_a_backup(town, tmp_path):
    """Neither the keys nor what wraps them; the search finds the templates, which are sealed."""
    back_up(tmp_path / "town", tmp_path / "backup", NOW)
    backup = b"".join(path.read_bytes() for path in (tmp_path / "backup").rglob("*") if path.is_file())
    for each in people(town.office):
        assert town.keystore.data_key(each.id) not in backup
    for path in (tmp_path / "town" / "keystore").glob("*.json"):
        assert not (tmp_path / "backup" / "keystore").exists()
        for value in json.dumps(json.loads(path.read_bytes())["body"]).split('"'):
            assert len(value) < 40 or value.encode() not in backup
    assert town.database.snapshot().templates[0].sealed in backup


def test_what_was_deleted_is_not_in_a_backup(town, tmp_path):
    """Not even between the rows: it is a copy of what is there, not of the file."""
    sealed = town.database.snapshot().templates[0].sealed
    town.database.delete_templates(town.database.snapshot().templates[0].subject)
    back_up(tmp_path / "town", tmp_path / "backup", NOW)
    assert sealed not in (tmp_path / "backup" / "beholden.db").read_bytes()


def test_a_folder_in_use_is_backed_up_whole(town, tmp_path, clock):
    """While somebody acts all the time: each backup opens, and its log verifies."""
    stop, subject = threading.Event(), people(town.office)[0].id

    def act():
        while not stop.is_set():
            pause(town.office, subject)
            resume(town.office, subject)

    busy = threading.Thread(target=act)
    busy.start()
    try:
        for number in range(5):
            made = back_up(tmp_path / "town", tmp_path / f"backup{number}", NOW)
            assert FileLog.open(tmp_path / f"backup{number}" / LOG).size() == made.leaves
    finally:
        stop.set()
        busy.join()
    restore(tmp_path / "backup4", tmp_path / "again", tmp_path / "town" / "keystore")
    with open_folder(tmp_path / "again", clock=clock) as again:
        assert len(opens(again)) == 12


@pytest.mark.parametrize("name", ["beholden.db", "log/checkpoint", "log/key"])
def test_a_changed_backup_is_not_put_back(town, tmp_path, name):
    """Every file is compared; nothing is made of it."""
    back_up(tmp_path / "town", tmp_path / "backup", NOW)
    path = tmp_path / "backup" / name
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(DataFolderError):
        restore(tmp_path / "backup", tmp_path / "again", tmp_path / "town" / "keystore")
    assert not (tmp_path / "again").exists()


@pytest.mark.parametrize("spoil", [lambda path: path.unlink(), lambda path: path.with_name("more").write_text("x")])
def test_a_backup_with_more_or_less_in_it_is_not_put_back(town, tmp_path, spoil):
    """A file that is gone, or one that nobody wrote there."""
    back_up(tmp_path / "town", tmp_path / "backup", NOW)
    spoil(tmp_path / "backup" / "log" / "checkpoint")
    with pytest.raises(DataFolderError):
        read_backup(tmp_path / "backup")


def test_a_backup_says_what_it_is_of(town, tmp_path):
    """The log, how long it was, when, and every file."""
    made = back_up(tmp_path / "town", tmp_path / "backup", NOW)
    known = read_backup(tmp_path / "backup")
    assert (known.origin, known.leaves, known.files) == (town.log.origin, town.log.size(), made.files)
    assert known.taken_at == datetime.fromisoformat(TAKEN)
    assert (tmp_path / "backup").stat().st_mode & 0o077 == 0


def test_nothing_is_written_over_and_nothing_half_made_is_left(town, tmp_path, monkeypatch):
    """A folder that is there, a disk that is full, a backup that is none, a keystore that is none."""
    (tmp_path / "there").mkdir()
    with pytest.raises(FolderExists):
        back_up(tmp_path / "town", tmp_path / "there", NOW)
    with pytest.raises(FolderMissing):
        back_up(tmp_path / "nothing", tmp_path / "backup", NOW)
    with pytest.raises(FolderMissing):
        read_backup(tmp_path / "there")
    back_up(tmp_path / "town", tmp_path / "backup", NOW)
    with pytest.raises(KeystoreMissing):
        restore(tmp_path / "backup", tmp_path / "again", tmp_path / "no keys")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("beholden.storage.backup.shutil.copyfile", full)
    with pytest.raises(StorageFull):
        back_up(tmp_path / "town", tmp_path / "second", NOW)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup", "there", "town"]


def test_damaged_manifests_are_said_to_be(town, tmp_path):
    """Whatever stands there."""
    back_up(tmp_path / "town", tmp_path / "backup", NOW)
    for text in ("", "[]", '{"format": "x"}', '{"files": 5}'):
        (tmp_path / "backup" / MANIFEST).write_text(text)
        with pytest.raises(DataFolderError):
            read_backup(tmp_path / "backup")
