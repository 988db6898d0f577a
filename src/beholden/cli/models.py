"""`beholden models`: what recognises, under which licence, and how to bring your own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from beholden.cli.account_options import AccountName, Asking, KeyFile, RequestDigest, warrant_of
from beholden.cli.options import DEFAULT_DATA, AsJson, Data, emit, opened
from beholden.faces.catalogue import SHIPPED, Channels
from beholden.model.errors import ContractBroken, MissingInput, ModelError

if TYPE_CHECKING:
    from beholden.model.frame import Pixels
    from beholden.supervise.keeper.acting import Acting
    from beholden.video.limits import Limits


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
    from beholden.wiring.engine import MODELS

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


File = Annotated[
    Path, typer.Argument(readable=False, metavar="FILE", help="An ONNX recogniser of aligned 112x112 faces.")
]
Name = Annotated[str, typer.Option(metavar="NAME", help="What to call it.")]
Licence = Annotated[str, typer.Option(metavar="SPDX", help="SPDX name of its licence.")]
People = Annotated[
    Path,
    typer.Option(
        readable=False,
        metavar="FOLDER",
        help="Photos to check it with: a folder per person, two photos each, three people; more is surer.",
    ),
]
Order = Annotated[Channels, typer.Option(metavar="BGR|RGB", help="Colour order of its input.")]
Mean = Annotated[float, typer.Option(metavar="NUMBER", help="Subtracted from 0-255 values.")]
Scale = Annotated[float, typer.Option(metavar="NUMBER", help="Then divided by this.")]
NonCommercial = Annotated[bool, typer.Option("--non-commercial", help="Its licence forbids commercial use.")]
Thresholds = Annotated[
    Path | None,
    typer.Option(
        readable=False,
        metavar="FILE",
        help="Thresholds by error rate, as `beholden calibrate` writes them; nobody is named without.",
    ),
]


def add(
    file: File,
    name: Name,
    licence: Licence,
    people: People,
    channels: Order = Channels.RGB,
    mean: Mean = 127.5,
    scale: Scale = 127.5,
    non_commercial: NonCommercial = False,
    calibration: Thresholds = None,
    request: RequestDigest = None,
    account: AccountName = None,
    key: KeyFile = None,
    asking: Asking = False,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Add a recogniser after its contract was checked on photos; the photos are not kept.

    Outside a rehearsal somebody of another organisation must approve it first: `beholden request models add ...`.
    """
    from beholden.acts.accounts.signed import digest_of
    from beholden.acts.approvals.model import announce_model, model_particulars
    from beholden.consent.oversight.rules import Act
    from beholden.faces.added import added_models, keep_model
    from beholden.faces.calibration import parse_calibration
    from beholden.faces.catalogue import YUNET
    from beholden.faces.contract import Declaration, check_contract, declared_entry
    from beholden.faces.detect import Detector
    from beholden.faces.weights import load_folded
    from beholden.wiring.engine import MODELS, input_limits

    entry, graph = declared_entry(file, Declaration(name, licence, channels, mean, scale, not non_commercial))
    thresholds = None if calibration is None else _read_json(calibration)
    if thresholds is not None:
        parse_calibration(thresholds, entry)
    with opened(data) as (acting, settings):
        taken = [e.name for e in (*SHIPPED, *added_models(data / MODELS)) if e.digest != entry.digest]
        if name in taken:
            raise ContractBroken(f"there is a model called {name} already", advice="Choose another --name.")
        photos = _photos(people, input_limits(settings))
        check_contract(entry, graph, photos, Detector(YUNET, load_folded(YUNET, settings.storage.cache)))
        rates = "" if thresholds is None else digest_of(thresholds)
        about = model_particulars(name, entry.digest, licence, rates)
        warrant = warrant_of(acting, Act.CHANGE_POLICY, about, request=request, account=account, key=key, asking=asking)
        leaf = acting.do(announce_model, name, entry.digest, licence, rates, warrant)
        with _concluded(acting, leaf):
            keep_model(data / MODELS, entry, graph, thresholds)
    _say_added(name, entry.digest, as_json=as_json, calibrated=thresholds is not None)


@contextmanager
def _concluded(acting: Acting, leaf: int) -> Iterator[None]:
    """What became of a model that was announced is logged."""
    from beholden.acts.approvals.model import conclude_model

    try:
        yield
    except ModelError as error:
        acting.do(conclude_model, leaf, type(error).__name__)
        raise
    acting.do(conclude_model, leaf, None)


def _say_added(name: str, digest: str, *, as_json: bool, calibrated: bool) -> None:
    if as_json:
        emit({"name": name, "digest": digest, "calibrated": calibrated})
        return
    typer.echo(f'Added {name} ({digest[:16]}...). Use it with models.recogniser = "{name}".')
    if not calibrated:
        typer.echo("It has no calibration, so it names nobody yet.")
    typer.echo("People enrolled with another model must enrol again: templates of two models never meet.")


def _photos(folder: Path, limits: Limits) -> Mapping[str, Sequence[Pixels]]:
    """The photos of a folder per person. Raises InputError."""
    from beholden.video.source import media_in
    from beholden.video.still import read_still

    try:
        people = sorted(person for person in folder.iterdir() if person.is_dir())
    except OSError as error:
        raise MissingInput(
            f"{folder}: cannot be read as a folder ({error.strerror})",
            advice="Give a folder with one folder of photos per person.",
        ) from error
    return {person.name: [read_still(photo, limits) for photo in media_in(person, limits)] for person in people}


def _read_json(path: Path) -> dict[str, object]:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise MissingInput(f"{path} is not a calibration that can be read") from error
    if not isinstance(values, dict):
        raise MissingInput(f"{path} is not a calibration")
    return values
