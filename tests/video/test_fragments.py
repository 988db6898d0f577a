"""A timeline as it is written: what survives, where files begin and end, and what is never written."""

from __future__ import annotations

import contextlib
import errno
import os
import random
import resource
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import av
import numpy as np
import pytest
from covered_clips import CAMERA, NOON, SIZE, bare, covered, number_in, recorded, shown, shows_a_face
from video_clips import covered_of, frame_of

from beholden.model.errors import CameraUnknown, OutputRefused, StorageFull
from beholden.model.ids import CameraId
from beholden.video.recordings.fragments import TimelineWriter
from beholden.video.recordings.playback import export
from beholden.video.recordings.timeline import Piece, pieces

EVER = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def every(seconds: float, count: int, start: datetime = NOON) -> list[datetime]:
    return [start + timedelta(seconds=seconds * number) for number in range(count)]


def all_pieces(folder: Path, camera: CameraId = CAMERA) -> list[Piece]:
    return pieces(folder, camera, *EVER)


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder / CAMERA)) for path in folder.rglob("*.mp4"))


def decoded(path: Path) -> list[tuple[float, np.ndarray]]:
    """(seconds, pixels) of what a player shows of a file, torn or not."""
    found: list[tuple[float, np.ndarray]] = []
    with av.open(str(path)) as container, contextlib.suppress(av.error.FFmpegError):  # the tear
        found.extend((frame.time, frame.to_ndarray(format="bgr24")) for frame in container.decode(video=0))
    return found


def packets(path: Path) -> list[tuple[float, bool]]:
    with av.open(str(path)) as container:
        return [(float(p.pts * p.time_base), p.is_keyframe) for p in container.demux(video=0) if p.size]


# ----- what is written


def test_a_timeline_is_kept_and_covered(tmp_path: Path) -> None:
    """Every picture is there, in order, with its number, and no face."""
    recorded(tmp_path, every(0.2, 40))
    (piece,) = all_pieces(tmp_path)
    assert piece.pictures == 40
    assert [number for _, number in shown(piece.path)] == list(range(40))


def test_the_check_for_faces_finds_a_planted_one() -> None:
    """What finds nothing above does find a face that nobody covered."""
    assert shows_a_face(bare(3))
    assert not shows_a_face(covered(3).pixels)
    assert number_in(covered(2741).pixels) == 2741


@pytest.mark.parametrize("thing", [frame_of(bare(0)), bare(0), None, "picture"])
def test_only_covered_pictures_are_taken(tmp_path: Path, thing: object) -> None:
    """A Frame or an array is refused, and nothing is made."""
    with pytest.raises(TypeError, match="CoveredFrame"):
        TimelineWriter(tmp_path / "r", CAMERA).write(thing, NOON)
    assert not (tmp_path / "r").exists()


def test_a_moment_without_a_zone_is_refused(tmp_path: Path) -> None:
    """Nobody knows when that was."""
    with pytest.raises(ValueError, match="time zone"):
        TimelineWriter(tmp_path, CAMERA).write(covered(0), NOON.replace(tzinfo=None))


def test_files_are_for_this_account_alone(tmp_path: Path) -> None:
    """Folders 0700, files 0600, whatever the umask allows."""
    before = os.umask(0)
    try:
        recorded(tmp_path / "r", every(0.2, 5))
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in [tmp_path / "r", *(tmp_path / "r").rglob("*")]}
    assert modes == {"r": 0o700, "door": 0o700, "2026-05-04": 0o700, "12-00-00.000Z.mp4": 0o600}


def test_the_moment_of_each_picture_can_be_told(tmp_path: Path) -> None:
    """Uneven times: the name of the file and the time in it give each moment to the millisecond."""
    gaps = [0.2, 0.35, 0.04, 1.9, 0.2, 0.001, 0.6]
    moments = [NOON + timedelta(seconds=0.1237 + sum(gaps[:n])) for n in range(len(gaps) + 1)]
    recorded(tmp_path, moments)
    (piece,) = all_pieces(tmp_path)
    for (time_s, _), moment in zip(packets(piece.path), moments, strict=True):
        assert abs(piece.start + timedelta(seconds=time_s) - moment) <= timedelta(milliseconds=1.01)


