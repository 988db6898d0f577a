"""The clips that the engine and its peers are timed on: made here, the same every time, kept in a folder.

1080p25 H.264 as a camera sends it: high profile, CABAC, one reference, no B-frames, a keyframe
every 2 s, 4 Mbit/s held by a rate controller, luma noise of a sensor (fresh in every
picture) under it. The people are the synthetic ones of the demo.

- `typical`: 60 s; somebody walks through for 23% of the time (three times one person, once two).
- `busy`: 24 s; five faces in view in every picture, moving, 62 to 110 px wide.

An excerpt is some keyframe intervals of a clip, copied as packets: slow peers run on those.
"""

from __future__ import annotations

import hashlib
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

import beholden.demo as demo
from beholden.demo.backdrop import Setting
from beholden.demo.people import PersonId
from beholden.demo.scene import Actor, Effects, Scene, Step, dress, film
from benchmarks import sensor
from benchmarks.sensor import SensorNoise, i420

FPS = 25
GOP_S = 2
BITRATE = 4_000_000
"""A usual setting for 1080p25. Decoding takes about 1.2 ms a picture and 0.85 ms more for each Mbit/s: see NOTES.md."""
NOISE = 2.0
"""Standard deviation of the luma noise, grey levels: a lit indoor camera after its own denoising."""
SIZE = (1920, 1080)
LEDGE = 560
_HIPS = 4.0
_LOOKS = ("calm", "smug", "determined")
_SHIRTS = ((150, 92, 58), (92, 96, 88), (60, 84, 150), (112, 138, 62), (78, 150, 176))


@dataclass(frozen=True, slots=True)
class BenchClip:
    """A clip on disk, and the share of its pictures in which somebody is in view."""

    name: str
    path: Path
    seconds: float
    shown_share: float
    faces_per_picture: float
    mbit_per_s: float


def make_clips(folder: Path) -> dict[str, BenchClip]:
    """`typical` and `busy`; made on the first call, two processes at once, and found on later ones."""
    folder.mkdir(parents=True, exist_ok=True)
    names = list(_SCENES)
    with ProcessPoolExecutor(len(names)) as pool:
        return dict(zip(names, pool.map(_make, names, [folder] * len(names)), strict=True))


def excerpt(clip: BenchClip, intervals: tuple[int, ...], folder: Path) -> BenchClip:
    """The keyframe intervals of these numbers (each `GOP_S` long), as packets, without encoding again."""
    path = folder / f"{clip.path.stem}-part-{'-'.join(map(str, intervals))}.mp4"
    if not path.exists():
        _copy(clip.path, intervals, path)
    counts = _counts(clip.path)
    per = GOP_S * FPS
    part = np.concatenate([counts[number * per : (number + 1) * per] for number in intervals])
    return _described(f"{clip.name}, part", path, part)


def _copy(source: Path, intervals: tuple[int, ...], path: Path) -> None:
    partial = path.with_suffix(".partial")
    with av.open(str(source)) as old, av.open(str(partial), "w", format="mp4") as new:
        stream = new.add_stream_from_template(old.streams.video[0])
        number, count = -1, 0
        step = round(1 / (FPS * old.streams.video[0].time_base))
        for packet in old.demux(video=0):
            if packet.pts is None:
                continue
            number += packet.is_keyframe
            if number in intervals:
                packet.pts = packet.dts = count * step
                packet.stream = stream
                new.mux(packet)
                count += 1
    partial.replace(path)


def _make(name: str, folder: Path) -> BenchClip:
    path = folder / f"{name}-{recipe()}.mp4"
    counts = path.with_suffix(".npy")
    if not (path.exists() and counts.exists()):
        for old in folder.glob(f"{name}-*"):
            old.unlink()
        np.save(counts, write_clip(_SCENES[name](), path))
    return _described(name, path, _counts(path))


def _described(name: str, path: Path, counts: np.ndarray) -> BenchClip:
    seconds = len(counts) / FPS
    megabits = path.stat().st_size * 8 / 1e6 / seconds
    return BenchClip(name, path, seconds, float((counts > 0).mean()), float(counts.mean()), megabits)


