"""A worker process for the tests of the supervisor: `python -m tests.supervise.fake_worker light|whole|nursery`.

`light` knows the lines and nothing else, so that it starts in no time. What a camera does to it is in its
address: `crash` (it dies), `stuck` (it names the camera, then ends as a worker with a hanging decoder
does), `silent` (it reports once, and no more), `talk` (it tells decisions), `deaf` (it does not hear SIGTERM).
`whole` is the real worker with cameras and models that are none; `nursery` forks such ones.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import sys
import time
from typing import Any

EVERY_S = 0.05


def health(cameras: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "kind": "health",
        "cameras": [
            {
                "camera": one["camera"]["id"],
                "state": "live",
                "read": 1,
                "analysed": 1,
                "dropped": 0,
                "read_fps": 5.0,
                "analysed_fps": 5.0,
                "latency_s": 0.01,
                "reconnects": 0,
                "error": f"pid {os.getpid()}",
                "seen_at": None,
            }
            for one in cameras
        ],
    }


def decision(camera: str) -> dict[str, Any]:
    return {
        "kind": "decision",
        "camera": camera,
        "place": "lobby",
        "track": f"e-{os.getpid()}",
        "at": "2026-05-04T08:00:00Z",
        "answer": "known",
        "reason": "clear",
        "subject": "s_1",
        "grant": "g_1",
        "shots": 3,
        "error_rate": 0.01,
        "extrapolated": False,
        "ended": False,
        "where": [0.1, 0.1, 0.2, 0.2],
        "shot_to_event_s": 0.2,
        "sighting": None,
    }


def say(report: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(report) + "\n")
    sys.stdout.flush()


def obey(cameras: list[dict[str, Any]]) -> bool:
    """Do what the addresses say; whether it goes on reporting."""
    for one in cameras:
        what = one["address"].rpartition("/")[2]
        if what == "crash":
            os.abort()
        if what == "stuck":
            say({"kind": "problem", "words": "its decoder hung for 20 s", "camera": one["camera"]["id"]})
            os._exit(70)
        if what == "silent":
            say(health(cameras))
            return False
        if what == "deaf":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if what == "talk":
            say(decision(one["camera"]["id"]))
    return True


def light() -> None:
    cameras: list[dict[str, Any]] = []
    said_s, waiting, going_on = 0.0, b"", True
    while True:
        ready, _, _ = select.select([0], [], [], EVERY_S)
        if ready:
            data = os.read(0, 1 << 16)
            if not data:
                os._exit(0)
            *lines, waiting = (waiting + data).split(b"\n")
            for line in lines:
                cameras = json.loads(line)
                going_on = obey(cameras)
        if going_on and time.monotonic() - said_s > EVERY_S:
            said_s = time.monotonic()
            say(health(cameras))


def whole() -> int:
    from beholden.supervise.workers.parent import become_child
    from beholden.supervise.workers.worker import WorkerOptions, WorkerParts, run_worker
    from tests.supervise.cameras import FakeCamera, FakeLink, Tapes, fake_engine, viewpoint

    stdin, stdout, stopping = become_child()
    print("a library that prints")  # to standard error from now on: the pipe is for reports
    parts = WorkerParts(fake_engine, FakeLink, FakeCamera, viewpoint, Tapes())
    return run_worker(parts, stdin, stdout, stopping, WorkerOptions(rate=20.0, report_s=0.1, tick_s=0.02))


def nursery() -> None:
    import tests.supervise.cameras  # noqa: F401 - loaded once, for all
    from beholden.supervise.workers import worker  # noqa: F401
    from beholden.supervise.workers.nursery import raise_children

    with socket.socket(fileno=os.dup(0)) as line:
        raise_children(line, whole)


if __name__ == "__main__":
    if sys.argv[1] == "nursery":
        nursery()
    elif sys.argv[1] == "whole":
        os._exit(whole())
    else:
        light()
