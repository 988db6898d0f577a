"""docs/log-format.md: its example recomputed by code that knows the page and nothing of ours, and by ours."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

PAGE = Path(__file__).resolve().parents[2] / "docs" / "log-format.md"
BLOCK = re.compile(r"^`([^`\n]+)`[^\n]*:\n\n```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TEXTS = {"checkpoint", "cosigned text", "cosignature line", "receipt of leaf 1"}
LINES = {"verifier key", "witness key", "event 0", "event 1", "event 2"}


def read() -> dict[str, bytes]:
    """Every value of the example: text as it stands, one line without its end, else hexadecimal."""
    example = PAGE.read_text(encoding="utf-8").partition("\n## Worked example\n")[2]
    found = {name: body.encode() for name, body in BLOCK.findall(example)}
    assert example.count("```text") == len(found)
    for name, body in found.items():
        if name in LINES:
            found[name] = body.removesuffix(b"\n")
        elif name not in TEXTS:
            found[name] = bytes.fromhex(body.decode())
    return found


PAGE_SAYS = read()


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def b64(data: bytes) -> bytes:
    return base64.b64encode(data)


def recomputed() -> dict[str, bytes]:
    """The example from its seeds, events and the constants that its sentences name."""
    name, witness_name = b"example.org/town", b"witness.example/w1"
    made = {each: PAGE_SAYS[each] for each in ("seed", "witness seed", "event 0", "event 1", "event 2")}
    key = Ed25519PrivateKey.from_private_bytes(made["seed"])
    witness = Ed25519PrivateKey.from_private_bytes(made["witness seed"])
    public, seen = key.public_key().public_bytes_raw(), witness.public_key().public_bytes_raw()
    made["public key"], made["key id"] = public, sha(name + b"\n\x01" + public)[:4]
    made["verifier key"] = name + b"+" + made["key id"].hex().encode() + b"+" + b64(b"\x01" + public)
    witness_id = sha(witness_name + b"\n\x04" + seen)[:4]
    made["witness key"] = witness_name + b"+" + witness_id.hex().encode() + b"+" + b64(b"\x04" + seen)
    for n in range(3):
        commitment = sha(bytes([0x10 + n]) * 32 + made[f"event {n}"])
        made[f"leaf {n}"] = (
            b"\x01" + (498729).to_bytes(4, "big") + commitment + bytes([0x20 + n]) * 16 + bytes([0x30 + n]) * 32
        )
        made[f"leaf hash {n}"] = sha(b"\x00" + made[f"leaf {n}"])
    leaves, hashes = ([made[f"{what} {n}"] for n in range(3)] for what in ("leaf", "leaf hash"))
    made["node"] = sha(b"\x01" + hashes[0] + hashes[1])
    made["root"] = sha(b"\x01" + made["node"] + hashes[2])
    made["tile/entries/000.p/3"] = b"".join(b"\x00\x55" + leaf for leaf in leaves)
    made["tile/0/000.p/3"] = b"".join(hashes)
    text = name + b"\n3\n" + b64(made["root"]) + b"\n"
    made["signed bytes"], made["signature"] = text, key.sign(text)
    dash = b"\xe2\x80\x94 "
    made["checkpoint"] = text + b"\n" + dash + name + b" " + b64(made["key id"] + made["signature"]) + b"\n"
    moment = int(datetime(2026, 11, 23, 9, 42, tzinfo=UTC).timestamp())
    made["cosigned text"] = b"cosignature/v1\ntime %d\n" % moment + text
    made["cosignature"] = moment.to_bytes(8, "big") + witness.sign(made["cosigned text"])
    made["cosignature line"] = dash + witness_name + b" " + b64(witness_id + made["cosignature"]) + b"\n"
    made["proof of leaf 1"] = hashes[0] + hashes[2]
    made["receipt of leaf 1"] = b"\n".join(
        [
            b"c2sp.org/tlog-proof@v1",
            b"extra " + b64(leaves[1]),
            b"index 1",
            b64(hashes[0]),
            b64(hashes[2]),
            b"",
            made["checkpoint"],
        ]
    )
    return made


@pytest.mark.parametrize("name", sorted(PAGE_SAYS))
def test_each_value_of_the_example_is_what_the_page_says(name: str) -> None:
    """By SHA-256, Ed25519 and this page alone."""
    assert PAGE_SAYS[name] == recomputed()[name]


def test_the_example_leaves_nothing_out() -> None:
    """All that is computed stands there."""
    assert set(recomputed()) == set(PAGE_SAYS)
    assert len(PAGE_SAYS["tile/entries/000.p/3"]) == 3 * (2 + 85)


def test_events_of_the_example_are_ours() -> None:
    """As they would be written."""
    from beholden.model.event import EVENTS

    kinds = {event.kind: event for event in EVENTS}
    for n in range(3):
        values = json.loads(PAGE_SAYS[f"event {n}"])
        at = datetime.fromisoformat(values.pop("at"))
        assert kinds[values.pop("kind")](at=at, **values).canonical() == PAGE_SAYS[f"event {n}"]


@pytest.fixture
def log(tmp_path: Path):
    """A log with the example's key."""
    from beholden.ledger.checkpoint import Checkpoint
    from beholden.ledger.hashing import EMPTY_ROOT
    from beholden.ledger.log import FileLog
    from beholden.ledger.note import SigningKey

    folder = tmp_path / "log"
    folder.mkdir(mode=0o700)
    key = SigningKey("example.org/town", PAGE_SAYS["seed"])
    (folder / "key").touch(mode=0o600)
    (folder / "key").write_text(key.encoded() + "\n")
    (folder / "checkpoint").write_bytes(Checkpoint("example.org/town", 0, EMPTY_ROOT).signed(key))
    return FileLog.open(folder)


