"""The keystore: private, in two copies, shared between processes, and forgetting for good."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import textwrap

import pytest

from beholden.consent.keystore import BUCKET_SIZE, Keystore
from beholden.model.errors import KeyDestroyed, KeystoreError, KeystoreExposed, KeystoreMissing
from beholden.model.ids import SubjectId
from tests.consent.cutting import Killed, kill_after

ANN, BEN = SubjectId("s_ann"), SubjectId("s_ben")
FILES = ("kek.a.json", "kek.b.json", "wrapped.a.json", "wrapped.b.json")


@pytest.fixture
def folder(keystore, tmp_path):
    """A keystore with two people in it."""
    keystore.create_keys([ANN, BEN])
    return tmp_path / "keystore"


def keys(folder):
    return Keystore.open(folder).data_keys([ANN, BEN])


def test_a_key_is_32_bytes_of_ones_own(folder):
    """Two people, two keys, the same after opening again."""
    first = keys(folder)
    assert first == keys(folder)
    assert len(first[ANN]) == 32
    assert first[ANN] != first[BEN]


def test_files_and_folder_are_private(folder):
    """0700 and 0600."""
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}


def test_no_data_key_lies_in_the_clear(folder):
    """Neither file holds one, in bytes or in base64; the planted one is found."""
    import base64

    ann = keys(folder)[ANN]
    forms = (ann, base64.b64encode(ann), ann.hex().encode())
    held = b"".join(file.read_bytes() for file in folder.iterdir())
    assert not any(form in held for form in forms)
    assert any(form in held + base64.b64encode(ann) for form in forms)


def test_nobody_gets_a_second_key(folder):
    """A key is never replaced."""
    with pytest.raises(KeystoreError, match="already"):
        Keystore.open(folder).create_key(ANN)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_copy_is_repaired_from_the_other(folder, name):
    """One lost file costs nothing."""
    before = keys(folder)
    (folder / name).unlink()
    assert keys(folder) == before
    assert (folder / name).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"generation":9,"body":{},"sha256":"00"}', b"\xff\xfe"])
def test_a_damaged_copy_is_repaired_from_the_other(folder, name, damage):
    """Nor does a torn or altered one, even if it claims to be newer."""
    before, whole = keys(folder), (folder / name).read_bytes()
    (folder / name).write_bytes(damage)
    assert keys(folder) == before
    assert (folder / name).read_bytes() == whole


@pytest.mark.parametrize("kind", ["kek", "wrapped"])
def test_both_copies_missing_is_an_error_of_its_own(folder, kind):
    """Exit code 7, with advice."""
    for copy in "ab":
        (folder / f"{kind}.{copy}.json").unlink()
    with pytest.raises(KeystoreMissing):
        Keystore.open(folder)


def test_both_copies_damaged_is_an_error(folder):
    """Nothing is made up."""
    for copy in "ab":
        (folder / f"kek.{copy}.json").write_bytes(b"x")
    with pytest.raises(KeystoreError, match="both copies"):
        Keystore.open(folder)


def test_a_missing_folder_is_an_error(tmp_path):
    """No keystore is made by opening one."""
    with pytest.raises(KeystoreMissing):
        Keystore.open(tmp_path / "nowhere")


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_others_can_read_is_refused(folder, name):
    """Even when nobody did."""
    (folder / name).chmod(0o644)
    with pytest.raises(KeystoreExposed):
        Keystore.open(folder)


def test_a_folder_that_others_can_enter_is_refused(folder):
    """The names in it are nobody's business either."""
    folder.chmod(0o750)
    with pytest.raises(KeystoreExposed):
        Keystore.open(folder)


def test_a_destroyed_key_is_gone_and_the_others_stay(folder):
    """In this process and after opening again."""
    store, before = Keystore.open(folder), keys(folder)
    assert store.destroy(ANN) == 0
    for each in (store, Keystore.open(folder)):
        with pytest.raises(KeyDestroyed):
            each.data_key(ANN)
        assert each.data_key(BEN) == before[BEN]


def test_destroying_twice_is_destroying_once(folder):
    """Safe to repeat."""
    store = Keystore.open(folder)
    assert (store.destroy(ANN), store.destroy(ANN)) == (0, None)


def test_an_old_copy_of_the_wrapped_keys_opens_nobody_of_the_bucket(folder, tmp_path):
    """The bucket's key is another one now: a backup of `wrapped` is refused with today's `kek`."""
    shutil.copytree(folder, tmp_path / "old")
    Keystore.open(folder).destroy(ANN)
    for copy in "ab":
        shutil.copy(tmp_path / "old" / f"wrapped.{copy}.json", folder)
    with pytest.raises(KeystoreError, match="of different days"):
        Keystore(folder).data_keys([ANN, BEN])
    kek = json.loads((folder / "kek.a.json").read_text())["body"]
    wrapped = json.loads((tmp_path / "old" / "wrapped.a.json").read_text())["body"]
    assert not {row[0] for known in kek.values() for row in known} & {entry[1] for entry in wrapped.values()}


