"""C2SP tlog-cosignature, Ed25519: a witness says when it saw a head that is consistent with all that it saw before.

https://c2sp.org/tlog-cosignature. The line's bytes behind the key id are the moment (8 bytes,
big-endian, seconds since 1970) and an Ed25519 signature over

    cosignature/v1
    time <moment>
    <the checkpoint's text>

The signed message does not say who signs: a witness needs a key of its own that signs nothing else.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from .checkpoint import parse_checkpoint
from .note import Note, NoteError, Signature, SigningKey, ed25519_signed, key_id, key_parts, parse_note

KIND = b"\x04"
"""The signature type of the specification."""
_LATEST = (1 << 63) - 1
_SIZE = 8 + 64


@dataclass(frozen=True, slots=True)
class WitnessKey:
    """A witness that is trusted: a name and a 32-byte Ed25519 public key."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        return key_id(self.name, KIND, self.public)

    def encoded(self) -> str:
        """`<name>+<id in hexadecimal>+base64(0x04 || public key)`."""
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(KIND + self.public).decode()}"

    def signed(self, text: bytes, signature: bytes) -> bool:
        moment = int.from_bytes(signature[:8], "big")
        if len(signature) != _SIZE or moment > _LATEST:
            return False
        return ed25519_signed(self.public, _message(text, moment), signature[8:])


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A witness's line that was checked: who, and when (seconds since 1970)."""

    name: str
    moment: int


def witness_of(key: SigningKey) -> WitnessKey:
    """The witness that signs with this key."""
    return WitnessKey(key.verifier.name, key.verifier.public)


def parse_witness(text: str) -> WitnessKey:
    """The inverse of `WitnessKey.encoded`. Raises NoteError."""
    key = WitnessKey(*key_parts(text, "", KIND))
    if key.encoded() != text:
        raise NoteError("the id is not the key's")
    return key


def cosign(text: str, key: SigningKey, moment: int) -> Signature:
    """A witness's line under a checkpoint's text, `moment` in seconds since 1970.

    Raises NoteError when it is no checkpoint, ValueError for a moment that cannot be written.
    """
    parse_checkpoint(text)
    if not 0 <= moment <= _LATEST:
        raise ValueError("a moment is 0 to 2**63 - 1 seconds")
    witness = witness_of(key)
    return Signature(witness.name, witness.id, moment.to_bytes(8, "big") + key.sign(_message(text.encode(), moment)))


def with_line(data: bytes, line: Signature) -> bytes:
    """A signed note with one more line; one of the same key is replaced. Raises NoteError."""
    note = parse_note(data)
    others = tuple(each for each in note.signatures if (each.name, each.key_id) != (line.name, line.key_id))
    return Note(note.text, (*others, line)).encoded()


def cosignatures(data: bytes, witnesses: Sequence[WitnessKey]) -> tuple[Cosignature, ...]:
    """What these witnesses said about a checkpoint, oldest line first; lines of others are passed over.

    Raises NoteError when it is no checkpoint, or when a line of one of them is wrong.
    """
    note = parse_note(data)
    parse_checkpoint(note.text)
    found: list[Cosignature] = []
    for line in note.signatures:
        for witness in witnesses:
            if (witness.name, witness.id) == (line.name, line.key_id):
                if not witness.signed(note.text.encode(), line.data):
                    raise NoteError(f"the line of the witness {witness.name} is wrong")
                found.append(Cosignature(witness.name, int.from_bytes(line.data[:8], "big")))
    return tuple(found)


def _message(text: bytes, moment: int) -> bytes:
    return b"cosignature/v1\ntime %d\n" % moment + text
