"""How good it is on video: composed clips through the product's own pipeline, held against who walked there.

Encoded, decoded, detected, followed, shot, pooled and decided as in `watch`, at the product's default setting; what
is measured is the answer about a whole passage, and no score is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from queue import SimpleQueue
from typing import Any, TypeVar

import numpy as np

from beholden.evaluate.alerts import BothDenominators, Estimate, counted, per_camera_day
from beholden.evaluate.cast import MOST_PEOPLE, Cast, OpenGate, Person, assemble, some_of, subject
from beholden.evaluate.composing import Clip, compose
from beholden.evaluate.passages import Mated, Passage, Strangers, Watched, mated, strangers, watched
from beholden.evaluate.scenes import WIDTHS, Scene, draw_scenes
from beholden.evaluate.templates import Progress
from beholden.faces.engine import FaceEngine
from beholden.model.grant import Capture, Place, Viewpoint
from beholden.model.ids import CameraId, Epoch, PlaceId, SightingId, TrackId, new_epoch, sighting_id
from beholden.model.match import Known, Match
from beholden.pipeline.ports import Show, TrackDecision
from beholden.pipeline.stages import CameraRun
from beholden.video.source import open_source

OPENED_PX = 16.0
"""The least face width of the second look at small faces: what the recogniser makes of what the default leaves out."""
VIEWPOINT = Viewpoint(CameraId("evaluation"), Place(PlaceId("evaluation"), capture=Capture.LANE))
_DAY = datetime(2026, 1, 1, tzinfo=UTC)
_Job = TypeVar("_Job")
_Done = TypeVar("_Done")


@dataclass(frozen=True, slots=True)
class VideoPlan:
    """What is composed: face `widths`, and how many `rounds`; in each everybody walks once in each width, with one of
    their looks, half of them enrolled, and in the next round the other half. Of more than `most_people`, some are
    drawn. `tracks_a_day`: strangers whom a camera sees, for the false alerts of a day."""

    widths: tuple[int, ...] = WIDTHS
    rounds: int = 2
    seed: int = 20261123
    tracks_a_day: int = 1000
    most_people: int = MOST_PEOPLE


@dataclass(frozen=True, slots=True)
class AtWidth:
    """What was measured where faces are drawn `face_px` wide."""

    face_px: int
    mated: Mated
    strangers: Strangers

    def as_values(self) -> dict[str, Any]:
        """For JSON."""
        return {"face_px": self.face_px, "mated": self.mated.as_values(), "strangers": self.strangers.as_values()}


@dataclass(frozen=True, slots=True)
class VideoResult:
    """Aggregates only. `widths` at the default setting; `opened` the narrow ones again with the limit on width taken
    away, for the record. `mated`, `strangers`, `alerts` and `a_day` are of the widths that the default recognises
    (`least_px` and more). `strays`: tracks that were on nobody, and those of them that were given a name.
    """

    plan: VideoPlan
    people: int
    enrollable: int
    refused: dict[str, int]
    unusable_photos: int
    gallery: tuple[int, ...]
    clips: int
    fpir_asked: float
    least_px: float
    widths: tuple[AtWidth, ...]
    opened: tuple[AtWidth, ...]
    mated: Mated
    strangers: Strangers
    alerts: BothDenominators
    a_day: Estimate | None
    strays: tuple[int, int]

    def as_values(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "people": self.people,
            "enrollable": self.enrollable,
            "refused_at_enrolment": self.refused,
            "photos_without_a_face": self.unusable_photos,
            "gallery": list(self.gallery),
            "clips": self.clips,
            "seed": self.plan.seed,
            "fpir_asked": self.fpir_asked,
            "least_face_px": self.least_px,
            "by_face_px": [width.as_values() for width in self.widths],
            "width_limit_taken_away": [width.as_values() for width in self.opened],
            "mated": self.mated.as_values(),
            "strangers": self.strangers.as_values(),
            "alerts": self.alerts.as_values(),
            "tracks_a_day": self.plan.tracks_a_day,
            "false_alerts_a_camera_day": None if self.a_day is None else self.a_day.as_values(),
            "tracks_on_nobody": self.strays[0],
            "tracks_on_nobody_named": self.strays[1],
        }


@dataclass(frozen=True, slots=True)
class _Passing:
    """One clip to be made and watched; `enrolled` are the people who may be named in it."""

    scene: Scene
    gate: OpenGate
    enrolled: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Answers:
    face_px: int
    default: Watched
    opened: Watched | None


def measure(
    people: Sequence[Person], engines: Sequence[FaceEngine], plan: VideoPlan, progress: Progress
) -> VideoResult:
    """Compose, watch and count; one thread for each of `engines` (all of one model).

    Clips lie in memory, one per thread. Raises EmptyInput when nobody has a face, OutputRefused, ModelError.
    """
    with assemble(some_of(people, plan.most_people, plan.seed), engines[0], progress) as cast:
        random = np.random.default_rng(plan.seed)
        jobs: list[_Passing] = []
        gallery: list[int] = []
        for number in range(plan.rounds):
            enrolled = cast.round(number)
            gate = cast.gate(enrolled)
            gallery.append(len(gate))
            for face_px in plan.widths:
                scenes = draw_scenes(one_look_each(cast.walkers(face_px), random), face_px, random)
                jobs += [_Passing(scene, gate, frozenset(enrolled)) for scene in scenes]
        answers = spread(
            jobs,
            engines,
            lambda job, engine: _watch(job, cast, engine),
            lambda done: progress("clips", done, len(jobs)),
        )
        return _result(plan, len(cast.heads), cast, tuple(gallery), engines[0], answers)


def one_look_each(walkers: Sequence[tuple[int, int]], random: np.random.Generator) -> list[tuple[int, int]]:
    """Of each person among (person, look) pairs, one look that is drawn."""
    looks: dict[int, list[int]] = {}
    for person, look in walkers:
        looks.setdefault(person, []).append(look)
    return [(person, mine[int(random.integers(len(mine)))]) for person, mine in looks.items()]


def spread(
    jobs: Sequence[_Job],
    engines: Sequence[FaceEngine],
    work: Callable[[_Job, FaceEngine], _Done],
    told: Callable[[int], object],
) -> list[_Done]:
    """What each job gives, in order; as many threads as engines. `told` is told how many are done.

    Whatever ends it, what is being worked on is finished first, and no other job is begun.
    """
    free: SimpleQueue[FaceEngine] = SimpleQueue()
    for engine in engines:
        free.put(engine)

    def one(job: _Job) -> _Done:
        engine = free.get()
        try:
            return work(job, engine)
        finally:
            free.put(engine)

    done: list[_Done] = []
    with ThreadPoolExecutor(len(engines)) as threads:
        begun = [threads.submit(one, job) for job in jobs]
        try:
            for future in begun:
                done.append(future.result())
                told(len(done))
        except BaseException:
            threads.shutdown(wait=True, cancel_futures=True)
            raise
    return done


def _watch(job: _Passing, cast: Cast, engine: FaceEngine) -> _Answers:
    """Make one clip and watch it; where faces are about too narrow, once more without that limit."""
    scene = job.scene
    people = [(walk.person, subject(walk.person) if walk.person in job.enrolled else None) for walk in scene.walks]
    with compose(scene, [cast.heads[walk.person][walk.look] for walk in scene.walks]) as clip:

        def answers(with_engine: FaceEngine) -> Watched:
            decisions = decided(clip, with_engine, job.gate)
            return watched(decisions, clip.truth, scene.fps, scene.size, people)

        default = answers(engine)
        narrow = scene.camera.face_px < 1.25 * engine.gates.min_width_px
        opened = answers(replace(engine, gates=replace(engine.gates, min_width_px=OPENED_PX))) if narrow else None
        return _Answers(round(scene.camera.face_px), default, opened)


def decided(clip: Clip, engine: FaceEngine, gate: OpenGate) -> list[TrackDecision]:
    """Everything that the product says while it watches a clip."""
    with open_source(clip.path, camera=VIEWPOINT.camera, started_at=_DAY) as source:
        return list(camera_run(engine, gate).watch(source.frames()))


def camera_run(engine: FaceEngine, gate: OpenGate, show: Show | None = None) -> CameraRun:
    """A run of the product's own pipeline; what it decides is kept nowhere."""
    return CameraRun(engine, VIEWPOINT, new_epoch(), gate, _Nothing(), show)


