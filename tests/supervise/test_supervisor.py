"""The parent of real child processes: killed, stopped, crashing and hanging ones, at any moment."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from beholden.model.camera import CameraHealth, CameraSpec, CameraState
from beholden.model.errors import KeeperSilent
from beholden.supervise.workers.child import Process
from beholden.supervise.workers.keeping import KeepingOptions
from beholden.supervise.workers.nursery import Nursery, adopt_orphans
from beholden.supervise.workers.reports import Decision
from beholden.supervise.workers.seats import SeatOptions
from beholden.supervise.workers.supervisor import Supervisor, SupervisorOptions
from tests.supervise.cameras import spec, until

ROOT = Path(__file__).resolve().parents[2]
BACK_S = 2 * 3.0
"""The issue's deadline, so long after a kill at most the cameras are back, and as much again for a busy machine."""


def worker(kind: str = "light") -> Process:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.supervise.fake_worker", kind],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def sleeper() -> Process:
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])


class Here:
    """A supervisor with what it was told."""

    def __init__(
        self,
        *cameras: CameraSpec,
        workers: int = 2,
        kind: str = "light",
        spawn: Callable[[], Process] | None = None,
        keeper: Callable[[], Process] | None = None,
        keeper_alive: Callable[[], bool] = lambda: True,
        silent_s: float = 5.0,
        stale_s: float = 5.0,
    ) -> None:
        self.cameras = list(cameras)
        self.error: Exception | None = None
        self.asked = 0
        self.decisions: list[Decision] = []
        self.processes: list[Process] = []
        self.supervisor = Supervisor(
            keeper,
            self.spawn,
            self.desired,
            decided=self.decisions.append,
            keeper_alive=keeper_alive,
            options=SupervisorOptions(
                SeatOptions(workers=workers, silent_s=silent_s, start_s=20.0, stop_s=1.5),
                KeepingOptions(stale_s=stale_s, start_s=20.0, stop_s=1.5),
                ask_s=0.05,
                tick_s=0.02,
            ),
        )
        self._spawn = spawn or (lambda: worker(kind))

    def spawn(self) -> Process:
        self.processes.append(self._spawn())
        return self.processes[-1]

    def desired(self) -> tuple[CameraSpec, ...]:
        self.asked += 1
        if self.error:
            raise self.error
        return tuple(self.cameras)

    def health(self, name: str) -> CameraHealth:
        return next(one for one in self.supervisor.snapshot() if one.camera == name)

    def live(self, *names: str) -> bool:
        told = {one.camera: one for one in self.supervisor.snapshot()}
        wanted = names or tuple(one.camera.id for one in self.cameras)
        return all(name in told and told[name].state is CameraState.LIVE for name in wanted)

    def pid_of(self, name: str) -> int | None:
        for cameras, pid in self.supervisor.seats.placement().values():
            if name in cameras:
                return pid
        return None

    @property
    def pids(self) -> list[int]:
        return [pid for _, pid in self.supervisor.seats.placement().values() if pid is not None]

    def kill(self, pid: int, number: int = signal.SIGKILL) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


@pytest.fixture
def begin() -> Iterator[Callable[..., Here]]:
    """Start a supervisor; whatever it left is ended after the test."""
    made: list[Here] = []

    def start(*cameras: CameraSpec, **options: Any) -> Here:
        here = Here(*cameras, **options)
        made.append(here)
        here.supervisor.start()
        return here

    yield start
    for here in made:
        here.supervisor.stop()
        for process in here.processes:
            process.kill()
            until(lambda process=process: process.poll() is not None)


@pytest.fixture
def nursery() -> Iterator[Nursery]:
    """Of real workers."""
    adopt_orphans()
    one_thread = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    made = Nursery([sys.executable, "-m", "tests.supervise.fake_worker", "nursery"], os.environ | one_thread)
    yield made
    made.close()


def cameras(count: int, what: str = "") -> list[CameraSpec]:
    return [spec(f"c{number}", address=f"rtsp://10.0.0.9/{what}") for number in range(count)]


def test_cameras_run_in_as_many_workers_as_asked(begin) -> None:
    """Five cameras, two workers, every camera live."""
    here = begin(*cameras(5))
    until(here.live)
    assert len(here.pids) == len(here.processes) == 2
    assert sorted(len(names) for names, _ in here.supervisor.seats.placement().values()) == [2, 3]


