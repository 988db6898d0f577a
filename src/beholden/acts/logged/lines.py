"""Leaves that we wrote, opened where their key still exists, and compared with the log."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from beholden.acts.logged.hourly import Hourly
from beholden.acts.logged.openings import opened_body
from beholden.acts.store import Opening
from beholden.consent.keystore import Keystore
from beholden.ledger.leaf import SALT_SIZE, commit, parse_leaf
from beholden.ledger.log import Log
from beholden.model.ids import SubjectId


@dataclass(frozen=True, slots=True)
class Line:
    """A leaf with what opened it. `event` is None where the person's key was destroyed, `leaf` its index, None until it
    is published.

    `genuine` is whether the leaf in the log commits to exactly this event.
    """

    leaf: int | None
    about: SubjectId | None
    event: dict[str, Any] | None
    genuine: bool


class Lines:
    """Opens what was written to a log, and to that of the hour."""

    def __init__(self, keystore: Keystore, log: Log, hourly: Hourly) -> None:
        self._keystore, self._log, self._hourly = keystore, log, hourly

    def of(self, openings: Sequence[Opening]) -> tuple[Line, ...]:
        """Each of them, in their order. Raises LogUnavailable, KeystoreError, DataFolderError."""
        keys = self._keystore.data_keys({o.about for o in openings if o.about is not None})
        leaves = self._log.leaves() if any(o.leaf is not None for o in openings) else ()
        return tuple(self._line(opening, keys, leaves) for opening in openings)

    def _line(self, opening: Opening, keys: dict[SubjectId, bytes | None], leaves: Sequence[bytes]) -> Line:
        body = opened_body(opening, None if opening.about is None else keys[opening.about])
        if body is None:
            return Line(opening.leaf, opening.about, None, genuine=False)
        salt, event = body[:SALT_SIZE], body[SALT_SIZE:]
        genuine = self._leaf_commits(opening, leaves, commit(salt, event))
        return Line(opening.leaf, opening.about, json.loads(event), genuine)

    def _leaf_commits(self, opening: Opening, leaves: Sequence[bytes], commitment: bytes) -> bool:
        """In the public log, or as long as it waits for that in the log of the hour."""
        if opening.leaf is None:
            return opening.noted is not None and parse_leaf(self._hourly.leaf(opening.noted)).commitment == commitment
        return 0 <= opening.leaf < len(leaves) and parse_leaf(leaves[opening.leaf]).commitment == commitment
