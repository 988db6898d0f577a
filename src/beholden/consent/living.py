"""The lives of all grants, as the gate needs them: under which one nobody is named now, and when that changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from beholden.consent.house import House
from beholden.consent.life import Standing, Unnamed, edges, of_before, unnamed
from beholden.consent.oversight.guardians import Guardianship
from beholden.consent.registry import Snapshot
from beholden.consent.span import NEVER
from beholden.model.grant import Basis, Grant
from beholden.model.ids import GrantId

Now = Callable[[], datetime | None]
"""`KnownTime.now`."""
Guardianships = Callable[[], Mapping[GrantId, Guardianship]]
"""What guardians' grants rest on, as it is kept now."""
_UNKNOWN = "nobody asked for it as a guardian"


def no_guardians(grant: Grant, bound: Guardianship | None, now: datetime, *, rehearsal: bool) -> str | None:
    """Why a guardian's grant does not count at `now` (aware), or None; others need none. In a rehearsal one that was
    enrolled without being asked for counts."""
    if grant.basis is not Basis.GUARDIAN:
        return None
    if bound is None:
        return None if rehearsal else _UNKNOWN
    return bound.why_not(now)


class Lives:
    """A rehearsal plays its own time: there a picture's moment decides, as long as the time is not in doubt.
    Not safe for several threads: the gate's lock holds. `guardianships` is asked with each change of the registry.
    """

    def __init__(self, now: Now, house: House, guardianships: Guardianships = dict[GrantId, Guardianship]) -> None:
        self._now, self._house = now, house
        self._guardianships, self._bound = guardianships, dict[GrantId, Guardianship]()
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
        guarded = any(grant.basis is Basis.GUARDIAN for grant in snapshot.grants)
        self._bound = dict(self._guardianships()) if guarded else {}
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
        why = unnamed(standing, now, self._house.edition_of(grant))
        if why is not None or now is None:
            return why
        bound = self._bound.get(grant.id)
        return None if no_guardians(grant, bound, now, rehearsal=rehearsal) is None else Unnamed.GUARDIANS

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
