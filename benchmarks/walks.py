"""Endless clips of people walking by, for cameras that are watched for hours: `make_walks`.

1280x720 at 25 fps and 2 Mbit/s, a keyframe every 2 s, no B-frames, one slice a picture: what a
camera sends as its second stream today. People cross the picture one after the other, with nobody
in view at the beginning and the end, so that a clip can start again without anybody jumping. Every
clip is 3 s longer than the one before: cameras drift apart, and meetings of events come at random.

Four of the ten synthetic people enrol; each clip shows two of them and two strangers, so that an
enrolled person's name at a camera that never shows them is a wrong one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from multiprocessing import get_context
from pathlib import Path

import av
import cv2
import numpy as np

import beholden.demo as demo
from beholden.demo.backdrop import Setting
from beholden.demo.people import PersonId
from beholden.demo.scene import Actor, Effects, Scene, Step, dress, film
from beholden.demo.town import HIPS, LEDGE, LOOKS_OF, SHIRTS
from benchmarks import sensor
from benchmarks.sensor import SensorNoise, i420

FPS = 25
FILMED_FPS = 12.5
"""Each filmed picture is sent twice, with noise of its own: half the work of filming."""
BITRATE = 2_000_000
GOP_S = 2
NOISE = 1.5
"""Standard deviation of the luma noise, grey levels."""
SHORTEST_S = 24.0
LONGER_S = 3.0
WALK_S = 4.4
ENROLLED = tuple(PersonId(person) for person in ("P003", "P005", "P007", "P008"))
STRANGERS = tuple(PersonId(person) for person in ("P001", "P002", "P006", "P009"))
_SETTINGS = (Setting.LOBBY, Setting.GATE, Setting.GARDEN)
_SIZE = (1280, 720)
_MARGIN = 90
"""Faces begin and end this far outside the picture, pixels."""


@dataclass(frozen=True, slots=True)
class Walk:
    """A clip on disk: how long it is before it starts again, and who is enrolled of those whom it shows."""

    name: str
    path: Path
    seconds: float
    enrolled: tuple[PersonId, ...]


def make_walks(folder: Path, count: int, quiet_s: float = 0.0) -> tuple[Walk, ...]:
    """`walk-0` to `walk-<count - 1>`; made on the first call, two processes at once, and found on later ones.

    `quiet_s`: seconds of an empty picture after the people of each clip.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # Spawned: who calls this may have threads, and a forked process could wait for their locks for ever.
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        return tuple(pool.map(_make, range(count), [folder] * count, [quiet_s] * count))


def people_of(number: int) -> tuple[PersonId, ...]:
    """Who walks by in a clip, in order: enrolled and strangers in turn."""
    first, second = ENROLLED[number % 4], ENROLLED[(number + 1 + number // 4) % 4]
    return first, STRANGERS[number % 4], second, STRANGERS[(number + 1) % 4]


def _make(number: int, folder: Path, quiet_s: float) -> Walk:
    path = folder / f"walk-{number}.mp4"
    mark = path.with_suffix(f".{_recipe(quiet_s)}")
    busy = SHORTEST_S + LONGER_S * number
    if not (path.exists() and mark.exists()):
        _write(_scene(number, busy), path, quiet_s)
        mark.touch()
    return Walk(path.stem, path, busy + quiet_s, tuple(p for p in people_of(number) if p in ENROLLED))


def _recipe(quiet_s: float) -> str:
    """Changes with anything that the clips are made from."""
    digest = hashlib.sha256(Path(__file__).read_bytes() + str(quiet_s).encode())
    digest.update(Path(sensor.__file__).read_bytes())
    for name in ("scene", "cutout", "backdrop", "people", "anatomy", "town"):
        digest.update((Path(demo.__path__[0]) / f"{name}.py").read_bytes())
    return digest.hexdigest()[:12]


def _scene(number: int, seconds: float) -> Scene:
    people = people_of(number)
    gap = (seconds - 1.0 - WALK_S) / (len(people) - 1)
    actors = tuple(
        _walker(person, 0.5 + turn * gap, leftward=(number + turn) % 2 == 1, face=74 + 6 * ((number + turn) % 4))
        for turn, person in enumerate(people)
    )
    return Scene(_SETTINGS[number % 3], 60 + number, actors, seconds, FILMED_FPS, *_SIZE, LEDGE, Effects(noise=0.0))


def _walker(person: PersonId, begins: float, *, leftward: bool, face: float) -> Actor:
    ends = (-_MARGIN, _SIZE[0] + _MARGIN)
    start, stop = (ends[1], ends[0]) if leftward else ends
    y = max(280.0, LEDGE + 12 - HIPS * face)
    path = (Step(begins, start, y, face), Step(begins + WALK_S, stop, y, face + 16))
    return Actor(person, path, LOOKS_OF.get(person, ("calm", "smug", "determined")), SHIRTS[person])


def _write(scene: Scene, path: Path, quiet_s: float) -> None:
    cv2.setNumThreads(1)
    noise = SensorNoise(scene.seed, _SIZE, NOISE)
    partial = path.with_suffix(".partial")
    with av.open(str(partial), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=Fraction(FPS))
        stream.width, stream.height, stream.pix_fmt = *_SIZE, "yuv420p"
        stream.gop_size, stream.bit_rate = GOP_S * FPS, BITRATE
        stream.codec_context.thread_count = 1  # one thread, one slice
        params = f"keyint={GOP_S * FPS}:min-keyint={GOP_S * FPS}:scenecut=0:bframes=0:ref=1:rc-lookahead=0"
        stream.options = {
            "preset": "superfast",
            "maxrate": str(BITRATE * 5 // 4),
            "bufsize": str(BITRATE),
            "x264-params": params,
        }
        for picture in _pictures(scene, quiet_s):
            planes = noise.spoiled(picture)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(planes, format="yuv420p")))
        container.mux(stream.encode(None))
    partial.replace(path)


def _pictures(scene: Scene, quiet_s: float) -> Iterator[np.ndarray]:
    """I420 planes at `FPS`: the film, then its last picture, in which nobody is, for `quiet_s`."""
    planes: np.ndarray | None = None
    for pixels, _ in film(scene, dress([scene])):
        planes = i420(pixels)
        for _ in range(round(FPS / FILMED_FPS)):
            yield planes
    assert planes is not None
    for _ in range(round(quiet_s * FPS)):
        yield planes