class _Nothing:
    """A log that notes nothing: names take effect at once, and nothing of them stays."""

    def named(self, viewpoint: Viewpoint, epoch: Epoch, track: TrackId, match: Known, moment: datetime) -> SightingId:
        return sighting_id(viewpoint.camera, epoch, track, match.subject)

    def ended(self, viewpoint: Viewpoint, track: TrackId, match: Match, moment: datetime, seconds: float) -> object:
        return None


def _result(
    plan: VideoPlan,
    people: int,
    cast: Cast,
    gallery: tuple[int, ...],
    engine: FaceEngine,
    answers: Sequence[_Answers],
) -> VideoResult:
    least = engine.gates.min_width_px
    recognised = [p for answer in answers if answer.face_px >= least for p in answer.default.passages]
    all_mated, all_strangers = mated(recognised), strangers(recognised)
    return VideoResult(
        plan=plan,
        people=people,
        enrollable=len(cast.enrollable),
        refused=cast.refused,
        unusable_photos=cast.faceless,
        gallery=gallery,
        clips=len(answers),
        fpir_asked=engine.rule.fpir,
        least_px=least,
        widths=_by_width([(answer.face_px, answer.default) for answer in answers]),
        opened=_by_width([(answer.face_px, answer.opened) for answer in answers if answer.opened is not None]),
        mated=all_mated,
        strangers=all_strangers,
        alerts=_alerts(recognised),
        a_day=per_camera_day(all_strangers.fpir, plan.tracks_a_day),
        strays=(
            sum(answer.default.strays for answer in answers),
            sum(answer.default.strays_named for answer in answers),
        ),
    )


def _by_width(answers: Sequence[tuple[int, Watched]]) -> tuple[AtWidth, ...]:
    passages: dict[int, list[Passage]] = {}
    for face_px, answer in answers:
        passages.setdefault(face_px, []).extend(answer.passages)
    return tuple(AtWidth(width, mated(mine), strangers(mine)) for width, mine in sorted(passages.items()))


def _alerts(passages: Sequence[Passage]) -> BothDenominators:
    """False names among the passages, and among those that were given a name."""
    false = sum(passage.as_another or (not passage.enrolled and passage.tracks_named > 0) for passage in passages)
    alerts = sum(passage.tracks_named > 0 for passage in passages)
    return counted(false, alerts, len(passages))
