"""Pairs for verification from a folder per person: all of one person, and as many of two as are asked for, drawn."""

from __future__ import annotations

import numpy as np

from beholden.evaluate.pairs_file import Pairs
from beholden.evaluate.people_folder import PeopleFolder


def draw_pairs(people: PeopleFolder, most: int, seed: int) -> Pairs:
    """Every pair of pictures of one person, and at most `most` pairs of two people's pictures, all where that suffices.

    The earlier picture (in the order of names) is the reference, as if it had been given first.
    """
    count = len(people.pictures)
    one, other = (each.astype(np.int32) for each in np.triu_indices(count, 1))
    mated = people.person[one] == people.person[other]
    strangers = np.flatnonzero(~mated)
    if len(strangers) > most:
        strangers = np.sort(np.random.default_rng(seed).choice(strangers, most, replace=False))
    chosen = np.sort(np.concatenate([np.flatnonzero(mated), strangers]))
    return Pairs(
        pictures=people.pictures,
        line=np.zeros(count, np.int32),
        reference=one[chosen],
        probe=other[chosen],
        mated=mated[chosen],
        people=people.person,
        folders=people.names,
    )
