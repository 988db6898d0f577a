"""`beholden log verify` and `beholden log key`: a log checked as an outsider does, by its public key."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from beholden.cli.log_options import (
    LOG,
    Key,
    Log,
    Witnesses,
    head_values,
    head_words,
    line_values,
    log_place,
    outside_log,
    print_witnesses,
    read_small,
    verifier_of,
    witness_keys,
)
from beholden.cli.options import DEFAULT_DATA, AsJson, Data, counted, emit
from beholden.model.errors import FolderMissing, InputError, SettingsError

if TYPE_CHECKING:
    from beholden.ledger.address import Address
    from beholden.ledger.note import VerifierKey
    from beholden.ledger.verify import Verified

Register = Callable[[typer.Typer], None]


def register(app: typer.Typer, *others: Register) -> None:
    """Add the group; `others` add commands of theirs to it."""
    group = typer.Typer(help="Check the log as an outsider does.", no_args_is_help=True, rich_markup_mode=None)
    group.command(epilog="Example: beholden log verify town-log --key town.key --since checkpoint-of-may")(verify)
    group.command(epilog="Example: beholden log key --data town")(key)
    for other in others:
        other(group)
    app.add_typer(group, name="log", epilog="Example: beholden log verify --data town")


def verify(
    log: Log = None,
    key: Key = None,
    witness: Witnesses = None,
    since: Annotated[
        Path | None,
        typer.Option(readable=False, metavar="FILE", help="An older checkpoint of this log: it must be a beginning."),
    ] = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Check a whole log: every leaf hashed, every tile compared, the head's signature, and who witnessed it.

    Nothing is written and no lock is taken; the log may be in use. Without --key, the log's own key
    in the same folder is taken, which proves less. From an address (https://, or http:// on this machine)
    a log is fetched file by file and checked as a folder is, by --key; nothing that its server says is believed.
    """
    from beholden.ledger.checkpoint import open_checkpoint
    from beholden.ledger.note import NoteError
    from beholden.ledger.verify import verify_log

    place = log_place(log, data)
    trusted = _own_key(place) if key is None else verifier_of(key)
    witnesses = witness_keys(witness)
    older = None
    if since is not None:
        try:
            older = open_checkpoint(read_small(since), trusted.name, [trusted])
        except NoteError as error:
            raise InputError(f"{since}: not a head of this log: {error}") from error
    try:
        with outside_log(place) as (opened, progress):
            found = verify_log(opened, trusted, witnesses, older, progress=progress)
    except NoteError as error:
        raise SettingsError(f"--witness: {error}", advice="Name somebody outside.") from error
    if as_json:
        emit(
            head_values(found.origin, found.size, found.root, trusted)
            | {"leaves_hashed": found.leaves, "tiles_compared": found.tiles, "unsigned_files": found.unsigned}
            | {"since": None if older is None else older.size, "own_key": key is None}
            | {"witnessed": found.witnessed, "witnesses": line_values(found.witnesses)}
        )
        return
    _print(found, trusted, own_key=key is None)
    if older is not None:
        typer.echo(f"  its first {counted(older.size, 'leaf', 'leaves')} are those of {since}")
    print_witnesses(found.witnesses, len(witnesses), found.size - found.witnessed)


def key(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """The public key of a data folder's log, on one line: for whoever is going to check it. It may be published."""
    from beholden.ledger.keyfile import load_key

    if not data.is_dir():
        raise FolderMissing(f"there is no data folder at {data}")
    verifier = load_key(data / LOG / "key").verifier
    if as_json:
        emit({"log": verifier.name, "key": verifier.encoded()})
    else:
        typer.echo(verifier.encoded())


def _own_key(place: Path | Address) -> VerifierKey:
    from beholden.ledger.keyfile import load_key

    if not isinstance(place, Path) or not (place / "key").exists():
        raise SettingsError(
            f"--key is needed: {place} does not hold the log's key, and should not",
            advice="Whoever keeps the log prints it with `beholden log key`.",
        )
    return load_key(place / "key").verifier


def _print(found: Verified, trusted: VerifierKey, *, own_key: bool) -> None:
    typer.echo(f"{found.origin}: {head_words(found.size, found.root)}")
    typer.echo(
        f"  {counted(found.leaves, 'leaf', 'leaves')} hashed, {counted(found.tiles, 'tile')} compared: as signed"
    )
    if found.unsigned:
        typer.echo(
            f"  {counted(found.unsigned, 'file')} beyond that: an append that is under way, or was cut off. "
            "They do not count."
        )
    typer.echo(f"  signed by {trusted.encoded()}")
    if own_key:
        typer.echo(
            "  This key came from the same folder: whoever could write a false log there could sign it. An outsider "
            "brings the key along (--key)."
        )
