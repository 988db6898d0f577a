"""A file played as a camera, by a clock of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from beholden.model.errors import EmptyInput, MissingInput, NotMedia
from beholden.video.camera.feed import Arrival
from beholden.video.camera.replay import Replay
from tests.live.clips import RED, plain, write_pictures


class Time:
    """A clock that moves when somebody waits, and when the test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write_pictures(tmp_path / "clip.mp4", [plain(RED, (64, 48))] * 10, fps=10, options={"bf": "2"})


def packets(feed: Replay) -> Iterator[Arrival]:
    return (arrival for arrival in feed.arrivals() if arrival.packet.size)


def test_packets_come_when_they_are_due(clip: Path) -> None:
    """Ten a second, in the order in which a camera sends them."""
    time = Time()
    feed = Replay(clip, monotonic=time.monotonic, pause=time.pause)
    arrived = [arrival.arrived_s for arrival in islice(packets(feed), 10)]
    feed.close()
    assert arrived == pytest.approx([100.1 + n / 10 for n in range(10)], abs=1e-3)
    assert time.now == pytest.approx(101.0)


def test_each_round_begins_anew_a_picture_later(clip: Path) -> None:
    """Nothing continues over the end of the file, and no time is lost there."""
    time = Time()
    feed = Replay(clip, monotonic=time.monotonic, pause=time.pause)
    seen = list(islice(packets(feed), 25))
    feed.close()
    assert [number for number, arrival in enumerate(seen) if arrival.begins] == [0, 10, 20]
    assert seen[24].arrived_s == pytest.approx(102.5, abs=1e-2)


def test_what_is_late_is_not_hurried_after(clip: Path) -> None:
    """A camera does not wait, and a machine that fell behind by ten seconds does not play them in one."""
    time = Time()
    feed = Replay(clip, monotonic=time.monotonic, pause=time.pause)
    arrivals = packets(feed)
    next(arrivals)
    time.now += 10
    assert next(arrivals).arrived_s == pytest.approx(110.1)
    assert next(arrivals).arrived_s == pytest.approx(110.2)
    feed.close()


@pytest.mark.parametrize(("data", "error"), [(None, MissingInput), (b"", EmptyInput), (b"no video" * 99, NotMedia)])
def test_what_is_no_video_is_said(data: bytes | None, error: type[Exception], tmp_path: Path) -> None:
    """By the errors of the tree."""
    path = tmp_path / "clip.mp4"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(error):
        Replay(path, monotonic=float, pause=lambda seconds: None)
