"""Plots of curves over the threshold: both rates, one against the other, and what quality is good for."""

from __future__ import annotations

from collections.abc import Sequence

from beholden.evaluate.report.shown import (
    Axis,
    Mark,
    Plot,
    Table,
    Values,
    floor_for,
    in_text,
    series,
)
from beholden.evaluate.words import percent

STEP = 5
"""Every so many-th threshold of a curve is in its table; report.json has all."""
READ_BANDS = "The line is what was measured; in the band around it the truth lies with 95% confidence, by person."


def over_threshold(
    name: str, curve: Sequence[Values], terms: tuple[str, str], words: tuple[str, str], threshold: float, at: str
) -> Plot:
    """Both rates over the threshold. `terms`: of the false and the missed ones, as (FMR, FNMR); `words`: what they are.

    `at`: what to see at the product's threshold.
    """
    false, missed = (term.lower() for term in terms)
    floor = min(floor_for(point[key] for point in curve) for key in (false, missed))
    return Plot(
        f"{name}-threshold",
        f"Both errors over the threshold: {terms[0]} and {terms[1]}",
        at,
        Axis("Threshold (cosine): stricter to the right", lowest=-0.2, highest=1.0, shares=False),
        Axis("Share that goes wrong", floor=floor, highest=1.0),
        (
            series(f"{terms[0]}: {words[0]}", [(point["threshold"], point[false]) for point in curve]),
            series(f"{terms[1]}: {words[1]}", [(point["threshold"], point[missed]) for point in curve]),
        ),
        Table(
            f"{terms[0]} and {terms[1]} by threshold (every {STEP}th; all are in report.json)",
            ("Threshold", terms[0], terms[1]),
            tuple(
                (f"{point['threshold']:.2f}", in_text(point[false]), in_text(point[missed]))
                for point in list(curve)[::STEP]
            ),
        ),
        read=f"{READ_BANDS} A good recogniser has room between the two lines, and its threshold in it.",
        uprights=((threshold, f"the product's threshold, {threshold:.2f}"),),
    )


def trade_off(
    name: str,
    title: str,
    curve: Sequence[Values],
    terms: tuple[str, str],
    at: tuple[Values, Values],
    at_rates: Sequence[Values],
) -> Plot:
    """One rate against the other, as ISO/IEC 19795-1 draws a DET curve.

    `at`: both rates at the product's setting; `at_rates`: where the first one is a round number.
    """
    false, missed = at
    x, y = (term.lower() for term in terms)
    both = any(point[x]["errors"] and point[y]["errors"] for point in curve)
    shape = (
        "Nearer to the lower left corner is better."
        if both
        else "At no threshold both errors were seen, so the line lies on the axes: only the bounds say anything."
    )
    return Plot(
        f"{name}-trade-off",
        title,
        f"At the product's setting: {terms[0]} {in_text(false)}, {terms[1]} {in_text(missed)}. {shape}",
        Axis(f"{terms[0]} (false)", floor=floor_for(point[x] for point in curve), highest=1.0),
        Axis(f"{terms[1]} (missed)", floor=floor_for(point[y] for point in curve), highest=1.0),
        (series("each threshold", [(point[x]["rate"], point[y]) for point in curve if point[x]["rate"] is not None]),),
        Table(
            f"{terms[1]} where {terms[0]} is a round number, as far as there are trials enough to see one error",
            ("Setting", "Threshold", terms[0], terms[1]),
            (
                ("the product's", "its own", in_text(false), in_text(missed)),
                *(
                    (
                        f"{terms[0]} at most {percent(each['asked'])}",
                        f"{each['threshold']:.3f}",
                        in_text(each["false"]),
                        in_text(each["missed"]),
                    )
                    for each in at_rates
                ),
            ),
        ),
        read=f"{READ_BANDS} The band is that of {terms[1]}. Both axes are logarithmic; at “none” no error was seen.",
        mark=_mark(false, missed),
    )


def _mark(false: Values, missed: Values) -> Mark | None:
    if false["rate"] is None or missed["rate"] is None:
        return None
    sides = ((each["low"], each["high"]) for each in (false, missed))
    return Mark("the product's setting, with bounds", false["rate"], missed["rate"], *sides)


def discard_plot(name: str, points: Sequence[Values]) -> Plot | None:
    """Error versus discard; None where nothing was compared."""
    known = [point for point in points if point["fnmr"]["rate"] is not None]
    if not known:
        return None
    first, last = known[0], known[-1]
    return Plot(
        f"{name}-discard",
        "Error versus discard: what the quality measure is good for",
        f"Of all comparisons {percent(first['fnmr']['rate'])} are missed; without the {percent(last['discarded'])} of "
        f"lowest quality {percent(last['fnmr']['rate'])}.",
        Axis("Share of comparisons dropped, the lowest quality first", lowest=0.0, highest=0.5),
        Axis("FNMR of the others"),
        (series("FNMR", [(point["discarded"], point["fnmr"]) for point in known]),),
        Table(
            "FNMR by share discarded",
            ("Dropped", "FNMR of the others"),
            tuple((percent(point["discarded"]), in_text(point["fnmr"])) for point in known),
        ),
        read=f"{READ_BANDS} A quality that says something makes the line fall; one that says nothing leaves it level.",
    )
