"""`beholden bench` and `plan`: real cameras, what is measured of them, and that nothing of them is left."""

from __future__ import annotations

import contextlib
import io
import json
import os
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from beholden.scale.measured import Bench, read_bench
from tests.cli.conftest import Command, Said, child
from tests.rtsp.faults import FaultProxy
from tests.rtsp.server import TownRtsp

SECRET = "hunter-2"
QUICK = ("--for", 3, "--warm-up", 0)


@pytest.fixture(scope="module")
def town(clip: Path) -> Iterator[TownRtsp]:
    with TownRtsp(clip.parent) as server:
        yield server


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to be in, and one for temporary files inside it."""
    folder = tmp_path / "scratch"
    (folder / "tmp").mkdir(parents=True)
    monkeypatch.chdir(folder)
    monkeypatch.setattr(tempfile, "tempdir", str(folder / "tmp"))
    return folder


def held() -> Counter[str]:
    """Memory files and sockets of this process, and threads that look at cameras."""
    open_files: list[str] = []
    for entry in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            open_files.append(os.readlink(entry))
    names = [thread.name for thread in threading.enumerate()]
    looking = [name for name in names if name in ("look", "write", "relay") or name.startswith("read ")]
    return Counter(looking + [name for name in open_files if "memfd" in name or "beholden-bench" in name])


def left_in(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.name != "tmp"]


@pytest.fixture(scope="module")
def measured(town: TownRtsp, clip: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Said, Path]:
    """A camera and a file, measured once by a process of its own with recording; and its folder for temporary files.

    The file is a camera that is not there: what could be read is measured all the same.
    """
    folder = tmp_path_factory.mktemp("measured")
    (folder / "tmp").mkdir()
    said = child(
        "bench", town.url(clip.name), clip, "rtsp://127.0.0.1:9/gone", *QUICK, "--wait", 2, "--people", 50,
        "--record", "--json", environment={"TMPDIR": str(folder / "tmp")}, cwd=folder,
    )  # fmt: skip
    return said, folder


@pytest.fixture(scope="module")
def result(measured: tuple[Said, Path]) -> Bench:
    return read_bench(measured[0].out.encode(), "what was printed")


def test_one_object_holds_everything_that_was_measured(measured: tuple[Said, Path], result: Bench) -> None:
    """For each camera its size, codec and rate, what it took, and how busy it was."""
    [row] = measured[0].rows
    assert {"load", "carries", "doubts", "measured"} == row.keys()
    assert [period.recorded for period in result.periods] == [False, True]
    for period in result.periods:
        rtsp, file, _ = period.cameras
        for camera in (rtsp, file):
            [stream] = camera.streams
            assert (stream.codec, stream.width, stream.height) == ("h264", 1280, 720)
            assert stream.pictures_per_s > 0
            assert camera.looked_at > 0
            assert min(camera.cpu_s, camera.reading_s, camera.looking_s) > 0
        assert period.cpu_s == pytest.approx(sum(camera.cpu_s for camera in period.cameras))


def test_faces_are_embedded_and_compared_and_nobody_is_named(measured: tuple[Said, Path], result: Bench) -> None:
    """As in use: with an empty gallery no template would be made, and the figure would be too good."""
    assert all(camera.compared > 0 for period in result.periods for camera in period.readable)
    assert all(camera.faces > 0 for period in result.periods for camera in period.readable)
    assert "s_00" not in measured[0].out + measured[0].err


def test_a_camera_that_is_not_there_is_said_and_in_no_figure(measured: tuple[Said, Path], result: Bench) -> None:
    """The others are measured; the exit code is that something is not as expected."""
    assert measured[0].code == 1
    for period in result.periods:
        gone = period.cameras[2]
        assert (gone.readable, gone.read, gone.cpu_s) == (False, 0, 0.0)
        assert "refused" in str(gone.problem)
        assert len(period.readable) == 2
    assert any("camera-3 could not be read" in str(doubt) for doubt in measured[0].rows[0]["doubts"])  # type: ignore[union-attr]


def test_what_was_recorded_is_measured_and_gone(measured: tuple[Said, Path], result: Bench) -> None:
    """Only in the second period; no file of it is left, temporary or not."""
    without, recorded = result.periods
    assert all(camera.disk_bytes == 0 == camera.writing_s for camera in without.cameras)
    assert all(camera.disk_bytes > 0 and camera.writing_s > 0 for camera in recorded.readable)
    assert left_in(measured[1]) == []


def test_a_plan_is_made_of_what_was_measured(measured: tuple[Said, Path], beholden: Command, scratch: Path) -> None:
    """`bench --json` to a file, and `plan --measured` of it."""
    (scratch / "bench.json").write_text(measured[0].out)
    said = beholden("plan", "--cameras", 30, "--record", "--measured", "bench.json", "--json")
    assert said.code == 0, said
    [row] = said.rows
    assert row["source"] == "2 cameras of your own, measured for 3 s"
    assert {"machines", "cores_busy", "memory_mb", "network_mbit_s", "disk_gb", "gallery_mb"} <= row["needs"].keys()  # type: ignore[union-attr]
    assert "too short" in beholden("plan", "--cameras", 30, "--measured", "bench.json").out


def test_it_is_told_in_words_and_without_a_password(
    town: TownRtsp, clip: Path, beholden: Command, monkeypatch: pytest.MonkeyPatch, scratch: Path
) -> None:
    """What a camera takes, and how many such cameras; the address without login and path."""
    with FaultProxy(town.port) as camera:
        camera.password("viewer", SECRET)
        address = camera.url(clip.name).replace("rtsp://", "rtsp://viewer@")
        before = held()
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{SECRET}\n"))
        said = beholden("bench", address, "--for", 1, "--warm-up", 0, "--password-stdin")
    assert said.code == 0, said
    assert "1280x720" in said.out
    assert "faces a picture" in said.out
    assert "Without recording this machine carries" in said.out
    assert "not measured (--record)" in said.out
    assert SECRET not in said.out + said.err
    assert clip.name not in said.out + said.err
    assert held() - before == Counter()
    assert left_in(scratch) == []


def test_a_wrong_password_ends_it_at_once_and_is_not_shown(
    town: TownRtsp, clip: Path, beholden: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A camera that refuses is not waited for."""
    with FaultProxy(town.port) as camera:
        camera.password("viewer", "another")
        monkeypatch.setattr("sys.stdin", io.StringIO(f"rtsp://viewer:{SECRET}@127.0.0.1:{camera.port}/{clip.name}\n"))
        said = beholden("bench", "-", "--for", 600, "--wait", 100)
    assert said.code == 3
    assert "password" in said.err
    assert SECRET not in said.out + said.err


