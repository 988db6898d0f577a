"""The page's section on the operating point: which threshold the product uses, and how far its data carry it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from beholden.evaluate.report.shown import Axis, Mark, Plot, Section, Series, Style, Table, Values, one_in, whole
from beholden.evaluate.words import percent


def operating_section(point: Values) -> Section:
    """From `operating_point` of report.json."""
    table = point["calibration"]
    beyond = (
        "That is beyond what its data tell: the line is carried on, and the truth may lie elsewhere by a multiple."
        if point["extrapolated"]
        else "The data reach that far."
    )
    return Section(
        "operating-point",
        "The operating point",
        paragraphs=(
            f"Asked: of {_per(point['fpir_asked'])} who pass, at most one is given a name, in a place of "
            f"{whole(point['held_to_gallery'])} people (a smaller place is held to the same). A stranger is compared "
            f"with all of them, and again with each new shot, which counts {point['decisions_counted']:g} times at "
            f"most. So no more than {one_in(point['fmr_per_comparison'])} comparisons may go wrong, which takes a "
            f"cosine of {point['threshold']:.3f}.",
            f"The table of thresholds was measured on {table['people']} people ({table['data']}; {table['stratum']}, "
            f"{table['pairs']} pairs). It tells error rates down to {one_in(table['reach'])} comparisons within a "
            f"factor of two. {beyond}",
            f"Decisions use the upper end over resampled people. The best guess of what that gives is "
            f"{one_in(point['expected_fpir_alike'])} strangers named among people of the stranger's own sex and "
            f"ethnicity, and {one_in(point['expected_fpir'])} among people as mixed as those measured.",
        ),
        tables=(
            Table(
                "The threshold by the size of the place (one shot)",
                ("People in view", "Threshold (cosine)", "Comparisons that may go wrong", "Reached by the data?"),
                tuple(
                    (
                        f"up to {whole(each['gallery'])}",
                        f"{each['threshold']:.3f}",
                        one_in(each["fmr_per_comparison"]),
                        "no, extrapolated" if each["extrapolated"] else "yes",
                    )
                    for each in point["galleries"]
                ),
            ),
        ),
        plots=(_plot(point),),
    )


def _per(rate: float) -> str:
    return f"{1 / rate:,.0f} strangers" if rate < 0.5 else f"{percent(rate)} of strangers"


def _plot(point: Values) -> Plot:
    rows = [row for row in point["table"] if row["shots"] == 1]
    rates = tuple(row["fmr"] for row in rows)
    measured = [row for row in rows if not row["extrapolated"]]
    reach = point["calibration"]["reach"]
    lowest, highest = min(row["best_guess"] for row in rows), max(row["threshold"] for row in rows)
    return Plot(
        "threshold",
        "Which threshold keeps which rate",
        f"The product uses {point['threshold']:.3f}. The data reach to {one_in(reach)}, right of the dotted line: "
        f"{len(measured)} of {len(rows)} rows of the table lie there, the others are extrapolated.",
        Axis(
            "False matches per comparison (FMR): fewer to the left",
            floor=min(rates),
            places=tuple((rate, one_in(rate)) for rate in rates if _is_power(rate)),
        ),
        Axis(
            "Threshold (cosine)",
            lowest=math.floor(10 * lowest) / 10,
            highest=math.ceil(10 * highest) / 10,
            shares=False,
        ),
        (
            Series("used in decisions: upper end", rates, tuple(row["threshold"] for row in rows)),
            Series(
                "best guess, people of one sex and ethnicity",
                rates,
                tuple(row["best_guess_alike"] for row in rows),
                style=Style.DASHED,
            ),
            Series("best guess, people mixed", rates, tuple(row["best_guess"] for row in rows), style=Style.DASHED),
        ),
        _thresholds(rows),
        mark=Mark(
            "the product's default",
            point["fmr_per_comparison"],
            point["threshold"],
            (point["fmr_per_comparison"],) * 2,
            (point["best_guess"], point["threshold"]),
        ),
        uprights=((reach, "extrapolated  \u2190   \u2192  measured"),),
    )


def _thresholds(rows: Sequence[Values]) -> Table:
    return Table(
        "Thresholds by the rate of false matches, for one shot",
        ("False matches", "Used", "Best guess, alike", "Best guess, mixed", "From the data?"),
        tuple(
            (
                one_in(row["fmr"]),
                f"{row['threshold']:.3f}",
                f"{row['best_guess_alike']:.3f}",
                f"{row['best_guess']:.3f}",
                "extrapolated" if row["extrapolated"] else "measured",
            )
            for row in rows
        ),
    )


def _is_power(rate: float) -> bool:
    return abs(math.log10(rate) - round(math.log10(rate))) < 1e-9
