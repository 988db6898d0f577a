"""Who is missed while a camera rests: people who come and go within less than a second, most of them between keyframes.

    .venv/bin/python -m benchmarks.idle_visits [--out bench-output]

Twelve visits to a still scene of 1080p25, nine seconds apart, each begun just after a keyframe: four faces of 36 to 100
pixels that cross the picture in .7 s, look in from the right, and from the left, for about as long. The same packets
go through a live camera's reader in full and in idle mode, with the detector's gate behind it. A visit counts as seen
when the idle mode has every frame of the full mode that differs from the still scene.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from pathlib import Path

import av
import cv2

ROOT = Path(__file__).resolve().parents[1]
if __package__ in {None, ""}:  # started as a file
    sys.path[0] = str(ROOT)

from beholden.demo.backdrop import Setting  # noqa: E402
from beholden.demo.scene import Effects, Scene, dress, film  # noqa: E402
from beholden.model.frame import Pixels  # noqa: E402
from beholden.model.ids import CameraId  # noqa: E402
from beholden.pipeline.motion import MotionGate  # noqa: E402
from beholden.video.camera.frames import Frames, LiveOptions  # noqa: E402
from beholden.video.camera.idle import Resting  # noqa: E402
from beholden.video.camera.wall import WallClock  # noqa: E402
from beholden.video.camera.zones import Zones  # noqa: E402
from beholden.video.change import averaged, differ  # noqa: E402
from benchmarks.clips import FPS, actor, camera_stream  # noqa: E402
from benchmarks.idle import Packets, Still  # noqa: E402
from benchmarks.sensor import SensorNoise, i420  # noqa: E402

CLIPS = {"quiet": Still(1.0, 26), "in between": Still(2.0, 26), "noisy": Still(2.0, None)}
FACES = (36, 48, 66, 100)
FIRST_S, APART_S, LAST_S = 12, 9, 4
_SIZE = (1920, 1080)


def visits() -> Scene:
    """The scene with everybody in it."""
    actors = []
    for number in range(3 * len(FACES)):
        how, face = divmod(number, len(FACES))
        size, t = FACES[face], FIRST_S + APART_S * number + 0.12
        steps = (
            ((t, -150, 480, size), (t + 0.7, 2070, 440, size)),
            ((t, 2060, 480, size), (t + 0.35, 1650, 480, size), (t + 0.7, 2070, 480, size)),
            ((t, -150, 480, size), (t + 0.3, 200, 480, size), (t + 0.45, 200, 480, size), (t + 0.75, -160, 480, size)),
        )[how]
        actors.append(actor(number % 5, ("P003", "P008", "P007", "P005")[face], *steps))
    seconds = FIRST_S + APART_S * len(actors) + LAST_S
    return Scene(Setting.LOBBY, 41, tuple(actors), float(seconds), FPS, *_SIZE, 560, Effects(noise=0.0))


def make_clip(name: str, folder: Path) -> Path:
    """The clip of that name; made on the first call, in about two minutes."""
    path = (
        folder / f"visits-{name.replace(' ', '-')}-{hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:12]}.mp4"
    )
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    scene, noise = visits(), SensorNoise(3, _SIZE, CLIPS[name].noise)
    partial = path.with_suffix(".partial")
    with av.open(str(partial), "w", format="mp4") as container:
        stream = camera_stream(container, FPS, CLIPS[name].crf)
        for pixels, _ in film(scene, dress([scene])):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(noise.spoiled(i420(pixels)), format="yuv420p")))
        container.mux(stream.encode(None))
    partial.replace(path)
    return path


def looked_at(path: Path, when: Resting) -> dict[float, Pixels]:
    """What is analysed of a clip, averaged, by offset."""
    frames = Frames(CameraId("bench"), LiveOptions(idle=when), Zones(()), WallClock(0.0, 1e9), lambda: 1e9)
    feed, gate, seen = Packets(path), MotionGate(), dict[float, Pixels]()
    for arrival in feed.arrivals():
        for live in frames.take(feed, arrival):
            gate.changed(live.frame.pixels, live.frame.offset_s)
            frames.looked(live.frame.offset_s, still=not gate.moved)
            seen[round(live.frame.offset_s, 3)] = averaged(live.frame.pixels)
    feed.close()
    return seen


def cases(folder: Path = ROOT / "bench-output" / "clips") -> list[dict[str, object]]:
    """A row for each clip and way of resting: how many of the visits were seen, and how many frames were looked at."""
    rows: list[dict[str, object]] = []
    for name in CLIPS:
        path = make_clip(name, folder)
        full = looked_at(path, Resting.NEVER)
        still = full[float(FIRST_S - 1)]
        shown = [offset for offset, grey in full.items() if offset >= FIRST_S and differ(grey, still)]
        for when in (Resting.CAREFUL, Resting.ALWAYS):
            idle = looked_at(path, when)
            missed = {int((offset - FIRST_S) // APART_S) for offset in shown if offset not in idle}
            there = {int((offset - FIRST_S) // APART_S) for offset in shown}
            rows.append(
                {
                    "case": f"visits_{name.replace(' ', '_')}_{when}",
                    "mbit_per_s": round(path.stat().st_size * 8 / 1e6 / (len(full) / 5), 2),
                    "visits": len(there),
                    "seen": len(there - missed),
                    "missed": sorted(missed),
                    "looked_at": len(idle),
                    "looked_at_in_full_mode": len(full),
                }
            )
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description="Who is missed while a camera rests.")
    parser.add_argument("--out", type=Path, default=ROOT / "bench-output")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    for case in cases(options.out.resolve() / "clips"):
        print("\n".join(f"{key:24} {value}" for key, value in case.items()), end="\n\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
