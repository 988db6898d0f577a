"""The policy table: what each purpose allows, as data and pure functions with a reason.

The longest durations are this project's choice (a year; two for the purposes that protect the
person and are hard to renew in a crisis); cooling-off, viewers and times are explained in docs/intended-use.md.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from beholden.model.grant import Basis, Capture, Hours, Purpose

DAY = timedelta(days=1)
ACTING_DESCRIPTION = {Basis.CONSENT: "the person", Basis.GUARDIAN: "a guardian"}


class Viewer(StrEnum):
    """Who may see a sighting."""

    DESK = "the desk of the place, during the shift"
    CARERS = "the carers on duty at the place"
    SUBJECT = "the person"
    MET = "somebody the person met, after both agree"
    WELFARE_BODY = "the outside welfare body that approved"


@dataclass(frozen=True, slots=True)
class Policy:
    """One row of the table.

    `bases` who may grant; `longest` a grant may last; `cooling_off` before naming starts;
    `viewers` see a sighting for `seen_for`; `outbound` whether an event may leave the
    installation (one-time ids; a name only where the subject ticked that box); `approvals` needed
    before it is used, `guardian_approvals` before a guardian's grant counts; `in_files` whether
    it matches files and uploads without the `recordings` box; `at_places` whether it holds at cameras.
    """

    bases: tuple[Basis, ...]
    longest: timedelta
    cooling_off: timedelta
    viewers: tuple[Viewer, ...]
    seen_for: timedelta
    outbound: bool
    approvals: int = 0
    guardian_approvals: int = 0
    in_files: bool = False
    at_places: bool = True


_BOTH = (Basis.CONSENT, Basis.GUARDIAN)

POLICIES: dict[Purpose, Policy] = {
    Purpose.ENTRANCE: Policy(
        bases=(Basis.CONSENT,),
        longest=365 * DAY,
        cooling_off=DAY,
        viewers=(Viewer.DESK,),
        seen_for=DAY,
        outbound=True,
    ),
    Purpose.CARE: Policy(
        bases=_BOTH,
        longest=365 * DAY,
        cooling_off=DAY,
        viewers=(Viewer.CARERS,),
        seen_for=DAY,
        outbound=True,
        guardian_approvals=1,
    ),
    Purpose.SELF_EXCLUSION: Policy(
        bases=(Basis.CONSENT,),
        longest=730 * DAY,
        cooling_off=DAY,
        viewers=(Viewer.DESK,),
        seen_for=DAY,
        outbound=False,
    ),
    Purpose.PHOTOS: Policy(
        bases=_BOTH,
        longest=365 * DAY,
        cooling_off=timedelta(0),
        viewers=(Viewer.SUBJECT,),
        seen_for=DAY,
        outbound=False,
        guardian_approvals=1,
        in_files=True,
        at_places=False,
    ),
    Purpose.INTRODUCTIONS: Policy(
        bases=(Basis.CONSENT,),
        longest=365 * DAY,
        cooling_off=DAY,
        viewers=(Viewer.MET,),
        seen_for=DAY,
        outbound=False,
    ),
    Purpose.FIND_ME: Policy(
        bases=_BOTH,
        longest=730 * DAY,
        cooling_off=DAY,
        viewers=(Viewer.WELFARE_BODY,),
        seen_for=3 * DAY,
        outbound=False,
        approvals=2,
        guardian_approvals=1,
    ),
}


def policy_of(purpose: Purpose) -> Policy:
    return POLICIES[purpose]


def refusal(
    purpose: Purpose,
    basis: Basis,
    duration: timedelta,
    places: Collection[str],
    hours: Hours | None = None,
    guardian: str | None = None,
) -> str | None:
    """Why the table does not allow such a grant, as a sentence for people, or None when it does."""
    policy = POLICIES[purpose]
    if basis not in policy.bases:
        return f"{ACTING_DESCRIPTION[basis]} cannot grant {purpose}: only {_who(policy)} can"
    if (basis is Basis.GUARDIAN) != (guardian is not None):
        return "a guardian's grant names the guardian, and only that one does"
    if duration <= timedelta(0):
        return "a grant lasts some time"
    if duration > policy.longest:
        return f"{purpose} lasts {policy.longest.days} days at most, then the person is asked again"
    if policy.at_places and not places:
        return f"{purpose} names the places where it holds"
    if not policy.at_places and places:
        return f"{purpose} has no places: it is about files, not cameras"
    if hours is not None and any(t.second or t.microsecond or t.tzinfo for t in (hours.start, hours.end)):
        return "hours are whole minutes of the place's own time"
    return None


def undeclared(capture: Capture | None, legal_basis: str | None, impact_assessment: str | None) -> tuple[str, ...]:
    """What an operator must still write down before cameras may name under `capture`; empty when nothing is missing.

    A lane or a button leaves everybody else alone. Without either, people who never chose it are
    processed too, and the operator answers for that: with a legal basis and an impact assessment.
    """
    if capture is not Capture.DECLARED:
        return ()
    given = {"legal_basis": legal_basis, "impact_assessment": impact_assessment}
    return tuple(name for name, text in given.items() if text is None or not text.strip())


def cooling_off(purpose: Purpose, *, rehearsal: bool) -> timedelta:
    """How long after the grant naming starts: none in a rehearsal folder, which skips delays."""
    return timedelta(0) if rehearsal else POLICIES[purpose].cooling_off


def matches_files(purpose: Purpose, *, recordings: bool) -> bool:
    """Whether a file or upload may be compared under this purpose, given the subject's `recordings` box."""
    return POLICIES[purpose].in_files or recordings


def _who(policy: Policy) -> str:
    return " or ".join(ACTING_DESCRIPTION[basis] for basis in policy.bases)
