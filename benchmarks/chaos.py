"""kill -9 of the keeper and of workers at random moments, while cameras are live and sightings open.

python -m benchmarks.chaos [--kills 200] [--cameras 4] [--out chaos-output] [--seed 7]

Two promises are held against what happens: a sighting that was acknowledged (a name was told) is in
storage afterwards, once; and every camera is looked at again, and the keeper answers again, within
3 s of a kill. People come by, are away for longer than a sighting stays open, and come again, so
that kills meet sightings that open, go on and close. Keeper and workers are killed `--kills` times
each, the nursery that workers come from a tenth as often; of workers only one with cameras is
killed. Ends with 1 when a promise is broken.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

from beholden.acts.grants.people import people
from beholden.acts.sightings.sighting import Sighting, sightings
from beholden.demo.broadcast import Broadcast
from beholden.model.ids import PlaceId, SubjectId
from beholden.settings import read_settings
from beholden.supervise.keeper.client import answers
from beholden.supervise.keeper.election import holder
from beholden.wiring.folder import open_data
from benchmarks.figures import Check, Spread
from benchmarks.processes import connections, tree
from benchmarks.stack import Line, Stack, ended_in_order
from benchmarks.walks import ENROLLED, make_walks

BACK_S = 3.0
QUIET_S = 48.0
"""An empty picture after each clip's people, so that they are away for more than the minute that closes a sighting."""
GAP_S = (0.3, 3.5)
"""Between a recovery and the next kill, at random."""
PATIENCE_S = 30.0
RATE = 5.0
"""Pictures analysed a second."""
ABSENCE = timedelta(seconds=60)
SLACK = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Ack:
    """Somebody's name was told: at a place, for a picture of the moment `at`, decided by a shot `shot_s` before."""

    who: str
    place: str
    at: datetime
    shot_s: float


@dataclass(frozen=True, slots=True)
class Kill:
    """One kill, and after how many seconds everything was back; None: not within `PATIENCE_S`."""

    role: str
    at_s: float
    cameras: int
    back_s: float | None


class Listener:
    """Hears the program: names that were told, and when each camera was last looked at."""

    def __init__(self) -> None:
        self._more = threading.Condition()
        self.acks: list[Ack] = []
        self._looks: dict[str, tuple[float, float]] = {}

    def hear(self, line: Line) -> None:
        with self._more:
            if "health" in line:
                self._looked(line["health"])
            elif "decision" in line:
                self._decided(line["decision"])
            self._more.notify_all()

    def back(self, cameras: Sequence[str], since: float, seconds: float) -> float | None:
        """Wait until every camera was looked at after `since` (time.time()): how long after it the last one was.

        Health comes once a second, so the moment is reckoned: of the first picture since its counter
        began, from how many there were since.
        """
        with self._more:
            if not self._more.wait_for(lambda: all(self._look(camera)[1] > since for camera in cameras), seconds):
                return None
            return max(0.0, *(self._look(camera)[0] - since for camera in cameras))

    def _look(self, camera: str) -> tuple[float, float]:
        return self._looks.get(camera, (0.0, 0.0))

    def _looked(self, health: Line) -> None:
        """When the first and the newest picture of a run of this camera were, time.time()."""
        if health["analysed"] > 0 and health["seen_at"] is not None:
            newest = datetime.fromisoformat(health["seen_at"]).timestamp()
            first = newest - (health["analysed"] + health["dropped"] - 1) / RATE
            self._looks[health["camera"]] = (first, newest)

    def _decided(self, decision: Line) -> None:
        if decision["answer"] == "known" and not decision["ended"]:
            at = datetime.fromisoformat(decision["at"])
            self.acks.append(Ack(decision["who"], decision["place"], at, decision["shot_to_event_s"] or 0.0))


def lost(acks: Sequence[Ack], stored: Sequence[Sighting], names: dict[SubjectId, str]) -> list[Ack]:
    """Acknowledged names that no stored sighting covers."""

    def kept(ack: Ack) -> bool:
        shot = ack.at - timedelta(seconds=ack.shot_s)
        return any(
            names[each.subject] == ack.who
            and each.place == PlaceId(ack.place)
            and each.opened_at <= ack.at + SLACK
            and shot - SLACK <= each.seen_at
            for each in stored
        )

    return [ack for ack in acks if not kept(ack)]


