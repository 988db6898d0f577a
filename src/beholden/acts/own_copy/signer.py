"""The log's key, for what people take away: it signs hashes here and cannot be read."""

from __future__ import annotations

from beholden.ledger.log import Log
from beholden.ledger.note import VerifierKey, parse_verifier


class LogSigner:
    """A `consent.receipts.proof.Signer`."""

    def __init__(self, log: Log) -> None:
        self._log = log

    @property
    def verifier(self) -> VerifierKey:
        return parse_verifier(self._log.verifier)

    def sign(self, text: bytes) -> bytes:
        """Raises ValueError for anything but two hashes of 32 bytes."""
        return self._log.sign_hashes(text)
