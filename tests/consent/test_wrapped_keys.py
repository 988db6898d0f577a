"""A keystore whose bucket keys are wrapped by something outside: by itself it opens nothing, and it loses nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from beholden.consent.keystore import BUCKET_SIZE, Keystore
from beholden.consent.wrapper import Wrapping
from beholden.model.errors import KeyDestroyed, KeystoreError
from beholden.model.ids import SubjectId
from tests.consent.vault import ANN, BEN, Vault, in_the_clear, keys, opened, texts


@pytest.fixture
def vault() -> Vault:
    return Vault()


@pytest.fixture
def folder(keystore, tmp_path) -> Path:
    """A keystore with two people in it, its bucket key in the clear."""
    keystore.create_keys([ANN, BEN])
    return tmp_path / "keystore"


def test_the_next_opening_for_acts_wraps_what_lies_in_the_clear(folder, vault):
    """Both copies, and everybody opens as before; the control: before, both held a key."""
    before = keys(folder)
    assert in_the_clear(folder) == 2
    store = opened(folder, Wrapping(vault))
    assert (in_the_clear(folder), len(list(texts(folder)))) == (0, 2)
    assert store.data_keys([ANN, BEN]) == before == keys(folder, Wrapping(vault))


def test_opening_to_read_changes_nothing(folder, vault):
    """Whoever only looks leaves the files as they are."""
    before = (folder / "kek.a.json").read_bytes()
    opened(folder, Wrapping(vault), rewrap=False).data_keys([ANN])
    assert (folder / "kek.a.json").read_bytes() == before


def test_wrapping_twice_is_wrapping_once(folder, vault):
    """Only what settings say otherwise is touched."""
    assert opened(folder, Wrapping(vault), rewrap=False).rewrap() == 1
    asked = dict(vault.asked)
    assert opened(folder, Wrapping(vault), rewrap=False).rewrap() == 0
    assert vault.asked == asked


def test_the_folder_by_itself_opens_nothing(folder, vault):
    """Without settings that name who wraps, and with somebody who cannot unwrap."""
    opened(folder, Wrapping(vault))
    for wrapping in (Wrapping(), Wrapping(Vault()), Wrapping(Vault("another"))):
        with pytest.raises(KeystoreError):
            keys(folder, wrapping)


def test_wrapped_keys_are_never_put_in_the_clear_because_a_setting_is_missing(folder, vault):
    """Neither old ones nor a new one beside them."""
    opened(folder, Wrapping(vault))
    store = opened(folder, Wrapping(), rewrap=False)
    for act in (store.rewrap, lambda: store.destroy(ANN), lambda: store.create_keys(many(BUCKET_SIZE))):
        with pytest.raises(KeystoreError, match="settings name none") as caught:
            act()
        assert "keystore.wrap" in caught.value.advice
    assert in_the_clear(folder) == 0


def many(number: int) -> list[SubjectId]:
    return [SubjectId(f"s_{n}") for n in range(number)]


def test_it_is_unwrapped_for_good_with_whoever_wrapped_it(folder, vault):
    """Naming them as `unwrap` only is how a hook is left behind."""
    before = keys(folder)
    opened(folder, Wrapping(vault))
    opened(folder, Wrapping(unwrap=vault))
    assert in_the_clear(folder) == 2
    assert keys(folder) == before


def test_one_vault_takes_over_from_another(folder, vault):
    """After that the old one is not asked any more."""
    before, new = keys(folder), Vault("new")
    opened(folder, Wrapping(vault))
    opened(folder, Wrapping(new, vault))
    vault.away = True
    assert keys(folder, Wrapping(new)) == before


def test_a_new_name_for_the_same_vault_is_enough(folder, vault):
    """A program that moved opens what it wrapped under its old path."""
    before = keys(folder)
    opened(folder, Wrapping(vault))
    vault._name = "moved"
    assert opened(folder, Wrapping(vault), rewrap=False).rewrap() == 1
    assert keys(folder, Wrapping(vault)) == before


def test_a_withdrawal_rotates_as_without_it(folder, vault, tmp_path):
    """Who left is gone, who stayed opens, the bucket has one key, and the old `wrapped` is of another day."""
    before, store = keys(folder), opened(folder, Wrapping(vault))
    shutil.copytree(folder, tmp_path / "old")
    assert store.destroy(ANN) == 0
    for each in (store, opened(folder, Wrapping(vault))):
        assert each.data_keys([ANN, BEN]) == {ANN: None, BEN: before[BEN]}
    assert (in_the_clear(folder), len(list(texts(folder)))) == (0, 2)
    for copy in "ab":
        shutil.copy(tmp_path / "old" / f"wrapped.{copy}.json", folder)
    with pytest.raises(KeystoreError, match="of different days"):
        Keystore.open(folder)


def test_everything_new_is_wrapped(folder, vault):
    """Somebody new in an old bucket needs no new key; the first of the next one does."""
    store = opened(folder, Wrapping(vault))
    wrapped = vault.asked["wrap"]
    store.create_keys(many(BUCKET_SIZE - 2))
    assert vault.asked["wrap"] == wrapped
    store.create_key(SubjectId("s_next"))
    assert vault.asked["wrap"] == wrapped + 1
    assert (in_the_clear(folder), len(list(texts(folder)))) == (0, 4)
    assert len(opened(folder, Wrapping(vault)).data_key(SubjectId("s_next"))) == 32


def test_it_is_asked_once_for_each_bucket_and_not_for_each_person(folder, vault):
    """What was unwrapped stays open until it is replaced, also when the files change."""
    store = opened(folder, Wrapping(vault))
    store.create_keys(many(BUCKET_SIZE))
    other = opened(folder, Wrapping(vault))
    asked = vault.asked["unwrap"]
    everybody = other.subjects()
    for _ in range(3):
        assert None not in other.data_keys(everybody).values()
        store.create_key(SubjectId(f"s_more{_}"))
    assert vault.asked["unwrap"] == asked + 2


def test_while_it_is_away_what_is_not_open_is_refused_and_nothing_changes(folder, vault):
    """An error of the keystore's; as soon as it is back, everything goes on."""
    before = opened(folder, Wrapping(vault)).data_keys([ANN, BEN])
    files = {file.name: file.read_bytes() for file in folder.glob("*.json")}
    vault.away = True
    store = opened(folder, Wrapping(vault))
    acts = (
        lambda: store.data_key(ANN),
        lambda: store.create_key(SubjectId("s_cat")),
        lambda: store.create_keys(many(BUCKET_SIZE)),
        lambda: store.destroy(ANN),
    )
    for act in acts:
        with pytest.raises(KeystoreError, match="away"):
            act()
    assert {file.name: file.read_bytes() for file in folder.glob("*.json")} == files
    assert store.subjects() == {ANN, BEN}
    vault.away = False
    assert store.data_keys([ANN, BEN]) == before
    store.destroy(ANN)
    with pytest.raises(KeyDestroyed):
        store.data_key(ANN)


