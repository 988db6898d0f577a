"""A witness cosigns what follows from all that it cosigned before, and nothing else; over real HTTP."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from beholden.ledger.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint
from beholden.ledger.cosignature import WitnessKey, cosignatures
from beholden.ledger.errors import LogUnavailable
from beholden.ledger.keyfile import load_key
from beholden.ledger.log import FileLog
from beholden.ledger.note import NoteError, SigningKey, parse_note, parse_verifier
from beholden.ledger.witness import SIZE_TYPE, Answer, Request, Witness, parse_request
from beholden.ledger.witness_http import PATH, Cosigned, Refusal, ask, serving, witness_server

ORIGIN, NAME, NOW = "example.org/log", "witness.example/w1", 1_800_000_000


def leaves(count: int, first: int = 0) -> list[bytes]:
    return [b"leaf %d" % number for number in range(first, first + count)]


def request(log: FileLog, old: int) -> bytes:
    checkpoint, tree = log.signed_tree()
    proof = tree.consistency(old) if 0 < old < tree.head.size else []
    return Request(old, tuple(proof), checkpoint).encoded()


def asked(address: str, key: WitnessKey, log: FileLog, known_size: int = 0) -> Cosigned | Refusal:
    return ask(address, key, *log.signed_tree(), known_size)


@pytest.fixture
def log(tmp_path: Path) -> FileLog:
    made = FileLog.create(tmp_path / "log", ORIGIN)
    made.append(leaves(5))
    return made


@pytest.fixture
def witness(tmp_path: Path, log: FileLog) -> Witness:
    made = Witness.create(tmp_path / "witness", NAME, lambda: NOW)
    made.watch(parse_verifier(log.verifier))
    return made


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def address(witness: Witness, said: list[str]) -> Iterator[str]:
    with serving(witness_server(witness, "127.0.0.1", 0, said.append)) as url:
        yield url


def test_what_grows_is_cosigned_again_and_again(witness: Witness, log: FileLog, address: str) -> None:
    """Each line holds under its head, says when, and is of this witness."""
    known = 0
    for more in (1, 300, 7):
        log.append(leaves(more))
        done = asked(address, witness.verifier, log, known)
        assert isinstance(done, Cosigned)
        whole = done.checkpoint + parse_note(witness.head(ORIGIN) or b"").encoded()[len(done.checkpoint) :]
        [line] = cosignatures(whole, [witness.verifier])
        assert (line.name, line.moment) == (NAME, NOW)
        known = open_checkpoint(done.checkpoint, ORIGIN, [parse_verifier(log.verifier)]).size
        assert known == log.size()


def test_who_does_not_know_what_was_seen_is_told(witness: Witness, log: FileLog, address: str) -> None:
    """As the specification has it: 409, the size, its own type; asked again with it, it cosigns."""
    assert witness.add_checkpoint(request(log, 0)).status == 200
    log.append(leaves(3))
    assert witness.add_checkpoint(request(log, 0)) == Answer(409, b"5\n", SIZE_TYPE)
    assert isinstance(asked(address, witness.verifier, log), Cosigned)


def test_it_remembers_over_a_restart(witness: Witness, log: FileLog, tmp_path: Path) -> None:
    """The head is durable before the line is told."""
    witness.add_checkpoint(request(log, 0))
    again = Witness.open(tmp_path / "witness", lambda: NOW)
    assert again.head(ORIGIN) == witness.head(ORIGIN)
    assert again.add_checkpoint(request(log, 0)) == Answer(409, b"5\n", SIZE_TYPE)


def test_the_same_head_again_is_cosigned_again(witness: Witness, log: FileLog) -> None:
    """A log may have lost the answer."""
    assert witness.add_checkpoint(request(log, 0)).status == 200
    assert witness.add_checkpoint(request(log, 5)).status == 200


def test_a_tree_of_the_same_size_with_other_leaves_is_a_fork(
    witness: Witness, log: FileLog, address: str, tmp_path: Path
) -> None:
    """It is refused, the two heads are kept as evidence, and the log's side is told that it does not mend itself."""
    assert witness.add_checkpoint(request(log, 0)).status == 200
    forged = Checkpoint(ORIGIN, 5, b"\x07" * 32).signed(key_of(tmp_path))
    assert witness.add_checkpoint(Request(5, (), forged).encoded()).status == 409
    [kept] = (tmp_path / "witness" / "forks").iterdir()
    assert forged in kept.read_bytes()
    assert kept.read_bytes().startswith(witness.head(ORIGIN) or b"-")
    other_log = twin(tmp_path, leaves(5, first=100))
    refused = asked(address, witness.verifier, other_log)
    assert isinstance(refused, Refusal)
    assert refused.forked


def test_a_longer_tree_that_does_not_follow_is_refused(witness: Witness, log: FileLog, tmp_path: Path) -> None:
    """Its proof leads from another old tree: 422, and what is remembered stays."""
    witness.add_checkpoint(request(log, 0))
    before = witness.head(ORIGIN)
    assert witness.add_checkpoint(request(twin(tmp_path, leaves(9, first=100)), 5)).status == 422
    assert witness.head(ORIGIN) == before


def test_a_log_that_went_back_is_told_so(witness: Witness, log: FileLog, address: str, tmp_path: Path) -> None:
    """It has fewer leaves than were cosigned: a copy of before, put back."""
    witness.add_checkpoint(request(log, 0))
    refused = asked(address, witness.verifier, twin(tmp_path, leaves(3)))
    assert isinstance(refused, Refusal)
    assert refused.forked
    assert "went back" in refused.message


