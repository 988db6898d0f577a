"""log verify, log key, log receipt verify: as transcripts, by somebody who has a folder or a file and a public key."""

from __future__ import annotations

import base64
import shutil
from pathlib import Path

import pytest

from beholden.cli.log import LOG
from beholden.ledger.cosignature import cosign, with_line, witness_of
from beholden.ledger.log import FileLog
from beholden.ledger.note import SigningKey
from beholden.storage import folder as storage
from tests.cli.conftest import Command, child

WITNESS = SigningKey("witness.example/w", bytes(range(32)))
SEEN = witness_of(WITNESS).encoded()
LEAVES = [str(number).encode() * 9 for number in range(300)]


@pytest.fixture
def log(tmp_path: Path) -> FileLog:
    """The keeper's own."""
    made = FileLog.create(tmp_path / "own", "example.org/town")
    made.append(LEAVES[:3])
    (tmp_path / "earlier").write_bytes(made.checkpoint())
    made.append(LEAVES[3:])
    (tmp_path / "town.key").write_text(made.verifier + "\n")
    return made


@pytest.fixture
def copy(log: FileLog, tmp_path: Path) -> Path:
    """What an outsider was given: everything but the key and the lock."""
    return Path(shutil.copytree(tmp_path / "own", tmp_path / "copy", ignore=shutil.ignore_patterns("key", "lock")))


def cosigned(data: bytes, signer: SigningKey = WITNESS, moment: int = 1795426920) -> bytes:
    return with_line(data, cosign(data.decode().split("\n\n")[0] + "\n", signer, moment))


def root(log: FileLog) -> str:
    return base64.b64encode(log.tree().head.root).decode()


def test_an_outsider_checks_a_copy(beholden: Command, log: FileLog, copy: Path, tmp_path: Path) -> None:
    """By the key that the keeper published, and an older head; it is said in so many words that nobody witnessed it."""
    said = beholden("log", "verify", copy, "--key", log.verifier, "--since", tmp_path / "earlier")
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines() == [
        f"example.org/town: 300 leaves, root {root(log)}",
        "  300 leaves hashed, 5 tiles compared: as signed",
        f"  signed by {log.verifier}",
        f"  its first 3 leaves are those of {tmp_path / 'earlier'}",
        "  UNWITNESSED: no witness was named. Others may have been shown another log under the same name.",
    ]


def test_the_same_for_machines(beholden: Command, log: FileLog, copy: Path, tmp_path: Path) -> None:
    """One object; the key from a file."""
    said = beholden("log", "verify", copy, "--key", tmp_path / "town.key", "--since", tmp_path / "earlier", "--json")
    assert said.rows == [
        {
            "log": "example.org/town",
            "key": log.verifier,
            "size": 300,
            "root": root(log),
            "leaves_hashed": 300,
            "tiles_compared": 5,
            "unsigned_files": 0,
            "since": 3,
            "own_key": False,
            "witnessed": 0,
            "witnesses": [],
        }
    ]


def test_witnesses_are_named_with_their_moment(beholden: Command, log: FileLog, copy: Path) -> None:
    """Of those that are trusted; once each."""
    (copy / "checkpoint").write_bytes(cosigned(log.checkpoint()))
    other = witness_of(SigningKey("other.example/w", bytes(32))).encoded()
    words = ("log", "verify", copy, "--key", log.verifier)
    said = beholden(*words, "--witness", SEEN, "--witness", SEEN, "--witness", other)
    assert said.out.splitlines()[-2:] == ["  witnessed by 1 of 2", "    witness.example/w at 2026-11-23T09:42:00+00:00"]
    [row] = beholden(*words, "--witness", SEEN, "--json").rows
    assert (row["witnessed"], row["witnesses"]) == (
        300,
        [{"witness": "witness.example/w", "at": "2026-11-23T09:42:00+00:00"}],
    )
    said = beholden(*words, "--witness", other)
    assert "UNWITNESSED: none of 1 witness saw it." in said.out


