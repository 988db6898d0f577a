"""Invite somebody to read the notice and decide. An operator can do this, and nothing beyond it (invariant I2)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from beholden.acts.office import Office
from beholden.acts.people import checked_label, find, refuse_duplicate
from beholden.consent.registry import Particulars, Subject, SubjectState
from beholden.consent.seal import seal_particulars
from beholden.model.errors import AlreadyEnrolled, BeholdenError, UnknownSubject
from beholden.model.event import Invited
from beholden.model.grant import Purpose
from beholden.model.ids import SubjectId, new_subject_id


def invite(office: Office, label: str, purposes: Sequence[Purpose], subject: SubjectId | None = None) -> SubjectId:
    """A new subject with a key and a name, and no template: nobody can be recognised by an invitation.

    Whoever gives a new id as `subject` may repeat the call: somebody who was invited by it is not
    invited again. Raises AlreadyEnrolled, PolicyRefused (the name), LogUnavailable (then nothing
    happened), DataFolderError, KeystoreError.
    """
    label = checked_label(label)
    with office.journal.acting():
        if subject is not None and _invited_before(office, label, subject):
            return subject
        refuse_duplicate(office, label)
        subject = subject or new_subject_id()
        key = newcomers_key(office, subject)
        try:
            event = Invited(at=office.clock(), subject=subject, purposes=tuple(purposes))
            with office.journal.act([event], about=subject):
                sealed = seal_particulars(key, Particulars(label), subject)
                office.store.add_subject(Subject(subject, SubjectState.INVITED, sealed, office.clock()))
        except BeholdenError:
            with suppress(BeholdenError):  # a key of nobody harms nobody; what went wrong first matters
                office.keystore.destroy(subject)
            raise
    return subject


def newcomers_key(office: Office, subject: SubjectId) -> bytes:
    """A key for somebody of whom nothing is recorded yet; the one that a call that was cut off left behind, if any.

    Raises AlreadyEnrolled when the id is taken, KeystoreError.
    """
    try:
        office.store.subject(subject)
    except UnknownSubject:
        pass
    else:
        raise AlreadyEnrolled(f"there is somebody with the id {subject} here already")
    if subject not in office.keystore.subjects():
        office.keystore.create_key(subject)
    return office.keystore.data_key(subject)


def _invited_before(office: Office, label: str, subject: SubjectId) -> bool:
    try:
        return find(office, label).id == subject
    except UnknownSubject:
        return False
