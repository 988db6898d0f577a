"""What Beholden is held to, row by row: cameras per core beside peers and floors, delays at load, and overload.

    make bench        or    .venv/bin/python -m benchmarks.engine [--out bench-output] [--rounds 3] [--quick]

Cameras per core = seconds of stream / CPU seconds of the whole process that handled it. Each
measurement is a process of its own on one CPU with one thread (`measuring.py`). The runs of a round
take turns, so that a noisy machine is noisy for all; the median of the rounds counts. Slow peers run
once, on some keyframe intervals of the clip with the same share of people in view. Then cameras are
played in real time: through the whole program at 80% of the machine (`latency.py`), and through one
worker with twice the cameras that a core carries (`overload.py`). What the peers do stands in
`loops.py`, what the clips are in `clips.py`, the aims in `aims.py`, outcomes and limits in `NOTES.md`.

Writes `engine.json`. Ends with 1 when the engine found no faces or covered none: then it was not
our engine that was timed. Aims that were missed are printed, and are no failure: they depend on the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if __package__ in {None, ""}:  # started as a file
    sys.path[0] = str(ROOT)

from beholden.supervise.workers.spent import processor  # noqa: E402
from benchmarks import latency, measuring, rows  # noqa: E402
from benchmarks.aims import Row, brought, table  # noqa: E402
from benchmarks.clips import FPS, BenchClip, make_clips  # noqa: E402
from benchmarks.loops import GALLERY  # noqa: E402
from benchmarks.measuring import Bench  # noqa: E402

LIVE_S = 60.0
"""A clip's length: everybody who is in it has passed at every camera."""
QUICK_LIVE_S = 20.0
OTHERS = ("idle", "search")
"""Benchmarks that bring rows of their own: scenes without anybody, and comparing with everybody."""
FACES = 5
"""In every picture of `busy`."""


def peers_table(cases: Sequence[dict[str, object]]) -> str:
    """The cases beside their peers as text."""
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


def live_rows(bench: Bench, clips: dict[str, BenchClip], out: Path, seconds: float) -> list[Row]:
    """What only cameras in real time tell: a minute or two each."""
    print(f"Live at {latency.LOAD:.0%} of the machine:", flush=True)
    heard = latency.at_load(clips["typical"], seconds, out / "latency-watch.log", lambda line: print(line, flush=True))
    count = rows.overload_count(bench.median("busy", "ours"))
    print(f"Overload: {count} cameras on one core:", flush=True)
    told = measuring.overloaded(clips["busy"], count, seconds)
    print(f"  looks a second {told['looks_per_s']}, age of what is shown {told['age_s']}", flush=True)
    return [rows.latency_row(heard), *rows.overload_rows(told, faces=FACES, mbit_per_s=clips["busy"].mbit_per_s)]


def other_rows() -> list[Row]:
    """The rows of the benchmarks in `OTHERS` that are there, each from its `cases()`."""
    there = [name for name in OTHERS if find_spec(f"benchmarks.{name}") is not None]
    return [brought(case) for name in there for case in import_module(f"benchmarks.{name}").cases()]


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    began = time.monotonic()
    print("Clips (made on the first run, about a minute):", flush=True)
    out = options.out.resolve()
    clips = make_clips(out / "clips")
    for clip in clips.values():
        print(
            f"  {clip.name}: {clip.seconds:.0f} s of 1080p{FPS}, {clip.mbit_per_s:.1f} Mbit/s, somebody in view "
            f"{clip.shown_share:.0%} of the time, {clip.faces_per_picture:.2f} faces a picture"
        )
    bench = Bench(clips, out / "clips")
    for number in range(options.rounds):
        print(f"Round {number + 1} of {options.rounds}:", flush=True)
        bench.round()
    print("Slow peers, on parts of the clips:", flush=True)
    bench.slow_peers()
    bench.memory()
    found = rows.engine_rows(bench) + other_rows()
    found += live_rows(bench, clips, out, QUICK_LIVE_S if options.quick else LIVE_S)
    cases = [bench.case(clip, saving=saving) for clip in clips for saving in (False, True)]
    result = {
        "rows": [row.as_values() for row in found],
        "cases": cases,
        "machine": {"processor": processor(), "cpus": os.cpu_count(), "load": os.getloadavg()[0]},
        "method": {
            "rounds": options.rounds,
            "quick": options.quick,
            "gallery": GALLERY,
            "parts": measuring.PARTS,
            "dlib_looks_every": measuring.LOOK_EVERY,
        },
        "runs": bench.runs(),
        "seconds": round(time.monotonic() - began, 1),
    }
    path = options.out / "engine.json"
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(f"\n{peers_table(cases)}\n\n{table(found)}\n{path}, {result['seconds']} s")
    broken = bench.broken()
    if broken:
        print(f"FAILED: {broken}", file=sys.stderr)
    return 1 if broken else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Cameras per core, against peers and aims.")
    parser.add_argument("--out", type=Path, default=ROOT / "bench-output")
    parser.add_argument("--rounds", type=int, default=None, help="how often all but the slow peers are run (3)")
    parser.add_argument("--quick", action="store_true", help="one round, and a third of the time live")
    options = parser.parse_args(arguments)
    options.rounds = options.rounds or (1 if options.quick else 3)
    if options.rounds < 1:
        parser.error("--rounds is 1 or more")
    return options


if __name__ == "__main__":
    sys.exit(main())
