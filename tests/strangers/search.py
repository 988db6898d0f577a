"""Where needles are: in bytes, in the files of a folder, and in the memory of another process.

Memory is read by the parent from /proc/<pid>/mem, which is what the process itself would read as
/proc/self/mem. From outside, because whoever searches has to hold the needles: a process that
searched itself would find them. A parent may read its own child, as root and otherwise.

Every 16 bytes of a haystack are hashed and looked up among the hashes of the needles' pieces;
where one agrees, the bytes around it are compared with the needle. The pieces lie so that a run of
`Needle.least` bytes holds one of them, wherever it begins.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tests.strangers.needles import LEAST_VECTOR, Needle

Bytes = npt.NDArray[np.uint8]
Hashes = npt.NDArray[np.uint64]
PIECE = 16
STEP_OF_VECTORS = 16
"""Bytes between pieces; any 32 bytes then hold a whole one ..."""
STEP_OF_PICTURES = 24
"""... and any 96 bytes of a row three, not all of which are plain where there is anything to see."""
LUT_BITS = 24
AT_ONCE = 1 << 20
VARIED = 8
"""A find has at least this many different numbers: plain walls are alike everywhere."""
PLAIN = 0.15
"""Share of a row's contrast below which a piece of it says nothing."""
ENOUGH = 20
"""Finds of one kind in one haystack after which no more are counted."""
_ONE, _OTHER = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)


class Search:
    """Needles, ready to be looked for."""

    def __init__(self, needles: Sequence[Needle]) -> None:
        self._needles = [needle for needle in needles if _varied(needle.line, needle.item)]
        self._lines = [np.frombuffer(needle.line, np.uint8) for needle in self._needles]
        hashes: list[Hashes] = []
        owners: list[npt.NDArray[np.int64]] = []
        for number, needle in enumerate(self._needles):
            starts, pieces = _pieces(needle)
            hashes.append(pieces)
            owners.append(np.stack([np.full(len(starts), number), starts], axis=1))
        everything, owned = np.concatenate(hashes), np.concatenate(owners)
        order = np.argsort(everything, kind="stable")
        self._hashes, self._owners = everything[order], owned[order]
        self._maybe = np.zeros(1 << LUT_BITS, np.bool_)
        self._maybe[self._hashes >> np.uint64(64 - LUT_BITS)] = True

    def in_bytes(self, haystack: bytes | Bytes) -> Counter[str]:
        """Finds by kind."""
        data = np.frombuffer(haystack, np.uint8) if isinstance(haystack, bytes) else haystack
        data = np.concatenate([data, np.zeros(-len(data) % 8 + 24, np.uint8)]) if len(data) % 8 else data
        found: Counter[str] = Counter()
        seen: set[tuple[int, int]] = set()
        for at, key in self._agreements(data):
            for entry in range(key, int(np.searchsorted(self._hashes, self._hashes[key], "right"))):
                number, start = (int(value) for value in self._owners[entry])
                needle = self._needles[number]
                if found[needle.kind] >= ENOUGH or (number, at - start) in seen:
                    continue
                seen.add((number, at - start))
                found[needle.kind] += self._is_find(data, at, number, start)
        return +found

    def in_folder(self, folder: Path) -> Counter[str]:
        """Finds by kind in all files of a folder and below it, whatever they are called."""
        found: Counter[str] = Counter()
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                found += self.in_bytes(path.read_bytes())
        return found

    def in_process(self, pid: int) -> Counter[str]:
        """Finds by kind in all memory of a process that it has written to."""
        found: Counter[str] = Counter()
        for memory in written_memory(pid):
            found += self.in_bytes(memory)
        return found

    def _agreements(self, data: Bytes) -> Iterator[tuple[int, int]]:
        """(position, first entry) wherever 16 bytes, at an address that four divides, hash like a piece."""
        for begin in range(0, len(data), AT_ONCE):
            part = data[begin : begin + AT_ONCE + PIECE + 8]
            if not part.any():
                continue
            for phase in (0, 4):
                words = part[phase : len(part) - (len(part) - phase) % 8].view(np.uint64)
                hashes = words[:-1] * _ONE + words[1:] * _OTHER
                maybe = np.flatnonzero(self._maybe[hashes >> np.uint64(64 - LUT_BITS)])
                keys = np.searchsorted(self._hashes, hashes[maybe])
                keys = np.minimum(keys, len(self._hashes) - 1)
                sure = self._hashes[keys] == hashes[maybe]
                for at, key in zip(maybe[sure], keys[sure], strict=True):
                    yield begin + phase + 8 * int(at), int(key)

    def _is_find(self, data: Bytes, at: int, number: int, start: int) -> bool:
        """Whether the agreement reaches far enough around the piece, and is no plain wall."""
        needle, line = self._needles[number], self._lines[number]
        before = min(start, at)
        after = min(len(line) - start, len(data) - at)
        same = data[at - before : at + after] == line[start - before : start + after]
        differs = np.flatnonzero(~same)
        low = int(differs[differs < before].max(initial=-1)) + 1
        high = int(differs[differs >= before].min(initial=len(same)))
        if not low <= before < high or high - low < needle.least:
            return False
        return _varied(line[start - before + low : start - before + high].tobytes(), needle.item)


