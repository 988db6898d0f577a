"""What stands for a KMS in tests of the keystore, which can be away and can be wrong, and two people with keys."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from beholden.consent.keystore import Keystore
from beholden.consent.wrapper import Wrapping
from beholden.ledger.locked import Key, new_key, taken
from beholden.model.errors import KeystoreError
from beholden.model.ids import SubjectId

ANN, BEN = SubjectId("s_ann"), SubjectId("s_ben")


class Vault:
    """Wraps under a key of its own. `asked` counts the keys that it was asked for."""

    def __init__(self, name: str = "vault") -> None:
        self._name = name
        self._key = os.urandom(32)
        self.away = False
        self.forgetful = False
        self.wrong = False
        self.asked = {"wrap": 0, "unwrap": 0}

    @property
    def name(self) -> str:
        return self._name

    def wrap(self, keys: Sequence[tuple[str, Key]]) -> list[bytes]:
        self._count("wrap", len(keys))
        key = os.urandom(32) if self.forgetful else self._key
        return [AESGCM(key).encrypt(bytes(12), each, about.encode()) for about, each in keys]

    def unwrap(self, wrapped: Sequence[tuple[str, bytes]]) -> list[Key]:
        self._count("unwrap", len(wrapped))
        if self.wrong:
            return [new_key() for _ in wrapped]
        try:
            return [taken(AESGCM(self._key).decrypt(bytes(12), each, about.encode())) for about, each in wrapped]
        except InvalidTag as error:
            raise KeystoreError("wrapped elsewhere") from error

    def _count(self, what: str, number: int) -> None:
        if self.away:
            raise KeystoreError("the vault is away")
        self.asked[what] += number


def opened(folder: Path, wrapping: Wrapping, *, rewrap: bool = True) -> Keystore:
    store = Keystore.open(folder)
    store.use(wrapping)
    if rewrap:
        store.rewrap()
    return store


def keys(folder: Path, wrapping: Wrapping | None = None):
    return opened(folder, wrapping or Wrapping(), rewrap=False).data_keys([ANN, BEN])


def texts(folder: Path) -> Iterator[bytes]:
    """What each row of both copies of `kek` holds, decoded."""
    for copy in "ab":
        body = json.loads((folder / f"kek.{copy}.json").read_bytes())["body"]
        yield from (base64.b64decode(row[1]) for known in body.values() for row in known)


def in_the_clear(folder: Path) -> int:
    """How many rows hold 32 bytes: a key, and nothing around it."""
    return sum(len(text) == 32 for text in texts(folder))
