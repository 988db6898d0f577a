"""C2SP signed notes with Ed25519 keys: https://c2sp.org/signed-note.

A note is a text that ends in a newline, an empty line, and signature lines
`— <key name> base64(key id || signature)`. Keys are written as Go's `sumdb/note` writes them, so
that its tools read them. Untrusted bytes are parsed strictly: what is read and written again is
the same bytes.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from .locked import SIZE, LockedKeys, new_key, wipe

ED25519 = b"\x01"
"""The signature type of the specification."""
LARGEST = 1_000_000
MOST_SIGNATURES = 100
"""Limits of Go's `sumdb/note`."""
_DASH = "— "
_PRIVATE = "PRIVATE+KEY+"


class NoteError(ValueError):
    """Bytes that are no signed note, or one that nobody trusted signed."""


def check_name(name: str) -> None:
    """Raise NoteError unless this may be a key name: not empty, without white space or plus signs."""
    if not name or "+" in name or any(c.isspace() or ord(c) < 0x20 for c in name):
        raise NoteError(f"{name!r} cannot be a key name")


def unbase64(text: str) -> bytes:
    """RFC 4648 section 4, as it would be written and no other way. Raises NoteError."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteError("not base64") from error
    if base64.b64encode(data).decode() != text:
        raise NoteError("base64 that is not canonical")
    return data


def key_id(name: str, kind: bytes, public: bytes) -> bytes:
    """The first 4 bytes of SHA-256(name || newline || type || public key)."""
    return hashlib.sha256(name.encode() + b"\n" + kind + public).digest()[:4]


class Verifier(Protocol):
    """Whoever is trusted to sign notes, in whatever way."""

    @property
    def name(self) -> str: ...

    @property
    def id(self) -> bytes: ...

    def signed(self, text: bytes, signature: bytes) -> bool:
        """Whether this is its signature on this text. Never raises."""
        ...


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """Who is trusted: a name and a 32-byte Ed25519 public key."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        return key_id(self.name, ED25519, self.public)

    def encoded(self) -> str:
        """`<name>+<id in hexadecimal>+base64(type || public key)`."""
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(ED25519 + self.public).decode()}"

    def signed(self, text: bytes, signature: bytes) -> bool:
        return ed25519_signed(self.public, text, signature)


def ed25519_signed(public: bytes, text: bytes, signature: bytes) -> bool:
    """Whether this is an RFC 8032 signature by this public key. Never raises."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, text)
    except (InvalidSignature, ValueError):
        return False
    return True


def key_parts(text: str, prefix: str, kind: bytes = ED25519) -> tuple[str, bytes]:
    """(name, 32 key bytes) of an encoded key; the id is checked by the caller. Raises NoteError."""
    if not text.startswith(prefix):
        raise NoteError("not a key")
    parts = text.removeprefix(prefix).split("+", 2)
    if len(parts) != 3:
        raise NoteError("a key has a name, an id and a body")
    check_name(parts[0])
    body = unbase64(parts[2])
    if len(body) != 33 or body[:1] != kind:
        raise NoteError("not an Ed25519 key")
    return parts[0], body[1:]


def parse_verifier(text: str) -> VerifierKey:
    """The inverse of `VerifierKey.encoded`. Raises NoteError."""
    key = VerifierKey(*key_parts(text, ""))
    if key.encoded() != text:
        raise NoteError("the id is not the key's")
    return key


class SigningKey:
    """An Ed25519 private key with a name. Not printed, not pickled.

    Its seed is in locked memory (`locked`) and nowhere else here: OpenSSL is given it for each signature, and
    overwrites its own copy after it.
    """

    __slots__ = ("_seed", "verifier")

    def __init__(self, name: str, seed: bytes | memoryview) -> None:
        """The caller's copy of the 32 bytes of `seed` is theirs to overwrite."""
        check_name(name)
        self._seed = LockedKeys(inherited=True)
        self._seed.put("", seed)
        self.verifier = VerifierKey(name, self._private().public_key().public_bytes_raw())

    @classmethod
    def generate(cls, name: str) -> SigningKey:
        return cls(name, new_key())

    def encoded(self) -> str:
        """`PRIVATE+KEY+<name>+<id>+base64(type || seed)`: for the key file only."""
        text = self._written()
        try:
            return text.decode()
        finally:
            text[:] = bytes(len(text))

    def is_written_as(self, text: bytearray) -> bool:
        """Whether this is what `encoded` gives; no copy of it stays."""
        own = self._written()
        try:
            return text == own
        finally:
            own[:] = bytes(len(own))

    def _written(self) -> bytearray:
        """`encoded`, for whoever overwrites it."""
        plain = bytearray(ED25519 + bytes(SIZE))
        plain[1:] = self._opened()
        body = binascii.b2a_base64(plain, newline=False)
        plain[:] = bytes(len(plain))
        head = f"{_PRIVATE}{self.verifier.name}+{self.verifier.id.hex()}+".encode()
        text = bytearray(len(head) + len(body))
        text[: len(head)], text[len(head) :] = head, body
        wipe(body)
        return text

    def sign(self, text: bytes) -> bytes:
        return self._private().sign(text)

    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self._opened())

    def _opened(self) -> memoryview:
        seed = self._seed.get("")
        assert seed is not None  # it was put there first of all
        return seed

    def __repr__(self) -> str:
        return f"<SigningKey of {self.verifier.name}>"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a signing key is not to be pickled")


