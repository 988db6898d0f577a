"""Which keyframes need nothing before them."""

from __future__ import annotations

from pathlib import Path

import av
import pytest

from beholden.video.camera.restart import begins_anew
from tests.live.clips import write_pictures
from tests.live.feeds import packet_of
from tests.live.resting import clip, scene


def judged(path: Path, codec: str) -> list[bool]:
    """What is said of each packet of a file that is flagged as a keyframe."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        extradata = stream.codec_context.extradata if path.suffix == ".mp4" else None
        found = [packet for packet in container.demux(stream) if packet.size]
        assert not any(begins_anew(codec, extradata, packet) for packet in found if not packet.is_keyframe)
        return [begins_anew(codec, extradata, packet) for packet in found if packet.is_keyframe]


@pytest.mark.parametrize("suffix", ["h264", "mp4"])
def test_an_idr_picture_begins_anew(suffix: str, tmp_path: Path) -> None:
    """In a stream with start codes and in a file with lengths."""
    assert judged(clip(tmp_path / f"clip.{suffix}", scene(3)), "h264") == [True] * 3


def test_a_picture_from_which_a_stream_heals_slowly_does_not(tmp_path: Path) -> None:
    """FFmpeg flags it as a keyframe all the same."""
    found = judged(clip(tmp_path / "clip.h264", scene(4), **{"x264-params": "intra-refresh=1:keyint=25"}), "h264")
    assert len(found) >= 3
    assert not any(found[1:])


@pytest.mark.parametrize("suffix", ["hevc", "mp4"])
def test_of_hevc_only_what_nothing_reaches_over(suffix: str, tmp_path: Path) -> None:
    """IDR pictures, and not the CRA pictures of open groups."""
    for closed in (True, False):
        params = f"keyint=10:min-keyint=10:bframes=2:open-gop={int(not closed)}:log-level=none"
        path = tmp_path / f"clip-{closed}.{suffix}"
        write_pictures(path, scene(3, fps=10), codec="libx265", options={"x265-params": params})
        found = judged(path, "hevc")
        assert len(found) == 3
        assert found[0]
        assert found[1:] == [closed] * 2


def test_of_other_codecs_nothing_is_known() -> None:
    """They are decoded all the time."""
    assert not begins_anew("mpeg4", None, packet_of(b"\0\0\1\x65abc", True, 0, 25))


def test_nonsense_is_no_beginning() -> None:
    """Empty units, lengths that lead nowhere."""
    for data in (b"\0\0\1", b"\0\0\0\0", bytes(9), b"\xff" * 40, b"\0\0\1\x67"):
        for extradata in (None, b"\1"):
            assert not begins_anew("h264", extradata, packet_of(data, True, 0, 25))
