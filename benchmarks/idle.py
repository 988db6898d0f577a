"""Idle cameras per core: a still scene in full mode, in idle mode, and its keyframes decoded and nothing else.

    .venv/bin/python -m benchmarks.idle [--out bench-output] [--rounds 3]

Cameras per core = seconds of stream / CPU seconds of the whole process that handled it, as in `engine.py`: the reader
of a live camera, our stages with the detector, and no recording. What brings the packets (RTSP, sockets) is not in it;
they come from a file. Each measurement is a process of its own on one CPU; the runs of a round take turns; the median
of the rounds counts. The first seconds, in which the camera comes to rest, are not timed.

Two clips of 1080p25 with a keyframe a second, nothing but noise in them: `noisy` as in `clips.py`, 4 Mbit/s held by a
rate controller, which spends them on the noise; `quiet` of one quality at which noise is not worth a bit. In `noisy`
packets tell nothing, so that it rests with `always` only (`careful` is timed too, and is the full mode there).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import cv2

ROOT = Path(__file__).resolve().parents[1]
if __package__ in {None, ""}:  # started as a file
    sys.path[0] = str(ROOT)

from beholden.demo.backdrop import Setting  # noqa: E402
from beholden.demo.scene import Effects, Scene, dress, film  # noqa: E402
from beholden.faces.engine import load_engine  # noqa: E402
from beholden.model.ids import CameraId  # noqa: E402
from beholden.video.camera.feed import Arrival  # noqa: E402
from beholden.video.camera.frames import Frames, LiveOptions  # noqa: E402
from beholden.video.camera.idle import Resting  # noqa: E402
from beholden.video.camera.wall import WallClock  # noqa: E402
from beholden.video.camera.zones import Zones  # noqa: E402
from benchmarks import clips, sensor  # noqa: E402
from benchmarks.clips import FPS, camera_stream  # noqa: E402
from benchmarks.ours import camera_run  # noqa: E402
from benchmarks.sensor import SensorNoise, i420  # noqa: E402

UNTIMED_S, TIMED_S = 10, 60
_SIZE = (1920, 1080)
Row = dict[str, float]


@dataclass(frozen=True, slots=True)
class Still:
    """A still scene: its noise (grey levels), and one quality (None: one bitrate)."""

    noise: float
    crf: int | None


CLIPS = {"noisy": Still(clips.NOISE, None), "quiet": Still(1.0, 26)}
WAYS = ("full", "careful", "always", "keyframes")


def make_clip(name: str, folder: Path) -> Path:
    """The clip of that name; made on the first call, in about half a minute."""
    digest = hashlib.sha256(
        b"".join(Path(str(each)).read_bytes() for each in (__file__, clips.__file__, sensor.__file__))
    )
    path = folder / f"still-{name}-{digest.hexdigest()[:12]}.mp4"
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    scene = Scene(Setting.LOBBY, 41, (), 1.0, FPS, *_SIZE, 560, Effects(noise=0.0))
    planes = i420(next(iter(film(scene, dress([scene]))))[0])
    noise, partial = SensorNoise(3, _SIZE, CLIPS[name].noise), path.with_suffix(".partial")
    with av.open(str(partial), "w", format="mp4") as container:
        stream = camera_stream(container, FPS, CLIPS[name].crf)
        for _ in range((UNTIMED_S + TIMED_S) * FPS):
            picture = av.VideoFrame.from_ndarray(noise.spoiled(planes), format="yuv420p")
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    partial.replace(path)
    return path


class Packets:
    """The packets of a file as a camera's, each arriving when it is due."""

    def __init__(self, path: Path) -> None:
        self._container = av.open(str(path))
        self._stream = self._container.streams.video[0]

    @property
    def context(self) -> av.VideoCodecContext:
        return self._stream.codec_context

    def arrivals(self) -> Iterator[Arrival]:
        for number, packet in enumerate(packet for packet in self._container.demux(self._stream) if packet.size):
            yield Arrival(packet, number / FPS, number == 0)

    def close(self) -> None:
        self._container.close()


