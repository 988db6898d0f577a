"""Sealed things open only with their own key, as what they were sealed as."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beholden.consent.registry import Particulars
from beholden.consent.seal import (
    open_particulars,
    open_template,
    open_template_into,
    seal,
    seal_particulars,
    seal_template,
    template_length,
    unseal,
)
from beholden.model.errors import KeystoreError, SealBroken
from beholden.model.ids import ModelDigest, SubjectId

KEY, ANN, BEN = bytes(range(32)), SubjectId("s_ann"), SubjectId("s_ben")
MODEL, OTHER = ModelDigest("aa" * 32), ModelDigest("bb" * 32)
VECTOR = np.linspace(-1, 1, 128, dtype=np.float32)


def test_a_template_opens_as_it_was_sealed():
    """Bit for bit, and read-only."""
    opened = open_template(KEY, seal_template(KEY, VECTOR, ANN, MODEL), ANN, MODEL)
    assert np.array_equal(opened, VECTOR)
    assert opened.dtype == np.float32
    assert not opened.flags.writeable


def test_the_layout_is_nonce_then_ciphertext_of_little_endian_floats():
    """12 + 4 d + 16 bytes, and the plain text is what docs say."""
    sealed = seal_template(KEY, VECTOR, ANN, MODEL)
    assert len(sealed) == 12 + 4 * 128 + 16
    assert unseal(KEY, sealed, f"template\x1f{ANN}\x1f1\x1f{MODEL}") == VECTOR.astype("<f4").tobytes()


def test_sealing_twice_gives_other_bytes():
    """No nonce comes twice."""
    assert seal_template(KEY, VECTOR, ANN, MODEL) != seal_template(KEY, VECTOR, ANN, MODEL)


@pytest.mark.parametrize(
    ("key", "subject", "model"),
    [(bytes(reversed(KEY)), ANN, MODEL), (KEY, BEN, MODEL), (KEY, ANN, OTHER)],
    ids=["another key", "another person", "another model"],
)
def test_another_key_person_or_model_does_not_open_it(key, subject, model):
    """The error is one of ours."""
    with pytest.raises(SealBroken) as caught:
        open_template(key, seal_template(KEY, VECTOR, ANN, MODEL), subject, model)
    assert isinstance(caught.value, KeystoreError)


@settings(max_examples=100, deadline=None)
@given(st.binary(min_size=1, max_size=60), st.data())
def test_one_changed_or_missing_byte_does_not_open(data, draw):
    """Altered bytes are never opened."""
    sealed = seal(KEY, data, "x")
    at = draw.draw(st.integers(0, len(sealed) - 1))
    for bad in (sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :], sealed[:at]):
        with pytest.raises(SealBroken):
            unseal(KEY, bad, "x")


@pytest.mark.parametrize("data", [b"", b"abc"])
def test_what_is_no_list_of_numbers_is_no_template(data):
    """Length is checked after opening."""
    with pytest.raises(SealBroken, match=r"^a sealed template is no list of numbers$"):
        open_template(KEY, seal(KEY, data, f"template\x1f{ANN}\x1f1\x1f{MODEL}"), ANN, MODEL)


@settings(max_examples=50, deadline=None)
@given(st.text(), st.none() | st.text())
def test_particulars_open_as_they_were_sealed(label, guardian):
    """Any name in any script."""
    particulars = Particulars(label, guardian)
    assert open_particulars(KEY, seal_particulars(KEY, particulars, ANN), ANN) == particulars


def test_particulars_of_one_person_are_not_anothers():
    """Bound to the subject."""
    with pytest.raises(SealBroken):
        open_particulars(KEY, seal_particulars(KEY, Particulars("Ann"), ANN), BEN)


OTHER_KEY = "sealed bytes do not open with this key for this use"


@pytest.mark.parametrize(
    ("size", "length"), [(0, 0), (4, 0), (27, 0), (28, 0), (29, 0), (31, 0), (32, 1), (33, 0), (36, 2), (540, 128)]
)
def test_the_length_of_a_sealed_template_is_read_off_its_size(size, length):
    """0 where it cannot be one: nothing between nonce and tag, or no whole numbers."""
    assert template_length(bytes(size)) == length


def test_a_template_opens_into_a_row():
    """As `open_template` opens it; on a machine that writes numbers the other way, turned round."""
    row = np.zeros(128, np.float32)
    open_template_into(KEY, seal_template(KEY, VECTOR, ANN, MODEL), ANN, MODEL, row)
    assert np.array_equal(row, VECTOR)


def test_on_a_big_endian_machine_numbers_are_turned_round(monkeypatch):
    """Sealed ones are little-endian everywhere."""
    row = np.zeros(128, np.float32)
    sealed = seal_template(KEY, VECTOR, ANN, MODEL)
    monkeypatch.setattr(sys, "byteorder", "big")
    open_template_into(KEY, sealed, ANN, MODEL, row)
    monkeypatch.undo()
    assert row.tobytes() == VECTOR.byteswap().tobytes()


@pytest.mark.parametrize("length", [0, 127, 129])
def test_a_row_of_another_length_is_left_as_it_was(length):
    """None is made to fit."""
    row = np.ones(length, np.float32)
    with pytest.raises(SealBroken, match=r"^a sealed template has another length$"):
        open_template_into(KEY, seal_template(KEY, VECTOR, ANN, MODEL), ANN, MODEL, row)
    assert row.all()
    if not length:
        with pytest.raises(SealBroken, match=r"^a sealed template has another length$"):
            open_template_into(KEY, seal(KEY, b"", f"template\x1f{ANN}\x1f1\x1f{MODEL}"), ANN, MODEL, row)


def test_a_row_into_which_nothing_opened_is_all_zeros():
    """With another key, nothing of what was there before is left."""
    row = np.ones(128, np.float32)
    with pytest.raises(SealBroken, match=f"^{OTHER_KEY}$"):
        open_template_into(bytes(reversed(KEY)), seal_template(KEY, VECTOR, ANN, MODEL), ANN, MODEL, row)
    assert not row.any()


def test_what_is_cut_off_is_told_apart_from_what_does_not_open():
    """The shortest that can be opened is a nonce and a tag."""
    nothing = seal(KEY, b"", "x")
    assert unseal(KEY, nothing, "x") == b""
    with pytest.raises(SealBroken, match=r"^sealed bytes are cut off$"):
        unseal(KEY, nothing[:-1], "x")
    with pytest.raises(SealBroken, match=f"^{OTHER_KEY}$"):
        unseal(KEY, nothing, "y")