def test_our_log_writes_the_bytes_of_the_example(log, tmp_path: Path) -> None:
    """Leaf by leaf: commitment and form; then tiles, head and receipt."""
    from beholden.ledger.leaf import Leaf, commit

    leaves = [
        Leaf(
            498729,
            commit(bytes([0x10 + n]) * 32, PAGE_SAYS[f"event {n}"]),
            bytes([0x20 + n]) * 16,
            bytes([0x30 + n]) * 32,
        ).encoded()
        for n in range(3)
    ]
    assert leaves == [PAGE_SAYS[f"leaf {n}"] for n in range(3)]
    log.append(leaves)
    for file in ("tile/entries/000.p/3", "tile/0/000.p/3", "checkpoint"):
        assert (tmp_path / "log" / file).read_bytes() == PAGE_SAYS[file]
    assert log.verifier.encode() == PAGE_SAYS["verifier key"]
    assert log.receipt(1).encoded() == PAGE_SAYS["receipt of leaf 1"]
    assert b"".join(log.tree().inclusion(1)) == PAGE_SAYS["proof of leaf 1"]


def test_our_log_reads_the_example() -> None:
    """The receipt, and the witness's line under the head."""
    from beholden.ledger.cosignature import Cosignature, cosignatures, parse_witness
    from beholden.ledger.note import parse_verifier
    from beholden.ledger.receipt import parse_receipt, verify_receipt

    included = verify_receipt(
        parse_receipt(PAGE_SAYS["receipt of leaf 1"]), parse_verifier(PAGE_SAYS["verifier key"].decode())
    )
    assert (included.index, included.leaf, included.head.root) == (1, PAGE_SAYS["leaf 1"], PAGE_SAYS["root"])
    witness = parse_witness(PAGE_SAYS["witness key"].decode())
    cosigned = PAGE_SAYS["checkpoint"] + PAGE_SAYS["cosignature line"]
    assert cosignatures(cosigned, [witness]) == (Cosignature("witness.example/w1", 1795426920),)
