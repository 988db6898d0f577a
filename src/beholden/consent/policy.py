"""What the policy table allows: pure functions, each with its reason as a sentence for people."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import cast

from beholden.consent.purposes import (
    DAY,
    FIRST_QUESTION,
    MOST_UNRENEWED,
    NEXT_QUESTION,
    POLICIES,
    Policy,
    policy_of,
)
from beholden.model.grant import Basis, Capture, Hours, Purpose

ACTING_DESCRIPTION = {Basis.CONSENT: "the person", Basis.GUARDIAN: "a guardian"}
CAPTURE_DESCRIPTION = {
    None: "no naming at all, until one of the others is set",
    Capture.LANE: "a separate lane, for people who chose it",
    Capture.BUTTON: "a person presses a button to be recognised",
    Capture.DECLARED: "the operator recorded an impact assessment, and why everybody who passes may be processed",
}


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
        return f"{ACTING_DESCRIPTION[basis]} cannot grant {purpose}: only {who_grants(policy)} can"
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
    """Whether a file or upload may be compared under this purpose, given the subject's `recordings` box; never under
    one that names only while a plan is open."""
    policy = POLICIES[purpose]
    return policy.opening is None and (policy.in_files or recordings)


def asked_next(confirmed_at: datetime, asked_before: bool) -> datetime:
    """When the person is asked "still yes?" the next time: after 30 days, then every 180."""
    return confirmed_at + (NEXT_QUESTION if asked_before else FIRST_QUESTION)


def destroy_by(confirmed_at: datetime, ends_at: Collection[datetime], met_at: datetime | None = None) -> datetime:
    """When a template has to be gone: the earliest of the purpose met (`met_at`), the end of the last grant
    (`ends_at`, not empty), and a year without a renewal (since `confirmed_at`). Moments are aware UTC."""
    limits = [max(ends_at), confirmed_at + MOST_UNRENEWED]
    return min(limits if met_at is None else [*limits, met_at])


def who_grants(policy: Policy) -> str:
    """In words."""
    return " or ".join(ACTING_DESCRIPTION[basis] for basis in policy.bases)


def table_values() -> dict[str, object]:
    """The table of purposes as JSON-ready values, and what holds for every purpose."""
    return {
        "purposes": {str(purpose): plain(asdict(policy_of(purpose))) for purpose in Purpose},
        "asked": {"first_days": FIRST_QUESTION // DAY, "then_days": NEXT_QUESTION // DAY},
        "unrenewed_days": MOST_UNRENEWED // DAY,
        "capture": {str(capture or "unset"): words for capture, words in CAPTURE_DESCRIPTION.items()},
    }


def plain(value: object) -> object:
    """JSON-ready: a length of time in days, whatever is inside a dict, a tuple or a list likewise."""
    if isinstance(value, timedelta):
        return {"days": value / DAY}
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in cast("dict[object, object]", value).items()}
    if isinstance(value, tuple | list):
        return [plain(each) for each in cast("tuple[object, ...]", value)]
    return value
