"""Where recordings lie, and what of them is there: read from names and boxes, whatever state the files are in."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from covered_clips import CAMERA, NOON, covered, recorded
from hypothesis import given, settings
from hypothesis import strategies as st
from video_clips import noise, write_clip

from beholden.model.errors import CameraUnknown
from beholden.model.ids import CameraId
from beholden.video.recordings.fragments import TimelineWriter
from beholden.video.recordings.timeline import (
    Piece,
    cameras_in,
    days_of,
    file_for,
    files_of,
    joined,
    measured,
    pieces,
    spans,
    start_of,
)

DAY = timedelta(days=1)


def every(seconds: float, count: int, start: datetime = NOON) -> list[datetime]:
    return [start + timedelta(seconds=seconds * number) for number in range(count)]


def between(*found: tuple[float, float]) -> list[tuple[float, float]]:
    return [(NOON + timedelta(seconds=a), NOON + timedelta(seconds=b)) for a, b in found]


def times(folder: Path, start: datetime = NOON - DAY, end: datetime = NOON + DAY) -> list[tuple[datetime, datetime]]:
    return [(span.start, span.end) for span in spans(folder, CAMERA, start, end)]


# ----- names


@given(
    st.integers(86_400_000, 7_000_000_000_000).map(lambda milli: datetime.fromtimestamp(milli / 1000 + 0.0004, UTC)),
    st.integers(-14, 14),
    st.integers(0, 99),
)
def test_a_name_tells_the_moment(moment: datetime, hours: int, attempt: int) -> None:
    """Any zone, to the millisecond, with or without a number behind it."""
    path = file_for(Path("/r"), CAMERA, moment.astimezone(timezone(timedelta(hours=hours))), attempt)
    assert start_of(path) == moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    assert path.parent.parent == Path("/r") / CAMERA


@pytest.mark.parametrize(
    "name",
    [
        "2026-05-04/12-00-00.mp4",
        "2026-05-04/12-00-00.000.mp4",
        "2026-05-04/25-00-00.000Z.mp4",
        "2026-02-30/12-00-00.000Z.mp4",
        "today/12-00-00.000Z.mp4",
        "2026-05-04/12-00-00.000Z.mp4.part",
        "2026-05-04/.12-00-00.000Z.mp4",
        "2026-05-04/12-00-00.000Z-1000.mp4",
        "2026-05-04/１2-00-00.000Z.mp4",
    ],
)
def test_other_names_are_not_ours(name: str) -> None:
    """A day that is none, another suffix, digits of another script."""
    assert start_of(Path("/r/door") / name) is None


def test_files_of_one_moment_come_as_they_were_made(tmp_path: Path) -> None:
    """The number behind a name counts."""
    for number in range(12):
        recorded(tmp_path, [NOON], first=number)
    assert [file.path for file in files_of(days_of(tmp_path, CAMERA)[0])] == [
        file_for(tmp_path, CAMERA, NOON, attempt) for attempt in range(12)
    ]


@pytest.mark.parametrize("name", ["..", ".", "../..", "door/..", "/etc", "", ".git", "a b", "x" * 65, "a\0b", "a\n"])
def test_a_camera_name_never_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    """For reading as for writing."""
    for ask in (
        lambda: spans(tmp_path, CameraId(name), NOON, NOON + DAY),
        lambda: pieces(tmp_path, CameraId(name), NOON, NOON + DAY),
        lambda: days_of(tmp_path, CameraId(name)),
        lambda: file_for(tmp_path, CameraId(name), NOON),
    ):
        with pytest.raises(CameraUnknown):
            ask()


# ----- what is there


def test_spans_join_files_and_leave_gaps_out(tmp_path: Path) -> None:
    """Three files without a gap are one span; a pause of a minute makes two."""
    recorded(tmp_path, [*every(0.2, 60), *every(0.2, 10, NOON + timedelta(seconds=72))], segment_s=5.0)
    assert times(tmp_path) == between((0, 12), (72, 74))
    first, second = spans(tmp_path, CAMERA, NOON - DAY, NOON + DAY)
    assert [len(first.paths), len(second.paths)] == [3, 1]


def test_a_span_is_cut_to_what_was_asked_for(tmp_path: Path) -> None:
    """Between two moments inside a file, and over its ends."""
    recorded(tmp_path, every(0.2, 50))
    assert times(tmp_path, NOON + timedelta(seconds=3), NOON + timedelta(seconds=4)) == between((3, 4))
    assert times(tmp_path, NOON + timedelta(seconds=8), NOON + DAY) == between((8, 10))
    assert times(tmp_path, NOON + timedelta(seconds=10), NOON + DAY) == []
    assert times(tmp_path, NOON - DAY, NOON) == []


def test_a_recording_over_midnight_is_one_span(tmp_path: Path) -> None:
    """Two folders, no gap."""
    start = datetime(2026, 5, 4, 23, 59, 58, tzinfo=UTC)
    recorded(tmp_path, every(0.2, 20, start))
    assert [day.name for day in days_of(tmp_path, CAMERA)] == ["2026-05-04", "2026-05-05"]
    assert times(tmp_path) == [(start, start + timedelta(seconds=4))]


def test_cameras_are_apart(tmp_path: Path) -> None:
    """What one camera recorded is not the other's."""
    recorded(tmp_path, every(0.2, 10))
    recorded(tmp_path, every(0.2, 10, NOON + DAY), camera=CameraId("gate.2"))
    assert cameras_in(tmp_path) == ["door", "gate.2"]
    assert times(tmp_path, NOON, NOON + 2 * DAY) == between((0, 2))


