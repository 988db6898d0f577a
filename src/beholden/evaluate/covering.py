"""How well faces are covered: composed clips whose faces are known, and real ones, covered by the product itself.

Covered twice: by the tool (`beholden cover`) at full size, and as cameras' pictures are while they are watched.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from beholden.evaluate.cast import MOST_PEOPLE, Cast, Person, assemble, nobody, some_of, subject
from beholden.evaluate.composing import Clip, compose
from beholden.evaluate.faces_left import known_face_finder
from beholden.evaluate.hidden import Judged, fill_share, frames_of, judged, recognised
from beholden.evaluate.passages import rate
from beholden.evaluate.rates import Rate
from beholden.evaluate.real_clips import RealClips, look_through
from beholden.evaluate.scenes import Scene, draw_scenes, most_in_scene, shuffled
from beholden.evaluate.templates import Progress
from beholden.evaluate.video import VIEWPOINT, camera_run, one_look_each, spread
from beholden.faces.engine import FaceEngine
from beholden.model.frame import Pixels
from beholden.pipeline.redact import redact
from beholden.video.record import Recorder
from beholden.video.source import open_source

Cover = Callable[[Path, Path, FaceEngine], object]
"""Covers a video (first path) into another one (second)."""
PER = 100_000
"""Faces x frames that visible ones are counted per."""
FPS = 10.0
WIDTHS = (12, 16, 20, 24, 32, 48, 64, 96, 144)
"""Of faces, in pixels of the camera's picture. Eyes are .47 of it apart: 8 pixels at 17."""
ATTACKED_PX = 48
"""Faces at least this wide are attacked by the recogniser: of narrower ones it would know nobody uncovered."""
TOOL, WATCH = "cover", "watch"


@dataclass(frozen=True, slots=True)
class CoveringPlan:
    """What is composed: face `widths`, so many `clips` for each; of more than `most_people`, some are drawn."""

    widths: tuple[int, ...] = WIDTHS
    clips: int = 4
    seconds: float = 3.2
    seed: int = 20261124
    most_people: int = MOST_PEOPLE


@dataclass(frozen=True, slots=True)
class Left:
    """What one way of covering left: faces x frames that show, of those with eyes 8 pixels apart or more (`large`) and
    of the others. Pixels are of the covered picture, which is smaller than the camera's while watching. `by_px` is the
    same by the width that faces were drawn with, in the camera's picture.

    Bounds are by walk: the pictures of one walk are alike, and another walk of the same person has another camera.
    `covered` is the share (0-1) of the picture that covers take, `in_faces` what faces take of it (their boxes).
    """

    how: str
    large: Rate
    small: Rate
    by_px: tuple[tuple[int, Rate], ...]
    covered: float
    in_faces: float

    def as_values(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "how": self.how,
            "eyes_8_px_or_more": {**self.large.as_values(), "visible_per_100000": per_100000(self.large)},
            "eyes_under_8_px": {**self.small.as_values(), "visible_per_100000": per_100000(self.small)},
            "by_face_px": [{"face_px": width, **rate.as_values()} for width, rate in self.by_px],
            "picture_covered": round(self.covered, 4),
            "picture_in_faces": round(self.in_faces, 4),
        }


@dataclass(frozen=True, slots=True)
class Attack:
    """A recogniser that is told where each face is, in so many frames pooled: how often the right one of `gallery`
    people comes first, in the clips as they were (`before`) and covered (`after`). Chance is one in `gallery`."""

    gallery: int
    before: Rate
    after: Rate

    @property
    def chance(self) -> float | None:
        return 1 / self.gallery if self.gallery else None

    @property
    def at_chance(self) -> bool | None:
        """Whether the attack is no better than chance as far as its bounds tell; None when nobody was attacked."""
        if self.after.bounds is None or self.chance is None:
            return None
        return self.after.bounds.low <= self.chance

    def as_values(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "gallery": self.gallery,
            "chance": self.chance,
            "rank_1_uncovered": self.before.as_values(),
            "rank_1_covered": self.after.as_values(),
            "at_chance": self.at_chance,
        }


@dataclass(frozen=True, slots=True)
class CoveringResult:
    """Aggregates only. `real` is None where no clips were given."""

    plan: CoveringPlan
    people: int
    clips: int
    left: tuple[Left, ...]
    attack: Attack
    real: RealClips | None

    def as_values(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "people": self.people,
            "clips": self.clips,
            "seed": self.plan.seed,
            "face_px": list(self.plan.widths),
            "left": [left.as_values() for left in self.left],
            "attack": self.attack.as_values(),
            "real_clips": None if self.real is None else self.real.as_values(),
        }


def per_100000(rate: Rate) -> float | None:
    """Errors of a rate per 100,000 faces x frames."""
    return None if rate.value is None else round(PER * rate.value, 2)


def with_the_tool(source: Path, out: Path, engine: FaceEngine) -> object:
    """As `beholden cover` does: every picture, at its own size."""
    return redact(source, out, engine.finder)


