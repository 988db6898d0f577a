"""`beholden models`: what recognises, under which licence, and how to bring your own."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from beholden.cli.options import DEFAULT_DATA, AsJson, Data, emit, opened
from beholden.faces.catalogue import SHIPPED, Channels
from beholden.model.errors import ContractBroken, MissingInput
from beholden.model.frame import Pixels


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="The models: name, licence, digest, contract.", rich_markup_mode=None)
    group.callback(invoke_without_command=True, epilog="Example: beholden models --json")(list_models)
    group.command(
        epilog="Example: beholden models add mine.onnx --name mine --licence MIT --channels RGB --mean 127.5 "
        "--scale 127.5 --people photos/"
    )(add)
    app.add_typer(group, name="models")


def list_models(context: typer.Context, data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """List every model with licence, digest and contract; `add` brings a recogniser of your own."""
    from beholden.faces.added import added_models
    from beholden.wiring import MODELS

    if context.invoked_subcommand is not None:
        return
    for entry in (*SHIPPED, *added_models(data / MODELS)):
        if as_json:
            emit(
                {
                    "name": entry.name,
                    "role": entry.role,
                    "licence": entry.licence,
                    "commercial": entry.commercial,
                    "digest": entry.digest,
                    "contract": entry.contract_in_words(),
                    "source": entry.source,
                }
            )
            continue
        typer.echo(f"{entry.name}  ({entry.role})")
        typer.echo(f"  licence   {entry.licence}{'' if entry.commercial else ', not for commercial use'}")
        typer.echo(f"  digest    {entry.digest}")
        typer.echo(f"  contract  {entry.contract_in_words()}")
        typer.echo(f"  source    {entry.source}")


def add(
    file: Annotated[Path, typer.Argument(help="An ONNX recogniser of aligned 112x112 faces.")],
    name: Annotated[str, typer.Option(help="What to call it.")],
    licence: Annotated[str, typer.Option(help="SPDX name of its licence.")],
    people: Annotated[
        Path, typer.Option(help="Photos to check it with: a folder per person, two photos each, three people.")
    ],
    channels: Annotated[Channels, typer.Option(help="Colour order of its input.")] = Channels.RGB,
    mean: Annotated[float, typer.Option(help="Subtracted from 0-255 values.")] = 127.5,
    scale: Annotated[float, typer.Option(help="Then divided by this.")] = 127.5,
    non_commercial: Annotated[
        bool, typer.Option("--non-commercial", help="Its licence forbids commercial use.")
    ] = False,
    calibration: Annotated[
        Path | None, typer.Option(help="Thresholds by error rate (benchmarks/thresholds.py); nobody is named without.")
    ] = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Add a recogniser after its contract was checked on photos; the photos are not kept."""
    from beholden.acts.model import add_model
    from beholden.faces.added import added_models, keep_model
    from beholden.faces.calibration import parse_calibration
    from beholden.faces.catalogue import YUNET
    from beholden.faces.contract import Declaration, check_contract, declared_entry
    from beholden.faces.detect import Detector
    from beholden.faces.weights import load_folded
    from beholden.wiring import MODELS

    entry, graph = declared_entry(file, Declaration(name, licence, channels, mean, scale, not non_commercial))
    thresholds = None if calibration is None else _read_json(calibration)
    if thresholds is not None:
        parse_calibration(thresholds, entry)
    with opened(data) as (folder, settings):
        taken = [e.name for e in (*SHIPPED, *added_models(data / MODELS)) if e.digest != entry.digest]
        if name in taken:
            raise ContractBroken(f"there is a model called {name} already", advice="Choose another --name.")
        check_contract(entry, graph, _photos(people), Detector(YUNET, load_folded(YUNET, settings.storage.cache)))
        add_model(
            folder.office, name, entry.digest, licence, lambda: keep_model(data / MODELS, entry, graph, thresholds)
        )
    kept = replace(entry, file=f"{entry.digest}.onnx")
    if as_json:
        emit({"name": kept.name, "digest": kept.digest, "calibrated": thresholds is not None})
        return
    typer.echo(f'Added {name} ({entry.digest[:16]}...). Use it with models.recogniser = "{name}".')
    if thresholds is None:
        typer.echo("It has no calibration, so it names nobody yet.")
    typer.echo("People enrolled with another model must enrol again: templates of two models never meet.")


def _photos(folder: Path) -> Mapping[str, Sequence[Pixels]]:
    """The photos of a folder per person. Raises MissingInput."""
    from beholden.video.still import read_still

    if not folder.is_dir():
        raise MissingInput(f"{folder} is not a folder", advice="Give a folder with one folder of photos per person.")
    people = {
        person.name: [read_still(photo) for photo in sorted(person.iterdir()) if photo.is_file()]
        for person in sorted(folder.iterdir())
        if person.is_dir()
    }
    return {name: photos for name, photos in people.items() if photos}


def _read_json(path: Path) -> dict[str, object]:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise MissingInput(f"{path} is not a calibration that can be read") from error
    if not isinstance(values, dict):
        raise MissingInput(f"{path} is not a calibration")
    return values
