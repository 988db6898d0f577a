"""A composed clip shows what its truth says, and lies nowhere but in memory."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace

import numpy as np
import pytest

from beholden.evaluate.composing import Head, backdrop, compose, cut_head, film
from beholden.evaluate.hidden import frames_of
from beholden.evaluate.scenes import Scene, draw_scene
from beholden.faces.engine import FaceEngine
from beholden.model.errors import OutputRefused
from beholden.model.frame import Pixels


@pytest.fixture(scope="module")
def head(portrait: Pixels, engine: FaceEngine) -> Head:
    """The synthetic portrait's."""
    cut = cut_head(portrait, engine.detector)
    assert cut is not None
    return cut


def alone(face_px: float = 80, seed: int = 3, **pose: float) -> Scene:
    """One person past one small camera, in 5 frames."""
    scene = draw_scene([(0, 0)], face_px, seed, seconds=1.0, size=(640, 360))
    return replace(scene, walks=tuple(replace(walk, **pose) for walk in scene.walks))


def lean(points: np.ndarray) -> float:
    """Degrees by which the line of the eyes leans."""
    return float(np.degrees(np.arctan2(*(points[1] - points[0])[::-1])))


@pytest.mark.parametrize(
    "pose",
    [
        {"lean_deg": 0.0, "narrow": 0.0},
        {"lean_deg": 10.0, "narrow": 0.0},
        {"lean_deg": 0.0, "narrow": 0.15},
        {"lean_deg": 10.0, "narrow": 0.15},
    ],
)
def test_the_face_is_where_the_truth_says(head: Head, engine: FaceEngine, pose: dict[str, float]) -> None:
    """After encoding and decoding, the product's own detector finds box and points there, upright or leaned."""
    scene = alone(**pose)
    with compose(scene, [head]) as clip:
        frames = frames_of(clip.path)
        assert len(frames) == len(clip.truth) == scene.frame_count
        for (pixels, _), (shown,) in zip(frames, clip.truth, strict=True):
            (face,) = engine.detector.detect(pixels, 0.6)
            assert face.box.iou(shown.box) > 0.7
            assert np.linalg.norm(face.landmarks - shown.landmarks, axis=1).mean() < 0.07 * shown.box.w
            assert abs(lean(face.landmarks) - lean(shown.landmarks)) < 6


def test_a_place_without_people_has_no_face(engine: FaceEngine) -> None:
    """Panels and doors are none, in any of ten places."""
    places = [backdrop((640, 360), np.random.default_rng(seed)) for seed in range(10)]
    assert not [face for place in places for face in engine.detector.detect(place, 0.5)]


def test_a_clip_is_in_memory_and_gone_when_it_is_closed(head: Head) -> None:
    """Its path leads to a file that no folder has, and afterwards nowhere."""
    before = set(os.listdir("/proc/self/fd"))
    with compose(alone(), [head]) as clip:
        assert "memfd" in os.readlink(clip.path)
    assert not clip.path.exists()
    clip.close()
    assert set(os.listdir("/proc/self/fd")) <= before


def test_the_same_scene_is_the_same_clip(head: Head) -> None:
    """Byte for byte; another seed is another one."""

    def digest(seed: int) -> str:
        with compose(alone(seed=seed), [head]) as clip:
            return hashlib.sha256(clip.path.read_bytes()).hexdigest()

    assert digest(3) == digest(3) != digest(4)


def test_a_clip_that_cannot_be_encoded_leaves_nothing(head: Head) -> None:
    """4:2:0 has no odd sizes: the house's own error, and no memory kept."""
    before = set(os.listdir("/proc/self/fd"))
    with pytest.raises(OutputRefused):
        compose(replace(alone(), size=(639, 361)), [head])
    assert set(os.listdir("/proc/self/fd")) <= before


def test_light_blur_and_noise_reach_the_pixels(head: Head) -> None:
    """A dim camera is darker, a noisy one rougher, a blurred one smoother."""
    scene = alone()
    plain = replace(scene.camera, gain=1.0, noise=0.0, blur_px=0.0, side=0.0, shutter_s=0.0)

    def face(**change: float) -> np.ndarray:
        pixels, (shown,) = next(iter(film(replace(scene, camera=replace(plain, **change)), [head])))
        left, top, right, bottom = shown.box.within(640, 360) or (0, 0, 0, 0)
        return pixels[top:bottom, left:right].astype(float)

    def rough(pixels: np.ndarray) -> float:
        return float(np.abs(np.diff(pixels, axis=1)).mean())

    assert face(gain=0.55).mean() == pytest.approx(0.55 * face().mean(), rel=0.02)
    assert rough(face(noise=6.0)) > 1.3 * rough(face())
    assert rough(face(blur_px=1.0)) < 0.8 * rough(face())


def test_a_small_photo_gives_a_head_that_knows_how_small_it_was(portrait: Pixels, engine: FaceEngine) -> None:
    """A tiny picture is enlarged for the detector; the width that is noted is the photo's own."""
    small = np.ascontiguousarray(portrait[::4, ::4])
    cut = cut_head(small, engine.detector)
    assert cut is not None
    assert cut.photo_px == pytest.approx(40, rel=0.15)


def test_a_photo_without_a_face_has_no_head(engine: FaceEngine) -> None:
    """It is left out, not guessed."""
    assert cut_head(backdrop((640, 480), np.random.default_rng(1)), engine.detector) is None


def test_a_wiped_head_is_empty(portrait: Pixels, engine: FaceEngine) -> None:
    """Nothing of the picture stays."""
    cut = cut_head(portrait, engine.detector)
    assert cut is not None
    assert cut.levels[0].any()
    cut.wipe()
    assert not any(level.any() for level in cut.levels)
