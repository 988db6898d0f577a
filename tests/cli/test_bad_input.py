"""Files that cannot be used: each a one-line error with what to do, exit code 3 or 4, and nothing left behind."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cli.conftest import Command, tree


def _png_header(width: int, height: int) -> bytes:
    """A PNG that claims to be this large and holds next to nothing."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


@pytest.fixture(scope="session")
def bad(clip: Path, portrait: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One file of each kind of trouble."""
    folder = tmp_path_factory.mktemp("bad")
    jpeg, film = portrait.read_bytes(), clip.read_bytes()
    content = {
        "empty.mp4": b"",
        "empty.jpg": b"",
        "cut.mp4": film[: len(film) // 2],
        "stub.mp4": film[:64],
        "cut.jpg": jpeg[: len(jpeg) // 2],
        "text.mp4": b"This is a letter, not a film.\n" * 50,
        "text.jpg": b"This is a letter, not a photo.\n" * 50,
        "noise.mp4": np.random.default_rng(1).bytes(5000),
        "bomb.png": _png_header(50_000, 50_000),
        "lies.png": _png_header(900, 900),
        "sound.wav": b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x44\xac\0\0\x88\x58\1\0\2\0\x10\0data\0\0\0\0",
    }
    for name, data in content.items():
        (folder / name).write_bytes(data)
    (folder / "gone.mp4").symlink_to(folder / "nowhere")
    return {path.name: path for path in folder.iterdir()} | {
        "missing.mp4": folder / "missing.mp4",
        "through a file": folder / "text.jpg" / "photo.jpg",
        "long name": folder / ("x" * 300),
        "device": Path("/dev/zero"),
    }


FILMS = ("empty.mp4", "cut.mp4", "stub.mp4", "text.mp4", "noise.mp4", "sound.wav", "gone.mp4", "missing.mp4", "device")
PHOTOS = ("empty.jpg", "cut.jpg", "text.jpg", "bomb.png", "lies.png", "through a file", "long name")


@pytest.mark.parametrize("kind", [*FILMS, *PHOTOS])
def test_cover_refuses_it(beholden: Command, bad: dict[str, Path], tmp_path: Path, kind: str) -> None:
    """No covered file appears."""
    said = beholden("cover", bad[kind], tmp_path / ("out.jpg" if kind in PHOTOS else "out.mp4"))
    assert said.code == 3
    assert bad[kind].name in said.complaint
    assert said.out == ""
    assert tree(tmp_path) == set()


@pytest.mark.parametrize("kind", ["empty.mp4", "cut.mp4", "text.mp4", "missing.mp4", "device", "cut.jpg", "bomb.png"])
def test_watch_refuses_it(beholden: Command, bad: dict[str, Path], data: Path, tmp_path: Path, kind: str) -> None:
    """No covered file appears, and the folder stays as it was."""
    before = tree(data)
    said = beholden("watch", bad[kind], "--save", tmp_path / "out.mp4", "--data", data)
    assert said.code == 3
    assert bad[kind].name in said.complaint
    assert not (tmp_path / "out.mp4").exists()
    assert not list(tmp_path.glob(".*"))
    assert tree(data) == before


@pytest.mark.parametrize("kind", ["empty.jpg", "cut.jpg", "text.jpg", "bomb.png", "cut.mp4", "missing.mp4"])
def test_enrol_refuses_it(beholden: Command, bad: dict[str, Path], rehearsal: Path, portrait: Path, kind: str) -> None:
    """One bad photo among good ones, and nobody is enrolled."""
    said = beholden("enrol", "Ada", portrait, bad[kind], "-p", "photos", "--data", rehearsal)
    assert said.code == 3
    assert bad[kind].name in said.complaint
    assert "Nobody yet" in beholden("people", "--data", rehearsal).out


def test_limits_on_pixels_and_bytes_are_settings(
    beholden: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A photo past either limit is refused with the name of the limit; below it, it is taken."""
    photo = tmp_path / "large.png"
    noise = np.random.default_rng(1).integers(0, 255, (1100, 1100, 3), np.uint8)
    Image.fromarray(noise).save(photo)
    assert beholden("cover", photo, tmp_path / "fine.jpg").code == 0
    for limit in ("MAX_PIXELS", "MAX_BYTES"):
        with monkeypatch.context() as patch:
            patch.setenv(f"BEHOLDEN_LIMITS__{limit}", "1000000")
            said = beholden("cover", photo, tmp_path / "out.jpg")
            assert said.code == 3
            assert f"BEHOLDEN_LIMITS__{limit}" in said.complaint
    assert tree(tmp_path) == {"large.png", "fine.jpg"}


def test_an_empty_folder_says_what_it_looks_for(beholden: Command, data: Path, tmp_path: Path) -> None:
    """No pictures in it, or only in folders below."""
    (tmp_path / "in" / "deeper").mkdir(parents=True)
    for command in (
        ("cover", tmp_path / "in", tmp_path / "out"),
        ("watch", tmp_path / "in", "--data", data, "--save", tmp_path / "out"),
    ):
        said = beholden(*command)
        assert said.code == 3
        assert "Subfolders are not" in said.complaint
    assert not (tmp_path / "out").exists()


def test_a_folder_of_nothing_readable_leaves_no_folder(beholden: Command, bad: dict[str, Path], tmp_path: Path) -> None:
    """Every file is named, and the folder that was made for the results goes again."""
    source = tmp_path / "in"
    source.mkdir()
    (source / "a.jpg").write_bytes(bad["cut.jpg"].read_bytes())
    (source / "b.mp4").write_bytes(bad["stub.mp4"].read_bytes())
    said = beholden("cover", source, tmp_path / "out")
    assert said.code == 3
    assert len(said.err.splitlines()) == 2
    assert not (tmp_path / "out").exists()


def test_a_photo_with_no_face_is_refused(beholden: Command, rehearsal: Path, tmp_path: Path) -> None:
    """Exit code 4, and how to take a better one."""
    Image.new("RGB", (640, 480), "grey").save(tmp_path / "wall.jpg")
    said = beholden("enrol", "Ada", tmp_path / "wall.jpg", "-p", "photos", "--data", rehearsal)
    assert said.code == 4
    assert "one person" in said.complaint
    assert "Nobody yet" in beholden("people", "--data", rehearsal).out


def test_a_photo_of_two_people_is_refused(
    beholden: Command, rehearsal: Path, people_photos: Path, tmp_path: Path
) -> None:
    """Whose face would be enrolled? Nobody's."""
    sides: list[Image.Image] = []
    for person in sorted(people_photos.iterdir())[:2]:
        with Image.open(person / f"{person.name}-portrait.jpg") as image:
            sides.append(image.convert("RGB").resize((400, 600)))
    both = Image.new("RGB", (800, 600))
    both.paste(sides[0], (0, 0))
    both.paste(sides[1], (400, 0))
    both.save(tmp_path / "both.jpg")
    said = beholden("enrol", "Ada", tmp_path / "both.jpg", "-p", "photos", "--data", rehearsal)
    assert said.code == 4
    assert "2 faces" in said.complaint


def test_photos_of_two_people_are_refused(beholden: Command, rehearsal: Path, people_photos: Path) -> None:
    """One photo each of two: they are not one person."""
    photos = [person / f"{person.name}-portrait.jpg" for person in sorted(people_photos.iterdir())[:2]]
    said = beholden("enrol", "Ada", *photos, "-p", "photos", "--data", rehearsal)
    assert said.code == 4
    assert said.complaint


def test_a_small_photo_is_refused(beholden: Command, rehearsal: Path, portrait: Path, tmp_path: Path) -> None:
    """A face of a few pixels enrols nobody."""
    with Image.open(portrait) as image:
        image.convert("RGB").resize((90, 135)).save(tmp_path / "stamp.jpg")
    said = beholden("enrol", "Ada", tmp_path / "stamp.jpg", "-p", "photos", "--data", rehearsal)
    assert said.code == 4
    assert said.complaint


def test_six_photos_are_too_many(beholden: Command, rehearsal: Path, portrait: Path) -> None:
    """One to five, as the help says."""
    said = beholden("enrol", "Ada", *[portrait] * 6, "-p", "photos", "--data", rehearsal)
    assert said.code in {3, 4}
    assert "five" in said.complaint or "5" in said.complaint
