"""One small JSON document kept in two copies, either of which repairs the other.

    NAME.a.json, NAME.b.json   {"generation": n, "body": {...}, "sha256": of both}

The copy with the highest generation counts; a missing, older or damaged one is rewritten from it.
Whoever calls holds the keystore's lock.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
from pathlib import Path
from typing import Any, cast

from beholden.ledger.durable import replace_file
from beholden.model.errors import KeystoreError, KeystoreExposed, KeystoreMissing, StorageFull

Body = dict[str, Any]


def _digest(generation: int, body: Body) -> str:
    text = json.dumps([generation, body], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _parse(data: bytes) -> tuple[int, Body] | None:
    """(generation, body), or None when the bytes are not what was written."""
    try:
        loaded: object = json.loads(data)
    except ValueError:
        return None
    if not isinstance(loaded, dict):
        return None
    values = cast("dict[str, object]", loaded)
    generation, body = values.get("generation"), values.get("body")
    if not isinstance(generation, int) or not isinstance(body, dict):
        return None
    parsed = cast("Body", body)
    return (generation, parsed) if values.get("sha256") == _digest(generation, parsed) else None


class TwoCopies:
    """The document `name` in `folder`."""

    def __init__(self, folder: Path, name: str) -> None:
        self.paths = (folder / f"{name}.a.json", folder / f"{name}.b.json")

    def stamp(self) -> tuple[tuple[int, int, int] | None, ...]:
        """Differs whenever a copy was replaced: cheaper than reading. Raises KeystoreError."""
        return tuple(self._stamp(path) for path in self.paths)

    @staticmethod
    def _stamp(path: Path) -> tuple[int, int, int] | None:
        try:
            status = path.stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise KeystoreError(f"cannot read {path}: {error.strerror}") from error
        if status.st_mode & 0o077:
            raise KeystoreExposed(f"other accounts can read {path}")
        return status.st_ino, status.st_mtime_ns, status.st_size

    def read(self) -> Body:
        """The newest whole copy; the other is repaired when it differs.

        Raises KeystoreMissing (neither is there), KeystoreExposed, KeystoreError (both are damaged).
        """
        found = [self._read(path) for path in self.paths]
        whole = [copy for copy in found if isinstance(copy, tuple)]
        if not whole:
            if found == [None, None]:
                raise KeystoreMissing(f"neither copy of the keystore is there: {self.paths[0]}")
            raise KeystoreError(
                f"both copies of the keystore are damaged: {self.paths[0]}",
                advice="Put back a copy of the keystore that is whole. Without it nobody can be recognised, by design.",
            )
        generation, body = max(whole, key=lambda copy: copy[0])
        for path, copy in zip(self.paths, found, strict=True):
            if not isinstance(copy, tuple) or copy[0] != generation:
                self._replace(path, generation, body)
        return body

    def write(self, body: Body) -> None:
        """Replace both copies, one after the other, each durable. Raises KeystoreError, StorageFull."""
        generation = 1 + max((copy[0] for copy in map(self._read, self.paths) if isinstance(copy, tuple)), default=0)
        for path in self.paths:
            self._replace(path, generation, body)

    def _read(self, path: Path) -> tuple[int, Body] | str | None:
        """The copy, None when it is missing, "damaged" when it is."""
        if self._stamp(path) is None:
            return None
        try:
            return _parse(path.read_bytes()) or "damaged"
        except OSError as error:
            raise KeystoreError(f"cannot read {path}: {error.strerror}") from error

    @staticmethod
    def _replace(path: Path, generation: int, body: Body) -> None:
        """Replace one copy, then overwrite the bytes of the old one.

        Overwriting is best effort: a copy-on-write file system or the disk itself may keep old blocks (SECURITY.md).
        """
        document = {"generation": generation, "body": body, "sha256": _digest(generation, body)}
        try:
            old = os.open(path, os.O_WRONLY | os.O_CLOEXEC) if path.exists() else -1
            try:
                replace_file(path, json.dumps(document, sort_keys=True).encode())
                if old >= 0:
                    os.pwrite(old, bytes(os.fstat(old).st_size), 0)
                    os.fsync(old)
            finally:
                if old >= 0:
                    os.close(old)
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise StorageFull(f"no space for the keystore {path}") from error
            raise KeystoreError(f"cannot write {path}: {error.strerror}") from error
