"""A log in memory that can be told to fail: shipped, so that nobody patches."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from enum import StrEnum

from .checkpoint import Checkpoint
from .errors import LogUnavailable
from .hashing import leaf_hash, root_of
from .log import Appended, check_hashes, check_leaves
from .note import SigningKey
from .proof import inclusion_proof, nodes_over
from .receipt import Receipt


class Weather(StrEnum):
    """How the next appends go."""

    WORKS = "works"
    FAILS = "fails"
    FAILS_BUT_PERSISTED = "fails but persisted"
    STALLS = "stalls"
    """Until the weather changes: a disk that hangs."""


class MemoryLog:
    """A `Log` that lives as long as the object. `weather` may be set at any time."""

    def __init__(self, origin: str = "beholden.invalid/memory") -> None:
        self._key = SigningKey.generate(origin)
        self._leaves: list[bytes] = []
        self._changed = threading.Condition()
        self._weather = Weather.WORKS
        self.stalled = 0
        """Appends that wait for other weather now."""

    @property
    def weather(self) -> Weather:
        return self._weather

    @weather.setter
    def weather(self, weather: Weather) -> None:
        with self._changed:
            self._weather = weather
            self._changed.notify_all()

    @property
    def origin(self) -> str:
        return self._key.verifier.name

    @property
    def verifier(self) -> str:
        return self._key.verifier.encoded()

    def append(self, leaves: Sequence[bytes]) -> Appended:
        check_leaves(leaves)
        with self._changed:
            self.stalled += 1
            self._changed.wait_for(lambda: self._weather is not Weather.STALLS)
            self.stalled -= 1
            first = len(self._leaves)
            if self._weather is not Weather.FAILS:
                self._leaves.extend(leaves)
            if self._weather is not Weather.WORKS:
                raise LogUnavailable("the log cannot be written")
            return Appended(first, len(self._leaves))

    def size(self) -> int:
        return len(self._leaves)

    def leaves(self, start: int = 0, end: int | None = None) -> list[bytes]:
        return self._leaves[max(start, 0) : end]

    def checkpoint(self) -> bytes:
        root = root_of(leaf_hash(leaf) for leaf in self._leaves)
        return Checkpoint(self.origin, len(self._leaves), root).signed(self._key)

    def receipt(self, index: int) -> Receipt:
        node = nodes_over([leaf_hash(leaf) for leaf in self._leaves])
        path = inclusion_proof(node, index, len(self._leaves))
        return Receipt(index, tuple(path), self.checkpoint(), self._leaves[index])

    def sign_hashes(self, hashes: bytes) -> bytes:
        check_hashes(hashes)
        return self._key.sign(hashes)
