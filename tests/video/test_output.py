"""What leaves: video files and snapshots, whole or not at all, and of covered pictures only."""

from __future__ import annotations

import errno
import gc
import os
import resource
import signal
from collections.abc import Iterable, Iterator
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from video_clips import CAMERA, STARTED, covered_of, frame_of, noise

from beholden.model.errors import OutputRefused, StorageFull
from beholden.model.frame import CoveredFrame
from beholden.video.encode import encoder_available, fitted
from beholden.video.extent import is_cut_off
from beholden.video.output import PendingFile, output_error
from beholden.video.record import Recorder
from beholden.video.snapshot import save_snapshot
from beholden.video.source import open_source

PICTURE = noise(160, 120, seed=2, block=20)


def record(path: Path, count: int = 20, **options: object) -> None:
    with Recorder(path, **options) as recorder:
        for n in range(count):
            recorder.write(covered_of(PICTURE, n * 0.2))


def record_these(path: Path, things: Iterable[object], **options: object) -> None:
    """Record whatever is handed in; an exception among the things is raised inside the block."""
    with Recorder(path, **options) as recorder:
        for thing in things:
            if isinstance(thing, Exception):
                raise thing
            recorder.write(thing)


def static(count: int) -> Iterator[CoveredFrame]:
    """Pictures that no encoder makes small."""
    rng = np.random.default_rng(0)
    for n in range(count):
        yield covered_of(rng.integers(0, 255, (240, 320, 3), dtype=np.uint8), n * 0.2)


def shown(path: Path) -> list[tuple[float, np.ndarray]]:
    with open_source(path, camera=CAMERA, started_at=STARTED, rate=None) as source:
        return [(frame.offset_s, frame.pixels) for frame in source.frames()]


def test_a_recording_is_h264_that_browsers_play(tmp_path: Path) -> None:
    """H.264, yuv420p, BT.709 limited, index before the pictures, colours kept, nothing left beside it."""
    record(tmp_path / "a.mp4", rate=5.0)
    with av.open(str(tmp_path / "a.mp4")) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.pix_fmt, stream.width, stream.height) == ("h264", "yuv420p", 160, 120)
        assert (stream.colorspace, stream.color_range, stream.color_primaries) == (1, 1, 1)
        assert len(container.streams) == 1
    data = (tmp_path / "a.mp4").read_bytes()
    assert data.find(b"moov") < data.find(b"mdat")
    pictures = shown(tmp_path / "a.mp4")
    assert len(pictures) == 20
    assert np.abs(pictures[7][1].astype(int) - PICTURE).mean() < 6
    assert os.listdir(tmp_path) == ["a.mp4"]


