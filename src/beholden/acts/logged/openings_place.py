"""Where a fact of presence happened, sealed while it waits for its hour: no row says in clear who was at which place.

Whose it is has to be there, so that their key opens it; in whose batch it goes into the public log
(`acts.logged.hourly`), whoever publishes it has to know. So the place is sealed under a key of nobody's, and forgotten
when it is published.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence

from beholden.acts.store import Opening
from beholden.consent.keystore import Keystore
from beholden.consent.seal import seal, unseal
from beholden.model.errors import SealBroken
from beholden.model.ids import SubjectId

KEY = SubjectId("presence:places")
"""What the keystore calls that key; no subject's id can be this, those begin with `s_`."""
_PADDED = 80
"""The length of a name would tell which it is."""
_SEALED = 100
"""What is shorter is a name in clear, of a version before."""


class Places:
    """Seals places, and opens them. Raises KeystoreError."""

    def __init__(self, keystore: Keystore) -> None:
        self._keystore = keystore

    def sealed(self, places: Sequence[tuple[str, bytes]]) -> list[str]:
        """Each place, as it is kept beside the commitment of what happened there."""
        key = self._keystore.data_keys([KEY])[KEY]
        if key is None:
            self._keystore.create_key(KEY)
            key = self._keystore.data_key(KEY)
        return [
            base64.b64encode(seal(key, place.encode().ljust(_PADDED, b"\0"), _about(commitment))).decode()
            for place, commitment in places
        ]

    def opened(self, openings: Sequence[Opening]) -> list[str]:
        """The place of each; nowhere ("") where it does not open."""
        if all(len(each.place or "") < _SEALED for each in openings):
            return [each.place or "" for each in openings]
        key = self._keystore.data_keys([KEY])[KEY]
        return [self._opened(each, key) for each in openings]

    def _opened(self, opening: Opening, key: bytes | None) -> str:
        kept = opening.place or ""
        if len(kept) < _SEALED:
            return kept
        if key is None:
            return ""
        try:
            return unseal(key, base64.b64decode(kept), _about(opening.commitment)).rstrip(b"\0").decode()
        except (SealBroken, ValueError):  # altered: its leaf is published all the same
            return ""


def _about(commitment: bytes) -> str:
    return f"place\x1f{commitment.hex()}"
