"""One measurement in a process of its own, on one CPU, every thread pool at one: prints one line of JSON.

python -m benchmarks.child LOOP CLIP [NUMBER OR WORD ...]
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2

from benchmarks import loops, ours, overload, substream
from benchmarks.ours import Keeping

Row = dict[str, object]
_RUNS: dict[str, Callable[..., Row]] = {
    "ours": lambda path: ours.watch(path, Keeping.NOTHING),
    "ours_saving": lambda path: ours.watch(path, Keeping.FILE),
    "ours_recording": lambda path: ours.watch(path, Keeping.TIMELINE),
    "substream": substream.watch,
    "memory": lambda path, cameras, pictures, kept: ours.memory(path, int(cameras), int(pictures), Keeping(kept)),
    "overload": lambda path, cameras, seconds, port: overload.watch(path, int(cameras), float(seconds), int(port)),
    "dlib": lambda path, every: ours.as_row(loops.dlib_loop(path, int(every))),
}


def main(arguments: Sequence[str]) -> None:
    loop, path, words = arguments[0], Path(arguments[1]), arguments[2:]
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    cv2.setNumThreads(1)
    row = _RUNS[loop](path, *words) if loop in _RUNS else ours.as_row(loops.LOOPS[loop](path))
    print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
