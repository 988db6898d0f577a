"""The opened references of one model: which row of the gallery segment is whose.

A row belongs to one person for the life of its segment. Who left has theirs overwritten at once, and
it is not given to anybody else, so that no view, however old, shows one person's row as another's.
A full segment is replaced by a larger one and overwritten.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from beholden.consent.keystore import Keystore
from beholden.consent.registry import SealedTemplate, Snapshot, SubjectState
from beholden.consent.seal import open_template_into, template_length
from beholden.consent.segment import Segment
from beholden.model.errors import SealBroken
from beholden.model.ids import ModelDigest, SubjectId

_LEAST_ROWS = 64


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    template: SealedTemplate


class References:
    """Of one model. Whoever uses it holds a lock (`consent.gate`)."""

    def __init__(self, model: ModelDigest) -> None:
        """Raises DataFolderError."""
        self.model = model
        self.segment = Segment(0, 0)
        self.unopened: frozenset[SubjectId] = frozenset()
        """People whose newest template did not open: nobody recognises them until they enrol again."""
        self._rows: dict[SubjectId, _Row] = {}
        self._used = 0
        self._followed: int | None = None

    def forget(self, snapshot: Snapshot, keystore: Keystore) -> None:
        """Overwrite the rows of whoever is not enrolled any more, or by another template. Raises KeystoreError."""
        wanted = self._wanted(snapshot) if self._rows else {}
        known = keystore.subjects() if self._rows else frozenset[SubjectId]()
        for subject, row in list(self._rows.items()):
            now = wanted.get(subject)
            if subject not in known or (now is not row.template and now != row.template):
                self.segment.rows[row.number].fill(0.0)
                del self._rows[subject]

    def follow(self, snapshot: Snapshot, keystore: Keystore) -> None:
        """Open the templates that are new in a snapshot. Raises DataFolderError, KeystoreError."""
        if self._followed == snapshot.revision:
            return
        new = [template for subject, template in self._wanted(snapshot).items() if subject not in self._rows]
        dims = self.segment.dims or next((n for t in new if (n := template_length(t.sealed))), 0)
        if dims > 0 and self._used + len(new) > self.segment.capacity:
            self._replace(max(_LEAST_ROWS, 2 * (len(self._rows) + len(new))), dims)
        keys = keystore.data_keys(template.subject for template in new)
        unopened: set[SubjectId] = set()
        for template in new:
            key = keys[template.subject]
            if key is None or not self._open(template, key):
                unopened.add(template.subject)
        self.unopened = frozenset(unopened)
        self._followed = snapshot.revision

    def rows(self) -> Iterator[tuple[SubjectId, int]]:
        """Who has which row, in the order in which they were opened."""
        return ((subject, row.number) for subject, row in self._rows.items())

    def _wanted(self, snapshot: Snapshot) -> dict[SubjectId, SealedTemplate]:
        """The newest template of each enrolled person."""
        enrolled = {s.id for s in snapshot.subjects if s.state is SubjectState.ENROLLED}
        return {t.subject: t for t in snapshot.templates if t.model == self.model and t.subject in enrolled}

    def _open(self, template: SealedTemplate, key: bytes) -> bool:
        """Straight into a row: no other copy is made. One altered template must not stop everybody else."""
        if template_length(template.sealed) != self.segment.dims:
            return False
        try:
            open_template_into(key, template.sealed, template.subject, self.model, self.segment.rows[self._used])
        except SealBroken:
            return False
        self._rows[template.subject] = _Row(self._used, template)
        self._used += 1
        return True

    def _replace(self, capacity: int, dims: int) -> None:
        old, new = self.segment, Segment(capacity, dims)
        new.version, new.heartbeat_ns = old.version, old.heartbeat_ns
        for number, (subject, row) in enumerate(self._rows.items()):
            new.rows[number] = old.rows[row.number]
            self._rows[subject] = _Row(number, row.template)
        self._used = len(self._rows)
        self.segment = new
        old.close()

    def close(self) -> None:
        self.segment.close()
        self._rows.clear()
