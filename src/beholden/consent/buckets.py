"""The bucket keys of a keystore: as its file has them, and opened, in locked memory.

    {"0": [["ID", BASE64], ["ID", BASE64, "leaving"]],                         in the clear, in a 0600 file
     "1": [["ID", BASE64, {"by": NAME, "check": HEX}]]}                        wrapped (`consent.wrapper`)

`check` is HMAC-SHA256 of a fixed text under the key, its first 16 bytes: whoever unwraps a key knows that it is the
one that was wrapped. A key that was unwrapped once is not asked for again while it lasts.

Opened keys are in locked memory and nowhere else, with one exception that the hook is there for: keys in the clear
pass through JSON when their file is read or written, and Python does not overwrite texts.
"""

from __future__ import annotations

import base64
import hmac
import os
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from cryptography.exceptions import InvalidTag

from beholden.consent.cipher import NONCE_SIZE, TAG_SIZE, decrypt_into, encrypted
from beholden.consent.copies import Body
from beholden.consent.wrapper import KeyWrapper, Wrapping
from beholden.ledger.locked import SIZE, Key, LockedKeys, filled, new_key, taken, wipe
from beholden.model.errors import KeystoreError, SealBroken

_LEAVING = "leaving"
_CHECKED = b"beholden bucket key"
_CHECK_SIZE = 16
_NOT_NAMED = (
    "Name the program that wrapped them in the settings: keystore.wrap, or keystore.unwrap to do without from now on."
)
_OTHER = "Name the program that wrapped them as keystore.unwrap. Nothing was changed. docs/kms.md says more."


@dataclass(frozen=True, slots=True)
class BucketKey:
    """One key of a bucket. `leaving` while a rotation replaces it; `wrapped` None: in the clear in the file."""

    id: str
    leaving: bool = False
    wrapped: bytes | None = None
    by: str | None = None
    check: str = ""


Rows = dict[int, tuple[BucketKey, ...]]
"""Per bucket, newest last; two only within a rotation."""


def all_of(rows: Rows) -> Iterator[tuple[int, BucketKey]]:
    """Every key with its bucket."""
    return ((bucket, key) for bucket, known in rows.items() for key in known)


def seal_key(opened: memoryview, key: Key, about: str) -> bytes:
    """A data key sealed under a bucket key, as `consent.seal` does."""
    nonce = os.urandom(NONCE_SIZE)
    return nonce + encrypted(opened, nonce, key, about.encode())


def open_key(opened: memoryview, sealed: bytes, about: str) -> Key:
    """The inverse, decrypted in place: what is handed out is the only copy. Raises SealBroken."""
    if len(sealed) != NONCE_SIZE + SIZE + TAG_SIZE:
        raise SealBroken("a wrapped key is cut off")
    nonce, text = sealed[:NONCE_SIZE], sealed[NONCE_SIZE:]
    try:
        return filled(lambda place: decrypt_into(opened, nonce, text, about.encode(), place))
    except InvalidTag as error:
        raise SealBroken("a wrapped key does not open with the key of its bucket") from error


