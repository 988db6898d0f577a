"""Which files are the same picture twice: by size, then by digest, before anybody looks at them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from beholden.video.limits import Limits

Indices = npt.NDArray[np.int32]
"""Whole numbers that point at people or pictures."""


def first_alike(paths: Sequence[Path], limits: Limits) -> Indices:
    """(n,): for each file the index of the first one with the same bytes, which is its own where there is none before.

    A picture that is there twice would be compared with itself, and always match. Only files of equal
    size are read; one that cannot be read, or is past the limits, is like no other here: whoever reads it says why.
    """
    same_size: dict[int, list[int]] = {}
    for index, path in enumerate(paths):
        same_size.setdefault(_size(path), []).append(index)
    first = np.arange(len(paths), dtype=np.int32)
    for size, indices in same_size.items():
        if len(indices) == 1 or not 0 < size <= limits.max_bytes:
            continue
        known: dict[bytes, int] = {}
        for index in indices:
            digest = _digest(paths[index])
            first[index] = known.setdefault(digest, index) if digest else index
    return first


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1


def _digest(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError:
        return b""
