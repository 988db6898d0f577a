"""Real processes: Ctrl-C, a service manager's stop, a closed pipe, a full disk, two commands at once."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest

from tests.cli.conftest import PYTHON, Command, child, tree


def _start(*arguments: object, **options: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [PYTHON, "-m", "beholden", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,  # type: ignore[arg-type]
    )


def _until_writing(folder: Path, process: subprocess.Popen[str]) -> None:
    """Return when the process has begun a file in the folder."""
    while process.poll() is None:
        if folder.is_dir() and list(folder.glob(".*.part")):
            return
        time.sleep(0.01)
    raise AssertionError(f"it ended before it wrote: {process.communicate()}")


@pytest.fixture(scope="session")
def long_film(clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The passage ten times over: long enough to be interrupted."""
    import av

    path = tmp_path_factory.mktemp("long") / "long.mp4"
    with av.open(str(clip)) as film:
        pictures = [frame.to_ndarray(format="bgr24") for frame in film.decode(video=0)]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=12, options={"preset": "ultrafast"})
        stream.height, stream.width = pictures[0].shape[:2]
        for picture in pictures * 10:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_cover_that_is_stopped_leaves_nothing(long_film: Path, tmp_path: Path, number: signal.Signals) -> None:
    """In the middle of a video: exit code 130, one line, no file, no traceback."""
    process = _start("cover", long_film, tmp_path / "out.mp4")
    _until_writing(tmp_path, process)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out == ""
    assert err.splitlines() == ["beholden: stopped. What was finished is kept; nothing half-done is left."]
    assert tree(tmp_path) == set()


def test_a_watch_that_is_stopped_keeps_what_was_finished(
    data: Path, clip: Path, long_film: Path, tmp_path: Path, beholden: Command
) -> None:
    """The first recording is there whole, the second is not there at all, and the data folder is in order."""
    out = tmp_path / "out"
    process = _start("watch", clip, *[long_film] * 9, "--place", "lobby", "--save", out, "--data", data)
    while process.poll() is None and not (out / "passage.covered.mp4").exists():
        time.sleep(0.01)
    _until_writing(out, process)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert err.splitlines()[-1].startswith("beholden: stopped")
    left = tree(out)
    assert "passage.covered.mp4" in left
    assert len(left) < 10
    assert not [name for name in left if name.startswith(".")]
    assert beholden("doctor", "--data", data).code == 0


def test_a_reader_that_goes_away_is_no_error(data: Path, clip: Path, tmp_path: Path) -> None:
    """`watch ... --json | head -1`: quiet, and no half of a recording."""
    process = _start("watch", *[clip] * 3, "--json", "--save", tmp_path / "out", "--data", data)
    assert process.stdout is not None
    assert process.stderr is not None
    assert json.loads(process.stdout.readline())
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait(60) == 0
    assert err.splitlines() == ["REHEARSAL"]
    assert not list(tmp_path.rglob("*.part"))


def test_output_that_nobody_reads_is_no_error(data: Path) -> None:
    """A pipe that is closed before the first word."""
    reader, writer = os.pipe()
    os.close(reader)
    process = subprocess.run(
        [PYTHON, "-m", "beholden", "people", "--data", str(data)], stdout=writer, stderr=subprocess.PIPE, check=False
    )
    os.close(writer)
    assert process.returncode == 0
    assert process.stderr == b"REHEARSAL\n"


def _at_most(size: int):
    """For the child: a file larger than this meets EFBIG, which is what a quota does."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@pytest.mark.parametrize("command", ["cover", "watch"])
def test_a_full_disk_leaves_nothing_half_written(
    data: Path, clip: Path, long_film: Path, tmp_path: Path, command: str
) -> None:
    """While recording: exit code 3, what to do, and no file."""
    common = {"environment": {"BEHOLDEN_RECORDING__CRF": "0"}, "preexec_fn": _at_most(400_000)}
    if command == "cover":
        said = child("cover", clip, tmp_path / "out.mp4", **common)  # type: ignore[arg-type]
    else:
        said = child("watch", long_film, "--save", tmp_path / "out.mp4", "--data", data, **common)  # type: ignore[arg-type]
    assert said.code == 3
    assert "the disk is full" in said.complaint
    assert "Free some space" in said.complaint
    assert tree(tmp_path) - {"data"} - {f"data/{name}" for name in tree(data)} == set()


def test_a_full_disk_at_init_leaves_nothing(tmp_path: Path) -> None:
    """The folder appears whole, or not at all."""
    said = child("init", "--data", tmp_path / "town", preexec_fn=_at_most(20_000))
    assert said.code in {6, 3}
    assert said.complaint
    assert tree(tmp_path) == set()


def test_a_file_name_that_is_no_text_is_printed_as_it_can_be(data: Path, portrait: Path, tmp_path: Path) -> None:
    """Old cards hold names in old encodings."""
    name = os.fsencode(str(tmp_path)) + b"/caf\xe9.jpg"
    with open(name, "wb") as file:
        file.write(portrait.read_bytes())
    said = child("watch", os.fsdecode(name), "--data", data)
    assert said.code == 0
    assert "caf\\udce9.jpg" in said.out


def test_a_name_ends_in_a_running_watch_when_somebody_withdraws(beholden: Command, data: Path, clip: Path) -> None:
    """Two processes: one watches, the other withdraws. Both succeed; from then on nobody is named."""
    process = _start("watch", *[clip] * 14, "--place", "lobby", "--json", "--data", data)
    rows: list[dict[str, object]] = []
    named = threading.Event()

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            rows.append(json.loads(line))
            if rows[-1]["who"] == "Ada":
                named.set()

    reader = threading.Thread(target=read)
    reader.start()
    assert named.wait(60)
    assert beholden("withdraw", "Ada", "--yes", "--data", data).code == 0
    runs_before = {str(row["track"]).split("-")[0] for row in list(rows)}
    reader.join(120)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert err == "REHEARSAL\n"
    runs: list[str] = list(dict.fromkeys(str(row["track"]).split("-")[0] for row in rows))
    later = [run for run in runs if run not in runs_before][1:]
    assert later, "the watch ended before the withdrawal"
    assert not [row for row in rows if str(row["track"]).split("-")[0] in later and row["who"]]


def test_two_commands_at_once_wait_for_each_other(data: Path, beholden: Command) -> None:
    """Four people are invited by four processes at the same moment: all are there."""
    processes = [_start("invite", f"Guest {n}", "-p", "photos", "--data", data) for n in range(4)]
    for process in processes:
        _, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
    assert len(beholden("people", "--data", data, "--json").rows) == 5
    assert beholden("doctor", "--data", data).code == 0
