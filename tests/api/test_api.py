"""The Python API as a program would use it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path

import cv2
import numpy as np
import pytest

from beholden import Beholden, Seen
from beholden.model.errors import (
    EmptyInput,
    FolderMissing,
    MissingInput,
    NamingNotAllowed,
    NotMedia,
    OutputRefused,
    SettingsError,
)
from tests.cli.conftest import Command, tree


@pytest.fixture(scope="module")
def engine() -> Iterator[Beholden]:
    """Without a data folder: it finds and covers."""
    with Beholden() as engine:
        yield engine


def pixels_of(photo: Path) -> np.ndarray:
    pixels = cv2.imread(str(photo))
    assert pixels is not None
    return cv2.resize(pixels, (600, 900))


def test_faces_are_found_in_a_file_and_in_an_array(engine: Beholden, portrait: Path) -> None:
    """One face, inside the picture, fit to be recognised; the same from a path as text or as Path."""
    [found] = engine.faces(portrait)
    assert found.quality.usable
    assert engine.faces(str(portrait))[0].face.box == found.face.box
    [small] = engine.faces(pixels_of(portrait))
    box = small.face.box
    assert 0 < box.x < box.x + box.w < 600
    assert 0 < box.y < box.y + box.h < 900


def test_grey_and_16_bit_arrays_are_pictures_too(engine: Beholden, portrait: Path) -> None:
    """The same face, in the same place."""
    pixels = pixels_of(portrait)
    [coloured] = engine.faces(pixels)
    for other in (cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), pixels.astype(np.uint16) * 257):
        [found] = engine.faces(other)
        assert abs(found.face.box.x - coloured.face.box.x) < 12


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((2, 4, 4, 3), np.uint8),
        np.zeros(12, np.uint8),
        np.zeros((4, 4, 3), np.float32),
        [[0, 0], [0, 0]],
        b"bytes",
        None,
    ],
    ids=["four channels", "a batch", "flat", "floats", "a list", "bytes", "nothing"],
)
def test_what_is_no_picture_is_refused_with_the_shape_that_is(engine: Beholden, wrong: object) -> None:
    """By `faces` and by `cover`, with what to give instead."""
    for call in (engine.faces, engine.cover):
        with pytest.raises(NotMedia) as refused:
            call(wrong)  # type: ignore[arg-type]
        assert "height x width x 3" in refused.value.advice


def test_no_pixels_and_no_file_are_their_own_errors(engine: Beholden, tmp_path: Path) -> None:
    """An empty array is empty, a missing file missing."""
    with pytest.raises(EmptyInput):
        engine.faces(np.zeros((0, 4, 3), np.uint8))
    with pytest.raises(MissingInput):
        engine.faces(tmp_path / "none.jpg")
    with pytest.raises(MissingInput):
        engine.cover(tmp_path)


def test_a_picture_without_faces_has_none(engine: Beholden) -> None:
    """An empty answer is an answer."""
    blank = np.full((240, 320, 3), 90, np.uint8)
    assert engine.faces(blank) == ()
    assert engine.cover(blank).covers == 0


def test_cover_hides_the_face_and_leaves_the_array_alone(engine: Beholden, portrait: Path) -> None:
    """The caller's array is untouched, the answer's is covered, and its JPEG is one."""
    pixels = pixels_of(portrait)
    before = pixels.copy()
    covered = engine.cover(pixels)
    assert np.array_equal(pixels, before)
    assert covered.covers == 1
    assert covered.pixels.shape == pixels.shape
    [found] = engine.faces(pixels)
    x, y = (round(value) for value in found.face.box.centre)
    assert covered.pixels[y - 20 : y + 20, x - 20 : x + 20].std() == 0
    assert covered.to_jpeg()[:2] == b"\xff\xd8"


def test_cover_file_writes_over_nothing_unasked(engine: Beholden, portrait: Path, tmp_path: Path) -> None:
    """The second time it is refused, unless `overwrite`."""
    out = tmp_path / "out.jpg"
    assert engine.cover_file(portrait, out).with_covers == 1
    with pytest.raises(OutputRefused):
        engine.cover_file(str(portrait), str(out))
    assert engine.cover_file(portrait, out, overwrite=True).files == 1
    assert tree(tmp_path) == {"out.jpg"}


def test_watch_needs_a_data_folder_and_says_so_at_once(engine: Beholden, clip: Path, tmp_path: Path) -> None:
    """Before the first answer is asked for; a folder that is not there is refused when it is named."""
    with pytest.raises(FolderMissing):
        engine.watch(clip)
    with pytest.raises(FolderMissing):
        Beholden(tmp_path / "none")


def test_watch_names_who_agreed(data: Path, clip: Path, tmp_path: Path) -> None:
    """Name, moment, source and reason; the stranger has none; what is saved is there when it is over."""
    began = datetime.now(UTC) + timedelta(hours=1)
    with Beholden(data) as beholden:
        seen = list(beholden.watch(clip, place="lobby", camera="door", at=began, save=tmp_path / "covered.mp4"))
        assert {one.who for one in seen if one.answer == "known"} == {"Ada"}
        assert {one.who for one in seen if one.answer != "known"} == {None}
        assert all(one.at - began == timedelta(seconds=one.offset_s) for one in seen)
        assert all(one.source == str(clip) and one.why for one in seen)
        assert {one.who for one in beholden.watch(clip)} == {None}
    assert (tmp_path / "covered.mp4").exists()


def test_breaking_off_leaves_no_recording(data: Path, clip: Path, tmp_path: Path) -> None:
    """The first answer is enough: nothing half-written stays."""
    with Beholden(data) as beholden:
        answers = beholden.watch(clip, place="lobby", save=tmp_path / "covered.mp4")
        assert isinstance(next(answers), Seen)
        answers.close()  # type: ignore[attr-defined]
    assert tree(tmp_path) - {"data"} == {name for name in tree(tmp_path) if name.startswith("data/")}


def test_watch_refuses_what_cannot_be(beholden: Command, data: Path, clip: Path, tmp_path: Path) -> None:
    """A place that is not there, a place outside a rehearsal, a moment without its zone."""
    live = tmp_path / "live"
    beholden("init", "--data", live, "--place", "lobby")
    with Beholden(data) as rehearsal, Beholden(live) as real:
        with pytest.raises(SettingsError):
            rehearsal.watch(clip, place="nowhere")
        with pytest.raises(NamingNotAllowed):
            real.watch(clip, place="lobby")
        with pytest.raises(ValueError, match="time zone"):
            rehearsal.watch(clip, at=datetime(2026, 5, 4))  # noqa: DTZ001 - the slip that is meant
        assert {one.who for one in real.watch(clip)} == {None}


def test_a_withdrawal_in_another_program_ends_the_name(beholden: Command, data: Path, clip: Path) -> None:
    """An open engine asks the registry, not its memory."""
    with Beholden(data) as engine:
        assert "Ada" in {one.who for one in engine.watch(clip, place="lobby")}
        beholden("withdraw", "Ada", "--yes", "--data", data)
        assert {one.who for one in engine.watch(clip, place="lobby")} == {None}


def test_closing_twice_is_closing_once(data: Path) -> None:
    """With the block and by hand."""
    with Beholden(data) as beholden:
        beholden.close()
    beholden.close()


FORBIDDEN = ("similar", "cosine", "distance", "template", "vector", "embedding", "above", "probe")
ALLOWED_NUMBERS = {"offset_s", "error_rate"}
"""Time, and the rate that was asked for: neither tells how alike two faces are."""


def _inside(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Every value that can be reached from an answer through its public attributes."""
    yield path, value
    if isinstance(value, (str, bytes, int, float, Enum, datetime, type(None))):
        return
    if isinstance(value, (tuple, list, set, frozenset)):
        for index, item in enumerate(value):
            yield from _inside(item, f"{path}[{index}]")
    elif dataclasses.is_dataclass(value):
        for name in dir(value):
            if not name.startswith("_") and not callable(getattr(value, name)):
                yield from _inside(getattr(value, name), f"{path}.{name}")


