"""Lost pictures of H.264 are noticed by their numbers, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beholden.video.camera.gaps import Gaps
from tests.live.clips import write_pictures
from tests.live.feeds import packet_of
from tests.rtsp.clip import write_moving_clip

KINDS = {
    "plain": {},
    "baseline": {"profile": "baseline"},
    "reordered": {"bf": "3", "x264-params": "b-pyramid=normal"},
    "refreshed": {"x264-params": "intra-refresh=1:keyint=10"},
    "interlaced": {"bf": "2", "x264-params": "interlaced=1"},
    "scaled": {"bf": "2", "x264-params": "cqm=jvt"},
}


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list:
    path = write_moving_clip(tmp_path_factory.mktemp("gaps") / "a.mp4", (320, 240), seconds=5, fps=10)
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]


def noticed(path: Path, lost: set[int]) -> tuple[list[int], Gaps]:
    with av.open(str(path)) as container:
        gaps = Gaps("h264", container.streams.video[0].codec_context.extradata)
        packets = [packet for packet in container.demux(video=0) if packet.size]
    return [n for n, packet in enumerate(packets) if n not in lost and gaps.before(packet)], gaps


@pytest.mark.parametrize("kind", KINDS)
def test_a_whole_stream_has_no_gaps(kind: str, pictures: list, tmp_path: Path) -> None:
    """However the pictures refer to each other."""
    path = write_pictures(tmp_path / "clip.h264", pictures, options=KINDS[kind])
    assert noticed(path, set())[0] == []


@pytest.mark.parametrize("kind", ["plain", "baseline", "reordered", "scaled", "refreshed"])
def test_a_lost_reference_picture_is_noticed_at_the_next(kind: str, pictures: list, tmp_path: Path) -> None:
    """Four in a row hold at least one that others build on."""
    path = write_pictures(tmp_path / "clip.h264", pictures, options=KINDS[kind])
    found, _ = noticed(path, {23, 24, 25, 26})
    assert found
    assert 27 <= found[0] <= 29


def test_a_stream_whose_numbers_always_skip_is_not_believed(pictures: list, tmp_path: Path) -> None:
    """Better to show it than to be blind for ever."""
    path = write_pictures(tmp_path / "clip.h264", pictures, options={"g": "100", "keyint_min": "100"})
    found, _ = noticed(path, set(range(1, 50, 3)))
    assert found == [2, 5, 8]


def test_of_other_formats_nothing_is_known() -> None:
    """HEVC's decoder looks after itself, and files lose nothing."""
    assert not Gaps("hevc", b"\0\0\0\1").before(packet_of(b"\0\0\1\x65abc", True, 0, 25))
    assert not Gaps("h264", b"\x01avcC").before(packet_of(b"\0\0\1\x65abc", True, 0, 25))


@given(st.lists(st.binary(min_size=1, max_size=80), max_size=8), st.binary(max_size=60))
def test_no_bytes_do_harm(packets: list[bytes], extradata: bytes) -> None:
    """Whatever stands where parameter sets and slices should."""
    gaps = Gaps("h264", b"\0\0\1\x67" + extradata)
    for data in packets:
        gaps.before(packet_of(b"\0\0\1\x67" + data + b"\0\0\1\x41" + data, False, 0, 25))