def watch(path: Path, when: Resting) -> Row:
    """A live camera's frames through our stages."""
    engine = load_engine()
    run = camera_run(engine)
    frames = Frames(CameraId("bench"), LiveOptions(idle=when), Zones(()), WallClock(0.0, 1e9), lambda: 1e9)

    def take(arrival: Arrival) -> None:
        for live in frames.take(feed, arrival):
            run.step(live.frame)
            frames.looked(live.frame.offset_s, still=run.still)

    feed = Packets(path)
    row = _timed(feed, take)
    return row | {"looked_at": frames.analysed, "read": frames.read}


def keyframes(path: Path) -> Row:
    """Keyframes decoded, everything else passed over: no idle mode that looks at each of them can be cheaper."""
    feed = Packets(path)
    feed.context.thread_count = 1
    feed.context.thread_type = "NONE"

    def take(arrival: Arrival) -> None:
        if arrival.packet.is_keyframe:
            feed.context.decode(arrival.packet)

    return _timed(feed, take)


def _timed(feed: Packets, take: Callable[[Arrival], None]) -> Row:
    began_s = 0.0
    for arrival in feed.arrivals():
        if arrival.arrived_s <= UNTIMED_S:
            began_s = time.process_time()
        take(arrival)
    spent_s = time.process_time() - began_s
    feed.close()
    return {"cpu_s": spent_s}


def child(way: str, path: Path) -> Row:
    """One measurement, in this process."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    cv2.setNumThreads(1)
    if way == "keyframes":
        return keyframes(path)
    return watch(path, {"full": Resting.NEVER}.get(way) or Resting(way))


def measure(way: str, path: Path) -> Row:
    """One measurement, in a process of its own."""
    one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    command = [sys.executable, "-m", "benchmarks.idle", "--child", way, str(path)]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | one, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{way} on {path.name} failed:\n{done.stderr.strip()[-2000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def cases(folder: Path = ROOT / "bench-output" / "clips", rounds: int = 3) -> list[dict[str, object]]:
    """A row for each clip: CPU seconds for a minute of stream (medians), and cameras per core."""
    paths = {name: make_clip(name, folder) for name in CLIPS}
    rows: dict[tuple[str, str], list[Row]] = {}
    for _ in range(rounds):
        for name, path in paths.items():
            for way in WAYS:
                rows.setdefault((name, way), []).append(measure(way, path))
    return [_case(name, path, {way: rows[name, way] for way in WAYS}) for name, path in paths.items()]


def _case(name: str, path: Path, rows: dict[str, list[Row]]) -> dict[str, object]:
    cpu_s = {way: statistics.median(row["cpu_s"] for row in each) for way, each in rows.items()}
    case: dict[str, object] = {"case": f"idle_{name}"}
    case["mbit_per_s"] = round(path.stat().st_size * 8 / 1e6 / (UNTIMED_S + TIMED_S), 2)
    for way, spent_s in cpu_s.items():
        case[f"{way}_cpu_s"] = round(spent_s, 3)
        case[f"{way}_cameras_per_core"] = round(TIMED_S / spent_s, 1)
        figures = [TIMED_S / row["cpu_s"] for row in rows[way]]
        case[f"{way}_lowest_highest"] = [round(min(figures), 1), round(max(figures), 1)]
    for way in ("full", "careful", "always"):
        case[f"{way}_looked_at"] = rows[way][0]["looked_at"]
    return case


def main() -> int:
    parser = argparse.ArgumentParser(description="Idle cameras per core.")
    parser.add_argument("--out", type=Path, default=ROOT / "bench-output")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--child", nargs=2, metavar=("WAY", "CLIP"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(child(options.child[0], Path(options.child[1]))))
        return 0
    result = cases(options.out.resolve() / "clips", options.rounds)
    for case in result:
        print("\n".join(f"{key:28} {value}" for key, value in case.items()), end="\n\n")
    (options.out / "idle.json").write_text(json.dumps({"cases": result}, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
