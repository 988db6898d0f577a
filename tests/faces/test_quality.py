"""Fit to be recognised, or not, and why."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from tests.golden.images import golden_image

from beholden.faces.align import SIDE, TEMPLATE, align, cut, similarity
from beholden.faces.detect import Detector
from beholden.faces.quality import QualityGates, assess, cut_off, frontal, glance, least_detail, light, sharpness
from beholden.model.box import Box
from beholden.model.face import Face, Flaw
from beholden.model.frame import Pixels

FRONT = TEMPLATE.astype(np.float32)


def face(points: np.ndarray = FRONT, width: float = 100, score: float = 0.9, at: tuple[float, float] = (0, 0)) -> Face:
    return Face(Box(*at, width, width * 1.25), points, score)


def turned(yaw: float) -> np.ndarray:
    """The five points of a head turned sideways: eyes and mouth narrow, the nose tip leaves the middle."""
    points = FRONT - FRONT.mean(0)
    points[:, 0] *= np.cos(yaw)
    points[2, 0] += 30 * np.sin(yaw)
    return points + 56


def aligned_portrait(detector: Detector) -> Pixels:
    image = golden_image("P005 portrait")
    return align(image, detector.detect(image, 0.6)[0].landmarks)


@pytest.mark.parametrize(("yaw", "usable"), [(0, True), (15, True), (50, False), (80, False)])
def test_turned_faces_are_not_used(yaw: int, usable: bool) -> None:
    """Pose is the weak side of the recogniser: FNMR 18% towards profile."""
    flaws = glance(face(turned(np.radians(yaw))), (200, 200), (1, 1), QualityGates())
    assert (Flaw.TURNED not in flaws) is usable


def test_frontal_falls_steadily_with_the_turn() -> None:
    """The further turned, the lower, to either side."""
    values = [frontal(turned(np.radians(angle))) for angle in range(0, 80, 10)]
    assert values == sorted(values, reverse=True)
    assert frontal(turned(0.4)) == pytest.approx(frontal(turned(-0.4)), abs=0.1)


@pytest.mark.parametrize(("width", "usable"), [(47.9, False), (48.0, True)])
def test_the_gate_is_at_48_pixels(width: float, usable: bool) -> None:
    """Recognition breaks between 48 and 32 pixels; the width counts in the detail picture."""
    assert (Flaw.SMALL not in glance(face(width=width / 3), (200, 200), (3, 3), QualityGates())) is usable


def test_a_face_at_the_edge_is_cut_off() -> None:
    """A landmark outside, or much of the box."""
    assert cut_off(face(at=(-40, 0)), (200, 200))
    assert cut_off(face(FRONT + 150), (200, 200))
    assert not cut_off(face(FRONT + 20, at=(20, 20)), (200, 200))


def test_blur_lowers_sharpness_steadily(detector: Detector) -> None:
    """More blur, less sharp, whatever the face."""
    aligned = aligned_portrait(detector)
    values = [sharpness(aligned)] + [sharpness(cv2.GaussianBlur(aligned, (0, 0), s)) for s in (1, 2, 3)]
    assert values == sorted(values, reverse=True)
    assert values[-1] < QualityGates().min_sharpness < values[1]


def test_dark_and_bright_faces_lose_light(detector: Detector) -> None:
    """Both ends are poor, and told apart."""
    aligned = aligned_portrait(detector)
    good, _ = light(aligned)
    dark, dark_is_bright = light((aligned * 0.05).astype(np.uint8))
    bright, bright_is_bright = light(np.clip(aligned.astype(int) + 200, 0, 255).astype(np.uint8))
    assert good > 0.8 > max(dark, bright)
    assert (dark_is_bright, bright_is_bright) == (False, True)


def test_a_plain_patch_over_the_mouth_is_noticed(detector: Detector) -> None:
    """Where a mouth should be there are no edges."""
    aligned = aligned_portrait(detector)
    masked = aligned.copy()
    masked[72:, :] = (180, 170, 160)
    assert least_detail(aligned) > 0.4 > 0.25 > least_detail(masked)


def test_a_good_face_has_no_flaw(detector: Detector) -> None:
    """The gates let a studio portrait through."""
    image = golden_image("P005 portrait")
    found = detector.detect(image, 0.6)[0]
    quality = assess(found, align(image, found.landmarks), (500, 500), (1, 1), QualityGates())
    assert quality.usable
    assert quality.score > 0.6


def test_the_template_points_map_onto_themselves() -> None:
    """A face that is aligned already stays where it is."""
    assert np.allclose(similarity(TEMPLATE), [[1, 0, 0], [0, 1, 0]], atol=1e-9)


def test_the_similarity_undoes_a_turn_scale_and_shift() -> None:
    """Whatever similarity the points went through, they come back to the template."""
    random = np.random.default_rng(5)
    for _ in range(50):
        angle, scale, shift = random.uniform(-3, 3), random.uniform(0.2, 5), random.uniform(-300, 300, 2)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        moved = TEMPLATE @ turn.T * scale + shift
        back = np.column_stack([moved, np.ones(5)]) @ similarity(moved).T
        assert np.allclose(back, TEMPLATE, atol=1e-6)


class WholePicture:
    """A detail picture in memory."""

    def __init__(self, pixels: Pixels) -> None:
        self.pixels = pixels
        self.given: list[Pixels] = []

    @property
    def size(self) -> tuple[int, int]:
        return self.pixels.shape[1], self.pixels.shape[0]

    @property
    def exact(self) -> bool:
        return True

    def settled(self) -> WholePicture:
        return self

    def crop(self, left: int, top: int, right: int, bottom: int) -> Pixels:
        self.given.append(self.pixels[top:bottom, left:right].copy())
        return self.given[-1]


def test_a_face_cut_from_the_detail_equals_one_aligned_in_the_whole(detector: Detector) -> None:
    """Cropping first shifts the points, and nothing else."""
    image = golden_image("P003 selfie")
    landmarks = detector.detect(image, 0.6)[0].landmarks
    detail = WholePicture(image)
    small = (landmarks / 2).astype(np.float32)
    aligned = cut(detail, small, (2.0, 2.0))
    assert aligned is not None
    assert np.abs(aligned.astype(int) - align(image, landmarks).astype(int)).max() <= 1


def test_the_cut_region_is_wiped(detector: Detector) -> None:
    """The converted region holds a face, so it does not outlive the cut."""
    image = golden_image("P003 selfie")
    detail = WholePicture(image)
    cut(detail, detector.detect(image, 0.6)[0].landmarks, (1.0, 1.0))
    assert detail.given
    assert not detail.given[0].any()


def test_a_face_outside_the_picture_is_no_shot() -> None:
    """Landmarks that lie nowhere in the detail give nothing, not an error."""
    assert cut(WholePicture(np.zeros((SIDE, SIDE, 3), np.uint8)), FRONT + 5000, (1, 1)) is None
