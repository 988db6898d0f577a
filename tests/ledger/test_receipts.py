"""Receipts and witnesses: read strictly, refused when anything in them is changed, and the specification's example."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beholden.ledger.checkpoint import Checkpoint
from beholden.ledger.cosignature import (
    Cosignature,
    WitnessKey,
    cosign,
    cosignatures,
    parse_witness,
    with_line,
    witness_of,
)
from beholden.ledger.log import FileLog
from beholden.ledger.note import NoteError, Signature, SigningKey, parse_verifier
from beholden.ledger.receipt import Receipt, parse_receipt, verify_receipt

EXAMPLE = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe"
    "+mbIUBkBIfZ+qnA==\n"
).encode()
"""The example of C2SP tlog-cosignature. Its keys are not given there, so only its form is checked."""
WITNESS = SigningKey("witness.example/w", bytes(range(32)))
OTHER = SigningKey("other.example/w", bytes(range(1, 33)))
LEAVES = [bytes([n]) * 85 for n in range(20)]


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    log = FileLog.create(tmp_path_factory.mktemp("receipts") / "log", "beholden.invalid/test")
    log.append(LEAVES)
    return log


@pytest.fixture(scope="module")
def key(log):
    return parse_verifier(log.verifier)


@pytest.fixture(scope="module")
def receipt(log):
    return log.receipt(7)


def test_a_receipt_proves_its_leaf(receipt, key):
    """Offline, by the log's public key alone; nobody witnessed it."""
    included = verify_receipt(parse_receipt(receipt.encoded()), key)
    assert (included.leaf, included.index, included.head.size, included.witnesses) == (LEAVES[7], 7, 20, ())


def test_a_receipt_of_the_only_leaf_has_no_path(tmp_path):
    """The smallest one."""
    log = FileLog.create(tmp_path / "log", "beholden.invalid/test")
    log.append([b"only"])
    data = log.receipt(0).encoded()
    assert data.split(b"\n\n")[0] == b"c2sp.org/tlog-proof@v1\nextra b25seQ==\nindex 0"
    assert verify_receipt(parse_receipt(data), parse_verifier(log.verifier)).leaf == b"only"


def test_every_flipped_bit_of_a_receipt_is_noticed(receipt, key):
    """In whatever line it is: the form, the leaf, the proof, the head or the signature."""
    data = receipt.encoded()
    for at in range(len(data) * 8):
        changed = bytearray(data)
        changed[at // 8] ^= 1 << at % 8
        with pytest.raises(NoteError):
            verify_receipt(parse_receipt(bytes(changed)), key)


def test_a_receipt_of_another_log_is_refused(receipt):
    """Somebody must be trusted."""
    with pytest.raises(NoteError):
        verify_receipt(receipt, SigningKey("beholden.invalid/test", bytes(32)).verifier)


def test_a_receipt_without_its_leaf_needs_it(receipt, key):
    """It proves a leaf that is given, and no other."""
    bare = replace(receipt, extra=None)
    assert verify_receipt(parse_receipt(bare.encoded()), key, leaf=LEAVES[7]).index == 7
    with pytest.raises(NoteError, match="not hold"):
        verify_receipt(bare, key)
    with pytest.raises(NoteError, match="not in the log"):
        verify_receipt(bare, key, leaf=LEAVES[8])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"@v1", b"@v2"),
        (b"index 7", b"index 07"),
        (b"index 7", b"index -7"),
        (b"index 7\n", b""),
        (b"index 7", b"index 7\r"),
        (b"\n\n", b"\n"),
        (b"extra ", b"extra  "),
        (b"index 7", b"index 99999999999999999999"),
        (b"index 7\n", b"index 7\nAAAA\n"),
    ],
)
def test_anything_that_is_not_exactly_a_receipt_is_refused(receipt, old, new):
    """Parsing is strict."""
    data = receipt.encoded()
    assert old in data
    with pytest.raises(NoteError):
        parse_receipt(data.replace(old, new, 1))


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=120))
def test_arbitrary_bytes_meet_one_error(data):
    """Also behind a good first line."""
    for each in (data, b"c2sp.org/tlog-proof@v1\n" + data):
        with pytest.raises(NoteError):
            parse_receipt(each)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**18), st.lists(st.binary(min_size=32, max_size=32), max_size=5), st.none() | st.binary())
