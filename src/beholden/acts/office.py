"""Where acts on people happen: the records, the keys, the journal and the clock, handed to every use case."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from beholden.acts.hourly import Batches, Hourly
from beholden.acts.journal import Journal
from beholden.acts.store import Store
from beholden.consent.keystore import Keystore
from beholden.ledger.log import Log


@dataclass(frozen=True, slots=True)
class Office:
    """`clock` gives aware UTC."""

    store: Store
    keystore: Keystore
    journal: Journal
    clock: Callable[[], datetime]


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

    `seen` is the log of the hour, and `batches` says how its leaves get into `log` (`acts.hourly`).
    """
    hourly = Hourly(store, seen, log, clock, batches)
    return Office(store, keystore, Journal(store, keystore, log, clock, lock, hourly), clock)
