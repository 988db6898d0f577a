"""How long a sighting is kept, by what it was for: read off the policy table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from beholden.consent.purposes import Viewer, policy_of
from beholden.model.grant import Purpose

LONGEST = timedelta(hours=24)
"""What is known about somebody's being somewhere is deleted after this long, but for the pictures of an event."""


def sighting_life(purpose: Purpose) -> timedelta | None:
    """How long the person sees it, which is how long it is kept; None: until the event ends, and the grant with it."""
    own = [sight.lasts for sight in policy_of(purpose).sights if sight.viewer is Viewer.SUBJECT]
    return None if None in own else max((each for each in own if each is not None), default=LONGEST)


def incident_life(purpose: Purpose) -> timedelta | None:
    """How long after it an incident lasts that two people decided to keep; None: nothing may be kept."""
    life = sighting_life(purpose)
    kept = [sight.lasts for sight in policy_of(purpose).sights if sight.viewer is Viewer.CARERS]
    longer = [each for each in kept if each is not None and life is not None and each > life]
    return max(longer, default=None)


def sighting_dies(now: datetime, purpose: Purpose, grant_ends: datetime) -> datetime:
    """When a sighting under such a grant is deleted that was seen now.

    Within 24 hours on the full hour, which tells less about when it was; with the event, where it has one.
    """
    life = sighting_life(purpose)
    return grant_ends.astimezone(UTC) if life is None else full_hour(now + min(life, LONGEST))


def full_hour(moment: datetime) -> datetime:
    """The hour that it is in, UTC."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
