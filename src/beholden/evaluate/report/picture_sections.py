"""The page's sections on pictures: enrolment, verification, identification."""

from __future__ import annotations

from collections.abc import Sequence

from beholden.evaluate.report.curves_shown import discard_plot, over_threshold, trade_off
from beholden.evaluate.report.shown import (
    Axis,
    Plot,
    Section,
    Series,
    Style,
    Table,
    Values,
    estimate_in_text,
    figure,
    figures_table,
    in_text,
    series,
    whole,
)
from beholden.evaluate.templates import REFUSAL_WORDS, Refusal
from beholden.evaluate.words import percent

ONE_PICTURE = (
    "One picture is less than a camera has: the product pools several shots of a person, and wants two that agree."
)


def enrolment_section(part: Values) -> Section:
    """From the part `enrolment` of report.json."""
    refused, acquired = part["pictures_refused_at_enrolment"], part["failure_to_acquire"]
    counts = [part["people_who_cannot_enrol_by_reason"], part["people_refused_all_at_once_by_reason"]]
    counts += [refused["by_reason"], acquired["by_reason"]]
    reasons = [reason for reason in map(str, Refusal) if any(reason in each for each in counts)]
    reasons.sort(key=lambda reason: -refused["by_reason"].get(reason, 0))
    plots = (_reasons_plot(reasons, refused, acquired),) if reasons else ()
    heads = ("People, at all", "People, all pictures at once", "Pictures, at enrolment", "Pictures, at a camera")
    return Section(
        "enrolment",
        "Enrolment: who could not be enrolled, and why",
        paragraphs=(
            f"{whole(part['people'])} people gave {whole(part['pictures']['pictures'])} pictures. A person is refused "
            "where no picture passes the gates of enrolment (failure to enrol, FTE); or, where all are given at once, "
            "if one of them does not. A picture that a camera's gates refuse is a failure to acquire (FTA).",
        ),
        tables=(
            figures_table("Failures to enrol and to acquire", part["figures"]),
            *(
                (
                    Table(
                        "Failures by reason: one reason each, the first that holds",
                        ("Reason", *heads),
                        tuple(
                            (REFUSAL_WORDS[Refusal(each)], *(str(count.get(each, 0)) for count in counts))
                            for each in reasons
                        ),
                    ),
                )
                if reasons
                else ()
            ),
        ),
        plots=plots,
        notes=() if reasons else ("Nothing was refused, so there is no plot of reasons.",),
    )


def _reasons_plot(reasons: Sequence[str], refused: Values, acquired: Values) -> Plot:
    at = tuple(float(place) for place in range(len(reasons)))
    shares = [
        tuple(each["by_reason"].get(reason, 0) / max(1, each["trials"]) for reason in reasons)
        for each in (refused, acquired)
    ]
    most = max(reasons, key=lambda reason: refused["by_reason"].get(reason, 0))
    return Plot(
        "failures",
        "Why pictures are refused",
        f"Enrolment refuses {in_text(refused)} of the pictures, most often because: {REFUSAL_WORDS[Refusal(most)]}. "
        f"A camera would refuse {in_text(acquired)}.",
        Axis("Share of all pictures"),
        Axis(
            "", places=tuple((place, REFUSAL_WORDS[Refusal(reason)]) for place, reason in zip(at, reasons, strict=True))
        ),
        (
            Series("refused at enrolment", at, shares[0], style=Style.BARS),
            Series("refused by a camera's gates", at, shares[1], style=Style.BARS),
        ),
        Table(
            "Share of all pictures by reason",
            ("Reason", "At enrolment", "At a camera"),
            tuple(
                (REFUSAL_WORDS[Refusal(reason)], percent(one), percent(other))
                for reason, one, other in zip(reasons, *shares, strict=True)
            ),
        ),
        read="Enrolment asks for more than a camera does, because a poor reference is poor for ever.",
        across=True,
    )


def verification_section(part: Values) -> Section:
    """From the part `verification` of report.json."""
    figures, curve, setting = part["at_the_products_setting"], part["det"], part["setting"]
    plots: list[Plot | None] = []
    false, missed = figure(figures, "FMR"), figure(figures, "FNMR")
    if curve and false is not None and missed is not None:
        at = f"At the product's threshold: FMR {in_text(false)}, FNMR {in_text(missed)}."
        words = ("two people pass for one", "one person is not recognised")
        plots = [
            over_threshold("verification", curve, ("FMR", "FNMR"), words, setting["threshold"], at),
            trade_off(
                "verification",
                "DET curve: FNMR against FMR",
                curve,
                ("FMR", "FNMR"),
                (false, missed),
                part["at_rates"],
            ),
        ]
    plots.append(discard_plot("verification", part["error_versus_discard"]))
    pairs = part["pairs"]
    return Section(
        "verification",
        "Verification: is this the same person?",
        paragraphs=(
            f"{whole(pairs['mated'])} pairs of pictures of one person and {whole(pairs['nonmated'])} of two people. "
            "The first picture of a pair is held to the gates of enrolment, the second to those of a camera's shots.",
            "FMR and FNMR are of the comparisons that were made; FAR and FRR count failures to acquire as well, GFAR "
            "and GFRR failures to enrol, too (ISO/IEC 19795-1).",
        ),
        tables=(
            figures_table(f"At the product's threshold, cosine {setting['threshold']:.3f}", figures),
            figures_table("The same without gates: every pair in which both faces were found", part["without_gates"]),
        ),
        plots=tuple(plot for plot in plots if plot is not None),
        notes=(
            "Equal error rate: "
            + ("not measured" if part["eer"] is None else percent(part["eer"]))
            + " with gates. It is a figure for comparing recognisers, and nobody runs one at that point.",
        ),
    )


