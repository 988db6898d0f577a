"""Where somebody was recognised while a find-me plan was open: for the welfare body that agreed, and for the person.

The leaf of a match becomes public with the sightings of its hour: by itself it would tell that somebody
was there. A notice says only that there is a match; what it says is read here, each time logged first.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from beholden.acts.accounts.kept import keep, note
from beholden.acts.accounts.known import directory_of, proven, refused, speaks_as
from beholden.acts.accounts.signed import Signed
from beholden.acts.office import Office
from beholden.acts.plans.kept import match_told, matches_of, plans_here, put_match
from beholden.acts.plans.listed import plan_digest
from beholden.acts.sightings.presence import Sighting
from beholden.consent.oversight.plan_life import matched
from beholden.consent.oversight.plans import Match, helpers, who_may_see
from beholden.consent.oversight.steps import Fact, Happened, Notice, Step
from beholden.model.errors import InputError
from beholden.model.event import Overseen
from beholden.model.ids import CameraId

MATCHES = "plan matches"
"""What is signed."""
AGAIN = timedelta(minutes=5)
"""Whoever stays at a place is told again this often."""
NOT_THIS_ONE = "matches are for the welfare body that agreed, while the plan is open, and for the person"


def tell_match(office: Office, seen: Sighting, camera: CameraId, moment: datetime) -> bool:
    """The person of this sighting is looked for, and was there at `moment`; whether that is news.

    Told twice, it is the same. Raises LogUnavailable (then nobody is told), DataFolderError, KeystoreError.
    """
    with office.journal.acting():
        now = office.clock()
        found = [each for each in plans_here(office) if each.wishes.subject == seen.subject and each.open_at(now)]
        if seen.place is None or not found:
            return False
        plan = found[0]
        name = match_name(seen, moment)
        if name in matches_of(office, plan):
            return False
        match = Match(plan.id, seen.place, camera, moment)
        step = matched(plan, match, directory_of(office), now)
        if not isinstance(step, Step):
            return False
        _announce(office, step.facts, match)
        text = f"The person of plan {plan.id} was recognised. Read where: `beholden find-me matches {plan.id}`."
        notices = [Notice(each.to, text, now) for each in step.notices]
        keep(office, match_told(office, plan, name, notices))  # first: cut off in between, it is told again as the same
        put_match(office, match, name)
        return True


def match_name(seen: Sighting, moment: datetime) -> str:
    """The same for the same five minutes of a sighting."""
    return f"{seen.id}.{int(moment.timestamp()) // int(AGAIN.total_seconds())}"


def read_matches(office: Office, plan: str, signed: Signed) -> tuple[Match, ...]:
    """Where they were recognised, the oldest first: for who may see it, each time logged first, refused ones too.

    Raises PolicyRefused, InputError, LogUnavailable (then nothing is shown), DataFolderError, KeystoreError.
    """
    with office.journal.acting():
        account = proven(office, signed, MATCHES, plan_digest(plan)).account
        found = next((each for each in plans_here(office) if each.id == plan), None)
        if found is None:
            raise InputError(f"there is no plan {plan[:80]!r} that was opened", advice="`beholden find-me list`.")
        known, now = directory_of(office), office.clock()
        may = speaks_as(office, account, found.wishes.person) or account.id in helpers(found, known, now)
        what = Happened.SHOWN if may else Happened.DISPLAY_BLOCKED
        note(office, [Fact(now, what, found.id, found.wishes.subject, (account.id,))])
        if not may:
            raise refused(NOT_THIS_ONE)
        every = matches_of(office, found).values()
        return tuple(each for each in every if who_may_see(each, account.id, found, known, now))


def _announce(office: Office, facts: tuple[Fact, ...], match: Match) -> None:
    for fact in facts:
        if fact.subject is None:
            continue
        event = Overseen(
            at=fact.at, what=str(fact.what), about=fact.about, subject=fact.subject, by=fact.by, detail=fact.detail
        )
        key = office.keystore.data_key(fact.subject)
        office.store.set_noted(office.journal.announce([(event, fact.subject, match.place)], {fact.subject: key}))
