"""Log before act (invariant I5): an intent leaf that is durable, then the act, then a result leaf.

The public log holds commitments only; what opens them is kept in storage, sealed under the key of
the person it is about. An opening is stored before its leaf is written, so that no leaf is ever
without one: what becomes of a crash in between, `recover` finds out from the log itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from beholden.acts.logged.hourly import Hourly
from beholden.acts.logged.lines import Line, Lines
from beholden.acts.logged.openings import opening_of, own_salt
from beholden.acts.logged.openings_place import Places
from beholden.acts.own_copy.signer import LogSigner
from beholden.acts.report.tally import Tally
from beholden.acts.store import Opening, Store
from beholden.consent.keystore import Keystore
from beholden.consent.logkeys import tag_key
from beholden.consent.registry import SubjectState
from beholden.ledger.leaf import SALT_SIZE, Month, new_leaf, parse_leaf
from beholden.ledger.log import Log
from beholden.ledger.opened import Entry, Opened
from beholden.model.errors import BeholdenError, DataFolderError, LogUnavailable
from beholden.model.event import ActCompleted, Erased, Event, Forgotten, Withdrawn
from beholden.model.ids import SubjectId

DONE = "done"
INTERRUPTED = "interrupted"
HOUR = timedelta(hours=1)
_FORGET_AFTER = timedelta(hours=1)
"""An opening whose leaf is not in the log by then never will be: its writer is long gone."""


class Journal:
    """Writes facts to the log. `lock` is held while an act is under way, by whichever process acts."""

    def __init__(
        self,
        store: Store,
        keystore: Keystore,
        log: Log,
        clock: Callable[[], datetime],
        lock: Callable[[], AbstractContextManager[None]],
        hourly: Hourly,
    ) -> None:
        self._hourly = hourly
        self.tally = Tally(store)
        self._places = Places(keystore)
        self._lines = Lines(keystore, log, hourly)
        self._store = store
        self._keystore = keystore
        self._log = log
        self._clock = clock
        self._lock = lock
        self._lines = Lines(keystore, log, hourly)

    @contextmanager
    def acting(self) -> Generator[None]:
        """Hold the lock under which acts happen, one at a time over all processes. May be nested."""
        with ExitStack() as stack:
            try:
                stack.enter_context(self._lock())
            except OSError as error:
                raise LogUnavailable(f"the data folder's lock cannot be taken: {error.strerror}") from error
            yield

    def record(self, events: Sequence[Event], about: SubjectId | None = None) -> list[int]:
        """Leaves for `events`, durable on return; their indexes.

        Raises LogUnavailable (the leaves may be in the log all the same), KeyDestroyed, DataFolderError.
        """
        return self._write(events, about, intent=False)

    def intend(self, events: Sequence[Event], about: SubjectId | None = None, *, readable: bool = False) -> list[int]:
        """As `record`; the first event announces an act, which `complete` must follow. Raises the same.

        `readable`: what opens the leaves is not sealed, so that it can be proven when the person's key is gone.
        """
        return self._write(events, about, intent=True, readable=readable)

    def announce(
        self,
        facts: Sequence[tuple[Event, SubjectId, str | None]],
        keys: Mapping[SubjectId, bytes],
        dies_at: Sequence[datetime] | None = None,
    ) -> dict[bytes, int]:
        """Leaves for facts of presence: an event, whom it is about, and the place in whose batch it is published.

        `dies_at`: when the sighting of each goes, and with it what opens its leaf; without, that is kept.
        Durable on return, in the log of the hour (`acts.logged.hourly`). Their indexes there by commitment, which are
        not stored yet: the caller stores them in one transaction with what the facts announce
        (`Store.put_sightings`). Cut off before that, `recover` finds them in the log, and the same fact announced
        again keeps its leaf. Raises LogUnavailable (the leaves may be in the log all the same), DataFolderError.
        """
        moment = self._clock()
        hour = moment.replace(minute=0, second=0, microsecond=0)  # what is kept in clear tells no more
        plain = [
            opening_of(event, hour, about, keys[about], salt=own_salt(event, keys[about])) for event, about, _ in facts
        ]
        places = self._places.sealed(
            [(fact[2] or "", each.commitment) for fact, each in zip(facts, plain, strict=True)]
        )
        ends = dies_at or [None] * len(facts)
        made = {o.commitment: replace(o, place=p, dies_at=d) for o, p, d in zip(plain, places, ends, strict=True)}
        there = self._store.noted_of(tuple(made))
        if None in there.values():  # announced before, and cut off: whether its leaf is there, only the log knows
            self.find_leaves()
            there = self._store.noted_of(tuple(made))
        noted = {commitment: index for commitment, index in there.items() if index is not None}
        new = [opening for commitment, opening in made.items() if commitment not in noted]
        return noted | (self._note(new, moment, keys) if new else {})

    def publish_due(self) -> int:
        """Publish what happened in hours that are over; how many batches. To be called every few seconds.

        Raises LogUnavailable, DataFolderError: then it is done by the next call, or nobody is named any more.
        """
        return self._hourly.publish_due()

    @contextmanager
    def act(self, events: Sequence[Event], about: SubjectId | None = None) -> Generator[list[int]]:
        """The body is the act: it runs only when its leaves are durable, and its result is logged.

        Raises what `record` raises, before the body, and what the body raises.
        """
        with self.acting():
            moment, leaves = self._clock(), self.intend(events, about)
            try:
                yield leaves
            except BeholdenError as error:
                with suppress(BeholdenError):  # what went wrong first is what matters
                    self.complete(leaves[0], type(error).__name__)
                    self.tally.take_back([event.as_dict() for event in events], moment)
                raise
            self.complete(leaves[0])

    def complete(self, intent: int, outcome: str = DONE) -> bool:
        """Log the result of an act. False when the log cannot be written: `recover` will do it.

        The act is done by then, so that it would be wrong to report it as failed.
        """
        self._store.set_outcome(intent, outcome)
        try:
            [leaf] = self.record([self._result(intent, outcome)])
        except LogUnavailable:
            return False
        self._store.set_outcome(intent, outcome, leaf)
        return True

    def receipt(self, leaves: Sequence[int]) -> bytes:
        """What these leaves say and that the log holds them (`ledger.opened`); for leaves that are readable here.

        Raises LogUnavailable, DataFolderError when one of them cannot be opened.
        """
        entries: list[Entry] = []
        for leaf in leaves:
            body = self._readable(leaf)
            if body is None:
                raise DataFolderError(f"there is nothing here that opens leaf {leaf}")
            entries.append(Entry(body[SALT_SIZE:], body[:SALT_SIZE], self._log.receipt(leaf)))
        return Opened(self._log.verifier, tuple(entries)).encoded()

    def recover(self) -> int:
        """Settle what a crash or a failing log left open; how many acts and leaves were settled.

        Leaves that did reach the log are found there; acts without a result get one. A withdrawal under
        way is left to `acts.grants.withdraw.resume`. Raises LogUnavailable, DataFolderError.
        """
        with self.acting():
            found = self.find_leaves()
            under_way = {s.withdrawal for s in self._store.subjects() if s.state is SubjectState.WITHDRAWING}
            return found + self._settle_acts(otherwise=INTERRUPTED, but=under_way)

    def tell_results(self) -> None:
        """Log the results of acts that are known and that the log could not take; acts under way are left alone."""
        with self.acting():
            self._settle_acts(otherwise=None)

    def read(self, about: SubjectId | None = None) -> tuple[Line, ...]:
        """Every leaf that we wrote, opened where its key still exists, and compared with the log.

        `about`: only those sealed for this person; then nobody else's key is used.
        """
        return self._lines.of([o for o in self._store.openings(about) if o.leaf is not None or o.noted is not None])

    def signer(self) -> LogSigner:
        """Who signs what people take away."""
        return LogSigner(self._log)

    def waiting(self) -> tuple[Line, ...]:
        """What happened in this hour and is not public yet, in the order in which it was noted."""
        return self._lines.of(self._store.waiting())

    def first(self) -> Line | None:
        """The first leaf of the folder, which says what it is; None in an empty one."""
        opening = self._store.opening(0)
        return None if opening is None else self._lines.of([opening])[0]

    def _write(
        self, events: Sequence[Event], about: SubjectId | None, *, intent: bool, readable: bool = False
    ) -> list[int]:
        moment = self._clock()
        key = None if about is None else self._keystore.data_key(about)
        sealed_for = None if readable else about
        openings = [
            opening_of(event, moment, sealed_for, key, intent=intent and number == 0)
            for number, event in enumerate(events)
        ]
        leaves = self._append(openings, moment, {} if key is None else {sealed_for: key})
        self.tally.count(zip(leaves.values(), [event.as_dict() for event in events], strict=True), moment)
        self._store.set_leaves(leaves)
        return list(leaves.values())

    def _result(self, intent: int, outcome: str) -> Event:
        """What the result of an act says: of a withdrawal, what was destroyed."""
        body = self._readable(intent)
        announced: dict[str, Any] = {} if body is None else json.loads(body[SALT_SIZE:])
        if outcome == DONE and announced.get("kind") in (Withdrawn.kind, Forgotten.kind):
            return Erased(at=self._clock(), intent=intent, subject=announced["subject"])
        return ActCompleted(at=self._clock(), intent=intent, error=None if outcome == DONE else outcome)

    def _readable(self, leaf: int) -> bytes | None:
        """Salt and event of a leaf that is sealed for nobody."""
        opening = self._store.opening(leaf)
        return None if opening is None or opening.about is not None else opening.body

    def _append(
        self, openings: Sequence[Opening], moment: datetime, keys: Mapping[SubjectId | None, bytes]
    ) -> dict[bytes, int]:
        """What opens them is stored first, so that no leaf is ever without it; their indexes by commitment.

        `keys`: whose data key tags the leaves, by whom they are sealed for.
        """
        self._store.add_openings(openings)
        month = Month.of(moment)
        tags = {about: tag_key(key, month) for about, key in keys.items()}
        appended = self._log.append(
            [new_leaf(opening.commitment, moment, tags.get(opening.about)).encoded() for opening in openings]
        )
        return {opening.commitment: appended.first_index + number for number, opening in enumerate(openings)}

    def _note(self, openings: Sequence[Opening], moment: datetime, keys: Mapping[SubjectId, bytes]) -> dict[bytes, int]:
        """As `_append`, in the log of the hour; tagged for the hour in which they will be published."""
        self._store.add_openings(openings)
        later = moment + HOUR
        tags = {about: tag_key(key, Month.of(later)) for about, key in keys.items()}
        return self._hourly.note(
            {
                opening.commitment: new_leaf(opening.commitment, later, tags[opening.about])
                for opening in openings
                if opening.about is not None
            }
        )

    def find_leaves(self) -> int:
        """Ask the log which leaves it has after all, though an append failed or was cut off; how many. Under `acting`.

        Raises LogUnavailable, DataFolderError.
        """
        lost = [opening for opening in self._store.unsettled() if opening.leaf is None]
        if not lost:
            return 0
        noted = self._hourly.find([opening.commitment for opening in lost if opening.place is not None])
        acts = {opening.commitment for opening in lost if opening.place is None}
        leaves = enumerate(self._log.leaves() if acts else ())
        found = {at: index for index, leaf in leaves if (at := parse_leaf(leaf).commitment) in acts}
        self._count_found([replace(each, leaf=found[each.commitment]) for each in lost if each.commitment in found])
        self._store.set_leaves(found)
        self._store.set_noted(noted)
        self._take_results([opening for opening in lost if opening.commitment in found], found)
        old, known = self._clock() - _FORGET_AFTER, found.keys() | noted.keys()
        made = {o.commitment: o.created_at if o.place is None else o.created_at + HOUR for o in lost}  # see `announce`
        self._store.drop_openings([each for each in made if each not in known and made[each] < old])
        return len(known)

    def _count_found(self, openings: Sequence[Opening]) -> None:
        for opening, line in zip(openings, self._lines.of(openings), strict=True):
            if opening.leaf is not None and line.event is not None:
                self.tally.count([(opening.leaf, line.event)], opening.created_at, found=True)

    def _take_results(self, openings: Sequence[Opening], leaves: Mapping[bytes, int]) -> None:
        """Results of acts that reached the log though it failed: they are not told once more."""
        for opening in openings:
            if opening.about is None and not opening.intent:
                event: dict[str, Any] = json.loads(opening.body[SALT_SIZE:])
                if event["kind"] in (ActCompleted.kind, Erased.kind):
                    self._store.set_outcome(event["intent"], event.get("error") or DONE, leaves[opening.commitment])

    def _settle_acts(self, otherwise: str | None, but: Collection[int | None] = ()) -> int:
        """Log the results of acts without one, `but` for these; one that nobody knows is `otherwise`, or not logged."""
        settled = 0
        for opening in self._store.unsettled():
            outcome = opening.outcome or otherwise
            if opening.leaf is not None and opening.intent and opening.leaf not in but and outcome is not None:
                settled += self.complete(opening.leaf, outcome)
        return settled
