"""A rehearsal folder, and the processes that share it: this file is also what those processes run.

python -m tests.supervise.folders keeper FOLDER    keeps the folder, or stands by until it can
python -m tests.supervise.folders reader FOLDER    prints who may be seen at the lobby whenever that changes
python -m tests.supervise.folders hammer FOLDER N  names people as fast as it can, and prints what was acknowledged
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from beholden.acts.grants.enrol import Enrolment, Wish, enrol_reference
from beholden.acts.grants.reference import Reference
from beholden.acts.recover import recover
from beholden.model.errors import BeholdenError
from beholden.model.grant import Capture, Place, Purpose, Viewpoint
from beholden.model.ids import CameraId, Epoch, GrantId, PlaceId, SubjectId, TrackId, new_subject_id, sighting_id
from beholden.model.match import Known, Reason, Why
from beholden.storage.folder import create_folder, open_folder
from beholden.supervise.keeper.acting import Acting, acting
from beholden.supervise.keeper.desk import OpenedOffice
from beholden.supervise.keeper.keeper import serve_forever
from beholden.supervise.keeper.link import KeeperLink
from tests.people import LOBBY, MODEL, vector

YARD = PlaceId("yard")
PLACES = {LOBBY: Place(LOBBY, capture=Capture.LANE), YARD: Place(YARD, capture=Capture.BUTTON)}
AT_LOBBY = Viewpoint(CameraId("cam"), PLACES[LOBBY])
AT_YARD = Viewpoint(CameraId("gate"), PLACES[YARD])
WISH = Wish((Purpose.ENTRANCE,), frozenset({LOBBY, YARD}))
APART = timedelta(seconds=1000)
"""Moments so far apart are different sightings of the same person."""


def now() -> datetime:
    return datetime.now(UTC)


def made(path: Path) -> Path:
    """A new rehearsal folder."""
    create_folder(path, rehearsal=True, clock=now)
    return path


def opener(folder: Path) -> Callable[[], OpenedOffice]:
    """What opens the folder for whoever keeps it."""

    def open_office() -> OpenedOffice:
        opened = open_folder(folder, clock=now)
        recover(opened.office)
        return OpenedOffice(opened.office, PLACES.get, opened.close)

    return open_office


@contextmanager
def acts_on(folder: Path, deadline_s: float = 15.0) -> Iterator[Acting]:
    with acting(folder, opener(folder), deadline_s=deadline_s) as acts:
        yield acts


def enrol(acts: Acting, name: str, seed: int, wish: Wish = WISH) -> Enrolment:
    reference = Reference(vector(seed), MODEL, 0.8, 2)
    return acts.do(enrol_reference, name, reference, wish, new_subject_id())


def known(enrolment: Enrolment) -> Known:
    return Known(enrolment.subject, enrolment.grants[0].id, Why(Reason.CLEAR, 2))


def until(true: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait until something is true; a generous deadline, for a machine that is busy."""
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, "it did not happen"
        time.sleep(0.005)


class Child:
    """One of the processes above. Its lines are JSON; the end of its standard input ends it."""

    @property
    def ready(self) -> bool:
        """Whether everything is loaded: a keeper keeps the folder, or waits for the lock."""
        return bool(self.lines)

    @property
    def keeping(self) -> bool:
        """Whether it has opened the folder, to keep it."""
        return any("keeping" in line for line in self.lines)

    def __init__(self, role: str, folder: Path, *more: object) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.supervise.folders", role, str(folder), *map(str, more)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).resolve().parents[2],
            env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        )
        self.lines: list[dict] = []
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    @property
    def pid(self) -> int:
        return self.process.pid

    def signal(self, number: int) -> None:
        """Send it. A stop is waited for: until every thread stands still, the process may answer once more."""
        self.process.send_signal(number)
        if number == signal.SIGSTOP:
            until(self._stands_still)

    def _stands_still(self) -> bool:
        tasks = Path(f"/proc/{self.pid}/task").iterdir()
        return all((task / "stat").read_text().rpartition(") ")[2].startswith("T") for task in tasks)

    def until(self, true: Callable[[dict], bool], after_ns: int = 0, seconds: float = 30.0) -> dict:
        """The first line later than `after_ns` for which this is true."""
        found: list[dict] = []

        def look() -> bool:
            found.extend(line for line in self.lines if line["ns"] >= after_ns and true(line))
            return bool(found)

        until(look, seconds)
        return found[0]

    def end(self) -> int:
        """Tell it to end; its exit code."""
        if self.process.stdin is not None and not self.process.stdin.closed:
            self.process.stdin.close()
        try:
            code = self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        self._reading.join(10)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return code

    def kill(self) -> None:
        self.process.kill()
        self.end()

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.endswith(b"\n"):
                self.lines.append(json.loads(line))


# -- what the processes do


def _tell(**values: object) -> None:
    print(json.dumps({"ns": time.monotonic_ns(), **values}), flush=True)


def _told_to_end() -> bool:
    return bool(select.select([sys.stdin], [], [], 0)[0])


def _keep(folder: Path) -> None:
    stop = threading.Event()

    def wait() -> None:
        sys.stdin.read()
        stop.set()

    threading.Thread(target=wait, daemon=True).start()

    def open_office() -> OpenedOffice:
        opened = opener(folder)()
        _tell(keeping=os.getpid())
        return opened

    _tell(standing_by=os.getpid())
    serve_forever(folder, open_office, stop)


def _read(folder: Path) -> None:
    link = KeeperLink(folder, MODEL, now)
    said: object = None
    while not _told_to_end():
        try:
            gallery = link.gate().gallery(AT_LOBBY, now(), MODEL)
            seen: object = sorted(gallery.subjects)
            lit = int(gallery.vectors.any(axis=1).sum()) if len(gallery) else 0
        except BeholdenError as error:
            seen, lit = type(error).__name__, 0
        if seen != said:
            said = seen
            _tell(seen=seen, rows=lit)
        time.sleep(0.01)
    link.close()


def _hammer(folder: Path, number: int) -> None:
    """Each name is one track at a moment of its own; printed when it is acknowledged."""
    who = json.loads((folder / "people.json").read_text())[number]
    match = Known(SubjectId(who["subject"]), GrantId(who["grant"]), Why(Reason.CLEAR, 2))
    viewpoint, epoch = Viewpoint(CameraId(f"cam{number}"), PLACES[LOBBY]), Epoch(f"{number:012x}")
    link = KeeperLink(folder, MODEL, now)
    begin, count = now(), 0
    waiting: dict[TrackId, datetime] = {}
    while not _told_to_end():
        while len(waiting) < 4:
            count += 1
            waiting[TrackId(f"{epoch}-{count}")] = begin + count * APART
        for track, moment in list(waiting.items()):
            try:
                done = link.settle().named(viewpoint, epoch, track, match, moment)
            except BeholdenError as error:
                _tell(refused=type(error).__name__, sighting=sighting_id(viewpoint.camera, epoch, track, match.subject))
                continue
            if done is not None:
                _tell(acknowledged=done, sighting=sighting_id(viewpoint.camera, epoch, track, match.subject))
                link.settle().ended(viewpoint, track, match, moment, 1.0)
                del waiting[track]
        time.sleep(0.002)
    link.close()


if __name__ == "__main__":
    role, where, *more = sys.argv[1:]
    if role == "keeper":
        _keep(Path(where))
    elif role == "reader":
        _read(Path(where))
    else:
        _hammer(Path(where), int(more[0]))
