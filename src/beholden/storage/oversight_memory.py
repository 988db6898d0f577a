"""Records of oversight in memory."""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence
from datetime import datetime

from beholden.acts.store import Kept


class MemoryOversight:
    """This part of a `Store` (beholden.acts.store) in memory; each step is one that other threads see whole."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Kept] = {}
        self._keeping = threading.Lock()

    def put_kept(self, kept: Sequence[Kept]) -> None:
        with self._keeping:
            self._kept = self._kept | {(each.kind, each.id): each for each in kept}

    def kept(self, kind: str, about: Collection[str] | None = None) -> tuple[Kept, ...]:
        held = sorted(self._kept.items())
        return tuple(each for key, each in held if key[0] == kind and (about is None or each.about in about))

    def kept_about(self, about: str) -> tuple[Kept, ...]:
        return tuple(each for _, each in sorted(self._kept.items()) if each.about == about)

    def drop_kept(self, kind: str, ids: Collection[str]) -> None:
        with self._keeping:
            self._kept = {key: each for key, each in self._kept.items() if key[0] != kind or key[1] not in ids}

    def drop_about(self, about: str) -> None:
        with self._keeping:
            self._kept = {key: each for key, each in self._kept.items() if each.about != about}

    def purge_kept(self, moment: datetime) -> None:
        with self._keeping:
            self._kept = {
                key: each for key, each in self._kept.items() if each.dies_at is None or each.dies_at > moment
            }