def test_a_player_can_begin_every_two_seconds(tmp_path: Path) -> None:
    """Keyframes are never further apart, at a steady rate and at an uneven one."""
    times = np.cumsum(np.random.default_rng(1).uniform(0.05, 0.6, 150))
    recorded(tmp_path, [NOON + timedelta(seconds=float(t)) for t in times], segment_s=600.0)
    (piece,) = all_pieces(tmp_path)
    keys = [time_s for time_s, key in packets(piece.path) if key]
    assert max(np.diff(keys)) <= 2.0 + 0.6


def test_a_rehearsal_says_so_in_every_picture(tmp_path: Path) -> None:
    """The stamp stands in the lower left corner, and nowhere else."""
    films = []
    for stamp in (None, "REHEARSAL"):
        with TimelineWriter(tmp_path / str(stamp), CAMERA, crf=1, stamp=stamp) as writer:
            for number in range(3):
                writer.write(covered_of(np.full((240, 320, 3), 150, np.uint8)), NOON + timedelta(seconds=number / 5))
        films.append(decoded(all_pieces(tmp_path / str(stamp))[0].path))
    for (_, plain), (_, marked) in zip(*films, strict=True):
        difference = np.abs(plain.astype(int) - marked.astype(int)).max(axis=2)
        assert difference[-12:, :60].max() > 60
        assert difference[:-24].max() < 40


@pytest.mark.parametrize("codec", ["libx264", "libvpx-vp9", "libsvtav1"])
def test_every_encoder_writes_as_it_goes(tmp_path: Path, codec: str) -> None:
    """Nothing waits inside the encoder for longer than a second and a picture."""
    writer = TimelineWriter(tmp_path, CAMERA, codec=codec)
    for number, moment in enumerate(every(0.2, 17)):
        writer.write(covered(number), moment)
    (piece,) = all_pieces(tmp_path)  # while it is being written
    assert piece.pictures >= 10
    writer.close()
    (piece,) = all_pieces(tmp_path)
    assert [number for _, number in shown(piece.path)] == list(range(17))


# ----- where a file ends and another begins


def test_files_begin_at_boundaries_of_wall_time(tmp_path: Path) -> None:
    """Every ten seconds of UTC, wherever the recording began, without a picture lost between them."""
    recorded(tmp_path, every(0.2, 125, NOON + timedelta(seconds=7)), segment_s=10.0)
    assert names(tmp_path) == [f"2026-05-04/12-00-{s}.000Z.mp4" for s in ("07", "10", "20", "30")]
    assert [piece.pictures for piece in all_pieces(tmp_path)] == [15, 50, 50, 10]


def test_a_day_has_its_own_folder(tmp_path: Path) -> None:
    """At midnight UTC, also when no other boundary falls there; times of any zone."""
    zone = timezone(timedelta(hours=5, minutes=30))
    start = datetime(2026, 5, 5, 5, 29, 58, tzinfo=zone)
    recorded(tmp_path, every(0.2, 20, start), segment_s=7.0)
    assert names(tmp_path)[-1] == "2026-05-05/00-00-00.000Z.mp4"
    assert names(tmp_path)[0] == "2026-05-04/23-59-58.000Z.mp4"


def test_a_gap_begins_a_new_file(tmp_path: Path) -> None:
    """Two seconds without a picture are one file, more are two: a player never shows a still for the gap."""
    moments = [NOON, NOON + timedelta(seconds=2), NOON + timedelta(seconds=4.1)]
    recorded(tmp_path, moments)
    assert [piece.pictures for piece in all_pieces(tmp_path)] == [2, 1]


def test_another_size_begins_a_new_file(tmp_path: Path) -> None:
    """A camera that changed its resolution."""
    with TimelineWriter(tmp_path, CAMERA) as writer:
        for number, moment in enumerate(every(0.2, 10)):
            writer.write(covered(number, SIZE if number < 5 else (200, 120)), moment)
    first, second = all_pieces(tmp_path)
    assert (first.pictures, second.pictures) == (5, 5)
    assert decoded(second.path)[0][1].shape == (120, 200, 3)


