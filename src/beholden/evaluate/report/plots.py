"""Plots as PNG images inside the page: matplotlib draws them in memory, and is asked for nothing else."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Sequence
from typing import Any

from beholden.evaluate.report.shown import Axis, Mark, Plot, Series, Style
from beholden.evaluate.words import number, percent
from beholden.model.errors import MissingInput

ADVICE = "Install the extra for reports: pip install 'beholden[evaluate]'."
SIZE = (7.6, 4.2)
"""Inches."""
DOTS = 140
"""Per inch: sharp on dense screens at the width that the page gives it."""
COLOURS = ("#0b6e99", "#c2410c", "#4d7c0f", "#7e22ce", "#64748b")
"""Told apart also by those who see red and green alike; markers and hatches differ besides."""
MARKERS = ("o", "s", "^", "D", "v")
HATCHES = ("", "//", "..", "\\\\", "xx")
INK, GRID = "#222222", "#d9d9d9"
PALETTE = 64
"""Colours of an image: lines and letters need no more, and the page stays small."""
APART = 0.16
"""Between points of several series at one place, so that their whiskers do not hide each other."""
BARS = 0.8
"""Of a place's width, all its bars together."""
Axes = Any
"""matplotlib's axes: its own types are partial."""


def need_matplotlib() -> None:
    """Raise MissingInput, before anything is measured, where plots cannot be drawn."""
    try:
        import matplotlib.figure  # noqa: F401  # pyright: ignore[reportUnusedImport]
    except ImportError as error:
        raise MissingInput("the package matplotlib is not installed", advice=ADVICE) from error


def data_uri(plot: Plot) -> str:
    """A plot as `data:image/png;base64,...`; the same plot gives the same bytes with the same libraries."""
    return f"data:image/png;base64,{base64.b64encode(draw(plot)).decode('ascii')}"


def draw(plot: Plot) -> bytes:
    """A plot as PNG. Raises MissingInput without matplotlib."""
    need_matplotlib()
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    height = 1.5 + 0.42 * len(plot.y.places) if plot.across else SIZE[1]
    figure: Any = Figure(figsize=(SIZE[0], height), dpi=DOTS, facecolor="white", layout="constrained")
    canvas: Any = FigureCanvasAgg(figure)
    axes: Axes = figure.subplots()
    _frame(axes, plot)
    for index, each in enumerate(plot.series):
        _draw_series(axes, plot, each, index)
    _lines(axes, plot)
    if plot.mark is not None:
        _draw_mark(axes, plot, plot.mark)
    handles, labels = axes.get_legend_handles_labels()
    if len(labels) > 1:
        figure.legend(handles, labels, loc="outside lower center", ncols=min(3, len(labels)), frameon=False, fontsize=9)
    canvas.draw()
    return _png(canvas)


