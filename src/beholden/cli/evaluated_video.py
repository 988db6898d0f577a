"""What was measured on video, as text: figures with their bounds, and plain words beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from beholden.cli.options import counted
from beholden.evaluate.words import in_numbers, of_so_many, percent

if TYPE_CHECKING:
    from beholden.evaluate.covering import Attack, CoveringResult, Left
    from beholden.evaluate.passages import Mated, Strangers
    from beholden.evaluate.real_clips import RealClips
    from beholden.evaluate.video import AtWidth, VideoResult

WAYS = {"cover": "By the tool, at full size", "watch": "While watching, in the smaller picture that is recorded"}


def tell_video(result: VideoResult) -> None:
    """All of a measurement on video."""
    galleries = " and ".join(str(number) for number in result.gallery)
    typer.echo(
        f"{result.people} people, {result.enrollable} of them enrolled in turn ({galleries} at a time), "
        f"{counted(result.clips, 'composed clip')}."
    )
    for reason, number in sorted(result.refused.items()):
        typer.echo(f"  Refused at enrolment, {number}: {reason}")
    if result.unusable_photos:
        typer.echo(f"  Photos without a face that was found: {result.unusable_photos}")
    typer.echo(
        f"At the product's own setting (at most {percent(result.fpir_asked)} of strangers' tracks named; faces of "
        f"{result.least_px:g} pixels and more), by the width of the face in the camera's picture:"
    )
    _tell_widths(result.widths)
    if result.opened:
        typer.echo("Without the limit on width, for the record:")
        _tell_widths(result.opened)
    typer.echo(f"Faces of {result.least_px:g} pixels and more, together:")
    _tell_all(result)
    typer.echo(
        "Photos were walked past drawn cameras: one picture has one pose and one day. Heads that turn, hats, rain and "
        "years are not in it."
    )


def _tell_widths(widths: Sequence[AtWidth]) -> None:
    for width in widths:
        typer.echo(
            f"  {width.face_px} px  FNIR {in_numbers(width.mated.fnir)}; FPIR {in_numbers(width.strangers.fpir)}"
        )
        typer.echo(f"         enrolled: {_rest(width.mated)}; strangers: {_rest(width.strangers)}")


def _rest(ended: Mated | Strangers) -> str:
    """What passages without a name ended in."""
    kinds = {
        "undecided": ended.undecided,
        "unknown": ended.unknown,
        "no usable shot": ended.no_usable_shot,
        "not seen": ended.not_seen,
    }
    return ", ".join(f"{kind} {number}" for kind, number in kinds.items() if number) or "all named"


def _tell_all(result: VideoResult) -> None:
    missed, wrong, named = result.mated.fnir, result.mated.as_another, result.strangers.fpir
    typer.echo(f"  FNIR  {in_numbers(missed)}")
    typer.echo(f"        {of_so_many(missed, 'passages of enrolled people', 'end without their name')}")
    typer.echo(f"  named as another  {in_numbers(wrong)}")
    typer.echo(f"  FPIR  {in_numbers(named)}")
    typer.echo(f"        {of_so_many(named, 'tracks of strangers', 'are given a name')}")
    typer.echo(f"  False alerts per face: {in_numbers(result.alerts.per_face)}")
    typer.echo(f"  False alerts per alert: {in_numbers(result.alerts.per_alert)}; that depends on who passes")
    if result.a_day is not None:
        day = result.a_day
        typer.echo(
            f"  Of {result.plan.tracks_a_day} strangers a day at one camera, {_few(day.value)} false alerts "
            f"({_few(day.low)} to {_few(day.high)})"
        )
    typer.echo(f"  Tracks on nobody: {result.strays[0]}, of which {result.strays[1]} were given a name")


def _few(number: float) -> str:
    """`0.33`, `7.5`, `780`."""
    return f"{number:.2g}" if number < 10 else f"{number:.0f}"


def tell_covering(result: CoveringResult) -> None:
    """All of a measurement of covering."""
    typer.echo(f"{result.people} people, {counted(result.clips, 'composed clip')} of known faces.")
    for left in result.left:
        _tell_left(left)
    _tell_attack(result.attack)
    if result.real is not None:
        _tell_real(result.real)


def _tell_left(left: Left) -> None:
    from beholden.evaluate.covering import per_100000

    typer.echo(f"{WAYS.get(left.how, left.how)}: faces that show, of 100,000 faces x frames:")
    for said, rate in (("eyes 8 pixels apart or more", left.large), ("eyes closer together", left.small)):
        number = per_100000(rate)
        typer.echo(f"  {said}: {'not measured' if number is None else f'{number:g}'}; {in_numbers(rate)}")
    shown = [f"{width} px {in_numbers(rate)}" for width, rate in left.by_px if rate.errors]
    if shown:
        typer.echo(f"  by the width of the face in the camera's picture: {'; '.join(shown)}")
    typer.echo(f"  Covers take {percent(left.covered)} of the picture, faces {percent(left.in_faces)}.")


def _tell_attack(attack: Attack) -> None:
    if attack.chance is None or attack.at_chance is None:
        typer.echo("Nobody was enrolled, so that nobody could be known again from what is covered.")
        return
    typer.echo(
        f"Known again by a recogniser that is told where each face is, first of {attack.gallery} "
        f"(by chance {percent(attack.chance)}):"
    )
    typer.echo(f"  uncovered {in_numbers(attack.before)}")
    typer.echo(f"  covered   {in_numbers(attack.after)}: {'no better than' if attack.at_chance else 'above'} chance")


def _tell_real(real: RealClips) -> None:
    typer.echo(f"{counted(real.clips, 'clip')} of your own, {counted(real.pictures, 'picture')} looked at:")
    typer.echo(f"  faces that show: {in_numbers(real.visible)}, with eyes closer together {real.small} more")
    typer.echo(
        f"  finds that covers only look like: {real.patterns}; finds before covering that no cover lies on: "
        f"{real.uncovered} (windows, leaves, or a face: look)"
    )
    typer.echo(f"  Covers take {percent(real.covered)} of the picture.")
