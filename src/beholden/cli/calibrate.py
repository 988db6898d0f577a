"""`beholden calibrate`: a recogniser's table of thresholds, from consenting people's photos."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from beholden.cli.measuring import shown_progress
from beholden.cli.options import DEFAULT_DATA, AsJson, Data, counted, emit
from beholden.model.errors import OutputRefused, SettingsError

if TYPE_CHECKING:
    from beholden.faces.catalogue import CatalogueEntry
    from beholden.settings import Settings

CHANGED = 1
DataSetFolder = Annotated[
    Path, typer.Option("--data-set", readable=False, metavar="DIR", help="Photos of people who agreed, a folder each.")
]
LabelsFile = Annotated[
    Path, typer.Option(readable=False, metavar="CSV", help="Each person's sex and ethnicity, as they gave them.")
]
Title = Annotated[str, typer.Option(metavar="TEXT", help="What the data are called in the table: no names.")]
Out = Annotated[Path, typer.Option(readable=False, metavar="FILE", help="Where the table is written.")]
Photos = Annotated[
    list[str] | None,
    typer.Option(
        metavar="PATTERN", help="Where there is no folder per person: like 'front/{person}_03.jpg'; repeatable."
    ),
]
Columns = Annotated[str, typer.Option(metavar="A,B,C", help="The columns of the labels: person, sex and ethnicity.")]
Every = Annotated[
    int, typer.Option(min=1, metavar="NUMBER", help="Take every so many-th person; the others are for evaluation.")
]
TracksEach = Annotated[int, typer.Option(min=1, max=20, metavar="NUMBER", help="Tracks per photo and size.")]
Seed = Annotated[int | None, typer.Option(min=0, metavar="NUMBER", help="Of the random numbers.")]
Model = Annotated[str | None, typer.Option(metavar="NAME", help="The recogniser; that of the settings if left out.")]
Force = Annotated[bool, typer.Option("--force", "-f", help="Write over a table that is another one.")]


def register(app: typer.Typer) -> None:
    app.command(
        epilog="Example: beholden calibrate --data-set photos --labels labels.csv --title Volunteers --out mine.json"
    )(calibrate)


def calibrate(
    data_set: DataSetFolder,
    labels: LabelsFile,
    title: Title,
    out: Out,
    photos: Photos = None,
    columns: Columns = "person,sex,ethnicity",
    every: Every = 1,
    tracks: TracksEach = 2,
    seed: Seed = None,
    model: Model = None,
    force: Force = False,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Measure the thresholds of a recogniser on people who agreed to it, and write them as a table.

    The same photos, labels, seed and libraries give the same bytes. Where FILE is there already, it is compared: what
    differs is said, and it is left as it is without --force (exit code 1). Only totals are printed, and nothing but
    the table is kept. A table for 100 people takes a few minutes.
    """
    from beholden.evaluate.calibrating import SEED, table_bytes
    from beholden.evaluate.calibrating import calibrate as made_from
    from beholden.evaluate.data_set import Layout, read_data_set
    from beholden.evaluate.tracks import Drawing
    from beholden.faces.catalogue import YUNET
    from beholden.faces.detect import Detector
    from beholden.faces.embed import Embedder
    from beholden.faces.weights import load_folded
    from beholden.wiring.engine import input_limits

    settings = _settings(data)
    there = _table_there(out)
    limits = input_limits(settings)
    layout = Layout(tuple(photos or ()), _three(columns), every)
    people = read_data_set(title, data_set, labels, layout, limits)
    entry = _recogniser(settings, data, model)
    drawing = Drawing(SEED if seed is None else seed, tracks)
    detector = Detector(YUNET, load_folded(YUNET, settings.storage.cache))
    embedder = Embedder(entry, _graph(entry, settings))
    with shown_progress() as progress:
        table = made_from(people, drawing, detector, embedder, limits, progress)
    _conclude(out, there, table, table_bytes(table), entry, force=force, as_json=as_json)


