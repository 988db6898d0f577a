"""`beholden threshold`: what an error rate means for a gallery, and how far the data reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from beholden.cli.options import DEFAULT_DATA, AsJson, Data, emit

if TYPE_CHECKING:
    from beholden.faces.calibration import Calibration, Threshold


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
    """Explain the threshold for an error rate and a gallery, and say when the data cannot support it."""
    from beholden.faces.added import added_models, find_model
    from beholden.faces.calibration import load_calibration
    from beholden.faces.decide import DecisionRule
    from beholden.settings import read_settings
    from beholden.wiring.engine import MODELS

    settings = read_settings(data)
    rate = settings.recognition.fpir if fpir is None else fpir
    entry = find_model(
        settings.models.recogniser,
        added_models(data / MODELS),
        accept_non_commercial=settings.models.accept_non_commercial,
    )
    calibration = load_calibration(entry)
    held_to = max(gallery, DecisionRule().least_gallery)
    found = calibration.for_fpir(rate, held_to, shots)
    if not as_json:
        _explain(calibration, found, rate, gallery, held_to, shots, tracks)
        return
    emit(
        {
            "model": entry.name,
            "fpir": rate,
            "gallery": gallery,
            "held_to_gallery": held_to,
            "shots": shots,
            "threshold": round(found.cosine, 4),
            "fmr_per_comparison": found.fmr,
            "extrapolated": found.extrapolated,
            "false_alerts_per_day": rate * tracks,
        }
    )


def _explain(
    calibration: Calibration, found: Threshold, rate: float, gallery: int, held_to: int, shots: int, tracks: int
) -> None:
    from beholden.faces.calibration import DECISIONS_PER_TRACK

    typer.echo(f"{calibration.model}: cosine {found.cosine:.3f} for probes of {shots} shot{'s' if shots > 1 else ''}")
    typer.echo(
        f"  A stranger's track meets {held_to} people up to {DECISIONS_PER_TRACK:.0f} times; "
        f"for {rate:g} named per track, one comparison may be wrong with {found.fmr:.1e}."
    )
    if gallery < held_to:
        typer.echo(f"  {gallery} people are held to the threshold of {held_to}: few strangers pass there, every day.")
    typer.echo(f"  At {tracks} strangers a day: up to {rate * tracks:g} false alerts a day.")
    typer.echo(f"  Measured on {calibration.people} people ({calibration.pairs} pairs, {calibration.stratum}).")
    if found.extrapolated:
        typer.echo("  The data do not reach that far: this is extrapolated. What helps: more shots, a smaller place")
        typer.echo("  (fewer people in view at once), and a person who looks before anything happens.")