def test_a_clock_that_is_set_back_writes_over_nothing(tmp_path: Path) -> None:
    """The same minute twice: the second recording of it has names of its own."""
    recorded(tmp_path, every(0.2, 20))
    recorded(tmp_path, every(0.2, 20), first=20)
    assert names(tmp_path) == ["2026-05-04/12-00-00.000Z-1.mp4", "2026-05-04/12-00-00.000Z.mp4"]
    assert sorted(n for piece in all_pieces(tmp_path) for _, n in shown(piece.path)) == list(range(40))


def test_a_clock_that_goes_back_in_one_run_begins_a_new_file(tmp_path: Path) -> None:
    """An hour back, as when somebody corrects the camera's clock."""
    recorded(tmp_path, [*every(0.2, 10), *every(0.2, 10, NOON - timedelta(hours=1))])
    assert names(tmp_path) == ["2026-05-04/11-00-00.000Z.mp4", "2026-05-04/12-00-00.000Z.mp4"]


def test_a_small_correction_of_the_clock_changes_nothing(tmp_path: Path) -> None:
    """Drift is corrected by a few milliseconds back: the pictures follow each other in one file."""
    moments = every(0.2, 10)
    moments[5] = moments[4] - timedelta(milliseconds=30)
    recorded(tmp_path, moments)
    (piece,) = all_pieces(tmp_path)
    times = [time_s for time_s, _ in packets(piece.path)]
    assert times == sorted(set(times))
    assert len(times) == 10


def test_a_closed_timeline_goes_on_in_another_file(tmp_path: Path) -> None:
    """`close` is what is done while a camera is lost."""
    writer = TimelineWriter(tmp_path, CAMERA)
    writer.write(covered(0), NOON)
    assert writer.path is not None
    writer.close()
    assert writer.path is None
    writer.write(covered(1), NOON + timedelta(seconds=1))
    writer.close()
    writer.close()
    assert [piece.pictures for piece in all_pieces(tmp_path)] == [1, 1]
    assert writer.written == 2


# ----- what cannot be


@pytest.mark.parametrize("name", ["..", "../door", "a/b", "", ".door", "door\0", "x" * 65, "dör"])
def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    """Before anything is made."""
    with pytest.raises(CameraUnknown):
        TimelineWriter(tmp_path / "r", CameraId(name))
    assert os.listdir(tmp_path) == []


def test_an_unknown_encoder_and_an_endless_file_are_refused(tmp_path: Path) -> None:
    """Both before anything is made."""
    with pytest.raises(OutputRefused, match="libnothing"):
        TimelineWriter(tmp_path, CAMERA, codec="libnothing")
    with pytest.raises(ValueError, match="seconds"):
        TimelineWriter(tmp_path, CAMERA, segment_s=3600.0)