def parse_signer(text: str | bytearray) -> SigningKey:
    """The inverse of `SigningKey.encoded`. Raises NoteError. A bytearray is the caller's to overwrite."""
    data = bytearray(text, "utf-8") if isinstance(text, str) else text
    parts = list(islice((at for at, each in enumerate(data) if each == ord("+")), 4))
    if not data.startswith(_PRIVATE.encode()) or len(parts) != 4:
        raise NoteError("not a private key with a name, an id and a body")
    try:
        name = data[parts[1] + 1 : parts[2]].decode()
        with memoryview(data)[parts[3] + 1 :] as body:
            plain = binascii.a2b_base64(body, strict_mode=True)
    except (binascii.Error, UnicodeDecodeError) as error:
        raise NoteError("not a private key") from error
    try:
        if len(plain) != 1 + SIZE or plain[:1] != ED25519:
            raise NoteError("not an Ed25519 key")
        key = SigningKey(name, memoryview(plain)[1:])
    finally:
        wipe(plain)
    if not key.is_written_as(data):
        raise NoteError("the id is not the key's")
    return key


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: whose key it claims (name, 4-byte id) and the bytes that follow."""

    name: str
    key_id: bytes
    data: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A text ending in a newline, with its signatures, checked or not."""

    text: str
    signatures: tuple[Signature, ...]

    def encoded(self) -> bytes:
        lines = [f"{_DASH}{s.name} {base64.b64encode(s.key_id + s.data).decode()}\n" for s in self.signatures]
        return (self.text + "\n" + "".join(lines)).encode()


def sign_note(text: str, key: SigningKey) -> Note:
    """`text` must end in a newline and have no empty line at its end. Raises NoteError."""
    if not text.endswith("\n") or any(ord(c) < 0x20 and c != "\n" for c in text):
        raise NoteError("a note is printable text that ends in a newline")
    signature = Signature(key.verifier.name, key.verifier.id, key.sign(text.encode()))
    return Note(text, (signature,))


def parse_note(data: bytes) -> Note:
    """The note without checking who signed it. Raises NoteError on anything that is not exactly a note."""
    if len(data) > LARGEST:
        raise NoteError("too long for a note")
    try:
        whole = data.decode("utf-8", "strict")
    except UnicodeDecodeError as error:
        raise NoteError("not UTF-8") from error
    if any(ord(c) < 0x20 and c != "\n" for c in whole):
        raise NoteError("control characters in a note")
    split = whole.rfind("\n\n")
    if split < 0 or not whole.endswith("\n"):
        raise NoteError("no signatures")
    text, lines = whole[: split + 1], whole[split + 2 :].split("\n")[:-1]
    if not 1 <= len(lines) <= MOST_SIGNATURES:
        raise NoteError("no signatures, or too many")
    note = Note(text, tuple(_parse_signature(line) for line in lines))
    if note.encoded() != data:
        raise NoteError("a note that is not canonical")
    return note


def _parse_signature(line: str) -> Signature:
    if not line.startswith(_DASH):
        raise NoteError("not a signature line")
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    check_name(name)
    data = unbase64(encoded)
    if len(data) < 5:
        raise NoteError("too short for a signature")
    return Signature(name, data[:4], data[4:])


def open_note(data: bytes, trusted: Sequence[Verifier]) -> Note:
    """The note, signed by at least one trusted key; signatures of unknown keys are ignored, as the specification asks.

    Raises NoteError when it is malformed, when no trusted key signed it, or when a trusted key's signature is wrong.
    """
    note = parse_note(data)
    good = 0
    for signature in note.signatures:
        for key in trusted:
            if (key.name, key.id) == (signature.name, signature.key_id):
                if not key.signed(note.text.encode(), signature.data):
                    raise NoteError(f"the signature of {key.name} is wrong")
                good += 1
    if not good:
        raise NoteError("no trusted key signed this")
    return note
