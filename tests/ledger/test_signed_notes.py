"""Signed notes and checkpoints: Go's example verifies, what we write we read, nothing else is read."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beholden.ledger.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint
from beholden.ledger.hashing import EMPTY_ROOT
from beholden.ledger.keyfile import create_key, load_key
from beholden.ledger.leaf import LEAF_SIZE, commit, new_leaf, parse_leaf
from beholden.ledger.note import NoteError, SigningKey, open_note, parse_note, parse_signer, parse_verifier, sign_note
from beholden.model.errors import LogUnavailable

GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
).encode()
"""The example of golang.org/x/mod/sumdb/note."""
KEY = SigningKey("example.org/log", bytes(range(32)))


def test_gos_example_verifies():
    """A note and key made by another implementation are accepted."""
    note = open_note(GO_NOTE, [parse_verifier(GO_KEY)])
    assert note.text.endswith("problem is.\n")


def test_gos_example_with_one_letter_changed_does_not_verify():
    """The planted forgery is found."""
    with pytest.raises(NoteError, match="wrong"):
        open_note(GO_NOTE.replace(b"answer", b"Answer"), [parse_verifier(GO_KEY)])


def test_a_note_of_a_stranger_is_refused():
    """Somebody must be trusted."""
    with pytest.raises(NoteError, match="trusted"):
        open_note(GO_NOTE, [KEY.verifier])


def test_signatures_of_unknown_keys_beside_a_trusted_one_are_ignored():
    """Witnesses that we do not know do no harm."""
    other = SigningKey("witness.example", bytes(32))
    text = "one\n"
    data = sign_note(text, KEY).encoded() + sign_note(text, other).encoded().split(b"\n\n")[1]
    assert len(open_note(data, [KEY.verifier]).signatures) == 2


def test_keys_are_read_as_they_are_written():
    """Encoded and parsed is the same key; the private one signs what the public one checks."""
    again = parse_signer(KEY.encoded())
    assert parse_verifier(KEY.verifier.encoded()) == again.verifier == KEY.verifier
    assert KEY.verifier.signed(b"text", again.sign(b"text"))


def test_a_signing_key_is_neither_printed_nor_pickled():
    """No seed leaves by accident."""
    assert repr(KEY) == "<SigningKey of example.org/log>"
    with pytest.raises(TypeError):
        pickle.dumps(KEY)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text\n",
        b"text\n\n",
        GO_NOTE.rstrip(b"\n"),
        GO_NOTE.replace("— ".encode(), b"- "),
        GO_NOTE.replace(b"Neumann x", b"Neumann  x"),
        GO_NOTE.replace(b"\nthen", b"\r\nthen"),
        GO_NOTE + b"\n",
        GO_NOTE.replace(b"wJnAM=", b"wJnAN="),
        GO_NOTE + b"\xff",
        GO_NOTE + GO_NOTE.split(b"\n\n")[1] * 100,
    ],
)
def test_anything_that_is_not_exactly_a_note_is_refused(data):
    """Parsing is strict."""
    with pytest.raises(NoteError):
        parse_note(data)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_arbitrary_bytes_never_raise_anything_but_note_errors(data):
    """Untrusted bytes meet one error."""
    with pytest.raises(NoteError):
        open_note(data, [KEY.verifier])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**18), st.binary(min_size=32, max_size=32))
def test_a_checkpoint_is_read_as_it_is_written(size, root):
    """Write, read, write is the same."""
    head = Checkpoint("example.org/log", size, root)
    assert parse_checkpoint(head.text()) == head
    assert open_checkpoint(head.signed(KEY), "example.org/log", [KEY.verifier]) == head


ROOT = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


@pytest.mark.parametrize(
    "text",
    [
        f"log\n01\n{ROOT}\n",
        f"log\n-1\n{ROOT}\n",
        f"log\n1\n{ROOT[:-4]}\n",
        f"log\n1\n{ROOT}",
        f"\n1\n{ROOT}\n",
        f"log\n1\n{ROOT}\n\n",
        f"log\n1\n{ROOT[:-2]}V=\n",
        "log\n1\n",
    ],
)
def test_a_checkpoint_that_we_would_not_have_written_is_refused(text):
    """Leading zeros, signs, short roots, empty lines and loose base64 are refused."""
    with pytest.raises(NoteError):
        parse_checkpoint(text)


def test_a_checkpoint_of_another_log_is_refused():
    """The origin counts."""
    with pytest.raises(NoteError, match="other"):
        open_checkpoint(Checkpoint("example.org/log", 0, EMPTY_ROOT).signed(KEY), "other", [KEY.verifier])


def test_the_key_file_is_private_and_read_again(tmp_path):
    """0600, and the same key."""
    key = create_key(tmp_path / "key", "log")
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert load_key(tmp_path / "key").verifier == key.verifier


def test_a_key_file_is_never_overwritten(tmp_path):
    """A second creation is refused."""
    create_key(tmp_path / "key", "log")
    with pytest.raises(LogUnavailable):
        create_key(tmp_path / "key", "log")


def test_a_key_file_that_others_can_read_is_refused(tmp_path):
    """Exposed keys do not sign."""
    create_key(tmp_path / "key", "log")
    (tmp_path / "key").chmod(0o640)
    with pytest.raises(LogUnavailable, match="other accounts"):
        load_key(tmp_path / "key")


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"PRIVATE+KEY+log+00000000+AAAA\n"])
def test_a_damaged_key_file_is_refused(tmp_path, content):
    """One error, ours."""
    (tmp_path / "key").touch(0o600)
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(LogUnavailable, match="damaged"):
        load_key(tmp_path / "key")


def test_a_leaf_shows_only_the_hour_and_the_commitment(moment):
    """Minutes are dropped, and two leaves of one fact differ by salt."""
    leaf = new_leaf(commit(b"s" * 32, b"event"), moment)
    data = leaf.encoded()
    assert len(data) == LEAF_SIZE == 85
    assert parse_leaf(data) == leaf
    assert leaf.hour * 3600 == moment.replace(minute=0, second=0, microsecond=0).timestamp()
    assert commit(b"t" * 32, b"event") != leaf.commitment


@pytest.mark.parametrize("data", [b"", b"\x02" + bytes(84), bytes(85), b"\x01" * 86])
def test_bytes_that_are_no_leaf_are_refused(data):
    """Length and version are checked."""
    with pytest.raises(ValueError, match="leaf"):
        parse_leaf(data)
