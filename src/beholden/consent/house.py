"""Whose house it is, and its places: what every notice here is made from, as it is now."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from beholden.consent.notice import Controller, Edition, Notice, notice_for
from beholden.consent.purposes import policy_of
from beholden.consent.receipts.said import Seat
from beholden.model.errors import PolicyRefused
from beholden.model.grant import Grant, Place, Purpose
from beholden.model.ids import PlaceId

REHEARSING = Controller("a rehearsal", "nobody: these are not real people", "nobody: this is a rehearsal")
"""Who answers in a rehearsal folder whose settings name nobody."""
REHEARSING_SEAT = Seat("nowhere: this is a rehearsal", "ZZ", "ZZ", "beholden grant, in the rehearsal folder")
"""`ZZ` is no country: ISO 3166 leaves it to whoever wants it."""
UNMADE = Edition("unmade", "unmade")
"""Of a notice that cannot be made now, because it would not say who answers, or where: nobody read that one."""


class House:
    """Who answers, and which places there are. Safe for several threads."""

    def __init__(
        self,
        controller: Controller = REHEARSING,
        places: Iterable[Place] = (),
        seat: Seat | None = REHEARSING_SEAT,
    ) -> None:
        """`seat` None: nobody said where that is, so that no receipt can."""
        self.controller = controller
        self.seat = seat
        self.places = {place.id: place for place in places}
        self._editions: dict[tuple[Purpose, frozenset[PlaceId]], Edition] = {}

    def notice(self, purposes: Collection[Purpose], places: Collection[PlaceId]) -> Notice:
        """The notice about these purposes at those places. Raises PolicyRefused where it cannot be made."""
        return notice_for(purposes, [self.places[each] for each in places if each in self.places], self.controller)

    def edition(self, purpose: Purpose, places: Collection[PlaceId]) -> Edition:
        """Of the notice about one purpose, as it is now; `UNMADE` where there is none."""
        key = (purpose, frozenset(places if policy_of(purpose).at_places else ()))
        if key not in self._editions:
            try:
                self._editions[key] = self.notice([purpose], key[1]).edition
            except PolicyRefused:
                self._editions[key] = UNMADE
        return self._editions[key]

    def edition_of(self, grant: Grant) -> Edition:
        """Of the notice about a grant, as it is now."""
        return self.edition(grant.purpose, grant.places)
