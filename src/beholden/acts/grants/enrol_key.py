"""The key of somebody of whom nothing is recorded yet."""

from __future__ import annotations

from beholden.acts.office import Office
from beholden.model.errors import AlreadyEnrolled, UnknownSubject
from beholden.model.ids import SubjectId


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
