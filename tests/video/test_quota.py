"""What is kept of the timelines: the choice, for any files, and its edge, with real ones."""

from __future__ import annotations

import errno
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from covered_clips import CAMERA, NOON, covered, recorded
from hypothesis import given
from hypothesis import strategies as st

from beholden.model.ids import CameraId
from beholden.video.recordings.fragments import TimelineWriter
from beholden.video.recordings.quota import Kept, Quota, Sweeper, surplus
from beholden.video.recordings.timeline import file_for

DAY = timedelta(days=1)
FILES = st.lists(
    st.builds(
        lambda number, minutes, size, writing: Kept(
            Path(f"cam{number % 3}/{number}"), NOON - timedelta(minutes=minutes), size, writing
        ),
        st.integers(0, 10**9),
        st.integers(-60, 20_000),
        st.integers(0, 1000),
        st.booleans(),
    ),
    max_size=30,
    unique_by=lambda file: file.path,
)
QUOTAS = st.builds(
    Quota,
    st.none() | st.integers(0, 12_000),
    st.none() | st.integers(0, 20_000).map(lambda minutes: timedelta(minutes=minutes)),
)


@given(FILES, QUOTAS)
def test_what_is_left_keeps_the_quota_or_is_being_written(files: list[Kept], quota: Quota) -> None:
    """Size and age, for any files; only what is being written may stay past it."""
    going = surplus(files, quota, NOON)
    left = [file for file in files if file not in going]
    if quota.most_bytes is not None and sum(file.size for file in left) > quota.most_bytes:
        assert all(file.being_written for file in left)
    if quota.longest is not None:
        assert all(file.being_written for file in left if NOON - file.start > quota.longest)


@given(FILES, QUOTAS)
def test_nothing_goes_that_need_not(files: list[Kept], quota: Quota) -> None:
    """With the youngest of those that go kept, the quota would be broken."""
    going = surplus(files, quota, NOON)
    if going:
        last = going[-1]
        left = sum(file.size for file in files) - sum(file.size for file in going) + last.size
        too_much = quota.most_bytes is not None and left > quota.most_bytes
        assert too_much or (quota.longest is not None and NOON - last.start > quota.longest)


@given(FILES, QUOTAS)
def test_the_oldest_goes_first_over_all_cameras(files: list[Kept], quota: Quota) -> None:
    """Whatever stays is younger than whatever goes, except what is being written, which never goes."""
    going = surplus(files, quota, NOON)
    assert [file.start for file in going] == sorted(file.start for file in going)
    assert not any(file.being_written for file in going)
    stay = [file.start for file in files if file not in going and not file.being_written]
    if going and stay:
        assert max(file.start for file in going) <= min(stay)


@given(FILES)
def test_without_limits_nothing_goes(files: list[Kept]) -> None:
    """None is no limit, for both."""
    assert surplus(files, Quota(), NOON) == []


# ----- with files


def stored(folder: Path, camera: str, *ages: timedelta, size: int = 1000, now: datetime = NOON) -> list[Path]:
    paths = []
    for age in ages:
        path = file_for(folder, CameraId(camera), now - age)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(size))
        os.utime(path, ((now - age).timestamp(),) * 2)
        paths.append(path)
    return paths


