"""Relatives, bars and canaries: what decides, beside the count, whether somebody is displayed."""

from __future__ import annotations

from beholden.acts.accounts_kept import Record, keep, kept
from beholden.acts.accounts_known import directory_of, find_account, proven, refused
from beholden.acts.accounts_signed import Signed, digest_of
from beholden.acts.office import Office
from beholden.consent.oversight.accounts import PersonId, Role
from beholden.consent.oversight.displays import Watched
from beholden.consent.oversight.families import Bars, Families, families
from beholden.model.ids import SubjectId

BAR, LIFT, RELATE, CANARY = "bar", "lift bar", "relate", "canary"
"""What is signed."""
_BAR, _RELATED, _CANARY = "bar", "related", "canary"


def watched(office: Office) -> Watched:
    """What is known of the people here, for whoever decides a display."""
    bars = frozenset(
        (SubjectId(each.values["subject"]), PersonId(each.values["person"])) for each in kept(office, _BAR)
    )
    canaries = frozenset(SubjectId(each.values["subject"]) for each in kept(office, _CANARY))
    persons = {each.id: PersonId(each.id) for each in office.store.subjects()}
    return Watched(directory_of(office), families_here(office), Bars(bars), canaries, persons)


def barred_by(office: Office, subject: SubjectId) -> frozenset[PersonId]:
    """Whom one person barred."""
    return frozenset(PersonId(each.values["person"]) for each in kept(office, _BAR, [subject]))


def families_here(office: Office) -> Families:
    """Who was said to be relatives."""
    pairs = (each.values["pair"] for each in kept(office, _RELATED))
    return families((SubjectId(one), SubjectId(other)) for one, other in pairs)


def relate(office: Office, one: SubjectId, other: SubjectId, signed: Signed | None = None) -> None:
    """Two subjects are relatives: looking at one is looking at the other. An operator says so."""
    pair = sorted((office.store.subject(one).id, office.store.subject(other).id))
    _by(office, signed, RELATE, related_digest(one, other), Role.OPERATOR)
    with office.journal.acting():
        keep(office, [Record(_RELATED, ".".join(pair), {"pair": pair})])


def bar(office: Office, account: str, signed: Signed) -> None:
    """A subject bars whoever holds an account, with all their accounts; signed with their own. Nobody is told."""
    with office.journal.acting():
        subject, holder = _own(office, account, signed, BAR)
        values = {"subject": subject, "person": holder}
        keep(office, [Record(_BAR, f"{subject}.{holder}", values, about=subject)])


def lift_bar(office: Office, account: str, signed: Signed) -> None:
    """As if it had never been."""
    with office.journal.acting():
        subject, holder = _own(office, account, signed, LIFT)
        office.store.drop_kept(_BAR, [f"{subject}.{holder}"])


def add_canary(office: Office, subject: SubjectId, signed: Signed) -> None:
    """This subject does not exist: whoever looks raises an alarm. An auditor says so, and operators do not learn it."""
    with office.journal.acting():
        office.store.subject(subject)
        _by(office, signed, CANARY, canary_digest(subject), Role.AUDITOR)
        keep(office, [Record(_CANARY, subject, {"subject": subject})])


def bar_digest(account: str) -> str:
    """What is signed to bar that account, or to lift the bar."""
    return digest_of({"account": account})


def related_digest(one: str, other: str) -> str:
    """What is signed to say that two are relatives."""
    return digest_of({"pair": sorted((one, other))})


def canary_digest(subject: str) -> str:
    """What is signed to say that somebody does not exist."""
    return digest_of({"subject": subject})


def _by(office: Office, signed: Signed | None, what: str, digest: str, role: Role) -> None:
    if signed is None and office.store.rehearsal:
        return
    if signed is None or role not in proven(office, signed, what, digest).account.roles:
        raise refused(f"only {'an' if role[0] in 'ao' else 'a'} {role} says so")


def _own(office: Office, account: str, signed: Signed, what: str) -> tuple[SubjectId, PersonId]:
    """Who signed, as a subject, and who holds the account. Raises PolicyRefused, InputError."""
    signer = proven(office, signed, what, bar_digest(account)).account
    if Role.SUBJECT not in signer.roles or not signer.person.startswith("s_"):
        raise refused("only a subject bars an account")
    return SubjectId(signer.person), find_account(office, account).account.person
