"""Photos become a reference, or are refused with a reason and advice."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from tests.golden.images import person_file

from beholden.faces.detect import Detector
from beholden.faces.embed import Embedder
from beholden.faces.enrolment import make_reference
from beholden.model.errors import EnrolmentRefused


def photo(name: str, side: int = 700) -> np.ndarray:
    image = cv2.imread(str(person_file(name)))
    scale = side / max(image.shape[:2])
    return cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


PORTRAIT, SELFIE = "P003/assets/studio_portrait.jpg", "P003/assets/amateur_selfie.jpg"


def refusal(photos: list[np.ndarray], detector: Detector, embedder: Embedder) -> str:
    with pytest.raises(EnrolmentRefused) as caught:
        make_reference(photos, detector, embedder)
    assert caught.value.advice
    return caught.value.one_line()


def test_two_good_photos_become_one_reference(detector: Detector, embedder: Embedder) -> None:
    """Portrait and selfie of one person are pooled into a unit template."""
    probe, quality = make_reference([photo(PORTRAIT), photo(SELFIE)], detector, embedder)
    with probe:
        assert probe.shots == 2
        assert np.isclose(float(probe.vector @ probe.vector), 1.0, atol=1e-5)
    assert 0.3 < quality <= 1.0


def test_no_photo_is_refused(detector: Detector, embedder: Embedder) -> None:
    """Nothing given, nothing made."""
    assert "no photo" in refusal([], detector, embedder)


def test_a_photo_without_a_face_is_refused(detector: Detector, embedder: Embedder) -> None:
    """An empty wall enrols nobody."""
    wall = np.full((480, 640, 3), 140, np.uint8)
    assert "no face" in refusal([wall], detector, embedder)


def test_a_photo_with_two_people_is_refused(detector: Detector, embedder: Embedder) -> None:
    """Nobody is enrolled by standing beside somebody else."""
    both = cv2.hconcat([photo(PORTRAIT), photo("P005/assets/studio_portrait.jpg")])
    assert "2 faces" in refusal([both], detector, embedder)


@pytest.mark.parametrize("other", ["P005", "P007", "P008"])
def test_photos_of_two_people_are_refused(other: str, detector: Detector, embedder: Embedder) -> None:
    """One reference is one person, in whatever place the odd photo stands."""
    odd = photo(f"{other}/assets/studio_portrait.jpg")
    assert "photo 2" in refusal([photo(PORTRAIT), odd], detector, embedder)
    assert "photo 3" in refusal([photo(PORTRAIT), photo(SELFIE), odd], detector, embedder)


def test_two_people_who_look_alike_to_opencvs_threshold_are_refused(detector: Detector, embedder: Embedder) -> None:
    """P005 and P007 have a cosine of .374, above .363: they would become one reference that names both."""
    two = [photo(f"{person}/assets/studio_portrait.jpg") for person in ("P005", "P007")]
    assert "photo 2" in refusal(two, detector, embedder)


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (lambda image: cv2.resize(image, None, fx=0.16, fy=0.16, interpolation=cv2.INTER_AREA), "pixels wide"),
        (lambda image: cv2.GaussianBlur(image, (0, 0), 9), "blurred"),
        (lambda image: (image * 0.06).astype(np.uint8), "dark"),
        (lambda image: np.clip(image.astype(int) * 3 + 120, 0, 255).astype(np.uint8), "over-exposed"),
    ],
    ids=["small", "blurred", "dark", "bright"],
)
def test_a_poor_photo_is_refused_with_its_reason(spoil, word: str, detector: Detector, embedder: Embedder) -> None:
    """A poor reference makes every later decision poor."""
    assert word in refusal([spoil(photo(PORTRAIT))], detector, embedder)


def test_a_hidden_mouth_is_refused(detector: Detector, embedder: Embedder) -> None:
    """A mask leaves a plain patch where the mouth belongs."""
    image = photo(PORTRAIT)
    face = detector.detect(image, 0.6)[0]
    top = int(face.landmarks[2][1])
    cv2.rectangle(image, (int(face.box.x), top), (int(face.box.right), int(face.box.bottom)), (200, 180, 170), -1)
    assert "hidden" in refusal([image], detector, embedder)


def test_a_profile_is_refused(detector: Detector, embedder: Embedder) -> None:
    """The character sheet's side view is no reference, if it is taken for a face at all."""
    sheet = cv2.imread(str(person_file("P003/assets/character_sheet.jpg")))
    side = sheet[130:650, 640:1160]
    words = refusal([side], detector, embedder)
    assert "turned" in words or "no face" in words or "not sure" in words


def test_photos_are_left_as_they_were(detector: Detector, embedder: Embedder) -> None:
    """The caller's pixels are not drawn on."""
    image = photo(PORTRAIT)
    before = image.copy()
    make_reference([image], detector, embedder)[0].wipe()
    assert np.array_equal(image, before)
