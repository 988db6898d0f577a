"""From an error rate that was asked for to a threshold, and honest about how far the data reach.

The tables (`calibrations/*.json`) are made by `beholden calibrate` (evaluate/calibrating.py): thresholds by false
match rate (FMR) for probes pooled from 1 to 5 shots at several face widths, between people of the same sex and
ethnicity. Each has an upper bound over resampled people, which decisions use, and best estimates beside it: for people
alike (`alike`), and for people as mixed as those measured (`point`), as most places are. Between rows the threshold is
linear in log FMR, beyond the last row it goes on with the last slope.

**Size hardly matters here**: at the same FMR the best estimates of 32 to 140 px lie within .02 of each other, less than
their bounds are wide, and those of 24 px below them. So decisions use the worst size, whatever the size of a track's
shots, and a name needs no more than that. How many shots are pooled matters as little (.01).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Any

from beholden.faces.catalogue import CatalogueEntry
from beholden.faces.quality import QualityGates
from beholden.model.errors import ModelError, SettingsError

FORMAT = 2
"""Of the tables: another one is not read."""
MOST_DECISIONS = 2.0
"""A track is decided again with each new shot, each time against everybody. The decisions are dependent: together they
name as often as this many independent ones, at most. Measured on 102 people, thresholds at FMR 3e-2 to 1e-3: five
shots at one size 1.0-1.4 (48 px and more); eight seconds of standing, 6.7 decisions, 1.3-1.6; walking up from 48 to
140 px, 22 decisions, 1.6-1.95. It was 3 before it was measured, and the expected FPIR was more than twice what came."""
HIGHEST = 0.99
Row = tuple[float, float, bool]
"""FMR, cosine, extrapolated."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """A cosine threshold, the FMR per comparison it stands for, and whether the data reach that far.

    `cosine` is the upper bound, which decisions use. Best estimates of what just keeps the rate: `point` among people
    as mixed as those measured, `alike` among people of one sex and ethnicity.
    """

    cosine: float
    fmr: float
    extrapolated: bool
    point: float
    alike: float


@dataclass(frozen=True, slots=True)
class Cell:
    """What was measured for one number of shots at one face width: (FMR, cosine) rows, FMR falling.

    `missed`: of `mated` probes of enrolled people, how many a row's threshold refuses (the one that decisions use, of
    the worst size). Flattering: their photos are of the same day.
    """

    upper: tuple[tuple[float, float], ...]
    point: tuple[tuple[float, float], ...]
    alike: tuple[tuple[float, float], ...]
    missed: tuple[int, ...]
    mated: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """One recogniser's thresholds. `rows` are what decisions use: by number of pooled shots, of all sizes the worst.

    `cells` by shots and face width (pixels). `reach`: the lowest FMR that the data tell within a factor of two.
    `decisions`: as how many a track's decisions count, best estimate; `MOST_DECISIONS` is what decisions use.
    """

    model: str
    data: str
    stratum: str
    people: int
    pairs: int
    rows: dict[int, tuple[Row, ...]]
    cells: dict[int, dict[int, Cell]]
    reach: float
    decisions: float

    def at_fmr(self, fmr: float, shots: int) -> Threshold:
        """The threshold for a false match rate per comparison, for a probe pooled from `shots`."""
        rows = self.rows[_not_above(self.rows, shots)]
        cosine = _interpolate([(rate, cosine) for rate, cosine, _ in rows], fmr)
        point, alike = (self.best_at_fmr(fmr, shots, alike=among) for among in (False, True))
        return Threshold(cosine, fmr, fmr < self.reach, point, alike)

    def best_at_fmr(self, fmr: float, shots: int, width_px: float | None = None, *, alike: bool = False) -> float:
        """The best estimate at a face width; where none is given, the mean of those that are recognised by default."""
        sizes = self.cells[_not_above(self.cells, shots)]
        if width_px is None:
            least = QualityGates().min_width_px
            chosen = [cell for size, cell in sizes.items() if size >= least] or list(sizes.values())
        else:
            chosen = [sizes[_not_above(sizes, int(width_px))]]
        return sum(_interpolate(cell.alike if alike else cell.point, fmr) for cell in chosen) / len(chosen)

    def for_fpir(self, fpir: float, gallery: int, shots: int) -> Threshold:
        """The threshold at which a stranger's track is named with probability at most `fpir`.

        A track of a stranger is compared with `gallery` people as often as it is decided: `1 - (1 - FMR)^(n k) = FPIR`,
        with `MOST_DECISIONS` for the threshold and the measured `decisions` for best estimates. Raises SettingsError
        for a rate outside 0-1.
        """
        used = self.at_fmr(per_comparison(fpir, gallery, MOST_DECISIONS), shots)
        best = self.at_fmr(per_comparison(fpir, gallery, self.decisions), shots)
        point, alike = min(best.point, used.cosine), min(best.alike, used.cosine)
        return Threshold(used.cosine, used.fmr, used.extrapolated, point, alike)

    def expected_fpir(self, cosine: float, gallery: int, shots: int, *, alike: bool = False) -> float:
        """The best estimate of how often a stranger's track is named at a threshold, among people mixed or alike."""
        low, high = -12.0, -1e-9
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if self.best_at_fmr(10**middle, shots, alike=alike) > cosine else (low, middle)
        return -math.expm1(math.log1p(-(10**low)) * max(1, gallery) * self.decisions)

    def missed(self, fmr: float, shots: int, width_px: float) -> tuple[float, int] | None:
        """The share of enrolled people's probes that the threshold at `fmr` refuses, and of how many, where known."""
        sizes = self.cells[_not_above(self.cells, shots)]
        cell = sizes[_not_above(sizes, int(width_px))]
        if not cell.mated:
            return None
        shares = [(rate, missed / cell.mated) for (rate, _), missed in zip(cell.upper, cell.missed, strict=True)]
        return min(1.0, max(0.0, _interpolate(shares, max(fmr, shares[-1][0])))), cell.mated


