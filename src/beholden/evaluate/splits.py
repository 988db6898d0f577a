"""Open set, again and again: who is enrolled by which pictures, who comes back, who is a stranger; and the searches.

Each split draws the people anew. Nobody's pictures are on both sides: those that enrol a person are not probes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from beholden.evaluate.duplicates import Indices
from beholden.evaluate.people_folder import PeopleFolder
from beholden.evaluate.searches import Searches
from beholden.evaluate.templates import Flags, Floats, Looked, Progress

BLOCK = 256
"""Probes that search the gallery at once."""
LEAST_ENROLLED = 2
LEAST_PEOPLE = 4
NOWHERE = -2.0
"""In place of the cosine of a probe that was not acquired: below every threshold, so it finds nobody."""
Random = np.random.Generator


@dataclass(frozen=True, slots=True)
class Plan:
    """`splits` draws from `seed`; a person is enrolled by `photos` pictures, which are as `alike` as a name needs."""

    splits: int
    photos: int
    seed: int
    alike: float


@dataclass(frozen=True, slots=True, eq=False)
class Searched:
    """The searches of all splits, and the `picture` (m,) that each is of. `differed`: enrolments drawn and refused.

    `failed` (m,) bool: searches that a failure to acquire prevented; they are in `searches` as finding nobody.
    """

    searches: Searches
    picture: Indices
    failed: Flags
    differed: int


@dataclass(frozen=True, slots=True, eq=False)
class _Split:
    """One draw: the people enrolled, in the order of the gallery, the pictures of each, and the probes."""

    enrolled: Indices
    references: tuple[Indices, ...]
    probes: Indices


@dataclass(slots=True, eq=False)
class _Rows:
    """What the searches of one split found, a row per probe."""

    own: Floats
    rank: Indices
    other: Floats
    rival: Indices


def search_all(
    people: PeopleFolder, looked: Looked, may_enrol: Flags, may_probe: Flags, plan: Plan, progress: Progress
) -> Searched | None:
    """Every split's searches; None where fewer than `LEAST_ENROLLED` people could be enrolled.

    `may_enrol`, `may_probe` (n,) bool: pictures that may be a reference, and probes that are acquired. Unreadable
    pictures take no part. Half of the people are enrolled at most; the others are strangers.
    """
    random = np.random.default_rng(plan.seed)
    pictures = pictures_by_person(people, looked.readable)
    parts: list[_Rows] = []
    splits: list[_Split] = []
    differed, size = 0, None
    for number in range(plan.splits):
        split, refused = _draw(pictures, looked, may_enrol, plan, size, random)
        differed += refused
        if len(split.enrolled) < LEAST_ENROLLED:
            return None
        size = size or len(split.enrolled)
        progress("searching", number, plan.splits)
        parts.append(_search(people, looked, split, may_probe))
        splits.append(split)
    progress("searching", plan.splits, plan.splits)
    picture = np.concatenate([split.probes for split in splits])
    enrolled = np.zeros((plan.splits, len(people.names)), bool)
    for number, split in enumerate(splits):
        enrolled[number, split.enrolled] = True
    searches = Searches(
        gallery=max(len(split.enrolled) for split in splits),
        people=people.person[picture],
        own=np.concatenate([part.own for part in parts]),
        own_rank=np.concatenate([part.rank for part in parts]),
        other=np.concatenate([part.other for part in parts]),
        split=np.repeat(np.arange(plan.splits, dtype=np.int32), [len(split.probes) for split in splits]),
        rival=np.concatenate([part.rival for part in parts]),
        enrolled=enrolled,
    )
    return Searched(searches, picture, ~may_probe[picture], differed)


def pictures_by_person(people: PeopleFolder, readable: Flags) -> list[Indices]:
    """For each person, which pictures could be read."""
    chosen = np.flatnonzero(readable)
    order = chosen[np.argsort(people.person[chosen], kind="stable")].astype(np.int32)
    ends = np.cumsum(np.bincount(people.person[chosen], minlength=len(people.names)))
    return np.split(order, ends[:-1])


def _draw(
    pictures: Sequence[Indices], looked: Looked, may_enrol: Flags, plan: Plan, size: int | None, random: Random
) -> tuple[_Split, int]:
    """Who is enrolled, by which pictures, and what the probes are; and how many enrolments were refused.

    As at a counter: whoever's photo is refused gives another. `size`: as many as in the first split, where they can be.
    """
    most = size or sum(len(own) > 0 for own in pictures) // 2
    enrolled: list[int] = []
    references: list[Indices] = []
    refused = 0
    for person in map(int, random.permutation(len(pictures))):
        if len(enrolled) == most:
            break
        own = pictures[person]
        good = own[may_enrol[own]]
        if len(good) < plan.photos or len(own) <= plan.photos:
            continue
        chosen = random.permutation(good)[: plan.photos].astype(np.int32)
        if not all_alike(looked, chosen, plan.alike):
            refused += 1
            continue
        enrolled.append(person)
        references.append(chosen)
    free = looked.readable
    for chosen in references:
        free[chosen] = False
    probes = np.flatnonzero(free).astype(np.int32)
    return _Split(np.array(enrolled, np.int32), tuple(references), probes), refused


def all_alike(looked: Looked, chosen: Indices, alike: float) -> bool:
    """Whether every two photos of one enrolment are as alike as a name needs, as `make_reference` asks."""
    vectors = looked.templates.vectors
    return all(float(vectors[one] @ vectors[other]) >= alike for at, one in enumerate(chosen) for other in chosen[:at])


def _search(people: PeopleFolder, looked: Looked, split: _Split, may_probe: Flags) -> _Rows:
    """Each probe against everybody enrolled, in blocks."""
    vectors, count, size = looked.templates.vectors, len(split.probes), len(split.enrolled)
    column = np.full(len(people.names), -1, np.int32)
    column[split.enrolled] = np.arange(size, dtype=np.int32)
    at = column[people.person[split.probes]]
    rows = _Rows(
        own=np.where(at >= 0, np.float32(NOWHERE), np.float32(np.nan)).astype(np.float32),
        rank=np.where(at >= 0, size + 1, 0).astype(np.int32),
        other=np.full(count, NOWHERE, np.float32),
        rival=split.enrolled[np.where(at == 0, -1, 0)],
    )
    acquired = np.flatnonzero(may_probe[split.probes])
    gallery = np.zeros((size, vectors.shape[1]), np.float32)
    block = np.empty((min(BLOCK, max(1, len(acquired))), vectors.shape[1]), np.float32)
    try:
        _fill(gallery, looked, split)
        for start in range(0, len(acquired), BLOCK):
            chosen = acquired[start : start + BLOCK]
            held = block[: len(chosen)]
            # "raise", the default, would gather into a buffer of its own, which nobody wipes.
            np.take(vectors, split.probes[chosen], axis=0, out=held, mode="clip")
            _judge(rows, chosen, at[chosen], held @ gallery.T, split.enrolled)
    finally:
        gallery.fill(0.0)
        block.fill(0.0)
    return rows


def _judge(rows: _Rows, chosen: npt.NDArray[np.intp], at: Indices, scores: Floats, enrolled: Indices) -> None:
    """The outcome of some searches. `scores` (k, gallery); `at` (k,): the person's own column, -1 for a stranger."""
    mated = np.flatnonzero(at >= 0)
    own = scores[mated, at[mated]]
    rows.own[chosen[mated]] = own
    scores[mated, at[mated]] = -np.inf
    # Somebody exactly as alike comes first: a tie is no success.
    rows.rank[chosen[mated]] = 1 + (scores[mated] >= own[:, None]).sum(axis=1)
    best = scores.argmax(axis=1)
    rows.other[chosen] = scores[np.arange(len(chosen)), best]
    rows.rival[chosen] = enrolled[best]


def _fill(gallery: Floats, looked: Looked, split: _Split) -> None:
    """One row per person: the mean direction of their photos, weighted by quality, as faces/pool.py makes it."""
    vectors = looked.templates.vectors
    for row, chosen in enumerate(split.references):
        for picture in chosen:
            weight = max(float(looked.quality[picture]), 1e-3)
            gallery[row] *= 1.0 / weight
            gallery[row] += vectors[picture]
            gallery[row] *= weight
        gallery[row] /= float(np.sqrt(gallery[row] @ gallery[row]))
