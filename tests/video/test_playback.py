"""A timeline by time: one file of what was recorded, its gaps told, and never a picture that nobody covered."""

from __future__ import annotations

import os
import resource
import signal
import stat
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import av
import pytest
from covered_clips import CAMERA, NOON, SIZE, covered, recorded, shown
from video_clips import noise, write_clip

from beholden.model.errors import CameraUnknown, MissingInput, OutputRefused, StorageFull
from beholden.model.ids import CameraId
from beholden.video.recordings.fragments import TimelineWriter
from beholden.video.recordings.playback import Exported, export, refuse_empty
from beholden.video.recordings.timeline import file_for, pieces

DAY = timedelta(days=1)
EVER = NOON - DAY, NOON + DAY


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def every(seconds: float, count: int, start: datetime = NOON) -> list[datetime]:
    return [start + timedelta(seconds=seconds * number) for number in range(count)]


def played(folder: Path, start: datetime, end: datetime) -> tuple[Exported, list[tuple[float, int]]]:
    out = folder.parent / "out.mp4"
    made = export(folder, CAMERA, start, end, out)
    pictures = shown(out)
    assert len(pictures) == made.pictures
    return made, pictures


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "recordings"


def test_a_time_is_played_over_several_files(folder: Path) -> None:
    """Numbers and times of every picture from the keyframe before the first moment to the last."""
    recorded(folder, every(0.2, 150), segment_s=10.0)
    made, pictures = played(folder, after(9.5), after(21))
    first = round((made.start - NOON).total_seconds() / 0.2)
    assert after(7.5) <= made.start <= after(9.5)
    assert made.end == after(21)
    assert [number for _, number in pictures] == list(range(first, 105))
    assert [time for time, _ in pictures] == pytest.approx([0.2 * n for n in range(len(pictures))], abs=0.002)
    assert made.gaps == ()


def test_playback_begins_at_a_keyframe_of_that_very_moment(folder: Path) -> None:
    """And then not before it."""
    recorded(folder, every(0.2, 50))
    made, pictures = played(folder, after(4), after(5))
    assert (made.start, made.end) == (after(4), after(5))
    assert [number for _, number in pictures] == [20, 21, 22, 23, 24]


def test_gaps_are_skipped_and_told(folder: Path) -> None:
    """An hour without a picture takes no time in the file, and stands in the answer."""
    recorded(folder, [*every(0.2, 10), *every(0.2, 10, after(3600)), *every(0.2, 10, after(3610))])
    made, pictures = played(folder, *EVER)
    assert made.gaps == ((after(2), after(3600)), (after(3602), after(3610)))
    assert [time for time, _ in pictures] == pytest.approx([0.2 * n for n in range(30)], abs=0.002)
    skipped = made.gaps[0][1] - made.gaps[0][0]
    assert made.start + timedelta(seconds=pictures[10][0]) + skipped == pytest.approx(
        after(3600), abs=timedelta(milliseconds=2)
    )


def test_short_pauses_keep_their_time(folder: Path) -> None:
    """A restart of a second is shown as it was, and is no gap."""
    recorded(folder, every(0.2, 10))
    recorded(folder, every(0.2, 10, after(3)), first=10)
    made, pictures = played(folder, *EVER)
    assert made.gaps == ()
    assert pictures[10][0] == pytest.approx(3.0, abs=0.002)


def test_midnight_is_played_through(folder: Path) -> None:
    """Two days, one file, no gap; moments of any zone."""
    recorded(folder, every(0.2, 40, datetime(2026, 5, 4, 23, 59, 56, tzinfo=UTC)))
    made, pictures = played(folder, *EVER)
    assert [number for _, number in pictures] == list(range(40))
    assert made.gaps == ()


