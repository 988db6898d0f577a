"""One face in view: its shots and its name so far. Everything in it dies with the track."""

from __future__ import annotations

from beholden.faces.align import cut
from beholden.faces.embed import Embedder
from beholden.faces.pool import agreement
from beholden.faces.quality import QualityGates, assess, glance
from beholden.faces.shots import Shots
from beholden.model.frame import Frame
from beholden.model.match import Known, Match, Reason, Undecided, Unknown, Why
from beholden.model.track import Track

RECHECK_S = 2.0
"""A named track needs a fresh shot this often."""
REFRESH_S = 0.9
"""A name is held against the registry at least this often, with the shots at hand (I3: within a second)."""
JUMP = 0.25
"""A new shot less alike to its track than this (cosine) is another face: strangers reach .2 half of the time."""


class Followed:
    """A track with its shots, its answer, and when each was last looked at."""

    def __init__(self, track: Track) -> None:
        self.track = track
        self.shots = Shots()
        self.match: Match = Unknown(Why(Reason.NO_USABLE_SHOT))
        self.above = 0.0
        self.decided_s = float("-inf")
        self.announced: tuple[object, ...] | None = None

    @property
    def named(self) -> bool:
        return isinstance(self.match, Known)

    def look(self, frame: Frame, gates: QualityGates) -> None:
        """Offer this frame's face as a shot, if it is fit and wanted. The cheap questions come first."""
        face = self.track.face
        if face is None or not self._shot_wanted(frame.offset_s):
            return
        if glance(face, frame.size, frame.scale, gates):
            return
        aligned = cut(frame.detail, face.landmarks, frame.scale)
        if aligned is None:
            return
        quality = assess(face, aligned, frame.size, frame.scale, gates)
        if quality.usable and self.shots.wants(quality.score, frame.offset_s, fresh=self.named):
            self.shots.offer(aligned, quality.score, frame.offset_s)
        else:
            aligned.fill(0)

    def take_shot(self, embedder: Embedder, now_s: float) -> bool | None:
        """Embed the waiting shot if it is time. True: a new shot; False: it is another person; None: nothing new."""
        lost = self.track.face is None
        if not self.shots.waiting or not (lost or self.shots.ready(now_s)):
            return None
        with_before = self.shots.pooled()
        shot = self.shots.embed(embedder.embed, fresh=self.named)
        if with_before is None or shot is None:
            return True
        with with_before:
            return agreement(with_before, shot.probe) >= JUMP

    def due(self, now_s: float, *, new_shot: bool, revised: bool) -> bool:
        """Whether to decide (again): a new shot, a changed registry, or a name that has stood for a while."""
        if not self.shots.embedded:
            return False
        return new_shot or (self.named and (revised or now_s - self.decided_s >= REFRESH_S))

    def answer(self, match: Match, above: float, now_s: float) -> None:
        """Take a decision; a track ends as the last one that still holds."""
        self.match = match
        self.above, self.decided_s = above, now_s

    def forget(self, reason: Reason) -> bool:
        """Wipe the shots and take the name away: after a crossing, nothing before it counts.

        True when there was a shot, so that the recogniser must be flushed as well.
        """
        had = bool(self.shots.embedded)
        self.shots.wipe()
        self.match = Unknown(Why(reason))
        return had

    def take_back(self, reason: Reason) -> None:
        """The answer does not hold, though the shots are there: undecided, now and at the end of the track."""
        self.match = Undecided(Why(reason, len(self.shots.embedded)))

    def _shot_wanted(self, now_s: float) -> bool:
        if self.shots.waiting:
            return True
        if self.named or self.shots.full:
            return now_s - self.shots.last_s >= RECHECK_S
        return True
