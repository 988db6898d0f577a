"""A line of somebody's history opens with their private key, and with nothing else."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from beholden.consent.history_box import KEY_SIZE, PADDED, Past, checked_public, new_pair, open_past, seal_past
from beholden.model.errors import InputError, SealBroken
from beholden.model.ids import SubjectId
from tests.people import NOW

ANN, BEN = SubjectId("s_ann"), SubjectId("s_ben")
PAST = Past("lobby", "Café 1", NOW, NOW + timedelta(seconds=9))
OVERHEAD = 32 + 16
"""Bytes of the encapsulated key, and of the tag."""


def test_a_line_opens_as_it_was_sealed():
    """Also one of a file, which has no place; moments are told in UTC."""
    private, public = new_pair()
    assert len(private) == 32
    for past in (PAST, Past(None, "file", NOW, NOW)):
        assert open_past(private, ANN, seal_past(public, ANN, past)) == past
    elsewhere = datetime(2026, 11, 23, 12, tzinfo=timezone(timedelta(hours=2)))
    opened = open_past(private, ANN, seal_past(public, ANN, Past("lobby", "c", elsewhere, NOW))).opened_at
    assert opened.isoformat() == "2026-11-23T10:00:00+00:00"


def test_a_box_is_hpke_that_any_other_program_opens():
    """RFC 9180 with what docs say goes into it; the plain text is JSON in UTF-8, padded with spaces."""
    private, public = new_pair()
    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
    key = X25519PrivateKey.from_private_bytes(private)
    text = suite.decrypt(seal_past(public, ANN, PAST), key, info=b"beholden-history/1\ns_ann\n")
    assert len(text) == 512
    told = f'["lobby", "Café 1", "{PAST.opened_at.isoformat()}", "{PAST.seen_at.isoformat()}"]'
    assert text.decode().rstrip(" ") == told
    assert len(private) == KEY_SIZE == 32


@pytest.mark.parametrize(("length", "blocks"), [(1, 1), (300, 1), (PADDED, 2)])
def test_every_line_has_one_length_or_a_multiple_of_it(length, blocks):
    """So that a box does not tell a place by the length of its name."""
    _, public = new_pair()
    box = seal_past(public, ANN, Past("x" * length, "c", NOW, NOW))
    assert len(box) == blocks * PADDED + OVERHEAD


def test_a_line_of_exactly_the_length_is_not_made_longer():
    """The boundary: not one space, and not a block of them."""
    private, public = new_pair()
    base = seal_past(public, ANN, Past("", "c", NOW, NOW))
    assert len(base) == PADDED + OVERHEAD
    plain = len('["", "c", "", ""]') + 2 * len(NOW.isoformat())
    fits = Past("x" * (PADDED - plain), "c", NOW, NOW)
    assert len(seal_past(public, ANN, fits)) == PADDED + OVERHEAD
    assert len(seal_past(public, ANN, Past(f"{fits.place}x", "c", NOW, NOW))) == 2 * PADDED + OVERHEAD
    assert open_past(private, ANN, seal_past(public, ANN, fits)) == fits


@pytest.mark.parametrize("what", ["another key", "another person", "a changed box", "a cut box", "no key"])
def test_what_does_not_open_says_which_key_to_use(what):
    """Whatever is wrong: who does not have the key learns no more."""
    private, public = new_pair()
    box = seal_past(public, ANN, PAST)
    key, subject, box = {
        "another key": (new_pair()[0], ANN, box),
        "another person": (private, BEN, box),
        "a changed box": (private, ANN, box[:-1] + bytes([box[-1] ^ 1])),
        "a cut box": (private, ANN, box[:31]),
        "no key": (private[:-1], ANN, box),
    }[what]
    with pytest.raises(SealBroken) as caught:
        open_past(key, subject, box)
    assert caught.value.message == "a line of the history does not open with this key"
    advice = "Lines are sealed to the key that was given when they were written: use that one."
    assert caught.value.advice == advice


@pytest.mark.parametrize("text", ["", "zz", "00" * 31, "00" * 33, "00" * 32])
def test_what_nothing_can_be_sealed_to_is_no_public_key(text):
    """Not hexadecimal, another length, or a point of small order."""
    with pytest.raises(InputError) as caught:
        checked_public(text)
    assert caught.value.message == "that is no public key of a history: 64 characters of hexadecimal"
    assert caught.value.advice == "`beholden grant history key FILE` makes a pair, and prints the public half."


def test_a_public_key_is_kept_in_small_letters():
    """One key has one text."""
    _, public = new_pair()
    assert checked_public(public.upper()) == public
