"""From consenting people's photos to a recogniser's table of thresholds, the same bytes each time.

The table says which weights it is for, what it was made from (a digest of every input, the seed, the versions of the
method and of the libraries) and, for each number of pooled shots and each face width, the threshold that keeps a false
match rate per comparison: the upper bound over resampled people, which decisions use. Compared are people of the same
sex and ethnicity, as they gave them: strangers who look alike are what matters. Beside it stand best estimates, for
people alike and for any two of them. `faces/calibration.py` reads it. No name, path or single score is in it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np

from beholden.evaluate import views
from beholden.evaluate.data_set import DataSet
from beholden.evaluate.tail import START, UPPER, Indices, PairScores, Tail, measure_tails
from beholden.evaluate.templates import Flags, Floats, Progress
from beholden.evaluate.tracks import SHOTS, Drawing, Tracks, draw_tracks, photos_of
from beholden.faces.calibration import FORMAT
from beholden.faces.detect import Detector
from beholden.faces.embed import Embedder
from beholden.faces.quality import QualityGates
from beholden.model.errors import EmptyInput
from beholden.video.limits import Limits
from beholden.video.still import read_still

METHOD = 1
"""Raised whenever the same input gives another table; `views.METHOD` is noted beside it."""
SEED = 20261122
RESAMPLES = 1000
RATES = (1e-1, 3e-2, 1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5, 3e-6, 1e-6)
MOST_RATE = 0.5
DECIDED_AT = 1e-2
"""False match rate at which the decisions of a track are counted. On 102 people they are 1.0 to 1.4 at 48 px and more,
from 3e-2 to 1e-3, without a trend."""
RECOGNISED_PX = QualityGates().min_width_px
"""Narrower faces are not recognised by default."""
STRATUM = "same self-given sex and ethnicity"
COLUMNS = {
    "threshold": "upper bound over resampled people of the stratum: what decisions use, the highest of all sizes",
    "alike": "best estimate in the stratum",
    "point": "best estimate among all people measured, where `mixed` times as many comparisons go wrong",
    "missed": "of the mated probes, those below the threshold that is used",
}
LIBRARIES = ("numpy", "onnxruntime", "opencv-python-headless")


@dataclass(frozen=True, slots=True, eq=False)
class _Probes:
    """Who is compared: ordered pairs (p, 2) of people, each the probe's and the reference's, and their references."""

    pairs: Indices
    people: int
    references: Floats


def calibrate(
    data: DataSet, drawing: Drawing, detector: Detector, embedder: Embedder, limits: Limits, progress: Progress
) -> dict[str, Any]:
    """The table, ready for `table_bytes`. Raises InputError, EmptyInput (nobody to compare), ModelError."""
    paths = [(number, path, sha) for number, person in enumerate(data.people) for path, sha in person.photos]
    with draw_tracks(
        photos_of(paths, lambda path: read_still(path, limits)), drawing, detector, embedder, progress
    ) as tracks:
        references, enrolled = tracks.references_of(len(data.people))
        try:
            pairs, people = _like_with_like(data, enrolled), len(data.people)
            alike, anybody = _Probes(pairs, people, references), _Probes(_everybody(enrolled), people, references)
            measured = _measured(tracks, alike, anybody, progress)
        finally:
            references.fill(0.0)
    compared = np.unique(pairs)
    return {
        "format": FORMAT,
        "model": embedder.model,
        "data": data.title,
        "stratum": STRATUM,
        "columns": COLUMNS,
        "people": len(compared),
        "pairs": len(pairs) // 2,
        "made_by": _made_by(data, drawing, detector),
        **measured,
    }


def table_bytes(table: Mapping[str, Any]) -> bytes:
    """The table as the bytes of its file."""
    return (json.dumps(table, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def differences(there: Mapping[str, Any], made: Mapping[str, Any]) -> tuple[str, ...]:
    """In words, in what another table differs from the one that was made; nothing where it does not."""
    if there == made:
        return ()
    if there.get("format") != made["format"] or not isinstance(there.get("made_by"), dict):
        return ("it is of another format",)
    before: dict[str, Any] = there["made_by"]
    said = [] if there.get("model") == made["model"] else ["it is for other weights"]
    now: dict[str, Any] = made["made_by"]
    photos, others = set[str](before.get("photos_sha256", ())), set[str](now["photos_sha256"])
    if photos != others:
        said.append(f"{len(photos - others)} of its {len(photos)} photos are not here, {len(others - photos)} are new")
    if before.get("labels_sha256") != now["labels_sha256"]:
        said.append("the file of labels is another")
    rest = sorted(key for key in now if not key.endswith("_sha256") and before.get(key) != now[key])
    said += [f"{key} was {before.get(key)} and is {now[key]}" for key in rest]
    return tuple(said) or ("the inputs are the same, the numbers are not",)


def _made_by(data: DataSet, drawing: Drawing, detector: Detector) -> dict[str, Any]:
    """What the same bytes hang on."""
    return {
        "command": "beholden calibrate",
        "method": [METHOD, views.METHOD],
        "every": data.every,
        "seed": drawing.seed,
        "tracks": drawing.tracks,
        "resamples": RESAMPLES,
        "upper": UPPER,
        "detector": detector.entry.digest,
        "libraries": {name: version(name) for name in LIBRARIES},
        "photos_sha256": list(data.photos_sha256),
        "labels_sha256": data.labels_sha256,
    }


def _like_with_like(data: DataSet, enrolled: Flags) -> Indices:
    """(p, 2): whose probes meet whose references. Raises EmptyInput where nobody is like anybody."""
    groups = [person.group if enrolled[number] else None for number, person in enumerate(data.people)]
    pairs = [
        (one, other)
        for one, group in enumerate(groups)
        for other, another in enumerate(groups)
        if one != other and group is not None and group == another
    ]
    if not pairs:
        raise EmptyInput(
            "no two people of the same sex and ethnicity could be compared",
            advice="Give photos that enrolment accepts, of more people, with labels.",
        )
    return np.array(pairs, np.int32)


def _everybody(enrolled: Flags) -> Indices:
    """(p, 2): all ordered pairs of people with a reference."""
    there = np.flatnonzero(enrolled)
    return np.array([(one, other) for one in there for other in there if one != other], np.int32)


def _measured(tracks: Tracks, alike: _Probes, anybody: _Probes, progress: Progress) -> dict[str, Any]:
    """Thresholds by shots and size, how far they reach, and how often a track is decided in effect."""
    sizes = tracks.drawing.sizes
    cells = [(count, size) for count in range(1, SHOTS + 1) for size in range(len(sizes))]
    scores = [_nonmated(tracks, alike, *cell) for cell in cells]
    mixed = _mixed(scores, [_nonmated(tracks, anybody, *cell) for cell in cells])
    progress("resampling people", 0, 1)
    rates = (*RATES, *(min(MOST_RATE, rate / mixed) for rate in RATES))
    random = np.random.default_rng(tracks.drawing.seed)
    measured = measure_tails(scores, alike.pairs, alike.people, rates, RESAMPLES, random)
    tails = dict(zip(cells, measured, strict=True))
    progress("resampling people", 1, 1)
    by_shots: dict[str, Any] = {}
    for count in range(1, SHOTS + 1):
        worst = [max(column) for column in zip(*(tails[count, size].upper for size in range(len(sizes))), strict=True)]
        by_shots[str(count)] = {
            str(width): _cell(tails[at], _mated(tracks, alike.people, *at), worst)
            for width, at in ((width, (count, size)) for size, width in enumerate(sizes))
        }
    return {
        "reach": _rounded(max(tail.reach for tail in measured)),
        "decisions_per_track": round(_decisions(tracks, alike), 2),
        "mixed": mixed,
        "by_shots": by_shots,
    }


def _mixed(alike: Sequence[PairScores], anybody: Sequence[PairScores]) -> float:
    """How often comparisons of any two people go wrong, as a part of how often those of people alike do.

    Counted at the threshold of `START`, where there are pairs enough. Beyond, the same part is taken: a line of its own
    for mixed people would cross that of people alike, who are in the mixture and what its far tail is made of.
    """
    shares = [
        float((other.scores >= np.quantile(one.scores, 1 - START)).mean()) / START
        for one, other in zip(alike, anybody, strict=True)
    ]
    return _rounded(min(1.0, max(float(np.mean(shares)), 0.01)))


def _cell(tail: Tail, mated: Floats, worst: Sequence[float]) -> dict[str, Any]:
    """One number of shots at one size. `missed`: mated probes below the threshold that is used, the `worst` size's."""
    return {
        "comparisons": tail.scores,
        "reach": _rounded(tail.reach),
        "mated": len(mated),
        "thresholds": {
            f"{rate:.0e}": {
                "threshold": round(tail.upper[at], 4),
                "alike": round(tail.point[at], 4),
                "point": round(tail.point[len(RATES) + at], 4),
                "missed": int((mated < np.float32(round(worst[at], 4))).sum()),
            }
            for at, rate in enumerate(RATES)
        },
    }


