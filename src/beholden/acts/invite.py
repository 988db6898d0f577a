"""Invite somebody to read the notice and decide. An operator can do this, and nothing beyond it (invariant I2)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from beholden.acts.office import Office
from beholden.acts.people import checked_label, refuse_duplicate
from beholden.consent.registry import Particulars, Subject, SubjectState
from beholden.consent.seal import seal_particulars
from beholden.model.errors import BeholdenError
from beholden.model.event import Invited
from beholden.model.grant import Purpose
from beholden.model.ids import SubjectId, new_subject_id


def invite(office: Office, label: str, purposes: Sequence[Purpose]) -> SubjectId:
    """A new subject with a key and a name, and no template: nobody can be recognised by an invitation.

    Raises AlreadyEnrolled, PolicyRefused (the name), LogUnavailable (then nothing happened),
    DataFolderError, KeystoreError.
    """
    label = checked_label(label)
    with office.journal.acting():
        refuse_duplicate(office, label)
        subject = new_subject_id()
        office.keystore.create_key(subject)
        try:
            event = Invited(at=office.clock(), subject=subject, purposes=tuple(purposes))
            with office.journal.act([event], about=subject):
                sealed = seal_particulars(office.keystore.data_key(subject), Particulars(label), subject)
                office.store.add_subject(Subject(subject, SubjectState.INVITED, sealed, office.clock()))
        except BeholdenError:
            with suppress(BeholdenError):  # a key of nobody harms nobody; what went wrong first matters
                office.keystore.destroy(subject)
            raise
    return subject