def per_comparison(fpir: float, gallery: int, decisions: float) -> float:
    """The FMR that keeps a rate per track: `1 - (1 - FPIR)^(1 / (n k))`. Raises SettingsError for one outside 0-1."""
    if not 0 < fpir < 1:
        raise SettingsError(f"an FPIR lies between 0 and 1, not at {fpir:g}")
    return -math.expm1(math.log1p(-fpir) / (max(1, gallery) * decisions))


def load_calibration(entry: CatalogueEntry) -> Calibration:
    """The table of a recogniser; ModelError when it has none: then nobody can be named with it.

    Shipped models have theirs in the package, added ones beside their file.
    """
    try:
        if entry.calibration is not None:
            file = resources.files("beholden.faces") / "calibrations" / f"{entry.calibration}.json"
            return parse_calibration(json.loads(file.read_text(encoding="utf-8")), entry)
        beside = Path(entry.file).with_suffix(".calibration")
        return parse_calibration(json.loads(beside.read_text(encoding="utf-8")), entry)
    except (OSError, ValueError) as error:
        raise ModelError(
            f"{entry.name} has no calibration, so no error rate can be promised with it",
            advice="Make one with `beholden calibrate --model`, and add the recogniser again with --calibration.",
        ) from error


def parse_calibration(data: Mapping[str, Any], entry: CatalogueEntry) -> Calibration:
    """Read what `beholden calibrate` wrote. Raises ModelError when it is of other weights, of a format that is not
    read, or not complete.
    """
    try:
        if data["model"] != entry.digest:
            raise ModelError(f"the calibration of {entry.name} was made with other weights")
        if data.get("format") != FORMAT:
            raise ModelError(
                f"the calibration of {entry.name} has a format that is not read here",
                advice="Make it anew with `beholden calibrate`.",
            )
        reach, decisions = float(data["reach"]), float(data["decisions_per_track"])
        cells = {
            int(shots): {int(size): _cell(cell["thresholds"], int(cell["mated"])) for size, cell in by_size.items()}
            for shots, by_size in data["by_shots"].items()
        }
        if 1 not in cells or not all(cells.values()) or not 0 < reach <= 1 or not decisions > 0:
            raise ModelError(f"the calibration of {entry.name} has too few thresholds")
        rows = {shots: _worst([cell.upper for cell in by_size.values()], reach) for shots, by_size in cells.items()}
        people, pairs = int(data["people"]), int(data["pairs"])
        return Calibration(
            entry.name, str(data["data"]), str(data["stratum"]), people, pairs, rows, cells, reach, decisions
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ModelError(f"the calibration of {entry.name} is not complete: {error}") from error


def _cell(thresholds: Mapping[str, Mapping[str, Any]], mated: int) -> Cell:
    rates = [float(rate) for rate in thresholds]
    if len(rates) < 2 or any(not 0 < after < before <= 1 for before, after in pairwise(rates)):
        raise ValueError("its rates do not fall")
    rows = list(thresholds.values())
    upper, point, alike = (
        tuple((rate, float(row[key])) for rate, row in zip(rates, rows, strict=True))
        for key in ("threshold", "point", "alike")
    )
    return Cell(
        upper,
        point,
        alike,
        tuple(int(row["missed"]) for row in rows),
        mated,
    )


def _worst(tables: Sequence[Sequence[tuple[float, float]]], reach: float) -> tuple[Row, ...]:
    """Row by row the highest threshold of all sizes."""
    return tuple(
        (rows[0][0], max(cosine for _, cosine in rows), rows[0][0] < reach) for rows in zip(*tables, strict=True)
    )


def _not_above(known: Mapping[int, Any], wanted: int) -> int:
    """The largest key that is not above `wanted`; the smallest where all are."""
    return max((key for key in known if key <= wanted), default=min(known))


def _interpolate(rows: Sequence[tuple[float, float]], rate: float) -> float:
    """Linear in log rate between rows whose rate falls, with the first or last slope beyond them."""
    low, high = rows[0], rows[1]
    for low, high in pairwise(rows):  # noqa: B007 - the last pair is used beyond the table
        if rate >= high[0]:
            break
    slope = (high[1] - low[1]) / (math.log10(high[0]) - math.log10(low[0]))
    return min(low[1] + slope * (math.log10(rate) - math.log10(low[0])), HIGHEST)
