"""Heads as an outsider checks them: signed by this log, following from older ones, and seen by witnesses."""

from __future__ import annotations

import base64
import shutil

import pytest

from beholden.ledger.checkpoint import Checkpoint
from beholden.ledger.cosignature import Cosignature, cosign, with_line, witness_of
from beholden.ledger.hashing import root_of
from beholden.ledger.log import FileLog
from beholden.ledger.note import NoteError, Signature, SigningKey
from beholden.ledger.verify import WITNESSED, verify_folder
from beholden.ledger.witnessed import FILE
from tests.ledger.outside import LEAVES, ORIGIN, OTHER, STEPS, WITNESS, kept, refused, witnessed


def test_a_head_that_another_key_signed_is_found(folder, key):
    """Also under the same name; and the right one under another name is nobody's."""
    text = (folder / "checkpoint").read_bytes().decode().split("\n\n")[0] + "\n"
    other = SigningKey(ORIGIN, bytes(range(32)))
    refused(folder, other.verifier, "no head of the log with this key")
    origin, size, root, _ = text.split("\n")
    (folder / "checkpoint").write_bytes(Checkpoint(origin, int(size), base64.b64decode(root)).signed(other))
    refused(folder, key, "no trusted key signed this")
    assert verify_folder(folder, other.verifier).size == 600


def test_a_head_that_says_something_else_is_found(folder, key):
    """Its size, its root, its signature."""
    good = (folder / "checkpoint").read_bytes()
    for at in (good.index(b"\n600\n") + 1, good.index(b"\n600\n") + 9, len(good) - 20):
        changed = bytearray(good)
        changed[at] ^= 1
        (folder / "checkpoint").write_bytes(changed)
        refused(folder, key, "no head of the log with this key")


@pytest.mark.parametrize("size", STEPS)
def test_every_older_head_is_a_beginning(folder, key, heads, size):
    """Also where its own partial tiles are gone."""
    for level in ("entries", "0"):
        (folder / f"tile/{level}/002.p/44").unlink()
    assert verify_folder(folder, key, since=heads[size]).size == 600


def test_a_head_that_was_rolled_back_is_found_by_an_older_head_that_was_kept(folder, key, heads, made):
    """The folder is consistent in itself: only whoever kept the newer head can tell."""
    (folder / "checkpoint").write_bytes(made[2][599])
    assert verify_folder(folder, key).size == 599
    refused(folder, key, "went back from 600 to 599", since=heads[600])


def test_a_log_that_was_written_anew_is_found_by_an_older_head_that_was_kept(tmp_path, made, heads, key):
    """The same key signed both, so that each is a log; one of them is a lie."""
    fork = tmp_path / "fork"
    shutil.copytree(made[0], fork)
    shutil.rmtree(fork / "tile")
    signer = FileLog.open(made[0])._key
    (fork / "checkpoint").write_bytes(Checkpoint(ORIGIN, 0, root_of([])).signed(signer))
    log = FileLog.open(fork)
    log.append([*LEAVES[:298], b"another", *LEAVES[299:]])
    log.append([b"more"])
    assert verify_folder(fork, key, since=heads[257]).size == 601
    refused(fork, key, "first 300 leaves are not those", since=heads[300])
    refused(fork, key, "first 600 leaves are not those", since=heads[600])


def test_witnesses_are_counted_once_each(folder, key):
    """Those that are trusted, however often they are named; the others are passed over."""
    witnessed(folder, (WITNESS, 7), (OTHER, 9))
    assert verify_folder(folder, key).witnesses == ()
    one = witness_of(WITNESS)
    assert verify_folder(folder, key, [one, one]).witnesses == (Cosignature("witness.example/w", 7),)
    assert len(verify_folder(folder, key, [one, witness_of(OTHER)]).witnesses) == 2


def test_a_wrong_line_of_a_trusted_witness_is_found(folder, key):
    """It says something that the witness did not say."""
    line = cosign(witnessed(folder), WITNESS, 7)
    bad = Signature(line.name, line.key_id, line.data[:7] + b"\x08" + line.data[8:])
    (folder / "checkpoint").write_bytes(with_line((folder / "checkpoint").read_bytes(), bad))
    refused(folder, key, "witness.example/w is wrong", witnesses=[witness_of(WITNESS)])
    assert verify_folder(folder, key).witnesses == ()


def test_lines_that_are_kept_beside_the_head_are_counted(folder, key, made):
    """Under the head they are about, which may be an older one: what came after it is unwitnessed."""
    both = [witness_of(WITNESS), witness_of(OTHER)]
    kept(folder, made[2][599], (WITNESS, 5))
    found = verify_folder(folder, key, both)
    assert (found.witnessed, found.witnesses) == (599, (Cosignature("witness.example/w", 5),))
    kept(folder, made[2][600], (WITNESS, 6))
    witnessed(folder, (OTHER, 4), (WITNESS, 7))
    found = verify_folder(folder, key, both)
    assert (found.witnessed, {(each.name, each.moment) for each in found.witnesses}) == (
        600,
        {("other.example/w", 4), ("witness.example/w", 6)},
    )
    kept(folder, made[2][300], (WITNESS, 1))
    assert verify_folder(folder, key, both).witnessed == 600
    assert verify_folder(folder, key).witnessed == 0


def test_a_head_that_was_rolled_back_is_found_by_what_witnesses_saw(folder, key, made):
    """Whoever rolls back forgets that, or leaves it out: then only witnesses know."""
    kept(folder, made[2][600], (WITNESS, 5))
    (folder / "checkpoint").write_bytes(made[2][599])
    refused(folder, key, "went back")


def test_what_is_kept_of_witnesses_must_be_of_this_log(folder, key, made):
    """Signed by it, and no file in another's clothes."""
    kept(folder, Checkpoint(ORIGIN, 5, bytes(32)).signed(OTHER))
    refused(folder, key, "witnessed is no head")
    (folder / WITNESSED).unlink()
    (folder / WITNESSED).symlink_to(folder / "checkpoint")
    refused(folder, key, "cannot read witnessed")
    assert WITNESSED == FILE


def test_a_log_is_no_witness_of_itself(made):
    """Its own key proves nothing more."""
    with pytest.raises(NoteError, match="the log itself"):
        verify_folder(made[0], made[1], [witness_of(FileLog.open(made[0])._key)])
