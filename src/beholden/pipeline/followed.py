"""One face in view: its shots and its name so far. Everything in it dies with the track."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from beholden.faces.embed import Embedder
from beholden.faces.engine import FaceEngine
from beholden.faces.pool import agreement
from beholden.faces.shots import Shots
from beholden.model.frame import Frame
from beholden.model.ids import SightingId
from beholden.model.match import Known, Match, Reason, Undecided, Unknown, Why
from beholden.model.track import Track
from beholden.pipeline.ports import Moment
from beholden.pipeline.shot import cut_shot

RECHECK_S = 2.0
"""A named track needs a fresh shot this often."""
REFRESH_S = 0.9
"""A name is held against the registry at least this often, with the shots at hand (I3: within a second)."""
JUMP = 0.25
"""A new shot less alike to its track than this (cosine) is another face: strangers reach .2 half of the time."""


class Followed:
    """A track with its shots, its answer, and when each was last looked at.

    `match` is what holds. `pending` is a name that was decided and whose leaf is not durable yet: it
    does not hold (I5), but counts as one for everything else. `sighting` is that of the last name that held. `hidden`:
    the last name is for nobody who watches.
    """

    def __init__(self, track: Track) -> None:
        self.track = track
        self.shots = Shots()
        self.match: Match = Unknown(Why(Reason.NO_USABLE_SHOT))
        self.pending: Known | None = None
        self.sighting: SightingId | None = None
        self.hidden = False
        self.above = 0.0
        self.decided_s = float("-inf")
        self.decided_at: datetime | None = None
        self.shot: Moment | None = None
        self.announced: tuple[object, ...] | None = None
        self._offered: Moment | None = None

    @property
    def claim(self) -> Known | None:
        """The name of this track, whether it holds or is being recorded."""
        if self.pending is not None:
            return self.pending
        return self.match if isinstance(self.match, Known) else None

    @property
    def told(self) -> Match:
        """What whoever watches is told: somebody whose name is hidden is nobody, from the first moment on."""
        why = self.match.why
        if not self.hidden or why.reason is Reason.STALE:
            return self.match
        return Unknown(replace(why, reason=Reason.NOBODY_ALIKE))

    def look(self, frame: Frame, moment: Moment, engine: FaceEngine) -> None:
        """Offer this frame's face as a shot, if it is fit and wanted. The cheap questions come first."""
        face = self.track.face
        if face is None or not self._shot_wanted(frame.offset_s):
            return
        shot = cut_shot(face, frame, engine)
        if shot is None:
            return
        aligned, quality = shot
        if quality.usable and self.shots.wants(quality.score, frame.offset_s, fresh=self.claim is not None):
            self.shots.offer(aligned, quality.score, frame.offset_s)
            self._offered = moment
        else:
            aligned.fill(0)

    def take_shot(self, embedder: Embedder, now_s: float) -> bool | None:
        """Embed the waiting shot if it is time. True: a new shot; False: it is another person; None: nothing new."""
        lost = self.track.face is None
        fresh = self.claim is not None
        if not self.shots.waiting or not (lost or self.shots.ready(now_s, fresh=fresh)):
            return None
        with_before = self.shots.pooled()
        shot = self.shots.embed(embedder.embed, fresh=fresh)
        if with_before is None or shot is None:
            return True
        with with_before:
            return agreement(with_before, shot.probe) >= JUMP

    def due(self, now_s: float, *, new_shot: bool, revised: bool) -> bool:
        """Whether to decide (again): a new shot, a changed registry, or an answer that has to be asked for again.

        What is no fault of the shots is tried again with them: at once when the registry could not be
        asked, after a while when the log could not be written.
        """
        if not self.shots.embedded:
            return False
        reason = self.match.why.reason
        if new_shot or revised or reason is Reason.STALE:
            return True
        again = self.claim is not None or reason is Reason.NOT_RECORDED
        return again and now_s - self.decided_s >= REFRESH_S

    def answer(self, match: Match, above: float, now: Moment, *, new_shot: bool) -> None:
        """Take a decision; a track ends as the last one that still holds.

        A name that is new has to be recorded first. While it is, the same decision again changes
        nothing: what is being recorded stays what was asked for.
        """
        held = self.claim
        self.above, self.decided_s = above, now.offset_s
        same = isinstance(match, Known) and held is not None and _named_alike(match, held)
        if same and self.pending is not None:
            return
        self.decided_at = now.captured_at
        late = self.match.why.reason is Reason.STALE and not new_shot
        if not same and not late:  # what was only waiting for the registry is as old as it was
            self.shot = self._offered if new_shot else now
        if isinstance(match, Known) and not same:
            self.pending, self.match = match, Undecided(Why(Reason.BEING_RECORDED, match.why.shots))
        else:
            self.pending, self.match = None, match

    def take_effect(self, sighting: SightingId) -> None:
        """What was pending is durable as this sighting: now it holds."""
        self.sighting = sighting
        if self.pending is not None:
            self.match, self.pending = self.pending, None

    def forget(self, reason: Reason) -> bool:
        """Wipe the shots and take the name away: after a crossing, nothing before it counts.

        True when there was a shot, so that the recogniser must be flushed as well.
        """
        had = bool(self.shots.embedded)
        self.shots.wipe()
        self.hidden = False
        self.match, self.pending = Unknown(Why(reason)), None
        return had

    def leave(self, reason: Reason, now: Moment) -> bool:
        """Nobody can be named here: what is known of the face is wiped, and no more is asked. As `forget`."""
        had = bool(self.shots.embedded)
        if had:
            self.answer(Unknown(Why(reason, len(self.shots.embedded))), 0.0, now, new_shot=False)
        elif self.match.why.reason is not reason:
            self.match, self.pending = Unknown(Why(reason)), None
        self.shots.wipe()
        self.hidden = False
        return had

    def take_back(self, reason: Reason) -> None:
        """The answer does not hold, though the shots are there: undecided, now and at the end of the track."""
        self.match, self.pending = Undecided(Why(reason, len(self.shots.embedded))), None

    def _shot_wanted(self, now_s: float) -> bool:
        if self.shots.waiting:
            return True
        if self.claim is not None or self.shots.full:
            return now_s - self.shots.last_s >= RECHECK_S
        return True


def _named_alike(one: Known, other: Known) -> bool:
    """The same person under the same grant: what the leaf says is the same."""
    return (one.subject, one.grant) == (other.subject, other.grant)
