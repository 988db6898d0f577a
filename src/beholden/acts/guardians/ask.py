"""A guardian asks for a grant for a dependent, the others say yes or no, the person refuses, somebody disputes custody.

`consent.oversight.guardians` decides; each is logged before it takes effect and may be repeated. What takes away (a
no, a dispute) holds at once. In a live folder everybody signs with an account of their own, but for the person's no,
which anybody may bring to the desk. In a rehearsal names are enough.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from beholden.acts.accounts.kept import Record, keep, note, stored
from beholden.acts.accounts.known import find_account, proven, refused, speaks_as
from beholden.acts.accounts.signed import Signed, digest_of
from beholden.acts.grants.enrol import known_now
from beholden.acts.guardians.kept import (
    OWN_NO,
    UNSIGNED,
    Asked,
    asked_for,
    called,
    find_asked,
    has_refused,
    person_called,
    speaker,
    step_of,
    taken,
)
from beholden.acts.guardians.seen import PLAYED, Guarded, guarded
from beholden.acts.office import Office
from beholden.consent.invitation import Offer, Tick, offer_refusal
from beholden.consent.lengths import length
from beholden.consent.oversight import guardians
from beholden.consent.oversight.accounts import NEW_FOR, AccountId, PersonId
from beholden.consent.oversight.guardians import Authority
from beholden.consent.oversight.rules import RULES, Act
from beholden.consent.oversight.steps import Fact, Happened
from beholden.consent.policy import refusal
from beholden.consent.purposes import DAY, policy_of
from beholden.consent.registry import SubjectState
from beholden.model.errors import InputError, PolicyRefused
from beholden.model.grant import Basis, Hours, Purpose
from beholden.model.ids import GrantId, PlaceId, SubjectId

ASK, YES, NO, DISPUTE = "guardian ask", "guardian yes", "guardian no", "guardian dispute"
PERSON_YES, PERSON_NO = "person yes", "person no"
"""What is signed."""
_HEX = frozenset("0123456789abcdef")
_EMPTY = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True)
class Ask:
    """What a guardian asks for. `grant` is a new id of the caller's, `subject` somebody who was invited.

    `guardians`: all of them, by account (in a rehearsal any name). `majority`: the day on which the person is of age,
    which begins where they live (`zone`, IANA). `evidence`: SHA-256 (hex) of the paper, which is not kept. The rest as
    in a tick; `duration` None: the longest that the policy table allows.
    """

    grant: GrantId
    subject: SubjectId
    purpose: Purpose
    guardians: tuple[str, ...]
    majority: date
    zone: str
    evidence: str
    places: frozenset[PlaceId] = frozenset()
    duration: timedelta | None = None
    hours: Hours | None = None
    recordings: bool = False

    @property
    def digest(self) -> str:
        """What the guardian signs."""
        written = {
            "guardians": sorted(self.guardians),
            "places": sorted(self.places),
            "majority": self.majority.isoformat(),
            "duration": None if self.duration is None else str(self.duration // DAY),
            "hours": None if self.hours is None else str(self.hours),
            "recordings": "yes" if self.recordings else "no",
        }
        return digest_of({name: getattr(self, name) for name in self.__slots__} | written)

    @property
    def tick(self) -> Tick:
        duration = policy_of(self.purpose).longest if self.duration is None else self.duration
        return Tick(self.purpose, duration, self.places, self.hours, self.recordings)


def said_digest(grant: str, evidence: str | None = None) -> str:
    """What is signed to say yes or no to a grant, or (with the paper's SHA-256) to dispute who the guardians are."""
    return digest_of({"grant": grant, "evidence": evidence})


def own_digest(subject: str) -> str:
    """What the person signs to refuse, and to take that back."""
    return digest_of({"subject": subject})


def ask(office: Office, wish: Ask, signed: Signed | None = None, as_who: str | None = None) -> Guarded:
    """A guardian asks, and so says yes; asking again for the same changes nothing. Nobody is named by it.

    `as_who`: who asks, in a rehearsal. Raises PolicyRefused, InputError, UnknownSubject, LogUnavailable (then nothing
    happened), DataFolderError, KeystoreError.
    """
    with office.journal.acting():
        _refuse_wish(office, wish)
        by = speaker(office, signed, ASK, wish.digest, as_who)
        people = {person_called(office, each): called(office, each) for each in wish.guardians}
        there = next((each for each in asked_for(office) if each.guardianship.grant == wish.grant), None)
        if there is not None:
            if (there.tick, there.guardianship.subject) != (wish.tick, wish.subject) or by not in people:
                raise InputError("there is another grant of that id", advice="Leave the id out.")
            return guarded(office, there)
        asked_by = PLAYED if signed is None else AccountId(signed.account)
        _refuse_asker(office, asked_by)
        _refuse_around(office, wish)
        step = step_of(
            guardians.ask(
                wish.grant,
                wish.subject,
                PersonId(wish.subject),
                wish.purpose,
                Authority(frozenset(people), wish.majority, wish.evidence),
                wish.zone,
                by,
                has_refused(office, wish.subject),
                known_now(office),
            )
        )
        at = office.clock() if signed is None else signed.at
        asked = Asked(step.state, wish.tick, asked_by, at, names=people, last=_last(signed))
        return guarded(office, taken(office, None, asked, step, "ask"))


def say(
    office: Office, grant: GrantId, agrees: bool, signed: Signed | None = None, as_who: str | None = None
) -> Guarded:
    """A guardian says yes or no; the last word of each counts. Raises as `ask`."""
    with office.journal.acting():
        asked = find_asked(office, grant)
        who = speaker(office, signed, YES if agrees else NO, said_digest(grant), as_who, gives=agrees)
        step = step_of(guardians.say(asked.guardianship, who, agrees, office.time.latest))
        after = replace(asked, last=_last(signed))
        return guarded(office, taken(office, asked, after, step, "yes" if agrees else "no"))


def refuse(office: Office, subject: SubjectId, signed: Signed | None = None) -> None:
    """The person says no, at any age: no guardian's grant counts, now or later, until they say yes themselves.

    Whoever keeps the folder may write it down for them: it takes away and never gives. Raises as `ask`.
    """
    _say_own(office, subject, False, signed)


def allow(office: Office, subject: SubjectId, signed: Signed | None = None) -> None:
    """The person takes their own no back, by their own account; what guardians need still has to be so."""
    if signed is None and not office.store.rehearsal:
        raise refused("only the person takes their own no back, with their own account")
    _say_own(office, subject, True, signed)


def dispute(
    office: Office, grant: GrantId, evidence: str, signed: Signed | None = None, as_who: str | None = None
) -> Guarded:
    """Somebody shows a paper (`evidence`: its SHA-256) that says otherwise: suspended at once. Raises as `ask`."""
    with office.journal.acting():
        asked = find_asked(office, grant)
        _refuse_evidence(evidence)
        who = speaker(office, signed, DISPUTE, said_digest(grant, evidence), as_who, gives=False)
        account = PLAYED if signed is None else AccountId(signed.account)
        _refuse_asker(office, account)
        at = office.clock() if signed is None else signed.at
        step = guardians.dispute_shown(asked.guardianship, who, evidence, office.time.latest)
        after = replace(asked, disputed_by=account, disputed_at=at, last=_last(signed))
        return guarded(office, taken(office, asked, after, step, "dispute"))


def list_guarded(office: Office) -> tuple[Guarded, ...]:
    """Every grant that guardians asked for, and why it does not count; who they are in a rehearsal only."""
    return tuple(guarded(office, each) for each in asked_for(office))


def _say_own(office: Office, subject: SubjectId, agrees: bool, signed: Signed | None) -> None:
    with office.journal.acting():
        person = PersonId(office.store.subject(subject).id)
        office.keystore.data_key(subject)  # KeyDestroyed, before anything is logged of whoever withdrew
        if signed is not None:
            account = proven(office, signed, PERSON_YES if agrees else PERSON_NO, own_digest(subject)).account
            if account.person != person or (agrees and not speaks_as(office, account, person)):
                raise refused(
                    f"only the person says so, with their own account; yes after it is here for {length(NEW_FOR)}"
                )
        new = has_refused(office, subject) is agrees
        if new:
            what = Happened.PERSON_AGREED if agrees else Happened.PERSON_REFUSED
            by = () if signed is None else (signed.account,)  # nobody signed for what was said at the desk
            note(office, [Fact(office.clock(), what, subject, subject, by)])
        for asked in asked_for(office, subject):
            step = guardians.person_says(asked.guardianship, agrees, office.time.latest)
            taken(office, asked, replace(asked, last=_last(signed)), step, "own")
        if new and agrees:
            office.store.drop_kept(OWN_NO, [subject])
        elif new:
            keep(office, [Record(OWN_NO, subject, {"at": stored(office.clock())}, subject)])


def _refuse_wish(office: Office, wish: Ask) -> None:
    """Everything that is wrong with what is asked for. Raises PolicyRefused, InputError, UnknownSubject."""
    tick = wish.tick
    why = refusal(tick.purpose, Basis.GUARDIAN, tick.duration, tick.places, tick.hours, "a guardian")
    why = why or offer_refusal(Offer("", (tick.purpose,), tick.places), office.house.places)
    if why is not None:
        raise PolicyRefused(why)
    if office.store.subject(wish.subject).state is not SubjectState.INVITED:
        raise refused("a guardian agrees beforehand: for somebody who was invited, and is not enrolled")
    if not wish.grant.startswith("g_") or len(wish.grant) > 40:
        raise InputError("a grant has an id that begins with g_")
    if not wish.guardians:
        raise InputError("the guardians are not said", advice="Name each of them: --guardian NAME.")
    _refuse_evidence(wish.evidence)
    _refuse_day(wish.majority, wish.zone)


def _refuse_around(office: Office, wish: Ask) -> None:
    """Asking anew is no way around a dispute, nor around an approver's no. Raises PolicyRefused."""
    for other in asked_for(office, wish.subject):
        bound = other.guardianship
        if bound.disputed:
            raise refused("custody is disputed, until an outside approver settles it")
        if bound.declined_by is not None and bound.authority.evidence == wish.evidence:
            raise refused("an outside approver refused this paper: ask with one that shows the authority")


def _refuse_day(majority: date, zone: str) -> None:
    if not 1900 <= majority.year <= 2999:
        raise InputError(f"{majority} is no day of majority", advice="Write it like 2030-04-01.")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InputError(f"there is no time zone {zone[:80]!r}", advice="Write it like Europe/Berlin.") from None


def _refuse_evidence(evidence: str) -> None:
    if len(evidence) != 64 or not _HEX.issuperset(evidence):
        raise InputError("a paper is known by its SHA-256", advice="Give the paper: --paper FILE.")
    if evidence == _EMPTY:
        raise InputError("the paper is empty", advice="Give a paper that an approver can look at.")


def _refuse_asker(office: Office, account: AccountId) -> None:
    """In whose name an approver is asked: an account that may ask, or nobody could ever approve."""
    if account == PLAYED:
        if not office.store.rehearsal:
            raise refused(UNSIGNED)
        return
    held = find_account(office, account).account
    if held.roles.isdisjoint(RULES[Act.GUARDIAN_GRANT].asked_by):
        raise refused(f"only {' or '.join(RULES[Act.GUARDIAN_GRANT].asked_by)} asks for this")


def _last(signed: Signed | None) -> str | None:
    return None if signed is None else signed.encoded()