def test_what_came_after_the_witnesses_is_said(beholden: Command, log: FileLog, copy: Path, tmp_path: Path) -> None:
    """They are asked now and then, and the log goes on."""
    (copy / "witnessed").write_bytes(cosigned((tmp_path / "earlier").read_bytes()))
    said = beholden("log", "verify", copy, "--key", log.verifier, "--witness", SEEN)
    assert "  witnessed by 1 of 1, all but the last 297 leaves: UNWITNESSED so far\n" in said.out


def test_files_of_an_append_that_was_cut_off_are_told(beholden: Command, log: FileLog, copy: Path) -> None:
    """They do not count, and nothing is wrong."""
    (copy / "tile/entries/001.p/46").write_bytes(b"")
    said = beholden("log", "verify", copy, "--key", log.verifier)
    assert said.code == 0
    assert "  1 file beyond that: an append that is under way, or was cut off. They do not count." in said.out


@pytest.mark.parametrize("below", ["", LOG])
def test_the_own_data_folder_needs_no_key_and_says_what_that_is_worth(
    beholden: Command, rehearsal: Path, below: str
) -> None:
    """Named as it is, or the log in it."""
    said = beholden("log", "verify", rehearsal / below)
    assert said.code == 0
    assert "This key came from the same folder" in said.out
    assert beholden("log", "verify", rehearsal / below, "--json").rows[0]["own_key"] is True


def test_the_key_of_the_own_log_is_one_line_to_hand_out(beholden: Command, rehearsal: Path, tmp_path: Path) -> None:
    """It opens the log, and is not the private one."""
    said = beholden("log", "key", "--data", rehearsal)
    assert said.out == FileLog.open(rehearsal / LOG).verifier + "\n"
    assert "PRIVATE" not in said.out
    [row] = beholden("log", "key", "--data", rehearsal, "--json").rows
    assert row["key"] == said.out.strip()
    assert beholden("log", "verify", rehearsal, "--key", said.out.strip()).code == 0
    assert beholden("log", "key", "--data", tmp_path / "none").code == 6
    assert LOG == storage.LOG


def test_a_tampered_log_is_caught(beholden: Command, log: FileLog, copy: Path) -> None:
    """One line, exit code 9, what to do."""
    tile = copy / "tile/entries/000"
    data = bytearray(tile.read_bytes())
    data[40] ^= 1
    tile.write_bytes(data)
    said = beholden("log", "verify", copy, "--key", log.verifier)
    assert (said.code, said.out) == (9, "")
    assert " differs. Do not write to it." in said.complaint


def test_a_file_too_many_is_caught_and_its_name_reaches_no_terminal(
    beholden: Command, log: FileLog, copy: Path
) -> None:
    """Whatever it is called."""
    (copy / "tile/0/\x1b[31mred").write_bytes(b"")
    said = beholden("log", "verify", copy, "--key", log.verifier)
    assert said.code == 9
    assert "\x1b" not in said.complaint


def test_a_log_that_went_back_is_caught_by_an_older_head(
    beholden: Command, log: FileLog, copy: Path, tmp_path: Path
) -> None:
    """Kept by whoever saw it longer."""
    (tmp_path / "kept").write_bytes(log.checkpoint())
    (copy / "checkpoint").write_bytes((tmp_path / "earlier").read_bytes())
    said = beholden("log", "verify", copy, "--key", log.verifier, "--since", tmp_path / "kept")
    assert said.code == 9
    assert "went back from 300 to 3" in said.complaint


def test_another_key_is_refused(beholden: Command, copy: Path) -> None:
    """It is another log's, or this is not the log."""
    key = SigningKey("example.org/town", bytes(32)).verifier.encoded()
    said = beholden("log", "verify", copy, "--key", key)
    assert said.code == 9
    assert "If the key is this log's: do not write to it" in said.complaint


def test_without_a_key_an_outsider_is_told_where_to_get_it(beholden: Command, copy: Path) -> None:
    """A copy should not hold it."""
    said = beholden("log", "verify", copy)
    assert said.code == 2
    assert "beholden log key" in said.complaint


