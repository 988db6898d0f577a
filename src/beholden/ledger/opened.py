"""Receipts with what opens their leaves: one file that says what was done, and proves that the log holds it.

{"format": "beholden-receipt/1", "key": the log's public key, "entries": [
  {"event": the canonical event, as text, "salt": 64 hexadecimal digits, "proof": a C2SP tlog-proof}, ...]}

A leaf commits to its event: SHA-256(salt || event). So a receipt cannot be made to say something else, and whoever
has no receipt cannot tell from the leaf what it says.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .cosignature import WitnessKey
from .leaf import SALT_SIZE, commit, parse_leaf
from .note import LARGEST, NoteError, VerifierKey, parse_verifier
from .receipt import Included, Receipt, parse_receipt, verify_receipt

FORMAT = "beholden-receipt/1"
_MOST_ENTRIES = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """What one leaf says (`event`, canonical bytes), the salt it was hashed with, and that it is in the log."""

    event: bytes
    salt: bytes
    proof: Receipt


@dataclass(frozen=True, slots=True)
class Opened:
    """`key`: of the log, as whoever wrote the receipt says; the reader brings their own."""

    key: str
    entries: tuple[Entry, ...]

    def encoded(self) -> bytes:
        """As a file: JSON, indented for people who look at it."""
        entries = [
            {"event": each.event.decode(), "salt": each.salt.hex(), "proof": each.proof.encoded().decode()}
            for each in self.entries
        ]
        values = {"format": FORMAT, "key": self.key, "entries": entries}
        return (json.dumps(values, indent=1, ensure_ascii=False) + "\n").encode()


@dataclass(frozen=True, slots=True)
class Proven:
    """One entry that held: what the leaf says, and where it is."""

    event: dict[str, Any]
    included: Included


def parse_opened(data: bytes) -> Opened:
    """The inverse of `Opened.encoded`; nothing is checked but the form. Raises NoteError."""
    if len(data) > LARGEST:
        raise NoteError("too long for a receipt")
    try:
        values: Any = json.loads(data)
        if values["format"] != FORMAT or not 1 <= len(values["entries"]) <= _MOST_ENTRIES:
            raise NoteError("not a receipt")
        opened = Opened(str(values["key"]), tuple(_entry(each) for each in values["entries"]))
        parse_verifier(opened.key)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NoteError(f"not a receipt: {error}") from error
    if opened.encoded() != data:
        raise NoteError("a receipt that is not canonical")
    return opened


def verify_opened(opened: Opened, key: VerifierKey, witnesses: Sequence[WitnessKey] = ()) -> tuple[Proven, ...]:
    """That the log with this key holds every entry, and that each leaf says what its entry says. Raises NoteError."""
    return tuple(_proven(each, key, witnesses) for each in opened.entries)


def _proven(entry: Entry, key: VerifierKey, witnesses: Sequence[WitnessKey]) -> Proven:
    included = verify_receipt(entry.proof, key, witnesses)
    try:
        leaf, event = parse_leaf(included.leaf), json.loads(entry.event)
    except ValueError as error:
        raise NoteError(f"leaf {included.index} is none that says something: {error}") from error
    if leaf.commitment != commit(entry.salt, entry.event) or not isinstance(event, dict):
        raise NoteError(f"leaf {included.index} says something else")
    return Proven(event, included)  # pyright: ignore[reportUnknownArgumentType]


def _entry(values: Any) -> Entry:  # noqa: ANN401 - whatever JSON holds
    event, salt = str(values["event"]).encode(), bytes.fromhex(str(values["salt"]))
    if len(salt) != SALT_SIZE:
        raise NoteError("a salt is 32 bytes")
    return Entry(event, salt, parse_receipt(str(values["proof"]).encode()))