def leaks(answer: object) -> list[str]:
    """Attributes that carry a similarity or a template, by name or by kind."""
    return [
        path
        for path, value in _inside(answer)
        if any(word in path.lower() for word in FORBIDDEN)
        or isinstance(value, np.ndarray)
        or (isinstance(value, float) and path.rsplit(".", 1)[-1] not in ALLOWED_NUMBERS)
    ]


def test_no_answer_carries_a_similarity_or_a_template(data: Path, clip: Path) -> None:
    """I8: every answer of a watch that names somebody, walked to its ends."""
    with Beholden(data) as beholden:
        seen = list(beholden.watch(clip, place="lobby"))
    assert any(one.who for one in seen)
    assert [leak for one in seen for leak in leaks(one)] == []


def test_the_walk_finds_a_planted_similarity() -> None:
    """By its name, by its kind, and behind another object."""

    @dataclasses.dataclass
    class Inner:
        value: float

    @dataclasses.dataclass
    class Planted:
        similarity: str
        vector: np.ndarray
        inner: Inner

    assert leaks(Planted("low", np.zeros(3), Inner(0.7))) == [".inner.value", ".similarity", ".vector"]


def test_found_faces_carry_no_template(engine: Beholden, portrait: Path) -> None:
    """Where a face is and how good the picture of it: numbers about the picture, arrays of landmarks only."""
    [found] = engine.faces(portrait)
    arrays = {path: value for path, value in _inside(found) if isinstance(value, np.ndarray)}
    assert set(arrays) <= {".face.landmarks"}
    assert not [path for path, _ in _inside(found) if any(word in path for word in FORBIDDEN)]
