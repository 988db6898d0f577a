"""Cameras watched for hours: does memory stay flat, what does each camera cost, and how late are names?

python -m benchmarks.soak [--minutes 120] [--cameras 8] [--out soak-output]

Eight cameras (real RTSP, `walks.py`) are watched by the program as its users run it (`stack.py`).
They are added one after the other, so that the memory of each is known; then all are watched until
the time is over. Meanwhile cameras are cut off now and then, and the keeper is killed once, before
memory is fitted (a new process would hide what the old one gathered). Prints a table; all figures
are in `summary.json`. Ends with 1 when a limit is not kept.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from beholden.demo.broadcast import Broadcast
from beholden.supervise.workers.spent import machine_cpu_s
from benchmarks.figures import Check, Spread, median, shares, slope, thinned
from benchmarks.hearing import Hearing
from benchmarks.processes import CpuMeter, Process, Restarts, own_mb, pss_mb, tree
from benchmarks.stack import Stack, ended_in_order
from benchmarks.walks import ENROLLED, Walk, make_walks

MB_PER_CAMERA = 30.0
MB_PER_HOUR = 5.0
"""What counts as flat: a line fitted through the second hour, of all processes together, pages of files left out."""
SETTLES = 0.5
"""So much of a run, once all cameras run, is left out: a heap grows until the worst mix of pictures was in it once."""
P95_S = 0.3
WORKERS = 2
"""As a machine with two cores has by itself: on a larger one the figures stay comparable."""
PLACES = ("hall", "gate", "yard", "desk")
RECORDED = 4
"""So many cameras are recorded, beginning with the first."""
CUT_EVERY_S = 600.0
LEAST_AFTER_CUT_S = 4.0
"""A camera that was cut off has so long at least to come back before the end."""
LEAST_FIT_S = 1200.0
"""A line through less than this says nothing about hours."""
LEAST_NAMES = 20
"""A 95th percentile of fewer says nothing."""


@dataclass
class Measured:
    """What was measured, as it grows: memory as (seconds, MB), and what of it is no page of a file."""

    memory: list[tuple[float, float]] = field(default_factory=list)
    own_memory: list[tuple[float, float]] = field(default_factory=list)
    by_cameras: dict[int, float] = field(default_factory=dict)
    by_role: dict[str, float] = field(default_factory=dict)
    cpu_s: float = 0.0
    machine_cpu_s: float = 0.0
    fit_from_s: float = 0.0
    faults: list[dict[str, object]] = field(default_factory=list)


class Soak:
    """One run: the program, the broadcast, and what is measured of them."""

    def __init__(self, stack: Stack, air: Broadcast, walks: Sequence[Walk], seconds: float) -> None:
        self._stack, self._air, self._walks, self._seconds = stack, air, walks, seconds
        self.hearing = Hearing(time.monotonic)
        self.measured = Measured()
        self.restarts = Restarts()
        self._cpu = CpuMeter()
        self._began, self._machine_s = time.monotonic(), 0.0

    def run(self, say: Callable[[str], None]) -> None:
        """Add the cameras one by one, then watch until the time is over."""
        count = len(self._walks)
        step_s = min(60.0, self._seconds * 0.4 / count)
        for number in range(count):
            self._add(number)
            if number == 0:
                self._began, self._machine_s = time.monotonic(), machine_cpu_s()
                self._stack.start(self.hearing.hear)
            if not self.hearing.wait_live(camera_name(number), 60.0):
                raise RuntimeError(
                    f"{camera_name(number)} was not watched after a minute: see the log beside the summary"
                )
            until = self._elapsed() + step_s
            self._watch(until)
            recent = [mb for at, mb in self.measured.memory if at > until - step_s / 2]
            self.measured.by_cameras[number + 1] = median(recent) or 0.0
            say(f"{number + 1} cameras: {self.measured.by_cameras[number + 1]:.0f} MB")
        if self._seconds >= CUT_EVERY_S:
            self._kill_keeper()
        self.measured.fit_from_s = self._elapsed() + SETTLES * max(0.0, self._seconds - self._elapsed())
        # Adding cameras takes long on a busy machine: a short run goes on until one could be cut off and come back.
        self._seconds = max(self._seconds, self._elapsed() + 3 * LEAST_AFTER_CUT_S)
        every_s = min(CUT_EVERY_S, (self._seconds - self._elapsed()) / 2)
        cut = 0
        while self._elapsed() < self._seconds:
            self._watch(min(self._seconds, self._elapsed() + every_s))
            if self._seconds - self._elapsed() > LEAST_AFTER_CUT_S:
                self._cut(cut % count)
                cut += 1
                say(f"{self._elapsed() / 60:.0f} min: {self.measured.memory[-1][1]:.0f} MB")

    def _elapsed(self) -> float:
        return time.monotonic() - self._began

    def _watch(self, until_s: float) -> None:
        """Measure every second or, in a long run, every five, until a moment."""
        period = 5.0 if self._seconds >= CUT_EVERY_S else 1.0
        while (left := until_s - self._elapsed()) > 0:
            time.sleep(min(period, left))
            if not self._stack.running():
                raise RuntimeError("the program ended by itself: see the log beside the summary")
            self._measure()

    def _measure(self) -> None:
        processes = tree(self._stack.pid)
        by_role = {role: pss_mb(one.pid for one in processes if one.role == role) for role in _roles(processes)}
        self.measured.memory.append((self._elapsed(), sum(by_role.values())))
        self.measured.own_memory.append((self._elapsed(), own_mb(one.pid for one in processes)))
        self.measured.by_role = by_role
        self.measured.cpu_s = self._cpu.look(processes)
        self.measured.machine_cpu_s = machine_cpu_s() - self._machine_s
        self.restarts.look(processes)

    def _add(self, number: int) -> None:
        walk = self._walks[number]
        place = PLACES[number % len(PLACES)]
        self._stack.add(camera_name(number), place, self._air.address(walk.name), record=number < RECORDED)

    def _cut(self, number: int) -> None:
        self._air.cut(self._walks[number].name)
        self.measured.faults.append({"at_s": round(self._elapsed(), 1), "what": "cut", "camera": camera_name(number)})

    def _kill_keeper(self) -> None:
        for process in tree(self._stack.pid):
            if process.role == "keeper":
                os.kill(process.pid, signal.SIGKILL)
                self.measured.faults.append({"at_s": round(self._elapsed(), 1), "what": "keeper killed"})
                return


def camera_name(number: int) -> str:
    return f"camera-{number + 1}"


def _roles(processes: Sequence[Process]) -> set[str]:
    return {process.role for process in processes}


def checks_of(soak: Soak, walks: Sequence[Walk], code: int | None) -> list[Check]:
    """Every limit, with what was measured."""
    measured, hearing = soak.measured, soak.hearing
    names = Spread.of(hearing.delays)
    fitted = _fitted(measured)
    fit_s = (fitted[-1][0] - fitted[0][0]) * 3600 if fitted else 0.0
    count = len(walks)
    each = (measured.by_cameras[count] - measured.by_cameras[1]) / (count - 1) if count > 1 else None
    expected = {camera_name(number): set(walk.enrolled) for number, walk in enumerate(walks)}
    wrong = sum(bool(set(named) - expected[camera]) for camera, named in hearing.named.items())
    slowest = min((hearing.mean_fps(camera)[1] for camera in expected), default=0.0)
    return [
        Check("memory over time, all processes", slope(fitted), MB_PER_HOUR, "MB/h", fit_s >= LEAST_FIT_S),
        Check("memory for each camera after the first", each, MB_PER_CAMERA, "MB", count > 1),
        Check("from the decisive shot to the event, p95", names.p95, P95_S, "s", names.count >= LEAST_NAMES),
        Check("cameras with the name of somebody they never show", wrong, 0, ""),
        Check("cameras that were not looked at", sum(hearing.mean_fps(camera)[1] <= 0 for camera in expected), 0, ""),
        Check("seconds between looks at the slowest camera, on average", 1 / slowest if slowest else None, 0.5, "s"),
        ended_in_order(code),
    ]


def summary_of(
    soak: Soak, walks: Sequence[Walk], checks: Sequence[Check], data: Path, air_cpu_s: float
) -> dict[str, object]:
    """Everything that was measured, for machines."""
    measured, hearing = soak.measured, soak.hearing
    watched_s = measured.memory[-1][0]
    return {
        "ok": all(check.ok for check in checks),
        "minutes": round(watched_s / 60, 2),
        "cameras": len(walks),
        "machine": {"processor": _processor(), "cores": os.cpu_count(), "python": platform.python_version()},
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "checks": [check.as_values() for check in checks],
        "memory": {
            "by_cameras_mb": {str(number): round(mb, 1) for number, mb in measured.by_cameras.items()},
            "by_role_mb": {role: round(mb, 1) for role, mb in measured.by_role.items()},
            "highest_mb": round(max(mb for _, mb in measured.memory), 1),
            "slope_mb_per_h": _rounded(slope(_fitted(measured))),
            "fitted_s": round(watched_s - measured.fit_from_s, 1),
            "samples": [[round(at, 1), round(mb, 2)] for at, mb in thinned(measured.memory, 720)],
            "own_samples": [[round(at, 1), round(mb, 2)] for at, mb in thinned(measured.own_memory, 720)],
        },
        "shot_to_event_s": Spread.of(hearing.delays).as_values() | {"share_by_50_ms": shares(hearing.delays, 0.05)},
        "cpu": {
            "seconds": round(measured.cpu_s, 1),
            "cores": round(measured.cpu_s / watched_s, 3),
            "broadcast_cores": round(air_cpu_s / watched_s, 3),
            "cores_of_others": round((measured.machine_cpu_s - measured.cpu_s - air_cpu_s) / watched_s, 3),
        },
        "per_camera": {camera: hearing.camera_values(camera) for camera in map(camera_name, range(len(walks)))},
        "events": {"named": len(hearing.delays), "tracks_ended": dict(hearing.ended)},
        "restarts": dict(soak.restarts.counted()),
        "faults": measured.faults,
        "bytes": {"log": _bytes(data / "log"), "recordings": _bytes(data / "recordings"), "all": _bytes(data)},
    }


def _fitted(measured: Measured) -> list[tuple[float, float]]:
    """What is held to be flat: memory that is no page of a file, (hours, MB), once everything runs."""
    return [(at / 3600, mb) for at, mb in measured.own_memory if at >= measured.fit_from_s]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def report(summary: Mapping[str, object], checks: Sequence[Check], hearing: Hearing) -> str:
    """The table that is printed."""
    lines = [f"{'CAMERA':<10} {'READ/S':>7} {'SEEN/S':>7} {'DROPPED':>8} {'RECONNECTS':>10} {'LATENCY':>8}  NAMED"]
    for camera in sorted(hearing.health):
        values = hearing.camera_values(camera)
        lines.append(
            f"{camera:<10} {values['read_fps']:>7} {values['analysed_fps']:>7} {values['dropped']:>8} "
            f"{values['reconnects']:>10} {values['latency_p50_s'] or 0:>7.3f}s  {values['named']}"
        )
    lines += ["", *(check.line() for check in checks)]
    lines += [f"{name}: {summary[name]}" for name in ("shot_to_event_s", "cpu", "restarts", "events", "bytes")]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    seconds = options.minutes * 60
    shutil.rmtree(options.out, ignore_errors=True)
    options.out.mkdir(parents=True)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="beholden-soak-")))
        print("Making clips and a data folder ...", flush=True)
        walks = make_walks(options.clips, options.cameras)
        workers = {"BEHOLDEN_CAMERAS__WORKERS": str(WORKERS)}
        program = stack.enter_context(Stack(folder / "data", options.out / "watch.log", workers))
        program.create(PLACES, ENROLLED, folder / "photos")
        air = stack.enter_context(Broadcast(options.clips))
        soak = Soak(program, air, walks, seconds)
        soak.run(lambda line: print(line, flush=True))
        air_cpu_s = sum(process.cpu_s for process in tree(air.pid or 0))
        code = program.stop()
        checks = checks_of(soak, walks, code)
        summary = summary_of(soak, walks, checks, folder / "data", air_cpu_s) | {"exit_code": code}
    (options.out / "summary.json").write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")
    print(report(summary, checks, soak.hearing))
    print(f"{'All limits kept' if summary['ok'] else 'NOT all limits kept'}: {options.out / 'summary.json'}")
    return 0 if summary["ok"] else 1


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=120.0, help="how long cameras are watched (120)")
    parser.add_argument("--cameras", type=int, default=8, help="how many, 1 to 16 (8)")
    parser.add_argument("--out", type=Path, default=Path("soak-output"), help="where summary.json goes; replaced")
    parser.add_argument("--clips", type=Path, default=Path("bench-output/walks"), help="where clips are kept")
    options = parser.parse_args(arguments)
    if options.minutes <= 0 or not 1 <= options.cameras <= 16:
        parser.error("--minutes is more than 0, --cameras is 1 to 16")
    return options


if __name__ == "__main__":
    sys.exit(main())
