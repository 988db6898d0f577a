"""The whole flow, one function per arrow: frame -> faces -> tracks -> covered pixels, probe -> match -> event.

for frame in source:
    faces  = detect(frame)              what is new since the detector last looked
    tracks = follow(faces, frame)       who is the same face as before
    show(cover(frame, tracks))          the only pixels that leave
    names  = name(tracks, frame)        shots, probe, gate, decide, settle: see `naming`

The first three are `see`, the last is `name`. A file takes one after the other (`step`); where many
cameras share a machine, all are covered before any is named (`supervise.workers.inference`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from beholden.faces.detect import COVER_BORDER
from beholden.faces.engine import FaceEngine
from beholden.faces.quality import cut_off
from beholden.faces.tracker import Tracker, unfollowed
from beholden.model.errors import ModelError
from beholden.model.face import Face
from beholden.model.frame import Frame
from beholden.model.grant import Viewpoint
from beholden.model.ids import Epoch
from beholden.model.track import Track
from beholden.pipeline.motion import MotionGate
from beholden.pipeline.naming import Naming
from beholden.pipeline.ports import Gate, Moment, Settle, Show, TrackDecision
from beholden.video.cover import Coverer


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A frame that was covered and has yet to be named; `endings` of the tracks that a cut ended before it."""

    frame: Frame
    moment: Moment
    tracks: tuple[Track, ...]
    endings: tuple[TrackDecision, ...] = ()


class CameraRun:
    """One run of one camera: what it remembers between frames. `show` None means nothing is stored or shown."""

    def __init__(
        self,
        engine: FaceEngine,
        viewpoint: Viewpoint,
        epoch: Epoch,
        gate: Gate,
        settle: Settle,
        show: Show | None = None,
    ) -> None:
        self._engine = engine
        self._motion = MotionGate()
        self._tracker = Tracker(epoch)
        self._naming = Naming(engine, viewpoint, epoch, gate, settle)
        self._coverer = Coverer() if show else None
        self._show = show
        self._faces: list[Face] = []
        self._detector_failed = False
        self.still = False
        """Whether the frame that was seen last shows nothing new, and nobody is followed in it."""

    def watch(self, frames: Iterable[Frame]) -> Iterator[TrackDecision]:
        """Run the flow over all frames, yielding each answer as it changes.

        Whatever ends it, a broken source included, every probe is wiped; covered frames that wait
        for what comes after them are shown first when the source ends or breaks.
        """
        try:
            for frame in frames:
                yield from self.step(frame)
        finally:
            # Not a `yield` in here: a consumer that stops early closes the generator.
            endings = self.leave()
        yield from endings

    def step(self, frame: Frame) -> list[TrackDecision]:
        """One frame through all stages."""
        return self.name(self.see(frame))

    def see(self, frame: Frame, arrived_s: float | None = None) -> Seen:
        """Detect, follow, cover and show. What is seen is to be named before the next frame is seen."""
        endings = self.leave() if frame.cut else []
        faces = self._detect(frame)
        tracks = self._follow(faces, frame)
        self._cover(frame, tracks, faces)
        self.still = not (self._motion.moved or tracks or self._detector_failed)
        return Seen(frame, Moment.of(frame, arrived_s), tuple(tracks), tuple(endings))

    def name(self, seen: Seen, *, hurried: bool = False) -> list[TrackDecision]:
        """The answers that changed with this frame. `hurried`: with one new template at most."""
        decisions, jumped = self._naming.update(seen.tracks, seen.frame, seen.moment, hurried=hurried)
        for track in jumped:
            self._tracker.split(track, seen.frame.offset_s)
        return [*seen.endings, *decisions]

    @property
    def waiting(self) -> bool:
        """Whether a name waits for its leaf, so that `poll` is worth asking soon."""
        return self._naming.waiting

    def poll(self) -> list[TrackDecision]:
        """The answers that changed without a frame: a name was recorded, or may no longer be given."""
        return self._naming.poll()

    def leave(self) -> list[TrackDecision]:
        """The source is lost, or shows something else: all tracks end, and nothing is carried on.

        Covered frames that wait for what comes after them are shown. The next frame begins anew.
        """
        try:
            self._flush_covered()
            return self._naming.finish()
        finally:
            self.drop()  # also when the covered frames have nowhere to go

    def forget_names(self) -> None:
        """Wipe every shot and name without a word; tracks and covers stay."""
        self._naming.drop()

    def drop(self) -> None:
        """Wipe everything at once, without a word: covered frames that wait are not shown."""
        self._coverer = Coverer() if self._show else None
        self._tracker.forget()
        self._motion = MotionGate()
        self._naming.drop()

    def _detect(self, frame: Frame) -> list[Face]:
        """The faces of this frame: found now, or still the same because nothing moved."""
        if self._motion.changed(frame.pixels, frame.offset_s) or self._detector_failed:
            try:
                # A border finds faces cut by the edge. They are never recognised: only covering pays for it.
                border = COVER_BORDER if self._show else 0
                self._faces = self._engine.detector.detect(frame.pixels, self._engine.cover_score, border)
                self._detector_failed = False
            except ModelError:
                self._faces, self._detector_failed = [], True
        return self._faces

    def _follow(self, faces: Sequence[Face], frame: Frame) -> list[Track]:
        """Who is the same face as before.

        A face cut by the edge, or by a privacy zone, is covered, and followed once it is in the picture:
        its box grows as it enters, faster than by walking, and it would be one track after the other.
        """
        whole = [face for face in faces if not cut_off(face, frame.size, frame.blind)]
        return self._tracker.update(whole, frame.offset_s)

    def _cover(self, frame: Frame, tracks: Sequence[Track], faces: Sequence[Face]) -> None:
        """Every face, also a doubtful one that is no track; the whole frame when the detector failed."""
        if self._coverer is None or self._show is None:
            return
        for covered in self._coverer.push(frame, tracks, unfollowed(faces, tracks), failed=self._detector_failed):
            self._show(covered)

    def _flush_covered(self) -> None:
        if self._coverer is not None and self._show is not None:
            for covered in self._coverer.flush():
                self._show(covered)
