"""Consent receipts: what a person agreed to and everything that happened to it since, signed by the log's key.

They are made of what the log holds about the person, opened with their own key, when they ask. After a
withdrawal nothing opens any more: whoever wants the receipt of that asks for it together with the withdrawal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from beholden.acts.grants import own
from beholden.acts.office import Office
from beholden.acts.own_copy.own_request import Proof, refuse_others
from beholden.consent.life import template_until
from beholden.consent.receipts.canonical import parse
from beholden.consent.receipts.history import Written, changes, notices, to_the_millisecond
from beholden.consent.receipts.receipt import issue
from beholden.consent.receipts.said import Consent, contradiction
from beholden.consent.registry import SubjectState
from beholden.ledger.leaf import SALT_SIZE
from beholden.model.errors import PolicyRefused
from beholden.model.event import ReceiptGiven
from beholden.model.grant import Grant, GrantState
from beholden.model.ids import GrantId, SubjectId

GONE = "withdrew, and with their key everything went that this could be made of"
_GONE_ADVICE = "`beholden withdraw WHO --receipt FILE` proves what was destroyed, and when."
_SEAT_ADVICE = "Set controller.address and controller.jurisdiction (docs/settings.md); a receipt says both."


@dataclass(frozen=True, slots=True)
class Receipt:
    """`signed` is the receipt, one line of JSON; `purpose` what it is about."""

    grant: GrantId
    purpose: str
    issued: datetime
    signed: bytes


def asked_receipts(grant: GrantId | None) -> str:
    """What a person proves that they ask for."""
    return f"receipts {grant or 'all'}"


def asked_withdrawal(grant: GrantId) -> str:
    """Likewise, of a withdrawal with its receipt."""
    return f"receipts {grant} withdraw"


def give_receipts(
    office: Office, subject: SubjectId, grant: GrantId | None = None, proof: Proof | None = None
) -> tuple[Receipt, ...]:
    """A receipt of one grant, or of each that one can be given of, as they are now. Logged before they are signed.

    Raises PolicyRefused with the reason as a sentence, UnknownSubject, LogUnavailable (then none was given),
    DataFolderError, KeystoreError.
    """
    with office.journal.acting():
        consents = _sound(office, _asked_for(office, subject, grant, asked_receipts(grant), proof))
        given = [ReceiptGiven(at=office.clock(), subject=subject, grant=each.grant.id) for each in consents]
        with office.journal.act(given, about=subject):
            return tuple(signed(office, each) for each in consents)


def withdraw_with_receipt(office: Office, subject: SubjectId, grant: GrantId, proof: Proof | None = None) -> Receipt:
    """End one grant, as `own.withdraw` does, and give the receipt that says so.

    Raises as `give_receipts`, before anything happens: whoever cannot have a receipt withdraws without one.
    """
    with office.journal.acting():
        [before] = _asked_for(office, subject, grant, asked_withdrawal(grant), proof)
        if before.grant.state is GrantState.WITHDRAWN:
            raise PolicyRefused(f"{grant} is over already", advice="`beholden grant receipt give` gives its receipt.")
        _refuse_contradiction(office, before)
        written = _written(office, subject)
        given = ReceiptGiven(at=office.clock(), subject=subject, grant=grant)
        office.journal.record([given], about=subject)
        own.withdraw(office, subject, grant)
        record = office.store.subject(subject)
        if record.state is SubjectState.ENROLLED:
            [after] = _consents(office, subject, grant)
        else:
            last = _announced(office, record.withdrawal)
            gone = replace(before.grant, state=GrantState.WITHDRAWN)
            after = replace(_consent(office, gone, [*written, *last]), destroy_by=None)
        _refuse_contradiction(office, after)
        return signed(office, after)


def consents_of(office: Office, subject: SubjectId) -> tuple[tuple[Consent, str | None], ...]:
    """Every grant of somebody who has a key, and why no receipt can be given of it (None: one can)."""
    if office.house.seat is None:
        return ()
    now = office.clock()
    return tuple((each, contradiction(each, now)) for each in _consents(office, subject, None))


def signed(office: Office, consent: Consent) -> Receipt:
    """Raises PolicyRefused where the receipt would not have the form of one."""
    issued = office.clock()
    try:
        data = issue(consent, office.journal.signer(), issued)
    except ValueError as error:
        raise PolicyRefused(f"no receipt can be given of {consent.grant.id}: {error}") from error
    return Receipt(consent.grant.id, str(consent.grant.purpose), issued, data)


def _asked_for(
    office: Office, subject: SubjectId, grant: GrantId | None, what: str, proof: Proof | None
) -> tuple[Consent, ...]:
    refuse_others(office, subject, what, proof)
    refuse_gone(office, subject)
    if office.house.seat is None:
        raise PolicyRefused("a receipt says where the controller is, and nobody said so here", advice=_SEAT_ADVICE)
    found = _consents(office, subject, grant)
    if not found:
        raise PolicyRefused(f"{subject} has agreed to nothing" if grant is None else f"{subject} has no grant {grant}")
    return found


def _sound(office: Office, consents: Sequence[Consent]) -> tuple[Consent, ...]:
    """Those that a receipt can be given of. Raises PolicyRefused, with the reason, where there is none."""
    now = office.clock()
    sound = tuple(each for each in consents if contradiction(each, now) is None)
    if not sound:
        _refuse_contradiction(office, consents[0])
    return sound


def refuse_gone(office: Office, subject: SubjectId) -> None:
    """Raise PolicyRefused where somebody's key is gone, UnknownSubject where there is nobody."""
    record = office.store.subject(subject)
    if record.state not in (SubjectState.INVITED, SubjectState.ENROLLED) or office.keystore.bucket(subject) is None:
        raise PolicyRefused(f"{subject} {GONE}", advice=_GONE_ADVICE)


def _consents(office: Office, subject: SubjectId, grant: GrantId | None) -> tuple[Consent, ...]:
    written = _written(office, subject)
    return tuple(_consent(office, g, written) for g in office.store.grants(subject) if grant in (None, g.id))


def _consent(office: Office, grant: Grant, written: Sequence[Written]) -> Consent:
    seat = office.house.seat
    assert seat is not None  # asked before
    return Consent(
        grant=to_the_millisecond(grant),
        history=changes(written, grant),
        notices=notices(written, grant),
        controller=office.house.controller,
        seat=seat,
        origin=office.journal.signer().verifier.name,
        destroy_by=gone_by(office, grant.subject),
        rehearsal=office.store.rehearsal,
    )


def gone_by(office: Office, subject: SubjectId) -> datetime | None:
    """When somebody's templates are destroyed at the latest; None when there are none."""
    if not any(each.subject == subject for each in office.store.snapshot().templates):
        return None
    return template_until(office.store.standings(subject).values())


def _written(office: Office, subject: SubjectId) -> list[Written]:
    """What the public log confirms about somebody, by its leaves."""
    return [
        Written(line.leaf, line.event)
        for line in office.journal.read(subject)
        if line.leaf is not None and line.event is not None and line.genuine
    ]


def _announced(office: Office, leaf: int | None) -> list[Written]:
    """The withdrawal itself, which is sealed for nobody."""
    opening = None if leaf is None else office.store.opening(leaf)
    if leaf is None or opening is None:
        return []
    return [Written(leaf, parse(opening.body[SALT_SIZE:]))]


def _refuse_contradiction(office: Office, consent: Consent) -> None:
    reason = contradiction(consent, office.clock())
    if reason is not None:
        raise PolicyRefused(
            f"no receipt can be given of {consent.grant.id}: {reason}",
            advice="`beholden grant export` tells everything that is held about the grant.",
        )