class BucketKeys:
    """Whoever uses it holds the keystore's lock."""

    def __init__(self) -> None:
        self.wrapping = Wrapping()
        self.rows: Rows = {}
        self._opened = LockedKeys()

    @property
    def locked(self) -> bool:
        """Whether opened keys are locked in memory."""
        return self._opened.locked

    def read(self, body: Body) -> None:
        """Take over what the file says; keys that are not in it any more are overwritten."""
        rows: Rows = {}
        for bucket, known in body.items():
            rows[int(bucket)] = tuple(
                self._read_row(name, base64.b64decode(text), marks) for name, text, *marks in known
            )
        self.accept(rows)

    def _read_row(self, name: str, data: bytes, marks: list[str | dict[str, str]]) -> BucketKey:
        leaving = _LEAVING in marks
        for mark in marks:
            if not isinstance(mark, str):
                return BucketKey(name, leaving, data, mark["by"], mark["check"])
        self._opened.put(name, data)
        wipe(data)
        return BucketKey(name, leaving)

    def accept(self, rows: Rows) -> None:
        """These are the keys from now on: all others are overwritten."""
        self.rows = rows
        self._opened.keep_only({key.id for _, key in all_of(rows)})

    def body(self, rows: Rows) -> Body:
        """What the file is to say."""
        return {str(bucket): [self._row(key) for key in known] for bucket, known in rows.items()}

    def _row(self, key: BucketKey) -> list[object]:
        marks: list[object] = [_LEAVING] if key.leaving else []
        if key.wrapped is not None:
            return [key.id, base64.b64encode(key.wrapped).decode(), {"by": key.by, "check": key.check}, *marks]
        opened = self._opened.get(key.id)
        if opened is None:
            raise KeystoreError(f"the bucket key {key.id} is not there")
        return [key.id, base64.b64encode(opened).decode(), *marks]

    def open(self, wanted: Iterable[tuple[int, str]]) -> None:
        """Have these keys opened, by bucket and id; those that are not there are left out. Raises KeystoreError."""
        names = {name for _, name in wanted}
        closed = [(bucket, key) for bucket, key in all_of(self.rows) if key.id in names and key.id not in self._opened]
        for by in sorted({key.by or "" for _, key in closed}):
            mine = [(bucket, key) for bucket, key in closed if (key.by or "") == by]
            opener = self.wrapping.opener(by)
            if opener is None:
                raise _unnamed()
            for (_, key), opened in zip(mine, _unwrapped(opener, mine), strict=True):
                self._opened.put(key.id, opened)

    def get(self, bucket: int, name: str) -> memoryview | None:
        """An opened key in locked memory, for use at once; None when it is not there. Raises KeystoreError."""
        if not any(key.id == name for key in self.rows.get(bucket, ())):
            return None
        if name not in self._opened:
            self.open([(bucket, name)])
        return self._opened.get(name)

    def make(self, bucket: int) -> BucketKey:
        """A new key, opened, and wrapped as settings say. Raises KeystoreError."""
        self._refuse_unnamed()
        key, made = new_key(), BucketKey(secrets.token_hex(8))
        if self.wrapping.wrap is not None:
            [made] = _wrapped(self.wrapping.wrap, [(bucket, made, key)])
        self._opened.put(made.id, key)
        return made

    def wrapped_anew(self) -> Rows | None:
        """All keys, wrapped as settings say; None when they are already. Raises KeystoreError."""
        by = self.wrapping.by
        if all(key.by == by for _, key in all_of(self.rows)):
            return None
        self._refuse_unnamed()
        self.open((bucket, key.id) for bucket, key in all_of(self.rows))
        others = [(bucket, key) for bucket, key in all_of(self.rows) if key.by != by]
        if self.wrapping.wrap is None:
            changed = {key.id: BucketKey(key.id, key.leaving) for _, key in others}
        else:
            opened = [(bucket, key, self._copy(key.id)) for bucket, key in others]
            changed = {key.id: key for key in _wrapped(self.wrapping.wrap, opened)}
        return {bucket: tuple(changed.get(key.id, key) for key in known) for bucket, known in self.rows.items()}

    def _refuse_unnamed(self) -> None:
        """Keys that a program wrapped are never left in the clear because a setting is missing here."""
        if self.wrapping == Wrapping() and any(key.by for _, key in all_of(self.rows)):
            raise _unnamed()

    def _copy(self, name: str) -> Key:
        opened = self._opened.get(name)
        assert opened is not None  # it was opened just before, under the same lock
        return taken(bytes(opened))

    def close(self) -> None:
        """Overwrite every opened key."""
        self.rows = {}
        self._opened.clear()


def _unnamed() -> KeystoreError:
    return KeystoreError("the keystore's keys are wrapped by a program, and the settings name none", advice=_NOT_NAMED)


def _about(bucket: int, key: BucketKey) -> str:
    """What a key is wrapped as being about; programs see it."""
    return f"beholden bucket {bucket} key {key.id}"


def _check_of(key: bytes) -> str:
    return hmac.digest(key, _CHECKED, "sha256")[:_CHECK_SIZE].hex()


def _unwrapped(opener: KeyWrapper, keys: list[tuple[int, BucketKey]]) -> list[Key]:
    """Each opened, and known to be what was wrapped. Raises KeystoreError."""
    opened = opener.unwrap([(_about(bucket, key), key.wrapped or b"") for bucket, key in keys])
    if len(opened) != len(keys) or any(_check_of(o) != key.check for o, (_, key) in zip(opened, keys, strict=True)):
        raise KeystoreError("what unwraps the keystore's keys gave back other keys than were wrapped", advice=_OTHER)
    return opened


def _wrapped(wrapper: KeyWrapper, keys: list[tuple[int, BucketKey, Key]]) -> list[BucketKey]:
    """Each wrapped, and unwrapped once to see that it can be: what cannot would be lost. Raises KeystoreError."""
    closed = wrapper.wrap([(_about(bucket, key), opened) for bucket, key, opened in keys])
    result = [
        replace(key, wrapped=wrapped, by=wrapper.name, check=_check_of(opened))
        for (_, key, opened), wrapped in zip(keys, closed, strict=True)
    ]
    _unwrapped(wrapper, [(bucket, key) for (bucket, _, _), key in zip(keys, result, strict=True)])
    return result
