"""The keeper of a data folder: the one process that writes its database, log and keystore.

It holds the lock of `supervise.keeper.election`, answers everybody (`supervise.keeper.desk`), others over a socket
(`supervise.keeper.serving`), and asks the registry several times a second, so that whoever shares its
gallery knows that it is current.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from beholden.acts.approvals import breakglass
from beholden.acts.grants.known_time import beat, keep
from beholden.acts.guardians import majority as guardian_time
from beholden.acts.guardians.kept import Bound
from beholden.acts.logged.heartbeat import publish_hour
from beholden.acts.plans.days import pass_days
from beholden.acts.plans.kept import Seekers
from beholden.acts.recover import carry_on
from beholden.acts.sightings.sighting import purge
from beholden.consent.gate import Gate
from beholden.consent.living import Lives
from beholden.consent.opened import Opened
from beholden.model.errors import BeholdenError, DataFolderError
from beholden.model.ids import ModelDigest
from beholden.supervise.keeper.calls import Calls
from beholden.supervise.keeper.desk import Desk, OpenedOffice, tell_mistake
from beholden.supervise.keeper.election import Held, wait_to_keep
from beholden.supervise.keeper.messages import RESTART, AskStatus, Reply, Request, Status
from beholden.supervise.keeper.serving import MOST_CONNECTIONS, Credentials, Server
from beholden.supervise.keeper.wire import peer_of

BEAT_S = 0.2
"""The registry is asked this often."""
CLOSE_S = 3.0
"""Sightings of people who left are closed this often,"""
TIDY_S = 60.0
"""and this often what is past its time is deleted, and what was cut off is carried on."""
PUBLISH_S = 1.0
"""What was seen in an hour goes into the public log when it is over, this much later at most."""
WITNESS_S = 60.0
"""The log's head is shown to its witnesses this often, busy or not."""
STOP_S = 20.0
"""Calls that run get this long to end when the keeper stops."""
OpenOffice = Callable[[], OpenedOffice]


@dataclass(frozen=True, slots=True)
class Serving:
    """What a keeper serves, and how. `credentials` says who is at the other end; `clock_ns` is CLOCK_MONOTONIC."""

    calls: Calls = field(default_factory=Calls)
    credentials: Credentials = peer_of
    clock_ns: Callable[[], int] = time.monotonic_ns
    most: int = MOST_CONNECTIONS


