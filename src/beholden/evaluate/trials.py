"""Whose each trial was: one person's, two people's, or a stranger's in a gallery."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from beholden.evaluate.rates import Floats

Counts = npt.NDArray[np.integer]


@dataclass(frozen=True, slots=True, eq=False)
class Trials:
    """Whose n trials were, for P people. Made by `of_people`, `of_pairs` or `of_searches`.

    `first`, `second` (n,): who took part, as indices; `first_tried`, `second_tried` (P,): in how many trials each
    person is on that side. `pair` (n,): the index of the pair of people of each trial, `per_pair`: its trials,
    `squares`: the squares of the trials of all pairs, summed. `alike`: how many trials of one person (or pair) an
    average trial has beside it, with itself. `search`: the second person is one of many in a gallery.
    """

    first: Counts
    first_tried: Floats
    alike: float
    second: Counts | None = None
    second_tried: Floats = field(default_factory=lambda: np.zeros(0))
    pair: Counts | None = None
    per_pair: Floats = field(default_factory=lambda: np.zeros(0))
    squares: float = 0.0
    search: bool = False

    def __len__(self) -> int:
        return len(self.first)

    @property
    def enough(self) -> bool:
        """Whether somebody can be left out, and trials of others are left: else they tell nothing of other people."""
        if self.second is None or self.search:
            return int(np.count_nonzero(self.first_tried)) > 1
        return int(np.count_nonzero(self.first_tried + self.second_tried)) > 2


def of_people(person: Counts, people: int = 0) -> Trials:
    """Trials (n,) that are each of one person, an index from 0."""
    tried = np.bincount(person, minlength=people).astype(np.float64)
    return Trials(person, tried, float(np.square(tried).sum()) / max(1, len(person)))


def of_pairs(people: Counts) -> Trials:
    """Trials (n, 2) that are each of two people; in which order makes no difference."""
    first, second = people[:, 0], people[:, 1]
    size = int(people.max(initial=-1)) + 1
    pairs, pair = np.unique(_key(first, second, size), return_inverse=True)
    per_pair = np.bincount(pair, minlength=len(pairs)).astype(np.float64)
    squares = float(np.square(per_pair).sum())
    tried = (np.bincount(side, minlength=size).astype(np.float64) for side in (first, second))
    return Trials(first, next(tried), squares / max(1, len(first)), second, next(tried), pair, per_pair, squares)


def of_searches(probe: Counts, rival: Counts, split: Counts, enrolled: npt.NDArray[np.bool_]) -> Trials:
    """Searches (m,) of strangers in a gallery; `rival` is who was most alike. See `Searches` for the arrays.

    A search is a trial of the stranger, and of each person of the gallery the share that one of so many has.
    """
    splits, size = enrolled.shape
    asked = (
        np.bincount(split * np.int64(size) + probe, minlength=splits * size).reshape(splits, size).astype(np.float64)
    )
    share = enrolled / np.maximum(1, enrolled.sum(axis=1, keepdims=True))
    pairs, pair = np.unique(_key(probe, rival, size), return_inverse=True)
    one, other = np.divmod(pairs, size)
    per_pair = np.zeros(len(pairs))
    for row, part in zip(asked, share, strict=True):
        per_pair += row[one] * part[other] + row[other] * part[one]
    cross = share @ asked.T
    squares = float(((asked @ asked.T) * (share @ share.T)).sum() + (cross * cross.T).sum())
    tried = asked.sum(axis=0)
    alike = float(np.square(tried).sum()) / max(1, len(probe))
    offered = (asked.sum(axis=1, keepdims=True) * share).sum(axis=0)
    return Trials(probe, tried, alike, rival, offered, pair, per_pair, squares, search=True)


def _key(one: Counts, other: Counts, size: int) -> npt.NDArray[np.int64]:
    """One number for a pair of people, whoever comes first."""
    return np.minimum(one, other).astype(np.int64) * size + np.maximum(one, other)