def test_an_old_copy_put_back_by_mistake_costs_nobody_who_stayed(folder, tmp_path):
    """It is refused before anything is written, so that today's copy, put back again, opens everybody it did."""
    Keystore.open(folder).destroy(ANN)
    key = Keystore.open(folder).data_key(BEN)
    shutil.copytree(folder, tmp_path / "today")
    Keystore.open(folder).destroy(BEN)
    for copy in "ab":
        shutil.copy(tmp_path / "today" / f"wrapped.{copy}.json", folder)
    with pytest.raises(KeystoreError, match="of different days"):
        Keystore.open(folder)
    for path in (tmp_path / "today").glob("*.json"):
        shutil.copy(path, folder)
    assert Keystore.open(folder).data_key(BEN) == key


def test_the_key_of_a_bucket_that_emptied_is_replaced_too(folder, tmp_path):
    """Also the last one to leave leaves nothing that opens."""
    shutil.copytree(folder, tmp_path / "old")
    for subject in (ANN, BEN):
        Keystore.open(folder).destroy(subject)
    before = json.loads((tmp_path / "old" / "kek.a.json").read_text())["body"]
    after = json.loads((folder / "kek.a.json").read_text())["body"]
    assert not {row[0] for known in before.values() for row in known} & {
        row[0] for known in after.values() for row in known
    }


def test_the_old_keys_do_open_with_the_old_keystore(folder, tmp_path):
    """The control of the test above: with the old `kek` too, everybody opens. That copy is beyond us, and said so."""
    before = keys(folder)
    shutil.copytree(folder, tmp_path / "old")
    Keystore.open(folder).destroy(ANN)
    assert Keystore.open(tmp_path / "old").data_keys([ANN, BEN]) == before


def test_the_old_bytes_are_overwritten_and_not_only_unlinked(folder):
    """A file descriptor to the replaced file reads zeros."""
    with (folder / "kek.a.json").open("rb", buffering=0) as old:
        assert old.read(1) == b"{"
        Keystore.open(folder).destroy(ANN)
        old.seek(0)
        assert set(old.read()) == {0}


def test_buckets_hold_256_and_fill_up_again(keystore):
    """One more opens the next bucket; a free place is used before that."""
    people = [SubjectId(f"s_{n}") for n in range(BUCKET_SIZE + 1)]
    keystore.create_keys(people)
    assert [keystore.bucket(people[n]) for n in (0, 255, 256)] == [0, 0, 1]
    keystore.destroy(people[7])
    keystore.create_key(ANN)
    assert keystore.bucket(ANN) == 0


@pytest.mark.parametrize("step", [0, 1, 2])
@pytest.mark.parametrize("copies", [0, 1])
def test_a_rotation_cut_off_anywhere_is_finished_later(folder, step, copies):
    """After each of the three writes, and between the two copies of each, everyone who stays opens."""
    before, store = keys(folder), Keystore.open(folder)
    kill_after(store, 2 * step + copies)
    with pytest.raises(Killed):
        store.destroy(ANN)
    again = Keystore.open(folder)
    assert again.data_key(BEN) == before[BEN]
    again.destroy(ANN)
    assert Keystore.open(folder).data_keys([ANN, BEN]) == {ANN: None, BEN: before[BEN]}
    assert [len(known) for known in json.loads((folder / "kek.a.json").read_bytes())["body"].values()] == [1]


def test_another_process_sees_what_was_destroyed_at_its_next_question(folder):
    """No cache outlives a change."""
    one, two = Keystore.open(folder), Keystore.open(folder)
    assert two.data_key(ANN)
    one.destroy(ANN)
    with pytest.raises(KeyDestroyed):
        two.data_key(ANN)


def test_two_processes_write_at_once_and_lose_nothing(folder):
    """The lock holds between processes."""
    code = """
        import sys
        from pathlib import Path
        from beholden.consent.keystore import Keystore
        store = Keystore.open(Path(sys.argv[1]))
        for n in range(10):
            store.create_key(f"s_{sys.argv[2]}{n}")
            store.destroy(f"s_{sys.argv[2]}{n}") if n % 2 else None
    """
    children = [
        subprocess.Popen([sys.executable, "-c", textwrap.dedent(code), str(folder), name]) for name in ("x", "y")
    ]
    assert [child.wait() for child in children] == [0, 0]
    expected = {ANN, BEN, *(f"s_{name}{n}" for name in "xy" for n in range(0, 10, 2))}
    assert Keystore.open(folder).subjects() == expected


def test_a_full_disk_changes_nothing(folder):
    """A refused write leaves both people with their keys."""
    code = """
        import resource, signal, sys
        from pathlib import Path
        from beholden.consent.keystore import Keystore
        from beholden.model.errors import KeystoreError, StorageFull
        store = Keystore.open(Path(sys.argv[1]))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))
        try:
            store.create_key("s_cat")
        except (KeystoreError, StorageFull):
            print("refused")
    """
    before = keys(folder)
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), str(folder)], capture_output=True, text=True, check=True
    )
    assert done.stdout == "refused\n"
    assert keys(folder) == before
    assert {file.name for file in folder.iterdir()} == {*FILES, "lock"}
