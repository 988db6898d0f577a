"""A folder per person: what is taken, what is passed over, what is refused; and never a name in a complaint."""

from __future__ import annotations

from pathlib import Path

import pytest

from beholden.evaluate import people_folder
from beholden.evaluate.people_folder import read_people
from beholden.model.errors import EmptyInput, InputError, InputTooLarge, MissingInput
from beholden.video.limits import Limits


def write(folder: Path, files: dict[str, bytes]) -> Path:
    """Files by path below a folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def test_pictures_belong_to_the_folder_they_lie_in(tmp_path: Path) -> None:
    """In the order of names, whatever the order on disk."""
    write(tmp_path, {"zoe/1.png": b"z1", "ada/2.jpg": b"a2", "ada/1.JPG": b"a1"})
    people = read_people(tmp_path, Limits())
    assert people.names == ("ada", "zoe")
    assert [path.name for path in people.pictures] == ["1.JPG", "2.jpg", "1.png"]
    assert people.person.tolist() == [0, 0, 1]
    assert people.per_person().tolist() == [2, 1]


def test_what_is_no_picture_is_counted_and_passed_over(tmp_path: Path) -> None:
    """Text, loose pictures and folders in folders; hidden things are not even counted."""
    write(
        tmp_path,
        {
            "ada/1.jpg": b"a1",
            "ada/notes.txt": b"n",
            "ada/more/2.jpg": b"a2",
            "loose.jpg": b"l",
            ".cache/x.jpg": b"x",
            "ada/.hidden.jpg": b"h",
        },
    )
    people = read_people(tmp_path, Limits())
    assert len(people.pictures) == 1
    assert people.passed_over == 3


def test_a_folder_without_pictures_is_nobody(tmp_path: Path) -> None:
    """It is counted, and the people after it keep their own pictures."""
    write(tmp_path, {"ada/notes.txt": b"n", "bea/1.jpg": b"b1"})
    people = read_people(tmp_path, Limits())
    assert people.names == ("bea",)
    assert people.empty == 1
    assert people.where(0).startswith("picture 1 in folder 2")


def test_the_same_file_twice_counts_once(tmp_path: Path) -> None:
    """A person's picture is never compared with its own copy."""
    write(tmp_path, {"ada/1.jpg": b"same", "ada/2.jpg": b"same", "ada/3.jpg": b"not!"})
    people = read_people(tmp_path, Limits())
    assert [path.name for path in people.pictures] == ["1.jpg", "3.jpg"]
    assert people.repeated == 1


def test_a_picture_of_two_people_is_refused_by_place(tmp_path: Path) -> None:
    """It says which folders, and no name."""
    write(tmp_path, {"ada/1.jpg": b"ada's", "ada/2.jpg": b"same!", "bea/1.jpg": b"same!"})
    with pytest.raises(InputError) as refused:
        read_people(tmp_path, Limits())
    said = refused.value.one_line()
    assert "picture 1 in folder 2 is the same file as picture 2 in folder 1" in said
    assert "ada/" not in said
    assert "bea" not in said


def test_links_that_lead_outside_are_refused_together(tmp_path: Path) -> None:
    """A person's folder, and a picture: both are told, and neither is read."""
    write(tmp_path, {"outside/1.jpg": b"o1", "people/ada/1.jpg": b"a1"})
    (tmp_path / "people/bea").symlink_to(tmp_path / "outside")
    (tmp_path / "people/ada/2.jpg").symlink_to(tmp_path / "outside/1.jpg")
    with pytest.raises(InputError) as refused:
        read_people(tmp_path / "people", Limits())
    assert "picture 2 in folder 1 leads outside; folder 2 leads outside" in refused.value.message


def test_a_link_that_stays_inside_is_a_picture(tmp_path: Path) -> None:
    """Here of the same person, so it is a repeated one."""
    write(tmp_path, {"ada/1.jpg": b"a1"})
    (tmp_path / "ada/2.jpg").symlink_to(tmp_path / "ada/1.jpg")
    assert read_people(tmp_path, Limits()).repeated == 1


@pytest.mark.parametrize("given", ["nowhere", "file.jpg"])
def test_what_is_no_folder_is_missing(tmp_path: Path, given: str) -> None:
    """No such path, and a file."""
    (tmp_path / "file.jpg").write_bytes(b"x")
    with pytest.raises(MissingInput, match="cannot be read as a folder"):
        read_people(tmp_path / given, Limits())


def test_pictures_without_folders_are_no_people(tmp_path: Path) -> None:
    """It says how they should lie."""
    write(tmp_path, {"1.jpg": b"1", "2.jpg": b"2"})
    with pytest.raises(EmptyInput) as refused:
        read_people(tmp_path, Limits())
    assert "one folder of pictures per person" in refused.value.one_line()


def test_more_pictures_than_the_limit_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As soon as they are counted."""
    monkeypatch.setattr(people_folder, "MOST_PICTURES", 3)
    write(tmp_path, {f"p{person}/{number}.jpg": b"%d%d" % (person, number) for person in range(2) for number in (1, 2)})
    with pytest.raises(InputTooLarge):
        read_people(tmp_path, Limits())


def test_people_have_no_names_when_printed(tmp_path: Path) -> None:
    """A log line or a traceback with the object in it names nobody."""
    write(tmp_path, {"ada/secret-1.jpg": b"a1"})
    shown = repr(read_people(tmp_path, Limits()))
    assert "ada" not in shown
    assert "secret" not in shown
