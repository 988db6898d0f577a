"""How much is measured for a report: so many splits, rounds and clips; everything drawn comes from one seed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from beholden.evaluate import covering, scenes


@dataclass(frozen=True, slots=True)
class Extent:
    """`splits` of identification with `photos` to enrol; at most `most_pairs` of two people in verification; `rounds`
    of walks in faces `widths` wide; `clips` of `covering_s` seconds for each width in `covering_widths`.
    `faces_a_day`: strangers whom a camera sees, for the false alerts of a day."""

    seed: int = 1
    splits: int = 10
    photos: int = 1
    most_pairs: int = 20_000
    faces_a_day: int = 1000
    widths: tuple[int, ...] = scenes.WIDTHS
    rounds: int = 2
    covering_widths: tuple[int, ...] = covering.WIDTHS
    covering_clips: int = 4
    covering_s: float = 3.2

    def as_values(self) -> dict[str, Any]:
        """For JSON."""
        values: dict[str, Any] = asdict(self)
        return {**values, "widths": list(self.widths), "covering_widths": list(self.covering_widths)}


FULL = Extent()
SMALL = Extent(covering_clips=2, covering_s=2.0)
"""A third of the clips of covering, which do not become fewer with fewer people: three minutes for ten of them."""
