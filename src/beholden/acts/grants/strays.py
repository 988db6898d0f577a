"""Keys of nobody: an enrolment was cut off after the key was made, or a backup does not know the person. They go."""

from __future__ import annotations

from beholden.acts.logged.rotation import destroy_key
from beholden.acts.office import Office

_PERSON = "s_"
"""Keys of cameras are called otherwise, and are looked after with their cameras."""


def destroy_strays(office: Office) -> int:
    """Destroy the key of everybody who is not in the records; how many. Each rotation is logged first.

    Nothing that is sealed under them can be anybody's. Raises LogUnavailable, KeystoreError, DataFolderError.
    """
    with office.journal.acting():
        known = {each.id for each in office.store.subjects()}
        strays = sorted(each for each in office.keystore.subjects() if each.startswith(_PERSON) and each not in known)
        for subject in strays:
            destroy_key(office, subject)
        return len(strays)
