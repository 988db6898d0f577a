"""What only the person may say, said by an operator: in a rehearsal folder, where nobody is real, and nowhere else.

What takes away and never gives, an operator may do anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from beholden.acts.grants import own
from beholden.acts.grants.life import look_after_one, why_unnamed
from beholden.acts.grants.own import Corrections
from beholden.acts.office import Office
from beholden.consent.correction import Terms
from beholden.consent.life import over_by
from beholden.consent.purposes import policy_of
from beholden.model.errors import PolicyRefused
from beholden.model.grant import Grant, Purpose
from beholden.model.ids import GrantId, PlaceId, SubjectId


@dataclass(frozen=True, slots=True)
class Stand:
    """How a grant stands, for people: `unnamed` says why nobody is named under it now, None where they are;
    `asked_at` since when a question is open; `over_at` when it is over unless the person says yes again."""

    grant: Grant
    unnamed: str | None
    confirmed_at: datetime
    asked_at: datetime | None
    over_at: datetime
    over: str | None
    notice: str


def stands(office: Office, subject: SubjectId) -> tuple[Stand, ...]:
    """Every grant of a person. Raises UnknownSubject, DataFolderError."""
    standings = office.store.standings(office.store.subject(subject).id)
    found: list[Stand] = []
    for grant in office.store.grants(subject):
        standing, why = standings[grant.id], why_unnamed(office, grant)
        found.append(
            Stand(
                grant,
                why,
                standing.confirmed_at,
                None if standing.question is None else standing.question.since,
                over_by(standing) if standing.over_at is None else standing.over_at,
                None if standing.over is None else str(standing.over),
                standing.read.digest,
            )
        )
    return tuple(found)


def read_notice(office: Office, purposes: tuple[Purpose, ...], places: tuple[PlaceId, ...]) -> str:
    """The notice about these purposes at those places, as text. Raises PolicyRefused where it cannot be made."""
    return office.house.notice(purposes, places).text()


def confirm(office: Office, subject: SubjectId, grant: GrantId) -> None:
    """Yes to the open question. Raises as `own` does, and PolicyRefused outside a rehearsal."""
    refuse_live(office, 'say "still yes"')
    look_after_one(office, subject)  # a notice that changed since is asked about anew
    own.confirm(office, subject, grant, office.house.edition_of(_of(office, subject, grant)))


def renew(office: Office, subject: SubjectId, grant: GrantId, days: int | None) -> None:
    """For `days` from now, None: the longest. Raises as `confirm`."""
    refuse_live(office, "renew a grant")
    found = _of(office, subject, grant)
    longest = policy_of(found.purpose).longest
    duration = longest if days is None else timedelta(days=days)
    own.renew(office, subject, grant, duration, office.house.edition_of(found))


def correct(office: Office, subject: SubjectId, grant: GrantId, wanted: Terms) -> Corrections:
    """Where and when it holds. Raises as `confirm`."""
    refuse_live(office, "correct what they agreed to")
    found = _of(office, subject, grant)
    return own.correct(office, subject, grant, wanted, office.house.edition(found.purpose, wanted.places))


def cancel(office: Office, subject: SubjectId, grant: GrantId) -> None:
    """Take it back in the cooling-off. Raises as `confirm`."""
    refuse_live(office, "take back what they agreed to as if it had never been said")
    own.cancel(office, subject, grant)


def purpose_met(office: Office, subject: SubjectId, grant: GrantId, met_at: datetime) -> None:
    """What it was for is done, here and in a live folder too: it takes away. Raises as `own` does."""
    own.purpose_met(office, subject, grant, met_at)


def withdraw(office: Office, subject: SubjectId, grant: GrantId) -> None:
    """One grant is over, here and in a live folder too: it takes away, and with the last one everything is destroyed.

    Raises as `own` does.
    """
    own.withdraw(office, subject, grant)


def _of(office: Office, subject: SubjectId, grant: GrantId) -> Grant:
    for each in office.store.grants(office.store.subject(subject).id):
        if each.id == grant:
            return each
    raise PolicyRefused(f"{subject} has no grant {grant}")


def refuse_live(office: Office, what: str) -> None:
    """Raise PolicyRefused outside a rehearsal: `what` only the person can do."""
    if not office.store.rehearsal:
        raise PolicyRefused(
            f"only the person can {what}: nobody speaks for them here",
            advice="An operator can pause or withdraw for them, which takes away and never gives.",
        )
