"""Frames of video files: what is picked, when, how large, and how a stream ends."""

from __future__ import annotations

import contextlib
import io
import itertools
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from video_clips import CAMERA, STARTED, noise, sliding, write_clip

from beholden.model.errors import (
    DecodeFailure,
    EmptyInput,
    InputError,
    InputTooLarge,
    MissingInput,
    NotMedia,
    SourceLost,
)
from beholden.model.frame import Frame
from beholden.video.limits import Limits
from beholden.video.source import Folder, Source, open_source

X264 = {"preset": "veryfast", "bf": "3", "g": "25", "x264-params": "log-level=none"}
X265 = {"preset": "ultrafast", "x265-params": "log-level=none:bframes=3:pools=none:frame-threads=1"}


def opened(path: Path, **options: object) -> Source:
    return open_source(path, camera=CAMERA, started_at=STARTED, **options)


def frames(path: Path, **options: object) -> list[Frame]:
    with opened(path, **options) as source:
        return list(source.frames())


def until_error(path: Path, **options: object) -> tuple[int, BaseException | None]:
    """How many frames came, and what ended them (None: the end of the stream)."""
    count = 0
    try:
        with opened(path, **options) as source:
            for _ in source.frames():
                count += 1
    except (SourceLost, DecodeFailure, NotMedia) as error:
        return count, error
    return count, None


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One clip of 60 pictures, 2.4 s, in several containers and codecs."""
    folder = tmp_path_factory.mktemp("clips")
    for name, codec, options, muxing in (
        ("front.mp4", "libx264", X264, {"movflags": "faststart"}),
        ("behind.mp4", "libx264", X264, {}),
        ("parts.mp4", "libx264", X264 | {"g": "10"}, {"movflags": "frag_keyframe+empty_moov"}),
        ("clip.mkv", "libx264", X264, {}),
        ("clip.ts", "libx264", X264, {}),
        ("clip.avi", "mpeg4", {}, {}),
        ("clip.webm", "libvpx-vp9", {"deadline": "realtime", "cpu-used": "8"}, {}),
        ("h265.mp4", "libx265", X265, {}),
    ):
        write_clip(folder / name, sliding(320, 240, 60), codec=codec, options=options, muxing=muxing)
    return folder


CONTAINERS = ["front.mp4", "behind.mp4", "parts.mp4", "clip.mkv", "clip.ts", "clip.avi", "clip.webm", "h265.mp4"]


@pytest.mark.parametrize("name", CONTAINERS)
def test_every_picture_is_read_and_the_end_is_the_end(clips: Path, name: str) -> None:
    """All 60 pictures arrive, in order, with rising times, and then nothing is raised."""
    got = frames(clips / name, rate=None)
    assert len(got) == 60
    assert [frame.index for frame in got] == list(range(60))
    offsets = [frame.offset_s for frame in got]
    assert offsets[0] == 0.0
    assert all(a < b for a, b in itertools.pairwise(offsets))
    assert offsets[-1] == pytest.approx(59 / 25, abs=0.01)
    assert got[-1].captured_at.timestamp() == pytest.approx(STARTED.timestamp() + offsets[-1], abs=1e-3)


@pytest.mark.parametrize("name", ["front.mp4", "clip.mkv", "h265.mp4", "clip.avi"])
def test_skipping_what_nobody_refers_to_changes_no_picked_picture(clips: Path, name: str) -> None:
    """Five a second are the very pictures that decoding everything gives at those times."""
    every = {round(frame.offset_s, 3): frame.pixels for frame in frames(clips / name, rate=None)}
    picked = frames(clips / name, rate=5.0)
    assert [round(frame.offset_s, 3) for frame in picked] == [round(n * 0.2, 3) for n in range(12)]
    assert all(np.array_equal(frame.pixels, every[round(frame.offset_s, 3)]) for frame in picked)


def test_b_frames_between_picks_are_not_decoded(tmp_path: Path) -> None:
    """With B-frames, fewer pictures are decoded than the file has; the counts add up."""
    still = list(sliding(320, 240, 100))
    write_clip(tmp_path / "b.mp4", still, options=X264 | {"preset": "medium", "b-adapt": "0"})
    with opened(tmp_path / "b.mp4") as source:
        assert len(list(source.frames())) == 20
        assert source.decoded < 80
        assert source.decoded + source.passed == 100


def test_a_variable_rate_is_picked_by_time_not_by_count(tmp_path: Path) -> None:
    """Pictures in bursts: at most five in any second, each with its own time."""
    times = [0.0, 0.01, 0.02, 0.03, 0.9, 0.91, 1.5, 1.55, 1.6, 1.65, 1.7, 3.0]
    write_clip(tmp_path / "v.mkv", list(sliding(160, 120, len(times))), times=times, options=X264)
    assert [round(frame.offset_s, 2) for frame in frames(tmp_path / "v.mkv", rate=None)] == times
    assert [round(frame.offset_s, 2) for frame in frames(tmp_path / "v.mkv")] == [0.0, 0.9, 1.5, 1.6, 3.0]


def test_pixels_fit_the_box_and_are_never_enlarged(tmp_path: Path) -> None:
    """1280x720 becomes 640x360; 320x240 stays; None keeps the size; shape is kept."""
    write_clip(tmp_path / "big.mp4", list(sliding(1280, 720, 2)), options=X264)
    write_clip(tmp_path / "small.mp4", list(sliding(320, 240, 2)), options=X264)
    big = frames(tmp_path / "big.mp4")[0]
    assert (big.size, big.detail.size, big.scale) == ((640, 360), (1280, 720), (2.0, 2.0))
    assert frames(tmp_path / "small.mp4")[0].size == (320, 240)
    assert frames(tmp_path / "big.mp4", analysis=None)[0].size == (1280, 720)
    assert frames(tmp_path / "big.mp4", analysis=(300, 300))[0].size == (300, 168)
    assert not big.pixels.flags.writeable


def test_info_says_what_the_file_is(clips: Path) -> None:
    """Codec, size, rate and length are known before a frame is used."""
    with opened(clips / "h265.mp4") as source:
        info = source.info
        assert (info.kind, info.codec, info.size, info.rotation) == ("video", "hevc", (320, 240), 0)
        assert info.frame_rate == pytest.approx(25)
        assert info.duration_s == pytest.approx(2.4, abs=0.05)
        list(source.frames())
        assert source.position_s == pytest.approx(2.2, abs=0.2)
        assert source.progress == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_file_cut_off_is_lost_after_what_came_before(clips: Path, tmp_path: Path, name: str) -> None:
    """60% of the bytes: SourceLost, after the pictures before the cut where the index still exists."""
    data = (clips / name).read_bytes()
    cut = tmp_path / name
    cut.write_bytes(data[: len(data) * 6 // 10 + 1])
    count, error = until_error(cut, rate=None)
    assert isinstance(error, SourceLost)
    if name == "behind.mp4" or name == "h265.mp4":
        assert count == 0
    else:
        assert 0 < count < 60


@pytest.mark.parametrize("name", ["front.mp4", "clip.mkv", "clip.ts", "clip.avi", "clip.webm"])
def test_damaged_bytes_are_a_decode_failure(clips: Path, tmp_path: Path, name: str) -> None:
    """A third of the file zeroed or scrambled, its length kept: DecodeFailure, never a quiet end."""
    data = (clips / name).read_bytes()
    third = len(data) // 3
    for filling in (bytes(third), np.random.default_rng(1).integers(0, 255, third, dtype=np.uint8).tobytes()):
        hurt = tmp_path / name
        hurt.write_bytes(data[:third] + filling + data[2 * third :])
        count, error = until_error(hurt, rate=None)
        assert isinstance(error, DecodeFailure), (name, count, error)
        assert count > 0


def test_one_broken_packet_is_passed_over(tmp_path: Path) -> None:
    """A single damaged picture that others don't need costs that picture, and is counted."""
    write_clip(tmp_path / "whole.mkv", sliding(320, 240, 60), codec="mjpeg", pixels="yuvj420p")
    data = bytearray((tmp_path / "whole.mkv").read_bytes())
    middle = data.find(b"\xff\xd8\xff", len(data) // 2)
    data[middle : middle + 600] = bytes(600)
    (tmp_path / "hurt.mkv").write_bytes(data)
    with opened(tmp_path / "hurt.mkv", rate=None) as source:
        assert len(list(source.frames())) in {59, 60}
        assert source.damaged == 1


def test_a_change_of_resolution_is_followed(tmp_path: Path) -> None:
    """Two sizes in one transport stream: pixels, detail and scale follow."""
    parts = []
    for size in ((320, 240), (640, 480)):
        part = io.BytesIO()
        write_clip(part, sliding(*size, 25), options=X264, form="mpegts")
        parts.append(part.getvalue())
    (tmp_path / "two.ts").write_bytes(b"".join(parts))
    got = frames(tmp_path / "two.ts", rate=None, analysis=(320, 240))
    assert [frame.detail.size for frame in got] == [(320, 240)] * 25 + [(640, 480)] * 25
    assert {frame.size for frame in got} == {(320, 240)}
    assert {frame.scale for frame in got} == {(1.0, 1.0), (2.0, 2.0)}
    assert all(a.offset_s < b.offset_s for a, b in itertools.pairwise(got))


QUARTERS = np.zeros((240, 320, 3), np.uint8)
QUARTERS[:120, :160], QUARTERS[:120, 160:] = (0, 0, 255), (0, 255, 0)
QUARTERS[120:, :160], QUARTERS[120:, 160:] = (255, 0, 0), (255, 255, 255)


@pytest.mark.parametrize(
    ("degrees", "turn"), [(90, cv2.ROTATE_90_COUNTERCLOCKWISE), (-90, cv2.ROTATE_90_CLOCKWISE), (180, cv2.ROTATE_180)]
)
def test_rotation_is_applied_to_pixels_size_and_crop(tmp_path: Path, degrees: int, turn: int) -> None:
    """The display matrix turns the small picture, the sizes and every cut alike."""
    write_clip(tmp_path / "r.mp4", [QUARTERS] * 3, options=X264, rotation=degrees)
    expected = cv2.rotate(QUARTERS, turn)
    with opened(tmp_path / "r.mp4", analysis=(160, 160)) as source:
        assert source.info.size == expected.shape[1::-1]
        frame = next(source.frames())
    assert frame.detail.size == expected.shape[1::-1]
    small = cv2.resize(expected, frame.size, interpolation=cv2.INTER_AREA)
    assert np.abs(frame.pixels.astype(int) - small).mean() < 4
    width, height = frame.detail.size
    for left, top, right, bottom in ((3, 5, 60, 71), (width - 61, 7, width, 90), (0, height - 33, 44, height)):
        cut = frame.detail.crop(left, top, right, bottom)
        assert cut.shape == (bottom - top, right - left, 3)
        assert np.abs(cut.astype(int) - expected[top:bottom, left:right]).mean() < 6


@pytest.mark.parametrize(
    ("content", "error"),
    [(b"", EmptyInput), (b"\0" * 4096, NotMedia), (b"hello, I am text\n" * 50, NotMedia), (b"x", NotMedia)],
)
def test_what_is_no_video_is_refused_by_name(tmp_path: Path, content: bytes, error: type[Exception]) -> None:
    """Empty, zeros, text, one byte: one clear error each."""
    (tmp_path / "a.mp4").write_bytes(content)
    with pytest.raises(error):
        opened(tmp_path / "a.mp4")


def test_sound_alone_is_no_video(tmp_path: Path) -> None:
    """A file with only audio has no pictures to show, and its sound is not decoded."""
    container = av.open(str(tmp_path / "a.mp4"), "w")
    stream = container.add_stream("aac", rate=44100)
    sound = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
    sound.sample_rate = 44100
    container.mux(stream.encode(sound))
    container.mux(stream.encode(None))
    container.close()
    with pytest.raises(NotMedia, match="no moving pictures"):
        opened(tmp_path / "a.mp4")


@pytest.mark.parametrize(
    "name",
    [
        "http://127.0.0.1:1/a.mp4",
        "file:/etc/hostname",
        "concat:a.ts|b.ts",
        "pipe:0",
        "/dev/zero",
        "no\0such",
        "gone.mp4",
    ],
)
def test_only_paths_of_files_are_opened(name: str) -> None:
    """Addresses, protocols, devices and missing files are all no such file."""
    with pytest.raises(MissingInput):
        opened(Path(name))


PLAYLIST = "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{0}\n#EXT-X-ENDLIST\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.m3u8", PLAYLIST),
        ("b.ts", PLAYLIST),
        ("a.ffconcat", "ffconcat version 1.0\nfile '{0}'\n"),
        ("c.mp4", "ffconcat version 1.0\nfile '{0}'\n"),
    ],
)
def test_a_file_that_names_other_files_opens_none(clips: Path, tmp_path: Path, name: str, text: str) -> None:
    """A playlist plays in PyAV, which shows that the text is a real one, and is refused here."""
    (clips / name).write_text(text.format("clip.ts"))
    with av.open(str(clips / name), format="concat" if "ffconcat" in text else "hls") as played:
        assert played.streams.video[0].width == 320
    with pytest.raises(NotMedia):
        opened(clips / name)