def test_while_it_is_away_nothing_is_wrapped_anew(folder, vault):
    """The switch itself waits."""
    vault.away, before = True, (folder / "kek.a.json").read_bytes()
    store = opened(folder, Wrapping(vault), rewrap=False)
    with pytest.raises(KeystoreError, match="away"):
        store.rewrap()
    assert (folder / "kek.a.json").read_bytes() == before
    vault.away = False
    assert store.rewrap() == 1


def test_what_is_open_stays_open_while_it_is_away(folder, vault):
    """A running keeper goes on recognising; a withdrawal waits, since its new key cannot be wrapped."""
    store = opened(folder, Wrapping(vault))
    vault.away = True
    assert len(store.data_key(ANN)) == 32
    with pytest.raises(KeystoreError, match="away"):
        store.destroy(ANN)
    assert len(store.data_key(ANN)) == 32


def test_what_cannot_be_unwrapped_again_is_never_written(folder, vault):
    """A vault that wraps under a key which it forgets loses nobody."""
    before, vault.forgetful = keys(folder), True
    store = opened(folder, Wrapping(vault), rewrap=False)
    with pytest.raises(KeystoreError):
        store.rewrap()
    with pytest.raises(KeystoreError):
        store.destroy(ANN)
    assert keys(folder) == before


def test_a_key_that_is_not_the_one_that_was_wrapped_is_refused(folder, vault):
    """Else everybody's key would be taken for broken, or wrapped anew under nobody's."""
    before = opened(folder, Wrapping(vault)).data_keys([ANN, BEN])
    vault.wrong = True
    for wrapping in (Wrapping(vault), Wrapping(unwrap=vault)):
        store = opened(folder, wrapping, rewrap=False)
        with pytest.raises(KeystoreError, match="other keys than were wrapped"):
            store.data_key(ANN)
    with pytest.raises(KeystoreError, match="other keys than were wrapped"):
        opened(folder, Wrapping(unwrap=vault))
    vault.wrong = False
    assert keys(folder, Wrapping(vault)) == before


def test_another_process_that_has_it_open_goes_on(folder, vault):
    """A switch keeps the keys: whoever opened them before needs nobody."""
    store = Keystore.open(folder)
    before = store.data_keys([ANN, BEN])
    opened(folder, Wrapping(vault))
    assert store.data_keys([ANN, BEN]) == before


def test_a_closed_keystore_opens_its_keys_again(folder, vault):
    """Nothing is left open by closing, and nothing is lost."""
    store = opened(folder, Wrapping(vault))
    before, asked = store.data_keys([ANN, BEN]), vault.asked["unwrap"]
    store.close()
    assert store.data_keys([ANN, BEN]) == before
    assert vault.asked["unwrap"] == asked + 1


def test_how_many_are_not_wrapped_yet_is_told(folder, vault):
    """What `beholden doctor` says."""
    store = opened(folder, Wrapping(vault), rewrap=False)
    assert store.open_all() == (1, 1)
    store.rewrap()
    assert store.open_all() == (1, 0)