def written_memory(pid: int) -> Iterator[Bytes]:
    """Every readable mapping of a process, but files that are mapped read-only: those it cannot have written to."""
    with Path(f"/proc/{pid}/maps").open() as maps, Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in maps:
            where, rights, _, _, inode, *name = line.split(maxsplit=5)
            if (
                "r" not in rights
                or (inode != "0" and "w" not in rights)
                or name[:1] in (["[vvar]\n"], ["[vsyscall]\n"])
            ):
                continue
            low, high = (int(end, 16) for end in where.split("-"))
            yield from _read(memory.fileno(), low, high)


def _read(descriptor: int, low: int, high: int) -> Iterator[Bytes]:
    data = np.zeros(high - low, np.uint8)
    at = low
    while at < high:
        try:
            count = os.preadv(descriptor, [memoryview(data)[at - low : min(high - low, at - low + (64 << 20))]], at)
        except OSError:  # a guard page: nothing can be written there either
            count = 4096
        at += max(count, 4096)
    if data.any():
        yield data


def _pieces(needle: Needle) -> tuple[npt.NDArray[np.int64], Hashes]:
    """Where pieces of a needle begin, and their hashes; four next to each other, one of which four divides."""
    step = STEP_OF_VECTORS if needle.least == LEAST_VECTOR else STEP_OF_PICTURES
    line = np.frombuffer(needle.line, np.uint8)
    starts = (np.arange(0, len(line) - PIECE + 1, step)[:, None] + np.arange(4)).ravel()
    starts = starts[starts + PIECE <= len(line)]
    pieces = line[starts[:, None] + np.arange(PIECE)]
    plain = _repeating(pieces) | (_plain_pixels(needle, starts) if needle.least != LEAST_VECTOR else False)
    words = np.ascontiguousarray(pieces[~plain]).view(np.uint64)
    return starts[~plain], words[:, 0] * _ONE + words[:, 1] * _OTHER


def _repeating(pieces: Bytes) -> npt.NDArray[np.bool_]:
    """One number over and over: found everywhere, and no evidence."""
    return np.logical_or.reduce([(pieces[:, size:] == pieces[:, :-size]).all(axis=1) for size in (1, 2, 3, 4, 8)])


def _plain_pixels(needle: Needle, starts: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Pieces of a picture's row with hardly any contrast: half of all walls have the same."""
    pixels = np.frombuffer(needle.line, {1: np.uint8, 4: np.float32, 8: np.float64}[needle.item]).astype(np.float64)
    count = -(-PIECE // needle.item)
    firsts = np.minimum(starts // needle.item, len(pixels) - count)
    around = pixels[firsts[:, None] + np.arange(count)]
    return np.ptp(around, axis=1) < PLAIN * (np.ptp(pixels) or 1.0)


def _varied(line: bytes, item: int) -> bool:
    numbers = np.frombuffer(line[: len(line) // item * item], f"V{item}")
    return len(set(numbers.tolist())) >= min(VARIED, len(numbers))


def texts(vectors: Iterable[npt.NDArray[np.generic]], first: int = 8) -> set[bytes]:
    """The first numbers of each vector as they are written in logs and JSON: six digits and more."""
    return {f"{abs(float(value)):.9f}"[:8].encode() for vector in vectors for value in vector.ravel()[:first]}
