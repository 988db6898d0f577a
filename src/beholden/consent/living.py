"""The lives of all grants, as the gate needs them: under which one nobody is named now, and when that changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from beholden.consent.house import House
from beholden.consent.life import Standing, Unnamed, edges, of_before, unnamed
from beholden.consent.registry import Snapshot
from beholden.consent.span import NEVER
from beholden.model.grant import Grant
from beholden.model.ids import GrantId

Now = Callable[[], datetime | None]
"""`KnownTime.now`."""


class Lives:
    """A rehearsal plays its own time: there a picture's moment decides, as long as the time is not in doubt.
    Not safe for several threads: the gate's lock holds.
    """

    def __init__(self, now: Now, house: House) -> None:
        self._now, self._house = now, house
        self._standings: Mapping[GrantId, Standing] = {}
        self._edges: dict[GrantId, tuple[Standing, tuple[datetime, ...]]] = {}
        self._asked_at: datetime | None = None
        self._next = NEVER

    def follow(self, snapshot: Snapshot) -> None:
        """Where the grants stand now."""
        known = snapshot.standings
        if len(known) < len(snapshot.grants):
            known = {grant.id: known.get(grant.id) or of_before(grant) for grant in snapshot.grants}
        self._standings = known
        self._look(self._now())

    def changed(self) -> bool:
        """Whether an answer may be another since this was asked, or `follow` called: by time passing, or a doubt."""
        now = self._now()
        doubt = (now is None) is not (self._asked_at is None)
        back = now is not None and self._asked_at is not None and now < self._asked_at
        if not doubt and not back and (now is None or now < self._next):
            return False
        self._look(now)
        return True

    def unnamed(self, grant: Grant, moment: datetime, *, rehearsal: bool) -> Unnamed | None:
        """Why nobody is named under a grant in a picture of `moment` (aware), or None."""
        standing = self._standings[grant.id]
        known = self._now()
        now = moment if rehearsal and known is not None else known
        return unnamed(standing, now, self._house.edition_of(grant))

    def edges(self, grant: Grant) -> tuple[datetime, ...]:
        """The moments at which that changes by itself."""
        return edges(self._standings[grant.id])

    def _look(self, now: datetime | None) -> None:
        self._asked_at = now
        known = self._edges
        self._edges = {
            grant: old if (old := known.get(grant)) is not None and old[0] is standing else (standing, edges(standing))
            for grant, standing in self._standings.items()
        }
        if now is not None:
            coming = [edge for _, mine in self._edges.values() for edge in mine if edge > now]
            self._next = min(coming, default=NEVER)