def _counts(path: Path) -> np.ndarray:
    """How many faces are inside each picture."""
    return np.load(path.with_suffix(".npy"))


def recipe(*more: Path) -> str:
    """Changes with anything that the clips are made from; `more`: files that say what else is in them."""
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for path in more:
        digest.update(path.read_bytes())
    digest.update(Path(sensor.__file__).read_bytes())
    for name in ("scene", "cutout", "backdrop", "people", "anatomy"):
        digest.update((Path(demo.__path__[0]) / f"{name}.py").read_bytes())
    return digest.hexdigest()[:12]


def write_clip(scene: Scene, path: Path) -> np.ndarray:
    """Film a scene into a file as a camera sends it; how many faces are inside each picture."""
    cv2.setNumThreads(1)
    noise = SensorNoise(scene.seed, SIZE, NOISE)
    inside: list[int] = []
    partial = path.with_suffix(".partial")
    with av.open(str(partial), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=Fraction(FPS))
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        stream.gop_size, stream.bit_rate = GOP_S * FPS, BITRATE
        stream.codec_context.thread_count = 1
        limits = {"maxrate": str(BITRATE * 5 // 4), "bufsize": str(BITRATE)}
        params = f"keyint={GOP_S * FPS}:min-keyint={GOP_S * FPS}:scenecut=0:bframes=0:ref=1:rc-lookahead=0"
        stream.options = limits | {
            "preset": "superfast",
            "profile": "high",
            "x264-params": f"{params}:cabac=1:8x8dct=1",
        }
        for pixels, truth in film(scene, dress([scene])):
            planes = noise.spoiled(i420(pixels))
            container.mux(stream.encode(av.VideoFrame.from_ndarray(planes, format="yuv420p")))
            boxes = (one.box.within(*SIZE) for one in truth if one.hidden < 0.5)
            inside.append(sum(box is not None for box in boxes))
        container.mux(stream.encode(None))
    partial.replace(path)
    return np.array(inside)


def actor(number: int, person: str, *steps: tuple[float, float, float, float]) -> Actor:
    """Steps of (t, x, y, face width); never so high that the place where figures end would show."""
    lowest = LEDGE * SIZE[1] / 720 + 12
    path = tuple(Step(t, x, max(y, lowest - _HIPS * face), face) for t, x, y, face in steps)
    return Actor(PersonId(person), path, _LOOKS, _SHIRTS[number])


def _typical() -> Scene:
    passers = (
        actor(0, "P003", (6.0, -120, 480, 66), (9.6, 2060, 440, 104)),
        actor(1, "P008", (24.0, 2060, 470, 72), (27.6, -120, 450, 100)),
        actor(2, "P007", (25.2, -120, 500, 62), (28.8, 2060, 470, 90)),
        actor(3, "P005", (40.0, -120, 450, 84), (43.2, 2060, 470, 84)),
        actor(4, "P001", (52.0, 2060, 500, 62), (55.6, -120, 430, 108)),
    )
    return Scene(Setting.LOBBY, 41, passers, 60.0, FPS, *SIZE, LEDGE, Effects(noise=0.0))


def _busy() -> Scene:
    people = (("P003", 62, 90), ("P008", 84, 110), ("P007", 70, 96), ("P005", 88, 66), ("P001", 76, 102))
    actors: list[Actor] = []
    for number, (person, near, far) in enumerate(people):
        middle = 200 + 380 * number
        steps = [
            (t, middle + (90 if turn % 2 else -90), 470.0 - 20 * (number % 2), near if turn % 2 else far)
            for turn, t in enumerate(np.arange(0.0, 27.1, 3.0))
        ]
        actors.append(actor(number, person, *((float(t), x, y, float(face)) for t, x, y, face in steps)))
    return Scene(Setting.LOBBY, 43, tuple(actors), 24.0, FPS, *SIZE, LEDGE, Effects(noise=0.0))


_SCENES = {"typical": _typical, "busy": _busy}
