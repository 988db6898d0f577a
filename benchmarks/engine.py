"""Cameras per core: our engine against the loops a user would write, measured in one run on clips made here.

    make bench        or    .venv/bin/python -m benchmarks.engine [--out bench-output] [--rounds 3]

Cameras per core = seconds of stream / CPU seconds of the whole process that handled it. Each
measurement is a process of its own on one CPU with one thread. The runs of a round take turns, so
that a noisy machine is noisy for all; the median of the rounds counts. Slow peers run once, on some
keyframe intervals of the clip with the same share of people in view. What the peers do stands in
`loops.py`, what the clips are in `clips.py`, outcomes and limits in `NOTES.md`.

Writes `engine.json`. Ends with 1 when the engine found no faces or covered none: then it was not
our engine that was timed. Aims that were missed are printed, and are no failure: they depend on the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if __package__ in {None, ""}:  # started as a file
    sys.path[0] = str(ROOT)

from benchmarks.clips import FPS, BenchClip, excerpt, make_clips  # noqa: E402
from benchmarks.loops import GALLERY  # noqa: E402

PARTS = {"typical": (3, 8, 12, 16, 18, 22, 24, 29), "busy": (1, 6)}
"""Keyframe intervals for slow peers: a fourth of `typical` with the same faces per picture, a sixth of `busy`."""
POLICY_PART = (1, 4, 6, 9)
"""Keyframe intervals of `busy` for the peer at our policy."""
LOOK_EVERY = {"typical": 25, "busy": 20}
"""dlib looks at one picture in so many of its part."""
CAMERAS, MEMORY_PICTURES = 5, 40
AIMS = {"cameras_per_core": 7.0, "ratio_opencv": 25.0, "ratio_opencv_same_policy": 1.5}
"""For `typical`, without saving."""

Row = dict[str, float]


def measure(loop: str, path: Path, *numbers: int) -> Row:
    """One child process; its line of JSON."""
    one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    command = [sys.executable, "-m", "benchmarks.child", loop, str(path), *map(str, numbers)]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | one, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{loop} on {path.name} failed:\n{done.stderr.strip()[-2000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def cameras(row: Row) -> float:
    return row["pictures"] / FPS / row["cpu_s"]


class Bench:
    """All measurements of one run, by (clip, loop)."""

    def __init__(self, clips: dict[str, BenchClip], folder: Path) -> None:
        self._clips = clips
        self._parts = {name: excerpt(clips[name], intervals, folder) for name, intervals in PARTS.items()}
        self._policy = {"typical": clips["typical"], "busy": excerpt(clips["busy"], POLICY_PART, folder)}
        self._rows: dict[tuple[str, str], list[Row]] = {}
        self._memory: dict[int, float] = {}

    def round(self) -> None:
        """Everything that is quick enough to be repeated, in turn."""
        for name, clip in self._clips.items():
            for loop in ("floor", "ours", "ours_saving"):
                self._add(name, loop, measure(loop, clip.path))
            self._add(name, "opencv_policy", measure("opencv_policy", self._policy[name].path))

    def slow_peers(self) -> None:
        for name, part in self._parts.items():
            self._add(name, "opencv", measure("opencv", part.path))
            self._add(name, "dlib", measure("dlib", part.path, LOOK_EVERY[name]))

    def memory(self) -> None:
        """Megabytes for each camera that is added to a process which has one."""
        path = self._clips["busy"].path
        for save in (0, 1):
            one, more = (
                measure("memory", path, number, MEMORY_PICTURES, save)["highest_mb"] for number in (1, CAMERAS)
            )
            self._memory[save] = (more - one) / (CAMERAS - 1)

    def _add(self, clip: str, loop: str, row: Row) -> None:
        self._rows.setdefault((clip, loop), []).append(row)
        print(
            f"  {clip:8} {loop:14} {cameras(row):8.3f} cameras per core   "
            f"{row['cpu_s']:7.2f} s CPU {row['wall_s']:7.2f} s wall  {row['faces']:.0f} faces",
            flush=True,
        )

    def median(self, clip: str, loop: str) -> float:
        return statistics.median(cameras(row) for row in self._rows[clip, loop])

    def broken(self) -> str | None:
        """Why the figures are not worth anything, if so."""
        for (clip, loop), rows in self._rows.items():
            if loop.startswith("ours") and any(row["faces"] < 1 for row in rows):
                return f"the engine found no faces in {clip}: what was timed is not the engine"
            if loop == "ours_saving" and any(row["covers"] < 1 for row in rows):
                return f"the recording of {clip} has no covers"
        return None

    def case(self, clip: str, *, saving: bool) -> dict[str, object]:
        """One row of engine.json. Peers save nothing, also where we do."""
        loop = "ours_saving" if saving else "ours"
        ours, floor = self.median(clip, loop), self.median(clip, "floor")
        peers = {name: self.median(clip, name) for name in ("opencv", "opencv_policy", "dlib")}
        figures = [cameras(row) for row in self._rows[clip, loop]]
        return {
            "case": f"{clip}_saving" if saving else clip,
            "cameras_per_core": round(ours, 3),
            "decode_floor": round(floor, 3),
            "ratio_opencv": round(ours / peers["opencv"], 2),
            "ratio_opencv_same_policy": round(ours / peers["opencv_policy"], 3),
            "ratio_dlib": round(ours / peers["dlib"], 1),
            "mb_per_camera": round(self._memory[int(saving)], 1),
            "share_of_floor": round(ours / floor, 3),
            "lowest": round(min(figures), 3),
            "highest": round(max(figures), 3),
            "opencv_cameras_per_core": round(peers["opencv"], 4),
            "opencv_same_policy_cameras_per_core": round(peers["opencv_policy"], 3),
            "dlib_cameras_per_core": round(peers["dlib"], 4),
        }

    def runs(self) -> list[dict[str, object]]:
        return [{"clip": clip, "loop": loop, **row} for (clip, loop), rows in self._rows.items() for row in rows]


def table(cases: list[dict[str, object]]) -> str:
    """The cases as text."""
    heads = {
        "case": "case",
        "cameras_per_core": "cameras/core",
        "decode_floor": "decode only",
        "ratio_opencv": "x OpenCV loop",
        "ratio_opencv_same_policy": "x same policy",
        "ratio_dlib": "x dlib",
        "mb_per_camera": "MB/camera",
    }
    lines = ["  ".join(f"{head:>14}" for head in heads.values())]
    lines += ["  ".join(f"{case[key]!s:>14}" for key in heads) for case in cases]
    return "\n".join(lines)


def aims(typical: dict[str, object]) -> str:
    """Each aim with what was reached."""
    reached = ((key, aim, float(str(typical[key]))) for key, aim in AIMS.items())
    return "\n".join(
        f"  typical {key}: {got:g}, aim {aim:g}: {'reached' if got >= aim else 'MISSED'}" for key, aim, got in reached
    )


def processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def main() -> int:
    parser = argparse.ArgumentParser(description="Cameras per core, against peers.")
    parser.add_argument("--out", type=Path, default=ROOT / "bench-output")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    began = time.monotonic()
    print("Clips (made on the first run, about a minute):", flush=True)
    folder = options.out.resolve() / "clips"
    clips = make_clips(folder)
    for clip in clips.values():
        print(
            f"  {clip.name}: {clip.seconds:.0f} s of 1080p{FPS}, {clip.mbit_per_s:.1f} Mbit/s, somebody in view "
            f"{clip.shown_share:.0%} of the time, {clip.faces_per_picture:.2f} faces a picture"
        )
    bench = Bench(clips, folder)
    for number in range(options.rounds):
        print(f"Round {number + 1} of {options.rounds}:", flush=True)
        bench.round()
    print("Slow peers, on parts of the clips:", flush=True)
    bench.slow_peers()
    bench.memory()
    cases = [bench.case(clip, saving=saving) for clip in clips for saving in (False, True)]
    result = {
        "cases": cases,
        "machine": {"processor": processor(), "cpus": os.cpu_count(), "load": os.getloadavg()[0]},
        "method": {"rounds": options.rounds, "gallery": GALLERY, "parts": PARTS, "dlib_looks_every": LOOK_EVERY},
        "runs": bench.runs(),
        "seconds": round(time.monotonic() - began, 1),
    }
    path = options.out / "engine.json"
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(f"\n{table(cases)}\n\n{aims(cases[0])}\n{path}, {result['seconds']} s")
    broken = bench.broken()
    if broken:
        print(f"FAILED: {broken}", file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