@pytest.mark.parametrize(
    ("name", "codec"), [("a.webm", "libvpx-vp9"), ("a.mkv", "libx264"), ("a.mov", "libx264"), ("a.mp4", "libsvtav1")]
)
def test_other_containers_and_codecs(tmp_path: Path, name: str, codec: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Every offered pair gives a file with all pictures."""
    record(tmp_path / name, 8, codec=codec)
    assert len(shown(tmp_path / name)) == 8
    with (tmp_path / name).open("rb") as file:
        assert not is_cut_off(file, (tmp_path / name).stat().st_size)


def test_uneven_times_are_kept(tmp_path: Path) -> None:
    """Pictures are shown when they were taken, counted from the first."""
    times = [3.0, 3.04, 3.5, 3.501, 5.0]
    with Recorder(tmp_path / "a.mp4") as recorder:
        for time in times:
            recorder.write(covered_of(PICTURE, time))
    assert [offset for offset, _ in shown(tmp_path / "a.mp4")] == pytest.approx([t - 3 for t in times], abs=0.002)


def test_the_last_picture_has_a_length(tmp_path: Path) -> None:
    """Ten pictures at five a second last two seconds."""
    record(tmp_path / "a.mp4", 10, rate=5.0)
    with av.open(str(tmp_path / "a.mp4")) as container:
        assert container.duration / 1e6 == pytest.approx(2.0, abs=0.05)


def test_odd_and_changing_sizes_are_fitted(tmp_path: Path) -> None:
    """Odd sizes are padded; a second size is put into the first with black beside it."""
    with Recorder(tmp_path / "a.mp4") as recorder:
        recorder.write(covered_of(PICTURE[:119, :159], 0.0))
        recorder.write(covered_of(noise(100, 200), 0.2))
        recorder.write(covered_of(noise(640, 360), 0.4))
    pictures = shown(tmp_path / "a.mp4")
    assert [pixels.shape for _, pixels in pictures] == [(120, 160, 3)] * 3
    assert pictures[1][1][:, :40].max() < 30
    assert pictures[1][1][:, 60:100].mean() > 60


@given(st.integers(1, 90), st.integers(1, 90), st.integers(1, 40), st.integers(1, 40))
def test_fitted_has_the_size_asked_for(width: int, height: int, half_w: int, half_h: int) -> None:
    """Any size into any even size, without stretching it out of the frame."""
    output = fitted(np.full((height, width, 3), 200, np.uint8), (2 * half_w, 2 * half_h))
    assert output.shape == (2 * half_h, 2 * half_w, 3)
    assert output.max() == 200


@pytest.mark.parametrize("thing", [frame_of(PICTURE), PICTURE, None, "frame"])
def test_only_covered_pictures_leave(tmp_path: Path, thing: object) -> None:
    """A Frame or an array is refused by the recorder and the snapshot, and no file stays."""
    with pytest.raises(TypeError, match="CoveredFrame"):
        record_these(tmp_path / "a.mp4", [covered_of(PICTURE), thing])
    with pytest.raises(TypeError, match="CoveredFrame"):
        save_snapshot(thing, tmp_path / "a.jpg")
    assert os.listdir(tmp_path) == []


def test_an_error_in_the_block_leaves_nothing(tmp_path: Path) -> None:
    """The file that was there before is still there."""
    (tmp_path / "a.mp4").write_text("before")
    with pytest.raises(KeyError):
        record_these(tmp_path / "a.mp4", [covered_of(PICTURE), KeyError("x")])
    assert os.listdir(tmp_path) == ["a.mp4"]
    assert (tmp_path / "a.mp4").read_text() == "before"


@pytest.mark.parametrize("name", ["gone/a.mp4", "a.txt", "a", "folder.mp4", "x264.webm"])
def test_an_output_that_cannot_be_is_refused_at_once(tmp_path: Path, name: str) -> None:
    """No such folder, no video name, a folder, a container without that codec."""
    (tmp_path / "folder.mp4").mkdir()
    with pytest.raises(OutputRefused):
        Recorder(tmp_path / name)
    assert os.listdir(tmp_path) == ["folder.mp4"]


def test_an_encoder_is_available_or_not() -> None:
    """What doctor asks."""
    assert encoder_available("libx264")
    assert not encoder_available("libnothing")
    assert not encoder_available("rawvideo")


@pytest.mark.parametrize("rate", [0.0, 90_000.0])
def test_a_nonsense_rate_is_no_obstacle(tmp_path: Path, rate: float) -> None:
    """Files claim such rates; pictures keep their own times."""
    record(tmp_path / "a.mp4", 5, rate=rate)
    assert [offset for offset, _ in shown(tmp_path / "a.mp4")] == pytest.approx([0, 0.2, 0.4, 0.6, 0.8], abs=0.002)


def test_an_unknown_codec_and_an_empty_recording_are_refused(tmp_path: Path) -> None:
    """Both with advice, neither with a file."""
    with pytest.raises(OutputRefused, match="libnothing"):
        Recorder(tmp_path / "a.mp4", codec="libnothing")
    with pytest.raises(OutputRefused, match="no picture"), Recorder(tmp_path / "a.mp4"):
        pass
    assert os.listdir(tmp_path) == []


def test_a_folder_without_permission_is_refused(tmp_path: Path) -> None:
    """Root may write everywhere, so it becomes nobody for a moment."""
    tmp_path.chmod(0o500)
    me = os.geteuid()
    try:
        if me == 0:
            os.seteuid(65534)
        with pytest.raises(OutputRefused, match="Permission"):
            Recorder(tmp_path / "a.mp4")
        with pytest.raises(OutputRefused, match="Permission"):
            save_snapshot(covered_of(PICTURE), tmp_path / "a.jpg")
    finally:
        os.seteuid(me)
        tmp_path.chmod(0o700)


@pytest.fixture
def small_disk() -> object:
    """Files of this process may not pass 20 kB: the kernel's own refusal (EFBIG), as of a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.usefixtures("small_disk")
@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_a_disk_that_fills_up_while_recording_leaves_nothing(tmp_path: Path, name: str) -> None:
    """StorageFull while writing or at the end, and an empty folder."""
    with pytest.raises(StorageFull):
        record_these(tmp_path / name, static(30), crf=10)
    assert os.listdir(tmp_path) == []


@pytest.mark.usefixtures("small_disk")
def test_a_disk_that_fills_up_at_the_very_end_leaves_nothing(tmp_path: Path) -> None:
    """Few pictures, all still inside the encoder when the block ends."""
    with pytest.raises(StorageFull):
        record_these(tmp_path / "a.mp4", static(1), crf=1)
    assert os.listdir(tmp_path) == []


@pytest.mark.usefixtures("small_disk")
def test_a_snapshot_on_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    """The old picture stays."""
    (tmp_path / "a.jpg").write_text("before")
    with pytest.raises(StorageFull):
        save_snapshot(covered_of(noise(640, 480, block=1)), tmp_path / "a.jpg", quality=100)
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("a.jpg", "before")]


