"""A log of 1,000 leaves with a history, and one bit of one of its files turned over and back."""

from __future__ import annotations

import os
import random
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from beholden.ledger.log import FileLog
from beholden.model.errors import LogUnavailable

ORIGIN = "beholden.invalid/test"
BATCHES = (1, 7, 48, 200, 300, 200, 12, 1, 1, 3, 95, 2, 130)
"""They end within tiles and with one, so that there are older tiles on every level."""
LEAF = 85


@dataclass(frozen=True, slots=True)
class Bit:
    """Number `bit` (0 to 7) of a byte of a file."""

    file: Path
    byte: int
    bit: int


def store(folder: Path) -> FileLog:
    """1,000 leaves in a new log."""
    log = FileLog.create(folder, ORIGIN)
    for number in BATCHES:
        log.append([os.urandom(LEAF) for _ in range(number)])
    return log


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def every_bit(folder: Path) -> Iterator[Bit]:
    """All of all files."""
    return (Bit(file, byte, bit) for file in files(folder) for byte in range(file.stat().st_size) for bit in range(8))


def some_bits(folder: Path, of_each: int, seed: int) -> Iterator[Bit]:
    """All of the key and the checkpoint; of each tile its first and last byte, and so many anywhere."""
    draw = random.Random(seed)
    for file in files(folder):
        size = file.stat().st_size
        whole = file.name in {"key", "checkpoint"}
        yield from (
            Bit(file, byte, bit) for byte in (range(size) if whole else {0, size - 1}) for bit in range(8) if size
        )
        yield from (Bit(file, draw.randrange(size), draw.randrange(8)) for _ in range(of_each) if size and not whole)


@contextmanager
def flipped(bit: Bit) -> Generator[None]:
    """The file with this bit turned over, as the disk might do it: same file, same size."""
    file = os.open(bit.file, os.O_RDWR)
    try:
        good = os.pread(file, 1, bit.byte)
        os.pwrite(file, bytes([good[0] ^ 1 << bit.bit]), bit.byte)
        try:
            yield
        finally:
            os.pwrite(file, good, bit.byte)
    finally:
        os.close(file)


def passed_over(log: FileLog, folder: Path, bit: Bit) -> list[str]:
    """What went on as if nothing was: an open log's append, a fresh opening, a new head. Nothing where it is caught."""
    found: list[str] = []
    with flipped(bit):
        head = (folder / "checkpoint").read_bytes()
        for name, attempt in (("append", lambda: log.append([b"later"])), ("open", lambda: FileLog.open(folder))):
            try:
                attempt()
            except LogUnavailable:
                continue
            found.append(name)
        if (folder / "checkpoint").read_bytes() != head:
            found.append("signed")
    return found