@pytest.fixture
def disk() -> Iterator[object]:
    """`disk(n)`: files of this process may not pass n bytes (EFBIG, as of a full disk); None: there is room again."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (before[0] if size is None else size, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


def noisy(number: int) -> object:
    return covered_of(np.random.default_rng(number).integers(0, 255, (96, 160, 3), dtype=np.uint8))


def record_noise(folder: Path, count: int) -> None:
    writer = TimelineWriter(folder, CAMERA)
    for number, moment in enumerate(every(0.2, count)):
        writer.write(noisy(number), moment)


def test_a_full_disk_is_told_once_a_file_and_tried_again(tmp_path: Path, disk) -> None:
    """StorageFull once in each ten seconds; when there is room, the next ten are recorded, and nothing is torn."""
    told: list[datetime] = []
    writer = TimelineWriter(tmp_path, CAMERA, segment_s=10.0)
    for number, moment in enumerate(every(0.2, 200)):
        disk(None if moment >= NOON + timedelta(seconds=25) else 60_000)
        try:
            writer.write(noisy(number), moment)
        except StorageFull:
            told.append(moment)
    writer.close()
    assert [moment.second // 10 for moment in told] == [0, 1, 2]
    assert writer.written + writer.lost == 200
    found = all_pieces(tmp_path)
    assert [piece.start.second for piece in found] == [0, 10, 20, 30]
    assert found[3].pictures == 50
    for piece in found:  # what came before the disk was full is there
        assert len(decoded(piece.path)) >= piece.pictures >= 5


def test_a_file_in_which_nothing_is_whole_is_not_left(tmp_path: Path, disk) -> None:
    """A disk without room for one picture."""
    disk(300)
    with pytest.raises(StorageFull):
        record_noise(tmp_path, 20)
    assert names(tmp_path) == []


def test_the_last_second_that_does_not_fit_is_told_at_the_end(tmp_path: Path, disk) -> None:
    """`close` raises it; what came before is there."""
    writer = TimelineWriter(tmp_path, CAMERA)
    for number, moment in enumerate(every(0.2, 8)):
        writer.write(noisy(number), moment)
    disk(os.stat(writer.path).st_size)
    with pytest.raises(StorageFull):
        writer.close()
    assert all_pieces(tmp_path)[0].pictures == 5


def test_a_folder_that_may_not_be_written_is_told_once(tmp_path: Path) -> None:
    """OutputRefused, then quiet until the next file. Root may write everywhere, so it becomes nobody for a moment."""
    tmp_path.chmod(0o500)
    me = os.geteuid()
    writer = TimelineWriter(tmp_path / "r", CAMERA)
    try:
        if me == 0:
            os.seteuid(65534)
        with pytest.raises(OutputRefused, match="Permission"):
            writer.write(covered(0), NOON)
        writer.write(covered(1), NOON + timedelta(seconds=1))
    finally:
        os.seteuid(me)
        tmp_path.chmod(0o700)
    assert (writer.written, writer.lost) == (0, 2)


def test_an_error_of_the_disk_names_the_file_and_what_to_do(tmp_path: Path, disk) -> None:
    """No word of FFmpeg in it."""
    disk(300)
    with pytest.raises(StorageFull) as raised:
        record_noise(tmp_path, 20)
    assert "12-00-00" in raised.value.one_line()
    assert "Free some space" in raised.value.one_line()
    assert os.strerror(errno.EFBIG) not in raised.value.one_line()


# ----- kill -9


def killed_recordings(folder: Path, count: int, seed: int) -> list[tuple[Path, list[tuple[int, datetime]]]]:
    """`count` processes that record, each killed at a random moment: folders, and what was said to be written."""
    rng = random.Random(seed)
    script = Path(__file__).with_name("covered_clips.py")
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    running = []
    for number in range(count):
        home = folder / str(number)
        child = subprocess.Popen([sys.executable, script, home], stdout=subprocess.PIPE, env=env, text=True)
        running.append((child, home, rng.uniform(0.05, 4.5)))
    ended = []
    for child, home, after in running:
        first = child.stdout.readline()
        time.sleep(after if not ended else rng.uniform(0.0, 0.4))  # the others have been recording meanwhile
        child.kill()
        said = [first, *child.stdout.read().splitlines()]
        child.stdout.close()
        assert child.wait() == -signal.SIGKILL
        lines = [line.split() for line in said if len(line.split()) == 2]
        ended.append((home, [(int(n), datetime.fromisoformat(at)) for n, at in lines]))
    return ended


def test_what_was_recorded_survives_kill_9(tmp_path: Path) -> None:
    """At eight random moments: all but the last two seconds can be played, and nobody is uncovered."""
    for number, (home, said) in enumerate(killed_recordings(tmp_path, 8, seed=5)):
        assert said, "nothing was recorded"
        found = all_pieces(home)
        numbers = [n for piece in found for n in played(piece)]
        assert numbers == list(range(len(numbers))), "in order, none missing, none twice"
        needed = [n for n, at in said if at < said[-1][1] - timedelta(seconds=2)]
        assert len(numbers) >= len(needed)
        if found:
            out = tmp_path / f"{number}.mp4"
            assert export(home, CAMERA, *EVER, out).pictures == len(numbers)
            assert [n for _, n in shown(out)] == numbers


def played(piece: Piece) -> list[int]:
    """The numbers that a player shows of one file; each picture up to the tear decodes, and is covered."""
    pictures = decoded(piece.path)
    assert len(pictures) >= piece.pictures
    assert not any(shows_a_face(pixels) for _, pixels in pictures)
    return [number_in(pixels) for _, pixels in pictures[: piece.pictures]]
