"""What the benchmarks run is the product's own code, and it is given what a camera gives."""

from __future__ import annotations

from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from benchmarks.clips import SIZE
from benchmarks.crowds import FACES, PASSERS, crowd, passing
from benchmarks.substream import TwoStreams, small_of

from beholden.demo.broadcast import Broadcast
from benchmarks import overload
from tests.rtsp.clip import frame_number, write_moving_clip


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds of 1280x720 whose pictures say their numbers."""
    return write_moving_clip(tmp_path_factory.mktemp("large") / "clip.mp4", (1280, 720), seconds=3, fps=25)


def test_the_small_stream_has_every_picture_of_the_large_one(large: Path) -> None:
    """At the same moments."""
    with av.open(str(large)) as one, av.open(str(small_of(large))) as other:
        many, few = ([float(picture.time or 0) for picture in file.decode(video=0)] for file in (one, other))
        assert (other.streams.video[0].width, other.streams.video[0].height) == (640, 360)
    assert few == pytest.approx(many, abs=0.001)


def test_shots_of_two_streams_are_cut_from_the_large_picture_of_the_moment(large: Path) -> None:
    """Five looks a second at the small stream; the large one gives the same picture."""
    streams = TwoStreams(small_of(large), large)
    try:
        numbers: list[tuple[int, int]] = []
        for frame in streams.frames():
            detail = frame.detail.settled()
            assert detail.size == (1280, 720)
            small = np.asarray(cv2.resize(frame.pixels, (1280, 720), interpolation=cv2.INTER_NEAREST))
            numbers.append((frame_number(small), frame_number(detail.crop(0, 0, 1280, 720))))
    finally:
        streams.close()
    assert numbers == [(number, number) for number in range(0, 75, 5)]


@pytest.mark.skipif(find_spec("aio_rtsp_toolkit") is None, reason="the demo's extra is not installed")
def test_a_worker_tells_what_comes_to_its_cameras(large: Path) -> None:
    """Each camera looked at, pictures shown, and their ages; whether it kept up depends on the machine."""
    with Broadcast(large.parent) as air:
        told = overload.watch(large, 2, 3.0, air.port)
    assert len(told["looks_per_s"]) == 2  # type: ignore[arg-type]
    assert told["shown"]
    assert len(told["covers"]) == told["shown"]  # type: ignore[arg-type]
    assert told["age_s"]["p50"] > 0  # type: ignore[index]
    assert told["waiting_bytes"]


@pytest.mark.parametrize("count", FACES)
def test_nobody_in_a_crowd_hides_anybody(count: int) -> None:
    """All inside the picture, the faces apart from each other."""
    actors = crowd(count).actors
    assert len(actors) == count
    assert all(step.x - step.face / 2 > 0 and step.x + step.face / 2 < SIZE[0] for a in actors for step in a.path)
    for one, other in pairwise(actors):
        assert all(b.x - a.x > 1.5 * a.face for a, b in zip(one.path, other.path, strict=True))


@pytest.mark.parametrize("count", PASSERS)
def test_everybody_who_passes_has_passed_at_the_end(count: int) -> None:
    """So that the clip can start again without anybody jumping."""
    scene = passing(count)
    assert len(scene.actors) == count
    assert all(0 < actor.path[0].t < actor.path[-1].t < scene.seconds for actor in scene.actors)
