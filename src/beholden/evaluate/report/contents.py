"""Everything a report says, as values: what was measured on what, with what, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from beholden.evaluate.report.apparatus import operating_point
from beholden.evaluate.report.parts import Part, Work, rounded_all

FORMAT = 1
"""Of report.json: raised when a field changes its meaning."""


def report_values(work: Work, parts: Mapping[Part, Mapping[str, Any]]) -> dict[str, Any]:
    """All of report.json. The same data, code and models give the same values: no clock, no path, no name."""
    return {
        "format": FORMAT,
        "material": {**work.material.as_values(), **work.digests},
        "extent": work.extent.as_values(),
        "apparatus": work.apparatus,
        "operating_point": rounded_all(operating_point(work.engines[0])),
        "parts": {str(part): values for part, values in parts.items()},
    }
