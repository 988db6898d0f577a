"""The policy table: what recognition may be for, and what each purpose allows. Data only; `consent.policy` decides.

The longest durations are this project's choice (a year; two for the purposes that protect the
person and are hard to renew in a crisis). Design section 4 has the rest; docs/law.md says why.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from beholden.model.grant import Basis, Purpose

DAY = timedelta(days=1)
FIRST_QUESTION = 30 * DAY
"""After so long with a grant, the person is asked "still yes?" for the first time ..."""
NEXT_QUESTION = 180 * DAY
"""... and then each time after so long. Silence pauses the grant."""
ANSWER_WITHIN = 14 * DAY
"""How long somebody has to answer: long enough for a holiday. This project's choice, as is the next."""
REMIND_AFTER = 7 * DAY
MOST_UNRENEWED = 365 * DAY
"""A template is destroyed after so long without a renewal, at the latest."""


class Viewer(StrEnum):
    """Who may see something of a sighting."""

    SUBJECT = "the person"
    DESK = "the desk of the place, during the shift"
    CARERS = "the carers on duty at the place"
    MET = "somebody the person met"
    WELFARE_BODY = "the outside welfare body that approved"


class Party(StrEnum):
    """Who approves with a credential of their own."""

    OUTSIDE = "an approver of another organisation"
    WELFARE_BODY = "the outside welfare body"
    ANOTHER = "a second approver"


class Outbound(StrEnum):
    """What may leave the installation when somebody is recognised."""

    NOTHING = "nothing"
    ONE_TIME_ID = "a one-time id; the name only where the person ticked that box"


@dataclass(frozen=True, slots=True)
class Sight:
    """`viewer` sees `what` of a sighting, and no longer than for `lasts` (None: as long as the grant holds)."""

    viewer: Viewer
    what: str
    lasts: timedelta | None


@dataclass(frozen=True, slots=True)
class Opening:
    """A purpose that is used only while a plan is open: who has to agree each time, for how long, how often renewed,
    and how many may be open at one site."""

    approvers: tuple[Party, ...]
    lasts: timedelta
    renewals: int
    most_open: int


@dataclass(frozen=True, slots=True)
class Policy:
    """One row of the table.

    `about` in a sentence. `bases`: who may grant, and `guardian_approvers` before a guardian's grant
    counts. `longest` a grant may last, from when naming starts, `cooling_off` after it was made; it may
    be `renewable`, each time by a new yes. `sights`: who sees what for how long; nobody else sees
    anything. `outbound`: what may leave the installation. `opening`: None where a grant is enough.
    `in_files`: whether it matches files and uploads without the `recordings` box; `at_places`: whether
    it holds at cameras. `never`: what it is refused for.
    """

    about: str
    bases: tuple[Basis, ...]
    longest: timedelta
    cooling_off: timedelta
    sights: tuple[Sight, ...]
    outbound: Outbound
    never: str
    renewable: bool = True
    guardian_approvers: tuple[Party, ...] = ()
    opening: Opening | None = None
    in_files: bool = False
    at_places: bool = True


_BOTH = (Basis.CONSENT, Basis.GUARDIAN)
_OWN = Sight(Viewer.SUBJECT, "that they were recognised, by which camera and when", DAY)
_LIVE = "the name, the camera and the moment, as it happens"

POLICIES: dict[Purpose, Policy] = {
    Purpose.ENTRANCE: Policy(
        about="Tell the desk that a resident or member came.",
        bases=(Basis.CONSENT,),
        longest=365 * DAY,
        cooling_off=DAY,
        sights=(_OWN, Sight(Viewer.DESK, _LIVE, DAY)),
        outbound=Outbound.ONE_TIME_ID,
        never="employees and pupils of whoever runs the place, attendance lists, opening a door by itself",
    ),
    Purpose.CARE: Policy(
        about="Tell carers that a resident who wanders is at a place where they need help.",
        bases=_BOTH,
        longest=365 * DAY,
        cooling_off=DAY,
        sights=(
            _OWN,
            Sight(Viewer.CARERS, _LIVE, DAY),
            Sight(Viewer.CARERS, "an incident that two of them decided to keep", 7 * DAY),
        ),
        outbound=Outbound.ONE_TIME_ID,
        never="discipline, records of how somebody spends a day",
        guardian_approvers=(Party.OUTSIDE,),
    ),
    Purpose.SELF_EXCLUSION: Policy(
        about="Keep somebody out of a place that they asked to be kept out of.",
        bases=(Basis.CONSENT,),
        longest=730 * DAY,
        cooling_off=DAY,
        sights=(_OWN, Sight(Viewer.DESK, "the name, the camera and the moment: no note, reason or category", DAY)),
        outbound=Outbound.NOTHING,
        never="lists shared between places, anybody who did not ask for it themselves",
    ),
    Purpose.PHOTOS: Policy(
        about="Send people the pictures of an event that they are in.",
        bases=_BOTH,
        longest=365 * DAY,
        cooling_off=timedelta(0),
        sights=(Sight(Viewer.SUBJECT, "the pictures they are in, everybody else covered", None),),
        outbound=Outbound.NOTHING,
        never="pictures of somebody for anybody else",
        renewable=False,
        guardian_approvers=(Party.OUTSIDE,),
        in_files=True,
        at_places=False,
    ),
    Purpose.INTRODUCTIONS: Policy(
        about="Let somebody I met ask whether I want to be in touch.",
        bases=(Basis.CONSENT,),
        longest=365 * DAY,
        cooling_off=DAY,
        sights=(_OWN, Sight(Viewer.MET, "that they met, once both said yes", DAY)),
        outbound=Outbound.NOTHING,
        never="telling anybody whom somebody met, or where",
    ),
    Purpose.FIND_ME: Policy(
        about="If I go missing, help to find me: as I laid down beforehand.",
        bases=_BOTH,
        longest=730 * DAY,
        cooling_off=DAY,
        sights=(
            _OWN,
            Sight(Viewer.WELFARE_BODY, "the camera and the moment of each match while a plan is open", 3 * DAY),
        ),
        outbound=Outbound.NOTHING,
        never="police or another authority, anybody whom the person excluded, telling the reporter a place or a time",
        guardian_approvers=(Party.OUTSIDE,),
        opening=Opening((Party.ANOTHER, Party.WELFARE_BODY), lasts=DAY, renewals=2, most_open=3),
    ),
}


def policy_of(purpose: Purpose) -> Policy:
    return POLICIES[purpose]