def _nonmated(tracks: Tracks, probes: _Probes, count: int, size: int, only: Flags | None = None) -> PairScores:
    """Every pair's scores: the probes of the one, pooled from `count` shots at a size, with the other's reference.

    `only` (photos, tracks) bool: of these tracks; else of those with shots enough. Raises EmptyInput without any.
    """
    vectors, enough = tracks.pooled(size, count)
    chosen = enough if only is None else only
    found: list[Floats] = []
    pair: list[Indices] = []
    try:
        for person in range(probes.people):
            meets = np.flatnonzero(probes.pairs[:, 0] == person)
            own = vectors[tracks.person == person][chosen[tracks.person == person]]
            if len(own) and len(meets):
                found.append((own @ probes.references[probes.pairs[meets, 1]].T).ravel())
                pair.append(np.tile(meets, len(own)).astype(np.int32))
            own.fill(0.0)
    finally:
        vectors.fill(0.0)
    if not found:
        raise EmptyInput(f"no face of {tracks.drawing.sizes[size]} px gave {count} shots that could be used")
    return PairScores(np.concatenate(found), np.concatenate(pair))


def _mated(tracks: Tracks, people: int, count: int, size: int) -> Floats:
    """Scores of probes with the reference of the same person from their other photos."""
    vectors, enough = tracks.pooled(size, count)
    found: list[Floats] = [np.zeros(0, np.float32)]
    try:
        for photo, person in enumerate(tracks.person):
            references, there = tracks.references_of(people, without=photo)
            if there[person]:
                found.append(vectors[photo][enough[photo]] @ references[person])
            references.fill(0.0)
    finally:
        vectors.fill(0.0)
    return np.concatenate(found)


def _decisions(tracks: Tracks, probes: _Probes) -> float:
    """How many independent decisions name as often as those of a track after its second to its fifth shot.

    Each is at the threshold of `DECIDED_AT` for its own number of shots; over the sizes that are recognised by default.
    """
    sizes = tracks.drawing.sizes
    ratios: list[float] = []
    for size in [at for at, width in enumerate(sizes) if width >= RECOGNISED_PX] or range(len(sizes)):
        _, whole = tracks.pooled(size, SHOTS)
        each = [_nonmated(tracks, probes, count, size, whole).scores for count in range(2, SHOTS + 1)]
        passed = np.array([scores >= np.quantile(scores, 1 - DECIDED_AT) for scores in each])
        ratios.append(float(passed.any(axis=0).mean() / passed.mean()))
    return float(np.mean(ratios))


def _rounded(rate: float) -> float:
    """Two digits: more would say more than is known."""
    return float(f"{rate:.2g}")
