"""A reference on its way to where somebody is enrolled: the numbers of a face that are wiped once they are sealed."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from beholden.model.ids import ModelDigest
from beholden.model.template import Vector


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """What was made of somebody's photos. Use it as a context manager: it is wiped on the way out.

    `vector` is (d,) float32 of unit length, in a buffer that this object owns; `quality` 0-1 is the
    mean of the photos, `shots` how many there were.
    """

    vector: Vector = field(repr=False)
    model: ModelDigest
    quality: float
    shots: int

    def wipe(self) -> None:
        """Overwrite the numbers in place. Safe to call twice."""
        self.vector.fill(0.0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.wipe()
