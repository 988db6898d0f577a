"""Synthetic people as a caller hands them in: small photos, read when they are asked for."""

from __future__ import annotations

from functools import cache, partial

import cv2
import numpy as np

from beholden.demo.people import PEOPLE, PersonId, cells
from beholden.evaluate.cast import Person
from beholden.model.frame import Pixels

LOOKS = ("neutral", "happy", "smug", "determined")
"""The first one of each person enrols, the others walk."""


@cache
def photo(person: PersonId, look: str) -> Pixels:
    """A cell of a sheet, at most 400 pixels high."""
    cell = cells(person)[look]
    return np.asarray(cv2.resize(cell, None, fx=0.75, fy=0.75, interpolation=cv2.INTER_AREA), np.uint8)


def walkers(count: int, looks: tuple[str, ...] = LOOKS) -> list[Person]:
    """So many people with these photos each."""
    return [Person(tuple(partial(photo, person, look) for look in looks)) for person in PEOPLE[:count]]