def test_a_list_that_changes_reaches_the_workers(begin) -> None:
    """Added, removed, paused: without a restart of anything."""
    here = begin(*cameras(2))
    until(here.live)
    pids = set(here.pids)
    here.cameras = [*cameras(3)[1:], spec("late"), spec("asleep", paused=True)]
    until(lambda: here.live("c1", "c2", "late"))
    assert {one.camera for one in here.supervisor.snapshot()} == {"c1", "c2", "late", "asleep"}
    assert here.health("asleep").state is CameraState.PAUSED
    assert here.pid_of("asleep") is None
    assert set(here.pids) == pids


def test_without_cameras_there_is_no_worker(begin) -> None:
    """The last camera goes, and its process with it."""
    here = begin(spec("a"))
    until(here.live)
    here.cameras = []
    until(lambda: not here.pids and all(process.poll() is not None for process in here.processes))
    assert here.supervisor.snapshot() == ()


def test_while_the_keeper_is_away_the_last_list_counts(begin) -> None:
    """Nobody answers which cameras are wanted: those that were run on."""
    here = begin(*cameras(2))
    until(here.live)
    here.error = KeeperSilent("nobody answers")
    asked = here.asked
    until(lambda: here.asked > asked + 5)
    assert here.supervisor.problem == "nobody answers"
    assert here.live()
    assert len(here.processes) == 2


def test_a_question_that_hangs_stops_nothing(begin) -> None:
    """The keeper stands still in the middle of an answer: a worker that dies is started again all the same."""
    here = begin(*cameras(2))
    until(here.live)
    held = threading.Event()
    here.desired = lambda: held.wait(60)
    here.supervisor._desired = here.desired
    time.sleep(0.2)
    pid = here.pid_of("c0")
    here.kill(pid)
    until(lambda: here.pid_of("c0") not in (pid, None) and here.live())
    held.set()


def test_a_killed_worker_is_back_and_its_neighbour_loses_nothing(begin) -> None:
    """kill -9: another process for the same cameras, and the other worker is the one that it was."""
    here = begin(*cameras(4))
    until(here.live)
    pid, other = here.pid_of("c0"), next(pid for pid in here.pids if pid != here.pid_of("c0"))
    here.kill(pid)
    until(lambda: here.pid_of("c0") not in (pid, None) and here.live())
    assert other in here.pids
    assert len(here.processes) == 3


def test_while_a_worker_is_away_its_cameras_say_why(begin) -> None:
    """In words, in the table."""
    here = begin(spec("a", address="rtsp://10.0.0.9/crash"), workers=1)
    until(lambda: "its worker ended (signal SIGABRT)" in (here.health("a").error or ""))
    assert here.health("a").state is CameraState.CONNECTING


def test_a_stopped_worker_is_killed_and_replaced(begin) -> None:
    """SIGSTOP: it reports no more, and is not waited for."""
    here = begin(*cameras(2), silent_s=0.7)
    until(here.live)
    pid = here.pid_of("c0")
    here.kill(pid, signal.SIGSTOP)
    until(lambda: here.pid_of("c0") not in (pid, None) and here.live())
    stopped = next(process for process in here.processes if process.pid == pid)
    assert stopped.wait(10) == -signal.SIGKILL


def test_a_silent_worker_is_killed(begin) -> None:
    """It lives, and says nothing."""
    here = begin(spec("a", address="rtsp://10.0.0.9/silent"), workers=1, silent_s=0.5)
    until(lambda: len(here.processes) >= 3)
    assert here.processes[0].wait(10) == -signal.SIGKILL


def kill_at_random_moments(here: Here, times: int, seed: int) -> float:
    """kill -9 of some worker, again and again, at moments of chance; the longest time until all cameras were back."""
    chance = random.Random(seed)
    longest = 0.0
    for _ in range(times):
        time.sleep(chance.uniform(0.0, 0.4))
        pids = here.pids
        if not pids:
            continue
        pid = chance.choice(pids)
        here.kill(pid)
        began = time.monotonic()
        until(lambda pid=pid: pid not in here.pids and len(here.pids) > 0 and here.live(), 30)
        longest = max(longest, time.monotonic() - began)
    return longest


def test_workers_killed_at_random_moments_are_back_in_time(begin) -> None:
    """Ten kills, one after the other: never a crash loop, never longer than the issue allows."""
    here = begin(*cameras(6))
    until(here.live)
    assert kill_at_random_moments(here, 10, seed=5) < BACK_S
    assert sorted(len(names) for names, _ in here.supervisor.seats.placement().values()) == [3, 3]


def test_a_real_worker_that_is_killed_is_back_in_time(begin, nursery: Nursery) -> None:
    """The real worker with everything but pictures of somebody: threads, run, reports. Its nursery has loaded it."""
    here = begin(*cameras(2), workers=1, spawn=nursery.spawn)
    until(here.live, 60)
    pid = here.pid_of("c0")
    here.kill(pid)
    began = time.monotonic()
    until(lambda: here.pid_of("c0") not in (pid, None) and here.live() and here.health("c0").analysed > 0, 30)
    assert time.monotonic() - began < BACK_S


