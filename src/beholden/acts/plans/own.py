"""What only the person says of a find-me plan: who may and may never be told, laid down beforehand; and the answer.

They sign with an account of their own (`--role subject`). In a rehearsal folder, where nobody is real, it is said
for them, as in `acts.grants.rehearse`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from beholden.acts.accounts.kept import stored
from beholden.acts.accounts.known import directory_of, proven, refused, speaks_as
from beholden.acts.accounts.signed import Signed, digest_of
from beholden.acts.grants.rehearse import refuse_live
from beholden.acts.office import Office
from beholden.acts.plans.kept import plans_here, settle
from beholden.acts.plans.whom import everybody_called, in_the_future, reachable
from beholden.acts.plans.wishes import keep_wishes, said_before
from beholden.consent.lengths import length
from beholden.consent.oversight.accounts import NEW_FOR, PersonId
from beholden.consent.oversight.plan_life import answer
from beholden.consent.oversight.plans import Reply, Wishes
from beholden.model.errors import InputError, PolicyRefused
from beholden.model.event import WishesLaidDown
from beholden.model.grant import Grant, GrantState, Purpose
from beholden.model.ids import SubjectId

LAY_DOWN, ANSWER = "plan lay-down", "plan answer"
"""What is signed."""
ONLY_THEY = f"only the person says this, with an account of their own that is older than {length(NEW_FOR)}"


@dataclass(frozen=True, slots=True)
class Laid:
    """Names or ids, in the place of those that were there; None: what was said before stays, so that no exclusion goes
    with something else that is said. `adult_from`: when they come of age; a moment that is past if they are."""

    subject: SubjectId
    may_tell: tuple[str, ...] | None = None
    never_tell: tuple[str, ...] | None = None
    relatives: tuple[str, ...] | None = None
    adult_from: datetime | None = None

    @property
    def digest(self) -> str:
        """What the person signs."""
        values = {
            "subject": self.subject,
            "may_tell": None if self.may_tell is None else list(self.may_tell),
            "never_tell": None if self.never_tell is None else list(self.never_tell),
            "relatives": None if self.relatives is None else list(self.relatives),
            "adult_from": None if self.adult_from is None else stored(self.adult_from),
        }
        return digest_of(values)


def lay_down(office: Office, wish: Laid, signed: Signed | None = None) -> None:
    """Say who may, and who may never, be told; with a `find_me` grant only. It holds at once, also for an open plan.

    Raises PolicyRefused, UnknownSubject, LogUnavailable (then what was said before holds), DataFolderError,
    KeystoreError.
    """
    with office.journal.acting():
        _refuse_others(office, wish.subject, signed, LAY_DOWN, wish.digest, "lay down a find-me plan")
        live = [each for each in office.store.grants(wish.subject) if each.state is not GrantState.WITHDRAWN]
        grant = next((each for each in live if each.purpose is Purpose.FIND_ME), None)
        if grant is None:
            raise PolicyRefused("there is no grant for find_me", advice="They agree to that first: `beholden invite`.")
        wishes = _wishes(office, wish, grant)
        with office.journal.act([WishesLaidDown(at=office.clock(), subject=wish.subject)], about=wish.subject):
            keep_wishes(office, wishes)


def answer_plan(office: Office, subject: SubjectId, reply: str, signed: Signed | None = None) -> None:
    """Answer the plan that is open: an adult who is safe ends it at once. Raises as `lay_down`, and InputError."""
    with office.journal.acting():
        _refuse_others(office, subject, signed, ANSWER, answer_digest(subject, reply), "answer that they are safe")
        said = next((each for each in Reply if each.name.lower().replace("_", "-") == reply), None)
        if said is None:
            raise InputError(f"{reply!r} is no answer", advice=f"There are: {', '.join(replies())}.")
        now = office.clock()
        plan = next((each for each in plans_here(office) if each.wishes.subject == subject and each.open_at(now)), None)
        if plan is None:
            raise refused("no plan for them is open")
        settle(office, plan.id, "answer", answer(plan, said, directory_of(office), now))


def answer_digest(subject: str, reply: str) -> str:
    """What the person signs to answer."""
    return digest_of({"subject": subject, "reply": reply})


def replies() -> tuple[str, ...]:
    """What may be answered."""
    return tuple(each.name.lower().replace("_", "-") for each in Reply)


def _wishes(office: Office, wish: Laid, grant: Grant) -> Wishes:
    before, named = said_before(office, wish.subject), wish.may_tell
    adult_from = before.of_age_at if wish.adult_from is None else wish.adult_from
    return Wishes(
        subject=wish.subject,
        person=PersonId(wish.subject),
        grant=grant,
        may_tell=before.may_tell if named is None else frozenset(reachable(office, each) for each in named),
        never_tell=before.never_tell if wish.never_tell is None else _everybody(office, wish.never_tell),
        relatives=before.relatives if wish.relatives is None else _everybody(office, wish.relatives),
        of_age_at=in_the_future(adult_from, office.clock()),
    )


def _everybody(office: Office, names: tuple[str, ...]) -> frozenset[PersonId]:
    return frozenset[PersonId]().union(*(everybody_called(office, each) for each in names))


def _refuse_others(
    office: Office, subject: SubjectId, signed: Signed | None, what: str, digest: str, words: str
) -> None:
    office.store.subject(subject)
    if signed is None:
        refuse_live(office, words)
        return
    account = proven(office, signed, what, digest).account
    if not speaks_as(office, account, subject):
        raise refused(ONLY_THEY)
