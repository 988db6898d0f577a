"""A small report of synthetic people as it once was, with few thresholds and with groups that were made up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_suffix(".json")


def sample() -> dict[str, Any]:
    """All of report.json; a new one each time, to be changed."""
    return json.loads(FILE.read_text(encoding="utf-8"))


def without(*parts: str) -> dict[str, Any]:
    """The same, where these parts were not measured."""
    values = sample()
    for part in parts:
        del values["parts"][part]
    return values


def rate(errors: int, trials: int, low: float, high: float) -> dict[str, Any]:
    """A rate as report.json has it."""
    return {"errors": errors, "trials": trials, "rate": errors / trials, "low": low, "high": high, "method": "made up"}
