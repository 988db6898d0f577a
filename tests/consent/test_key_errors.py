"""What is wrong with a keystore is told in whole sentences, each with what to do about it."""

from __future__ import annotations

import errno
import shutil

import pytest

from beholden.consent import copies
from beholden.consent.keystore import Keystore
from beholden.consent.wrapper import Wrapping
from beholden.model.errors import KeyDestroyed, KeystoreError, KeystoreExposed, KeystoreMissing, StorageFull
from tests.consent.vault import ANN, BEN, Vault, opened

DOCTOR = "Run `beholden doctor --data FOLDER`."
PRIVATE = "Run `chmod 600` on the keystore files and `chmod 700` on their folder; then think who may have read it."
NOT_NAMED = (
    "Name the program that wrapped them in the settings: keystore.wrap, or keystore.unwrap to do without from now on."
)
OTHER = "Name the program that wrapped them as keystore.unwrap. Nothing was changed. docs/kms.md says more."
PUT_BACK = "Put the keystore back where settings name it. Without it nobody can be recognised, by design."


@pytest.fixture
def folder(keystore, tmp_path):
    keystore.create_keys([ANN, BEN])
    return tmp_path / "keystore"


def damage_both(folder):
    for copy in "ab":
        (folder / f"kek.{copy}.json").write_text("{")


def remove_both(folder):
    for copy in "ab":
        (folder / f"wrapped.{copy}.json").unlink()


def put_back_yesterdays(folder):
    shutil.copytree(folder, folder.parent / "old")
    Keystore.open(folder).destroy(ANN)
    for copy in "ab":
        shutil.copy(folder.parent / "old" / f"wrapped.{copy}.json", folder)


def make_a_folder_of_a_copy(folder):
    (folder / "kek.a.json").unlink()
    (folder / "kek.a.json").mkdir(mode=0o700)


def make_a_file_of_it(folder):
    shutil.rmtree(folder)
    folder.touch(mode=0o600)


@pytest.mark.parametrize(
    ("harm", "kind", "words", "advice"),
    [
        (
            lambda folder: folder.chmod(0o710),
            KeystoreExposed,
            "other accounts can enter the keystore {folder}",
            PRIVATE,
        ),
        (
            lambda folder: (folder / "kek.b.json").chmod(0o640),
            KeystoreExposed,
            "other accounts can read {folder}/kek.b.json",
            PRIVATE,
        ),
        (shutil.rmtree, KeystoreMissing, "there is no keystore in {folder}", PUT_BACK),
        (make_a_file_of_it, KeystoreError, "cannot use the keystore {folder}: Not a directory", DOCTOR),
        (remove_both, KeystoreMissing, "neither copy of the keystore is there: {folder}/wrapped.a.json", PUT_BACK),
        (
            damage_both,
            KeystoreError,
            "both copies of the keystore are damaged: {folder}/kek.a.json",
            "Put back a copy of the keystore that is whole. Without it nobody can be recognised, by design.",
        ),
        (make_a_folder_of_a_copy, KeystoreError, "cannot read {folder}/kek.a.json: Is a directory", DOCTOR),
        (
            put_back_yesterdays,
            KeystoreError,
            "the two parts of the keystore {folder} are of different days: 2 keys do not open",
            "Put today's kek.* and wrapped.* back, together. Nothing was changed.",
        ),
    ],
)
def test_a_keystore_that_cannot_be_opened_says_why(folder, harm, kind, words, advice):
    """Each kind of harm alone; nobody's name is in what is told."""
    harm(folder)
    with pytest.raises(KeystoreError) as caught:
        Keystore.open(folder).data_keys([ANN, BEN])
    assert type(caught.value) is kind
    assert (caught.value.message, caught.value.advice) == (words.format(folder=folder), advice)


def test_a_keystore_is_made_in_a_folder_of_its_own(folder):
    """One that is there is left alone."""
    with pytest.raises(KeystoreError) as caught:
        Keystore.create(folder)
    assert (caught.value.message, caught.value.advice) == (f"cannot create the keystore {folder}: File exists", DOCTOR)
    assert Keystore.open(folder).subjects() == {ANN, BEN}


def test_a_second_key_and_one_that_is_gone_are_told_apart(folder):
    """By the number that stands for somebody."""
    store = Keystore.open(folder)
    with pytest.raises(KeystoreError, match=r"^s_ann has a key already$"):
        store.create_key(ANN)
    store.destroy(ANN)
    with pytest.raises(KeyDestroyed, match=r"^there is no key of s_ann: it was destroyed when they withdrew$") as gone:
        store.data_key(ANN)
    assert gone.value.advice == "This cannot be undone. The person may enrol again."


@pytest.mark.parametrize(
    ("number", "kind", "words"),
    [
        (errno.ENOSPC, StorageFull, "no space for the keystore {folder}/kek.a.json"),
        (errno.EROFS, KeystoreError, "cannot write {folder}/kek.a.json: Read-only file system"),
    ],
)
def test_what_cannot_be_written_says_whether_there_is_no_room(folder, monkeypatch, number, kind, words):
    """A full disk is another thing to do than one that cannot be written."""

    def refuse(path, _data):
        raise OSError(number, {errno.ENOSPC: "No space left", errno.EROFS: "Read-only file system"}[number])

    store = Keystore.open(folder)
    monkeypatch.setattr(copies, "replace_file", refuse)
    with pytest.raises(kind) as caught:
        store.destroy(ANN)
    assert caught.value.message == words.format(folder=folder)


def test_keys_that_are_wrapped_where_settings_name_nobody_say_which_setting(folder):
    """And one that another vault opens is not ours."""
    vault = Vault()
    opened(folder, Wrapping(vault))
    with pytest.raises(KeystoreError) as unnamed:
        opened(folder, Wrapping(), rewrap=False).data_keys([ANN])
    assert unnamed.value.message == "the keystore's keys are wrapped by a program, and the settings name none"
    vault.wrong = True
    with pytest.raises(KeystoreError) as wrong:
        opened(folder, Wrapping(vault), rewrap=False).data_keys([ANN])
    assert wrong.value.message == "what unwraps the keystore's keys gave back other keys than were wrapped"
    assert (unnamed.value.advice, wrong.value.advice) == (NOT_NAMED, OTHER)
