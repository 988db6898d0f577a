"""A photo as a camera would have seen it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from beholden.demo.anatomy import find_face
from beholden.evaluate.views import AROUND, Conditions, draw_conditions, view
from beholden.faces.engine import FaceEngine
from beholden.model.box import Box
from beholden.model.frame import Pixels

CLEAN = Conditions(width_px=40.0, turn_deg=0.0, blur_px=0.0, gain=1.0, noise=0.0, jpeg=95)


def stripes() -> Pixels:
    """A picture in which every place looks different."""
    rows, columns = np.mgrid[0:200, 0:300]
    return np.stack([rows % 256, columns % 256, (rows + columns) % 256], axis=2).astype(np.uint8)


def test_the_same_random_numbers_make_the_same_view() -> None:
    """Byte for byte, so that a table can be made again."""
    seen = [view(stripes(), Box(100, 60, 80, 90), CLEAN, np.random.default_rng(3)) for _ in range(2)]
    assert np.array_equal(*seen)


def test_two_shots_of_a_track_are_two_pictures() -> None:
    """Drawn from one stream one after the other."""
    random = np.random.default_rng(3)
    one, other = (view(stripes(), Box(100, 60, 80, 90), CLEAN, random) for _ in range(2))
    assert one.shape != other.shape or not np.array_equal(one, other)


def test_shots_of_a_track_are_nearly_of_one_size() -> None:
    """Within 8% of the width that was asked for, which leads the size of the picture."""
    random = np.random.default_rng(3)
    widths = [view(stripes(), Box(100, 60, 80, 90), CLEAN, random).shape[1] for _ in range(30)]
    wanted = CLEAN.width_px * (1 + 2 * AROUND)
    assert 0.90 * wanted < min(widths) < wanted < max(widths) < 1.10 * wanted


def test_a_face_at_the_edge_is_in_the_middle_of_its_view() -> None:
    """What lies outside the photo is grey: the view is as large as of a face in the middle."""
    middle = view(stripes(), Box(100, 60, 80, 90), CLEAN, np.random.default_rng(3))
    edge = view(stripes(), Box(230, 120, 80, 90), CLEAN, np.random.default_rng(3))
    assert edge.shape == middle.shape
    assert np.abs(edge[-4:, -4:].astype(int) - 128).max() < 30


def test_less_light_makes_a_darker_view() -> None:
    """The gain of a track."""
    bright, dark = (
        view(stripes(), Box(100, 60, 80, 90), replace(CLEAN, gain=gain), np.random.default_rng(3))
        for gain in (1.0, 0.5)
    )
    assert 0.4 < dark.mean() / bright.mean() < 0.6


@pytest.mark.parametrize("width", [48, 96])
def test_the_face_is_as_wide_as_was_asked(width: int, engine: FaceEngine, portrait: Pixels) -> None:
    """As the detector finds it again, in conditions that were drawn."""
    face, random = find_face(portrait, "the portrait").box, np.random.default_rng(5)
    conditions = draw_conditions(width, random)
    found = [engine.detector.detect(view(portrait, face, conditions, random), 0.6) for _ in range(3)]
    widths = [faces[0].box.w for faces in found if faces]
    assert len(widths) == 3
    assert np.mean(widths) == pytest.approx(width, rel=0.15)
