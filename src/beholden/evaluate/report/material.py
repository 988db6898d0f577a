"""What a report is measured on: the people, their labels, the clips, and digests that say which they were."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from beholden.evaluate.cast import Person
from beholden.evaluate.labels import Labels
from beholden.evaluate.people_folder import PeopleFolder
from beholden.evaluate.report.about import About
from beholden.model.errors import EmptyInput, InputError, MissingInput
from beholden.video.limits import Limits
from beholden.video.source import SUFFIXES
from beholden.video.still import open_file, read_still

UNREADABLE = "unreadable"
"""In place of the digest of a file that cannot be read: the protocols count such files."""


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """The people (whom `limits` bound), what they said of themselves, `clips` of real places, and words about all."""

    about: About
    people: PeopleFolder
    labels: Labels | None
    clips: tuple[Path, ...] = field(repr=False)
    limits: Limits
    left_out: int = 0

    def pictures_digest(self) -> str:
        """SHA-256 of all pictures and of whose each is, whatever they are called. Reads them all."""
        lines = [
            f"{person} {digest_of_file(path)}"
            for path, person in zip(self.people.pictures, map(int, self.people.person), strict=True)
        ]
        return _digest_of(lines)

    def labels_digest(self) -> str | None:
        """SHA-256 of the labels that are used; None without any."""
        if self.labels is None:
            return None
        return _digest_of([f"{kind} {column!r}" for kind, column in sorted(self.labels.by_kind.items())])

    def clips_digest(self) -> str | None:
        """SHA-256 of the clips, in order; None without any."""
        return _digest_of([digest_of_file(clip) for clip in self.clips]) if self.clips else None

    def walkers(self) -> list[Person]:
        """The people as they walk through composed clips; nothing is decoded yet."""
        pictures: list[list[Path]] = [[] for _ in self.people.names]
        for path, person in zip(self.people.pictures, map(int, self.people.person), strict=True):
            pictures[person].append(path)
        return [Person(tuple(partial(read_still, path, self.limits) for path in mine)) for mine in pictures]

    def as_values(self) -> dict[str, Any]:
        """For JSON: counts, and nobody's name."""
        each = self.people.per_person()
        return {
            "about": self.about.as_values(),
            "people": len(self.people.names),
            "people_left_out_for_calibration": self.left_out,
            "pictures": len(self.people.pictures),
            "pictures_of_a_person": [int(each.min()), int(each.max())],
            "people_of_one_picture": int((each == 1).sum()),
            "repeated_pictures_left_out": self.people.repeated,
            "labels": [] if self.labels is None else sorted(self.labels.by_kind),
            "clips": len(self.clips),
        }


def without_every(people: PeopleFolder, every: int) -> tuple[PeopleFolder, int]:
    """The people without every `every`-th, from the first on, in the order of names; and how many were left out.

    Those are the people whom `beholden calibrate --every` takes: on them, thresholds are flattering. 0 leaves out none.
    """
    if not every:
        return people, 0
    stay = np.arange(len(people.names)) % every != 0
    if not stay.any():
        raise InputError("nobody is left", advice="--leave-out 2 leaves out every second person, and so on.")
    number = np.cumsum(stay).astype(np.int32) - 1
    kept = np.flatnonzero(stay[people.person])
    left = replace(
        people,
        names=tuple(name for name, here in zip(people.names, stay, strict=True) if here),
        pictures=tuple(people.pictures[index] for index in kept),
        person=number[people.person[kept]].astype(np.int32),
        folder=people.folder[kept],
        place=people.place[kept],
    )
    return left, int((~stay).sum())


def find_clips(given: Sequence[Path]) -> tuple[Path, ...]:
    """The clips among files and folders, those of a folder in the order of their names. Folders in it are not entered.

    Raises MissingInput for what is not there, EmptyInput for a folder without any.
    """
    found: list[Path] = []
    for path in given:
        if path.is_file():
            found.append(path)
            continue
        try:
            inside = sorted(entry for entry in path.iterdir() if entry.suffix.lower() in SUFFIXES and entry.is_file())
        except OSError as error:
            raise MissingInput(f"{path}: no such file or folder of clips") from error
        if not inside:
            raise EmptyInput(f"{path}: no clips in it")
        found += inside
    return tuple(found)


def digest_of_file(path: Path) -> str:
    """SHA-256 of a file, or that it cannot be read."""
    try:
        file, _ = open_file(path)
        with file:
            return hashlib.file_digest(file, "sha256").hexdigest()  # pyright: ignore[reportArgumentType]
    except (InputError, OSError):
        return UNREADABLE


def _digest_of(lines: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
