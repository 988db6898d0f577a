"""Watch a camera for a while: are faces large, sharp and light enough, and what would make them so?

Nobody is recognised: a detector, a tracker and the quality gates, no recogniser and no template. Each face
that is cut out is wiped when it was judged. What leaves is numbers, and one covered picture.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from beholden.faces.detect import COVER_BORDER
from beholden.faces.engine import FaceFinder
from beholden.faces.quality import QualityGates, cut_off, light
from beholden.faces.tracker import CONFIDENT_SCORE, Tracker, unfollowed
from beholden.model.errors import ModelError
from beholden.model.face import Face, Landmarks
from beholden.model.frame import CoveredFrame, Frame
from beholden.model.ids import new_epoch
from beholden.model.track import Track
from beholden.pipeline.advice import advise
from beholden.pipeline.findings import CheckReport, Look, Watched, judged
from beholden.pipeline.shot import cut_face
from beholden.video.cover import Coverer

__all__ = ["Check", "CheckReport", "turn"]

_USUAL_DOWN = 0.55
"""Where the nose tip lies between eyes (0) and mouth (1), seen from the front (`faces.quality.frontal`)."""


class Check:
    """Looks at the frames of one camera, in order; then `report` and `picture`. For one thread."""

    def __init__(self, finder: FaceFinder, gates: QualityGates | None = None) -> None:
        """`gates` are those that recognition will use: `gates.min_width_px` is the width that is needed."""
        self._finder, self._gates = finder, gates or QualityGates()
        self._tracker = Tracker(new_epoch())
        self._coverer = Coverer()
        self._looks: list[Look] = []
        self._cut: Counter[str] = Counter()
        self._frames = 0
        self._first_s = self._last_s = 0.0
        self._size = (0, 0)
        self._brightness = 0.0
        self._widest_px = -1.0
        self._wanted_s = 0.0
        self._picture: CoveredFrame | None = None

    def look(self, frame: Frame) -> None:
        """Judge the faces of one frame. A picture that the detector fails on counts, and is covered whole."""
        if frame.cut and self._frames:
            self._keep(self._coverer.flush())
            self._coverer = Coverer()
            self._tracker.forget()
        self._count(frame)
        failed = False
        try:
            faces = self._finder.detector.detect(frame.pixels, self._finder.cover_score, COVER_BORDER)
        except ModelError:
            faces, failed = [], True
        whole = [face for face in faces if not cut_off(face, frame.size, frame.blind)]
        tracks = self._tracker.update(whole, frame.offset_s)
        self._note_edges(faces, whole, frame)
        for track in tracks:
            self._judge(track, frame)
        if self._widest_px < 0:
            self._wanted_s = frame.offset_s  # nobody yet: the newest picture shows at least where the camera looks
        self._keep(self._coverer.push(frame, tracks, unfollowed(faces, tracks), failed=failed))

    def report(self, seconds: float | None = None) -> CheckReport:
        """What was seen so far. `seconds` is how long was watched; None: from the first frame to the last."""
        if seconds is None:
            seconds = self._last_s - self._first_s
            if self._frames > 1:
                seconds *= self._frames / (self._frames - 1)  # the last picture lasts as long as the others
        watched = Watched(
            seconds,
            self._frames,
            self._size,
            self._brightness / self._frames if self._frames else 0.0,
            tuple(self._looks),
            tuple(self._cut.most_common()),
        )
        found = judged(watched, self._gates)
        return replace(found, advice=advise(found, watched, self._gates))

    def picture(self) -> CoveredFrame | None:
        """The moment with the widest face, or the newest when there was none; every face in it covered.

        None before the first frame. Asked once, at the end: no cover is carried over it.
        """
        self._keep(self._coverer.flush())
        return self._picture

    def _count(self, frame: Frame) -> None:
        if not self._frames:
            self._first_s = frame.offset_s
        self._frames += 1
        self._last_s = frame.offset_s
        self._size = frame.detail.size
        self._brightness += float(np.mean(frame.pixels[::8, ::8]))

    def _note_edges(self, faces: Sequence[Face], whole: Sequence[Face], frame: Frame) -> None:
        kept = {id(face) for face in whole}
        for face in faces:
            if id(face) not in kept and face.score >= CONFIDENT_SCORE:
                self._cut[_edge(face, frame.size)] += 1

    def _judge(self, track: Track, frame: Frame) -> None:
        face = track.face
        if face is None or face.score < CONFIDENT_SCORE:
            return
        shot = cut_face(face, frame, self._finder.detector, self._gates)
        if shot is None:
            return
        aligned, quality = shot
        try:
            _, too_bright = light(aligned)
        finally:
            aligned.fill(0)
        where = face.box.scaled(1 / frame.size[0], 1 / frame.size[1])
        self._looks.append(Look(track.id, frame.offset_s, quality, too_bright, turn(face.landmarks), where))
        if quality.width_px > self._widest_px:
            self._widest_px, self._wanted_s = quality.width_px, frame.offset_s

    def _keep(self, covered: Sequence[CoveredFrame]) -> None:
        for picture in covered:
            if picture.offset_s == self._wanted_s or self._picture is None:
                self._picture = picture


def turn(landmarks: Landmarks) -> tuple[float, float]:
    """How far a face is turned to the right of the picture and down, each about -1 to 1; 0 from the front.

    The nose tip stands out of the face, so it moves across the line of the eyes as the head turns, and down
    between eyes and mouth as it bows, or as the camera is higher. Zeros for points that are no face.
    """
    right, left, nose, mouth_right, mouth_left = np.asarray(landmarks, np.float64)
    eyes, mouth = (right + left) / 2, (mouth_right + mouth_left) / 2
    across, down = left - right, mouth - eyes
    span, height = float(np.dot(across, across)), float(np.dot(down, down))
    if span < 1.0 or height < 1.0:
        return 0.0, 0.0
    sideways = float(np.dot(nose - eyes, across)) / span
    along = float(np.dot(nose - eyes, down)) / height
    return max(-1.0, min(1.0, sideways / 0.5)), max(-1.0, min(1.0, (along - _USUAL_DOWN) / 0.45))


def _edge(face: Face, size: tuple[int, int]) -> str:
    """Which edge of the picture cuts a face the most."""
    beyond = {
        "upper": -face.box.y,
        "lower": face.box.bottom - size[1],
        "left": -face.box.x,
        "right": face.box.right - size[0],
    }
    return max(beyond, key=lambda edge: beyond[edge])