def test_a_file_that_is_being_written_counts_up_to_its_last_fragment(tmp_path: Path) -> None:
    """Nothing is held back until it is closed."""
    writer = TimelineWriter(tmp_path, CAMERA)
    for number, moment in enumerate(every(0.2, 14)):
        writer.write(covered(number), moment)
    assert times(tmp_path) == between((0, 2))
    writer.close()
    assert times(tmp_path) == between((0, 2.8))


def test_overlapping_files_are_one_span() -> None:
    """A clock that was set back: the time was recorded, twice or not."""
    parts = [
        Piece(Path(name), NOON + timedelta(seconds=a), NOON + timedelta(seconds=b), 1, 1)
        for name, a, b in (("a", 0, 60), ("b", 30, 40), ("c", 61, 62))
    ]
    (span,) = joined(parts, NOON, NOON + DAY)
    assert (span.end - span.start).total_seconds() == 62
    assert [path.name for path in span.paths] == ["a", "b", "c"]


def test_nothing_recorded_is_no_error(tmp_path: Path) -> None:
    """No folder, an empty one, a file in its place."""
    (tmp_path / "file").write_text("x")
    for folder in (tmp_path / "none", tmp_path, tmp_path / "file"):
        assert times(folder) == []
        assert cameras_in(folder) == []


@pytest.mark.parametrize("edge", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_all_of_time_can_be_asked_for(tmp_path: Path, edge: datetime) -> None:
    """From the first moment there is to the last."""
    recorded(tmp_path, every(0.2, 5))
    ends = sorted([NOON + timedelta(seconds=0.5), edge])
    assert len(times(tmp_path, *ends)) == 1


# ----- files in any state


def test_a_file_torn_anywhere_counts_up_to_the_tear(tmp_path: Path) -> None:
    """Cut at every seventh byte: pictures only ever come in whole fragments, and never more than before."""
    recorded(tmp_path, every(0.2, 12))
    (piece,) = pieces(tmp_path, CAMERA, NOON - DAY, NOON + DAY)
    counts = []
    for size in range(piece.path.stat().st_size, 0, -7):
        os.truncate(piece.path, size)
        torn = measured(piece.path, NOON)
        counts.append(torn.pictures if torn else 0)
        assert torn is None or (torn.whole <= size and torn.end == NOON + timedelta(seconds=torn.pictures * 0.2))
    assert counts == sorted(counts, reverse=True)
    assert set(counts) == {12, 10, 5, 0}


@settings(max_examples=150)
@given(data=st.data())
def test_damage_is_no_error(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Any bytes changed: either something sensible is read, or nothing."""
    folder = tmp_path_factory.getbasetemp() / "damaged"
    path = file_for(folder, CAMERA, NOON)
    whole = _small_file(tmp_path_factory)
    damaged = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(whole) - 5))
        damaged[at : at + 4] = data.draw(st.binary(min_size=4, max_size=4))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(damaged)
    piece = measured(path, NOON)
    assert piece is None or (piece.whole <= len(whole) and piece.end >= piece.start)
    spans(folder, CAMERA, NOON - DAY, NOON + DAY)


def _small_file(factory: pytest.TempPathFactory) -> bytes:
    folder = factory.getbasetemp() / "whole"
    if not folder.exists():
        recorded(folder, every(0.2, 12))
    return file_for(folder, CAMERA, NOON).read_bytes()


def test_other_files_are_not_ours(tmp_path: Path) -> None:
    """A video that somebody put there under a name of ours, a link, a folder: none is a recording."""
    recorded(tmp_path / "other", every(0.2, 5))
    (real,) = pieces(tmp_path / "other", CAMERA, NOON - DAY, NOON + DAY)
    foreign = file_for(tmp_path, CAMERA, NOON)
    foreign.parent.mkdir(parents=True)
    write_clip(foreign, [noise(160, 96)] * 10, muxing={"movflags": "+empty_moov+frag_keyframe+default_base_moof"})
    file_for(tmp_path, CAMERA, NOON, 1).symlink_to(real.path)
    file_for(tmp_path, CAMERA, NOON, 2).mkdir()
    os.mkfifo(file_for(tmp_path, CAMERA, NOON, 3))
    assert times(tmp_path) == []
    assert len(files_of(foreign.parent)) == 1
    foreign.unlink()
    real.path.rename(foreign)  # planted: the same place with a file of ours
    assert times(tmp_path) == between((0, 1))


def test_linked_folders_are_not_followed(tmp_path: Path) -> None:
    """Neither a camera nor a day may lie elsewhere; the folder of all recordings may."""
    recorded(tmp_path / "other", every(0.2, 5))
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / CAMERA).symlink_to(tmp_path / "other" / CAMERA)
    assert times(tmp_path / "r") == []
    assert cameras_in(tmp_path / "r") == []
    (tmp_path / "r" / "gate").mkdir()
    (tmp_path / "r" / "gate" / "2026-05-04").symlink_to(tmp_path / "other" / CAMERA / "2026-05-04")
    assert days_of(tmp_path / "r", CameraId("gate")) == []
    (tmp_path / "all").symlink_to(tmp_path / "other")
    assert times(tmp_path / "all") == between((0, 1))
