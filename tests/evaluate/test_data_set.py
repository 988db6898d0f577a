"""Whom thresholds are measured on: photos by folder or by pattern, labels as people gave them, digests of all."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from beholden.evaluate.data_set import DataSet, Layout, read_data_set
from beholden.model.errors import BeholdenError, EmptyInput, InputError, MissingInput, SettingsError
from beholden.video.limits import Limits

PATTERNS = ("front/{person}_03.jpg", "smile/{person}_08.jpg")
LABELS = "person,sex,ethnicity\n001,f,a\n002,m,b\n003,f,a\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three people with two photos each, one with one, and files that are nobody's photo. No photo can be decoded."""
    for name in ("001", "002", "003"):
        write(tmp_path / f"set/front/{name}_03.jpg", f"front {name}")
        write(tmp_path / f"set/smile/{name}_08.jpg", f"smile {name}")
    write(tmp_path / "set/front/004_03.jpg", "no smile")
    write(tmp_path / "set/front/readme.txt", "hello")
    write(tmp_path / "labels.csv", LABELS)
    return tmp_path


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def read(folder: Path, **layout: object) -> DataSet:
    return read_data_set(
        "made up", folder / "set", folder / "labels.csv", Layout(**{"patterns": PATTERNS, **layout}), Limits()
    )


def test_whoever_has_a_photo_for_each_pattern_is_taken(folder: Path) -> None:
    """In the order of names, each with both photos; the one without a smile is left out."""
    people = read(folder).people
    assert [[path.name for path, _ in person.photos] for person in people] == [
        [f"{name}_03.jpg", f"{name}_08.jpg"] for name in ("001", "002", "003")
    ]


def test_a_folder_per_person_needs_no_pattern(tmp_path: Path) -> None:
    """The folder's name is the person's."""
    for name in ("001", "002"):
        write(tmp_path / f"set/{name}/a.jpg", name)
    write(tmp_path / "labels.csv", LABELS)
    assert len(read(tmp_path, patterns=()).people) == 2


def test_every_second_person_leaves_the_others_for_evaluation(folder: Path) -> None:
    """From the first on; only their photos are among the digests."""
    data = read(folder, every=2)
    assert [person.photos[0][0].name for person in data.people] == ["001_03.jpg", "003_03.jpg"]
    assert len(data.photos_sha256) == 4


def test_digests_say_what_was_read_and_not_whose_it_is(folder: Path) -> None:
    """SHA-256 of each file, sorted, so that their order tells nothing."""
    data = read(folder)
    files = [*folder.glob("set/front/00[123]*.jpg"), *folder.glob("set/smile/*.jpg")]
    assert data.photos_sha256 == tuple(sorted(hashlib.sha256(path.read_bytes()).hexdigest() for path in files))
    assert data.labels_sha256 == hashlib.sha256(LABELS.encode()).hexdigest()


def test_a_group_is_what_a_person_gave_of_both(folder: Path) -> None:
    """Who left one blank, or is not in the file, is like nobody."""
    write(folder / "labels.csv", "who,sex,age,ethnicity\n001,f,20,a\n002,m,30,\n")
    groups = [person.group for person in read(folder, columns=("who", "sex", "ethnicity")).people]
    assert groups == [("f", "a"), None, None]


def test_nothing_shows_a_name(folder: Path) -> None:
    """Not by printing it either."""
    data = read(folder)
    assert "001" not in f"{data}{data.people[0]}"


BROKEN: dict[str, tuple[str, type[BeholdenError]]] = {
    "nobody of the set": ("person,sex,ethnicity\nx,f,a\n", EmptyInput),
    "no such column": ("name,sex,ethnicity\n001,f,a\n", InputError),
    "a person twice": (LABELS + "001,f,a\n", InputError),
    "a line without a person": (LABELS + " ,f,a\n", InputError),
    "a label that is a story": (LABELS + f"009,{'f' * 50},a\n", InputError),
    "a ragged line": (LABELS + "009,f\n", InputError),
    "nothing": ("", EmptyInput),
}


@pytest.mark.parametrize(("text", "kind"), BROKEN.values(), ids=BROKEN.keys())
def test_labels_that_cannot_be_used_are_refused(folder: Path, text: str, kind: type[BeholdenError]) -> None:
    """By line, without a name."""
    write(folder / "labels.csv", text)
    with pytest.raises(kind) as refused:
        read(folder)
    assert "001" not in refused.value.message


@pytest.mark.parametrize(
    "pattern",
    ["front/a.jpg", "front/{person}_{person}.jpg", "{person}/a.jpg", "../set/front/{person}_03.jpg", "/{person}.jpg"],
)
def test_a_pattern_names_a_person_once_and_stays_inside(folder: Path, pattern: str) -> None:
    """In the file's name, below the data set's folder."""
    with pytest.raises(SettingsError):
        read(folder, patterns=(pattern,))


def test_a_folder_that_is_not_there_is_missing(folder: Path) -> None:
    """Of a pattern, or of everything."""
    with pytest.raises(MissingInput):
        read(folder, patterns=("side/{person}.jpg",))
    with pytest.raises(MissingInput):
        read_data_set("x", folder / "gone", folder / "labels.csv", Layout(), Limits())


def test_patterns_that_find_nobody_are_an_error(folder: Path) -> None:
    """An empty set would measure nothing."""
    with pytest.raises(EmptyInput):
        read(folder, patterns=("front/{person}.png",))


def test_one_photo_of_two_people_is_refused(folder: Path) -> None:
    """It would be as alike as a person to themselves."""
    write(folder / "set/front/002_03.jpg", "front 001")
    with pytest.raises(InputError, match="twice"):
        read(folder)


def test_a_photo_that_leads_outside_is_not_taken(folder: Path) -> None:
    """A link out of the folder is nobody's photo here."""
    write(folder / "outside.jpg", "elsewhere")
    (folder / "set/front/003_03.jpg").unlink()
    (folder / "set/front/003_03.jpg").symlink_to(folder / "outside.jpg")
    assert len(read(folder).people) == 2
