"""A privacy zone of a camera as it is typed: corners in fractions of the picture."""

from __future__ import annotations

from typing import Annotated

import typer

from beholden.model.camera import Zone
from beholden.model.errors import SettingsError

ZoneTexts = Annotated[
    list[str] | None,
    typer.Option(
        "--zone",
        metavar="CORNERS",
        help='A privacy zone, never analysed and always covered: corners in fractions, "0,0 0.3,0 0.3,1". Repeatable.',
    ),
]


def parse_zone(text: str) -> Zone:
    """`"0,0 0.3,0 0.3,1"` as a zone. Raises SettingsError."""
    try:
        corners = tuple((float(x), float(y)) for x, y in (corner.split(",") for corner in text.split()))
    except ValueError:
        corners = ()
    if len(corners) < 3 or not all(0 <= value <= 1 for corner in corners for value in corner):
        raise SettingsError(
            f"--zone {text!r} is not a zone",
            advice='Give three or more corners in fractions of the picture: "0,0 0.3,0 0.3,1 0,1".',
        )
    return Zone(corners)
