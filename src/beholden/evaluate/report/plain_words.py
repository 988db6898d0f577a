"""The first page: what was measured and how often it errs, in short sentences, none of them without its bounds."""

from __future__ import annotations

from collections.abc import Iterator

from beholden.evaluate.rates import RANKABLE_ERRORS
from beholden.evaluate.report.group_section import some_can_be_compared
from beholden.evaluate.report.shown import Values, figure, one_in, rate_in, whole
from beholden.evaluate.words import number, of_so_many, percent

Sentence = tuple[str, str]
"""What it is about, in a word or two; and the sentence."""
SHARE = 0.1
"""Of the faces that pass, enrolled: for the share of alerts that is false."""


def plain_words(values: Values) -> tuple[Sentence, ...]:
    """About a dozen sentences from report.json."""
    parts = values["parts"]
    return (
        *_measured(values),
        *(_on_video(parts["video"]) if "video" in parts else ()),
        *(_alerts(parts["identification"]) if "identification" in parts else ()),
        *(_pairs(parts["verification"]) if "verification" in parts else ()),
        *(_enrolment(parts["enrolment"]) if "enrolment" in parts else ()),
        *(_covering(parts["covering"]) if "covering" in parts else ()),
        *(_real(parts["real_clips"]) if "real_clips" in parts else ()),
        *_groups(parts),
        *_not_tested(values),
    )


def _measured(values: Values) -> Iterator[Sentence]:
    material, point = values["material"], values["operating_point"]
    who = "synthetic people, who do not exist," if material["about"]["synthetic"] else "people"
    yield (
        "Measured on",
        f"{whole(material['people'])} {who} in {whole(material['pictures'])} pictures"
        + (f", and {material['clips']} real clips." if material["clips"] else "."),
    )
    if material["about"]["synthetic"]:
        yield (
            "Take care",
            "No figure below says how often real people are taken for each other or missed: these people are drawn, "
            "and some look alike. They show that it runs, what it counts, and how it covers.",
        )
    beyond = (
        f"Its data reach to {one_in(point['calibration']['reach'])}, so that is extrapolated: nobody has measured it."
        if point["extrapolated"]
        else "Its data reach that far."
    )
    yield (
        "Setting",
        f"By default at most {percent(point['fpir_asked'])} of strangers may be given a name, which takes a threshold "
        f"that {one_in(point['fmr_per_comparison'])} comparisons of two people pass. {beyond}",
    )


def _on_video(part: Values) -> Iterator[Sentence]:
    mated, strangers, day = part["mated"], part["strangers"], part["false_alerts_a_camera_day"]
    yield "Strangers", _said(strangers["fpir"], "tracks of strangers on video", "are given a name")
    if day is not None:
        yield (
            "In a day",
            f"With {whole(part['tracks_a_day'])} strangers a day at one camera, {_days(day)}. A person has to look "
            "before anything follows from an alert.",
        )
    yield "Enrolled people", _said(mated["fnir"], "passages of enrolled people on video", "end without their name")
    yield "Wrong name", _said(mated["named_as_another"], "passages of enrolled people", "end with another's name")
    least = part["least_face_px"]
    wide: list[Values] = [each for each in part["by_face_px"] if each["face_px"] >= least]
    missed = "; ".join(f"at {each['face_px']}: {_share(each['mated']['fnir'])}" for each in wide)
    yield (
        "Small faces",
        f"Faces narrower than {least:g} pixels are never named by default."
        + (f" Missed of those enrolled, by width in pixels, {missed}." if wide else ""),
    )


def _days(day: Values) -> str:
    value, low, high = (number(day[key]) for key in ("value", "low", "high"))
    if day["value"] == 0:
        return f"that is at most {high} false alerts a day (here none was seen)"
    return f"that is {value} false alerts a day ({low} to {high})"


