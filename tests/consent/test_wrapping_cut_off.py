"""Wrapping a keystore's keys anew, and rotating wrapped ones, cut off anywhere: everybody opens, and it is finished."""

from __future__ import annotations

from pathlib import Path

import pytest

from beholden.consent.keystore import Keystore
from beholden.consent.wrapper import Wrapping
from tests.consent.cutting import Killed, kill_after
from tests.consent.vault import ANN, BEN, Vault, in_the_clear, keys, opened, texts


@pytest.fixture
def vault() -> Vault:
    return Vault()


@pytest.fixture
def folder(keystore, tmp_path) -> Path:
    """A keystore with two people in it, its bucket key in the clear."""
    keystore.create_keys([ANN, BEN])
    return tmp_path / "keystore"


@pytest.mark.parametrize("copies", [0, 1])
@pytest.mark.parametrize("back", [False, True])
def test_a_switch_cut_off_anywhere_opens_and_is_finished_by_the_next_opening(folder, vault, copies, back):
    """Before the first copy, and between the two; to the vault, and back."""
    before, wanted = keys(folder), Wrapping(unwrap=vault) if back else Wrapping(vault)
    if back:
        opened(folder, Wrapping(vault))
    store = opened(folder, wanted, rewrap=False)
    kill_after(store, copies)
    with pytest.raises(Killed):
        store.rewrap()
    assert keys(folder, Wrapping(vault, vault)) == before
    assert opened(folder, wanted).data_keys([ANN, BEN]) == before
    assert in_the_clear(folder) == (2 if back else 0)


@pytest.mark.parametrize("step", range(6))
def test_a_rotation_cut_off_anywhere_is_finished_later(folder, vault, step):
    """As in the clear: everyone who stays opens, and the one who leaves can be destroyed again."""
    before, store = keys(folder), opened(folder, Wrapping(vault))
    kill_after(store, step)
    with pytest.raises(Killed):
        store.destroy(ANN)
    again = opened(folder, Wrapping(vault))
    assert again.data_key(BEN) == before[BEN]
    again.destroy(ANN)
    assert keys(folder, Wrapping(vault)) == {ANN: None, BEN: before[BEN]}
    assert (in_the_clear(folder), len(list(texts(folder)))) == (0, 2)


def test_a_switch_during_a_rotation_keeps_what_is_leaving_leaving(folder, vault):
    """A rotation that was cut off in the clear is finished wrapped: the replaced key goes."""
    before, store = keys(folder), Keystore.open(folder)
    store._write_wrapped = lambda _: (_ for _ in ()).throw(Killed())
    with pytest.raises(Killed):
        store.destroy(ANN)
    assert in_the_clear(folder) == 4
    again = opened(folder, Wrapping(vault))
    again.destroy(ANN)
    assert keys(folder, Wrapping(vault)) == {ANN: None, BEN: before[BEN]}
    assert (in_the_clear(folder), len(list(texts(folder)))) == (0, 2)
