"""Real clips, covered by the product: what another detector still finds in them, where nobody knows the truth."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from beholden.evaluate.faces_left import SAME_FACE, Look, visible_face_finder
from beholden.evaluate.hidden import EYES_PX, like_fill, region_hidden
from beholden.evaluate.passages import rate
from beholden.evaluate.rates import Rate
from beholden.evaluate.templates import Progress
from beholden.evaluate.video import spread
from beholden.faces.engine import FaceEngine
from beholden.model.box import Box
from beholden.model.frame import Pixels
from beholden.model.ids import CameraId
from beholden.video.source import Source, open_source

LOOKS = 20
"""Pictures of one clip that are looked at, spread over it."""
WIDE = 2560
"""Pictures are enlarged to about this width, four times at most: then eyes 8 pixels apart are in the detector's reach
in pictures up to 640 pixels wide, 16 pixels in 1280."""
EYES_OF_BOX = 0.42
"""How far eyes are apart, in widths of the independent detector's box; measured where it is known."""
SURE = 0.1
"""From this score a find in a real picture counts as a face. Below, leaves, walls and necks are found, too: of 8 finds
that no cover lay on, in 13 clips, none was a face, and 7 were below 0. Small faces of runners score .6 and more."""
LAX = -0.6
"""What shows in a covered picture showed before it was covered: there it is looked for down to this score. A find that
was not there before is a pattern that covers make, and no face."""
_EYES = (0.15, 0.18, 0.7, 0.25)  # where they are in that box: left, top, width and height, as shares of it
_DAY = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class RealClips:
    """All clips together. `visible`: faces that the independent detector finds in covered pictures, where it found them
    before, too, with eyes 8 pixels apart or more; among as many as it found in the same pictures before.

    `small`: visible ones with eyes closer together. `patterns`: finds in covered pictures that were not there before.
    `uncovered`: what it took for a face before, finds no more, and no cover lies on: windows, leaves, or a face.
    `covered` is the share (0-1) of the picture that covers take.
    """

    clips: int
    pictures: int
    visible: Rate
    small: int
    patterns: int
    uncovered: int
    covered: float

    def as_values(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "clips": self.clips,
            "pictures_looked_at": self.pictures,
            "visible": self.visible.as_values(),
            "visible_small": self.small,
            "patterns_of_covers": self.patterns,
            "found_before_and_not_covered": self.uncovered,
            "picture_covered": round(self.covered, 4),
        }


@dataclass(slots=True)
class _Clip:
    pictures: int = 0
    faces: int = 0
    visible: int = 0
    small: int = 0
    patterns: int = 0
    uncovered: int = 0
    covered: float = 0.0


def look_through(
    clips: Sequence[Path],
    engines: Sequence[FaceEngine],
    cover: Callable[[Path, Path, FaceEngine], object],
    progress: Progress,
) -> RealClips:
    """Cover each clip into a temporary folder and look at both; one thread for each of `engines`.

    Raises what `cover` and `open_source` raise.
    """

    def one(clip: Path, engine: FaceEngine) -> _Clip:
        with tempfile.TemporaryDirectory(prefix="beholden-covered-") as folder:
            out = Path(folder) / "covered.mp4"
            cover(clip, out, engine)
            return _compare(clip, out)

    seen = spread(clips, engines, one, lambda done: progress("real clips", done, len(clips)))
    pictures = sum(one.pictures for one in seen)
    return RealClips(
        clips=len(seen),
        pictures=pictures,
        # A clip stands where a person stands elsewhere: its pictures are alike.
        visible=rate((number, one.visible, max(one.visible, one.faces)) for number, one in enumerate(seen)),
        small=sum(one.small for one in seen),
        patterns=sum(one.patterns for one in seen),
        uncovered=sum(one.uncovered for one in seen),
        covered=sum(one.covered for one in seen) / max(1, pictures),
    )


def _compare(clip: Path, covered: Path) -> _Clip:
    every = max(1, _length(covered) // LOOKS)
    seen = _Clip()
    looks: tuple[Look, Look] | None = None
    with _opened(clip) as one, _opened(covered) as other:
        for index, (before, after) in enumerate(zip(one.frames(), other.frames(), strict=False)):
            if index % every:
                continue
            scale = min(4.0, WIDE / before.pixels.shape[1])
            looks = looks or (visible_face_finder(scale, SURE), visible_face_finder(scale, LAX))
            _count(seen, before.pixels, after.pixels, *looks)
    return seen


def _count(seen: _Clip, before: Pixels, after: Pixels, look: Look, lax: Look) -> None:
    """One picture, before and after, added to what was seen."""
    found, left = look(before), look(after)
    there = lax(before) if left else []
    visible = [box for box in left if any(box.iou(other) >= SAME_FACE for other in there)]
    seen.pictures += 1
    seen.faces += sum(_large(box) for box in found)
    seen.visible += sum(_large(box) for box in visible)
    seen.small += sum(not _large(box) for box in visible)
    seen.patterns += len(left) - len(visible)
    gone = [box for box in found if all(box.iou(other) < SAME_FACE for other in left)]
    seen.uncovered += sum(not region_hidden(after, _eyes(box)) for box in gone)
    seen.covered += _newly(before, after)


def _opened(path: Path) -> Source:
    return open_source(path, camera=CameraId("look"), started_at=_DAY, analysis=None, rate=None)


def _length(path: Path) -> int:
    with _opened(path) as source:
        return sum(1 for _ in source.frames())


def _large(box: Box) -> bool:
    return box.w * EYES_OF_BOX >= EYES_PX


def _eyes(box: Box) -> Box:
    left, top, width, height = _EYES
    return Box(box.x + left * box.w, box.y + top * box.h, width * box.w, height * box.h)


def _newly(before: Pixels, after: Pixels) -> float:
    """The share of the picture that has the colour of covers now and had not before."""
    was, now = like_fill(before), like_fill(after)
    if was.shape != now.shape:
        return float((now > 0).mean())
    return float(((now > 0) & (was == 0)).mean())
