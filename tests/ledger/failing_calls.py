"""File system calls of this thread that are counted, and one of which fails: refused, half done, or done and failed."""

from __future__ import annotations

import builtins
import fcntl
import io
import os
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

CALLS = (
    *((os, name) for name in ("open", "close", "read", "write", "fsync", "replace", "unlink", "mkdir", "rmdir")),
    *((os, name) for name in ("listdir", "scandir", "stat", "lstat", "fstat", "utime", "chmod", "ftruncate")),
    (fcntl, "flock"),
    (io, "open"),
    (builtins, "open"),
)
"""What a log may call. `Path` calls these too, and `io.open`."""


class How(StrEnum):
    """What becomes of the call that fails."""

    REFUSED = "refused"
    DONE = "done"
    HALF = "half"
    """Of a write: as a disk that becomes full; of others nothing."""


class Calls:
    """Fails the call with number `fail_at` (from 0) with `code`; `made` names all that were made."""

    def __init__(self, fail_at: int = -1, how: How = How.REFUSED, code: int = 0) -> None:
        self._fail_at, self._how, self._code = fail_at, how, code
        self._thread = threading.get_ident()
        self.made: list[str] = []

    @contextmanager
    def counted(self) -> Generator[None]:
        """Calls are counted, and one fails."""
        kept = [(room, name, getattr(room, name)) for room, name in CALLS]
        try:
            for room, name, real in kept:
                setattr(room, name, self._wrapped(name, real))
            yield
        finally:
            for room, name, real in kept:
                setattr(room, name, real)

    def _wrapped(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            if threading.get_ident() != self._thread:
                return real(*arguments, **named)
            self.made.append(name)
            if len(self.made) - 1 != self._fail_at:
                return real(*arguments, **named)
            if name == "close":  # Linux frees the descriptor whatever it answers
                real(*arguments)
            elif name == "write" and self._how is How.HALF:
                real(arguments[0], arguments[1][: len(arguments[1]) // 2])
            elif self._how is How.DONE:
                _drop(name, real(*arguments, **named))
            raise OSError(self._code, os.strerror(self._code))

        return call


def _drop(name: str, result: Any) -> None:
    """Nobody gets what a call that failed has opened."""
    if name == "open" and isinstance(result, int):
        os.close(result)
    elif name in {"open", "scandir"}:
        result.close()