def _png(canvas: Any) -> bytes:  # noqa: ANN401
    from PIL import Image

    picture = Image.frombytes("RGBA", canvas.get_width_height(), bytes(canvas.buffer_rgba())).convert("RGB")
    small = picture.quantize(PALETTE, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    out = io.BytesIO()
    small.save(out, "PNG", optimize=True)
    return out.getvalue()


def _frame(axes: Axes, plot: Plot) -> None:
    for axis, name in ((plot.x, "x"), (plot.y, "y")):
        _scale(axes, plot, axis, name)
    axes.grid(visible=True, axis="x" if plot.across else "y", color=GRID, linewidth=0.7)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color("#777777")
    axes.tick_params(colors=INK, labelsize=9)


def _scale(axes: Axes, plot: Plot, axis: Axis, name: str) -> None:
    """Scale, ends, ticks and label of one axis."""
    label, ticks, ends = (getattr(axes, f"set_{name}{what}") for what in ("label", "ticks", "lim"))
    label(axis.label, fontsize=9.5, color=INK)
    if axis.floor is not None:
        getattr(axes, f"set_{name}scale")("log")
        highest = axis.highest or 1.0
        shown = axis.places or _powers(axis, highest)
        ticks([place for place, _ in shown], [said for _, said in shown])
        ticks([], minor=True)
        ends(axis.floor / 1.25, highest * 1.25)
    elif axis.places:
        ticks([place for place, _ in axis.places], [said for _, said in axis.places])
        first, last = axis.places[0][0] - 0.6, axis.places[-1][0] + 0.6
        ends(*((last, first) if name == "y" else (first, last)))
    else:
        lowest = 0.0 if axis.lowest is None else axis.lowest
        highest = axis.highest if axis.highest is not None else _highest(plot, name)
        room = 0.02 * (highest - lowest)
        ends(lowest - room, highest + room)
        if axis.shares:
            getattr(axes, f"{name}axis").set_major_formatter(_tick_percent)


def _powers(axis: Axis, highest: float) -> list[tuple[float, str]]:
    """The ticks of a logarithmic axis: powers of ten, and zero at its floor."""
    assert axis.floor is not None
    powers = range(round(math.log10(axis.floor)) + 1, math.floor(math.log10(highest)) + 1)
    return [(axis.floor, "none"), *((10.0**power, _said(axis, 10.0**power)) for power in powers)]


def _said(axis: Axis, value: float) -> str:
    if axis.shares:
        return percent(value)
    return f"{value:,.0f}" if value >= 1 else number(value)


def _tick_percent(value: float, _place: int | None = None) -> str:
    """Of a linear axis, where ticks are round already."""
    return f"{100 * value:.3g}%"


def _highest(plot: Plot, name: str) -> float:
    """The end of a linear axis: what is highest, with a little room; a share is at most 1."""
    along_values = (name == "x") == plot.across
    if not along_values:
        return max((max(each.x) for each in plot.series if each.x), default=1.0)
    if plot.stacked:
        return 1.0
    most = max((max((*each.y, *each.high)) for each in plot.series if each.y), default=1.0)
    axis = plot.x if name == "x" else plot.y
    return min(1.0, 1.1 * most) if axis.shares else 1.1 * most


def _on(axis: Axis, values: Sequence[float]) -> list[float]:
    """Where values lie on an axis: nothing below its floor."""
    return list(values) if axis.floor is None else [max(value, axis.floor) for value in values]


def _draw_series(axes: Axes, plot: Plot, each: Series, index: int) -> None:
    if not each.x:
        return
    colour = COLOURS[index % len(COLOURS)]
    if each.style is Style.BARS:
        _bars(axes, plot, each, index, colour)
    elif each.style is Style.POINTS:
        _points(axes, plot, each, index, colour)
    else:
        dashed = "--" if each.style is Style.DASHED else "-"
        x, y = _on(plot.x, each.x), _on(plot.y, each.y)
        axes.plot(x, y, dashed, color=colour, linewidth=1.8, label=each.label)
        if each.high:
            axes.fill_between(x, _on(plot.y, each.low), _on(plot.y, each.high), color=colour, alpha=0.16, linewidth=0)


def _points(axes: Axes, plot: Plot, each: Series, index: int, colour: str) -> None:
    """Points with whiskers; those that must not be compared are hollow."""
    values, places = (plot.x, plot.y) if plot.across else (plot.y, plot.x)
    shift = APART * (index - (len(plot.series) - 1) / 2) if places.places else 0.0
    at, value = [x + shift for x in each.x], _on(values, each.y)
    for number_, (place, here) in enumerate(zip(at, value, strict=True)):
        low, high = (_on(values, [side[number_]])[0] for side in (each.low, each.high)) if each.high else (here, here)
        x, y = (here, place) if plot.across else (place, here)
        draw_line = axes.hlines if plot.across else axes.vlines
        draw_line(place, low, high, color=colour, linewidth=1.6)
        inside = "white" if number_ in each.faint else colour
        axes.plot(x, y, MARKERS[index % len(MARKERS)], color=colour, markerfacecolor=inside, markersize=7)
    axes.plot([], [], f"{MARKERS[index % len(MARKERS)]}-", color=colour, markersize=7, label=each.label)


def _bars(axes: Axes, plot: Plot, each: Series, index: int, colour: str) -> None:
    count = len(plot.series)
    style = {"color": colour, "label": each.label, "hatch": HATCHES[index % len(HATCHES)], "edgecolor": "white"}
    if plot.stacked:
        below = [
            sum(dict(zip(other.x, other.y, strict=True)).get(x, 0.0) for other in plot.series[:index]) for x in each.x
        ]
        axes.bar(each.x, each.y, bottom=below, width=BARS, **style)
        return
    at = [x + BARS * ((index + 0.5) / count - 0.5) for x in each.x]
    if plot.across:
        axes.barh(at, each.y, height=BARS / count, **style)
    else:
        axes.bar(at, each.y, width=BARS / count, **style)


def _lines(axes: Axes, plot: Plot) -> None:
    """Straight lines over the whole plot: what they are stands in the legend, or above them."""
    for value, said in plot.lines:
        axes.axhline(_on(plot.y, [value])[0], color=INK, linestyle=":", linewidth=1.5, label=said)
    for value, said in plot.uprights:
        axes.axvline(_on(plot.x, [value])[0], color=INK, linestyle=":", linewidth=1.3)
        place = axes.get_xaxis_transform()
        axes.text(_on(plot.x, [value])[0], 1.01, said, transform=place, ha="center", va="bottom", fontsize=8.5)


def _draw_mark(axes: Axes, plot: Plot, mark: Mark) -> None:
    """One point, with whiskers both ways."""
    [x, left, right], [y, low, high] = _on(plot.x, (mark.x, *mark.x_bounds)), _on(plot.y, (mark.y, *mark.y_bounds))
    axes.hlines(y, left, right, color=COLOURS[1], linewidth=1.6)
    axes.vlines(x, low, high, color=COLOURS[1], linewidth=1.6)
    axes.plot([x], [y], "s-", color=COLOURS[1], markersize=8, label=mark.label)
