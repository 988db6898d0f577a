"""cover: images, videos and folders, and pictures of every kind."""

from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from beholden.evaluate.faces_left import count_visible_faces
from tests.cli.conftest import Command, tree

UPSIDE = 6
"""EXIF orientation: turned a quarter to the left."""


def small(photo: Path) -> Image.Image:
    """The photo at 600x900."""
    with Image.open(photo) as image:
        return image.convert("RGB").resize((600, 900))


def test_a_photo_is_covered(beholden: Command, portrait: Path, tmp_path: Path) -> None:
    """The face is gone for a detector that is not ours, which sees it in the original."""
    out = tmp_path / "covered.jpg"
    said = beholden("cover", portrait, out)
    assert said.code == 0
    assert said.out == f"{out}: 1 file, 1 picture, 1 with covers\n"
    assert said.err == ""
    assert tree(tmp_path) == {"covered.jpg"}
    original = cv2.imread(str(portrait))
    assert original is not None
    assert count_visible_faces(original)
    covered = cv2.imread(str(out))
    assert covered is not None
    assert not count_visible_faces(covered)


def test_a_video_is_covered(beholden: Command, clip: Path, tmp_path: Path) -> None:
    """Every picture of it, at its own size."""
    said = beholden("cover", clip, tmp_path / "covered.mp4", "--json")
    assert said.code == 0
    row = said.rows[0]
    assert row["pictures"] == row["with_covers"] == 18
    film = cv2.VideoCapture(str(tmp_path / "covered.mp4"))
    assert (film.get(cv2.CAP_PROP_FRAME_WIDTH), film.get(cv2.CAP_PROP_FRAME_HEIGHT)) == (1280, 720)


def test_a_folder_is_covered_and_what_cannot_be_is_told(beholden: Command, portrait: Path, tmp_path: Path) -> None:
    """Two pictures of one stem do not collide, an empty file and one that is no image are named, notes are left out."""
    source, out = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    shutil.copy(portrait, source / "a.jpg")
    small(portrait).save(source / "a.png")
    (source / "empty.jpg").touch()
    (source / "text.mp4").write_text("not a film")
    (source / "notes.txt").write_text("mine")
    said = beholden("cover", source, out, "--json")
    assert said.code == 3
    assert len(said.err.splitlines()) == 2
    assert "empty.jpg" in said.err
    assert "text.mp4" in said.err
    assert said.rows[0]["files"] == 2
    assert sorted(said.rows[0]["failed"]) == [str(source / "empty.jpg"), str(source / "text.mp4")]  # type: ignore[type-var]
    assert tree(out) == {"a.jpg", "a.png.jpg"}


def test_progress_names_the_file_and_never_falls(portrait: Path, clip: Path, tmp_path: Path) -> None:
    """Over a folder of a photo and a video it runs from nothing towards the whole."""
    from beholden import Beholden

    source = tmp_path / "in"
    source.mkdir()
    shutil.copy(portrait, source / "a.jpg")
    shutil.copy(clip, source / "b.mp4")
    told: list[tuple[str, float | None]] = []
    with Beholden() as engine:
        engine.cover_file(source, tmp_path / "out", lambda path, done: told.append((path.name, done)))
    parts = [done for _, done in told]
    assert parts == sorted(parts)  # type: ignore[type-var]
    assert parts[0] == 0.0
    assert parts[-1] is not None
    assert parts[-1] > 0.9
    assert {name for name, _ in told} == {"a.jpg", "b.mp4"}


@pytest.mark.parametrize("inside", [".", "deeper/still"])
def test_nothing_is_written_into_the_source(beholden: Command, portrait: Path, tmp_path: Path, inside: str) -> None:
    """A folder onto itself or into itself is refused, by whatever path it is named."""
    source = tmp_path / "in"
    source.mkdir()
    shutil.copy(portrait, source / "a.jpg")
    (tmp_path / "link").symlink_to(source)
    for out in (source / inside, tmp_path / "link" / inside):
        said = beholden("cover", source, out, "--force")
        assert said.code == 3
        assert "originals are kept" in said.complaint
    assert tree(source) == {"a.jpg"}