def _conclude(
    out: Path,
    there: bytes | None,
    table: dict[str, Any],
    made: bytes,
    entry: CatalogueEntry,
    *,
    force: bool,
    as_json: bool,
) -> None:
    """Write the table unless another one is there, and say what it is. Raises typer.Exit with 1 where it is left."""
    from beholden.evaluate.calibrating import differences
    from beholden.faces.calibration import parse_calibration

    same = there == made
    said = () if there is None or same else differences(_parsed(there), table) or ("its bytes are others",)
    written = not same and (there is None or force)
    if written:
        _write(out, made)
    calibration = parse_calibration(table, entry)
    default = calibration.for_fpir(0.01, 100, 3)
    totals = {
        "model": entry.name,
        "people": table["people"],
        "pairs": table["pairs"],
        "photos": len(table["made_by"]["photos_sha256"]),
        "reach": table["reach"],
        "decisions_per_track": table["decisions_per_track"],
        "threshold_fpir_0.01_gallery_100": round(default.cosine, 4),
    }
    if as_json:
        emit({**totals, "out": str(out), "same": same, "written": written, "differs": list(said)})
    else:
        _tell(totals)
        for each in said:
            typer.echo(f"  {out} differs: {each}.")
        typer.echo(f"{out}: {'the same, byte for byte' if same else 'written' if written else 'left as it is'}.")
    if not same and not written:
        raise typer.Exit(CHANGED)


def _tell(totals: Mapping[str, Any]) -> None:
    typer.echo(
        f"{totals['model']}: {totals['people']} people of {counted(totals['photos'], 'photo')} compared, "
        f"{counted(totals['pairs'], 'pair')} of the same sex and ethnicity."
    )
    typer.echo(
        f"  The data tell false match rates down to {totals['reach']:g} within a factor of two; "
        f"beyond that thresholds are extrapolated."
    )
    typer.echo(
        f"  A stranger's track is named as often as {totals['decisions_per_track']:g} single comparisons. "
        f"Threshold for 1 name in 100 strangers, 100 people in view: {totals['threshold_fpir_0.01_gallery_100']:.3f}."
    )


def _settings(data: Path) -> Settings:
    """The settings of a rehearsal folder, or the usual ones where there is no folder. Raises PolicyRefused."""
    from beholden.settings import read_settings
    from beholden.wiring.evaluation import rehearsal_settings

    return rehearsal_settings(data) if os.path.lexists(data) else read_settings(None)


def _recogniser(settings: Settings, data: Path, model: str | None) -> CatalogueEntry:
    from beholden.faces.added import added_models, find_model
    from beholden.wiring.engine import MODELS

    return find_model(
        model or settings.models.recogniser,
        added_models(data / MODELS),
        accept_non_commercial=settings.models.accept_non_commercial,
    )


def _graph(entry: CatalogueEntry, settings: Settings) -> bytes:
    from beholden.faces.weights import load_folded, read_checked

    if entry.package is None:
        return read_checked(Path(entry.file), entry.digest)
    return load_folded(entry, settings.storage.cache)


def _three(columns: str) -> tuple[str, str, str]:
    names = [name.strip() for name in columns.split(",")]
    if len(names) != 3 or len(set(names)) != 3 or not all(names):
        raise SettingsError(
            f"--columns {columns!r}: three columns are wanted", advice="Write it like --columns person,sex,ethnicity."
        )
    return names[0], names[1], names[2]


def _table_there(out: Path) -> bytes | None:
    """What is at `out`; None where there is nothing. Raises OutputRefused, before any work."""
    from beholden.video.output import PendingFile

    if os.path.isdir(out):
        raise OutputRefused(f"{out}: is a folder", advice="Name a file in it.")
    PendingFile(out).discard()
    try:
        return out.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise OutputRefused(f"{out}: cannot be read ({error.strerror})") from error


def _parsed(there: bytes) -> dict[str, Any]:
    try:
        values = json.loads(there)
    except ValueError:
        return {}
    return values if isinstance(values, dict) else {}


def _write(out: Path, made: bytes) -> None:
    from beholden.video.output import PendingFile

    file = PendingFile(out)
    try:
        file.write(made)
        file.commit()
    finally:
        file.discard()
