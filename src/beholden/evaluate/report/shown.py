"""What a page shows, as values: sections with tables and plots. Nothing here draws, and nothing here measures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from beholden.evaluate.rates import Bounds, Rate
from beholden.evaluate.words import in_numbers, number, percent

Values = Mapping[str, Any]
"""A part of report.json."""
NOT_MEASURED = "not measured"


class Style(StrEnum):
    """How a series is drawn: a line with a band, points with whiskers, or bars."""

    LINE = "line"
    DASHED = "dashed"
    POINTS = "points"
    BARS = "bars"


@dataclass(frozen=True, slots=True)
class Series:
    """One set of points. `low`, `high`: 95% bounds, empty where there are none. `faint`: bars and points that must not
    be compared with others, by index."""

    label: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    style: Style = Style.LINE
    faint: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """One point of its own, with bounds in both directions: (low, high)."""

    label: str
    x: float
    y: float
    x_bounds: tuple[float, float]
    y_bounds: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis. `floor`: on a logarithmic axis, where zero is drawn, labelled "none"; None: linear from `lowest` on.

    `places`: what stands at which position, instead of numbers. `shares`: numbers are shares, told in percent.
    """

    label: str
    floor: float | None = None
    lowest: float | None = None
    highest: float | None = None
    places: tuple[tuple[float, str], ...] = ()
    shares: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under a heading row; the first cell of a row is its heading."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Plot:
    """One plot: what it shows (`title`), what to see in it (`says`), how to read it, and its figures as a table.

    `lines`: (value, label) across the plot, upright ones in `uprights`. `across`: categories lie on the y axis, and
    points and bars along x. `stacked`: bars stand on each other.
    """

    name: str
    title: str
    says: str
    x: Axis
    y: Axis
    series: tuple[Series, ...]
    table: Table
    read: str = ""
    mark: Mark | None = None
    lines: tuple[tuple[float, str], ...] = ()
    uprights: tuple[tuple[float, str], ...] = ()
    across: bool = False
    stacked: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page. `paragraphs` come first, then `tables`, then `plots`, then `notes`."""

    name: str
    title: str
    paragraphs: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    plots: tuple[Plot, ...] = ()
    notes: tuple[str, ...] = ()


def rate_in(values: Values) -> Rate:
    """A rate as JSON has it (`Rate.as_values`)."""
    bounds = None if values["low"] is None else Bounds(values["low"], values["high"], values["method"])
    return Rate(int(values["errors"]), int(values["trials"]), bounds)


def in_text(values: Values | None) -> str:
    """`4.9% (5 of 102; 1.6 to 11%)`."""
    return NOT_MEASURED if values is None else in_numbers(rate_in(values))


def estimate_in_text(values: Values | None, *, share: bool = True) -> str:
    """`4.9% (1.6% to 11%)`, or without percent where it is no share."""
    if values is None:
        return NOT_MEASURED
    say = percent if share else number
    return f"{say(values['value'])} ({say(values['low'])} to {say(values['high'])})"


def figures_table(caption: str, figures: Sequence[Values]) -> Table:
    """Rates with their bounds, and plain words beside them."""
    return Table(
        caption,
        ("Rate", "Measured, with 95% bounds", "In words"),
        tuple((each["term"], in_text(each), _sentence(each["in_words"])) for each in figures),
    )


def series(
    label: str, points: Iterable[tuple[float, Values]], style: Style = Style.LINE, faint: Sequence[int] = ()
) -> Series:
    """A series of rates at places; those that were not measured are left out."""
    known = [(x, rate) for x, rate in points if rate["rate"] is not None]
    return Series(
        label,
        tuple(x for x, _ in known),
        tuple(rate["rate"] for _, rate in known),
        tuple(rate["low"] for _, rate in known),
        tuple(rate["high"] for _, rate in known),
        style,
        tuple(faint),
    )


def floor_for(rates: Iterable[Values]) -> float:
    """Where a logarithmic axis begins: a power of ten under one error in all trials."""
    trials = max((int(rate["trials"]) for rate in rates), default=1)
    power = len(str(max(10, trials))) - 1
    return 10.0 ** -(power + (1 if 10**power < trials else 0))


def figure(figures: Sequence[Values], term: str) -> Values | None:
    """The rate of this term."""
    return next((each for each in figures if each["term"] == term), None)


def whole(count: float) -> str:
    """`20,000`."""
    return f"{count:,.0f}"


def one_in(rate: float) -> str:
    """`1 in 20,000`, rounded: nobody knows more."""
    return "none" if rate <= 0 else f"1 in {float(f'{1 / rate:.2g}'):,.0f}"


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."
