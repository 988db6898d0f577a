"""What must not be found: the strangers' templates and crops, in every form they pass through.

They are taken down by `recorder`, a process of its own that watches the same clip with the same
code. The pipeline is deterministic (a test holds that), so the searched process computes the very
same bytes, and never has the needles themselves in its memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.generic]

VECTORS = ("raw", "before_norm", "template", "pooled", "features")
"""Numbers of the network: its output, the same before the last layer, at unit length, pooled over
shots, and the 25,088 numbers that the output is computed from."""
PICTURES = ("crop", "region", "planes", "prepared", "grey")
"""The aligned 112x112 face, the part of the film it was cut from, the network's input and what its
first layers make of it, and the grey pictures that quality is judged by."""
KINDS = (*VECTORS, *PICTURES)
LEAST_VECTOR = 32
"""Bytes in a row that count as a find: eight float32 numbers of a template ..."""
LEAST_PICTURE = 96
"""... or 32 pixels of a row of a crop."""


@dataclass(frozen=True, slots=True)
class Needle:
    """`line` is searched for; a find is any piece of at least `least` bytes. `item` bytes are one number of it."""

    kind: str
    line: bytes
    least: int
    item: int


def save(path: Path, taken: Mapping[str, list[Array]]) -> None:
    np.savez(path, **{f"{kind}-{number}": array for kind in taken for number, array in enumerate(taken[kind])})


def load(path: Path) -> dict[str, list[Array]]:
    found: dict[str, list[Array]] = {kind: [] for kind in KINDS}
    with np.load(path) as arrays:
        for name in arrays.files:
            found[name.rpartition("-")[0]].append(arrays[name])
    return found


def needles(taken: Mapping[str, list[Array]]) -> list[Needle]:
    """All forms of what was taken down; vectors as float32, float16 and float64, pictures row by row."""
    found: list[Needle] = []
    for kind in VECTORS:
        for vector in taken[kind]:
            if kind == "features":
                found += [Needle(kind, line.tobytes(), LEAST_VECTOR, 4) for line in vector.reshape(-1, 64)[::8]]
                continue
            for number in (np.float32, np.float16, np.float64):
                line = np.ascontiguousarray(vector.ravel().astype(number))
                found.append(Needle(kind, line.tobytes(), LEAST_VECTOR, line.itemsize))
    pictures = {kind: list(taken[kind]) for kind in PICTURES}
    pictures["grey"] += [grey for crop in taken["crop"] for grey in greys(np.asarray(crop, np.uint8))]
    for kind, arrays in pictures.items():
        for array in arrays:
            found += [Needle(kind, row.tobytes(), LEAST_PICTURE, row.itemsize) for row in _rows(array)]
    return found


def greys(crop: npt.NDArray[np.uint8]) -> Iterator[Array]:
    """The grey pictures that `faces.quality` makes of a crop, and their edges."""
    whole = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)
    middle = whole[16:104, 20:92]
    soft = cv2.GaussianBlur(whole, (0, 0), 1.5)
    yield whole
    yield soft
    yield cv2.Laplacian(np.ascontiguousarray(middle), cv2.CV_32F)
    yield cv2.Laplacian(soft, cv2.CV_32F)
    yield np.abs(cv2.Laplacian(soft, cv2.CV_32F))
    for part in (middle, whole[24:100, 24:88]):
        yield part - part.mean()  # what a standard deviation computes on its way


def _rows(array: Array) -> Iterator[Array]:
    """Every second row of a HxWx3, HxW or 1x3xHxW picture, the green plane of the last: no picture escapes that."""
    yield from map(np.ascontiguousarray, (array[0, 1] if array.ndim == 4 else array)[::2])
