"""What was measured, as text: figures with their bounds, and plain words beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import typer

from beholden.cli.options import counted
from beholden.evaluate.templates import REFUSAL_WORDS, Refusal
from beholden.evaluate.words import in_numbers, number, of_so_many, percent

if TYPE_CHECKING:
    from beholden.evaluate.alerts import Estimate
    from beholden.evaluate.curves import AtRate
    from beholden.evaluate.discard import DiscardPoint
    from beholden.evaluate.enrolment import EnrolmentTrial
    from beholden.evaluate.failures import Failures
    from beholden.evaluate.groups import Difference, Group
    from beholden.evaluate.identification import Alerts, Identification, Outcome
    from beholden.evaluate.setting import Setting
    from beholden.evaluate.verification import Verification
    from beholden.evaluate.words import Figure

DROPPED = 0.2
"""The share of lowest quality that the text tells of; JSON has more of them."""


def tell_verification(result: Verification) -> None:
    """All of a verification but its curves."""
    typer.echo(
        f"{result.people} people (told apart by {result.told_by}), {counted(result.mated, 'pair')} of one person and "
        f"{result.nonmated} of two."
    )
    _left_out({"rows that repeat a pair": result.repeated, "rows of a picture with itself": result.itself})
    _tell_setting(result.setting)
    _heading("With gates, the first picture held to enrolment's and the second to a camera's:")
    tell_figures(result.figures[:2])
    _heading("With failures to acquire (FAR, FRR), and to enrol too (GFAR, GFRR), as ISO/IEC 19795-1 counts them:")
    tell_figures(result.figures[2:])
    tell_failures("FTE of first pictures", result.enrol)
    tell_failures("FTA of second pictures", result.acquire)
    _heading("Without gates, every pair in which both faces were found:")
    tell_figures(result.without_gates)
    if result.eer_without_gates is not None:
        typer.echo(f"  EER   {percent(result.eer_without_gates)}")
    _tell_rates(result.at_rates)
    _tell_discard(result.discard)
    _tell_groups(result.groups, result.clear)


def tell_identification(result: Identification) -> None:
    """All of an identification but its curves."""
    typer.echo(f"{result.people} people, {counted(result.plan.splits, 'split')} into enrolled and strangers.")
    if result.of_one_picture:
        typer.echo(f"  People with one picture are strangers in every split: {result.of_one_picture}")
    _left_out(result.left_out)
    _tell_setting(result.setting)
    _heading("Failures, of people (FTE) and of pictures (FTA):")
    few = "no picture" if result.plan.photos == 1 else f"fewer than {result.plan.photos} pictures"
    words = of_so_many(result.enrol, "people", f"have {few} that enrolment accepts")
    typer.echo(f"  FTE   {in_numbers(result.enrol)}\n        {words}")
    tell_failures("pictures refused at enrolment", result.refused)
    tell_failures("FTA", result.acquire)
    if result.outcome is None:
        typer.echo("Nobody, or one person, could be enrolled: at the product's own setting nothing can be searched.")
    else:
        _tell_outcome(result.outcome, result.faces_a_day)
    if result.without_gates:
        _heading("Without gates, every picture in which one face was found:")
        tell_figures(result.without_gates)
    _tell_discard(result.discard)
    _heading("Each picture was searched by itself. A camera pools several shots, and wants two that agree.")


def tell_enrolment(result: EnrolmentTrial) -> None:
    """All of a trial of enrolment."""
    typer.echo(f"{result.people} people.")
    _left_out(result.left_out)
    _tell_setting(result.setting)
    tell_figures(result.figures)
    _heading("Why:")
    _tell_reasons("people who cannot be enrolled at all", result.refused_people)
    _tell_reasons("people refused with all pictures at once", result.refused_at_once)
    _tell_reasons("pictures refused at enrolment", result.refused_pictures.reasons)
    _tell_reasons("pictures refused by a camera's gates", result.acquire.reasons)
    _tell_groups({kind: {"FTE": groups} for kind, groups in result.groups.items()}, {})


def tell_figures(figures: Iterable[Figure]) -> None:
    """One figure a line: its term, its numbers, and plain words under it."""
    shown = list(figures)
    width = max((len(figure.term) for figure in shown), default=0)
    for figure in shown:
        typer.echo(f"  {figure.term:<{width}}  {in_numbers(figure.rate)}\n  {'':<{width}}  {figure.words}")


def tell_failures(title: str, failed: Failures) -> None:
    """How many pictures failed, and why."""
    typer.echo(f"  {title} {in_numbers(failed.rate)}{': ' if failed.reasons else ''}{_reasons(failed.reasons)}")


def _heading(text: str) -> None:
    typer.echo(f"\n{text}")


def _tell_setting(setting: Setting) -> None:
    reach = ", beyond the data it was measured on" if setting.extrapolated else ""
    _heading(
        f"The product's own setting: {setting.model}, at most {percent(setting.fpir)} of strangers' tracks named in a "
        f"gallery of {setting.held_to}: cosine {setting.threshold:.3f} from one shot{reach}."
    )


def _tell_outcome(outcome: Outcome, faces_a_day: float) -> None:
    _heading(f"With gates, {outcome.gallery} people enrolled, a picture that is not acquired counted as ISO does:")
    tell_figures(outcome.figures)
    if outcome.gfnir is not None:
        typer.echo(f"  GFNIR {_estimate(outcome.gfnir)}: also missed are people who cannot be enrolled")
    if outcome.cmc:
        typer.echo(f"  First of all candidates, at any cosine: {in_numbers(outcome.cmc[0])}")
    _tell_rates(outcome.at_rates)
    _heading("False alerts, in both denominators; the share of alerts that is false depends on who passes:")
    for alerts in outcome.alerts:
        typer.echo(f"  {_alerts(alerts, faces_a_day)}")
    _tell_groups(outcome.groups, outcome.clear)


def _alerts(alerts: Alerts, faces_a_day: float) -> str:
    """One line of both denominators."""
    said = [f"{percent(alerts.enrolled_share)} of the faces enrolled"]
    if alerts.per_face is not None:
        said.append(f"per face {_estimate(alerts.per_face)}")
    if alerts.per_alert is not None:
        said.append(f"per alert {_estimate(alerts.per_alert)}")
    if alerts.per_camera_day is not None:
        day = alerts.per_camera_day
        said.append(
            f"of {faces_a_day:g} faces a day {number(day.value)} false ({number(day.low)} to {number(day.high)})"
        )
    return f"{said[0]}: {'; '.join(said[1:]) or 'not measured'}"


def _estimate(estimate: Estimate) -> str:
    return f"{percent(estimate.value)} ({percent(estimate.low)} to {percent(estimate.high)})"


def _tell_rates(rates: Sequence[AtRate]) -> None:
    if rates:
        missed = "FNMR" if rates[0].term == "FMR" else "FNIR"
        _heading("At other thresholds, as far as there are trials enough to see one error:")
        for each in rates:
            typer.echo(
                f"  {each.term} at most {percent(each.asked)}: cosine {each.threshold:.3f}, "
                f"{missed} {in_numbers(each.missed)}"
            )


def _tell_discard(points: Sequence[DiscardPoint]) -> None:
    """What quality is good for: the rate with all comparisons, and without the worst of them."""
    first = next((point for point in points if point.discarded == 0), None)
    later = next((point for point in points if point.discarded >= DROPPED), None)
    if first is not None and later is not None and first.fnmr.value is not None and later.fnmr.value is not None:
        _heading(
            f"Quality: FNMR {percent(first.fnmr.value)} of all comparisons, {percent(later.fnmr.value)} without the "
            f"{percent(later.discarded)} of lowest quality."
        )


def _tell_groups(
    groups: dict[str, dict[str, tuple[Group, ...]]], clear: dict[str, dict[str, tuple[Difference, ...]]]
) -> None:
    """Rates by group; those that may be compared are, and it is said why the others are not."""
    for kind, by_term in groups.items():
        for term, found in by_term.items():
            _heading(f"{term} by {kind}, as people said it of themselves:")
            for group in found:
                said = "too few people" if group.rate is None else in_numbers(group.rate)
                typer.echo(f"  {group.label:<12} {group.people} people: {said}")
            apart = [each for each in clear.get(kind, {}).get(term, ()) if each.clear]
            for each in apart:
                typer.echo(
                    f"  {each.higher} is higher than {each.lower} by {percent(each.value)} "
                    f"({percent(each.low)} to {percent(each.high)})"
                )
            if not apart:
                typer.echo("  In no order: under 30 errors in a group, or a difference that chance can make.")


def _tell_reasons(title: str, counts: Sequence[tuple[Refusal, int]]) -> None:
    typer.echo(f"  {title}: {_reasons(counts) or 'none'}")


def _reasons(counts: Sequence[tuple[Refusal, int]]) -> str:
    """`no face found 3, several faces 1`."""
    return ", ".join(f"{REFUSAL_WORDS[reason]} {count}" for reason, count in counts)


def _left_out(counts: dict[str, int]) -> None:
    said = [f"{what.replace('_', ' ')} {count}" for what, count in counts.items() if count]
    if said:
        typer.echo(f"  Left out: {', '.join(said)}")
