"""A file that is there whole, or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from pathlib import Path
from typing import BinaryIO

from beholden.model.errors import InputError, OutputRefused, StorageFull

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def output_error(path: Path, error: OSError) -> InputError:
    """What an error of the file system means for somebody who wanted `path` written."""
    if error.errno in _FULL:
        return StorageFull(f"{path}: the disk is full")
    if error.errno == errno.ENOENT:
        return OutputRefused(f"{path}: there is no such folder")
    return OutputRefused(f"{path}: cannot be written ({error.strerror or error})")


class PendingFile:
    """Bytes written beside `path` under a temporary name, and renamed to it by `commit`.

    It never raises while an encoder writes to it: encoders drop or print what their output raises.
    The first error is kept in `error`, later bytes go nowhere, and `commit` raises it.
    """

    def __init__(self, path: Path) -> None:
        """Raises OutputRefused or StorageFull."""
        self.path = path
        self.error: OSError | None = None
        self.temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
        try:
            folder = path.is_dir()
        except OSError as error:
            raise output_error(path, error) from error
        if folder:
            raise OutputRefused(f"{path}: is a folder", advice="Name a file in it.")
        try:
            self._file: BinaryIO = open(self.temporary, "xb", buffering=0)  # noqa: SIM115 - closed by commit or discard
        except (OSError, ValueError) as error:
            problem = error if isinstance(error, OSError) else OSError(errno.EINVAL, str(error))
            raise output_error(path, problem) from error

    def write(self, data: bytes) -> int:
        """Take all of `data`, or note why not."""
        rest = memoryview(data)
        try:
            while rest and self.error is None and not self._file.closed:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            self.error = error
        return len(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return 0 if self._file.closed else self._file.seek(offset, whence)

    def tell(self) -> int:
        return 0 if self._file.closed else self._file.tell()

    def commit(self) -> None:
        """Make it durable and give it its name. Raises OutputRefused or StorageFull, leaving nothing."""
        try:
            if self.error is not None:
                raise self.error
            os.fsync(self._file.fileno())
            self._file.close()
            os.replace(self.temporary, self.path)
        except OSError as error:
            self.discard()
            raise output_error(self.path, error) from error

    def discard(self) -> None:
        """Remove what was written. Safe to call twice, and after `commit`."""
        with contextlib.suppress(OSError):
            self._file.close()
        with contextlib.suppress(OSError):
            self.temporary.unlink(missing_ok=True)
