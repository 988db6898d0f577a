"""FPIR per track on people whom the shipped thresholds were not measured on, beside what the calibration says.

    python benchmarks/held_out.py ../shared/data

Enrolled: 25 of the 51 people of the London set that calibration leaves out (every second one by number), by their
neutral photo, drawn anew for each split. Strangers: the others, smiling, and forty people of another laboratory. A
track is five shots under one camera's conditions; it is named when it reaches the threshold of its number of shots
after its second, third, fourth or fifth. Printed are rates over all splits, no name and no score. Notes: NOTES.md.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from beholden.evaluate.data_set import digest_of
from beholden.evaluate.tracks import SHOTS, Drawing, PhotoOf, draw_tracks
from beholden.faces.calibration import Calibration
from beholden.faces.engine import FaceEngine, load_engine
from beholden.faces.enrolment import make_reference
from beholden.video.limits import Limits
from beholden.video.still import read_still

SEED = 7
SPLITS = 60
ENROLLED = 25
RATES = (0.05, 0.1)
DECIDED_WITH = tuple(range(2, SHOTS + 1))


@dataclass(frozen=True)
class Passing:
    """What passed: `scores` (decisions, tracks, people) of each track with each person's reference after 2 to 5 shots.

    `person` (tracks,): whose track it is, an index into the people, -1 for somebody who is never enrolled.
    """

    scores: np.ndarray
    person: np.ndarray

    def named(self, thresholds: Sequence[float], gallery: np.ndarray) -> tuple[int, int]:
        """Strangers' tracks that reach the threshold of any decision, and how many passed; `gallery` are people."""
        strangers = ~np.isin(self.person, gallery)
        reached = self.scores[:, strangers][:, :, gallery] >= np.array(thresholds, np.float32)[:, None, None]
        return int(reached.any(axis=(0, 2)).sum()), int(strangers.sum())


def held_out(london: Path) -> list[str]:
    """The people of the London set that `beholden calibrate --every 2` leaves out."""
    return sorted(path.name[:3] for path in (london / "neutral_front").glob("*_03.jpg"))[1::2]


def pass_by(data: Path, engine: FaceEngine, sizes: tuple[int, ...], tracks: int) -> list[Passing]:
    """Everybody's tracks at each face width."""
    london, people = data / "london_cc-by", held_out(data / "london_cc-by")
    references = [_reference(london / f"neutral_front/{name}_03.jpg", engine) for name in people]
    files = [(number, london / f"smiling_front/{name}_08.jpg") for number, name in enumerate(people)]
    files += [(-1, path) for path in sorted((data / "webmorph_extra/canada").glob("*.jpg"))]
    photos = [
        PhotoOf(number, digest_of(path, Limits()), lambda path=path: read_still(path))  # type: ignore[misc]
        for number, path in files
    ]
    found: list[Passing] = []
    with draw_tracks(
        photos, Drawing(SEED, tracks, sizes, enrol=False), engine.detector, engine.embedder, _quiet
    ) as drawn:
        for size in range(len(sizes)):
            whole = drawn.pooled(size, SHOTS)[1]
            probes = [drawn.pooled(size, count)[0][whole] for count in DECIDED_WITH]
            scores = np.array([each @ np.array(references).T for each in probes])
            found.append(Passing(scores, np.repeat(drawn.person, tracks).reshape(whole.shape)[whole]))
    return found


def measured_fpir(passing: Sequence[Passing], thresholds: Sequence[float], splits: Sequence[np.ndarray]) -> float:
    """The share of strangers' tracks that are named, over all splits and sizes."""
    counts = np.array([each.named(thresholds, gallery) for gallery in splits for each in passing])
    return float(counts[:, 0].sum() / counts[:, 1].sum())


def draw_splits(people: int, enrolled: int = ENROLLED, count: int = SPLITS) -> list[np.ndarray]:
    random = np.random.default_rng(SEED)
    return [random.permutation(people)[:enrolled] for _ in range(count)]


def points(calibration: Calibration, fpir: float, gallery: int) -> list[float]:
    """The best estimates of the thresholds that just keep an FPIR among mixed people, by number of shots."""
    return [calibration.for_fpir(fpir, gallery, count).point for count in DECIDED_WITH]


def alike_points(calibration: Calibration, fpir: float, gallery: int) -> list[float]:
    """The same among people of one sex and ethnicity."""
    return [calibration.for_fpir(fpir, gallery, count).alike for count in DECIDED_WITH]


def used(calibration: Calibration, fpir: float, gallery: int) -> list[float]:
    """The thresholds that decisions use, by number of shots."""
    return [calibration.for_fpir(fpir, gallery, count).cosine for count in DECIDED_WITH]


def _reference(path: Path, engine: FaceEngine) -> np.ndarray:
    with make_reference([np.asarray(read_still(path), np.uint8)], engine.detector, engine.embedder)[0] as probe:
        return probe.vector.copy()


def _quiet(what: str, done: int, total: int) -> None:
    """Nobody waits."""


def main() -> None:
    engine, sizes = load_engine(), (32, 48, 64, 96, 140)
    passing = pass_by(Path(sys.argv[1]), engine, sizes, tracks=4)
    people = passing[0].scores.shape[2]
    for enrolled in (10, ENROLLED, people):
        splits = draw_splits(people, enrolled)
        for rate in RATES:
            said = points(engine.calibration, rate, enrolled)
            by_size = [measured_fpir([each], said, splits) / rate for each in passing]
            ratios = ", ".join(f"{size} px {ratio:.2f}" for size, ratio in zip(sizes, by_size, strict=True))
            most = measured_fpir(passing[1:], said, splits)
            upper = measured_fpir(passing[1:], used(engine.calibration, rate, enrolled), splits)
            shipped = measured_fpir(passing[1:], used(engine.calibration, rate, max(100, enrolled)), splits)
            alike = measured_fpir(passing[1:], alike_points(engine.calibration, rate, enrolled), splits)
            print(f"{enrolled} enrolled, FPIR {rate:g}: measured/point {most / rate:.2f} at 48 px and more ({ratios})")
            print(f"   measured/best estimate as if all were alike {alike / rate:.2f}")
            print(f"   at the upper bound {upper:.4f}, held to 100 people {shipped:.4f}")
        default = measured_fpir(passing, used(engine.calibration, 0.01, max(100, enrolled)), splits)
        print(f"{enrolled} enrolled, the default (FPIR 0.01, held to 100): {default:.4f}, all sizes")


if __name__ == "__main__":
    main()