def left(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*.mp4")}


def test_days_of_several_cameras_are_swept(tmp_path: Path) -> None:
    """What is older than three days goes, of all cameras, with the folders of days in which nothing is left."""
    old = stored(tmp_path, "door", 5 * DAY, 4 * DAY) + stored(tmp_path, "gate", 4 * DAY, 3.5 * DAY)
    young = stored(tmp_path, "door", 2 * DAY, 0 * DAY) + stored(tmp_path, "gate", 2.9 * DAY)
    swept = Sweeper(tmp_path, Quota(longest=3 * DAY)).sweep(NOON)
    assert (swept.files, swept.freed, swept.left, swept.stuck) == (4, 4000, 3000, 0)
    assert all(path.exists() for path in young)
    assert not any(path.parent.exists() for path in old[:1])


def test_the_oldest_files_make_room(tmp_path: Path) -> None:
    """Bytes of all cameras together."""
    stored(tmp_path, "door", *(number * DAY for number in range(5)))
    stored(tmp_path, "gate", *(number * DAY + DAY / 2 for number in range(5)))
    Sweeper(tmp_path, Quota(most_bytes=4500)).sweep(NOON)
    newest = [0, 0.5, 1, 1.5]
    assert left(tmp_path) == {
        str(file_for(Path(), CameraId("gate" if age % 1 else "door"), NOON - age * DAY)) for age in newest
    }


def test_sweeping_again_sees_what_came_since(tmp_path: Path) -> None:
    """Past days are remembered, and looked at again when something changed in them."""
    sweeper = Sweeper(tmp_path, Quota(most_bytes=2500))
    stored(tmp_path, "door", 3 * DAY, 2 * DAY)
    assert sweeper.sweep(NOON).files == 0
    assert sweeper.sweep(NOON).files == 0
    stored(tmp_path, "door", 2.1 * DAY, 0 * DAY)
    assert sweeper.sweep(NOON).files == 2
    assert sweeper.sweep(NOON).left == 2000


def test_files_that_are_not_ours_stay_and_do_not_count(tmp_path: Path) -> None:
    """Notes, other videos, links, and whatever lies where no camera is."""
    stored(tmp_path, "door", 9 * DAY)
    others = [
        *(tmp_path / "door" / name for name in ("notes.txt", "2026-04-25/film.mp4")),
        *(tmp_path / name for name in ("keep.mp4", ".hidden/2026-04-25/12-00-00.000Z.mp4")),
    ]
    for path in others:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(10_000))
    link = file_for(tmp_path, CAMERA, NOON - 8 * DAY)
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(others[0])
    swept = Sweeper(tmp_path, Quota(most_bytes=0, longest=timedelta())).sweep(NOON)
    assert (swept.files, swept.left) == (1, 0)
    assert all(path.exists() for path in others)
    assert link.is_symlink()


def test_a_file_that_is_being_written_stays_and_goes_when_it_is_done(tmp_path: Path) -> None:
    """With no room at all for recordings, the writer still finds its file; the next sweep takes it."""
    now = datetime.now(UTC).replace(second=10)
    writer = TimelineWriter(tmp_path, CAMERA)
    recorded(tmp_path, [now - timedelta(minutes=5)])
    for number in range(20):
        writer.write(covered(number), now + timedelta(seconds=number * 0.2))
    sweeper = Sweeper(tmp_path, Quota(most_bytes=0))
    assert sweeper.sweep(now).files == 1
    assert writer.path is not None
    assert left(tmp_path) == {str(writer.path.relative_to(tmp_path))}
    writer.close()
    assert sweeper.sweep(now).files == 1
    assert left(tmp_path) == set()


def test_a_writer_finds_its_folder_again(tmp_path: Path) -> None:
    """A day that was swept empty while its camera was away."""
    writer = TimelineWriter(tmp_path, CAMERA)
    writer.write(covered(0), NOON)
    writer.close()
    assert Sweeper(tmp_path, Quota(most_bytes=0)).sweep(NOON + DAY).files == 1
    assert not (tmp_path / CAMERA / "2026-05-04").exists()
    writer.write(covered(1), NOON + timedelta(minutes=1))
    writer.close()
    assert len(left(tmp_path)) == 1


def test_what_cannot_be_deleted_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system that was mounted for reading only: nothing is raised, and the answer says so."""
    (path,) = stored(tmp_path, "door", 5 * DAY)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "unlink", refuse)
    swept = Sweeper(tmp_path, Quota(most_bytes=0)).sweep(NOON)
    assert (swept.files, swept.stuck, swept.left) == (0, 1, 1000)
    assert path.exists()


def test_an_empty_folder_is_swept_quietly(tmp_path: Path) -> None:
    """Nothing has been recorded yet."""
    assert Sweeper(tmp_path / "none", Quota(most_bytes=1)).sweep(NOON).left == 0
