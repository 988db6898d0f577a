"""What makes recognition better and what does not, at equal cost: pooling, choice of shots, mirroring, and more.

    python -m benchmarks.recognition ../shared/data [--json OUT] [--people N]

Draws tracks of consenting people (recognition_draw.py), compares each variant with what is shipped at its own threshold
for the same FMR (recognition_variants.py, recognition_compare.py), counts how often the product names them
(recognition_shipped.py), and asks what enrolment with several poses mends (recognition_pose.py,
recognition_profiles.py). Prints totals; the same inputs give the same numbers. Some ten minutes of one core. Outcome:
RECOGNITION.md.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from beholden.demo.people import PEOPLE, photos
from beholden.faces.detect import Detector
from beholden.faces.engine import FaceEngine, load_engine
from benchmarks import recognition_tables as tables
from benchmarks.recognition_align import PLAIN
from benchmarks.recognition_compare import FMRS, Cell, Measured, difference, measure
from benchmarks.recognition_draw import SEED, Drawn, Measuring, Plan, draw, embed_photo, load_recogniser, read
from benchmarks.recognition_pose import Seen, enrolled_by_pose, look_at_volunteers, single_pictures
from benchmarks.recognition_profiles import look_at_profiles, measure_profiles
from benchmarks.recognition_shipped import measure_shipped
from benchmarks.recognition_variants import PRODUCT, Variant, unit, usable_tracks, variants

RESAMPLES = 1000
Values = dict[str, Any]
"""As in the JSON file."""


def london(data: Path) -> tuple[list[Path], list[Path]]:
    """Neutral and smiling photos of the same people, in the same order."""
    neutral = sorted((data / "london_cc-by/neutral_front").glob("*_03.jpg"))
    return neutral, [data / f"london_cc-by/smiling_front/{path.name[:3]}_08.jpg" for path in neutral]


def cohorts(data: Path, detector: Detector, recogniser: Measuring) -> tuple[np.ndarray, np.ndarray]:
    """Unit rows of forty volunteers of another laboratory (one photo each), and of ten synthetic people (four each)."""
    found = (
        embed_photo(read(path), detector, recogniser) for path in sorted((data / "webmorph_extra/canada").glob("*.jpg"))
    )
    volunteers = np.array([made[PLAIN] for made in found if made])
    synthetic = [
        [made[PLAIN] for photo in photos(person).values() if (made := embed_photo(photo, detector, recogniser))]
        for person in PEOPLE
    ]
    return volunteers, unit(np.array([np.mean(rows, axis=0) for rows in synthetic if rows]))


def compare_variants(drawn: Drawn, all_of_them: Sequence[Variant], resamples: int = RESAMPLES) -> list[Values]:
    """Each variant at each size it was drawn at, and its difference from what is shipped at that size."""
    usable, sizes = usable_tracks(drawn), drawn.plan.sizes
    cells: dict[tuple[str, int], Cell] = {
        (variant.name, width): variant.cell(at, usable[:, at])
        for variant in all_of_them
        for at, width in enumerate(sizes)
        if (variant.only is None or width in variant.only) and usable[:, at].any()
    }
    measured = measure(cells, len(drawn.enrolled), resamples, SEED)
    return [
        {
            "family": variant.family,
            "name": variant.name,
            "embeddings": variant.embeddings,
            **_beside(
                {str(width): one for (name, width), one in measured.items() if name == variant.name},
                {str(width): one for (name, width), one in measured.items() if name == PRODUCT},
            ),
        }
        for variant in all_of_them
    ]


def compare_cells(cells: Mapping[str, Mapping[str, Cell]], people: int, resamples: int = RESAMPLES) -> list[Values]:
    """Of variants by name, each with its cells (buckets) by name; the first variant is the baseline."""
    flat = {(name, bucket): cell for name, buckets in cells.items() for bucket, cell in buckets.items()}
    measured = measure(flat, people, resamples, SEED)
    by_name = {name: {bucket: measured[name, bucket] for bucket in buckets} for name, buckets in cells.items()}
    first = next(iter(by_name.values()))
    return [{"name": name, **_beside(own, first)} for name, own in by_name.items()]


def _beside(own: Mapping[str, Measured], baseline: Mapping[str, Measured]) -> Values:
    """By cell, and over all cells that both have."""

    def differences(cells: Sequence[str]) -> Values:
        one, other = [own[cell] for cell in cells], [baseline[cell] for cell in cells]
        found = {f"{fmr:.0e}": difference(one, other, at).as_values() for at, fmr in enumerate(FMRS)}
        return {**found, "room": difference(one, other, -1).as_values()}

    return {
        "cells": {
            cell: {
                "fnmr": {f"{fmr:.0e}": rate.as_values() for fmr, rate in zip(FMRS, measured.rates, strict=True)},
                "room": measured.room,
                "difference": differences([cell]),
            }
            for cell, measured in own.items()
        },
        "difference": differences(list(own)),
    }


def shipped(drawn: Drawn, engine: FaceEngine) -> Values:
    """With everybody in the gallery, and with those whom the shipped thresholds were not measured on."""
    people = np.arange(len(drawn.enrolled))
    return {
        name: [
            {
                "width": each.width,
                "fnir": each.fnir.as_values(),
                "below_threshold": each.below.as_values(),
                "fpir": each.fpir.as_values(),
                "tracks_short_of_five_shots": each.short,
            }
            for each in measure_shipped(drawn, engine, group)
        ]
        for name, group in (("everybody", people), ("held out", people[1::2]))
    }


def poses(seen: Seen) -> Values:
    people, enrolled = int(seen.person.max()) + 1, enrolled_by_pose(seen)
    return {
        "pictures": len(seen.person),
        "probes": int(seen.fit.sum()),
        "people": people,
        "single_pictures": compare_cells({name: {"all": cell} for name, cell in single_pictures(seen).items()}, people),
        "enrolments": compare_cells(enrolled, people),
        "beside_three_pooled": compare_cells(
            {name: {"all": buckets["all"]} for name, buckets in list(enrolled.items())[1:]}, people
        ),
    }


def profiles(engine: FaceEngine, recogniser: Measuring) -> Values:
    threshold = engine.calibration.for_fpir(engine.rule.fpir, engine.rule.least_gallery, 1).cosine
    people, gated = look_at_profiles(engine.detector, recogniser)
    try:
        outcomes = measure_profiles(people, threshold)
    finally:
        for person in people:
            person.wipe()
    return {
        "profiles": gated.profiles,
        "accepted_at_enrolment": gated.enrol,
        "accepted_at_a_camera": gated.pass_by,
        "enrolments": [
            {
                "name": each.name,
                "profile_fnmr_at_own_threshold": each.at_own.as_values(),
                "profile_fnmr": each.missed.as_values(),
                "profile_fmr": each.matched.as_values(),
                "frontal_fnmr": each.frontal_missed.as_values(),
                "frontal_fmr": each.frontal_matched.as_values(),
            }
            for each in outcomes
        ],
    }


def measure_all(data: Path, plan: Plan, say: Callable[[str], None]) -> Values:
    engine, recogniser = load_engine(), load_recogniser()
    neutral, smiling = london(data)
    volunteers, synthetic = cohorts(data, engine.detector, recogniser)
    try:
        with draw(neutral, smiling, plan, engine, recogniser, say) as drawn:
            say("comparing")
            values: Values = {
                "people": len(drawn.enrolled),
                "tracks": {
                    str(width): [int(usable_tracks(drawn)[:, at].sum()), int(np.prod(drawn.embedded[:, at].shape))]
                    for at, width in enumerate(plan.sizes)
                },
                "embedded_per_track": float(drawn.embedded.mean()),
                "variants": compare_variants(drawn, variants(drawn, volunteers, synthetic)),
                "shipped": shipped(drawn, engine),
            }
    finally:
        volunteers.fill(0)
        synthetic.fill(0)
    say("looking at poses")
    seen = look_at_volunteers(data, engine.detector, recogniser)
    try:
        values["volunteers"] = poses(seen)
    finally:
        seen.wipe()
    values["synthetic"] = profiles(engine, recogniser)
    recogniser.flush()
    return values


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the folder of the consenting people's photos")
    parser.add_argument("--json", type=Path, help="write all totals here")
    parser.add_argument("--people", type=int, help="of the first so many people only")
    options = parser.parse_args()
    values = measure_all(options.data, Plan(people=options.people), lambda what: print(what, file=sys.stderr))
    print("\n".join(tables.all_tables(values)))
    if options.json is not None:
        options.json.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
