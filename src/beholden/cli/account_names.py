"""Names as a command may show them: each display is asked for, under the operator's account, and may be refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from beholden.cli.account_options import signer
from beholden.model.errors import PolicyRefused
from beholden.model.ids import PlaceId, SightingId, SubjectId
from beholden.model.match import Known, Reason, Unknown

if TYPE_CHECKING:
    from pathlib import Path

    from beholden.acts.grants.people import Person
    from beholden.cli.account_options import Signer
    from beholden.consent.oversight.displays import Way
    from beholden.pipeline.ports import TrackDecision
    from beholden.supervise.keeper.acting import Acting
    from beholden.supervise.workers.reports import Decision

NOT_SHOWN = "(not shown)"
"""Somebody who is known here, and whom this account is not shown: it has none, or looked too often."""


class Names:
    """Names by subject, each asked for once; under an account once for each sighting."""

    def __init__(self, acting: Acting, by: Signer | None, way: Way) -> None:
        self._acting, self._by, self._way = acting, by, way
        self._known: dict[tuple[SubjectId, SightingId | None], str | None] = {}
        self._told = set[str]()

    def __call__(self, subject: SubjectId) -> str:
        """The name that somebody asked for; the id of somebody who is not there for this account."""
        from beholden.consent.oversight.displays import Way

        return self._once(subject, None, PlaceId(""), Way.CLI) or NOT_SHOWN

    def of(self, subject: SubjectId, sighting: SightingId | None, place: PlaceId) -> str | None:
        """The name in the line of a sighting; None where nobody may be there for this account."""
        return self._once(subject, sighting, place, self._way)

    def seen(self, decision: TrackDecision) -> tuple[TrackDecision, str | None]:
        """What may be told of an answer in a file, with the name."""
        match = decision.match
        if not isinstance(match, Known):
            return decision, None
        place = decision.viewpoint.place
        name = self.of(match.subject, decision.sighting, PlaceId("") if place is None else place.id)
        if name is not None:
            return decision, name
        return replace(decision, match=Unknown(replace(match.why, reason=Reason.NOBODY_ALIKE)), sighting=None), None

    def live(self, decision: Decision) -> tuple[Decision, str | None]:
        """As `seen`, of a live camera."""
        if decision.subject is None:
            return decision, None
        name = self.of(decision.subject, decision.sighting, decision.place or PlaceId(""))
        if name is not None:
            return decision, name
        stranger = replace(decision, answer="unknown", reason=Reason.NOBODY_ALIKE, subject=None, grant=None)
        return replace(stranger, sighting=None, shot_to_event_s=None), None

    def _once(self, subject: SubjectId, sighting: SightingId | None, place: PlaceId, way: Way) -> str | None:
        """Without an account a name is the same in each line."""
        key = (subject, None if self._by is None else sighting)
        if key not in self._known:
            self._known[key] = self._asked(subject, sighting, place, way)
        return self._known[key]

    def _asked(self, subject: SubjectId, sighting: SightingId | None, place: PlaceId, way: Way) -> str | None:
        from beholden.acts.displays.show import LOOK, NOBODY_THERE, Look, show

        look = Look(subject, way, place, sighting)
        try:
            shown = self._acting.do(show, look, None if self._by is None else self._by.sign(LOOK, look.digest))
        except PolicyRefused as refused:
            if self._by is not None and NOBODY_THERE not in str(refused):
                self._say_once(str(refused))
            return NOT_SHOWN
        if shown.refused is None:
            return shown.name
        self._say_once(shown.refused)
        return NOT_SHOWN

    def _say_once(self, why: str) -> None:
        """On standard error, so that nobody wonders at a name that is not shown."""
        if why not in self._told:
            self._told.add(why)
            typer.echo(f"beholden: {NOT_SHOWN}: {why}", err=True)


def shown_to(acting: Acting, by: Signer | None, everybody: Sequence[Person]) -> tuple[Person, ...]:
    """People with the names that an account is shown, each of which counts; without one with no names.

    Who is not there for this account is left out.
    """
    from beholden.consent.oversight.displays import Way

    names = Names(acting, by, Way.CLI)
    found: list[Person] = []
    for person in everybody:
        if by is None or not person.opens:
            found.append(replace(person, label=NOT_SHOWN) if person.opens else person)
        elif (name := names.of(person.id, None, PlaceId(""))) is not None:
            found.append(replace(person, label=name))
    return tuple(found)


def looked_up(acting: Acting, who: str, account: str | None, key: Path | None) -> Person:
    """Somebody by name or id; by name that is for an operator's account, and counts (`acts.displays.look_up`)."""
    from beholden.acts.displays.look_up import LOOK_UP, look_up, who_digest

    by = signer(acting, account, key)
    return acting.do(look_up, who, None if by is None else by.sign(LOOK_UP, who_digest(who)))
