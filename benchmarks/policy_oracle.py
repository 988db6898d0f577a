"""The rules once more, written from their text and not from the table: does the program decide as they say?

Random requests for grants, and random grants at random places and moments, are decided by `consent.policy` and
`consent.gate` and by the sentences below. `make faults` asks a million, the suite a hundred thousand.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from beholden.consent.gate import may_be_seen
from beholden.consent.policy import refusal
from beholden.model.grant import Basis, Capture, Grant, GrantState, Hours, Place, Purpose, Viewpoint
from beholden.model.ids import CameraId, GrantId, PlaceId, SubjectId

DAY = timedelta(days=1)
BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
PLACES = tuple(PlaceId(name) for name in ("lobby", "yard", "gate"))
ZONES = ("UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia")
"""With clocks that go forward by an hour or half of one, and that are half an hour aside."""


def disagreements(requests: int, seed: int) -> list[str]:
    """Every decision that is not what the sentences demand, in words; half of the requests are of each kind."""
    chance = Random(seed)
    found: list[str] = []
    for _ in range(requests // 2):
        found += _asking(chance)
        found += _seeing(chance)
    return found


def _asking(chance: Random) -> list[str]:
    """Somebody asks for a grant."""
    purpose, basis = chance.choice(list(Purpose)), chance.choice(list(Basis))
    limit = chance.choice((365, 730)) * DAY
    lasts = chance.choice((limit, limit + timedelta(microseconds=1), timedelta(0), -DAY, DAY * chance.uniform(0, 800)))
    places = frozenset(chance.sample(PLACES, chance.randrange(3)))
    guardian = chance.choice((None, "Mum"))
    hours = chance.choice((None, _hours(chance), Hours(time(9, 0, chance.randrange(2)), time(17))))
    refused = refusal(purpose, basis, lasts, places, hours, guardian)
    if (refused is None) == may_be_granted(purpose, basis, lasts, places, hours, guardian):
        return []
    return [f"{purpose} by {basis} ({guardian}) for {lasts} at {sorted(places)}, {hours}: {refused}"]


def may_be_granted(
    purpose: Purpose,
    basis: Basis,
    lasts: timedelta,
    places: frozenset[PlaceId],
    hours: Hours | None,
    guardian: str | None,
) -> bool:
    """Design section 4, a sentence a line."""
    if basis is Basis.GUARDIAN and purpose not in (Purpose.CARE, Purpose.PHOTOS, Purpose.FIND_ME):
        return False  # a guardian opens only care, photos and find_me
    if (basis is Basis.GUARDIAN and guardian is None) or (basis is Basis.CONSENT and guardian is not None):
        return False  # whoever agreed is named, and nobody else
    years = 2 if purpose in (Purpose.SELF_EXCLUSION, Purpose.FIND_ME) else 1
    if not timedelta(0) < lasts <= years * 365 * DAY:
        return False  # a year, two for the purposes that protect the person
    if (purpose is Purpose.PHOTOS and places) or (purpose is not Purpose.PHOTOS and not places):
        return False  # files have no place, and no grant holds everywhere
    return hours is None or hours.start.second == hours.end.second == 0


def _seeing(chance: Random) -> list[str]:
    """A camera or a file looks at somebody under a grant."""
    starts = BEGIN + timedelta(minutes=chance.randrange(300 * 1440))
    ends = starts + timedelta(minutes=chance.randrange(1, 60 * 1440))
    grant = Grant(
        id=GrantId("g"),
        subject=SubjectId("s"),
        purpose=chance.choice(list(Purpose)),
        basis=chance.choice(list(Basis)),
        places=frozenset(chance.sample(PLACES, chance.randrange(4))),
        starts_at=starts,
        ends_at=ends,
        state=chance.choice((GrantState.ACTIVE, GrantState.ACTIVE, *GrantState)),
        hours=chance.choice((None, _hours(chance))),
        recordings=chance.random() < 0.5,
    )
    place = Place(
        chance.choice(PLACES),
        chance.choice(ZONES),
        chance.choice((None, *Capture)),
        tuple(chance.sample(list(Purpose), chance.randrange(1, 4))),
    )
    view = Viewpoint(CameraId("c"), chance.choice((place, place, None)))
    moment = chance.choice(
        (starts, ends, starts - timedelta(microseconds=1), starts + (ends - starts) * chance.random())
    )
    wanted = chance.choice((None, frozenset(chance.sample(list(Purpose), 2))))
    refused = may_be_seen(grant, view, moment, wanted)
    if (refused is None) == may_be_recognised(grant, view.place, moment, wanted):
        return []
    return [f"{grant} from {view} at {moment} for {wanted}: {refused}"]


def may_be_recognised(grant: Grant, place: Place | None, moment: datetime, wanted: frozenset[Purpose] | None) -> bool:
    """Design sections 3 and 4, a sentence a line."""
    if grant.purpose is Purpose.FIND_ME:
        return False  # two approvers open a plan, and there are no plans here
    if grant.state is not GrantState.ACTIVE or not grant.starts_at <= moment < grant.ends_at:
        return False  # paused, withdrawn, cooling off, over
    if wanted is not None and grant.purpose not in wanted:
        return False  # somebody looks for something else
    if place is None:
        # Files have no hour; they are matched under photos, or where the person ticked the box.
        return grant.hours is None and (grant.purpose is Purpose.PHOTOS or grant.recordings)
    if place.capture is None or grant.purpose not in place.purposes or place.id not in grant.places:
        return False  # naming is off, the place is for something else, the person did not name it
    local = moment.astimezone(ZoneInfo(place.zone))
    return grant.hours is None or local.hour * 60 + local.minute in _minutes(grant.hours)


def _minutes(hours: Hours) -> frozenset[int]:
    """Those of the wall clock in which such hours hold, past midnight if need be."""
    first, end = (each.hour * 60 + each.minute for each in (hours.start, hours.end))
    count = (end - first) % 1440 or 1440
    return frozenset((first + number) % 1440 for number in range(count))


def _hours(chance: Random) -> Hours:
    return Hours(time(chance.randrange(24), chance.randrange(60)), time(chance.randrange(24), chance.randrange(60)))
