"""Numbers of a face between processes: in memory that both ends see, never in a message, and overwritten afterwards.

A message is copied on its way (text, JSON, frames), and nobody can overwrite what Python then frees.
So a reference is described in the message, and its numbers lie in a memory file whose descriptor
comes with it (SCM_RIGHTS).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from beholden.acts.grants.reference import Reference
from beholden.model.errors import DataFolderError
from beholden.model.ids import ModelDigest
from beholden.model.template import Vector

MOST_NUMBERS = 4096
"""Of one template; the largest published recognisers have 1,024."""


@dataclass(frozen=True, slots=True)
class Described:
    """A `Reference` without its numbers; `length` is how many there are."""

    length: Annotated[int, Field(ge=1, le=MOST_NUMBERS)]
    model: ModelDigest
    quality: float
    shots: int


def described(reference: Reference) -> Described:
    """What of it a message may hold."""
    return Described(len(reference.vector), reference.model, reference.quality, reference.shots)


@contextmanager
def carrying(vector: Vector | None) -> Generator[int | None]:
    """A descriptor of the numbers, overwritten and closed at the end; None for none. Raises DataFolderError."""
    if vector is None:
        yield None
        return
    try:
        fd = os.memfd_create("beholden-reference", os.MFD_CLOEXEC)
    except OSError as error:
        raise DataFolderError(f"this machine gives no memory for a template: {error.strerror}") from error
    try:
        os.pwrite(fd, np.ascontiguousarray(vector, np.float32).view(np.uint8).data, 0)
        yield fd
    finally:
        os.pwrite(fd, bytes(vector.nbytes), 0)
        os.close(fd)


def received(it: Described, fd: int | None) -> Reference:
    """The reference, with the numbers from the descriptor, which stays the caller's. Raises DataFolderError."""
    numbers = np.zeros(it.length, np.float32)
    if fd is None or not _read_whole(fd, numbers.view(np.uint8).data):
        raise DataFolderError("a reference came to the keeper without its numbers")
    return Reference(numbers, it.model, it.quality, it.shots)


def _read_whole(fd: int, into: memoryview) -> bool:
    """Whether it is a file in memory of exactly that size, now read. Of nothing else is a byte taken: it might wait."""
    try:
        what = os.fstat(fd)
        return stat.S_ISREG(what.st_mode) and what.st_size == into.nbytes and os.preadv(fd, [into], 0) == into.nbytes
    except OSError:
        return False