def test_the_private_key_is_refused_and_never_shown(
    beholden: Command, log: FileLog, copy: Path, tmp_path: Path
) -> None:
    """Somebody may hand over the wrong file."""
    private = (tmp_path / "own/key").read_text().strip()
    for given in (private, str(tmp_path / "own/key")):
        said = beholden("log", "verify", copy, "--key", given)
        assert said.code == 2
        assert "private key" in said.complaint
        assert private[-20:] not in said.complaint


@pytest.mark.parametrize("option", ["--key", "--witness"])
@pytest.mark.parametrize("given", ["nonsense", "a+b+c", "", "x" * 5000, "a\0b", SEEN[:-1], "."])
def test_what_is_no_key_is_refused(beholden: Command, rehearsal: Path, option: str, given: str) -> None:
    """With what to give."""
    said = beholden("log", "verify", rehearsal, option, given)
    assert said.code == 2
    assert option in said.complaint


def test_a_log_is_no_witness_of_itself(beholden: Command, tmp_path: Path, log: FileLog) -> None:
    """Its key under a witness's name."""
    key = (tmp_path / "own/key").read_text()
    own = witness_of(SigningKey("witness.example/w", base64.b64decode(key.split("+", 4)[4])[1:])).encoded()
    said = beholden("log", "verify", tmp_path / "own", "--witness", own)
    assert said.code == 2
    assert "the log itself" in said.complaint


@pytest.mark.parametrize("name", ["nowhere", "own/key", "empty"])
def test_a_folder_without_a_log_is_told(beholden: Command, log: FileLog, tmp_path: Path, name: str) -> None:
    """Not there, a file, or something else."""
    (tmp_path / "empty").mkdir()
    said = beholden("log", "verify", tmp_path / name, "--key", log.verifier)
    assert said.code == 3
    assert "there is no log" in said.complaint


def test_a_since_that_is_no_head_of_this_log_is_told(
    beholden: Command, log: FileLog, copy: Path, tmp_path: Path
) -> None:
    """Not there, no head, or another log's."""
    FileLog.create(tmp_path / "other", "example.org/town")
    (tmp_path / "text").write_text("300 leaves")
    for since in ("nowhere", "text", "other/checkpoint", "own"):
        said = beholden("log", "verify", copy, "--key", log.verifier, "--since", tmp_path / since)
        assert said.code == 3
        assert str(tmp_path / since) in said.complaint


@pytest.fixture
def receipt(log: FileLog, tmp_path: Path) -> Path:
    file = tmp_path / "mine.tlog-proof"
    file.write_bytes(log.receipt(7).encoded())
    return file


def test_a_receipt_is_checked_offline(beholden: Command, log: FileLog, receipt: Path, tmp_path: Path) -> None:
    """The log itself is gone."""
    shutil.rmtree(tmp_path / "own")
    said = beholden("log", "receipt", "verify", receipt, "--key", log.verifier)
    assert (said.code, said.err) == (0, "")
    first, second, third = said.out.splitlines()
    assert first == f"{receipt}: leaf 7 is in the log example.org/town, 9 bytes long"
    assert second.startswith("  300 leaves, root ")
    assert third.startswith("  UNWITNESSED: no witness was named.")


def test_a_receipt_for_machines_and_its_witness(beholden: Command, log: FileLog, receipt: Path, tmp_path: Path) -> None:
    """The leaf in hexadecimal."""
    receipt.write_bytes(receipt.read_bytes().replace(log.checkpoint(), cosigned(log.checkpoint())))
    words = ("log", "receipt", "verify", receipt, "--key", tmp_path / "town.key", "--witness", SEEN)
    assert beholden(*words, "--json").rows == [
        {
            "log": "example.org/town",
            "key": log.verifier,
            "size": 300,
            "root": root(log),
            "index": 7,
            "leaf": LEAVES[7].hex(),
            "witnessed": 300,
            "witnesses": [{"witness": "witness.example/w", "at": "2026-11-23T09:42:00+00:00"}],
        }
    ]
    assert "  witnessed by 1 of 1\n    witness.example/w at 2026" in beholden(*words).out


