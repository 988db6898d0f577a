"""Small counts of people are not told, nor can they be had from the others that are. None is a count that is hidden."""

from __future__ import annotations

from collections.abc import Mapping

from beholden.acts.sightings.counts import SMALLEST

Cell = int | None


def cell(count: int) -> Cell:
    """A count that stands alone: no sum of it with others is told."""
    return count if count >= SMALLEST else None


def all_or_none(cells: Mapping[str, int]) -> dict[str, Cell]:
    """Cells of which a sum is told elsewhere, in which one may count twice: one small cell hides all of them."""
    told = bool(cells) and min(cells.values()) >= SMALLEST
    return {name: count if told else None for name, count in cells.items()}


def at_least(count: int) -> Cell:
    """So many or more, in whole tens: what depends on a hidden count, and must not give it away."""
    return cell(count // SMALLEST * SMALLEST)
