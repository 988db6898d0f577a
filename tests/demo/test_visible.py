"""The independent look finds what shows, and nothing where nothing shows."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from beholden.demo.backdrop import Setting, draw
from beholden.demo.clip import Clip
from beholden.demo.scene import Scene, Wardrobe, film
from beholden.evaluate.faces_left import check_clip, count_visible_faces
from beholden.model.errors import NotMedia
from beholden.model.frame import Pixels


@pytest.fixture(scope="module")
def crossing_frame(arrival: Scene, wardrobe: Wardrobe) -> tuple[Pixels, list]:
    """The middle of the arrival: two uncovered faces of about 85 px, and their true boxes."""
    frame, seen = list(film(arrival, wardrobe))[60]
    return frame, [one.box for one in seen]


def covered(pixels: Pixels, boxes: list) -> Pixels:
    out = pixels.copy()
    for box in boxes:
        left, top, right, bottom = box.enlarged(1.25).within(out.shape[1], out.shape[0])
        out[top:bottom, left:right] = (40, 40, 40)
    return out


def written(path: Path, frames: list[Pixels]) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(10), options={"preset": "ultrafast"})
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        for pixels in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="bgr24")))
        container.mux(stream.encode(None))
    return path


def test_uncovered_faces_are_found_where_they_are(crossing_frame) -> None:
    """Each true box has a visible face on it, and there is no other."""
    frame, boxes = crossing_frame
    found = count_visible_faces(frame)
    assert len(found) == len(boxes) == 2
    assert all(any(box.iou(other) > 0.3 for other in found) for box in boxes)


def test_covered_faces_are_not_found(crossing_frame) -> None:
    """Solid boxes leave nothing to see."""
    assert count_visible_faces(covered(*crossing_frame)) == []


def test_one_forgotten_cover_is_found(crossing_frame) -> None:
    """A single face left uncovered among covered ones is the planted leak."""
    frame, boxes = crossing_frame
    (found,) = count_visible_faces(covered(frame, boxes[1:]))
    assert found.iou(boxes[0]) > 0.3


def test_a_small_face_is_found(crossing_frame) -> None:
    """At about 50 px a face is still in reach."""
    frame, boxes = crossing_frame
    small = cv2.resize(frame, None, fx=50 / boxes[1].w, fy=50 / boxes[1].w, interpolation=cv2.INTER_AREA)
    assert len(count_visible_faces(np.asarray(small, np.uint8))) == 2


@pytest.mark.parametrize("setting", list(Setting))
def test_empty_places_hold_no_face(setting: Setting) -> None:
    """Bricks, leaves, panels and windows raise no false alarm."""
    place = draw(setting, 560, 5)
    place.back[place.ledge :] = place.front
    assert count_visible_faces(place.back) == []


def test_a_clip_is_counted_frame_by_frame(arrival_clip: Clip) -> None:
    """In the frames looked at, visible faces are those of the truth; examples say where."""
    report = check_clip(arrival_clip.path, every=40)
    expected = sum(len(seen) for seen in arrival_clip.truth[::40])
    assert report.frames_checked == 3
    assert report.visible == len(report.examples) == expected > 0
    assert {index for index, _ in report.examples} <= {0, 40, 80}


def test_a_covered_clip_shows_nobody_until_one_frame_leaks(crossing_frame, tmp_path: Path) -> None:
    """Three covered frames count nothing; with one uncovered frame among them its two faces are counted."""
    hidden = covered(*crossing_frame)
    assert check_clip(written(tmp_path / "covered.mp4", [hidden] * 3), every=1).visible == 0
    report = check_clip(written(tmp_path / "leak.mp4", [hidden, crossing_frame[0]]), every=1)
    assert report.visible == 2
    assert {index for index, _ in report.examples} == {1}


def test_what_is_no_video_is_refused(tmp_path: Path) -> None:
    """A text file is the house's own error."""
    path = tmp_path / "words.mp4"
    path.write_text("not a video")
    with pytest.raises(NotMedia):
        check_clip(path)
