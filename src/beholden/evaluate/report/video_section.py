"""The page's section on video: people who walk past cameras, and what their passages end in."""

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
    estimate_in_text,
    in_text,
    rate_in,
    series,
    whole,
)
from beholden.evaluate.words import of_so_many, percent

ENDS = ("undecided", "unknown", "no_usable_shot", "not_seen")
_WHISKERS = "Whiskers are 95% bounds by person."


def video_section(part: Values) -> Section:
    """From the part `video` of report.json."""
    mated, strangers, alerts = part["mated"], part["strangers"], part["alerts"]
    day = estimate_in_text(part["false_alerts_a_camera_day"], share=False)
    rates = (
        ("FNIR", mated["fnir"], "passages of enrolled people", "end without their name"),
        ("named as another", mated["named_as_another"], "passages of enrolled people", "end with another's name"),
        ("FPIR", strangers["fpir"], "tracks of strangers", "are given a name"),
        ("false alerts per face", alerts["per_face"], "people who pass", "raise a false alert"),
        ("false alerts per alert", alerts["per_alert"], "alerts", "are false"),
    )
    rows = tuple(
        (term, in_text(rate), f"{_upper(of_so_many(rate_in(rate), who, what))}.") for term, rate, who, what in rates
    )
    widths = part["by_face_px"]
    return Section(
        "video",
        "Video: people who walk past cameras",
        paragraphs=(
            f"{part['people']} people walk past drawn cameras in {whole(part['clips'])} clips; "
            f"{' or '.join(sorted(set(map(str, part['gallery']))))} of them are enrolled at a time. Heads are cut from "
            "photos; size, blur, noise, light, compression, motion and pose are drawn. The clips go through the "
            "product itself: decoded, detected, followed, pooled, decided.",
            f"Faces narrower than {part['least_face_px']:g} pixels are not recognised by default, and nobody is named.",
        ),
        tables=(
            Table(
                f"Faces of {part['least_face_px']:g} pixels and more, together",
                ("Rate", "Measured, with 95% bounds", "In words"),
                (
                    *rows,
                    (
                        "false alerts per camera-day",
                        day,
                        f"Where {whole(part['tracks_a_day'])} strangers pass a camera in a day.",
                    ),
                ),
            ),
        ),
        plots=(_missed_plot(part), _strangers_plot(part), _ends_plot(widths)),
        notes=(
            f"Tracks on nobody (a pattern taken for a face): {part['tracks_on_nobody']}, of which "
            f"{part['tracks_on_nobody_named']} were given a name.",
            "One photo has one pose and one day. Heads that turn away, hats, rain and years are not in these clips.",
        ),
    )


def _missed_plot(part: Values) -> Plot:
    least = part["least_face_px"]
    widths, opened = part["by_face_px"], part["width_limit_taken_away"]
    at = {each["face_px"]: float(place) for place, each in enumerate(widths)}
    known = [each for each in widths if each["face_px"] >= least]
    says = "No face was wide enough to be recognised."
    if known:
        small, large = known[0], known[-1]
        says = (
            f"At {small['face_px']} pixels {in_text(small['mated']['fnir'])} are missed, at {large['face_px']} pixels "
            f"{in_text(large['mated']['fnir'])}."
        )
    without = {each["face_px"]: in_text(each["mated"]["fnir"]) for each in opened}
    return Plot(
        "missed-by-size",
        "Enrolled people who are not named, by the width of their face (FNIR)",
        says,
        Axis("Width of the face in the camera's picture", places=tuple((at[px], f"{px} px") for px in at)),
        Axis("Passages that end without the right name", lowest=0.0, highest=1.0),
        (
            series(
                "at the default setting",
                [(at[each["face_px"]], each["mated"]["fnir"]) for each in widths],
                Style.POINTS,
            ),
            series(
                "with the limit on width taken away",
                [(at[each["face_px"]], each["mated"]["fnir"]) for each in opened if each["face_px"] in at],
                Style.POINTS,
            ),
        ),
        Table(
            "FNIR by face width",
            ("Width", "At the default setting", "Limit taken away"),
            tuple(
                (f"{each['face_px']} px", in_text(each["mated"]["fnir"]), without.get(each["face_px"], "-"))
                for each in widths
            ),
        ),
        read=_WHISKERS,
    )


def _strangers_plot(part: Values) -> Plot:
    least = part["least_face_px"]
    widths = [each for each in part["by_face_px"] if each["face_px"] >= least] or part["by_face_px"]
    places = tuple((float(at), f"{each['face_px']} px") for at, each in enumerate(widths))
    rates = [each["strangers"]["fpir"] for each in widths]
    return Plot(
        "strangers-by-size",
        "Strangers who are given a name, by the width of their face (FPIR)",
        f"Over all widths recognised: {in_text(part['strangers']['fpir'])}. Asked: {percent(part['fpir_asked'])}.",
        Axis("Width of the face in the camera's picture", places=places),
        Axis("Strangers' tracks that are given a name", lowest=0.0),
        (series("strangers named", [(float(at), rate) for at, rate in enumerate(rates)], Style.POINTS),),
        Table(
            "FPIR by face width",
            ("Width", "FPIR, with 95% bounds"),
            tuple((f"{each['face_px']} px", in_text(rate)) for each, rate in zip(widths, rates, strict=True)),
        ),
        read=f"{_WHISKERS} A point at 0% with a whisker: none was seen, and up to so many would be no surprise. Faces "
        f"narrower than {least:g} pixels are left out: nobody is named there.",
        lines=((part["fpir_asked"], f"asked: at most {percent(part['fpir_asked'])}"),),
    )


def _ends_plot(widths: Sequence[Values]) -> Plot:
    """What the passages of enrolled people end in."""
    kinds = ("named", *ENDS)
    shares: list[tuple[float, ...]] = []
    for each in widths:
        mated = each["mated"]
        trials = max(1, mated["fnir"]["trials"])
        shares.append((1 - mated["fnir"]["errors"] / trials, *(mated[kind] / trials for kind in ENDS)))
    last = widths[-1] if widths else None
    return Plot(
        "ends-by-size",
        "What enrolled people's passages end in, by the width of their face",
        "" if last is None else f"At {last['face_px']} pixels {percent(shares[-1][0])} end with the right name.",
        Axis(
            "Width of the face in the camera's picture",
            places=tuple((float(at), f"{each['face_px']} px") for at, each in enumerate(widths)),
        ),
        Axis("Share of passages", lowest=0.0, highest=1.0),
        tuple(
            Series(
                kind.replace("_", " "),
                tuple(float(at) for at in range(len(widths))),
                tuple(share[index] for share in shares),
                style=Style.BARS,
            )
            for index, kind in enumerate(kinds)
        ),
        Table(
            "Passages of enrolled people",
            ("Width", *(kind.replace("_", " ").capitalize() for kind in kinds)),
            tuple(
                (f"{each['face_px']} px", *(percent(value) for value in share))
                for each, share in zip(widths, shares, strict=True)
            ),
        ),
        read="Undecided: too like two people, or nearly like one; unknown: nobody; no usable shot: gates refused all.",
        stacked=True,
    )


def _upper(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
