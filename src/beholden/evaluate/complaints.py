"""Everything that is wrong with what was given, said at once and by place: nobody's name is repeated."""

from __future__ import annotations

from collections.abc import Sequence

from beholden.model.errors import InputError

MOST_SAID = 10
"""Complaints that are told one by one; the others are counted."""


def refuse_all(about: str, complaints: Sequence[str], advice: str) -> None:
    """Raise one InputError with every complaint, or do nothing where there is none."""
    if not complaints:
        return
    more = len(complaints) - MOST_SAID
    said = "; ".join(complaints[:MOST_SAID]) + (f"; and {more} more" if more > 0 else "")
    raise InputError(f"{about}: {said}", advice=advice)
