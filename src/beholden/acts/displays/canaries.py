"""Canaries: people who do not exist, made by an auditor, so that whoever looks without a reason is noticed.

To everybody else one is somebody who was invited and has not answered. No template, no grant and no link is ever
theirs: nobody is recognised as one, and nobody real is touched.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from beholden.acts.accounts.kept import Record, keep, kept
from beholden.acts.accounts.known import auditing, refused
from beholden.acts.accounts.signed import Signed, digest_of
from beholden.acts.displays.watched import CANARY, canary_row, is_canary
from beholden.acts.grants.enrol_key import newcomers_key
from beholden.acts.grants.invite import Invitee
from beholden.acts.grants.people import checked_label, name_of, refuse_duplicate
from beholden.acts.office import Office
from beholden.acts.store_life import Sent
from beholden.consent.invitation import Offer, invited
from beholden.consent.oversight.steps import Happened
from beholden.consent.registry import Particulars, Subject, SubjectState
from beholden.consent.seal import seal_particulars
from beholden.model.errors import UnknownSubject
from beholden.model.event import Overseen
from beholden.model.ids import SubjectId

MAKE, LIST = "canary", "canaries"
"""What is signed."""
ONLY_AUDITORS = "only an auditor makes up people who do not exist, and knows who they are"


@dataclass(frozen=True, slots=True)
class Canary:
    """One of them, for an auditor."""

    subject: SubjectId
    name: str


def make_canary(office: Office, wish: Invitee, signed: Signed | None = None) -> Canary:
    """Make somebody up. `wish` as for an invitation, with a token that nobody has; repeating it changes nothing.

    Raises PolicyRefused (who makes it, the name), AlreadyEnrolled, LogUnavailable (then nothing happened),
    DataFolderError, KeystoreError.
    """
    with office.journal.acting():
        by = _auditor(office, signed, MAKE, canary_digest(wish))
        wish = replace(wish, label=checked_label(wish.label))
        if _there(office, wish.subject) and wish.subject in _made(office):
            return Canary(wish.subject, name_of(office, wish.subject))
        refuse_duplicate(office, wish.label)
        name = seal_particulars(newcomers_key(office, wish.subject), Particulars(wish.label), wish.subject)
        now = office.clock()
        offer = Offer(wish.label, wish.purposes, wish.places)
        made = replace(invited(offer, "", office.time.latest), offer=replace(offer, label=""))
        sent = Sent(wish.subject, replace(made, token_hash=wish.token_hash or ""))
        event = Overseen(at=now, what=Happened.CANARY_MADE, about=wish.subject, subject=wish.subject, by=by, detail="")
        with office.journal.act([event], about=wish.subject):
            keep(office, [Record(CANARY, canary_row(office, wish.subject), {"subject": wish.subject})])
            record = Subject(wish.subject, SubjectState.INVITED, name, now)
            office.store.add_invitations([record], [] if wish.token_hash is None else [sent])
        return Canary(wish.subject, wish.label)


def list_canaries(office: Office, signed: Signed | None = None) -> tuple[Canary, ...]:
    """All of them, for an auditor: whoever else knew would not be noticed. Raises PolicyRefused."""
    _auditor(office, signed, LIST, canaries_digest("" if signed is None else signed.account))
    found = [each for each in _made(office) if _there(office, each)]
    return tuple(sorted((Canary(each, name_of(office, each)) for each in found), key=lambda each: each.name))


def forget_canary(office: Office, subject: SubjectId) -> None:
    """Whoever withdrew is looked for by nobody; also one who never was."""
    if is_canary(office, subject):
        office.store.drop_kept(CANARY, [canary_row(office, subject)])


def canary_digest(wish: Invitee) -> str:
    """What is signed to make one."""
    return digest_of({"name": wish.label, "subject": wish.subject})


def canaries_digest(account: str) -> str:
    """What is signed to list them."""
    return digest_of({"account": account})


def _auditor(office: Office, signed: Signed | None, what: str, digest: str) -> tuple[str, ...]:
    if signed is None and office.store.rehearsal:
        return ()
    if signed is None:
        raise refused(ONLY_AUDITORS)
    return (auditing(office, signed, what, digest, ONLY_AUDITORS),)


def _made(office: Office) -> list[SubjectId]:
    return [SubjectId(each.values["subject"]) for each in kept(office, CANARY)]


def _there(office: Office, subject: SubjectId) -> bool:
    try:
        return office.store.subject(subject).state is SubjectState.INVITED
    except UnknownSubject:
        return False
