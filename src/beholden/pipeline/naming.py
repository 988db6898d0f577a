"""Names for the tracks of one camera: who is due, what the answer is, and one person only once (I10)."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Mapping, Sequence

from beholden.faces.decide import decide
from beholden.faces.engine import FaceEngine
from beholden.model.errors import BeholdenError
from beholden.model.frame import Frame
from beholden.model.gallery import Gallery
from beholden.model.grant import Viewpoint
from beholden.model.ids import Epoch, TrackId
from beholden.model.match import Known, Match, Reason, Undecided, Unknown, Why
from beholden.model.track import Track
from beholden.pipeline.followed import Followed
from beholden.pipeline.ports import Gate, Moment, Settle, TrackDecision


class Naming:
    """The names of one run of one camera."""

    def __init__(self, engine: FaceEngine, viewpoint: Viewpoint, epoch: Epoch, gate: Gate, settle: Settle) -> None:
        self._engine = engine
        self._viewpoint = viewpoint
        self._epoch = epoch
        self._gate = gate
        self._settle = settle
        self._followed: dict[TrackId, Followed] = {}
        self._revision: int | None = None
        self._last: Moment | None = None

    def update(
        self, tracks: Sequence[Track], frame: Frame, now: Moment, *, hurried: bool = False
    ) -> tuple[list[TrackDecision], list[TrackId]]:
        """Take one frame's tracks; the answers that changed, and the tracks that turned out to be two people.

        `hurried`: no more than one new template is made, of the track that has the fewest; the others' shots wait.
        """
        self._last = now
        ended = list(self._retire({track.id for track in tracks}, now))
        revised = self._registry_changed()
        forgot = False
        jumped: list[TrackId] = []
        asked: dict[TrackId, bool] = {}
        nobody = self._nobody(now) if tracks else None
        tracks, made = self._in_turn(tracks) if hurried else tracks, False
        for track in tracks:
            followed = self._followed.setdefault(track.id, Followed(track))
            followed.track = track
            if nobody is not None:
                forgot = followed.leave(nobody, now) or forgot
                continue
            if track.ambiguous:
                forgot = followed.forget(Reason.CROSSED) or forgot
                continue
            followed.look(frame, now, self._engine)
            new_shot = None if hurried and made else followed.take_shot(self._engine.embedder, now.offset_s)
            made = made or new_shot is not None
            if new_shot is False:
                forgot = followed.forget(Reason.CROSSED) or forgot
                jumped.append(track.id)
            elif followed.due(now.offset_s, new_shot=bool(new_shot), revised=revised):
                asked[track.id] = bool(new_shot)
        self._answer(asked, now)
        if forgot:
            self._engine.embedder.flush()
        return ended + list(self._changes(now)), jumped

    def _in_turn(self, tracks: Sequence[Track]) -> list[Track]:
        """Those with the fewest shots first."""
        known = {track: len(one.shots.embedded) for track, one in self._followed.items()}
        return sorted(tracks, key=lambda track: known.get(track.id, 0))

    @property
    def waiting(self) -> bool:
        """Whether a name waits for its leaf."""
        return any(followed.pending is not None for followed in self._followed.values())

    def poll(self) -> list[TrackDecision]:
        """The answers that changed without a new frame: a leaf became durable, or the registry changed."""
        now = self._last
        if now is None or not any(followed.claim is not None for followed in self._followed.values()):
            return []
        revised = self._registry_changed()
        self._answer({track: False for track, one in self._followed.items() if revised and one.shots.embedded}, now)
        return list(self._changes(now))

    def finish(self) -> list[TrackDecision]:
        """The source has ended, and with it every track."""
        return [] if self._last is None else list(self._retire(set(), self._last))

    def drop(self) -> None:
        """Wipe everything at once, without a word: the way out when a run is broken off."""
        for followed in self._followed.values():
            followed.shots.wipe()
        self._followed.clear()
        self._engine.embedder.flush()

    def _registry_changed(self) -> bool:
        try:
            revision = self._gate.revision()
        except BeholdenError:
            # Whoever cannot ask must not name: every name is decided again, and finds no gallery.
            self._revision = None
            return True
        changed, self._revision = revision != self._revision, revision
        return changed

    def _nobody(self, now: Moment) -> Reason | None:
        """Why nobody can be named here now: then no template is made of any face, which there would be nothing for."""
        try:
            gallery = self._gate.gallery(self._viewpoint, now.captured_at, self._engine.embedder.model)
        except BeholdenError:
            return None  # it is not known; what there is is undecided (`_decide`)
        if not gallery.naming:
            return Reason.NAMING_OFF
        return None if len(gallery) else Reason.EMPTY_GALLERY

    def _answer(self, asked: Mapping[TrackId, bool], now: Moment) -> None:
        """Decide the tracks that are asked for (by id: whether a new shot is why), then see which names take effect."""
        for track, new_shot in asked.items():
            followed = self._followed[track]
            followed.answer(*self._decide(followed, now), now, new_shot=new_shot)
        self._one_person_once()
        self._take_effect(asked)

    def _decide(self, followed: Followed, now: Moment) -> tuple[Match, float]:
        engine = self._engine
        probe = followed.shots.pooled()
        if probe is None:
            return Unknown(Why(Reason.NO_USABLE_SHOT)), 0.0
        with probe:
            try:
                gallery: Gallery = self._gate.gallery(self._viewpoint, now.captured_at, engine.embedder.model)
            except BeholdenError:
                return Undecided(Why(Reason.STALE)), 0.0
            match, above = decide(probe, followed.shots.embedded, gallery, engine.calibration, engine.rule)
            if isinstance(match, Known):
                followed.hidden = match.grant in gallery.hidden
            return match, above

    def _one_person_once(self) -> None:
        """Of several tracks with one name in one frame, pending or not, the best supported keeps it."""
        by_subject: dict[str, list[Followed]] = {}
        for followed in self._followed.values():
            if (claim := followed.claim) is not None:
                by_subject.setdefault(claim.subject, []).append(followed)
        for rivals in by_subject.values():
            rivals.sort(key=lambda one: (len(one.shots.embedded), one.above), reverse=True)
            for loser in rivals[1:]:
                loser.take_back(Reason.ANOTHER_TRACK)

    def _take_effect(self, asked: Collection[TrackId]) -> None:
        """Have the names recorded that were decided now, and ask again for those that are still pending."""
        for track, followed in self._followed.items():
            claim = followed.claim
            if claim is None or followed.decided_at is None or not (followed.pending or track in asked):
                continue
            try:
                done = self._settle.named(self._viewpoint, self._epoch, track, claim, followed.decided_at)
            except BeholdenError:
                # I5: the leaf is not durable, so the name does not take effect. Covering goes on.
                followed.take_back(Reason.NOT_RECORDED)
                continue
            if done is not None:
                followed.take_effect(done)

    def _changes(self, now: Moment) -> Iterator[TrackDecision]:
        """Answers that differ from what was last said of the same track."""
        for followed in self._followed.values():
            match = followed.told
            said = (type(match), match.why.reason, match.subject if isinstance(match, Known) else None)
            if said != followed.announced:
                followed.announced = said
                yield self._decision(followed, now, match)

    def _decision(self, followed: Followed, now: Moment, match: Match, *, ended: bool = False) -> TrackDecision:
        where = followed.track.box.scaled(1 / now.size[0], 1 / now.size[1])
        track, shot = followed.track.id, followed.shot
        sighting = followed.sighting if isinstance(match, Known) else None
        return TrackDecision(self._viewpoint, track, now.captured_at, now.offset_s, where, match, ended, shot, sighting)

    def _retire(self, alive: set[TrackId], now: Moment) -> Iterator[TrackDecision]:
        """Wipe the tracks that are gone, and say what each ended as."""
        gone = [track for track in self._followed if track not in alive]
        for track in gone:
            followed = self._followed.pop(track)
            followed.shots.wipe()
            seconds = followed.track.seen_s - followed.track.began_s
            # A count that could not be kept is no reason to stop covering.
            with contextlib.suppress(BeholdenError):
                self._settle.ended(self._viewpoint, track, followed.told, now.captured_at, seconds)
            yield self._decision(followed, now, followed.told, ended=True)
        if gone:
            self._engine.embedder.flush()
