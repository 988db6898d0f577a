"""Whether one grant lets its subject be recognised from a viewpoint at a moment, or why not. Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

from beholden.consent.policy import matches_files
from beholden.consent.purposes import policy_of
from beholden.model.grant import Closed, Grant, Purpose, Viewpoint


class Refusal(StrEnum):
    """Why a grant does not let its subject be recognised from a viewpoint at a moment."""

    NO_CAPTURE = "naming is off at this place until its capture is set"
    NOT_APPROVED = "this purpose needs approvals that nobody has given"
    OTHER_PLACE = "the grant does not name this place"
    OTHER_PURPOSE = "this place or file does not serve that purpose"
    NOT_IN_FILES = "the grant is for cameras: its recordings box is not ticked"
    NO_HOUR = "the grant is for certain hours, and a file has none"
    PAUSED = "the grant is paused"
    WITHDRAWN = "the grant was withdrawn"
    NOT_YET = "the grant has not begun"
    EXPIRED = "the grant has ended"
    OTHER_HOURS = "it is outside the hours that were agreed"


_CLOSED = {
    Closed.PAUSED: Refusal.PAUSED,
    Closed.WITHDRAWN: Refusal.WITHDRAWN,
    Closed.NOT_YET: Refusal.NOT_YET,
    Closed.EXPIRED: Refusal.EXPIRED,
    Closed.OTHER_HOURS: Refusal.OTHER_HOURS,
}


def may_be_seen(
    grant: Grant,
    viewpoint: Viewpoint,
    moment: datetime,
    purposes: Collection[Purpose] | None = None,
    *,
    opened: bool = False,
) -> Refusal | None:
    """Why `grant` does not allow recognition from `viewpoint` at `moment` (aware) for one of `purposes`, or None.

    `purposes` None: whatever the place serves. A purpose that needs approvals each time is refused but
    while a plan is open for the person (`opened`), and never holds in files. Pure.
    """
    if policy_of(grant.purpose).opening is not None and not (opened and viewpoint.place is not None):
        return Refusal.NOT_APPROVED
    if purposes is not None and grant.purpose not in purposes:
        return Refusal.OTHER_PURPOSE
    place = viewpoint.place
    if place is None:
        if not matches_files(grant.purpose, recordings=grant.recordings):
            return Refusal.NOT_IN_FILES
        if grant.hours is not None:
            return Refusal.NO_HOUR
        closed = grant.closed_at(moment)
    else:
        if place.capture is None:
            return Refusal.NO_CAPTURE
        if place.id not in grant.places:
            return Refusal.OTHER_PLACE
        if grant.purpose not in place.purposes:
            return Refusal.OTHER_PURPOSE
        closed = grant.closed_at(moment, place.zone)
    return None if closed is None else _CLOSED[closed]
