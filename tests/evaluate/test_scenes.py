"""What is drawn of a camera and of people's ways: from a seed, inside the picture, nobody in front of anybody."""

from __future__ import annotations

import numpy as np
import pytest

from beholden.evaluate.scenes import SIZE, WIDTHS, Scene, draw_scene, draw_scenes, most_in_scene, pose

SEEDS = range(25)


def full(face_px: float, seed: int) -> Scene:
    """A scene with as many people as fit."""
    return draw_scene([(person, 0) for person in range(most_in_scene(face_px))], face_px, seed)


def moments(scene: Scene) -> np.ndarray:
    return np.linspace(0, scene.seconds, 9)


def test_the_same_seed_draws_the_same_scene() -> None:
    """Nothing else decides."""
    assert full(48, 7) == full(48, 7)
    assert full(48, 7) != full(48, 8)


@pytest.mark.parametrize("face_px", [12, *WIDTHS, 144])
def test_nobody_hides_anybody(face_px: int) -> None:
    """Middles of faces stay two face widths apart, so that a track can be on one person only."""
    for seed in SEEDS:
        scene = full(face_px, seed)
        for at_s in moments(scene):
            where = [pose(scene, walk, at_s) for walk in scene.walks]
            apart = [
                np.hypot(one.x - other.x, one.y - other.y) / max(one.width, other.width)
                for number, one in enumerate(where)
                for other in where[number + 1 :]
            ]
            assert min(apart, default=9) > 2


@pytest.mark.parametrize("face_px", [12, *WIDTHS, 144])
def test_everybody_stays_in_the_picture(face_px: int) -> None:
    """From the first frame to the last, with hair and chin."""
    for seed in SEEDS:
        scene = full(face_px, seed)
        for walk in scene.walks:
            for at_s in moments(scene):
                here = pose(scene, walk, at_s)
                assert 0.7 * here.width < here.x < SIZE[0] - 0.7 * here.width
                assert 0.9 * here.width < here.y < SIZE[1] - 0.9 * here.width


def test_faces_are_about_as_wide_as_was_asked_for() -> None:
    """Within a tenth, whoever comes closer or goes away."""
    widths = [
        pose(scene, scene.walks[0], at_s).width for seed in SEEDS for scene in [full(64, seed)] for at_s in (0, 3)
    ]
    assert 64 * 0.9 < min(widths) < max(widths) < 64 * 1.1


def test_cameras_differ_and_stay_within_what_is_promised() -> None:
    """Light, noise, blur and compression are drawn for each."""
    cameras = [full(48, seed).camera for seed in SEEDS]
    assert len({camera.crf for camera in cameras}) > 5
    assert {camera.blur_px > 0 for camera in cameras} == {True, False}
    assert all(0.55 <= camera.gain <= 1.15 and 1 <= camera.noise <= 6 for camera in cameras)


def test_everybody_walks_once() -> None:
    """However many scenes that takes."""
    cast = [(person, person % 3) for person in range(19)]
    scenes = draw_scenes(cast, 96, np.random.default_rng(1))
    assert sorted((walk.person, walk.look) for scene in scenes for walk in scene.walks) == cast
    assert len({scene.seed for scene in scenes}) == len(scenes) == 4


def test_more_people_than_fit_are_refused() -> None:
    """Rather than walked over each other."""
    with pytest.raises(ValueError, match="do not fit"):
        draw_scene([(person, 0) for person in range(9)], 96, 1)
