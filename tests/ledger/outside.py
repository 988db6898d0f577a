"""What the tests of an outsider's check share: a log of 600 leaves that grew in steps, and ways to spoil a copy."""

from __future__ import annotations

from pathlib import Path

import pytest

from beholden.ledger.cosignature import cosign, with_line
from beholden.ledger.log import FileLog
from beholden.ledger.note import SigningKey
from beholden.ledger.verify import WITNESSED, verify_folder
from beholden.model.errors import LogUnavailable

ORIGIN = "beholden.invalid/test"
LEAVES = [bytes([n % 251]) * (1 + n % 7) for n in range(600)]
STEPS = (1, 2, 3, 255, 256, 257, 300, 556, 599, 600)
"""The sizes of the heads of the log of 600 leaves: there are partial tiles of older ones."""
WITNESS, OTHER = SigningKey("witness.example/w", bytes(range(32))), SigningKey("other.example/w", bytes(range(1, 33)))


def grown(folder, steps):
    log = FileLog.create(folder, ORIGIN)
    for start, end in zip((0, *steps), steps, strict=False):
        log.append(LEAVES[start:end])
    return log


def refused(folder, key, match, **options):
    with pytest.raises(LogUnavailable, match=match):
        verify_folder(folder, key, **options)


def flip(file: Path, at: int, bit: int = 0) -> None:
    data = bytearray(file.read_bytes())
    data[at] ^= 1 << bit
    file.write_bytes(data)


def put(file: Path, data: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)


def witnessed(folder, *lines: tuple[SigningKey, int]) -> str:
    data = (folder / "checkpoint").read_bytes()
    text = data.decode().split("\n\n")[0] + "\n"
    for signer, moment in lines:
        data = with_line(data, cosign(text, signer, moment))
    (folder / "checkpoint").write_bytes(data)
    return text


def kept(folder: Path, head: bytes, *lines: tuple[SigningKey, int]) -> None:
    """What the log keeps of its witnesses, beside its own head."""
    text = head.decode().split("\n\n")[0] + "\n"
    for signer, moment in lines:
        head = with_line(head, cosign(text, signer, moment))
    (folder / WITNESSED).write_bytes(head)