def test_pictures_past_the_limit_are_refused_before_decoding(clips: Path) -> None:
    """The size in the header decides."""
    with pytest.raises(InputTooLarge, match="320x240"):
        opened(clips / "front.mp4", limits=Limits(max_video_pixels=320 * 240 - 1))


def test_a_still_is_one_frame(tmp_path: Path) -> None:
    """An image file: one frame at 0, shrunk pixels, full detail."""
    cv2.imwrite(str(tmp_path / "a.png"), noise(1000, 500))
    (frame,) = frames(tmp_path / "a.png")
    assert (frame.offset_s, frame.size, frame.detail.size) == (0.0, (640, 320), (1000, 500))
    assert np.array_equal(frame.detail.crop(10, 20, 110, 90), noise(1000, 500)[20:90, 10:110])


def test_a_folder_gives_its_files_by_name_and_keeps_what_it_refused(tmp_path: Path) -> None:
    """Stills and videos in name order with rising times; a bad file is noted, others are left out."""
    write_clip(tmp_path / "b.mp4", list(sliding(160, 120, 25)), options=X264)
    cv2.imwrite(str(tmp_path / "c.png"), noise(80, 60))
    cv2.imwrite(str(tmp_path / "a.jpg"), noise(100, 50))
    (tmp_path / "d.jpg").write_bytes(b"")
    (tmp_path / "notes.txt").write_text("not a picture")
    (tmp_path / "sub").mkdir()
    cv2.imwrite(str(tmp_path / "sub" / "e.png"), noise(80, 60))
    with opened(tmp_path) as source:
        got = [(source.current.name, frame.size, frame.offset_s) for frame in source.frames()]
        assert isinstance(source, Folder)
        assert [(path.name, type(error)) for path, error in source.refused] == [("d.jpg", EmptyInput)]
        assert source.info.pictures == 4
        assert source.progress == 1.0
    assert [name for name, _, _ in got] == ["a.jpg"] + ["b.mp4"] * 5 + ["c.png"]
    assert all(a[2] < b[2] for a, b in itertools.pairwise(got))


