"""The time by which lives of grants are decided: in memory at each beat, kept each minute and when the clock jumps."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from beholden.acts.office import Office
from beholden.acts.store import Store
from beholden.acts.store_life import Counted
from beholden.consent.known_time import MOST_WRONG, KnownTime, known_from, seen
from beholden.model.errors import DataFolderError
from beholden.model.event import TimeDoubted, TimeTrusted

KEEP_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Clocks:
    """What a machine has: a clock that can be set (aware UTC), a count of microseconds that nobody can set, sleep
    included, since its `boot` (None where it has none), and whether somebody who knows stands behind the clock now."""

    reading: Callable[[], datetime]
    count_us: Callable[[], int | None]
    boot: str | None
    trusted: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class TimeNow:
    """For people: `now` is None in doubt, `latest` what has certainly come, `trusted` whether somebody who knows
    stands behind the clock, which says `reading`."""

    now: datetime | None
    latest: datetime
    reading: datetime
    trusted: bool


class KeptTime:
    """What is known of the time in a folder that is kept. Safe for several threads."""

    def __init__(self, store: Store, clocks: Clocks) -> None:
        """Goes on from what was kept. Raises DataFolderError."""
        self._clocks = clocks
        self._lock = threading.Lock()
        kept, reading = store.known_time(), clocks.reading()
        self._counted = clocks.count_us()
        self._kept: Counted | None = kept
        self._told = True if kept is None else kept.known.certain
        if kept is None:
            self._known = known_from(reading)
            return
        passed: timedelta | None = None
        if kept.boot is not None and kept.boot == clocks.boot:
            passed = _passed(kept.counted_us, self._counted)
        self._known = seen(kept.known, reading, passed, trusted=clocks.trusted())

    @property
    def now(self) -> datetime | None:
        """By which everything is decided; None while the time is in doubt."""
        return self._known.now

    @property
    def latest(self) -> datetime:
        return self._known.latest

    def beat(self) -> None:
        """Look at the clock. Cheap: nothing is written."""
        with self._lock:
            count, reading = self._clocks.count_us(), self._clocks.reading()
            passed = _passed(self._counted, count)
            self._counted = count
            self._known = seen(self._known, reading, passed, trusted=self._clocks.trusted())

    def told(self) -> TimeNow:
        """For people."""
        known = self._known
        return TimeNow(known.now, known.latest, self._clocks.reading(), self._clocks.trusted())

    def keep(self, office: Office) -> bool:
        """Keep it, if a minute passed since, or the clock jumped; whether it was. A doubt is logged when it begins and
        ends. Raises LogUnavailable, DataFolderError."""
        with self._lock:
            known, counted = self._known, self._counted
        if not self._to_be_kept(known):
            return False
        if known.certain is not self._told:
            office.journal.record([self._event(office, known)])
            self._told = known.certain
        self._put(office, known, counted)
        return True

    def trust(self, office: Office) -> None:
        """Somebody looked at a watch: the clock is right. Logged first."""
        office.journal.record([TimeTrusted(at=office.clock(), by="operator")])
        with self._lock:
            self._known = seen(self._known, self._clocks.reading(), trusted=True)
            self._counted, self._told = self._clocks.count_us(), True
            known, counted = self._known, self._counted
        self._put(office, known, counted)

    def _to_be_kept(self, known: KnownTime) -> bool:
        kept = self._kept
        if kept is None or known.certain is not kept.known.certain:
            return True
        return known.sure - kept.known.sure >= KEEP_EVERY or abs(known.latest - kept.known.latest) >= MOST_WRONG

    def _event(self, office: Office, known: KnownTime) -> TimeDoubted | TimeTrusted:
        if known.certain:
            return TimeTrusted(at=office.clock(), by="kernel" if self._clocks.trusted() else "clock")
        return TimeDoubted(at=office.clock(), latest=known.latest, sure=known.sure)

    def _put(self, office: Office, known: KnownTime, counted: int | None) -> None:
        kept = Counted(known, self._clocks.boot, counted)
        office.store.put_known_time(kept)
        self._kept = kept


def keep(office: Office) -> bool:
    """Keep what is known of the time, if there is a reason to; whether it was. To be called every few seconds."""
    return isinstance(office.time, KeptTime) and office.time.keep(office)


def beat(office: Office) -> None:
    """Look at the clock: to be called several times a second."""
    if isinstance(office.time, KeptTime):
        office.time.beat()


def trust(office: Office) -> TimeNow:
    """An operator says that the clock is right now, in a folder that is kept. Raises LogUnavailable: then nothing
    happened; DataFolderError."""
    if not isinstance(office.time, KeptTime):
        raise DataFolderError("the time of this folder is not kept here")
    with office.journal.acting():
        office.time.trust(office)
    return office.time.told()


def time_now(office: Office) -> TimeNow:
    """What is known of the time."""
    if isinstance(office.time, KeptTime):
        return office.time.told()
    return TimeNow(office.time.now, office.time.latest, office.clock(), trusted=True)


def _passed(before: int | None, now: int | None) -> timedelta | None:
    return None if before is None or now is None or now < before else timedelta(microseconds=now - before)
