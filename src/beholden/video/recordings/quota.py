"""How much of the timelines is kept: by size and by age, oldest first, over all cameras together.

The choice is pure (`surplus`); `Sweeper` looks, asks and deletes. Files that are not ours by their names
are neither counted nor touched, nor is a file that is being written.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from beholden.video.recordings.timeline import LONGEST, cameras_in, days_of, files_of, open_piece


@dataclass(frozen=True, slots=True)
class Quota:
    """What may be kept: bytes of all cameras together, and age. None: no limit."""

    most_bytes: int | None = None
    longest: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A file of the timelines: when its first picture was taken (UTC), its bytes, and whether it is being written."""

    path: Path
    start: datetime
    size: int
    being_written: bool = False


@dataclass(frozen=True, slots=True)
class Swept:
    """What was deleted, what is left (bytes), and how many files could not be deleted though they should be."""

    files: int
    freed: int
    left: int
    stuck: int = 0


def surplus(kept: Iterable[Kept], quota: Quota, now: datetime) -> list[Kept]:
    """Which files go, oldest first, so that the rest keeps the quota. What is being written counts, and stays."""
    files = list(kept)
    total = sum(file.size for file in files)
    since = None if quota.longest is None else now - quota.longest
    if (quota.most_bytes is None or total <= quota.most_bytes) and (
        since is None or all(file.start >= since for file in files)
    ):
        return []  # nearly always: nothing needs to be put in order
    files.sort(key=lambda file: (file.start, file.path))
    going: list[Kept] = []
    for file in files:
        too_old = since is not None and file.start < since
        too_much = quota.most_bytes is not None and total > quota.most_bytes
        if not (too_old or too_much):
            break  # all that follow are younger
        if not file.being_written:
            going.append(file)
            total -= file.size
    return going


class Sweeper:
    """Deletes what is past the quota from `folder`, the timelines of all cameras. Several may run at once.

    Days that are over are remembered while their folders do not change, so that a sweep costs little: past days
    are not looked through again.
    """

    def __init__(self, folder: Path, quota: Quota) -> None:
        self._folder, self._quota = folder, quota
        self._past: dict[Path, tuple[int, list[Kept]]] = {}

    def sweep(self, now: datetime) -> Swept:
        """Look, and delete what is past the quota at `now` (aware). Raises nothing: what will not go is counted."""
        kept = self._kept(now)
        total = sum(file.size for file in kept)
        freed = gone = stuck = 0
        days: set[Path] = set()
        for file in surplus(kept, self._quota, now):
            if _is_being_written(file.path):
                continue
            try:
                file.path.unlink(missing_ok=True)
            except OSError:
                stuck += 1
                continue
            freed, gone = freed + file.size, gone + 1
            days.add(file.path.parent)
        for day in days:
            with contextlib.suppress(OSError):  # it stays as long as there is something in it
                day.rmdir()
        return Swept(gone, freed, total - freed, stuck)

    def _kept(self, now: datetime) -> list[Kept]:
        days = [day for camera in cameras_in(self._folder) for day in days_of(self._folder, camera)]
        self._past = {day: self._past[day] for day in days if day in self._past}
        found: list[Kept] = []
        for day in days:
            found += self._of(day, now)
        return found

    def _of(self, day: Path, now: datetime) -> list[Kept]:
        """The files of one day, remembered when it has been over for long enough that none is being written."""
        try:
            changed = day.stat().st_mtime_ns
        except OSError:
            return []
        if day in self._past and self._past[day][0] == changed:
            return self._past[day][1]
        files = _files(day, now)
        over = f"{now - timedelta(days=1) - 2 * LONGEST:%Y-%m-%d}" >= day.name
        if over and not any(file.being_written for file in files):
            self._past[day] = changed, files
        return files


def _files(day: Path, now: datetime) -> list[Kept]:
    files: list[Kept] = []
    for stored in files_of(day):
        with contextlib.suppress(OSError):  # deleted in the meantime
            status = stored.path.lstat()
            fresh = now.timestamp() - status.st_mtime < 2 * LONGEST.total_seconds()
            size = status.st_size
            files.append(Kept(stored.path, stored.start, size, fresh and _is_being_written(stored.path)))
    return files


def _is_being_written(path: Path) -> bool:
    """Whether some process holds the lock that the writer holds while it writes."""
    try:
        fd = open_piece(path)
    except OSError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(fd)
    return False