def test_a_folder_without_pictures_is_empty(tmp_path: Path) -> None:
    """Nothing to read is said, not passed over; and so is a folder with too much."""
    with pytest.raises(EmptyInput):
        opened(tmp_path)
    for name in "abc":
        cv2.imwrite(str(tmp_path / f"{name}.png"), noise(8, 8))
    with pytest.raises(InputTooLarge):
        opened(tmp_path, limits=Limits(max_folder=2))


def test_a_folder_of_broken_files_raises_the_first_error(tmp_path: Path) -> None:
    """If not one file gives a picture, the run fails."""
    (tmp_path / "a.jpg").write_bytes(b"\xff\xd8\xff\xe0 broken")
    with opened(tmp_path) as source, pytest.raises((DecodeFailure, NotMedia)):
        list(source.frames())


def test_a_bare_stream_without_times_is_spaced_by_its_rate(tmp_path: Path) -> None:
    """H.264 without a container has no presentation times: one interval from picture to picture."""
    write_clip(tmp_path / "a.h264", sliding(160, 120, 30), options=X264 | {"bf": "0"}, form="h264")
    offsets = [frame.offset_s for frame in frames(tmp_path / "a.h264", rate=None)]
    assert offsets == pytest.approx([n / 25 for n in range(30)], abs=1e-6)


