"""Who may be seen from one viewpoint, without a template: what the gate tells a process that shares its segment.

A reader turns a view into a `Gallery` over the segment it has mapped (`OpenView`), and only while
somebody looks after that segment: the keeper stamps it several times a second, each time after it
has asked the registry. This is the only builder of a `Gallery` (invariant I3, held by an
architecture test); who is in a view, `consent.gate` decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from beholden.consent.segment import Rows, SegmentView
from beholden.model.errors import DataFolderError, KeeperSilent
from beholden.model.gallery import Gallery
from beholden.model.ids import GrantId, ModelDigest, SubjectId

FRESH_NS = 1_000_000_000
"""A heartbeat older than this, and nobody is named (I3)."""


@dataclass(frozen=True, slots=True)
class View:
    """Row `rows[i]` of the segment `segment` belongs to `subjects[i]`, who may be seen under `grants[i]`.

    It holds for moments of pictures since <= moment < until (aware), and only as long as the
    segment's version is `version`. `naming` is false where nobody may be named at all. What is recognised under a grant
    in `hidden` is told to those who opened the plan, and to nobody who watches.
    """

    subjects: tuple[SubjectId, ...]
    grants: tuple[GrantId, ...]
    rows: tuple[int, ...]
    model: ModelDigest
    naming: bool
    since: datetime
    until: datetime
    version: int
    segment: int
    hidden: tuple[GrantId, ...] = ()

    def holds_at(self, moment: datetime) -> bool:
        return self.since <= moment < self.until


def gallery_of(view: View, vectors: Rows) -> Gallery:
    """The gallery of a view over rows (capacity, d) of its segment, which are not copied.

    Raises DataFolderError when the view names rows that are not there.
    """
    count = len(view.rows)
    try:
        rows = np.array(view.rows, np.intp)
    except OverflowError:
        rows = np.full(1, -1)  # a number that is no row of anything
    fits = len(view.subjects) == len(view.grants) == count
    if not fits or (count and not 0 <= rows.min() <= rows.max() < len(vectors)):
        raise DataFolderError("a view does not fit its gallery segment")
    shown = vectors.view()
    shown.flags.writeable = False
    hidden = frozenset(view.hidden)
    if np.array_equal(rows, np.arange(count)):
        return Gallery(view.subjects, view.grants, shown[:count], view.model, view.version, view.naming, None, hidden)
    rows.flags.writeable = False
    return Gallery(view.subjects, view.grants, shown, view.model, view.version, view.naming, rows, hidden)


def check_alive(segment: SegmentView, now_ns: int) -> int:
    """The segment's version, if somebody looks after it. `now_ns` is CLOCK_MONOTONIC. Raises KeeperSilent."""
    # On both sides: the keeper may have stamped it since `now_ns` was read.
    if abs(now_ns - segment.heartbeat_ns) > FRESH_NS:
        raise KeeperSilent("the keeper of the data folder has not asked the registry for over a second")
    return segment.version


class OpenView:
    """A view, with the segment that it is about."""

    def __init__(self, view: View, segment: SegmentView) -> None:
        """Raises DataFolderError, KeeperSilent when the view is about another segment."""
        if view.segment != segment.identity:
            raise KeeperSilent("the gallery segment was replaced, and the new one is not here yet")
        self.view = view
        self._segment = segment
        self._gallery = gallery_of(view, segment.rows)

    def gallery(self, moment: datetime, now_ns: int | None) -> Gallery:
        """Who may be recognised in a picture of `moment` (aware). Raises KeeperSilent.

        `now_ns` is CLOCK_MONOTONIC; None only for whoever has just asked the keeper, which is better
        than any heartbeat.
        """
        version = self._segment.version if now_ns is None else check_alive(self._segment, now_ns)
        if version != self.view.version or not self.view.holds_at(moment):
            raise KeeperSilent("who may be seen here has changed, and the new answer is not here yet")
        return self._gallery
