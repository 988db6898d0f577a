"""`beholden answer` and `beholden answers`: was an alert right, and how many were."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from beholden.cli.options import DEFAULT_DATA, AsJson, Data, counted, emit, opened
from beholden.model.ids import PlaceId, SightingId

if TYPE_CHECKING:
    from beholden.acts.sightings.answers import Estimate
    from beholden.acts.sightings.drift import Share


class Said(StrEnum):
    """What may be said of an alert."""

    RIGHT = "right"
    WRONG = "wrong"


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: beholden answer 0f3a9c1d7b24e6580f3a9c1d7b24e658 wrong")(answer)
    app.command(epilog="Example: beholden answers --place lobby --days 30")(answers)


def answer(
    sighting: Annotated[str, typer.Argument(metavar="SIGHTING", help="The id that came with the alert.")],
    said: Annotated[Said, typer.Argument(metavar="right|wrong", help="Whether it was that person.")],
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Say whether an alert was right, within 24 hours of it. It is logged and counted; no template changes by it.

    Saying the other thing later moves the count.
    """
    from beholden.acts.sightings.answers import answer as give_answer

    with opened(data) as (acting, _):
        given = acting.do(give_answer, SightingId(sighting), said is Said.RIGHT)
    if as_json:
        emit({"sighting": given.sighting, "answer": said, "changed": given.changed})
    else:
        typer.echo(f"Noted: {said}." if given.changed else f"It was noted before: {said}.")


def answers(
    place: Annotated[str | None, typer.Option(metavar="NAME", help="This place only.")] = None,
    days: Annotated[int, typer.Option(min=1, max=365, metavar="DAYS", help="How far back, today included.")] = 90,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """How many alerts were answered as right and as wrong, and whether more are wrong than usual.

    Told from 10 answers on, by place and day of the alert (UTC), with bounds that hold 19 times out of 20.
    """
    from beholden.acts.sightings.answers import estimate

    with opened(data) as (acting, settings):
        where = None if place is None else PlaceId(settings.place(place).id)
        found = acting.do(estimate, where, days)
    for each in found:
        if as_json:
            emit(each.as_values())
        else:
            _print(each)
    if not found and not as_json:
        typer.echo("There is no place yet whose alerts could be answered.")


def _print(told: Estimate) -> None:
    from beholden.acts.sightings.drift import ADVICE

    name = told.place or "files"
    if told.answered is None or told.per_alert is None:
        typer.echo(f"{name}: too few answers so far; 10 or more in {counted(told.days, 'day')} are told.")
    else:
        answered = f"{counted(told.answered, 'alert')} answered in {counted(told.days, 'day')}"
        typer.echo(f"{name}: {answered}, {told.right} right, {told.wrong} wrong.")
        typer.echo(f"  wrong per alert that was answered: {_in_words(told.per_alert)}")
        if told.per_face is None:
            typer.echo("  wrong per face that passed: not known, too few faces were counted in the same days")
        else:
            passed = f"{told.per_face.wrong} of at least {told.per_face.of} faces"
            typer.echo(f"  wrong per face that passed: {_in_words(told.per_face)}; {passed}")
    if told.alarm is not None:
        typer.echo(f"  ALARM: {told.alarm.words()}. {ADVICE}")


def _in_words(told: Share) -> str:
    return f"{_percent(told.share)} (between {_percent(told.low)} and {_percent(told.high)})"


def _percent(share: float) -> str:
    """Two digits that matter, however small."""
    return f"{float(f'{share * 100:.2g}'):g}%"
