"""pairs.csv: read strictly; paths stay inside; rows that contradict are found; no file is named in a complaint."""

from __future__ import annotations

from pathlib import Path

import pytest

from beholden.evaluate import pairs_file
from beholden.evaluate.pairs_file import Pairs, read_pairs
from beholden.model.errors import EmptyInput, InputError, InputTooLarge, MissingInput
from beholden.video.limits import Limits

HEADING = "file_x,file_y,Decision\n"


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """Six pictures of three people, flat, and two people's folders; each file has content of its own."""
    folder = tmp_path / "images"
    for name in ("a1", "a2", "b1", "b2", "c1", "c2", "ada/1", "ada/2", "bea/1", "bea/2"):
        path = folder / f"{name}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode().ljust(8))
    (tmp_path / "outside.jpg").write_bytes(b"outside!")
    return folder


def read(images: Path, *rows: str, heading: str = HEADING) -> Pairs:
    path = images.parent / "pairs.csv"
    path.write_text(heading + "\n".join(rows) + "\n", encoding="utf-8")
    return read_pairs(path, images, Limits())


def refused(images: Path, *rows: str) -> str:
    with pytest.raises(InputError) as error:
        read(images, *rows)
    return error.value.one_line()


def test_each_picture_is_listed_once(images: Path) -> None:
    """Rows point at pictures, however the path is written."""
    pairs = read(images, "a1.jpg,a2.jpg,Yes", "./a1.jpg,b1.jpg,no", "b1.jpg,a2.jpg, NO ")
    assert [path.name for path in pairs.pictures] == ["a1.jpg", "a2.jpg", "b1.jpg"]
    assert pairs.reference.tolist() == [0, 0, 2]
    assert pairs.probe.tolist() == [1, 2, 1]
    assert pairs.mated.tolist() == [True, False, False]


def test_columns_come_in_any_order_after_a_byte_order_mark(images: Path) -> None:
    """As spreadsheets write them; other columns are not looked at."""
    pairs = read(images, "Yes,x,a2.jpg,a1.jpg", heading="\ufeffDecision,note,file_y,file_x\n")
    assert [path.name for path in pairs.pictures] == ["a1.jpg", "a2.jpg"]


def test_a_pair_that_is_there_twice_counts_once(images: Path) -> None:
    """In either order."""
    pairs = read(images, "a1.jpg,a2.jpg,Yes", "a2.jpg,a1.jpg,Yes", "a1.jpg,a2.jpg,Yes")
    assert len(pairs.mated) == 1
    assert pairs.repeated == 2


def test_rows_that_contradict_are_told_with_both_lines(images: Path) -> None:
    """Also in the other order of the two files."""
    assert "line 3 contradicts line 2" in refused(images, "a1.jpg,a2.jpg,Yes", "a2.jpg,a1.jpg,No")


def test_a_contradiction_by_way_of_a_third_picture_is_found(images: Path) -> None:
    """a1 is a2, a2 is b1, so a1 and b1 cannot be two people."""
    said = refused(images, "a1.jpg,a2.jpg,Yes", "a2.jpg,b1.jpg,Yes", "a1.jpg,b1.jpg,No")
    assert "line 4 says No, but rows of Yes make both one person" in said


def test_a_picture_and_itself_are_no_comparison(images: Path) -> None:
    """Left out and counted, also as a copy under another name; said to be two people, it is refused."""
    (images / "copy.jpg").write_bytes((images / "a1.jpg").read_bytes())
    pairs = read(images, "a1.jpg,a1.jpg,Yes", "a1.jpg,copy.jpg,Yes", "a1.jpg,a2.jpg,Yes")
    assert (len(pairs.mated), pairs.itself, pairs.repeated) == (1, 2, 0)
    assert "line 2 says No of one and the same picture" in refused(images, "a1.jpg,copy.jpg,No")
    assert "every row compares a picture with itself" in refused(images, "a1.jpg,a1.jpg,Yes")


def test_everything_wrong_is_told_at_once_and_by_line(images: Path) -> None:
    """Four troubles, four lines, and not one file name."""
    (images / "leads.jpg").symlink_to(images.parent / "outside.jpg")
    said = refused(
        images,
        "a1.jpg,a2.jpg,Maybe",
        "a1.jpg,gone.jpg,Yes",
        "leads.jpg,a1.jpg,No",
        "a1.jpg,../outside.jpg,Yes",
    )
    assert "line 2: Decision is neither Yes nor No" in said
    assert "line 3: file_y names no file that is there" in said
    assert "line 4: file_x leads outside the folder" in said
    assert "line 5: file_y is not a path inside the folder" in said
    assert "jpg" not in said
    assert "Maybe" not in said


@pytest.mark.parametrize("name", ["/etc/hostname", "..", "", "a1.jpg/../../outside.jpg", ".", "x" * 300])
def test_paths_never_leave_the_folder(images: Path, name: str) -> None:
    """Absolute, upwards, nothing at all, the folder itself, and too long a name."""
    assert "line 2: file_x" in refused(images, f"{name},a1.jpg,Yes")


def test_complaints_are_few_and_the_rest_is_counted(images: Path) -> None:
    """One line on a terminal, not a thousand."""
    said = refused(images, *["a1.jpg,a2.jpg,?"] * 25)
    assert said.count("neither Yes nor No") == 10
    assert "and 15 more" in said


def test_folders_are_people_where_that_fits_every_row(images: Path) -> None:
    """Pictures of one folder that no row joins are one person's all the same."""
    pairs = read(images, "ada/1.jpg,ada/2.jpg,Yes", "ada/1.jpg,bea/1.jpg,No", "ada/2.jpg,bea/2.jpg,No")
    assert pairs.folders == ("ada", "bea")
    assert pairs.people.tolist() == [0, 0, 1, 1]


def test_rows_of_yes_make_people_where_folders_do_not(images: Path) -> None:
    """Joined over several rows; a picture that no row of Yes has is a person of its own."""
    pairs = read(
        images, "a1.jpg,a2.jpg,Yes", "b1.jpg,a2.jpg,No", "a2.jpg,c1.jpg,Yes", "b1.jpg,b2.jpg,Yes", "c2.jpg,a1.jpg,No"
    )
    who = {path.stem: int(person) for path, person in zip(pairs.pictures, pairs.people, strict=True)}
    assert pairs.folders is None
    assert who["a1"] == who["a2"] == who["c1"]
    assert who["b1"] == who["b2"]
    assert len(set(who.values())) == 3


def test_no_pairs_and_no_folder(images: Path) -> None:
    """A heading alone is empty; a folder that is not there is missing."""
    with pytest.raises(EmptyInput, match="no pair"):
        read(images)
    with pytest.raises(MissingInput, match="no such folder"):
        read_pairs(images.parent / "pairs.csv", images / "nowhere", Limits())


def test_the_columns_must_be_there(images: Path) -> None:
    """By their exact names; it says which are missing."""
    with pytest.raises(InputError, match="no column file_y, no column Decision"):
        read(images, "a1.jpg,a2.jpg,Yes", heading="file_x,other,decision\n")


def test_more_pictures_than_the_limit_are_refused(images: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is looked at."""
    monkeypatch.setattr(pairs_file, "MOST_PICTURES", 2)
    with pytest.raises(InputTooLarge):
        read(images, "a1.jpg,a2.jpg,Yes", "a1.jpg,b1.jpg,No")


def test_pairs_have_no_names_when_printed(images: Path) -> None:
    """A log line or a traceback with the object in it names no file."""
    assert "ada" not in repr(read(images, "ada/1.jpg,ada/2.jpg,Yes"))