def identification_section(part: Values) -> Section:
    """From the part `identification` of report.json."""
    outcome = part["at_the_products_setting"]
    intro = (
        f"{part['people']} people, drawn {part['splits']} times into half who are enrolled and half who are strangers. "
        f"Each picture is a search by itself. {ONE_PICTURE}",
    )
    title = "Identification: who is this, if anybody?"
    if outcome is None:
        return Section("identification", title, (*intro, "Too few people could be enrolled: nothing was searched."))
    figures, setting = outcome["figures"], part["setting"]
    false, missed = figure(figures, "FPIR"), figure(figures, "FNIR")
    plots: list[Plot] = []
    if false is not None and missed is not None and outcome["curve"]:
        at = f"At the product's threshold: FPIR {in_text(false)}, FNIR {in_text(missed)}."
        words = ("a stranger is taken for somebody", "somebody enrolled is missed")
        curve, terms = outcome["curve"], ("FPIR", "FNIR")
        plots.append(over_threshold("identification", curve, terms, words, setting["threshold"], at))
        plots.append(
            trade_off("identification", "FNIR against FPIR", curve, terms, (false, missed), outcome["at_rates"])
        )
    if outcome["cmc"]:
        plots.append(_cmc(outcome))
    if discard := discard_plot("identification", part["error_versus_discard"]):
        plots.append(discard)
    plots.append(_alerts_plot(outcome["alerts"]))
    return Section(
        "identification",
        title,
        paragraphs=intro,
        tables=(
            figures_table(
                f"At the product's threshold, cosine {setting['threshold']:.3f}, {outcome['gallery']} people enrolled",
                figures,
            ),
            _alerts_table(outcome["alerts"], part["faces_per_camera_day"]),
        ),
        plots=tuple(plots),
        notes=(f"GFNIR, with people who cannot be enrolled: {estimate_in_text(outcome['gfnir'])}.",),
    )


def _cmc(outcome: Values) -> Plot:
    found = outcome["cmc"]
    first = found[0]
    return Plot(
        "cmc",
        "CMC: how far down the list the right person is",
        f"The right person comes first in {in_text(first)}, whatever the cosine.",
        Axis(
            f"Rank among {outcome['gallery']} people",
            places=tuple((float(at + 1), str(at + 1)) for at in range(len(found))),
        ),
        Axis(
            "Searches with the right person within that rank",
            lowest=min(0.9, *(each["low"] or 0.0 for each in found)),
            highest=1.0,
        ),
        (series("found within rank", [(at + 1.0, each) for at, each in enumerate(found)], Style.POINTS),),
        Table(
            "Found within each rank",
            ("Rank", "Found, with 95% bounds"),
            tuple((str(at + 1), in_text(each)) for at, each in enumerate(found)),
        ),
        read="Whiskers are 95% bounds by person; where all were found, the rule of 3, which is wide with few people. "
        "It says nothing of strangers, who are on no list.",
    )


def _alerts_table(alerts: Sequence[Values], faces: float) -> Table:
    return Table(
        f"False alerts in both denominators, and of {whole(faces)} faces a day at one camera",
        ("Of the faces that pass, enrolled", "Per face that passes", "Per alert that is raised", "A day at one camera"),
        tuple(
            (
                percent(each["enrolled_share"]),
                estimate_in_text(each["per_face"]),
                estimate_in_text(each["per_alert"]),
                estimate_in_text(each["per_camera_day"], share=False),
            )
            for each in alerts
        ),
    )


def _alerts_plot(alerts: Sequence[Values]) -> Plot:
    places = tuple((float(at), f"{percent(each['enrolled_share'])} enrolled") for at, each in enumerate(alerts))

    def of(key: str, label: str) -> Series:
        known = [(float(at), each[key]) for at, each in enumerate(alerts) if each[key] is not None]
        return Series(
            label,
            tuple(at for at, _ in known),
            tuple(each["value"] for _, each in known),
            tuple(each["low"] for _, each in known),
            tuple(each["high"] for _, each in known),
            Style.POINTS,
        )

    return Plot(
        "alerts",
        "The same false alerts, per face and per alert",
        "The fewer of those who pass are enrolled, the larger the share of alerts that is false, though the recogniser "
        "is the same.",
        Axis("Of the faces that pass, how many are of people enrolled", places=places),
        Axis("Share that is false", lowest=0.0, highest=1.0),
        (of("per_face", "per face that passes"), of("per_alert", "per alert that is raised")),
        Table(
            "False alerts by who passes",
            ("Enrolled", "Per face", "Per alert"),
            tuple(
                (
                    percent(each["enrolled_share"]),
                    estimate_in_text(each["per_face"]),
                    estimate_in_text(each["per_alert"]),
                )
                for each in alerts
            ),
        ),
        read="Whiskers are 95% bounds. Both numbers are right; only both together say how good it is.",
    )
