"""`beholden threshold`: what an error rate means for a gallery, how far the data reach, and what would help."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from beholden.cli.options import DEFAULT_DATA, AsJson, Data, counted, emit

if TYPE_CHECKING:
    from beholden.faces.calibration import Calibration

MOST_SHOTS = 5
SMALLER = (1000, 100)
"""Places that are proposed instead of a larger one."""
ERRORS_NEEDED = 8
"""Independent errors that tell a rate within a factor of two with 95% confidence: (1.96 / ln 2)^2."""


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: beholden threshold --fpir 0.01 --gallery 5000")(threshold)


def threshold(
    fpir: Annotated[
        float | None,
        typer.Option(metavar="RATE", help="How often a stranger's track may be named; the setting if left out."),
    ] = None,
    gallery: Annotated[
        int, typer.Option(min=1, metavar="NUMBER", help="People who may be recognised at one place.")
    ] = 100,
    shots: Annotated[int, typer.Option(min=1, max=5, metavar="NUMBER", help="Shots pooled into one probe.")] = 3,
    tracks: Annotated[
        int, typer.Option(min=1, metavar="NUMBER", help="People who pass a day, for the false alerts.")
    ] = 1000,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Explain the threshold for an error rate and a gallery; say whether the data support it, and what would help."""
    from beholden.faces.added import added_models, find_model
    from beholden.faces.calibration import load_calibration
    from beholden.faces.decide import DecisionRule
    from beholden.settings import read_settings
    from beholden.wiring.engine import MODELS

    settings = read_settings(data)
    entry = find_model(
        settings.models.recogniser,
        added_models(data / MODELS),
        accept_non_commercial=settings.models.accept_non_commercial,
    )
    asked = _Asked(
        load_calibration(entry),
        settings.recognition.fpir if fpir is None else fpir,
        gallery,
        DecisionRule().least_gallery,
        tracks,
        settings.recognition.min_width_px,
    )
    choice, others = asked.choice(gallery, shots), list(_others(asked, gallery, shots))
    if as_json:
        emit(_values(asked, choice, others))
        return
    for line in (*_what(asked, choice), *_support(asked, choice), *_costs(asked, choice), *_help(asked, others)):
        typer.echo(line)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was asked for, and the calibration that answers."""

    calibration: Calibration
    rate: float
    gallery: int
    least_gallery: int
    tracks: int
    width_px: float

    def choice(self, gallery: int, shots: int) -> _Choice:
        """The threshold for a gallery and a number of shots. Raises SettingsError."""
        held_to = max(gallery, self.least_gallery)
        found = self.calibration.for_fpir(self.rate, held_to, shots)
        missed = self.calibration.missed(found.fmr, shots, self.width_px)
        return _Choice(
            gallery,
            held_to,
            shots,
            found.cosine,
            found.point,
            found.fmr,
            found.extrapolated,
            self.calibration.expected_fpir(found.cosine, gallery, shots),
            self.calibration.expected_fpir(found.cosine, gallery, shots, alike=True),
            missed,
        )


@dataclass(frozen=True, slots=True)
class _Choice:
    """One threshold.

    `expected`: the best estimate of the FPIR at it, among people as mixed as those measured; `alike`: among people of
    the stranger's sex and ethnicity. `missed`: the share of enrolled people's tracks, and of how many.
    """

    gallery: int
    held_to: int
    shots: int
    cosine: float
    point: float
    fmr: float
    extrapolated: bool
    expected: float
    alike: float
    missed: tuple[float, int] | None


def _others(asked: _Asked, gallery: int, shots: int) -> Iterator[_Choice]:
    """What might help: more shots, smaller places."""
    for more in range(shots + 1, MOST_SHOTS + 1):
        yield asked.choice(gallery, more)
    for smaller in SMALLER:
        if smaller < gallery:
            yield asked.choice(smaller, shots)


def _what(asked: _Asked, choice: _Choice) -> Iterator[str]:
    from beholden.faces.calibration import MOST_DECISIONS

    yield f"{asked.calibration.model}: cosine {choice.cosine:.3f} for probes of {counted(choice.shots, 'shot')}."
    yield f"  Asked: at most {_one_in(asked.rate)} strangers who pass is named, with {choice.gallery:,} people in view."
    if choice.gallery < choice.held_to:
        yield f"  A place of {choice.gallery} is held to what {choice.held_to} need: few strangers, but every day."
    yield f"  A stranger is compared with all {choice.held_to:,}, and again with each shot, which together counts"
    yield f"  {MOST_DECISIONS:g} times at most. So {_one_in(choice.fmr)} comparisons may go wrong."
    yield f"  Decisions use {choice.cosine:.3f}: the upper end over resampled people, everybody in view being of the"
    yield f"  stranger's sex and ethnicity. The best guess of what it gives is {_one_in(choice.alike)} strangers named"
    yield f"  there, and {_one_in(choice.expected)} among people as mixed as those measured."


def _support(asked: _Asked, choice: _Choice) -> Iterator[str]:
    table = asked.calibration
    yield f"Do the data support it? {'No, it is extrapolated.' if choice.extrapolated else 'Yes.'}"
    yield f"  {table.data}: {table.people} people, {table.pairs} pairs, {table.stratum}."
    yield f"  They tell error rates down to {_one_in(table.reach)} comparisons within a factor of two."
    if not choice.extrapolated:
        return
    beyond, people = _about(table.reach / choice.fmr), _about(people_needed(choice.fmr))
    yield f"  Beyond, a straight line is carried on, here by a factor of {beyond}. It does not see relatives and"
    yield "  look-alikes, and may be wrong by a multiple."
    yield f"  To measure it, {people} people or more of one sex and ethnicity would be needed."
    place, rate = supported(table.reach, asked.rate, choice.held_to)
    yield f"  What the data support at {asked.rate:g}: " + (
        f"a place of {place:,}." if place else "no place, however small (one person in view is too many)."
    )
    yield f"  What the data support with {choice.held_to:,} in view: " + (
        f"an FPIR of {rate:.2g}." if rate <= 0.5 else "no rate that is of use."
    )


def _costs(asked: _Asked, choice: _Choice) -> Iterator[str]:
    alerts, expected = asked.rate * asked.tracks, choice.expected * asked.tracks
    yield "What it costs"
    yield f"  At {asked.tracks:,} strangers a day: up to {alerts:g} false alerts a day (best guess {expected:.2g})."
    if choice.missed is not None:
        yield f"  Of enrolled people who pass, {_share(choice.missed)} are missed at {asked.width_px:g} px (portraits"
        yield "  of the same day, from the front: the truth is worse)."


def _help(asked: _Asked, others: list[_Choice]) -> Iterator[str]:
    yield "What would help"
    for other in others:
        name = f"{other.shots} shots:" if other.gallery == asked.gallery else f"a place of {other.gallery:,}:"
        missed = "" if other.missed is None else f", {_share(other.missed)} missed"
        named = f"best guess {_one_in(other.expected)} strangers named"
        yield f"  {name:20}threshold {other.cosine:.3f}{missed}, {named}"
    alerts = f"up to {asked.rate * asked.tracks:g} false alerts a day to reject before anything happens"
    yield f"  {'a person who looks:':20}{alerts}"


def supported(reach: float, fpir: float, gallery: int) -> tuple[int, float]:
    """How many people in view the data support at a rate, and which rate with so many in view."""
    from beholden.faces.calibration import MOST_DECISIONS

    place = math.floor(math.log1p(-fpir) / (math.log1p(-min(reach, 1 - 1e-9)) * MOST_DECISIONS))
    return place, -math.expm1(math.log1p(-min(reach, 1 - 1e-9)) * MOST_DECISIONS * gallery)


def people_needed(fmr: float) -> int:
    """People alike among whom `ERRORS_NEEDED` pairs go wrong at a rate, if all pairs were independent: at least."""
    return math.ceil((1 + math.sqrt(1 + 8 * ERRORS_NEEDED / fmr)) / 2)


def _values(asked: _Asked, choice: _Choice, others: list[_Choice]) -> dict[str, Any]:
    place, rate = supported(asked.calibration.reach, asked.rate, choice.held_to)
    return {
        "model": asked.calibration.model,
        "fpir": asked.rate,
        **_choice_values(choice),
        "people": asked.calibration.people,
        "pairs": asked.calibration.pairs,
        "reach": asked.calibration.reach,
        "supported_gallery": place,
        "supported_fpir": rate,
        "people_needed": people_needed(choice.fmr) if choice.extrapolated else None,
        "false_alerts_per_day": asked.rate * asked.tracks,
        "expected_false_alerts_per_day": choice.expected * asked.tracks,
        "helps": [_choice_values(other) for other in others],
    }


def _choice_values(choice: _Choice) -> dict[str, Any]:
    return {
        "gallery": choice.gallery,
        "held_to_gallery": choice.held_to,
        "shots": choice.shots,
        "threshold": round(choice.cosine, 4),
        "point": round(choice.point, 4),
        "fmr_per_comparison": choice.fmr,
        "extrapolated": choice.extrapolated,
        "expected_fpir": choice.expected,
        "expected_fpir_alike": choice.alike,
        "missed": None if choice.missed is None else round(choice.missed[0], 4),
    }


def _one_in(rate: float) -> str:
    """`1 in 300`; rounded, because nobody knows more."""
    if rate <= 0:
        return "none"
    return f"1 in {_about(1 / rate)}"


def _about(number: float) -> str:
    """Two digits."""
    return f"{float(f'{number:.2g}'):,.0f}" if number >= 9.5 else f"{number:.2g}"


def _share(missed: tuple[float, int]) -> str:
    """A share of few trials: with none seen, the rule of 3."""
    share, trials = missed
    return f"{share:.1%}" if share > 0 else f"under {1 - 0.05 ** (1 / trials):.1%}"