def doubled(stored: Sequence[Sighting]) -> list[tuple[Sighting, Sighting]]:
    """Pairs that are one visit: of one person at one place, the second within a minute of the first."""
    pairs: list[tuple[Sighting, Sighting]] = []
    ordered = sorted(stored, key=lambda each: (each.subject, each.place or "", each.opened_at))
    for first, second in pairwise(ordered):
        same = (first.subject, first.place) == (second.subject, second.place)
        if same and second.opened_at <= first.seen_at + ABSENCE:
            pairs.append((first, second))
    return pairs


class Chaos:
    """The running program, and who kills its processes."""

    def __init__(self, stack: Stack, port: int, cameras: Sequence[str], chance: random.Random) -> None:
        self._stack, self._port, self._cameras, self._chance = stack, port, cameras, chance
        self.listener = Listener()
        self.kills: list[Kill] = []
        self._began = time.monotonic()

    def run(self, kills: int, say: Callable[[str], None]) -> None:
        """Kill keepers and workers so often, and some nurseries, in random order, at random moments."""
        self._stack.start(self.listener.hear)
        if self.listener.back(self._cameras, time.time(), 60.0) is None:
            raise RuntimeError("not every camera was watched after a minute: see the log beside the summary")
        roles = ["keeper"] * kills + ["worker"] * kills + ["nursery"] * (kills // 10)
        self._chance.shuffle(roles)
        for number, role in enumerate(roles, 1):
            time.sleep(self._chance.uniform(*GAP_S))
            kill = self._kill(role)
            self.kills.append(kill)
            if number % 10 == 0 or kill.back_s is None or kill.back_s > BACK_S:
                back = "not back" if kill.back_s is None else f"back after {kill.back_s:.2f} s"
                say(f"{number}/{len(roles)} kills, {len(self.listener.acks)} names told; {role}: {back}")
            if not self._stack.running():
                raise RuntimeError("the program ended by itself: see the log beside the summary")

    def _kill(self, role: str) -> Kill:
        pid, cameras = self._victim(role)
        at_s, since = time.monotonic() - self._began, time.time()
        os.kill(pid, signal.SIGKILL)
        keeper_s = self._keeper_back(since) if role == "keeper" else 0.0
        cameras_s = self.listener.back(self._cameras, since, PATIENCE_S)
        both = None if keeper_s is None or cameras_s is None else max(keeper_s, cameras_s)
        return Kill(role, round(at_s, 2), cameras, both)

    def _victim(self, role: str) -> tuple[int, int]:
        """Whom to kill, and how many cameras it has; waits until there is one."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            found = list(self._candidates(role))
            if found:
                return self._chance.choice(found)
            time.sleep(0.05)
        raise RuntimeError(f"there is no {role} to kill: see the log beside the summary")

    def _candidates(self, role: str) -> Iterator[tuple[int, int]]:
        keeps = holder(self._stack.data)
        for process in tree(self._stack.pid):
            if process.role != role or (role == "keeper" and process.pid != keeps):
                continue
            cameras = connections(process.pid, self._port) if role == "worker" else 0
            if cameras or role != "worker":
                yield process.pid, cameras

    def _keeper_back(self, since: float) -> float | None:
        """Seconds until somebody who keeps the folder answers."""
        while time.time() - since < PATIENCE_S:
            if answers(self._stack.data, 0.05):
                return time.time() - since
        return None


def read_back(data: Path) -> tuple[tuple[Sighting, ...], dict[SubjectId, str], int]:
    """What is stored in the end: sightings, names by subject, and how many sightings have more than one leaf."""
    with open_data(data, read_settings(data)) as folder:
        names = {person.id: person.label or "" for person in people(folder.office)}
        leaves: dict[str, int] = {}
        for line in folder.office.journal.read():
            if line.event is not None and line.event["kind"] == "sighted":
                leaves[line.event["sighting"]] = leaves.get(line.event["sighting"], 0) + 1
        return sightings(folder.office), names, sum(count > 1 for count in leaves.values())


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    shutil.rmtree(options.out, ignore_errors=True)
    options.out.mkdir(parents=True)
    places = [f"place{number + 1}" for number in range(options.cameras)]
    cameras = [f"camera-{number + 1}" for number in range(options.cameras)]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="beholden-chaos-")))
        print("Making clips and a data folder ...", flush=True)
        walks = make_walks(options.clips, options.cameras, options.quiet)
        program = stack.enter_context(Stack(folder / "data", options.out / "watch.log"))
        program.create(places, ENROLLED, folder / "photos")
        air = stack.enter_context(Broadcast(options.clips))
        for camera, place, walk in zip(cameras, places, walks, strict=True):
            program.add(camera, place, air.address(walk.name), record=False)
        chaos = Chaos(program, air.port, cameras, random.Random(options.seed))
        chaos.run(options.kills, lambda line: print(line, flush=True))
        code = program.stop()
        stored, names, leaves_twice = read_back(folder / "data")
    summary, checks = judged(chaos, stored, names, leaves_twice, code)
    summary |= {"seed": options.seed, "exit_code": code}
    (options.out / "summary.json").write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")
    print("\n".join(check.line() for check in checks))
    print(f"{'All promises kept' if summary['ok'] else 'NOT all promises kept'}: {options.out / 'summary.json'}")
    return 0 if summary["ok"] else 1


def judged(
    chaos: Chaos, stored: Sequence[Sighting], names: dict[SubjectId, str], leaves_twice: int, code: int | None
) -> tuple[dict[str, object], list[Check]]:
    """Everything that was measured, and the promises."""
    acks = chaos.listener.acks
    missing, twice = lost(acks, stored, names), doubled(stored)
    backs = {
        role: [PATIENCE_S if kill.back_s is None else kill.back_s for kill in chaos.kills if kill.role == role]
        for role in dict.fromkeys(kill.role for kill in chaos.kills)
    }
    checks = [
        Check("acknowledged sightings that are lost", float(len(missing)), 0, ""),
        Check("sightings that are there twice", float(len(twice)), 0, ""),
        Check("sightings with more than one leaf", float(leaves_twice), 0, ""),
        *(
            Check(f"back after {len(times)} kills, {role}, slowest", max(times, default=None), BACK_S, "s")
            for role, times in backs.items()
        ),
        ended_in_order(code),
    ]
    summary: dict[str, object] = {
        "ok": bool(acks) and all(check.ok for check in checks),
        "checks": [check.as_values() for check in checks],
        "acknowledged": len(acks),
        "sightings": len(stored),
        "lost": [f"{ack.who} at {ack.place}, {ack.at.isoformat()}" for ack in missing],
        "doubled": [f"{one.id} {two.id}" for one, two in twice],
        "back_s": {role: Spread.of(times).as_values() for role, times in backs.items()},
        "kills": [[kill.role, kill.at_s, kill.cameras, kill.back_s] for kill in chaos.kills],
    }
    return summary, checks


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chaos", description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=200, help="of keepers, and as many of workers (200)")
    parser.add_argument("--cameras", type=int, default=4, help="how many (4)")
    parser.add_argument("--out", type=Path, default=Path("chaos-output"), help="where summary.json goes; replaced")
    parser.add_argument("--clips", type=Path, default=Path("bench-output/visits"), help="where clips are kept")
    parser.add_argument(
        "--quiet", type=float, default=QUIET_S, help=f"seconds without anybody, in each clip ({QUIET_S:g})"
    )
    parser.add_argument("--seed", type=int, default=7, help="of the random moments (7)")
    options = parser.parse_args(arguments)
    if options.kills < 1 or not 1 <= options.cameras <= 16:
        parser.error("--kills is at least 1, --cameras is 1 to 16")
    return options


if __name__ == "__main__":
    sys.exit(main())
