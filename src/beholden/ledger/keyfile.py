"""The log's signing key in a file of its own, mode 0600, as Go's `sumdb/note` writes it."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from .durable import sync_folder, write_all
from .errors import LogUnavailable
from .note import NoteError, SigningKey, parse_signer

_ADVICE = "Run `chmod 600` on it; whoever read it can sign for this log, so tell the witnesses and begin a new log."


def create_key(path: Path, name: str) -> SigningKey:
    """A new key, durable in `path`. Raises LogUnavailable when a file is there already or cannot be written."""
    key = SigningKey.generate(name)
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            write_all(fd, key.encoded().encode() + b"\n")
            os.fsync(fd)
        finally:
            os.close(fd)
        sync_folder(path.parent)
    except OSError as error:
        raise LogUnavailable(f"cannot create the log's key {path}: {error.strerror}") from error
    return key


def load_key(path: Path) -> SigningKey:
    """Raises LogUnavailable when the file is missing, damaged, or readable by other accounts."""
    try:
        if path.stat().st_mode & 0o077:
            raise LogUnavailable(f"other accounts can read the log's key {path}", advice=_ADVICE)
        with _contents(path) as text:
            return parse_signer(text)
    except OSError as error:
        raise LogUnavailable(f"cannot read the log's key {path}: {error.strerror}") from error
    except NoteError as error:
        raise LogUnavailable(f"the log's key {path} is damaged") from error


def compare_key(path: Path, key: SigningKey) -> None:
    """The file must still hold this key, or nobody could open the log again. Raises LogUnavailable."""
    try:
        with _contents(path) as text:
            same = key.is_written_as(text)
    except OSError as error:
        raise LogUnavailable(f"cannot read the log's key {path}: {error.strerror}") from error
    if not same:
        raise LogUnavailable(f"the log's key {path} is not the one that it was opened with")


@contextmanager
def _contents(path: Path) -> Generator[bytearray]:
    """A key file without its last newline, overwritten in memory afterwards. Raises OSError."""
    with path.open("rb", buffering=0) as file:
        text = bytearray(os.fstat(file.fileno()).st_size)
        file.readinto(text)
    if text.endswith(b"\n"):
        del text[-1:]
    try:
        yield text
    finally:
        text[:] = bytes(len(text))
