"""Tracks drawn from photos: seen as the product sees them, the same each time, gone at the end."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from beholden.evaluate.tracks import SHOTS, Drawing, PhotoOf, Tracks, draw_tracks, photos_of
from beholden.faces.engine import FaceEngine
from beholden.faces.pool import pool
from beholden.model.errors import NotMedia
from beholden.model.frame import Pixels
from beholden.model.ids import ModelDigest
from beholden.model.template import ProbeTemplate
from tests.evaluate.conftest import no_progress

DRAWING = Drawing(seed=1, tracks=1, sizes=(48,))
SHA, OTHER = "ab" * 32, "cd" * 32


def draw(engine: FaceEngine, photos: list[PhotoOf], drawing: Drawing = DRAWING):
    return draw_tracks(photos, drawing, engine.detector, engine.embedder, no_progress)


def blank() -> Pixels:
    return np.full((200, 200, 3), 127, np.uint8)


def test_a_person_is_alike_to_their_own_photo(engine: FaceEngine, portrait: Pixels) -> None:
    """Five shots of a drawn track, pooled, against the reference that enrolment makes."""
    with draw(engine, [PhotoOf(0, SHA, lambda: portrait)]) as tracks:
        probes, whole = tracks.pooled(0, SHOTS)
        references, there = tracks.references_of(1)
        assert whole.all()
        assert there.all()
        assert float(probes[0, 0] @ references[0]) > 0.6


def test_a_track_hangs_on_its_photo_and_not_on_the_others(engine: FaceEngine, portrait: Pixels) -> None:
    """The same shots whether or not another photo came before it: a table can be made again from a part."""
    photo = PhotoOf(0, SHA, lambda: portrait)
    with draw(engine, [photo]) as alone:
        one = alone.pooled(0, SHOTS)[0].copy()
    with draw(engine, [PhotoOf(1, OTHER, blank), photo]) as together:
        assert np.array_equal(together.pooled(0, SHOTS)[0][1], one[0])


def test_a_photo_without_a_face_gives_nothing(engine: FaceEngine) -> None:
    """No reference, no shot, and no error."""
    with draw(engine, [PhotoOf(0, SHA, blank)]) as tracks:
        assert not tracks.quality.any()
        assert not tracks.references_of(1)[1].any()
        assert not tracks.pooled(0, 1)[1].any()


def test_every_template_is_wiped_at_the_end(engine: FaceEngine, portrait: Pixels) -> None:
    """Also when something breaks on the way."""
    held: list[np.ndarray] = []

    def breaks() -> None:
        with draw(engine, [PhotoOf(0, SHA, lambda: portrait)]) as tracks:
            held.extend((tracks.shots.vectors, tracks.references.vectors))
            assert all(each.any() for each in held)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        breaks()
    assert not any(each.any() for each in held)


def made_up(qualities: list[float]) -> Tracks:
    """One photo, one track with random shots of these qualities."""
    from beholden.evaluate.templates import Templates

    shots, references = Templates(len(qualities), 8), Templates(1, 8)
    rows = np.random.default_rng(4).normal(size=(len(qualities), 8)).astype(np.float32)
    shots.vectors[:] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    quality = np.array(qualities, np.float32).reshape(1, 1, 1, -1)
    return Tracks(DRAWING, np.zeros(1, np.int32), references, np.ones(1, np.float32), shots, quality)


def test_shots_are_pooled_as_the_product_pools_them() -> None:
    """The first three good ones, weighted by quality; a shot that is unfit is passed over."""
    tracks, model = made_up([0.5, 0.0, 0.9, 0.2, 0.7]), ModelDigest("m" * 64)
    rows = tracks.shots.vectors
    wanted = pool([(ProbeTemplate(rows[at].copy(), model, 1), weight) for at, weight in ((0, 0.5), (2, 0.9), (3, 0.2))])
    assert tracks.pooled(0, 3)[0][0, 0] == pytest.approx(wanted.vector, abs=1e-6)


def test_too_few_good_shots_are_not_enough() -> None:
    """Three of five are no track of four."""
    tracks = made_up([0.5, 0.0, 0.9, 0.0, 0.7])
    assert tracks.pooled(0, 3)[1].all()
    assert not tracks.pooled(0, 4)[1].any()


def test_a_photo_that_cannot_be_read_is_told_by_its_place(tmp_path: Path) -> None:
    """Its name may be somebody's."""

    def unreadable(path: Path) -> Pixels:
        raise NotMedia(f"{path}: not an image")

    photos = photos_of([(0, tmp_path / "ada.jpg", SHA), (1, tmp_path / "ben.jpg", OTHER)], unreadable)
    with pytest.raises(NotMedia, match="photo 2 of those taken") as refused:
        photos[1].read()
    assert "ben" not in refused.value.one_line()
