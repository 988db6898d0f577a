"""Facts of presence reach the public log once an hour, and for each place as many leaves as always, busy or not.

Whoever reads the public log counts its leaves. If each sighting had one at once, they would tell when a place is busy
and a home empty. So a sighting's leaf is durable in a log of its own (`seen/`, never handed out) before anybody is
named; at the full hour the leaves of the hour go into the public log, shuffled among others that are about nobody.

What is published late, because nobody ran at the full hour, is published in as many batches as were missed.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random

from beholden.acts.logged.openings_place import Places
from beholden.acts.store import Opening, Published, Store
from beholden.ledger.leaf import Leaf, hour_of, parse_leaf
from beholden.ledger.log import Log
from beholden.model.errors import LogUnavailable

MOST_HOURS = 24
"""Of more hours without a keeper, only so many get their batch: what waited is in these."""


@dataclass(frozen=True, slots=True)
class Batches:
    """`places` get a batch of `size` leaves each hour; if more happened at one, its batch is doubled until it fits."""

    places: tuple[str, ...] = ()
    size: int = 32


class Hourly:
    """The log of the hour, and its way into the public one. Safe for several threads of the one process that writes."""

    def __init__(
        self,
        store: Store,
        seen: Log,
        public: Log,
        clock: Callable[[], datetime],
        places: Places,
        batches: Batches | None = None,
    ) -> None:
        self._places = places
        self._store, self._seen, self._public, self._clock = store, seen, public, clock
        self._batches = batches or Batches()
        self._lock = threading.RLock()
        self._done: int | None = None
        """The hour that was published last, as far as this process knows."""

    def note(self, leaves: Mapping[bytes, Leaf]) -> dict[bytes, int]:
        """Make leaves durable, by commitment, in the log of the hour; their indexes there, which are not stored yet.

        What is due of earlier hours is published first. Raises LogUnavailable: the leaves may be there all the
        same; DataFolderError.
        """
        with self._lock:
            self.publish_due()
            appended = self._seen.append([leaf.encoded() for leaf in leaves.values()])
            return {commitment: appended.first_index + number for number, commitment in enumerate(leaves)}

    def publish_due(self) -> int:
        """Publish the batch of each full hour since the last; how many. To be called often. Raises as `note`."""
        hour = hour_of(self._clock())
        with self._lock:
            if self._done is not None and hour <= self._done:
                return 0
            done = self._store.published()
            if done is None:  # a new folder, or one of before: its first batch comes with the next hour
                self._store.publish({}, Published(hour, self._public.size()))
                self._done = hour
                return 0
            due = range(max(done.hour, hour - MOST_HOURS) + 1, hour + 1)
            if due:
                self._publish(due, done)
            self._done = max(done.hour, hour)
            return len(due)

    def leaf(self, noted: int) -> bytes:
        """The leaf with this number in the log of the hour. Raises LogUnavailable."""
        return self._seen.leaves(noted, noted + 1)[0]

    def find(self, commitments: Sequence[bytes]) -> dict[bytes, int]:
        """Those that are in the log of the hour, with their indexes. Reads it whole. Raises LogUnavailable."""
        return _indexes(self._seen.leaves() if commitments else (), 0, set(commitments))

    def _publish(self, due: range, done: Published) -> None:
        """One append for all hours that are due, then what is known of it, in one transaction.

        Cut off in between, the leaves are found in the log by the next call. It appends its batches all the same:
        whether anything was in the first ones is nobody's business.
        """
        waiting = [each for each in self._store.waiting() if hour_of(each.created_at) < due[-1]]
        there = self._already(done.size, waiting)
        left = [each for each in waiting if each.commitment not in there]
        made: list[bytes] = []
        for hour in due:
            of_this = [each for each in left if hour_of(each.created_at) < hour]
            left = [each for each in left if hour_of(each.created_at) >= hour]
            made += self._batch(of_this, hour)
        size = self._public.size()
        if made:
            appended = self._public.append(made)
            size = appended.size
            there |= _indexes(made, appended.first_index, {each.commitment for each in waiting})
        missing = [each for each in waiting if each.commitment not in there]
        if missing:
            raise LogUnavailable(f"{len(missing)} leaves of the hour did not reach the log")
        self._store.publish({each.commitment: there[each.commitment] for each in waiting}, Published(due[-1], size))

    def _batch(self, waiting: Sequence[Opening], hour: int) -> list[bytes]:
        """Of one hour: every place's leaves, one place after the other in the order of their names."""
        by_place: dict[str, list[Leaf]] = {place: [] for place in self._batches.places}
        for place, opening in zip(self._places.opened(waiting), waiting, strict=True):
            by_place.setdefault(place, []).append(self._leaf(opening, hour))
        return [leaf for _, leaves in sorted(by_place.items()) for leaf in batch_of(leaves, self._batches.size, hour)]

    def _leaf(self, opening: Opening, hour: int) -> Leaf:
        assert opening.noted is not None
        return replace(parse_leaf(self.leaf(opening.noted)), hour=hour)

    def _already(self, size: int, waiting: Sequence[Opening]) -> dict[bytes, int]:
        """What an append that was cut off, or failed and persisted, has put into the public log since."""
        if not waiting:
            return {}
        return _indexes(self._public.leaves(size), size, {each.commitment for each in waiting})


def batch_of(leaves: Sequence[Leaf], size: int, hour: int, chance: Random | None = None) -> list[bytes]:
    """`size` leaves of one hour in random order, these among them; twice as many, and so on, where they do not fit."""
    while size < len(leaves):
        size *= 2
    others = [
        Leaf(hour, secrets.token_bytes(32), secrets.token_bytes(16), secrets.token_bytes(32))
        for _ in range(size - len(leaves))
    ]
    batch = [*leaves, *others]
    (chance or secrets.SystemRandom()).shuffle(batch)
    return [leaf.encoded() for leaf in batch]


def _indexes(leaves: Sequence[bytes], first: int, wanted: set[bytes]) -> dict[bytes, int]:
    found = ((parse_leaf(leaf).commitment, first + number) for number, leaf in enumerate(leaves))
    return {commitment: index for commitment, index in found if commitment in wanted}
