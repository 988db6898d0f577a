"""The people that thresholds are measured on: their photos, and the sex and ethnicity that they gave themselves.

Photos lie in a folder per person, or under names with the person in them, which patterns describe
(`neutral_front/{person}_03.jpg`). Labels are a CSV file with a column each for person, sex and ethnicity. Nobody's name
leaves this file: people are counted, and files are known by their digests.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from beholden.evaluate.complaints import refuse_all
from beholden.evaluate.duplicates import first_alike
from beholden.evaluate.labels import LONGEST
from beholden.evaluate.people_folder import MOST_PICTURES, inside, read_people
from beholden.evaluate.rows import read_rows
from beholden.model.errors import EmptyInput, InputTooLarge, MissingInput, SettingsError
from beholden.video.limits import Limits
from beholden.video.still import open_file

COLUMNS = ("person", "sex", "ethnicity")
_PERSON = "{person}"
_ADVICE = "Write it like 'front/{person}_03.jpg', from the data set's folder on; {person} stands for the person, once."
_LABELS = "The file needs a line per person, with person, sex and ethnicity as the people gave them (--columns)."


@dataclass(frozen=True, slots=True)
class LabelledPerson:
    """One person: photos with their SHA-256, in the order of their names or patterns, and the group they belong to.

    `group` is (sex, ethnicity) in their own words, or None where one is not given: nobody is compared with them.
    """

    photos: tuple[tuple[Path, str], ...] = field(repr=False)
    group: tuple[str, str] | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class DataSet:
    """People to measure on, every `every`-th; SHA-256 of each photo, sorted, and of the labels say what they are."""

    title: str
    every: int
    people: tuple[LabelledPerson, ...] = field(repr=False)
    photos_sha256: tuple[str, ...] = field(repr=False)
    labels_sha256: str


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things are: `patterns` of photos (none: a folder per person), and the `columns` of the labels.

    Of the people, in the order of their names, every `every`-th is taken, from the first on; the others are left
    for evaluation.
    """

    patterns: tuple[str, ...] = ()
    columns: tuple[str, str, str] = COLUMNS
    every: int = 1


def read_data_set(title: str, folder: Path, labels: Path, layout: Layout, limits: Limits) -> DataSet:
    """The people of a data set who are taken.

    Raises MissingInput, EmptyInput, InputTooLarge, SettingsError (a pattern that is none), and InputError that says
    everything that is wrong with the labels, or that two people share a photo.
    """
    photos = _by_folder(folder, limits) if not layout.patterns else _by_pattern(folder, layout.patterns, limits)
    groups = _read_groups(labels, layout.columns)
    taken = sorted(photos)[:: layout.every]
    people = tuple(
        LabelledPerson(tuple((path, digest_of(path, limits)) for path in photos[name]), groups.get(name))
        for name in taken
    )
    if not any(person.group for person in people):
        raise EmptyInput(f"{labels}: nobody of the data set is in it", advice=_LABELS)
    digests = sorted(digest for person in people for _, digest in person.photos)
    return DataSet(title, layout.every, people, tuple(digests), digest_of(labels, limits))


def digest_of(path: Path, limits: Limits) -> str:
    """SHA-256 of a file. Raises MissingInput, EmptyInput, InputTooLarge."""
    file, size = open_file(path)
    with file:
        if size > limits.max_bytes:
            raise InputTooLarge(f"{path}: {size / 1e6:.0f} MB is past the limit of {limits.max_bytes / 1e6:.0f} MB")
        return hashlib.sha256(file.read()).hexdigest()


def _by_folder(folder: Path, limits: Limits) -> dict[str, list[Path]]:
    found = read_people(folder, limits)
    photos: dict[str, list[Path]] = {}
    for index, path in enumerate(found.pictures):
        photos.setdefault(found.names[int(found.person[index])], []).append(path)
    return photos


def _by_pattern(folder: Path, patterns: Sequence[str], limits: Limits) -> dict[str, list[Path]]:
    """The photos of everybody whom each pattern finds: people whose set is not whole are left out."""
    root = os.path.realpath(folder)
    found = [_matches(folder, pattern, root) for pattern in patterns]
    whole = set(found[0]).intersection(*found)
    if not whole:
        raise EmptyInput(f"{folder}: no person has a photo for each pattern", advice=_ADVICE)
    photos = {name: [each[name] for each in found] for name in sorted(whole)}
    paths = [path for each in photos.values() for path in each]
    if len(paths) > MOST_PICTURES:
        raise InputTooLarge(f"more than {MOST_PICTURES} pictures", advice="Give a part of them.")
    same = int((first_alike(paths, limits) != range(len(paths))).sum())
    refuse_all(
        f"{folder}", [f"{same} photos are there twice"] if same else [], "Each photo belongs to one person, once."
    )
    return photos


def _matches(folder: Path, pattern: str, root: str) -> dict[str, Path]:
    """Who has a photo by one pattern. Raises SettingsError, MissingInput."""
    under, _, name = pattern.rpartition("/")
    if name.count(_PERSON) != 1 or _PERSON in under or pattern.startswith("/") or ".." in under.split("/"):
        raise SettingsError(f"--photos {pattern!r} is no pattern of photos", advice=_ADVICE)
    before, after = name.split(_PERSON)
    wanted = re.compile(f"{re.escape(before)}([^/]+){re.escape(after)}")
    try:
        names = os.listdir(folder / under)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a path"
        raise MissingInput(f"{folder / under}: cannot be read as a folder ({reason})", advice=_ADVICE) from error
    found: dict[str, Path] = {}
    for entry in sorted(names):
        match, path = wanted.fullmatch(entry), folder / under / entry
        if match is not None and path.is_file() and inside(str(path), root):
            found[match[1]] = path
    return found


def _read_groups(labels: Path, columns: tuple[str, str, str]) -> dict[str, tuple[str, str] | None]:
    """What each person gave, by name; None where one of both is left blank."""
    person, sex, ethnicity = columns
    groups: dict[str, tuple[str, str] | None] = {}
    complaints: list[str] = []
    for row in read_rows(labels, columns, (), _LABELS):
        name, given = row.values[person].strip(), (row.values[sex].strip(), row.values[ethnicity].strip())
        if not name:
            complaints.append(f"line {row.line}: no person")
        elif any(len(label) > LONGEST or not label.isprintable() for label in given):
            complaints.append(f"line {row.line}: a label is not short and printable")
        elif name in groups:
            complaints.append(f"line {row.line}: the person is in it twice")
        else:
            groups[name] = given if all(given) else None
    refuse_all(f"{labels}", complaints, _LABELS)
    return groups