def test_a_snapshot_is_a_jpeg_of_the_covered_picture(tmp_path: Path) -> None:
    """It replaces an older file, and its name must say what it is."""
    (tmp_path / "a.jpg").write_text("before")
    save_snapshot(covered_of(PICTURE), tmp_path / "a.jpg")
    assert np.abs(cv2.imread(str(tmp_path / "a.jpg")).astype(int) - PICTURE).mean() < 8
    assert os.listdir(tmp_path) == ["a.jpg"]
    with pytest.raises(OutputRefused, match="JPEG"):
        save_snapshot(covered_of(PICTURE), tmp_path / "a.png")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_known_by_its_number(number: int) -> None:
    """Disk and quota."""
    assert isinstance(output_error(Path("a"), OSError(number, "x")), StorageFull)
    assert isinstance(output_error(Path("a"), OSError(errno.EROFS, "Read-only")), OutputRefused)


@pytest.mark.usefixtures("small_disk")
def test_a_pending_file_keeps_its_first_error_for_the_end(tmp_path: Path) -> None:
    """A writer that goes on after a failed write cannot commit half a file."""
    file = PendingFile(tmp_path / "a.bin")
    assert file.write(bytes(30_000)) == 30_000
    assert file.error is not None
    assert file.write(b"more") == 4
    with pytest.raises(StorageFull):
        file.commit()
    assert os.listdir(tmp_path) == []
    assert (file.write(b"late"), file.seek(5), file.tell()) == (4, 0, 0)


@pytest.mark.usefixtures("small_disk")
def test_a_full_disk_prints_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """One error that says what to do, and no traceback of the encoder beside it."""
    with pytest.raises(StorageFull):
        record_these(tmp_path / "a.mp4", static(30), crf=10)
    gc.collect()
    assert capfd.readouterr() == ("", "")


def test_a_stamp_is_drawn_into_every_picture_and_nowhere_else(tmp_path):
    """REHEARSAL stands in the lower left corner of what a rehearsal records; the rest is the picture."""
    plain, marked = stamped_film(tmp_path, None), stamped_film(tmp_path, "REHEARSAL")
    difference = np.abs(plain.astype(int) - marked.astype(int)).max(axis=2)
    assert difference[-12:, :60].max() > 60
    assert difference[:-24].max() < 40


def stamped_film(folder, stamp):
    """The first picture of a film recorded with a stamp."""
    path = folder / f"{stamp}.mp4"
    with Recorder(path, crf=1, stamp=stamp) as recorder:
        recorder.write(covered_of(np.full((240, 320, 3), 150, np.uint8), 0.0))
    with av.open(str(path)) as container:
        return next(container.decode(video=0)).to_ndarray(format="bgr24")