def test_an_unknown_log_is_not_found(witness: Witness, tmp_path: Path) -> None:
    """404, as the specification says."""
    stranger = FileLog.create(tmp_path / "stranger", "example.org/other")
    assert witness.add_checkpoint(request(stranger, 0)).status == 404


def test_a_head_that_the_log_did_not_sign_is_forbidden(witness: Witness) -> None:
    """403: the name is the log's, the key is not."""
    forged = Checkpoint(ORIGIN, 9, b"\x07" * 32).signed(SigningKey(ORIGIN, b"\x01" * 32))
    assert witness.add_checkpoint(Request(0, (), forged).encoded()).status == 403


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: b"",
        lambda data: data.replace(b"old 0", b"old 00"),
        lambda data: data.replace(b"old 0", b"old -1"),
        lambda data: data.replace(b"old 0\n", b"old 0\nAAAA\n"),
        lambda data: data.replace(b"old 0\n", b"old 0\n" + 64 * (b"A" * 43 + b"=\n")),
        lambda data: data.replace(b"old 0", b"old 99"),
        lambda data: data + b"more",
        lambda data: data + b"x" * 2_000_000,
    ],
)
def test_what_is_no_request_is_a_bad_one(witness: Witness, log: FileLog, spoil: object) -> None:
    """400, and nothing is remembered."""
    assert witness.add_checkpoint(spoil(request(log, 0))).status == 400  # pyright: ignore
    assert witness.head(ORIGIN) is None


def test_a_request_is_read_back_as_it_was_written(log: FileLog) -> None:
    """And nothing else is one: the inverse holds byte for byte."""
    log.append(leaves(30))
    data = request(log, 5)
    assert parse_request(data).encoded() == data
    assert len(parse_request(data).proof) > 0
    with pytest.raises(NoteError):
        parse_request(data.replace(b"old 5\n", b"old 5 \n"))


def test_lines_of_strangers_are_neither_checked_nor_kept(witness: Witness, log: FileLog) -> None:
    """What is remembered holds the log's signature and ours."""
    data = request(log, 0) + b"\xe2\x80\x94 stranger AAAAAAAAAAAA\n"
    assert witness.add_checkpoint(data).status == 200
    assert b"stranger" not in (witness.head(ORIGIN) or b"")
    assert parse_checkpoint(parse_note(witness.head(ORIGIN) or b"").text).size == 5


def test_a_memory_that_was_changed_is_not_relied_on(witness: Witness, log: FileLog, tmp_path: Path) -> None:
    """Neither cosigned nor silently begun anew."""
    witness.add_checkpoint(request(log, 0))
    [head] = (tmp_path / "witness" / "heads").iterdir()
    head.write_bytes(head.read_bytes().replace(b"\n5\n", b"\n4\n"))
    with pytest.raises(LogUnavailable, match="damaged"):
        witness.add_checkpoint(request(log, 5))


def test_what_cannot_be_remembered_is_not_cosigned(
    witness: Witness, log: FileLog, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk is the witness's trouble: 503, no line."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("beholden.ledger.witness.replace_file", full)
    refused = asked(address, witness.verifier, log)
    assert isinstance(refused, Refusal)
    assert (refused.status, refused.forked) == (503, False)


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/", {"Content-Length": "0"}, 404),
        (PATH, {"Content-Length": "-1"}, 411),
        (PATH, {"Content-Length": "9" * 30}, 413),
        (PATH, {"Content-Length": "0"}, 400),
    ],
)
def test_odd_http_is_answered_and_harms_nobody(
    address: str, witness: Witness, log: FileLog, path: str, headers: dict[str, str], status: int
) -> None:
    """And the next request is served."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=10)
    connection.putrequest("POST", path)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    assert connection.getresponse().status == status
    connection.close()
    assert isinstance(asked(address, witness.verifier, log), Cosigned)


def test_a_witness_that_is_away_is_said_to_be(witness: Witness, log: FileLog) -> None:
    """It is asked again another time: nothing about it is final."""
    refused = asked("http://127.0.0.1:9", witness.verifier, log)
    assert isinstance(refused, Refusal)
    assert (refused.status, refused.forked) == (0, False)


def test_a_line_of_another_witness_is_not_taken(log: FileLog, address: str) -> None:
    """Whoever answers must sign with the key that is trusted."""
    other = WitnessKey(NAME, SigningKey.generate(NAME).verifier.public)
    refused = asked(address, other, log)
    assert isinstance(refused, Refusal)
    assert not refused.forked


def key_of(tmp_path: Path) -> SigningKey:
    """The log's own signing key: the operator forges with it."""
    return load_key(tmp_path / "log" / "key")


def twin(tmp_path: Path, entries: list[bytes]) -> FileLog:
    """Another log under the same name and key: what a lying operator shows to somebody else."""
    made = FileLog.create(tmp_path / "twin", ORIGIN)
    (tmp_path / "twin" / "key").write_bytes((tmp_path / "log" / "key").read_bytes())
    (tmp_path / "twin" / "checkpoint").write_bytes(
        Checkpoint(ORIGIN, 0, parse_checkpoint(parse_note(made.checkpoint()).text).root).signed(key_of(tmp_path))
    )
    made = FileLog.open(tmp_path / "twin")
    made.append(entries)
    return made