def test_a_recording_that_begins_between_keyframes_starts_at_the_next(clips: Path, tmp_path: Path) -> None:
    """A transport stream without its first half second: what can be decoded comes, and nothing is raised."""
    data = (clips / "clip.ts").read_bytes()
    with av.open(str(clips / "clip.ts")) as container:
        keys = [packet.pos for packet in container.demux(video=0) if packet.is_keyframe]
    start = (keys[0] // 188 + 4) * 188
    (tmp_path / "late.ts").write_bytes(data[: 188 * 3] + data[start:])
    count, error = until_error(tmp_path / "late.ts", rate=None)
    assert error is None
    assert 30 <= count < 60


def test_a_closed_source_gives_no_frames(clips: Path) -> None:
    """And frames run through once only."""
    source = opened(clips / "front.mp4")
    assert next(source.frames()).index == 0
    assert list(source.frames()) == []
    source.close()
    other = opened(clips / "front.mp4")
    other.close()
    assert list(other.frames()) == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(["front.mp4", "clip.mkv", "clip.ts", "clip.avi", "clip.webm", "parts.mp4"]),
    flips=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=12),
    head=st.booleans(),
)
def test_no_damage_raises_a_foreign_error(clips: Path, tmp_path: Path, name: str, flips: list, head: bool) -> None:
    """Bytes changed anywhere, or in the headers: frames with rising times, or one of our errors."""
    data = bytearray((clips / name).read_bytes())
    for at, value in flips:
        data[int(at * ((1500 if head else len(data)) - 1))] = value
    (tmp_path / name).write_bytes(data)
    with contextlib.suppress(InputError), opened(tmp_path / name) as source:
        offsets = [frame.offset_s for frame in source.frames()]
        assert all(a < b for a, b in itertools.pairwise(offsets))
