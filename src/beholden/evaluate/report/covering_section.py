"""The page's section on covering: which faces still show, who could be known again, and what real clips say."""

from __future__ import annotations

from collections.abc import Sequence

from beholden.evaluate.report.shown import (
    Axis,
    Plot,
    Section,
    Series,
    Style,
    Table,
    Values,
    floor_for,
    in_text,
    rate_in,
    whole,
)
from beholden.evaluate.words import number, of_so_many, percent

PER = 100_000
"""Faces x frames that visible ones are counted per, as in evaluate/covering.py."""
EYES = 0.47
"""How far eyes are apart, in widths of a face (evaluate/covering.py)."""
EYES_PX = 8
WAYS = {"cover": "by the tool, at full size", "watch": "while watching, in the smaller recorded picture"}
FRAMES = "faces x frames"


def covering_section(part: Values | None, real: Values | None) -> Section:
    """From the parts `covering` and `real_clips` of report.json; at least one of them is there."""
    sections = [_composed(part)] if part is not None else []
    if real is not None:
        sections.append(_real(real))
    return Section(
        "covering",
        "Covering: do faces still show?",
        tuple(text for each in sections for text in each.paragraphs),
        tuple(table for each in sections for table in each.tables),
        tuple(plot for each in sections for plot in each.plots),
        tuple(text for each in sections for text in each.notes),
    )


def _composed(part: Values) -> Section:
    left = part["left"]
    return Section(
        "composed",
        "Composed clips",
        paragraphs=(
            f"{whole(part['clips'])} clips in which it is known where every face is, of {part['people']} people, were "
            "covered by the product in two ways. A face counts as visible in a frame where its eyes are not under a "
            "cover, or where another detector (dlib's, which covers nothing here) still finds it.",
        ),
        tables=(
            Table(
                f"Visible faces, of {whole(PER)} {FRAMES}",
                (
                    "How it was covered",
                    f"Eyes {EYES_PX} px apart or more",
                    "Eyes closer together",
                    "Picture covered",
                    "Of it faces",
                ),
                tuple(
                    (
                        _way(each),
                        _visible(each["eyes_8_px_or_more"]),
                        _visible(each["eyes_under_8_px"]),
                        percent(each["picture_covered"]),
                        percent(each["picture_in_faces"]),
                    )
                    for each in left
                ),
            ),
        ),
        plots=(_visible_plot(left), *((_attack_plot(part["attack"]),) if part["attack"]["chance"] else ())),
        notes=("Nobody was enrolled, so nobody could be known again.",) if not part["attack"]["chance"] else (),
    )


def _way(left: Values) -> str:
    how: str = left["how"]
    return WAYS.get(how, how)


def _visible(values: Values) -> str:
    """`12 (3 of 25,000; at most 40)`, of 100,000."""
    rate = rate_in(values)
    if rate.value is None or rate.bounds is None:
        return "none of this size"
    low, high = (number(PER * side) for side in (rate.bounds.low, rate.bounds.high))
    bounds = f"at most {high}" if rate.errors == 0 else f"{low} to {high}"
    return f"{number(PER * rate.value)} ({whole(rate.errors)} of {whole(rate.trials)}; {bounds})"


def _visible_plot(left: Sequence[Values]) -> Plot:
    widths = [each["face_px"] for each in left[0]["by_face_px"]]
    at = {width: float(place) for place, width in enumerate(widths)}
    rates = [rate for each in left for rate in each["by_face_px"]]
    says = "; ".join(f"{_way(each)} {_visible(each['eyes_8_px_or_more'])}" for each in left)
    return Plot(
        "visible-by-size",
        f"Faces that still show, of {whole(PER)} {FRAMES}, by their size",
        f"With eyes {EYES_PX} pixels apart or more in the covered picture: {says}.",
        Axis(
            "Width of the face in the camera's picture (distance of the eyes)",
            places=tuple((at[width], f"{width} px\n({EYES * width:.0f})") for width in widths),
        ),
        Axis(f"Visible, of {whole(PER)}", floor=max(1.0, PER * floor_for(rates)), highest=float(PER), shares=False),
        tuple(
            Series(
                _way(each),
                tuple(at[rate["face_px"]] for rate in each["by_face_px"]),
                *(tuple(PER * (rate[key] or 0.0) for rate in each["by_face_px"]) for key in ("rate", "low", "high")),
                style=Style.POINTS,
            )
            for each in left
        ),
        Table(
            f"Visible faces, of {whole(PER)} {FRAMES}",
            ("Width (eyes)", *(_first_upper(_way(each)) for each in left)),
            tuple(
                (
                    f"{width} px ({EYES * width:.0f})",
                    *(
                        next((_visible(rate) for rate in each["by_face_px"] if rate["face_px"] == width), "none")
                        for each in left
                    ),
                )
                for width in widths
            ),
        ),
        read="The axis is logarithmic. A point at “none” with a whisker: none was seen, and up to so many would be no "
        "surprise. Whiskers are 95% bounds by walk.",
    )


def _attack_plot(attack: Values) -> Plot:
    before, after, chance = attack["rank_1_uncovered"], attack["rank_1_covered"], attack["chance"]
    verdict = "no better than chance" if attack["at_chance"] else "above chance"
    both = [(float(at), rate) for at, rate in enumerate((before, after)) if rate["rate"] is not None]
    return Plot(
        "known-again",
        "Who can be known again by a recogniser that is told where each face is",
        f"Uncovered {in_text(before)}, covered {in_text(after)}: {verdict}.",
        Axis("", places=((0.0, "uncovered"), (1.0, "covered"))),
        Axis(f"Right person first, of {attack['gallery']}", lowest=0.0, highest=1.0),
        (
            Series(
                "right person first",
                tuple(at for at, _ in both),
                *(tuple(rate[key] for _, rate in both) for key in ("rate", "low", "high")),
                style=Style.POINTS,
            ),
        ),
        Table(
            "Right person first",
            ("", "Measured, with 95% bounds"),
            (("uncovered", in_text(before)), ("covered", in_text(after)), ("by chance", percent(chance))),
        ),
        read="Whiskers are 95% bounds by person. Blurred or pixelated faces are known again above chance, by whoever "
        "blurs a gallery alike: hence solid covers.",
        lines=((chance, f"by chance: {percent(chance)}"),),
    )


def _real(real: Values) -> Section:
    visible = rate_in(real["visible"])
    return Section(
        "real",
        "Real clips",
        paragraphs=(
            f"{real['clips']} real clips were covered, and {whole(real['pictures_looked_at'])} pictures of them looked "
            "through by the other detector. Nobody knows where every face is there: what neither detector finds is not "
            "counted. Bounds are by clip, and too narrow where people are in several of them.",
        ),
        tables=(
            Table(
                "Real clips",
                ("What", "Measured"),
                (
                    (f"Faces that still show, eyes {EYES_PX} px apart or more", in_text(real["visible"])),
                    (
                        "In words",
                        f"{_first_upper(of_so_many(visible, 'faces that the other detector found', 'still show'))}.",
                    ),
                    ("Faces that still show, eyes closer together", str(real["visible_small"])),
                    ("Finds that covers only look like (not there before)", str(real["patterns_of_covers"])),
                    (
                        "Found before, and no cover lies on it: a window, leaves, or a face",
                        str(real["found_before_and_not_covered"]),
                    ),
                    ("Share of the picture that covers take", percent(real["picture_covered"])),
                ),
            ),
        ),
    )


def _first_upper(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
