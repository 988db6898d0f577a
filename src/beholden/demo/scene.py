"""A film of people walking past a camera, with the truth of every frame.

Deterministic: the same scene gives the same frames. Figures are pasted with `x*(1-alpha) + figure`
in the region they need, then the whole picture passes the camera's faults (dim light, blur, noise).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import cv2
import numpy as np

from beholden.demo.backdrop import HEIGHT, WIDTH, Backdrop, Setting, draw
from beholden.demo.cutout import BODY_LOOK, Figure, figures
from beholden.demo.people import PersonId
from beholden.model.box import Box
from beholden.model.frame import Pixels

LOOK_S = 0.9
"""A face is kept this long before the next one of `Actor.looks` ..."""
FADE_S = 0.16
"""... into which it fades this long, so that shots differ and nothing jumps."""
STEPS_PER_S = 1.9
"""Walking pace: the head rises and falls once a step."""


@dataclass(frozen=True, slots=True)
class Step:
    """Where a face's centre is at `t` seconds: `x`, `y` and its width `face`, pixels of the scene."""

    t: float
    x: float
    y: float
    face: float


@dataclass(frozen=True, slots=True)
class Actor:
    """Someone who walks along `path` (in straight lines between its steps), seen from its first step to its last.

    `looks` are shown in turn (see `cutout.LOOKS`); `shirt` is BGR; `bob` is the head's rise at each
    step as a share of the face's width.
    """

    person: PersonId
    path: tuple[Step, ...]
    looks: tuple[str, ...] = (BODY_LOOK,)
    shirt: tuple[int, int, int] = (150, 110, 80)
    bob: float = 0.06


@dataclass(frozen=True, slots=True)
class Effects:
    """A camera's faults: light `gain` (1 is day), `noise` and `blur` as sigma (levels, pixels), sideways `smear` in
    pixels, and libx264's `crf` (higher is worse)."""

    gain: float = 1.0
    noise: float = 1.2
    blur: float = 0.0
    smear: int = 0
    crf: int = 21


@dataclass(frozen=True, slots=True)
class Scene:
    """What a camera films. `ledge` is the row (of 720) from which a desk, hedge or rail hides what is behind it."""

    setting: Setting
    seed: int
    actors: tuple[Actor, ...]
    seconds: float = 4.8
    fps: float = 12.5
    width: int = WIDTH
    height: int = HEIGHT
    ledge: int = 560
    effects: Effects = field(default_factory=Effects)

    @property
    def frame_count(self) -> int:
        return round(self.seconds * self.fps)


@dataclass(frozen=True, slots=True)
class Seen:
    """The truth about one face in one frame: whose, where (pixels, not clipped), what share of it others hide."""

    person: PersonId
    box: Box
    hidden: float


Wardrobe = Mapping[tuple[PersonId, tuple[int, int, int]], Mapping[str, Figure]]
"""Figures by person and shirt, then by look."""


def dress(scenes: Iterable[Scene]) -> Wardrobe:
    """Every figure that the scenes need, made once. Raises MissingInput when the demo's extra is not installed."""
    needed: dict[tuple[PersonId, tuple[int, int, int]], dict[str, None]] = {}
    for scene in scenes:
        for actor in scene.actors:
            needed.setdefault((actor.person, actor.shirt), {}).update(dict.fromkeys(actor.looks))
    return {(person, shirt): figures(person, tuple(looks), shirt) for (person, shirt), looks in needed.items()}


def film(scene: Scene, wardrobe: Wardrobe) -> Iterator[tuple[Pixels, tuple[Seen, ...]]]:
    """Each frame (HxWx3 uint8 BGR, a fresh array) with the truth about it, farthest face first."""
    backdrop = draw(scene.setting, scene.ledge, scene.seed)
    grain = _noise_fields(scene)
    for index in range(scene.frame_count):
        frame, truth = _compose(scene, backdrop, wardrobe, index / scene.fps)
        yield _through_the_lens(frame, scene.effects, grain, index), truth


def _compose(scene: Scene, backdrop: Backdrop, wardrobe: Wardrobe, t: float) -> tuple[Pixels, tuple[Seen, ...]]:
    """The frame at `t` before the camera's faults: the nearer (wider) a face, the later it is pasted."""
    size = (scene.width, scene.height)
    frame = backdrop.back.copy() if size == (WIDTH, HEIGHT) else np.asarray(cv2.resize(backdrop.back, size), np.uint8)
    present = [(actor, where) for actor in scene.actors if (where := _where(actor, t)) is not None]
    present.sort(key=lambda pair: pair[1].face)
    seen: list[Seen] = []
    for actor, where in present:
        shown, box = _paste(frame, _figure(actor, wardrobe, t), where)
        seen = [Seen(one.person, one.box, max(one.hidden, _hidden_share(one.box, shown))) for one in seen]
        seen.append(Seen(actor.person, box, 0.0))
    front = backdrop.front
    if size != (WIDTH, HEIGHT):
        front = cv2.resize(front, (scene.width, round(front.shape[0] * scene.height / HEIGHT)))
    if front.shape[0]:
        frame[scene.height - front.shape[0] :] = front
    return frame, tuple(seen)


