"""From the decisive shot to the event, on a machine that is at 80% of its CPU: the whole program, over real RTSP.

`beholden watch --json` (`stack.py`) watches cameras of the typical clip, one after the other added until the
machine's cores are as busy as they are meant to be, whoever keeps them so; then it is listened to. The
delay is the program's own figure (`shot_to_event_s`): from the arrival of the shot that decided, over
the leaf in the log, to the line that says the name.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from beholden.demo.broadcast import Broadcast
from beholden.demo.people import PersonId
from beholden.supervise.workers.spent import machine_cpu_s, usable_cores
from benchmarks.clips import BenchClip
from benchmarks.figures import Spread
from benchmarks.hearing import Hearing
from benchmarks.processes import CpuMeter, tree
from benchmarks.stack import Stack

LOAD = 0.8
NEAR = 0.1
"""Further from LOAD than this, the figure is of another load, and is told as such."""
LEAST_NAMES = 20
"""A 95th percentile of fewer says nothing."""
FIRST, MOST = 4, 48
"""Cameras: so many tell what one takes; more are never added."""
PROBED_S, CORRECTIONS = 8.0, 3
ENROLLED = tuple(PersonId(person) for person in ("P003", "P005", "P007", "P008"))
"""Four of the five people of the typical clip."""
PLACE = "hall"
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Latency:
    """What was heard: seconds from shot to event, the machine's load meanwhile (1: all cores), and whose it was."""

    delays: Spread
    load: float
    cameras: int
    cores_ours: float
    cores_others: float
    looks_per_s: float

    @property
    def p95(self) -> float | None:
        """None where the load or the names were not there."""
        there = self.delays.count >= LEAST_NAMES and abs(self.load - LOAD) <= NEAR
        return self.delays.p95 if there else None

    def as_values(self) -> dict[str, object]:
        return {
            "shot_to_event_s": self.delays.as_values(),
            "load": round(self.load, 3),
            "cameras": self.cameras,
            "cores_ours": round(self.cores_ours, 3),
            "cores_of_others": round(self.cores_others, 3),
            "looks_per_s": round(self.looks_per_s, 2),
        }


def more_cameras(load: float, each: float, cores: float, there: int) -> int:
    """How many to add so that a machine of `cores` comes to LOAD of them; `each`: the share of a core of one camera."""
    room = (LOAD - load) * cores / max(each, 1e-3)
    return max(0, min(int(room + 0.25), MOST - there))


class Load:
    """What the machine's cores do, and which part of it is the program's and the broadcast's."""

    def __init__(self, pids: Callable[[], tuple[int, ...]]) -> None:
        self._pids, self._meter, self._cores = pids, CpuMeter(), usable_cores()

    def over(self, seconds: float) -> tuple[float, float, float]:
        """Load of the machine (1: all cores), cores of ours, and of others, over the next seconds."""
        began_s, machine_s, own_s = time.monotonic(), machine_cpu_s(), self._own()
        ends_s = began_s + seconds
        while (left := ends_s - time.monotonic()) > 0:
            time.sleep(min(1.0, left))
            self._own()
        took_s = time.monotonic() - began_s
        ours = (self._own() - own_s) / took_s
        all_of_it = (machine_cpu_s() - machine_s) / took_s
        return all_of_it / self._cores, ours, max(0.0, all_of_it - ours)

    def _own(self) -> float:
        return self._meter.look([process for pid in self._pids() for process in tree(pid)])


def at_load(clip: BenchClip, seconds: float, log: Path, say: Say) -> Latency:
    """Add cameras of the clip up to the load, then listen for `seconds`."""
    hearing = Hearing(time.monotonic)
    with ExitStack() as around:
        folder = Path(around.enter_context(TemporaryDirectory(prefix="beholden-latency-")))
        air = around.enter_context(Broadcast(clip.path.parent))
        stack = around.enter_context(Stack(folder / "data", log))
        stack.create((PLACE,), ENROLLED, folder / "photos")
        load = Load(lambda: (stack.pid, air.pid or os.getpid()))
        address = air.address(clip.path.stem)
        count = add_cameras(stack, hearing, address, (0, FIRST), start=True)
        for _ in range(CORRECTIONS):
            now, ours, others = load.over(PROBED_S)
            say(f"  {count} cameras: {now:.0%} of the machine, {ours:.2f} cores ours, {others:.2f} of others")
            more = more_cameras(now, ours / count, usable_cores(), count)
            if not more:
                break
            count = add_cameras(stack, hearing, address, (count, count + more))
        before = len(hearing.delays)
        now, ours, others = load.over(seconds)
        delays = list(hearing.delays[before:])
        looks = min(hearing.mean_fps(_name(number))[1] for number in range(count))
        return Latency(Spread.of(delays), now, count, ours, others, looks)


def add_cameras(stack: Stack, hearing: Hearing, address: str, numbers: tuple[int, int], *, start: bool = False) -> int:
    """Add the cameras of these numbers, and wait until each is looked at; how many there are then."""
    for number in range(*numbers):
        stack.add(_name(number), PLACE, address, record=False)
    if start:
        stack.start(hearing.hear)
    for number in range(*numbers):
        if not hearing.wait_live(_name(number), 60.0):
            raise RuntimeError(f"{_name(number)} was not watched after a minute: see the program's log")
    return numbers[1]


def _name(number: int) -> str:
    return f"camera-{number + 1}"
