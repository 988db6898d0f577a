"""The key of a person or a camera is destroyed, and the key of its bucket with it: logged before it happens."""

from __future__ import annotations

from beholden.acts.office import Office
from beholden.model.event import KeysRotated
from beholden.model.ids import SubjectId


def destroy_key(office: Office, owner: SubjectId) -> None:
    """Destroy the key of a person or camera; one that is gone already is no error, and is not logged again.

    Raises LogUnavailable before anything happened, KeystoreError, DataFolderError.
    """
    bucket = office.keystore.bucket(owner)
    if bucket is not None:
        office.journal.record([KeysRotated(at=office.clock(), bucket=bucket)])
    office.keystore.destroy(owner)
