"""pairs.csv: which pictures are compared, and whether they show one person; read strictly, paths kept inside.

No file is named in a complaint: it says which line.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import numpy as np
import numpy.typing as npt

from beholden.evaluate.complaints import refuse_all
from beholden.evaluate.duplicates import Indices, first_alike
from beholden.evaluate.people_folder import MOST_PICTURES, inside
from beholden.evaluate.rows import CsvRow, read_rows
from beholden.model.errors import EmptyInput, InputTooLarge, MissingInput
from beholden.video.limits import Limits

COLUMNS = ("file_x", "file_y", "Decision")
_ENOUGH = 1000
"""Complaints after which the rest is not read: most likely it is another file."""
_ADVICE = "Columns: file_x, file_y (paths inside the folder of --images) and Decision, Yes where both show one person."


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Which pictures are compared. `reference`, `probe` (n,) int32: indices into `pictures`; `mated` (n,) bool.

    `people` (pictures,) int32: whose picture it is, as far as the file tells: the folder it lies in where that fits
    every row (then `folders` holds the folders' names, never printed), else one person for all pictures that rows of
    Yes join. `line` (pictures,): where a picture is first named. Left out, and counted: `repeated` rows and rows that
    compare a picture with `itself`.
    """

    pictures: tuple[Path, ...] = field(repr=False)
    line: Indices
    reference: Indices
    probe: Indices
    mated: npt.NDArray[np.bool_]
    people: Indices
    folders: tuple[str, ...] | None = field(repr=False)
    repeated: int = 0
    itself: int = 0

    def where(self, picture: int) -> str:
        """Where a picture is named, without its name."""
        return f"a picture of line {self.line[picture]}"


@dataclass(slots=True)
class _Read:
    """Rows as read: pictures by their real path, numbered as they come, and per row (line, x, y, mated).

    `seen`: numbers by path as written, so that a picture's path is followed once, whatever the number of rows.
    """

    images: str
    number: dict[str, int] = field(default_factory=dict[str, int])
    seen: dict[str, int] = field(default_factory=dict[str, int])
    line: list[int] = field(default_factory=list[int])
    rows: list[tuple[int, int, int, bool]] = field(default_factory=list[tuple[int, int, int, bool]])
    complaints: list[str] = field(default_factory=list[str])


def read_pairs(path: Path, images: Path, limits: Limits) -> Pairs:
    """The pairs of a CSV file, pictures relative to the folder `images` and never outside it.

    Raises MissingInput (no such file or folder), EmptyInput (no pairs), InputTooLarge, and InputError that tells every
    line that cannot be used: a Decision that is neither Yes nor No, a path that leads outside or to nothing, rows that
    contradict each other.
    """
    if not images.is_dir():
        raise MissingInput(f"{images}: no such folder", advice=_ADVICE)
    read = _Read(os.path.realpath(images))
    for row in read_rows(path, COLUMNS, (), _ADVICE):
        _take(read, row)
        if len(read.complaints) > _ENOUGH:
            break
    refuse_all(f"{path}", read.complaints, _ADVICE)
    if not read.rows:
        raise EmptyInput(f"{path}: there is no pair in it", advice=_ADVICE)
    pictures = [Path(name) for name in read.number]
    first = first_alike(pictures, limits)
    return _paired(path, read, pictures, first)


def _take(read: _Read, row: CsvRow) -> None:
    """Add one row, or what is wrong with it."""
    decision = row.values["Decision"].strip().casefold()
    ends = [_picture(read, row, column) for column in COLUMNS[:2]]
    if decision not in {"yes", "no"}:
        read.complaints.append(f"line {row.line}: Decision is neither Yes nor No")
    elif ends[0] is not None and ends[1] is not None:
        read.rows.append((row.line, ends[0], ends[1], decision == "yes"))


def _picture(read: _Read, row: CsvRow, column: str) -> int | None:
    """The number of a picture; None where its path will not do, with a complaint."""
    name = row.values[column]
    if name in read.seen:
        return read.seen[name]
    parts = PurePosixPath(name).parts
    if not parts or "\0" in name or name.startswith("/") or ".." in parts:
        read.complaints.append(f"line {row.line}: {column} is not a path inside the folder")
        return None
    real = os.path.realpath(os.path.join(read.images, *parts))
    if not inside(real, read.images):
        read.complaints.append(f"line {row.line}: {column} leads outside the folder")
        return None
    if not os.path.isfile(real):
        read.complaints.append(f"line {row.line}: {column} names no file that is there")
        return None
    if real not in read.number:
        if len(read.number) == MOST_PICTURES:
            raise InputTooLarge(f"more than {MOST_PICTURES} pictures", advice="Evaluate a part of the pairs.")
        read.number[real] = len(read.number)
        read.line.append(row.line)
    read.seen[name] = read.number[real]
    return read.seen[name]


def _paired(path: Path, read: _Read, pictures: Sequence[Path], first: Indices) -> Pairs:
    """Rows without repeats, held against each other; files of the same content are one picture."""
    known: dict[tuple[int, int], tuple[int, bool]] = {}
    kept: list[tuple[int, int, bool, int]] = []
    complaints: list[str] = []
    itself = 0
    for line, x, y, mated in read.rows:
        one, other = int(first[x]), int(first[y])
        earlier = known.setdefault((min(one, other), max(one, other)), (line, mated))
        if one == other and not mated:
            complaints.append(f"line {line} says No of one and the same picture")
        elif one == other:
            itself += 1
        elif earlier[1] != mated:
            complaints.append(f"line {line} contradicts line {earlier[0]}")
        elif earlier[0] == line:
            kept.append((one, other, mated, line))
    roots = _joined(len(pictures), kept)
    complaints += [
        f"line {line} says No, but rows of Yes make both one person"
        for x, y, mated, line in kept
        if not mated and roots[x] == roots[y]
    ]
    refuse_all(f"{path}", complaints, "Correct those rows: each pair shows one person, or two.")
    if not kept:
        raise EmptyInput(f"{path}: every row compares a picture with itself", advice=_ADVICE)
    table = np.array(kept, np.int32)
    people, folders = _people(pictures, table, roots)
    return Pairs(
        *(tuple(pictures), np.array(read.line, np.int32), table[:, 0], table[:, 1], table[:, 2].astype(bool)),
        *(people, folders, len(read.rows) - len(kept) - itself, itself),
    )


def _joined(count: int, kept: Sequence[tuple[int, int, bool, int]]) -> Indices:
    """(count,): the first picture of those that rows of Yes join (union-find)."""
    parent = list(range(count))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for x, y, mated, _ in kept:
        if mated:
            low, high = sorted((root(x), root(y)))
            parent[high] = low
    return np.array([root(index) for index in range(count)], np.int32)


def _people(pictures: Sequence[Path], table: Indices, roots: Indices) -> tuple[Indices, tuple[str, ...] | None]:
    """Whose picture each is, and the folders' names where a folder is a person."""
    numbers: dict[str, int] = {}
    folder = np.array([numbers.setdefault(str(path.parent), len(numbers)) for path in pictures], np.int32)
    together = folder[table[:, 0]] == folder[table[:, 1]]
    mated = table[:, 2].astype(bool)
    if mated.any() and bool((together == mated).all()):
        return folder, tuple(os.path.basename(name) for name in numbers)
    return np.unique(roots, return_inverse=True)[1].astype(np.int32), None
