"""The measurements of `make bench`, each a process of its own on one CPU; the runs of a round take turns."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

from beholden.demo.broadcast import Broadcast
from benchmarks.clips import FPS, BenchClip, excerpt
from benchmarks.ours import Keeping
from benchmarks.substream import small_of

ROOT = Path(__file__).resolve().parents[1]
PARTS = {"typical": (3, 8, 12, 16, 18, 22, 24, 29), "busy": (1, 6)}
"""Keyframe intervals for slow peers: a fourth of `typical` with the same faces per picture, a sixth of `busy`."""
POLICY_PART = (1, 4, 6, 9)
"""Keyframe intervals of `busy` for the peer at our policy."""
LOOK_EVERY = {"typical": 25, "busy": 20}
"""dlib looks at one picture in so many of its part."""
CAMERAS, MEMORY_PICTURES = 5, 40
SMALL_FLOOR = "floor_small"
"""Decoding the small stream alone."""

Run = dict[str, float]


def measure(loop: str, path: Path, *words: object) -> Run:
    """One child process; its line of JSON."""
    one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    command = [sys.executable, "-m", "benchmarks.child", loop, str(path), *map(str, words)]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | one, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{loop} on {path.name} failed:\n{done.stderr.strip()[-2000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def cameras(run: Run) -> float:
    """Cameras per core: seconds of stream for each CPU second."""
    return run["pictures"] / FPS / run["cpu_s"]


class Bench:
    """All measurements of one call, by (clip, loop)."""

    def __init__(self, clips: dict[str, BenchClip], folder: Path) -> None:
        self._clips = clips
        self._small = small_of(clips["typical"].path)
        self._parts = {name: excerpt(clips[name], intervals, folder) for name, intervals in PARTS.items()}
        self._policy = {"typical": clips["typical"], "busy": excerpt(clips["busy"], POLICY_PART, folder)}
        self._runs: dict[tuple[str, str], list[Run]] = {}
        self.memory_mb: dict[Keeping, float] = {}

    def round(self) -> None:
        """Everything that is quick enough to be repeated, in turn."""
        for name, clip in self._clips.items():
            for loop in ("floor", "ours", "ours_saving", "ours_recording"):
                self._add(name, loop, measure(loop, clip.path))
            self._add(name, "opencv_policy", measure("opencv_policy", self._policy[name].path))
        self._add("typical", SMALL_FLOOR, measure("floor", self._small))
        self._add("typical", "substream", measure("substream", self._clips["typical"].path))

    def slow_peers(self) -> None:
        for name, part in self._parts.items():
            self._add(name, "opencv", measure("opencv", part.path))
            self._add(name, "dlib", measure("dlib", part.path, LOOK_EVERY[name]))

    def memory(self) -> None:
        """Megabytes for each camera that is added to a process which has one."""
        path = self._clips["busy"].path
        for keeping in Keeping:
            one, more = (
                measure("memory", path, number, MEMORY_PICTURES, keeping)["highest_mb"] for number in (1, CAMERAS)
            )
            self.memory_mb[keeping] = (more - one) / (CAMERAS - 1)

    def _add(self, clip: str, loop: str, run: Run) -> None:
        self._runs.setdefault((clip, loop), []).append(run)
        print(
            f"  {clip:8} {loop:14} {cameras(run):8.3f} cameras per core   "
            f"{run['cpu_s']:7.2f} s CPU {run['wall_s']:7.2f} s wall  {run['faces']:.0f} faces",
            flush=True,
        )

    def median(self, clip: str, loop: str) -> float:
        return statistics.median(self.figures(clip, loop))

    def figures(self, clip: str, loop: str) -> list[float]:
        """Cameras per core, one a round."""
        return [cameras(run) for run in self._runs[clip, loop]]

    def broken(self) -> str | None:
        """Why the figures are not worth anything, if so."""
        for (clip, loop), runs in self._runs.items():
            if loop.startswith(("ours", "substream")) and any(run["faces"] < 1 for run in runs):
                return f"the engine found no faces in {clip} ({loop}): what was timed is not the engine"
            if loop in {"ours_saving", "ours_recording"} and any(run["covers"] < 1 for run in runs):
                return f"the recording of {clip} has no covers"
        return None

    def case(self, clip: str, *, saving: bool) -> dict[str, object]:
        """One of the cases of engine.json beside its peers, who save nothing, also where we do."""
        loop = "ours_saving" if saving else "ours"
        ours, floor = self.median(clip, loop), self.median(clip, "floor")
        peers = {name: self.median(clip, name) for name in ("opencv", "opencv_policy", "dlib")}
        figures = self.figures(clip, loop)
        return {
            "case": f"{clip}_saving" if saving else clip,
            "cameras_per_core": round(ours, 3),
            "decode_floor": round(floor, 3),
            "ratio_opencv": round(ours / peers["opencv"], 2),
            "ratio_opencv_same_policy": round(ours / peers["opencv_policy"], 3),
            "ratio_dlib": round(ours / peers["dlib"], 1),
            "mb_per_camera": round(self.memory_mb[Keeping.FILE if saving else Keeping.NOTHING], 1),
            "share_of_floor": round(ours / floor, 3),
            "lowest": round(min(figures), 3),
            "highest": round(max(figures), 3),
            "opencv_cameras_per_core": round(peers["opencv"], 4),
            "opencv_same_policy_cameras_per_core": round(peers["opencv_policy"], 3),
            "dlib_cameras_per_core": round(peers["dlib"], 4),
        }

    def runs(self) -> list[dict[str, object]]:
        return [{"clip": clip, "loop": loop, **run} for (clip, loop), runs in self._runs.items() for run in runs]


def overloaded(clip: BenchClip, count: int, seconds: float) -> dict[str, object]:
    """A worker on one CPU with `count` cameras of the clip: what `overload.watch` tells."""
    with Broadcast(clip.path.parent) as air:
        return {"cameras": count, **measure("overload", clip.path, count, seconds, air.port)}
