"""Where acts on people happen: the records, the keys, the journal and the clock, handed to every use case."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from beholden.acts.logged.hourly import Batches, Hourly
from beholden.acts.logged.journal import Journal
from beholden.acts.logged.openings_place import Places
from beholden.acts.store import Store
from beholden.consent.house import House
from beholden.consent.keystore import Keystore
from beholden.ledger.log import Log


class Time(Protocol):
    """What is known of the time (`consent.known_time`)."""

    @property
    def now(self) -> datetime | None:
        """By which everything is decided; None while the time is in doubt."""
        ...

    @property
    def latest(self) -> datetime:
        """By which counts what a person says, also in doubt."""
        ...


class ClockTime:
    """A clock that is believed: where nothing is kept, and in tests."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock

    @property
    def now(self) -> datetime | None:
        return self._clock()

    @property
    def latest(self) -> datetime:
        return self._clock()


@dataclass(frozen=True, slots=True)
class Office:
    """`clock` gives aware UTC, for what is written down; `time` is what lives of grants are decided by."""

    store: Store
    keystore: Keystore
    journal: Journal
    clock: Callable[[], datetime]
    time: Time
    house: House = field(default_factory=House)


def open_office(
    store: Store,
    keystore: Keystore,
    log: Log,
    clock: Callable[[], datetime],
    lock: Callable[[], AbstractContextManager[None]],
    seen: Log,
    batches: Batches | None = None,
) -> Office:
    """An office whose acts take `lock` (re-entrant, over all processes; raises OSError).

    `seen` is the log of the hour, and `batches` says how its leaves get into `log` (`acts.logged.hourly`).
    """
    hourly = Hourly(store, seen, log, clock, Places(keystore), batches)
    return Office(store, keystore, Journal(store, keystore, log, clock, lock, hourly), clock, ClockTime(clock))
