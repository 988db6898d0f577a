"""`beholden log witness` and `beholden log cosign`: being a witness of somebody's log, and asking one's own."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from beholden.cli.log_options import moment_words, verifier_of
from beholden.cli.options import DEFAULT_DATA, AsJson, Data, emit
from beholden.model.errors import OutputRefused, SettingsError


def register(group: typer.Typer) -> None:
    group.command(
        epilog="Example: beholden log witness my-witness --name witness.example/one --log town.key --port 7440"
    )(witness)
    group.command(epilog="Example: beholden log cosign --data town")(cosign)


def witness(
    folder: Annotated[Path, typer.Argument(readable=False, metavar="DIR", help="The witness's own folder; made anew.")],
    log: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY", help="The public key of a log to watch, or a file that holds it; repeatable."),
    ] = None,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="What a new witness is called, like an address without https://.")
    ] = None,
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="Where it listens.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, metavar="NUMBER", help="0 takes a free one.")] = 7440,
    as_json: AsJson = False,
) -> None:
    """Watch logs for others: remember the last head of each, and sign only one that follows from it.

    Run it on a machine of somebody who does not run the cameras. It serves C2SP tlog-witness over
    plain HTTP until Ctrl-C; put TLS in front of it. It learns how many leaves there are, and nothing of them.
    """
    from beholden.ledger.witness_http import serving, witness_server

    keys = [verifier_of(key, "--log") for key in log or ()]
    if not keys and not folder.exists():
        raise SettingsError("it watches no log", advice="Name one with --log; `beholden log key` prints its key.")
    made = _opened(folder, name)
    for key in keys:
        made.watch(key)
    try:
        server = witness_server(made, host, port, lambda line: None if as_json else typer.echo(line, err=True))
    except (OSError, OverflowError) as error:
        raise OutputRefused(
            f"it cannot listen on {host}:{port}: {getattr(error, 'strerror', None) or error}",
            advice="Name another --host or --port.",
        ) from error
    with serving(server) as address:
        if as_json:
            emit({"witness": made.verifier.encoded(), "address": address, "logs": list(made.origins)})
        else:
            typer.echo(f"Witness {made.verifier.name} at {address}, of {', '.join(made.origins)}.")
            typer.echo("Tell those who keep the logs, for log.witnesses, and everybody who checks receipts:")
            typer.echo(f"{made.verifier.encoded()} {address}")
        while True:
            time.sleep(3600)


def cosign(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Ask the witnesses that the settings name now, instead of within a minute; fails where one knows another log."""
    from beholden.settings import read_settings
    from beholden.wiring.folder import look_into
    from beholden.wiring.witnesses import ask_witnesses, witnesses_of

    settings = read_settings(data)
    known = witnesses_of(settings)
    if not known:
        raise SettingsError("the settings name no witness", advice="Add one to log.witnesses (docs/settings.md).")
    opened = look_into(data, settings)
    try:
        done = ask_witnesses(opened, known)
    finally:
        opened.close()
    for name, refusal in done.refused:
        typer.echo(f"beholden: {name}: {refusal.message}", err=True)
    if as_json:
        emit({"size": done.size, "signed": [each.name for each in done.signed], "of": len(known)})
        return
    typer.echo(f"{len(done.signed)} of {len(known)} witnesses cosigned the head of {done.size} leaves.")
    for each in done.signed:
        typer.echo(f"  {each.name} at {moment_words(each)}")


def _opened(folder: Path, name: str | None):  # noqa: ANN202 - ledger.witness.Witness, which is imported here
    from beholden.ledger.note import NoteError
    from beholden.ledger.witness import Witness

    def clock() -> int:
        return int(time.time())

    if folder.exists():
        return Witness.open(folder, clock)
    if name is None:
        raise SettingsError("a new witness needs a name", advice="Give --name, like witness.example/one.")
    try:
        return Witness.create(folder, name, clock)
    except NoteError as error:
        raise SettingsError(f"--name {name!r}: {error}", advice="A name has no blanks and no plus sign.") from error
