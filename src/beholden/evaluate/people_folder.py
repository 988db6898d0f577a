"""A folder per person: whose pictures lie where, read strictly, within bounds, and never from outside.

Nobody is called by their name from here on: a person is a number, and a complaint says where to look by
counting folders and pictures in the order of their names.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from beholden.evaluate.complaints import refuse_all
from beholden.evaluate.duplicates import Indices, first_alike
from beholden.model.errors import EmptyInput, InputTooLarge, MissingInput
from beholden.video.limits import Limits
from beholden.video.source import SUFFIXES

MOST_PICTURES = 200_000
"""Of one evaluation: their templates take 100 MB."""
_ADVICE = "Give a folder with one folder of pictures per person."


@dataclass(frozen=True, slots=True, eq=False)
class PeopleFolder:
    """Pictures by person. `person` (n,) int32: whose picture it is, an index into `names`, which are never printed.

    `folder` and `place` (n,) int32 say where a picture lies, each counted from 1 in the order of names. Counted, and
    not used: `empty` folders, `passed_over` files that are no pictures by their name, and `repeated` pictures that are
    the same file as another one of the same person.
    """

    names: tuple[str, ...] = field(repr=False)
    pictures: tuple[Path, ...] = field(repr=False)
    person: Indices
    folder: Indices
    place: Indices
    empty: int
    passed_over: int
    repeated: int

    def where(self, picture: int) -> str:
        """Where a picture lies, without a name."""
        return f"picture {self.place[picture]} in folder {self.folder[picture]} (both in the order of names)"

    def per_person(self) -> Indices:
        """(people,): how many pictures each has."""
        return np.bincount(self.person, minlength=len(self.names)).astype(np.int32)


@dataclass(slots=True)
class _Found:
    """What a walk over the folders has found so far; `complaints` are raised together at its end."""

    root: str
    names: list[str] = field(default_factory=list[str])
    pictures: list[Path] = field(default_factory=list[Path])
    at: list[tuple[int, int, int]] = field(default_factory=list[tuple[int, int, int]])
    empty: int = 0
    passed_over: int = 0
    complaints: list[str] = field(default_factory=list[str])


def read_people(folder: Path, limits: Limits) -> PeopleFolder:
    """The pictures of a folder per person, in the order of names.

    Files are chosen by their suffix; folders in a person's folder are not entered, hidden ones never. Raises
    MissingInput (no such folder, or not to be read), EmptyInput (no pictures), InputTooLarge (more than
    `MOST_PICTURES`), and InputError that names every link that leads outside and every picture that two people share.
    """
    found = _Found(os.path.realpath(folder))
    number = 0
    for entry in _entries(folder, f"{folder}"):
        if not entry.is_dir():
            found.passed_over += 1
            continue
        number += 1
        if entry.is_symlink() and not inside(entry.path, found.root):
            found.complaints.append(f"folder {number} leads outside")
            continue
        _add_person(found, entry, number)
    if not found.pictures and not found.complaints:
        raise EmptyInput(f"{folder}: no person's folder with pictures in it", advice=_ADVICE)
    return _without_repeats(found, folder, limits)


def _add_person(found: _Found, person: os.DirEntry[str], number: int) -> None:
    before = len(found.pictures)
    for entry in _entries(person.path, f"folder {number} (in the order of names)"):
        if not entry.name.lower().endswith(tuple(SUFFIXES)) or not entry.is_file():
            found.passed_over += 1
            continue
        place = len(found.pictures) - before + 1
        if entry.is_symlink() and not inside(entry.path, found.root):
            found.complaints.append(f"picture {place} in folder {number} leads outside")
            continue
        if len(found.pictures) == MOST_PICTURES:
            raise InputTooLarge(
                f"more than {MOST_PICTURES} pictures", advice="Evaluate a part of them: fewer people, or fewer each."
            )
        found.pictures.append(Path(entry.path))
        found.at.append((len(found.names), number, place))
    if len(found.pictures) == before:
        found.empty += 1
    else:
        found.names.append(person.name)


def _without_repeats(found: _Found, folder: Path, limits: Limits) -> PeopleFolder:
    """Leave out what is there twice; a picture of two people is a complaint."""
    first = first_alike(found.pictures, limits)
    at = np.array(found.at, np.int32).reshape(-1, 3)
    for index in np.flatnonzero((first != np.arange(len(first))) & (at[first, 0] != at[:, 0])):
        one, other = at[first[index]], at[index]
        found.complaints.append(
            f"picture {other[2]} in folder {other[1]} is the same file as picture {one[2]} in folder {one[1]}"
        )
    refuse_all(
        f"{folder}",
        found.complaints,
        "Folders and pictures are counted in the order of their names. Each picture belongs to one person, inside.",
    )
    kept = np.flatnonzero(first == np.arange(len(first)))
    return PeopleFolder(
        names=tuple(found.names),
        pictures=tuple(found.pictures[index] for index in kept),
        person=at[kept, 0],
        folder=at[kept, 1],
        place=at[kept, 2],
        empty=found.empty,
        passed_over=found.passed_over,
        repeated=len(first) - len(kept),
    )


def _entries(folder: Path | str, called: str) -> list[os.DirEntry[str]]:
    """What lies in a folder, by name, hidden things left out. Raises MissingInput, InputTooLarge."""
    entries: list[os.DirEntry[str]] = []
    try:
        with os.scandir(folder) as found:
            for entry in found:
                if not entry.name.startswith("."):
                    entries.append(entry)
                if len(entries) > MOST_PICTURES:
                    raise InputTooLarge(f"{called}: more than {MOST_PICTURES} entries", advice="Evaluate a part of it.")
    except OSError as error:
        raise MissingInput(f"{called}: cannot be read as a folder ({error.strerror})", advice=_ADVICE) from error
    return sorted(entries, key=lambda entry: entry.name)


def inside(path: str, root: str) -> bool:
    """Whether a path, links followed, lies in the folder `root` (links followed already)."""
    return os.path.realpath(path).startswith(root.rstrip(os.sep) + os.sep)
