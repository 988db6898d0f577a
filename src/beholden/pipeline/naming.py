"""Names for the tracks of one camera: who is due, what the answer is, and one person only once (I10)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence

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
from beholden.pipeline.ports import Gate, Settle, TrackDecision


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

    def update(self, tracks: Sequence[Track], frame: Frame) -> tuple[list[TrackDecision], list[TrackId]]:
        """Take one frame's tracks; the answers that changed, and the tracks that turned out to be two people."""
        ended = list(self._retire({track.id for track in tracks}, frame))
        revised = self._registry_changed()
        forgot = False
        jumped: list[TrackId] = []
        asked: list[Followed] = []
        for track in tracks:
            followed = self._followed.setdefault(track.id, Followed(track))
            followed.track = track
            if track.ambiguous:
                forgot = followed.forget(Reason.CROSSED) or forgot
                continue
            followed.look(frame, self._engine.gates)
            new_shot = followed.take_shot(self._engine.embedder, frame.offset_s)
            if new_shot is False:
                forgot = followed.forget(Reason.CROSSED) or forgot
                jumped.append(track.id)
            elif followed.due(frame.offset_s, new_shot=bool(new_shot), revised=revised):
                asked.append(followed)
        for followed in asked:
            followed.answer(*self._decide(followed, frame), frame.offset_s)
        self._one_person_once()
        self._take_effect(asked, frame)
        if forgot:
            self._engine.embedder.flush()
        return ended + list(self._changes(frame)), jumped

    def finish(self, frame: Frame) -> list[TrackDecision]:
        """The source has ended, and with it every track."""
        return list(self._retire(set(), frame))

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
            return True
        changed, self._revision = revision != self._revision, revision
        return changed

    def _decide(self, followed: Followed, frame: Frame) -> tuple[Match, float]:
        engine = self._engine
        probe = followed.shots.pooled()
        if probe is None:
            return Unknown(Why(Reason.NO_USABLE_SHOT)), 0.0
        with probe:
            try:
                gallery: Gallery = self._gate.gallery(self._viewpoint, frame.captured_at, engine.embedder.model)
            except BeholdenError:
                return Undecided(Why(Reason.STALE)), 0.0
            return decide(probe, followed.shots.embedded, gallery, engine.calibration, engine.rule)

    def _one_person_once(self) -> None:
        """Of several tracks with one name in one frame, the best supported keeps it."""
        by_subject: dict[str, list[Followed]] = {}
        for followed in self._followed.values():
            if isinstance(followed.match, Known):
                by_subject.setdefault(followed.match.subject, []).append(followed)
        for rivals in by_subject.values():
            rivals.sort(key=lambda one: (len(one.shots.embedded), one.above), reverse=True)
            for loser in rivals[1:]:
                loser.take_back(Reason.ANOTHER_TRACK)

    def _take_effect(self, asked: Iterable[Followed], frame: Frame) -> None:
        for followed in asked:
            if isinstance(followed.match, Known):
                try:
                    self._settle.named(
                        self._viewpoint, self._epoch, followed.track.id, followed.match, frame.captured_at
                    )
                except BeholdenError:
                    # I5: the leaf is not durable, so the name does not take effect. Covering goes on.
                    followed.take_back(Reason.NOT_RECORDED)

    def _changes(self, frame: Frame) -> Iterator[TrackDecision]:
        """Answers that differ from what was last said of the same track."""
        for followed in self._followed.values():
            match = followed.match
            said = (type(match), match.why.reason, match.subject if isinstance(match, Known) else None)
            if said != followed.announced:
                followed.announced = said
                yield self._decision(followed, frame, match)

    def _decision(self, followed: Followed, frame: Frame, match: Match, *, ended: bool = False) -> TrackDecision:
        where = followed.track.box.scaled(1 / frame.size[0], 1 / frame.size[1])
        return TrackDecision(self._viewpoint, followed.track.id, frame.captured_at, frame.offset_s, where, match, ended)

    def _retire(self, alive: set[TrackId], frame: Frame) -> Iterator[TrackDecision]:
        """Wipe the tracks that are gone, and say what each ended as."""
        gone = [track for track in self._followed if track not in alive]
        for track in gone:
            followed = self._followed.pop(track)
            followed.shots.wipe()
            seconds = followed.track.seen_s - followed.track.began_s
            # A count that could not be kept is no reason to stop covering.
            with contextlib.suppress(BeholdenError):
                self._settle.ended(self._viewpoint, track, followed.match, frame.captured_at, seconds)
            yield self._decision(followed, frame, followed.match, ended=True)
        if gone:
            self._engine.embedder.flush()
