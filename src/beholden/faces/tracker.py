"""Follow faces from frame to frame.

`edgefirst-tracker` (ByteTrack in Rust) was tried first and loses faces at 5 frames a second: its
filter takes so long to learn a speed that a 60-pixel face moving 50 pixels a frame got a new
identity every third frame, even with boxes enlarged twice. This one predicts with the speed of the
last two sightings and associates by distance (`associate`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from beholden.faces.associate import Expected, assign, contested, overlapping
from beholden.model.box import Box
from beholden.model.face import Face
from beholden.model.ids import Epoch, TrackId
from beholden.model.track import Track

KEEP_LOST_S = 1.0
"""A lost track is expected (and covered) for this long."""
START_SCORE = 0.5
"""Detections below this never start a track; they are covered all the same."""
CONFIDENT_SCORE = 0.6
SPEED_MEMORY = 0.5
"""Weight of the old speed when a new one is measured."""


@dataclass(slots=True)
class _Followed:
    id: TrackId
    box: Box
    began_s: float
    seen_s: float
    velocity: tuple[float, float] = (0.0, 0.0)
    face: Face | None = None
    sightings: int = 1
    ambiguous: bool = False

    def expected(self, now_s: float) -> Expected:
        unseen = now_s - self.seen_s
        vx, vy = self.velocity
        return Expected(self.box.moved(vx * unseen, vy * unseen), unseen)

    def see(self, face: Face, now_s: float) -> None:
        elapsed = now_s - self.seen_s
        if elapsed > 0:
            (ax, ay), (bx, by) = self.box.centre, face.box.centre
            speed = ((bx - ax) / elapsed, (by - ay) / elapsed)
            old = 0.0 if self.sightings == 1 else SPEED_MEMORY
            self.velocity = (
                old * self.velocity[0] + (1 - old) * speed[0],
                old * self.velocity[1] + (1 - old) * speed[1],
            )
        self.box, self.face, self.seen_s = face.box, face, now_s
        self.sightings += 1


def unfollowed(faces: Sequence[Face], tracks: Sequence[Track]) -> list[Box]:
    """Boxes of the faces that belong to no track: they are covered all the same."""
    followed = {id(track.face) for track in tracks}
    return [face.box for face in faces if id(face) not in followed]


class Tracker:
    """The tracks of one run of one camera. Ids carry the run's epoch, so no two runs share one."""

    def __init__(self, epoch: Epoch) -> None:
        self._epoch = epoch
        self._count = 0
        self._followed: list[_Followed] = []

    def update(self, faces: Sequence[Face], now_s: float) -> list[Track]:
        """Take one frame's detections; all tracks alive now, lost ones included (`face` None).

        `now_s` must not go backwards. A track not seen for `KEEP_LOST_S` is gone from the answer.
        """
        for followed in self._followed:
            followed.face, followed.ambiguous = None, False
        sure = [face for face in faces if face.score >= CONFIDENT_SCORE]
        doubtful = [face for face in faces if face.score < CONFIDENT_SCORE]
        left_tracks, left_sure = self._associate(self._followed, sure, now_s)
        recent = [followed for followed in left_tracks if now_s - followed.seen_s <= KEEP_LOST_S]
        _, left_doubtful = self._associate(recent, doubtful, now_s)
        for face in (*left_sure, *left_doubtful):
            if face.score >= START_SCORE:
                self._start(face, now_s)
        self._followed = [f for f in self._followed if now_s - f.seen_s <= KEEP_LOST_S]
        self._mark_crossings(now_s)
        return [self._snapshot(followed, now_s) for followed in self._followed]

    def forget(self) -> None:
        """Nobody goes on: the next frame shows something else. Ids are not used again."""
        self._followed = []

    def split(self, track: TrackId, now_s: float) -> Track | None:
        """The face of `track` turned out to be someone else: it goes on as a new track, which is returned."""
        for followed in self._followed:
            if followed.id == track:
                followed.id, followed.began_s = self._new_id(), now_s
                followed.ambiguous = True
                return self._snapshot(followed, now_s)
        return None

    def _associate(
        self, tracks: list[_Followed], faces: list[Face], now_s: float
    ) -> tuple[list[_Followed], list[Face]]:
        """Give faces to tracks; what is left of both."""
        expected = [track.expected(now_s) for track in tracks]
        boxes = [face.box for face in faces]
        pairs = assign(expected, boxes)
        for pair in pairs:
            tracks[pair[0]].ambiguous = contested(pair, expected, boxes)
        for track, face in pairs:
            tracks[track].see(faces[face], now_s)
        taken_tracks, taken_faces = {track for track, _ in pairs}, {face for _, face in pairs}
        return (
            [track for i, track in enumerate(tracks) if i not in taken_tracks],
            [face for i, face in enumerate(faces) if i not in taken_faces],
        )

    def _start(self, face: Face, now_s: float) -> None:
        self._followed.append(_Followed(self._new_id(), face.box, now_s, now_s, face=face))

    def _mark_crossings(self, now_s: float) -> None:
        """Tracks whose expected boxes overlap may have been exchanged, seen or not."""
        boxes = [followed.expected(now_s).box for followed in self._followed]
        for index in overlapping(boxes):
            self._followed[index].ambiguous = True

    def _new_id(self) -> TrackId:
        self._count += 1
        return TrackId(f"{self._epoch}-{self._count}")

    def _snapshot(self, followed: _Followed, now_s: float) -> Track:
        return Track(
            id=followed.id,
            box=followed.expected(now_s).box,
            face=followed.face,
            began_s=followed.began_s,
            seen_s=followed.seen_s,
            velocity=followed.velocity,
            ambiguous=followed.ambiguous,
        )