def while_watching(source: Path, out: Path, engine: FaceEngine) -> object:
    """As cameras' pictures are covered and recorded; nobody is recognised, which covering does not need."""
    blind = replace(engine, gates=replace(engine.gates, min_width_px=float("inf")))
    with (
        open_source(source, camera=VIEWPOINT.camera, started_at=datetime(2026, 1, 1, tzinfo=UTC)) as opened,
        Recorder(out, rate=5.0) as recorder,
    ):
        run = camera_run(blind, nobody(engine), recorder.write)
        return sum(1 for _ in run.watch(opened.frames()))


COVERS: Mapping[str, Cover] = {TOOL: with_the_tool, WATCH: while_watching}


@dataclass(frozen=True, slots=True)
class _Found:
    """Of one clip: what each way left, and (person, rightly first?) of each face attacked, before and after."""

    left: dict[str, Judged]
    before: tuple[tuple[int, bool], ...]
    after: tuple[tuple[int, bool], ...]
    scene: Scene


def measure(
    people: Sequence[Person],
    engines: Sequence[FaceEngine],
    plan: CoveringPlan,
    progress: Progress,
    clips: Sequence[Path] = (),
    covers: Mapping[str, Cover] = COVERS,
) -> CoveringResult:
    """Compose, cover, look; then cover and look through `clips`, the user's own. One thread for each of `engines`.

    Covered pictures lie in a temporary folder while they are looked at, uncovered ones in memory. Raises EmptyInput,
    MissingInput (the independent detector is not installed), ModelError, and what `redact` raises for `clips`.
    """
    with assemble(some_of(people, plan.most_people, plan.seed), engines[0], progress) as cast:
        scenes = _scenes(cast, plan)
        found = spread(
            scenes,
            engines,
            lambda scene, engine: _cover_and_look(scene, cast, engine, covers),
            lambda done: progress("covered clips", done, len(scenes)),
        )
        real = look_through(clips, engines, covers.get(TOOL, with_the_tool), progress) if clips else None
        left = tuple(_left(how, found) for how in covers)
        return CoveringResult(plan, len(cast.heads), len(scenes), left, _attack(cast, found), real)


def _scenes(cast: Cast, plan: CoveringPlan) -> list[Scene]:
    random = np.random.default_rng(plan.seed)
    scenes: list[Scene] = []
    for face_px in plan.widths:
        for _ in range(plan.clips):
            walkers = one_look_each(cast.walkers(face_px), random)
            chosen = shuffled(walkers, random)[: most_in_scene(face_px)]
            scenes += draw_scenes(chosen, face_px, random, seconds=plan.seconds, fps=FPS)
    return scenes


def _cover_and_look(scene: Scene, cast: Cast, engine: FaceEngine, covers: Mapping[str, Cover]) -> _Found:
    left: dict[str, Judged] = {}
    after: tuple[tuple[int, bool], ...] = ()
    look = known_face_finder()
    with (
        compose(scene, [cast.heads[walk.person][walk.look] for walk in scene.walks]) as clip,
        tempfile.TemporaryDirectory(prefix="beholden-covered-") as folder,
    ):
        original = frames_of(clip.path)
        grey = sum(fill_share(pixels) for pixels, _ in original) / len(original)
        for how, cover in covers.items():
            out = Path(folder) / f"{how}.mp4"
            cover(clip.path, out, engine)
            seen = judged(out, clip, look)
            left[how] = replace(seen, covered=max(0.0, seen.covered - grey))  # what had that colour before is no cover
            if how == TOOL:
                after = _first(frames_of(out), clip, cast, engine)
        return _Found(left, _first(original, clip, cast, engine), after, scene)


def _first(
    frames: Sequence[tuple[Pixels, float]], clip: Clip, cast: Cast, engine: FaceEngine
) -> tuple[tuple[int, bool], ...]:
    """Each enrolled person of a clip, and whether a recogniser puts them first."""
    if clip.scene.camera.face_px < ATTACKED_PX:
        return ()
    gallery = cast.gate(cast.enrollable).everybody
    people = [(number, walk.person) for number, walk in enumerate(clip.scene.walks) if walk.person in cast.enrollable]
    firsts = [(person, recognised(frames, clip, number, engine, gallery)) for number, person in people]
    return tuple((person, row is not None and gallery.subjects[row] == subject(person)) for person, row in firsts)


def _left(how: str, found: Sequence[_Found]) -> Left:
    frames = [one.left[how] for one in found]
    total = max(1, sum(one.frames for one in frames))
    # (walk, faces that show, faces, whether small, width): a walk has a number of its own among all clips.
    counts = [
        (number * 100 + face.walk, face.shown, face.faces, face.small, round(one.scene.camera.face_px))
        for number, one in enumerate(found)
        for face in one.left[how].faces
    ]
    widths = sorted({each[4] for each in counts})
    return Left(
        how,
        large=rate(each[:3] for each in counts if not each[3]),
        small=rate(each[:3] for each in counts if each[3]),
        by_px=tuple((width, rate(each[:3] for each in counts if each[4] == width)) for width in widths),
        covered=sum(one.covered * one.frames for one in frames) / total,
        in_faces=sum(one.in_faces * one.frames for one in frames) / total,
    )


def _attack(cast: Cast, found: Sequence[_Found]) -> Attack:
    before, after = (
        rate((person, int(first), 1) for one in found for person, first in getattr(one, when))
        for when in ("before", "after")
    )
    return Attack(len(cast.enrollable), before, after)
