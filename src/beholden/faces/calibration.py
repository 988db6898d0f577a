"""From an error rate that was asked for to a threshold, and honest about how far the data reach.

The shipped tables (`calibrations/*.json`) hold thresholds by FMR for probes pooled from 1, 2, 3 and
5 shots, measured between people of the same sex and ethnicity, as the upper bound over resampled
people. Between the rows the threshold is linear in log FMR, beyond the last row it goes on with the
last slope and is called extrapolated. benchmarks/thresholds.py makes them.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Any

from beholden.faces.catalogue import CatalogueEntry
from beholden.model.errors import ModelError, SettingsError

DECISIONS_PER_TRACK = 3.0
"""A track is decided again with each new shot; its decisions are dependent, so this is an upper bound in effect."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """A cosine threshold, the FMR per comparison it stands for, and whether the data reach that far."""

    cosine: float
    fmr: float
    extrapolated: bool


@dataclass(frozen=True, slots=True)
class Calibration:
    """One recogniser's thresholds: rows of (FMR, cosine, extrapolated) by number of pooled shots, FMR falling."""

    model: str
    data: str
    stratum: str
    people: int
    pairs: int
    rows: dict[int, tuple[tuple[float, float, bool], ...]]

    def at_fmr(self, fmr: float, shots: int) -> Threshold:
        """The threshold for a false match rate per comparison, for a probe pooled from `shots`."""
        rows = self.rows[max((size for size in self.rows if size <= max(1, shots)), default=min(self.rows))]
        target = math.log10(fmr)
        low, high = rows[0], rows[1]
        for low, high in pairwise(rows):  # noqa: B007 - the last pair is used beyond the table
            if fmr >= high[0]:
                break
        slope = (high[1] - low[1]) / (math.log10(high[0]) - math.log10(low[0]))
        cosine = low[1] + slope * (target - math.log10(low[0]))
        return Threshold(min(cosine, 0.99), fmr, fmr < rows[0][0] and (high[2] or fmr < rows[-1][0]))

    def for_fpir(self, fpir: float, gallery: int, shots: int) -> Threshold:
        """The threshold at which a stranger's track is named with probability at most `fpir`.

        A track of a stranger is compared with `gallery` people up to `DECISIONS_PER_TRACK` times:
        `1 - (1 - FMR)^(n k) = FPIR`. Raises SettingsError for a rate outside 0-1.
        """
        if not 0 < fpir < 1:
            raise SettingsError(f"an FPIR lies between 0 and 1, not at {fpir:g}")
        comparisons = max(1, gallery) * DECISIONS_PER_TRACK
        return self.at_fmr(-math.expm1(math.log1p(-fpir) / comparisons), shots)


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
            advice="Use the shipped recogniser, or add this one again with --calibration (benchmarks/thresholds.py).",
        ) from error


def parse_calibration(data: dict[str, Any], entry: CatalogueEntry) -> Calibration:
    """Read what benchmarks/thresholds.py wrote. Raises ModelError when it is of other weights or not complete."""
    try:
        if data["model"] != entry.digest:
            raise ModelError(f"the calibration of {entry.name} was made with other weights")
        rows = {
            int(shots): tuple(
                (float(rate), float(row["threshold"]), bool(row["extrapolated"]))
                for rate, row in table["thresholds"].items()
            )
            for shots, table in data["by_shots"].items()
        }
        if 1 not in rows or any(len(table) < 2 for table in rows.values()):
            raise ModelError(f"the calibration of {entry.name} has too few thresholds")
        return Calibration(entry.name, data["data"], data["stratum"], data["people"], data["pairs"], rows)
    except (KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"the calibration of {entry.name} is not complete: {error}") from error
