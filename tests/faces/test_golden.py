"""Boxes, landmarks and templates equal OpenCV's own, and each classic mistake is noticed."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from tests.golden.images import GOLDEN, golden_image

from beholden.faces.align import align
from beholden.faces.catalogue import SFACE, YUNET
from beholden.faces.detect import Detector
from beholden.faces.embed import Embedder
from beholden.faces.weights import find_shipped

STORED = json.loads((Path(__file__).parents[1] / "golden" / "faces.json").read_text(encoding="utf-8"))
PIXELS = 2e-3  # of a pixel: the stored values are rounded at 1e-4
COSINE = 1e-5


def template_error(embedder: Embedder, aligned: np.ndarray, wanted: list[float]) -> float:
    with embedder.embed(aligned) as probe:
        return 1.0 - float(probe.vector @ np.array(wanted, np.float32))


@pytest.mark.parametrize("name", GOLDEN)
def test_boxes_landmarks_and_score_are_opencvs(name: str, detector: Detector) -> None:
    """The folded detector finds the stored face, to a fraction of a pixel."""
    wanted, faces = STORED["images"][name], detector.detect(golden_image(name), 0.6)
    assert len(faces) == wanted["faces"]
    box = faces[0].box
    assert np.allclose([box.x, box.y, box.w, box.h], wanted["box"], atol=PIXELS)
    assert np.allclose(faces[0].landmarks.ravel(), wanted["landmarks"], atol=PIXELS)
    assert faces[0].score == pytest.approx(wanted["score"], abs=1e-5)


@pytest.mark.parametrize("name", GOLDEN)
def test_templates_are_opencvs(name: str, detector: Detector, embedder: Embedder) -> None:
    """Aligned and embedded here, a face has the stored template."""
    image = golden_image(name)
    aligned = align(image, detector.detect(image, 0.6)[0].landmarks)
    assert template_error(embedder, aligned, STORED["images"][name]["template"]) < COSINE


@pytest.mark.parametrize("name", GOLDEN)
def test_a_swapped_colour_channel_is_noticed(name: str, detector: Detector, embedder: Embedder) -> None:
    """RGB taken for BGR moves the template far beyond the tolerance, though people would still be told apart."""
    image = golden_image(name)
    aligned = align(image, detector.detect(image, 0.6)[0].landmarks)
    swapped = np.ascontiguousarray(aligned[:, :, ::-1])
    assert template_error(embedder, swapped, STORED["images"][name]["template"]) > 100 * COSINE


@pytest.mark.parametrize("name", GOLDEN)
def test_double_scaling_is_noticed(name: str, detector: Detector, embedder: Embedder) -> None:
    """SFace normalises inside its graph: pixels scaled before it give another template."""
    image = golden_image(name)
    aligned = align(image, detector.detect(image, 0.6)[0].landmarks)
    scaled = (aligned.astype(np.float32) / 128.0).astype(np.uint8)
    assert template_error(embedder, scaled, STORED["images"][name]["template"]) > 100 * COSINE


@pytest.mark.parametrize("name", GOLDEN)
def test_a_shifted_box_is_noticed(name: str, detector: Detector, embedder: Embedder) -> None:
    """Landmarks that are off by the offset of a crop give another template."""
    image = golden_image(name)
    aligned = align(image, detector.detect(image, 0.6)[0].landmarks + 4.0)
    assert template_error(embedder, aligned, STORED["images"][name]["template"]) > 100 * COSINE


def test_detector_input_in_the_wrong_colour_order_is_noticed(detector: Detector) -> None:
    """YuNet wants BGR: with RGB its scores leave the stored ones."""
    errors = [
        abs(detector.detect(np.ascontiguousarray(golden_image(name)[:, :, ::-1]), 0.3)[0].score - row["score"])
        for name, row in STORED["images"].items()
    ]
    assert max(errors) > 1e-3


@pytest.mark.parametrize("size", [(640, 360), (333, 217), (96, 96), (1280, 736)])
def test_every_size_agrees_with_opencv_as_installed(size: tuple[int, int], detector: Detector) -> None:
    """Padding to 32 happens on the right and bottom: at odd sizes, too, the faces are OpenCV's of today."""
    image = cv2.resize(golden_image("P007 emotions"), size, interpolation=cv2.INTER_AREA)
    peer = cv2.FaceDetectorYN.create(str(find_shipped(YUNET)), "", size, 0.6, 0.3, 5000)
    wanted = peer.detect(image)[1]
    faces = detector.detect(image, 0.6)
    assert len(faces) == (0 if wanted is None else len(wanted))
    for face, row in zip(faces, wanted if wanted is not None else [], strict=True):
        assert np.allclose([face.box.x, face.box.y, face.box.w, face.box.h], row[:4], atol=PIXELS)
        assert np.allclose(face.landmarks.ravel(), row[4:14], atol=PIXELS)


def test_alignment_is_opencvs(detector: Detector) -> None:
    """The aligned face differs from `alignCrop` by rounding only."""
    peer = cv2.FaceRecognizerSF.create(str(find_shipped(SFACE)), "")
    image = golden_image("P003 selfie")
    face = detector.detect(image, 0.6)[0]
    box = face.box
    row = np.array([box.x, box.y, box.w, box.h, *face.landmarks.ravel(), face.score], np.float32)
    ours, theirs = align(image, face.landmarks).astype(int), peer.alignCrop(image, row).astype(int)
    assert np.abs(ours - theirs).mean() < 0.05