def test_receipts_are_read_as_they_are_written(index, path, extra):
    """Write, read, write is the same."""
    receipt = Receipt(index, tuple(path), EXAMPLE, extra)
    assert parse_receipt(receipt.encoded()) == receipt


def test_a_witness_is_named_with_its_moment(log, key):
    """A line of a trusted witness is found, others are passed over."""
    line = cosign(log.checkpoint().decode().split("\n\n")[0] + "\n", WITNESS, 1679315147)
    data = with_line(log.checkpoint(), line)
    assert cosignatures(data, [witness_of(WITNESS)]) == (Cosignature("witness.example/w", 1679315147),)
    assert cosignatures(data, [witness_of(OTHER)]) == ()
    witnessed = replace(log.receipt(3), checkpoint=data)
    assert verify_receipt(witnessed, key, [witness_of(WITNESS)]).witnesses[0].moment == 1679315147


def test_a_witness_that_signs_again_replaces_its_line(log):
    """A head carries one line of each."""
    text = log.checkpoint().decode().split("\n\n")[0] + "\n"
    data = with_line(with_line(log.checkpoint(), cosign(text, WITNESS, 1)), cosign(text, WITNESS, 2))
    assert [each.moment for each in cosignatures(data, [witness_of(WITNESS)])] == [2]


def test_a_wrong_line_of_a_trusted_witness_is_refused(log):
    """Its moment, its signature, its length, or another head."""
    text = log.checkpoint().decode().split("\n\n")[0] + "\n"
    good = cosign(text, WITNESS, 5).data
    other = cosign(Checkpoint("beholden.invalid/test", 20, bytes(32)).text(), WITNESS, 5).data
    witness = witness_of(WITNESS)
    for bad in (b"\x80" + good[1:], good[:7] + b"\x06" + good[8:], good[:-1], good[:-1] + bytes(1), other, good[8:]):
        with pytest.raises(NoteError, match="wrong"):
            cosignatures(with_line(log.checkpoint(), Signature(witness.name, witness.id, bad)), [witness])


def test_what_a_log_signs_is_no_witness_line(log):
    """The same key signs another message as a witness: one cannot be passed off as the other."""
    text = log.checkpoint().decode().split("\n\n")[0] + "\n"
    line = cosign(text, WITNESS, 5)
    assert not WITNESS.verifier.signed(text.encode(), line.data[8:])
    assert WITNESS.verifier.id != line.key_id


def test_the_example_of_the_specification_has_the_form_of_ours():
    """Key id, 8 bytes of moment, 64 of signature; read and written again the same."""
    line = Signature("witness.example.com/w1", bytes.fromhex("8d66cf3f"), b"")
    assert cosignatures(EXAMPLE, []) == ()
    [found] = [each for each in _lines(EXAMPLE) if each.name == line.name]
    assert (found.key_id, len(found.data)) == (line.key_id, 72)
    assert int.from_bytes(found.data[:8], "big") == 1679315147


def _lines(data):
    from beholden.ledger.note import parse_note

    return parse_note(data).signatures


def test_witness_keys_are_read_as_they_are_written():
    """Type 4 is in the id and in the key, so that no log's key is taken for a witness's."""
    witness = witness_of(WITNESS)
    assert parse_witness(witness.encoded()) == witness == WitnessKey(witness.name, WITNESS.verifier.public)
    with pytest.raises(NoteError):
        parse_witness(WITNESS.verifier.encoded())
    with pytest.raises(NoteError):
        parse_verifier(witness.encoded())


@pytest.mark.parametrize("moment", [-1, 1 << 63])
def test_a_moment_that_cannot_be_written_is_refused(moment):
    """2**63 - 1 is the latest."""
    with pytest.raises(ValueError, match="moment"):
        cosign(Checkpoint("log", 1, bytes(32)).text(), WITNESS, moment)