def _alerts(part: Values) -> Iterator[Sentence]:
    outcome = part["at_the_products_setting"]
    alerts: list[Values] = [] if outcome is None else outcome["alerts"]
    found = next((each for each in alerts if each["enrolled_share"] == SHARE), None)
    if found is None or found["per_alert"] is None:
        return
    alert: Values = found["per_alert"]
    said = f"{percent(alert['value'])} of alerts are false ({percent(alert['low'])} to {percent(alert['high'])})"
    if alert["value"] == 0:
        said = f"at most {percent(alert['high'])} of alerts are false (here none was)"
    yield (
        "Alerts",
        f"Where one in ten who pass is enrolled, and a single picture decides, {said}; where fewer are enrolled, more "
        "of them are.",
    )


def _pairs(part: Values) -> Iterator[Sentence]:
    for about, term, who, what in (
        ("Two people", "FMR", "pairs of pictures of two people", "pass for one person"),
        ("One person", "FNMR", "pairs of pictures of one person", "are not recognised"),
    ):
        if (rate := figure(part["at_the_products_setting"], term)) is not None:
            yield about, _said(rate, who, what)


def _enrolment(part: Values) -> Iterator[Sentence]:
    if (rate := figure(part["figures"], "FTE")) is not None:
        yield "Enrolment", _said(rate, "people", "cannot be enrolled from any of their pictures")


def _covering(part: Values) -> Iterator[Sentence]:
    tool = next((each for each in part["left"] if each["how"] == "cover"), None)
    if tool is not None:
        yield (
            "Covering",
            _said(tool["eyes_8_px_or_more"], "frames of a face with eyes 8 pixels apart or more", "still show it")
            + f" Of smaller faces: {_share(tool['eyes_under_8_px'])}.",
        )
    live = next((each for each in part["left"] if each["how"] == "watch"), None)
    if live is not None:
        yield (
            "Recordings",
            "In the smaller picture that is recorded while watching, such faces still show in this share of frames: "
            f"{_share(live['eyes_8_px_or_more'])}; those with eyes closer together: {_share(live['eyes_under_8_px'])}.",
        )
    attack = part["attack"]
    if attack["chance"] is not None and attack["at_chance"] is not None:
        verdict = "no better than chance" if attack["at_chance"] else "better than by chance"
        yield (
            "Known again",
            f"Told where a covered face is, a recogniser finds its owner among {attack['gallery']} {verdict}: "
            f"{_share(attack['rank_1_covered'])}, against {_share(attack['rank_1_uncovered'])} uncovered.",
        )


def _real(part: Values) -> Iterator[Sentence]:
    yield (
        "Real clips",
        _said(part["visible"], "faces that another detector found in real clips", "still show when they are covered"),
    )


def _groups(parts: Values) -> Iterator[Sentence]:
    yield (
        "Groups",
        "Some groups have errors enough to be compared: see the section on groups."
        if some_can_be_compared(parts)
        else f"Nothing can be said of differences between groups: none has the {RANKABLE_ERRORS} errors that it takes. "
        "That is not a sign of none.",
    )


def _not_tested(values: Values) -> Iterator[Sentence]:
    missing = [name for name in ("enrolment", "verification", "identification", "video", "covering", "real_clips")
               if name not in values["parts"]]  # fmt: skip
    if missing:
        yield "Not measured", f"In this report: {', '.join(name.replace('_', ' ') for name in missing)}."
    yield (
        "Not tested",
        "Heads turned to the side, years between two pictures, masks, twins and relatives, children, photos held up to "
        "a camera, attacks, real weather and real cameras.",
    )


def _said(values: Values, who: str, what: str) -> str:
    words = of_so_many(rate_in(values), who, what)
    return f"{words[:1].upper()}{words[1:]}."


def _share(values: Values) -> str:
    rate = rate_in(values)
    if rate.value is None or rate.bounds is None:
        return "not measured"
    if rate.errors == 0:
        return f"none seen, at most {percent(rate.bounds.high)}"
    return f"{percent(rate.value)} ({percent(rate.bounds.low)} to {percent(rate.bounds.high)})"
