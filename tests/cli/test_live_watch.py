"""`beholden watch` on live cameras: several processes that behave as one program."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from tests.cli.conftest import PYTHON, Command, child
from tests.rtsp.server import TownRtsp

PATIENCE_S = 60.0
Row = dict[str, Any]


class Watching:
    """A `beholden watch --json` that runs, and what it has said so far."""

    def __init__(self, data: Path, environment: dict[str, str] | None = None, log: IO[bytes] | None = None) -> None:
        self.rows: list[tuple[float, Row]] = []
        self._news = threading.Condition()
        self.process = subprocess.Popen(
            [PYTHON, "-m", "beholden", "watch", "--json", "--data", str(data)],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=os.environ | (environment or {}),
        )
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout:
            for line in self.process.stdout:
                with self._news:
                    self.rows.append((time.monotonic(), json.loads(line)))
                    self._news.notify_all()

    def wait(self, found: Callable[[Row], bool], since: float = 0.0) -> tuple[float, Row]:
        """The first row since then that is `found`, and when it came."""
        ends = time.monotonic() + PATIENCE_S
        with self._news:
            while True:
                for at, row in self.rows:
                    if at >= since and found(row):
                        return at, row
                assert self.process.poll() is None, "it ended"
                left = ends - time.monotonic()
                assert left > 0, self.rows[-3:]
                self._news.wait(left)

    def children(self, role: str) -> list[int]:
        """Process ids of our children of that role."""
        words = ["ps", "-o", "pid=,comm=", "--ppid", str(self.process.pid)]
        listed = subprocess.run(words, capture_output=True, text=True, check=True).stdout
        return [int(pid) for pid, name in (line.split() for line in listed.splitlines()) if name == f"beholden-{role}"]

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(30)
        self._thread.join(10)
        return code


def named(row: Row, who: str | None = "Ada") -> bool:
    decision = row.get("decision")
    return decision is not None and decision["who"] == who and not decision["ended"]


def live(row: Row) -> bool:
    health = row.get("health")
    return health is not None and health["state"] == "live" and health["analysed_fps"] > 0


@pytest.fixture
def town(clip: Path) -> Iterator[TownRtsp]:
    with TownRtsp(clip.parent) as server:
        yield server


@pytest.fixture
def cameras(data: Path, town: TownRtsp, clip: Path, beholden: Command) -> Path:
    """Two live cameras of the lobby that show Ada and a stranger walking by, over and over; one is recorded."""
    for name, more in (("door", ["--record"]), ("hall", [])):
        said = beholden("camera", "add", name, town.url(clip.name), "--place", "lobby", *more, "--data", data)
        assert said.code == 0, said
    return data


@pytest.fixture
def watching(cameras: Path) -> Iterator[Watching]:
    watch = Watching(cameras)
    yield watch
    if watch.process.poll() is None:
        watch.stop()


def test_the_day_of_a_live_camera(watching: Watching, cameras: Path, tmp_path: Path) -> None:
    """Who agreed is named at both cameras, the stranger never; her withdrawal, in another process, ends it at once."""
    for camera in ("door", "hall"):
        watching.wait(lambda row, camera=camera: named(row) and row["decision"]["camera"] == camera)
    assert child("withdraw", "Ada", "--yes", "--data", cameras).code == 0
    gone = time.monotonic()
    for camera in ("door", "hall"):
        watching.wait(lambda row, camera=camera: live(row) and row["health"]["camera"] == camera, gone + 4)
    assert watching.stop() == 130
    assert not [row for at, row in watching.rows if at > gone + 1 and named(row)]
    assert {row["decision"]["who"] for _, row in watching.rows if "decision" in row} == {"Ada", None}
    said = child("recordings", "export", "door", tmp_path / "door.mp4", "--json", "--data", cameras)
    assert said.code == 0, said
    assert said.rows[0]["pictures"] > 10


def test_a_paused_camera_is_left_alone_until_it_is_resumed(watching: Watching, cameras: Path) -> None:
    """Both in another process."""
    watching.wait(live)
    assert child("camera", "pause", "door", "--data", cameras).code == 0
    at, _ = watching.wait(lambda row: row.get("health", {}).get("state") == "paused")
    assert child("camera", "resume", "door", "--data", cameras).code == 0
    watching.wait(lambda row: live(row) and row["health"]["camera"] == "door", at)


def test_when_the_keeper_is_killed_another_takes_over(watching: Watching, cameras: Path) -> None:
    """Acts reach it, and it names: also who comes into view only then."""
    watching.wait(named)
    [keeper] = watching.children("keeper")
    os.kill(keeper, signal.SIGKILL)
    assert child("camera", "pause", "door", "--data", cameras).code == 0
    paused, _ = watching.wait(lambda row: row.get("health", {}).get("state") == "paused")
    assert child("camera", "resume", "door", "--data", cameras).code == 0
    watching.wait(lambda row: named(row) and row["decision"]["camera"] == "door", paused)
    assert child("doctor", "--data", cameras).code == 0
    [another] = watching.children("keeper")
    assert another != keeper


def test_when_the_keeper_stands_still_nobody_is_named_and_covering_goes_on(watching: Watching) -> None:
    """From a second on; and the keeper that hangs is replaced."""
    watching.wait(named)
    [keeper] = watching.children("keeper")
    os.kill(keeper, signal.SIGSTOP)
    stopped = time.monotonic()
    watching.wait(live, stopped + 3)
    watching.wait(named, stopped + 3)
    [another] = watching.children("keeper")
    assert another != keeper
    resumed = min(at for at, row in watching.rows if at > stopped + 1.5 and named(row))
    assert resumed > stopped + 4, "a name came while the keeper stood still"


def test_when_a_worker_is_killed_its_cameras_come_back(watching: Watching) -> None:
    """In another process."""
    watching.wait(named)
    for worker in watching.children("worker"):
        os.kill(worker, signal.SIGKILL)
    killed = time.monotonic()
    for camera in ("door", "hall"):
        watching.wait(lambda row, camera=camera: live(row) and row["health"]["camera"] == camera, killed + 1)


def test_the_same_cameras_are_not_watched_twice(watching: Watching, cameras: Path) -> None:
    """Everybody would be counted and recorded twice."""
    watching.wait(live)
    said = child("watch", "--seconds", "1", "--data", cameras)
    assert said.code == 6
    assert "being watched already" in said.err


def test_a_lock_that_cannot_be_written_is_said(data: Path, beholden: Command) -> None:
    """Exit code 6, one line."""
    assert beholden("camera", "add", "door", "rtsp://127.0.0.1:9/x", "--place", "lobby", "--data", data).code == 0
    (data / "watch.lock").mkdir()
    said = child("watch", "--seconds", "1", "--data", data)
    assert said.code == 6, said
    assert f"{data} cannot be written: Is a directory" in said.complaint


def test_what_lies_in_the_folder_one_is_in_is_not_run(cameras: Path, tmp_path: Path) -> None:
    """A file named like a module is no part of the program, in no process."""
    trap = tmp_path / "trap"
    trap.mkdir()
    for name in ("resource", "select", "calendar", "beholden"):
        (trap / f"{name}.py").write_text("raise SystemExit('planted')")
    beholden = Path(PYTHON).parent / "beholden"
    words = [str(beholden), "watch", "--json", "--seconds", "4", "--data", str(cameras)]
    done = subprocess.run(words, capture_output=True, text=True, cwd=trap, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "planted" not in done.stderr


def test_no_process_is_left_behind(watching: Watching) -> None:
    """Not even when the parent is killed."""
    watching.wait(live)
    children = watching.children("keeper") + watching.children("worker")
    assert len(children) >= 2
    watching.process.kill()
    watching.process.wait(PATIENCE_S)
    ends = time.monotonic() + PATIENCE_S
    while any(_alive(pid) for pid in children):
        assert time.monotonic() < ends
        time.sleep(0.1)


def _alive(pid: int) -> bool:
    try:
        return b"beholden.process" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def test_no_address_is_in_a_process_list(watching: Watching, town: TownRtsp) -> None:
    """Workers are told on a pipe where their cameras are."""
    watching.wait(live)
    listed = subprocess.run(["ps", "-eo", "args="], capture_output=True, text=True, check=True).stdout
    assert "beholden.process workers" in listed
    assert str(town.port) not in listed


def test_without_cameras_it_says_what_to_do(data: Path, beholden: Command) -> None:
    """Exit code 3, one line."""
    said = beholden("watch", "--data", data)
    assert said.code == 3
    assert "camera add" in said.complaint
