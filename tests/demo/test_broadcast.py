"""The town's clips are real RTSP cameras: several at once, endless, cut, rebooted, and gone with their parent."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import av
import numpy as np
import pytest
from av.error import FFmpegError

from beholden.demo import broadcast as broadcast_module
from beholden.demo.broadcast import Broadcast
from beholden.demo.clip import Clip
from beholden.model.errors import CameraUnknown, MissingInput

NAMES = ("one", "two", "three", "four")
PATIENCE_S = 20.0


@pytest.fixture(scope="module")
def folder(arrival_clip: Clip, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The arrival under four names, and a short clip that soon starts again."""
    folder = tmp_path_factory.mktemp("broadcast")
    for name in NAMES:
        shutil.copy(arrival_clip.path, folder / f"{name}.mp4")
    with av.open(str(folder / "short.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for level in range(10, 35):
            picture = av.VideoFrame.from_ndarray(np.full((180, 320, 3), level, np.uint8), format="bgr24")
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return folder


@pytest.fixture
def on_air(folder: Path) -> Iterator[Broadcast]:
    with Broadcast(folder) as broadcast:
        yield broadcast


def opened(address: str) -> av.container.InputContainer:
    return av.open(address, options={"rtsp_transport": "tcp"}, timeout=(10, 10))


def test_four_cameras_are_live_at_once(on_air: Broadcast) -> None:
    """FFmpeg reads four streams side by side and decodes pictures of each."""
    pictures: dict[str, list[tuple[int, int]]] = {}

    def watch(name: str) -> None:
        with opened(on_air.address(name)) as camera:
            pictures[name] = [(frame.width, frame.height) for frame in islice(camera.decode(video=0), 30)]

    threads = [threading.Thread(target=watch, args=(name,)) for name in NAMES]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert pictures == dict.fromkeys(NAMES, [(1280, 720)] * 30)


def test_more_cameras_than_the_machine_has_threads_to_spare(on_air: Broadcast) -> None:
    """Eight at once: the toolkit's own pool of threads would leave half of them waiting for ever."""
    cameras = [opened(on_air.address("short")) for _ in range(8)]
    for camera in cameras:
        assert next(camera.demux(video=0)).size > 0
        camera.close()


def test_a_clip_that_ends_starts_again_and_time_goes_on(on_air: Broadcast) -> None:
    """Of a clip of one second two and a half seconds are read, and no time comes twice."""
    with opened(on_air.address("short")) as camera:
        times = [packet.pts for packet in islice(camera.demux(video=0), 63) if packet.pts is not None]
    assert len(times) >= 60
    assert times == sorted(set(times))


def test_a_cut_connection_ends_and_a_new_one_is_served(on_air: Broadcast) -> None:
    """Only the clip that was named is cut."""
    with opened(on_air.address("one")) as one, opened(on_air.address("two")) as two:
        packets, others = one.demux(video=0), two.demux(video=0)
        next(packets)
        on_air.cut("one")
        assert ended(packets)
        assert sum(next(others).size > 0 for _ in range(40)) == 40
    with opened(on_air.address("one")) as again:
        assert next(again.demux(video=0)).size > 0


def ended(packets: Iterator[av.Packet]) -> bool:
    """Whether the stream ends or fails within the test's patience."""
    until = time.monotonic() + PATIENCE_S
    try:
        return any(packet.size == 0 or time.monotonic() > until for packet in packets) and time.monotonic() <= until
    except FFmpegError:
        return True


def test_off_the_air_nobody_answers_and_back_the_address_is_the_same(on_air: Broadcast) -> None:
    """As a camera that reboots."""
    address = on_air.address("one")
    on_air.off()
    with pytest.raises(FFmpegError):
        opened(address)
    on_air.on()
    assert on_air.address("one") == address
    with opened(address) as camera:
        assert next(camera.demux(video=0)).size > 0


def test_the_server_does_not_outlive_a_parent_that_is_killed(folder: Path) -> None:
    """kill -9 of who started it ends it."""
    words = (
        "import sys, time; from pathlib import Path; from beholden.demo.broadcast import Broadcast\n"
        "b = Broadcast(Path(sys.argv[1])); b.on(); print(b.pid, flush=True); time.sleep(600)"
    )
    parent = subprocess.Popen([sys.executable, "-c", words, str(folder)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    server = int(parent.stdout.readline())
    assert is_running(server)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    until = time.monotonic() + PATIENCE_S
    while is_running(server) and time.monotonic() < until:
        time.sleep(0.05)
    assert not is_running(server)


def is_running(pid: int) -> bool:
    """Whether a process is there and not only waiting to be reaped."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_an_unknown_clip_has_no_address(on_air: Broadcast) -> None:
    """A name that is not in the folder is refused before anything is opened."""
    with pytest.raises(CameraUnknown):
        on_air.address("nowhere")


def test_without_the_extra_it_says_how_to_install(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line for pip."""
    monkeypatch.setattr(broadcast_module, "find_spec", lambda name: None)
    with pytest.raises(MissingInput, match="aio-rtsp-toolkit") as refused:
        Broadcast(folder).on()
    assert "pip install" in refused.value.advice


def test_the_server_is_reached_from_this_machine_only(on_air: Broadcast) -> None:
    """It listens on loopback."""
    port = int(on_air.address("one").split(":")[2].split("/")[0])
    listening = [
        line.split()[1] for line in Path("/proc/net/tcp").read_text().splitlines()[1:] if line.split()[3] == "0A"
    ]
    assert [where for where in listening if where.endswith(f":{port:04X}")] == [f"0100007F:{port:04X}"]
    assert on_air.pid is not None
    assert on_air.pid != os.getpid()