def test_a_password_on_the_command_line_is_refused(beholden: Command) -> None:
    """Everybody on the machine can read it there."""
    said = beholden("bench", f"rtsp://viewer:{SECRET}@127.0.0.1:9/x")
    assert said.code == 3
    assert SECRET not in said.complaint


@pytest.mark.parametrize(
    ("words", "code", "part"),
    [
        ((), 3, "nothing to measure"),
        (("gone.mp4",), 3, "gone.mp4: no such file"),
        (("gopher://10.0.0.9/x",), 3, "begins with gopher:"),
        (("rtsp://169.254.169.254/x", "--wait", 1), 3, "no camera could be read"),
        (("rtsp://10.0.0.9/", "--main", "rtsp://10.0.0.9/a", "--main", "rtsp://10.0.0.9/b"), 3, "2 main streams"),
        (("rtsp://10.0.0.9/x", "--camera", "door"), 3, "--camera are given"),
    ],
    ids=str,
)
def test_what_cannot_be_measured_is_said(beholden: Command, words: tuple[object, ...], code: int, part: str) -> None:
    """In one line, before anything is waited for."""
    said = beholden("bench", *words)
    assert said.code == code
    assert part in said.err


def test_cameras_of_a_folder_are_measured_by_name(data: Path, town: TownRtsp, clip: Path, beholden: Command) -> None:
    """With the folder's settings, and nothing new in it."""
    assert beholden("camera", "add", "door", town.url(clip.name), "--place", "lobby", "--data", data).code == 0
    there = {path for path in data.rglob("*") if path.is_file()}
    said = beholden("bench", "--camera", "door", "--for", 1, "--warm-up", 0, "--json", "--data", data)
    assert said.code == 0, said
    [camera] = read_bench(said.out.encode(), "it").periods[0].cameras
    assert (camera.camera, camera.readable) == ("door", True)
    assert {path for path in data.rglob("*") if path.is_file()} <= there
    assert beholden("camera", "pause", "door", "--data", data).code == 0
    for name, part in (("roof", "no camera called 'roof'"), ("door", "door is paused")):
        said = beholden("bench", "--camera", name, "--data", data)
        assert (said.code, part in said.err) == (3, True)


# The plan


def test_a_plan_without_a_measurement_says_that_it_is_none_of_yours(beholden: Command) -> None:
    """Machines, and each line with its formula."""
    said = beholden("plan", "--cameras", 100, "--cores", 2, "--memory", 8)
    assert said.code == 0
    assert "none of yours" in said.out
    assert "several are several data folders" in said.out
    assert " ".join(said.out.splitlines()[0].split()) == "machines 10 = 100 cameras / 11 on each, rounded up"


def test_a_file_that_is_no_measurement_is_refused(beholden: Command, scratch: Path) -> None:
    """In one line; one that is not there, too."""
    (scratch / "other.json").write_text(json.dumps({"rows": []}))
    for name, part in (("other.json", "no result of a bench"), ("gone.json", "cannot be read")):
        said = beholden("plan", "--cameras", 3, "--measured", name)
        assert said.code == 3
        assert part in said.complaint
