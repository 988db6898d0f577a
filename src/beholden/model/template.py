"""Templates: the probe that dies in memory, and the reference that a grant allows.

Invariant I4: a `ProbeTemplate` cannot be pickled, copied, printed or logged, and is wiped.
Invariant I9: each carries the digest of the weights that made it; two digests never meet.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import NoReturn, Self

import numpy as np
import numpy.typing as npt

from beholden.model.errors import ModelMismatch
from beholden.model.ids import ModelDigest, SubjectId

Vector = npt.NDArray[np.float32]
"""A template's numbers: (d,) float32, unit length."""


class ProbeTemplate:
    """A template of someone who has not been matched, in memory only.

    `vector` is (d,) float32 of unit length in a buffer that this object owns; `shots` is how many
    were pooled. Use it as a context manager: it is wiped on the way out. After `wipe` every use
    raises ValueError.
    """

    __slots__ = ("_vector", "_wiped", "model", "shots")

    def __init__(self, vector: Vector, model: ModelDigest, shots: int) -> None:
        self._vector = vector
        self._wiped = False
        self.model = model
        self.shots = shots

    @property
    def vector(self) -> Vector:
        if self._wiped:
            raise ValueError("this probe was wiped")
        return self._vector

    @property
    def wiped(self) -> bool:
        return self._wiped

    def wipe(self) -> None:
        """Overwrite the numbers in place. Safe to call twice."""
        self._vector.fill(0.0)
        self._wiped = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.wipe()

    def __del__(self) -> None:
        if not getattr(self, "_wiped", True):
            self.wipe()

    def __repr__(self) -> str:
        return f"<ProbeTemplate of {self.shots} shots, never shown>"

    def _refuse(self, *_: object) -> NoReturn:
        raise TypeError("a probe template is never stored, copied or sent: it lives for one track and is wiped")

    __reduce__ = _refuse
    __reduce_ex__ = _refuse
    __getstate__ = _refuse
    __copy__ = _refuse
    __deepcopy__ = _refuse
    __array__ = _refuse
    __bytes__ = _refuse
    __iter__ = _refuse


@dataclass(frozen=True, slots=True)
class EnrolledTemplate:
    """A reference at rest, sealed under its subject's key. Only `acts.grants.enrol` builds one.

    `sealed` is nonce (12 bytes) + AES-256-GCM ciphertext of d float32 little-endian numbers; the
    associated data is subject, version and model digest. `quality` 0-1 is the mean of its shots.
    """

    subject: SubjectId
    sealed: bytes
    model: ModelDigest
    captured_at: datetime
    quality: float
    shots: int


def check_same_model(one: ModelDigest, other: ModelDigest) -> None:
    """Raise ModelMismatch unless both templates were made by the very same weights."""
    if one != other:
        raise ModelMismatch(f"templates of model {one[:12]} and of model {other[:12]} cannot be compared")
