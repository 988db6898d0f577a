"""At which place somebody works during a shift: they see live sightings there, and nowhere else."""

from __future__ import annotations

from datetime import timedelta

from beholden.acts.accounts.kept import Record, keep, kept, moment_of, stored
from beholden.acts.accounts.known import refused
from beholden.acts.office import Office
from beholden.consent.oversight.accounts import Account
from beholden.model.ids import PlaceId

SHIFT = timedelta(hours=12)
"""So long after somebody saw the feed of one place, they see that of no other: this project's choice."""
ELSEWHERE = "whoever holds this account sees the sightings of another place during this shift"
_KIND = "desk"


def desk_of(office: Office, account: Account) -> PlaceId | None:
    """The place that an account's holder works at now; None while they saw no sighting during this shift."""
    now = office.clock()
    for each in kept(office, _KIND):
        if each.id == account.person and now < moment_of(each.values["until"]):
            return PlaceId(each.values["place"])
    return None


def at_desk(office: Office, account: Account, place: PlaceId) -> None:
    """Nobody watches who goes from place to place: the first one that an account's holder sees is their desk.

    Counted for the human being, whichever of their accounts it is. To be called under `Journal.acting`. Raises
    PolicyRefused elsewhere; DataFolderError, KeystoreError.
    """
    there = desk_of(office, account)
    if there is None:
        until = office.clock() + SHIFT
        keep(office, [Record(_KIND, account.person, {"place": place, "until": stored(until)}, dies_at=until)])
    elif there != place:
        raise refused(ELSEWHERE)
