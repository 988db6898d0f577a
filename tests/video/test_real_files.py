"""Every real video that we may use: read to its end, or refused with one of our errors."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import pytest
from video_clips import CAMERA, STARTED

from beholden.video.source import open_source

DATA = Path(os.environ.get("SHARED_TEST_DATA", Path(__file__).parents[2] / ".." / "shared" / "data"))
KINDS = {".mp4", ".mkv", ".avi", ".ogg", ".webm", ".gif"}
FILES = sorted(
    path
    for folder in ("openmpf_video", "intel_sample_videos", "intel_sample_videos/preview")
    for path in (DATA / folder).glob("*")
    if path.suffix in KINDS
)


@pytest.mark.skipif(not FILES, reason="the shared videos are not on this machine")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_real_video_is_read_to_its_end(path: Path) -> None:
    """No error, rising times, no damage, the declared length."""
    with open_source(path, camera=CAMERA, started_at=STARTED) as source:
        offsets = [frame.offset_s for frame in itertools.islice(source.frames(), 100)]
        assert source.damaged == 0
        assert all(a < b for a, b in itertools.pairwise(offsets))
        if len(offsets) < 100 and source.info.duration_s:
            assert offsets[-1] == pytest.approx(source.info.duration_s, abs=0.6)


@pytest.mark.skipif(not FILES, reason="the shared videos are not on this machine")
def test_a_phone_video_on_its_side_is_upright() -> None:
    """Stored 480x640 with a display matrix: shown 640x480."""
    path = DATA / "openmpf_video" / "new_face_video-90.mp4"
    with open_source(path, camera=CAMERA, started_at=STARTED) as source:
        frame = next(source.frames())
        assert (source.info.rotation, source.info.size) == (-90, (640, 480))
        assert frame.pixels.shape == (360, 480, 3)
        assert frame.detail.crop(0, 0, 640, 480).shape == (480, 640, 3)