def test_a_camera_that_crashes_its_worker_ends_up_alone(begin) -> None:
    """Nobody knows which one it is: halved until it is alone, and its seven neighbours live."""
    here = begin(*cameras(7), spec("guilty", address="rtsp://10.0.0.9/crash"), workers=1)
    innocent = [f"c{number}" for number in range(7)]
    until(lambda: here.live(*innocent), 60)
    until(lambda: ("guilty",) in [names for names, _ in here.supervisor.seats.placement().values()], 60)
    pids = {name: here.pid_of(name) for name in innocent}
    dead = len([process for process in here.processes if process.poll() is not None])
    until(lambda: len([process for process in here.processes if process.poll() is not None]) > dead, 30)
    assert {name: here.pid_of(name) for name in innocent} == pids
    assert here.live(*innocent)


def test_cameras_that_were_put_apart_come_together_again(begin, monkeypatch: pytest.MonkeyPatch) -> None:
    """The camera was repaired: after a quiet while there is one worker again."""
    monkeypatch.setattr("beholden.supervise.workers.seats.QUIET_S", 2.0)
    here = begin(*cameras(3), spec("guilty", address="rtsp://10.0.0.9/crash"), workers=1)
    until(lambda: ("guilty",) in [names for names, _ in here.supervisor.seats.placement().values()], 60)
    here.cameras = [*cameras(3), spec("guilty")]
    until(lambda: len(here.supervisor.seats.placement()) == 1 and here.live(), 60)


def test_a_crash_loop_waits_longer_and_longer(begin) -> None:
    """Alone and crashing: three starts at once, and then hardly any."""
    here = begin(spec("guilty", address="rtsp://10.0.0.9/crash"), workers=1)
    until(lambda: len(here.processes) >= 3)
    time.sleep(2.5)
    assert len(here.processes) <= 5


def test_a_camera_whose_decoder_hangs_is_put_alone_the_second_time(begin) -> None:
    """Its worker says which one it was, so nobody else is moved."""
    here = begin(*cameras(3), spec("stuck", address="rtsp://10.0.0.9/stuck"), workers=1)
    innocent = ["c0", "c1", "c2"]
    until(lambda: here.live(*innocent), 60)
    until(lambda: ("stuck",) in [names for names, _ in here.supervisor.seats.placement().values()])
    placed = [names for names, _ in here.supervisor.seats.placement().values()]
    assert sorted(placed) == [("c0", "c1", "c2"), ("stuck",)]
    assert len(here.processes) >= 3
    assert "its decoder hung" in (here.health("stuck").error or "")


def test_decisions_are_handed_on(begin) -> None:
    """As they come, from whichever worker."""
    here = begin(*cameras(4, "talk"))
    until(lambda: {decision.camera for decision in here.decisions} == {"c0", "c1", "c2", "c3"})
    assert here.decisions[0].subject == "s_1"
    assert here.decisions[0].as_values("Ada")["who"] == "Ada"


def test_whoever_takes_decisions_may_fail_or_wait(begin) -> None:
    """A terminal that stands still, a callback with a bug: workers are looked after all the same."""
    here = begin(*cameras(2, "talk"))
    held = threading.Event()

    def bad(decision: Decision) -> None:
        held.wait(60)
        raise ValueError("a bug")

    here.supervisor._on_decision = bad
    until(here.live)
    pid = here.pid_of("c0")
    here.kill(pid)
    until(lambda: here.pid_of("c0") not in (pid, None) and here.live())
    held.set()


def test_a_keeper_that_dies_is_started_again(begin) -> None:
    """kill -9, and there is another."""
    keepers: list[Process] = []

    def keeper() -> Process:
        keepers.append(sleeper())
        return keepers[-1]

    here = begin(*cameras(1), keeper=keeper)
    until(lambda: keepers and here.live())
    for count in range(2, 7):
        keepers[-1].kill()
        until(lambda count=count: len(keepers) == count and here.supervisor.keeper_pid == keepers[-1].pid)
    assert here.live()
    here.supervisor.stop()
    assert all(process.wait(10) is not None for process in keepers)


