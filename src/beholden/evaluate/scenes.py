"""What a camera makes of people who walk past it: face width, blur, noise, light, compression, motion, pose, drawn.

Everything in a clip is decided here, from a seed and without a pixel; `composing` draws it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

WIDTHS = (24, 32, 48, 64, 96)
"""Face widths in pixels of the camera's own picture. 48 is the least that is recognised at the default setting."""
SIZE = (1280, 720)
"""Width and height of what the camera sends."""
SECONDS = 3.2
"""How long somebody is in view: five shots take two seconds, and those who walk slowly are seen for longer."""
FPS = 5.0
"""As many as are analysed by default: pictures between them would only cost time."""
LANES = (0.28, 0.72)
"""Heights at which people walk, as shares of the picture's height."""
APART = 2.4
"""Between people of a lane, in face widths: nobody hides anybody, so that the truth needs no opinion."""
TURN_S = 1.6
"""A head leans and turns away and back in about this time."""


@dataclass(frozen=True, slots=True)
class DrawnCamera:
    """One camera and its place, in pixels of its own picture.

    `face_px` is the mean width of a face along its path, which changes by `growth` (share) from beginning to end;
    `blur_px` sigma of the lens, 0: none; `shutter_s` how long a picture is exposed, which smears what moves; `noise`
    standard deviation in levels of 0-255; `gain` of the light, 1: as in the photo; `side` is how much darker (share)
    one side of the place is; `crf` of the encoder, higher is worse.
    """

    face_px: float
    growth: float
    blur_px: float
    shutter_s: float
    noise: float
    gain: float
    side: float
    crf: int


@dataclass(frozen=True, slots=True)
class Walk:
    """Somebody's way through the picture: `person` and `look` are indices, of people and of that person's pictures.

    `x`, `y` is where the face's middle is at the beginning, `speed` pixels a second to the right. The head leans by up
    to `lean_deg` in the plane of the picture and narrows by up to `narrow` (share), as a turned head does; `phase`
    0-1 is where in that movement it begins.
    """

    person: int
    look: int
    x: float
    y: float
    speed: float
    lean_deg: float
    narrow: float
    phase: float


@dataclass(frozen=True, slots=True)
class Scene:
    """One clip: a camera, and who walks past it. The same scene gives the same clip."""

    camera: DrawnCamera
    walks: tuple[Walk, ...]
    seed: int
    seconds: float = SECONDS
    fps: float = FPS
    size: tuple[int, int] = SIZE

    @property
    def frame_count(self) -> int:
        return round(self.seconds * self.fps)


@dataclass(frozen=True, slots=True)
class Pose:
    """A head at one moment: middle of the face and its width in pixels, lean in radians, and how much is left of its
    width (0-1) as it turns."""

    x: float
    y: float
    width: float
    lean: float
    narrow: float


def draw_camera(face_px: float, random: np.random.Generator) -> DrawnCamera:
    """A camera that shows faces of this width: from a good one in daylight to a poor one at dusk."""
    return DrawnCamera(
        face_px=face_px,
        growth=random.uniform(-0.06, 0.12),
        blur_px=random.uniform(0.3, 1.0) if random.random() < 0.6 else 0.0,
        shutter_s=random.uniform(1 / 250, 1 / 30),
        noise=random.uniform(1.0, 6.0),
        gain=random.uniform(0.55, 1.15),
        side=random.uniform(0.0, 0.4),
        crf=int(random.integers(20, 31)),
    )


def fits(face_px: float, size: tuple[int, int] = SIZE) -> int:
    """How many people walk in one lane: as many as leave room to walk, four at most."""
    return max(1, min(4, int((0.75 * size[0] - 2 * face_px) / (APART * face_px))))


def most_in_scene(face_px: float, size: tuple[int, int] = SIZE) -> int:
    """How many people walk in all lanes."""
    return fits(face_px, size) * len(LANES)


def draw_scene(
    cast: Sequence[tuple[int, int]],
    face_px: float,
    seed: int,
    *,
    seconds: float = SECONDS,
    fps: float = FPS,
    size: tuple[int, int] = SIZE,
) -> Scene:
    """A scene of (person, look) pairs. Raises ValueError for more people than the lanes hold."""
    lane = fits(face_px, size)
    if len(cast) > lane * len(LANES):
        raise ValueError(f"{len(cast)} faces of {face_px:g} pixels do not fit")
    random = np.random.default_rng(seed)
    camera = draw_camera(face_px, random)
    walks: list[Walk] = []
    for number, height in enumerate(LANES):
        walks += _lane(cast[number * lane : (number + 1) * lane], camera, height, seconds, size, random)
    return Scene(camera, tuple(walks), seed, seconds, fps, size)


def _lane(
    cast: Sequence[tuple[int, int]],
    camera: DrawnCamera,
    height: float,
    seconds: float,
    size: tuple[int, int],
    random: np.random.Generator,
) -> Iterator[Walk]:
    """People who walk one behind the other, at one speed, inside the picture from beginning to end."""
    face = camera.face_px
    if not cast:
        return
    room = size[0] - 2.4 * face - (len(cast) - 1) * APART * face
    speed = min(face * random.uniform(0.2, 3.0), room / seconds) * (1 if random.random() < 0.5 else -1)
    left = random.uniform(0.0, room - abs(speed) * seconds)
    first = 1.2 * face + left + max(0.0, -speed * seconds)
    for place, (person, look) in enumerate(cast):
        yield Walk(
            person=person,
            look=look,
            x=first + place * APART * face,
            y=size[1] * (height + random.uniform(-0.03, 0.03)),
            speed=speed,
            lean_deg=random.uniform(0.0, 10.0),
            narrow=random.uniform(0.0, 0.15),
            phase=random.random(),
        )


def pose(scene: Scene, walk: Walk, at_s: float) -> Pose:
    """Where and how somebody's head is `at_s` seconds after the beginning; it rises and falls with each step."""
    share = at_s / scene.seconds
    width = scene.camera.face_px * (1 + scene.camera.growth * (share - 0.5))
    swing = math.sin(2 * math.pi * (walk.phase + at_s / TURN_S))
    step = 0.03 * width * math.sin(2 * math.pi * (walk.phase + 1.9 * at_s))
    lean = math.radians(walk.lean_deg) * math.cos(2 * math.pi * (walk.phase + 0.7 * at_s / TURN_S))
    return Pose(walk.x + walk.speed * at_s, walk.y + step, width, lean, 1 - walk.narrow * (0.5 + 0.5 * swing))


def draw_scenes(
    cast: Sequence[tuple[int, int]],
    face_px: float,
    random: np.random.Generator,
    *,
    seconds: float = SECONDS,
    fps: float = FPS,
    size: tuple[int, int] = SIZE,
) -> list[Scene]:
    """Scenes in which each of the cast (person, look) walks once, in an order that is drawn, a camera to each scene."""
    order = shuffled(cast, random)
    most = most_in_scene(face_px, size)
    return [
        draw_scene(
            order[begin : begin + most], face_px, int(random.integers(2**31)), seconds=seconds, fps=fps, size=size
        )
        for begin in range(0, len(order), most)
    ]


def shuffled(cast: Sequence[tuple[int, int]], random: np.random.Generator) -> list[tuple[int, int]]:
    """(person, look) pairs in an order that is drawn."""
    order: list[int] = random.permutation(len(cast)).tolist()
    return [cast[index] for index in order]