def test_a_file_is_not_covered_onto_itself(beholden: Command, portrait: Path, tmp_path: Path) -> None:
    """Not even with --force."""
    mine = tmp_path / "a.jpg"
    shutil.copy(portrait, mine)
    assert beholden("cover", mine, mine, "--force").code == 3
    assert mine.read_bytes() == portrait.read_bytes()


def test_older_files_stay_without_force(beholden: Command, portrait: Path, tmp_path: Path) -> None:
    """A file, and a file in a folder: refused before any work, replaced with --force."""
    source, out = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    out.mkdir()
    shutil.copy(portrait, source / "a.jpg")
    shutil.copy(portrait, source / "b.jpg")
    (out / "b.jpg").write_text("older")
    for given, target in ((portrait, out / "b.jpg"), (source, out)):
        said = beholden("cover", given, target)
        assert said.code == 3
        assert "--force" in said.complaint
    assert tree(out) == {"b.jpg"}
    assert (out / "b.jpg").read_text() == "older"
    assert beholden("cover", source, out, "--force").code == 0
    assert (out / "b.jpg").read_bytes()[:2] == b"\xff\xd8"


@pytest.mark.parametrize("name", ["out.png", "out.txt", "out", "no/such/folder/out.jpg"])
def test_an_output_that_cannot_be_is_refused(beholden: Command, portrait: Path, tmp_path: Path, name: str) -> None:
    """A photo goes to a .jpg in a folder that is there."""
    said = beholden("cover", portrait, tmp_path / name)
    assert said.code == 3
    assert said.complaint
    assert tree(tmp_path) == set()


def test_a_picture_without_faces_is_written_as_it_is(beholden: Command, tmp_path: Path) -> None:
    """Nothing to cover is no error."""
    Image.new("RGB", (320, 240), "navy").save(tmp_path / "sky.png")
    said = beholden("cover", tmp_path / "sky.png", tmp_path / "out.jpg", "--json")
    assert said.code == 0
    assert said.rows[0]["with_covers"] == 0


@pytest.fixture(scope="session")
def kinds(portrait: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The portrait as CMYK, with 16 bits, with transparency, and lying on its side with a note to turn it."""
    folder = tmp_path_factory.mktemp("kinds")
    image = small(portrait)
    made = {name: folder / name for name in ("cmyk.jpg", "deep.png", "alpha.png", "turned.jpg")}
    image.convert("CMYK").save(made["cmyk.jpg"])
    pixels = np.asarray(image)[:, :, ::-1].astype(np.uint16) * 257
    cv2.imwrite(str(made["deep.png"]), pixels)
    clear = image.convert("RGBA")
    clear.putalpha(230)
    clear.save(made["alpha.png"])
    exif = Image.Exif()
    exif[0x0112] = UPSIDE
    image.transpose(Image.Transpose.ROTATE_90).save(made["turned.jpg"], exif=exif)
    return made


@pytest.mark.parametrize("kind", ["cmyk.jpg", "deep.png", "alpha.png", "turned.jpg"])
def test_pictures_of_every_kind_are_covered(
    beholden: Command, kinds: dict[str, Path], tmp_path: Path, kind: str
) -> None:
    """Colour space, depth, transparency and rotation change nothing: the face is found, upright."""
    out = tmp_path / "out.jpg"
    said = beholden("cover", kinds[kind], out, "--json")
    assert said.code == 0
    assert said.rows[0]["with_covers"] == 1
    with Image.open(out) as image:
        assert image.size == (600, 900)


def test_pictures_of_every_kind_enrol(beholden: Command, rehearsal: Path, kinds: dict[str, Path]) -> None:
    """All four as photos of one person: they look alike to the recogniser."""
    said = beholden("enrol", "Ada", *kinds.values(), "-p", "photos", "--data", rehearsal, "--json")
    assert said.code == 0
    assert said.rows[0]["shots"] == 4
