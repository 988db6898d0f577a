"""The synthetic people and the figures cut from them."""

from __future__ import annotations

import numpy as np
import pytest

from beholden.demo.anatomy import find_face
from beholden.demo.cutout import BODY_LOOK, FIGURE_FACE_PX, LOOKS, WALKING_EXPRESSIONS, figures, matte
from beholden.demo.installed import package_files
from beholden.demo.people import ENROLMENT_EXPRESSIONS, EXPRESSIONS, PEOPLE, PersonId, cells, photos, write_photos
from beholden.model.errors import MissingInput, NotMedia


@pytest.mark.parametrize("person", PEOPLE[::3])
def test_sheet_is_cut_into_sixteen_cells_without_frames(person: PersonId) -> None:
    """Every cell's edges, but for a shirt at the bottom, are studio grey: neither white frame nor caption is left."""
    found = cells(person)
    assert tuple(found) == EXPRESSIONS
    for cell in found.values():
        assert cell[:4, :40].max() < 200
        assert cell[:60, :4].max() < 200


def test_first_cell_is_neutral_and_second_smiles() -> None:
    """The captions' order holds: a happy face shows white teeth in its mouth, a neutral one does not."""
    found = cells(PersonId("P003"))

    def teeth(name: str) -> int:
        right, left = find_face(found[name], name).landmarks[3:5]
        mouth = found[name][int(right[1]) - 8 : int(right[1]) + 14, int(right[0]) : int(left[0])]
        return int((mouth.min(axis=2) > 150).sum())

    assert teeth("happy") > 100 > teeth("neutral")


@pytest.mark.parametrize("person", PEOPLE[::4])
def test_each_enrolment_photo_shows_one_large_face(person: PersonId) -> None:
    """A photo of somebody enrolling has a face of at least 100 px."""
    for name, pixels in photos(person).items():
        assert find_face(pixels, name).box.w >= 100


def test_nobody_enrols_with_the_pictures_they_walk_in() -> None:
    """Recognition in clips is not a comparison of equal pixels."""
    assert not set(ENROLMENT_EXPRESSIONS) & set(WALKING_EXPRESSIONS)
    assert "studio_posture" not in photos(PEOPLE[0])


def test_photos_are_written_as_jpeg(tmp_path) -> None:
    """Four files, in the order of `photos`, that begin as JPEG does."""
    paths = write_photos(PEOPLE[2], tmp_path / "new")
    assert [path.stem.split("-")[1] for path in paths] == ["portrait", "selfie", "neutral", "happy"]
    assert all(path.read_bytes()[:2] == b"\xff\xd8" for path in paths)


def test_a_missing_package_is_one_error_with_advice() -> None:
    """Without the extra the error says how to install it."""
    with pytest.raises(MissingInput) as caught:
        package_files("no-such-package-as-this", ".jpg")
    assert "beholden[demo]" in caught.value.one_line()


def test_matte_keeps_the_person_and_drops_the_studio() -> None:
    """The face's middle is opaque, the picture's upper corners are clear."""
    cell = cells(PEOPLE[4])["neutral"]
    alpha = matte(cell)
    x, y = (int(value) for value in find_face(cell, "cell").box.centre)
    assert alpha[y, x] > 0.98
    assert alpha[:20, :20].max() < 0.05
    assert alpha[:20, -20:].max() < 0.05


def test_an_even_picture_has_nobody_to_cut_out() -> None:
    """A studio without a person is refused."""
    with pytest.raises(NotMedia):
        matte(np.full((200, 200, 3), 120, np.uint8))


def test_looks_differ_in_the_face_and_share_the_body() -> None:
    """Shots of one person differ, as from a moving face; the shirt below is the same."""
    made = figures(PEOPLE[2], LOOKS, (150, 90, 60))
    body = made[BODY_LOOK]
    left, top, right, bottom = body.face.within(10_000, 10_000) or (0, 0, 0, 0)
    assert abs(body.face.w - FIGURE_FACE_PX) < 2
    for look in WALKING_EXPRESSIONS:
        difference = np.abs(made[look].levels[0].astype(int) - body.levels[0])
        assert difference[top:bottom, left:right].mean() > 3
        assert difference[bottom + 100 :].max() == 0


def test_colour_never_exceeds_alpha() -> None:
    """Figures are premultiplied: pasting one can't overflow."""
    for level in figures(PEOPLE[6], (BODY_LOOK,), (60, 60, 160))[BODY_LOOK].levels:
        assert (level[..., :3] <= level[..., 3:].astype(int) + 1).all()