class Keeper:
    """Keeps a data folder from when it is made until `stop`. Use it as a context manager, or stop it."""

    def __init__(self, folder: Path, held: Held, open_office: OpenOffice, serving: Serving | None = None) -> None:
        """Opens the folder and serves. Raises what `open_office` raises, and DataFolderError; then the lock is free."""
        serving = serving or Serving()
        self._folder, self._held = folder, held
        self._clock_ns = serving.clock_ns
        self._stop = threading.Event()
        self._beats = 0
        self._trouble: str | None = None
        with ExitStack() as stack:
            stack.callback(held.release)
            self._opened = open_office()
            stack.callback(self._opened.close)
            office = self._opened.office
            # Numbers of a keeper that came before are smaller, so that nobody takes its answers for ours.
            version = self._clock_ns() // 1_000_000
            self._gate = Gate(office.store, office.keystore, version, self._lives(), self._plans())
            stack.callback(self._gate.close)
            self._beat()
            self._desk = Desk(self._opened, self._gate, serving.calls, os.getpid())
            stack.callback(self._desk.close)
            self._server = Server(folder, self, serving.credentials, serving.most)
            stack.callback(self._server.stop, STOP_S)
            self._threads = [
                threading.Thread(target=self._every, args=each, name=f"keeper {each[1].__name__}", daemon=True)
                for each in (
                    (BEAT_S, self._beat),
                    (CLOSE_S, self._close_due),
                    (CLOSE_S, self._keep_time),
                    (TIDY_S, self._tidy),
                    (TIDY_S, self._look_after),
                    (TIDY_S, self._oversee),
                    (PUBLISH_S, self._publish),
                )
            ]
            # Nobody waits for a witness that hangs, least of all whoever wants to stop.
            witnessing = threading.Thread(target=self._every, args=(WITNESS_S, self._opened.witness), daemon=True)
            for thread in (*self._threads, witnessing):
                thread.start()
            self._cleanup = stack.pop_all()

    def answer(self, request: Request, fd: int | None = None) -> Reply:
        """The answer to one question, as everybody gets it. Never raises. `fd` came with it, and stays the caller's."""
        return self.status() if isinstance(request, AskStatus) else self._desk.answer(request, fd)

    def segment(self, model: ModelDigest) -> int:
        """A descriptor of the gallery segment of a model, for reading only; the caller closes it."""
        return self._desk.segment(model)

    def status(self) -> Status:
        """How it is doing."""
        unopened = tuple(sorted(self._gate.unopened))
        connections = self._server.connections
        return Status(os.getpid(), self._gate.locked(), unopened, connections, self._beats, self._trouble)

    def stop(self) -> None:
        """Finish what is being done, overwrite the gallery, close the folder, free the lock. Safe to call twice."""
        self._stop.set()
        with self._cleanup:
            for thread in self._threads:
                thread.join(STOP_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _every(self, seconds: float, do: Callable[[], None]) -> None:
        """Again and again until the keeper stops; what fails is told when it begins to, and tried again."""
        told: str | None = None
        while not self._stop.wait(seconds):
            try:
                do()
                told = None
            except BeholdenError as error:
                if error.message != told:
                    told = error.message
                    print(f"beholden keeper: {error.one_line()}", file=sys.stderr)
            except Exception as error:  # noqa: BLE001 - a mistake in one round must not end all rounds
                if type(error).__name__ != told:
                    told = type(error).__name__
                    tell_mistake(error)

    def _beat(self) -> None:
        """Ask the registry, then stamp the segments. While this fails, whoever shares them names nobody."""
        try:
            self._check_lock()
            beat(self._opened.office)
            self._gate.beat(self._opened.office.clock(), self._clock_ns)
        except BaseException as error:
            self._trouble = error.one_line() if isinstance(error, BeholdenError) else type(error).__name__
            raise
        self._beats += 1
        self._trouble = None

    def _lives(self) -> Lives:
        office = self._opened.office
        return Lives(lambda: office.time.now, office.house, Bound(office))

    def _plans(self) -> Opened:
        office = self._opened.office
        return Opened(Seekers(office), lambda: office.time.now)

    def _check_lock(self) -> None:
        if not self._held.intact():
            message = f"the lock of {self._folder} was deleted or replaced: another process may keep the folder, too"
            raise DataFolderError(message, advice=RESTART)

    def _close_due(self) -> None:
        self._desk.settle.close_due(self._opened.office.clock())

    def _keep_time(self) -> None:
        keep(self._opened.office)

    def _tidy(self) -> None:
        """Also what a log, a disk or a key service that was away left unfinished."""
        purge(self._opened.office)
        carry_on(self._opened.office)

    def _look_after(self) -> None:
        """What is due in the lives of grants; whatever else went wrong, no destruction waits for it."""
        guardian_time.pass_minutes(self._opened.office)

    def _oversee(self) -> None:
        """Glasses and plans that are over, and what somebody has to be told by now."""
        try:
            breakglass.pass_minutes(self._opened.office)
        finally:
            pass_days(self._opened.office)

    def _publish(self) -> None:
        publish_hour(self._opened.office)


def serve_forever(folder: Path, open_office: OpenOffice, stop: threading.Event, serving: Serving | None = None) -> None:
    """Be the keeper as soon as nobody else is, until `stop` is set.

    Import everything before: whoever waits takes over within the time that opening the folder takes.
    Raises what `open_office` raises, and DataFolderError.
    """
    held = wait_to_keep(folder, stop)
    if held is None:
        return
    with Keeper(folder, held, open_office, serving):
        stop.wait()