def test_a_keeper_that_cannot_keep_is_told_of(begin) -> None:
    """It ends at once, again and again: its exit code in words, and ever longer waits."""
    started: list[Process] = []

    def keeper() -> Process:
        started.append(subprocess.Popen([sys.executable, "-c", "raise SystemExit(7)"], stdin=subprocess.PIPE))
        return started[-1]

    here = begin(keeper=keeper, keeper_alive=lambda: False)
    until(lambda: "the keeper ended (exit code 7)" in (here.supervisor.problem or ""))
    until(lambda: len(started) >= 3)
    time.sleep(1.5)
    assert len(started) <= 5
    here.supervisor.stop()
    assert all(process.wait(10) == 7 for process in started)


def test_a_keeper_whose_heart_stops_is_killed(begin) -> None:
    """It lives and does nothing: killed once the heartbeat is stale, and started again."""
    keepers: list[Process] = []
    beating = True

    def keeper() -> Process:
        keepers.append(sleeper())
        return keepers[-1]

    here = begin(keeper=keeper, keeper_alive=lambda: beating, stale_s=0.5)
    until(lambda: len(keepers) == 1)
    time.sleep(1.0)
    assert keepers[0].poll() is None
    beating = False
    until(lambda: keepers[0].poll() is not None)
    beating = True
    until(lambda: len(keepers) == 2)
    here.supervisor.stop()
    assert all(process.wait(10) is not None for process in keepers)


def test_a_keeper_that_is_just_starting_is_given_time(begin) -> None:
    """A large folder takes a while to open: no heartbeat yet is not a stopped heart."""
    keepers: list[Process] = []

    def keeper() -> Process:
        keepers.append(sleeper())
        return keepers[-1]

    here = begin(keeper=keeper, keeper_alive=lambda: False, stale_s=0.2)
    until(lambda: keepers)
    time.sleep(1.0)
    assert len(keepers) == 1
    here.supervisor.stop()
    assert keepers[0].wait(10) is not None


def test_stopping_ends_every_child(begin) -> None:
    """In order where they listen."""
    here = begin(*cameras(3), kind="whole", keeper=sleeper)
    until(here.live, 60)
    keeper = here.supervisor.keeper_pid
    assert keeper is not None
    here.supervisor.stop()
    assert [process.poll() for process in here.processes] == [0, 0]
    assert here.supervisor.keeper_pid is None
    with pytest.raises(ProcessLookupError):
        os.kill(keeper, 0)


def test_a_child_that_does_not_listen_is_killed_at_the_end(begin) -> None:
    """SIGTERM is ignored: SIGKILL follows."""
    here = begin(spec("a", address="rtsp://10.0.0.9/deaf"), workers=1)
    until(here.live)
    here.supervisor.stop()
    assert here.processes[0].poll() == -signal.SIGKILL


def test_a_worker_that_cannot_be_started_is_tried_again(begin) -> None:
    """The system is out of processes for a moment."""
    here = Here(spec("a"), workers=1)
    failing = [OSError(11, "no more processes"), OSError(11, "no more processes")]
    whole = here.spawn

    def spawn() -> Process:
        if failing:
            raise failing.pop()
        return whole()

    here.supervisor.seats._spawn = spawn
    with here.supervisor:
        until(here.live)
    assert here.processes[0].poll() is not None


def test_no_password_is_in_the_list_of_processes(begin) -> None:
    """It goes by the pipe."""
    here = begin(spec("a", address="rtsp://user:hunter2@10.0.0.9/"), workers=1)
    until(here.live)
    for process in here.processes:
        folder = Path(f"/proc/{process.pid}")
        assert b"hunter2" not in (folder / "cmdline").read_bytes()
        assert b"hunter2" not in (folder / "environ").read_bytes()


@pytest.mark.parametrize("kind", ["light", "whole"])
def test_workers_end_with_a_supervisor_that_is_killed(kind: str, tmp_path: Path) -> None:
    """kill -9 of the parent: the pipe ends, the kernel tells; nobody is left behind."""
    script = textwrap.dedent(f"""
        import pathlib, time
        from tests.supervise.test_supervisor import Here, cameras
        here = Here(*cameras(2), kind={kind!r})
        here.supervisor.start()
        while not here.live():
            time.sleep(0.05)
        pathlib.Path({str(tmp_path / "pids")!r}).write_text(" ".join(str(one.pid) for one in here.processes))
        time.sleep(600)
    """)
    parent = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stderr=subprocess.DEVNULL)
    until(lambda: (tmp_path / "pids").exists() and (tmp_path / "pids").read_text(), 60)
    pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    assert len(pids) == 2
    parent.kill()
    parent.wait(10)
    until(lambda: not [pid for pid in pids if running(pid)])


def running(pid: int) -> bool:
    """Whether there is such a process that is more than a name waiting to be buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except OSError:
        return False