def test_a_receipt_of_ours_tells_the_hour(beholden: Command, rehearsal: Path, tmp_path: Path) -> None:
    """Nothing else is in a leaf that could be told."""
    log = FileLog.open(rehearsal / LOG)
    (tmp_path / "first").write_bytes(log.receipt(0).encoded())
    said = beholden("log", "receipt", "verify", tmp_path / "first", "--key", log.verifier)
    assert "written in the hour from 20" in said.out


def test_a_receipt_without_its_leaf_needs_the_leaf(
    beholden: Command, log: FileLog, receipt: Path, tmp_path: Path
) -> None:
    """That one, and no other."""
    lines = receipt.read_bytes().split(b"\n")
    receipt.write_bytes(b"\n".join(line for line in lines if not line.startswith(b"extra ")))
    (tmp_path / "leaf").write_bytes(LEAVES[7])
    words = ("log", "receipt", "verify", receipt, "--key", log.verifier)
    assert beholden(*words, "--leaf", tmp_path / "leaf").code == 0
    assert "does not hold the leaf" in beholden(*words).complaint
    (tmp_path / "leaf").write_bytes(LEAVES[8])
    said = beholden(*words, "--leaf", tmp_path / "leaf")
    assert said.code == 3
    assert "proves nothing" in said.complaint


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"index 7", b"index 8"), (b"extra N", b"extra M"), (b"\n300\n", b"\n301\n"), (b"@v1", b"@v2"), (b"\n\n", b"\n")],
)
def test_a_tampered_receipt_proves_nothing(
    beholden: Command, log: FileLog, receipt: Path, old: bytes, new: bytes
) -> None:
    """Its number, its leaf, its head, its form."""
    data = receipt.read_bytes()
    assert old in data
    receipt.write_bytes(data.replace(old, new, 1))
    said = beholden("log", "receipt", "verify", receipt, "--key", log.verifier)
    assert (said.code, said.out) == (3, "")
    assert "proves nothing" in said.complaint


def test_a_receipt_of_another_log_proves_nothing(beholden: Command, receipt: Path) -> None:
    """Also of one with the same name."""
    key = SigningKey("example.org/town", bytes(32)).verifier.encoded()
    said = beholden("log", "receipt", "verify", receipt, "--key", key)
    assert said.code == 3
    assert "no trusted key signed this" in said.complaint


def test_a_line_that_its_witness_did_not_sign_proves_nothing(
    beholden: Command, log: FileLog, receipt: Path, tmp_path: Path
) -> None:
    """It is of another head. Whoever does not trust that witness passes it over."""
    line = cosign((tmp_path / "earlier").read_text("utf-8").split("\n\n")[0] + "\n", WITNESS, 1795426920)
    receipt.write_bytes(receipt.read_bytes().replace(log.checkpoint(), with_line(log.checkpoint(), line)))
    words = ("log", "receipt", "verify", receipt, "--key", log.verifier)
    said = beholden(*words, "--witness", SEEN)
    assert said.code == 3
    assert "the line of the witness witness.example/w is wrong" in said.complaint
    assert beholden(*words).code == 0


@pytest.mark.parametrize("file", ["nowhere", "own"])
def test_a_receipt_that_cannot_be_read_is_told(beholden: Command, log: FileLog, tmp_path: Path, file: str) -> None:
    """Not there, or a folder."""
    said = beholden("log", "receipt", "verify", tmp_path / file, "--key", log.verifier)
    assert said.code == 3
    assert "cannot be read" in said.complaint


def test_a_receipt_needs_a_key(beholden: Command, receipt: Path) -> None:
    """One in the receipt would prove nothing."""
    assert beholden("log", "receipt", "verify", receipt).code == 2


def test_a_process_of_its_own_ends_with_the_code(log: FileLog, copy: Path) -> None:
    """As a script sees it."""
    assert child("log", "verify", copy, "--key", log.verifier).code == 0
    (copy / "tile/0/000").unlink()
    assert child("log", "verify", copy, "--key", log.verifier).code == 9
