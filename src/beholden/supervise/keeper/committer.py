"""Group commit: names that come within a few milliseconds are written to the log together.

A disk that hangs holds one batch up, and nobody waits for it: names that were not written in time are
refused, and asked for again as long as somebody is in view. So nothing piles up meanwhile.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from beholden.acts.sightings.sighting import Named, Sighting
from beholden.model.errors import BeholdenError, DataFolderError, KeeperSilent

WINDOW_S = 0.01
"""How long the first one waits for others."""
AT_ONCE = 256
PATIENCE_S = 3.0
"""Names that are not durable within this time are refused; whoever asked gives up after five seconds."""
Result = Sighting | BeholdenError
SettleMany = Callable[[Sequence[Named]], Sequence[Result]]


@dataclass(slots=True, eq=False)
class _Waiting:
    named: Sequence[Named]
    done: threading.Event = field(default_factory=threading.Event)
    results: Sequence[Result] = ()


class Committer:
    """A thread that gives names to `settle_many` in batches. Safe for several threads."""

    def __init__(self, settle_many: SettleMany, window_s: float = WINDOW_S, patience_s: float = PATIENCE_S) -> None:
        self._settle_many = settle_many
        self._window_s = window_s
        self._patience_s = patience_s
        self._changed = threading.Condition()
        self._queue: list[_Waiting] = []
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="committer", daemon=True)
        self._thread.start()

    def settle(self, named: Sequence[Named]) -> Sequence[Result]:
        """Each one's sighting once it is durable, or why it does not take effect.

        Raises KeeperSilent after `close`, and when the log did not take them in time: a batch that is under way
        may still become durable, and is then what the same names get when they are asked for again.
        """
        if not named:
            return ()
        waiting = _Waiting(named)
        with self._changed:
            if self._closed:
                raise KeeperSilent("the keeper of the data folder is stopping")
            self._queue.append(waiting)
            self._changed.notify_all()
        if not waiting.done.wait(self._patience_s):
            with self._changed:
                if waiting in self._queue:
                    self._queue.remove(waiting)
            raise KeeperSilent("the log did not take a name in time: its disk may be full of work, or hang")
        return waiting.results

    def close(self) -> None:
        """Write what waits, then take nothing more. A disk that hangs is not waited for any longer."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join(2 * self._patience_s)

    def _run(self) -> None:
        while batch := self._batch():
            named = [each for waiting in batch for each in waiting.named]
            try:
                results = list(self._settle_many(named))
            except Exception as error:  # noqa: BLE001 - whoever waits must hear of it, or waits for ever
                results = [self._mistake(error)] * len(named)
            at = 0
            for waiting in batch:
                waiting.results = results[at : at + len(waiting.named)]
                at += len(waiting.named)
                waiting.done.set()

    def _batch(self) -> list[_Waiting]:
        """What to write next, empty when nothing will come any more."""
        with self._changed:
            self._changed.wait_for(lambda: bool(self._queue) or self._closed)
            ends = time.monotonic() + self._window_s
            while not self._closed and sum(len(each.named) for each in self._queue) < AT_ONCE:
                left = ends - time.monotonic()
                if left <= 0:
                    break
                self._changed.wait(left)
            batch, self._queue = self._queue, []
            return batch

    @staticmethod
    def _mistake(error: Exception) -> BeholdenError:
        if isinstance(error, BeholdenError):
            return error
        return DataFolderError(f"the keeper made a mistake: {type(error).__name__}")
