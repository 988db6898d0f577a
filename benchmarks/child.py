"""One measurement in a process of its own, on one CPU, every thread pool at one: prints one line of JSON.

python -m benchmarks.child LOOP CLIP [NUMBER] [NUMBER]
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import cv2

from benchmarks import loops, ours


def main(arguments: list[str]) -> None:
    loop, path, numbers = arguments[0], Path(arguments[1]), [int(number) for number in arguments[2:]]
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    cv2.setNumThreads(1)
    if loop == "memory":
        row = ours.memory(path, *numbers)
    elif loop in {"ours", "ours_saving"}:
        row = ours.watch(path, save=loop == "ours_saving")
    elif loop == "dlib":
        row = ours.as_row(loops.dlib_loop(path, *numbers))
    else:
        row = ours.as_row(loops.LOOPS[loop](path))
    print(json.dumps(row))


if __name__ == "__main__":
    main(sys.argv[1:])