def _where(actor: Actor, t: float) -> Step | None:
    """The actor's place at `t`, with the bob of walking; None before the first step and after the last."""
    path = actor.path
    if not path[0].t <= t <= path[-1].t:
        return None
    times = [step.t for step in path]
    x, y, face = (float(np.interp(t, times, [getattr(step, name) for step in path])) for name in ("x", "y", "face"))
    phase = math.pi * STEPS_PER_S * t + sum(actor.person.encode())  # people are not in step with each other
    return Step(t, x + 0.5 * actor.bob * face * math.sin(phase), y - actor.bob * face * abs(math.sin(phase)), face)


def _figure(actor: Actor, wardrobe: Wardrobe, t: float) -> tuple[Figure, Figure, float]:
    """The look at `t`, the next one, and how far the fade into it has come (0-1)."""
    worn = wardrobe[actor.person, actor.shirt]
    turn = int(t / LOOK_S)
    now, following = (worn[actor.looks[(turn + more) % len(actor.looks)]] for more in (0, 1))
    fade = max(0.0, (t - turn * LOOK_S - (LOOK_S - FADE_S)) / FADE_S)
    return now, following, fade if now is not following else 0.0


_Patch = tuple[int, int, Pixels]
"""Left, top, and HxW alpha uint8 of what was pasted."""


def _paste(frame: Pixels, shown: tuple[Figure, Figure, float], where: Step) -> tuple[_Patch, Box]:
    """Draw a figure into `frame`, in place: what was covered, and the face's true box."""
    figure, following, fade = shown
    scale = where.face / figure.face.w
    cx, cy = figure.face.centre
    box = Box(where.x - where.face / 2, where.y - figure.face.h * scale / 2, where.face, figure.face.h * scale)
    height, width = figure.levels[0].shape[:2]
    area = Box(where.x - cx * scale, where.y - cy * scale, width * scale, height * scale)
    clipped = area.within(frame.shape[1], frame.shape[0])
    if clipped is None:
        return (0, 0, np.zeros((0, 0), np.uint8)), box
    left, top, right, bottom = clipped
    level = min(len(figure.levels) - 1, max(0, int(math.log2(max(1.0, 1 / scale)))))
    step = scale * 2**level
    half = (2**level - 1) / 2  # a pixel of level k lies at the middle of 2^k pixels
    move = np.array([[step, 0, area.x - left + half * scale], [0, step, area.y - top + half * scale]], np.float64)
    size = (right - left, bottom - top)
    cut = cv2.warpAffine(figure.levels[level], move, size, flags=cv2.INTER_LINEAR)
    if fade > 0:
        cut = cv2.addWeighted(cut, 1 - fade, cv2.warpAffine(following.levels[level], move, size), fade, 0)
    blue, green, red, alpha = cv2.split(cut)
    rest = cv2.bitwise_not(alpha)
    region = frame[top:bottom, left:right]
    dimmed = cv2.multiply(region, cv2.merge([rest, rest, rest]), scale=1 / 255)
    frame[top:bottom, left:right] = cv2.add(dimmed, cv2.merge([blue, green, red]))
    return (left, top, np.asarray(alpha, np.uint8)), box


def _hidden_share(face: Box, patch: _Patch) -> float:
    """How much of a face the patch lies on, 0-1."""
    left, top, alpha = patch
    part = face.moved(-left, -top).within(alpha.shape[1], alpha.shape[0])
    if part is None:
        return 0.0
    x0, y0, x1, y1 = part
    return float(alpha[y0:y1, x0:x1].sum(dtype=np.int64) / 255 / face.area)


def _noise_fields(scene: Scene) -> tuple[tuple[Pixels, Pixels], ...]:
    """Four pictures of sensor noise, as what to add and what to take away."""
    rng = np.random.default_rng(scene.seed + 1)
    fields: list[tuple[Pixels, Pixels]] = []
    for _ in range(4 if scene.effects.noise > 0 else 0):
        noise = rng.normal(0, scene.effects.noise, (scene.height, scene.width, 1)).round()
        noise = np.repeat(noise, 3, axis=2)
        fields.append((np.clip(noise, 0, 255).astype(np.uint8), np.clip(-noise, 0, 255).astype(np.uint8)))
    return tuple(fields)


def _through_the_lens(frame: Pixels, effects: Effects, grain: tuple[tuple[Pixels, Pixels], ...], index: int) -> Pixels:
    if effects.smear > 1:
        frame = np.asarray(cv2.blur(frame, (effects.smear, 1)), np.uint8)
    if effects.blur > 0:
        frame = np.asarray(cv2.GaussianBlur(frame, (0, 0), effects.blur), np.uint8)
    if effects.gain != 1.0:
        frame = np.asarray(cv2.convertScaleAbs(frame, alpha=effects.gain), np.uint8)
    if grain:
        more, less = grain[index % len(grain)]
        frame = np.asarray(cv2.subtract(cv2.add(frame, more), less), np.uint8)
    return frame