def test_a_torn_file_is_played_up_to_the_tear(folder: Path) -> None:
    """And what comes after it, in the next file."""
    recorded(folder, every(0.2, 100), segment_s=10.0)
    torn = pieces(folder, CAMERA, *EVER)[0].path
    os.truncate(torn, torn.stat().st_size * 2 // 3)
    made, pictures = played(folder, *EVER)
    numbers = [number for _, number in pictures]
    kept = pieces(folder, CAMERA, *EVER)[0].pictures
    assert 20 <= kept <= 40
    assert numbers == [*range(kept), *range(50, 100)]
    assert made.gaps == ((after(kept * 0.2), after(10)),)


def test_what_is_being_written_can_be_played(folder: Path) -> None:
    """Up to its last whole fragment."""
    with TimelineWriter(folder, CAMERA) as writer:
        for number, moment in enumerate(every(0.2, 14)):
            writer.write(covered(number), moment)
        _, pictures = played(folder, *EVER)
    assert [number for _, number in pictures] == list(range(10))


@pytest.mark.parametrize("codec", ["libx264", "libvpx-vp9", "libsvtav1"])
def test_another_size_is_played_through(folder: Path, codec: str) -> None:
    """A camera that changed its resolution: every picture decodes and shows its number."""
    recorded(folder, every(0.2, 15), codec=codec)
    recorded(folder, every(0.2, 15, after(3)), codec=codec, first=15, size=(SIZE[0] + 32, SIZE[1] + 16))
    made, pictures = played(folder, *EVER)
    assert [number for _, number in pictures] == list(range(30))
    assert made.gaps == ()


def test_two_encodings_are_not_one_file(folder: Path) -> None:
    """The advice says what to do; nothing is left."""
    recorded(folder, every(0.2, 10))
    recorded(folder, every(0.2, 10, after(2)), codec="libvpx-vp9")
    with pytest.raises(OutputRefused, match="12:00:02 UTC"):
        export(folder, CAMERA, *EVER, folder.parent / "out.mp4")
    assert os.listdir(folder.parent) == ["recordings"]


def test_a_clock_that_was_set_back_loses_nothing(folder: Path) -> None:
    """Both recordings of the same minute follow one another."""
    recorded(folder, every(0.2, 20))
    recorded(folder, every(0.2, 20, after(1.1)), first=20)
    made, pictures = played(folder, *EVER)
    assert sorted(number for _, number in pictures) == list(range(40))
    times = [time for time, _ in pictures]
    assert max(b - a for a, b in pairwise(times)) < 0.5
    assert made.gaps == ()


def test_packets_are_copied_as_they_are(folder: Path) -> None:
    """Nothing is decoded and encoded again."""
    recorded(folder, every(0.2, 20))
    out = folder.parent / "out.mp4"
    export(folder, CAMERA, *EVER, out)
    (piece,) = pieces(folder, CAMERA, *EVER)
    assert coded(out) == coded(piece.path)


def coded(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(video=0) if packet.size]


def test_an_export_plays_in_browsers(folder: Path) -> None:
    """An index before the pictures, the length in the header, and when it was recorded."""
    recorded(folder, every(0.2, 20))
    out = folder.parent / "out.mp4"
    export(folder, CAMERA, *EVER, out)
    data = out.read_bytes()
    assert 0 < data.find(b"moov") < data.find(b"mdat")
    with av.open(str(out)) as container:
        assert container.duration / 1e6 == pytest.approx(4.0, abs=0.01)
        assert container.metadata["creation_time"].startswith("2026-05-04T12:00:00")


# ----- nothing there, and what is not ours


def test_a_time_without_a_recording_says_what_there_is(folder: Path) -> None:
    """When the recordings begin and end, or which cameras have some, or how to begin."""
    with pytest.raises(MissingInput) as raised:
        refuse_empty(folder, CAMERA, *EVER)
    assert "--record" in raised.value.advice
    recorded(folder, every(0.2, 10))
    with pytest.raises(MissingInput) as raised:
        export(folder, CAMERA, after(100), after(200), folder.parent / "out.mp4")
    assert "2026-05-04 12:00:00" in raised.value.advice
    assert "2026-05-04 12:00:02" in raised.value.advice
    with pytest.raises(MissingInput) as raised:
        refuse_empty(folder, CameraId("gate"), *EVER)
    assert raised.value.advice == "There are recordings of: door."
    refuse_empty(folder, CAMERA, *EVER)
    assert os.listdir(folder.parent) == ["recordings"]


def test_a_time_that_ends_before_it_begins_is_refused(folder: Path) -> None:
    """And so is one without a zone."""
    recorded(folder, every(0.2, 10))
    with pytest.raises(MissingInput, match="before it begins"):
        refuse_empty(folder, CAMERA, after(1), after(1))
    with pytest.raises(ValueError, match="zone"):
        refuse_empty(folder, CAMERA, NOON.replace(tzinfo=None), after(1))


@pytest.mark.parametrize("name", ["..", "../recordings/door", "", "/etc", "door/2026-05-04"])
def test_a_name_that_leads_elsewhere_is_refused(folder: Path, name: str) -> None:
    """Before anything is read."""
    recorded(folder, every(0.2, 10))
    with pytest.raises(CameraUnknown):
        export(folder, CameraId(name), *EVER, folder.parent / "out.mp4")


def test_a_video_that_is_not_ours_does_not_leave(folder: Path) -> None:
    """Somebody's uncovered film, put among the recordings under a name of ours, as itself or as a link."""
    recorded(folder, every(0.2, 10))
    film = folder.parent / "film.mp4"
    muxing = {"movflags": "+empty_moov+frag_keyframe+default_base_moof"}
    write_clip(film, [noise(160, 96)] * 50, muxing=muxing)
    write_clip(file_for(folder, CAMERA, after(2)), [noise(160, 96)] * 50, muxing=muxing)
    file_for(folder, CAMERA, after(4)).symlink_to(film)
    made, _ = played(folder, *EVER)
    assert (made.pictures, made.end) == (10, after(2))


def test_a_damaged_file_does_not_cost_the_rest(folder: Path) -> None:
    """It is named, and its time is a gap."""
    recorded(folder, every(0.2, 150), segment_s=10.0)
    bad = pieces(folder, CAMERA, *EVER)[1].path
    data = bytearray(bad.read_bytes())
    at = data.index(b"stsd")
    data[at - 4 : at + 4] = b"\xff" * 8
    bad.write_bytes(data)
    made, pictures = played(folder, *EVER)
    assert made.damaged == (bad,)
    assert made.gaps == ((after(10), after(20)),)
    assert [number for _, number in pictures] == [*range(50), *range(100, 150)]


# ----- whole or not at all


@pytest.mark.parametrize("name", ["out.mkv", "out", "none/out.mp4", "recordings"])
def test_an_output_that_cannot_be_is_refused(folder: Path, name: str) -> None:
    """Another container, a folder that is not there, a folder."""
    recorded(folder, every(0.2, 10))
    with pytest.raises(OutputRefused):
        export(folder, CAMERA, *EVER, folder.parent / name)
    assert os.listdir(folder.parent) == ["recordings"]


def test_a_full_disk_leaves_the_file_that_was_there(folder: Path) -> None:
    """StorageFull, and nothing half-written."""
    out = folder.parent / "out.mp4"
    out.write_text("before")
    recorded(folder, every(0.2, 100))
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3000, limit[1]))
    try:
        with pytest.raises(StorageFull):
            export(folder, CAMERA, *EVER, out)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, handler)
    assert out.read_text() == "before"
    assert sorted(os.listdir(folder.parent)) == ["out.mp4", "recordings"]


def test_recordings_are_not_touched_by_playing_them(folder: Path) -> None:
    """Same bytes, same modes."""
    recorded(folder, every(0.2, 100), segment_s=10.0)
    before = {path: (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) for path in folder.rglob("*.mp4")}
    played(folder, *EVER)
    assert before == {path: (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) for path in folder.rglob("*.mp4")}
