"""What commands about logs share: keys and folders as they are given, heads and witnesses as they are told."""

from __future__ import annotations

import base64
import re
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from beholden.cli.options import counted
from beholden.model.errors import AddressRefused, InputError, MissingInput, SettingsError

if TYPE_CHECKING:
    from beholden.ledger.address import Address
    from beholden.ledger.cosignature import Cosignature, WitnessKey
    from beholden.ledger.note import VerifierKey
    from beholden.ledger.verify import OpenLog, Progress

LOG = "log"
"""As `storage.folder.LOG`; checking a log needs no database, and does not wait for one to be imported."""
_LARGEST = 1_000_000
_ADDRESS = re.compile(r"\s*(https?:|[a-z][a-z0-9+.-]*://)", re.IGNORECASE)
_NOT_AN_ADDRESS = "Write it like https://town.example/log, where `checkpoint` and `tile` are served."
_NOT_A_KEY = "Give the line that `beholden log key` prints, or a file that holds it and nothing else."

Log = Annotated[
    str | None,
    typer.Argument(
        metavar="DIR|URL",
        help="A folder with a log, or the https:// address where one is served; unset: that of the data folder.",
    ),
]
Key = Annotated[
    str | None,
    typer.Option(metavar="KEY", help="The log's public key (`beholden log key` prints it), or a file that holds it."),
]
Witnesses = Annotated[
    list[str] | None,
    typer.Option("--witness", metavar="KEY", help="The public key of a witness, or a file that holds it; repeatable."),
]


def log_folder(folder: Path) -> Path:
    """The folder itself, or the log in it. Raises MissingInput."""
    for place in (folder, folder / LOG):
        try:
            (place / "checkpoint").lstat()
        except (FileNotFoundError, NotADirectoryError):
            continue
        except (OSError, ValueError) as error:
            raise MissingInput(
                f"{folder}: cannot be looked into ({getattr(error, 'strerror', None) or error})"
            ) from error
        return place
    raise MissingInput(f"{folder}: there is no log", advice="A log's folder holds `checkpoint` and `tile`.")


def log_place(given: str | None, data: Path) -> Path | Address:
    """Where a log is: the folder, or the address that it is fetched from; not given: in the data folder.

    Raises MissingInput, AddressRefused.
    """
    if given is None:
        return log_folder(data)
    if not _ADDRESS.match(given):
        return log_folder(Path(given))
    from beholden.ledger.fetched import log_address

    try:
        return log_address(given)
    except ValueError as error:
        raise AddressRefused(f"the address of the log cannot be used: {error}", advice=_NOT_AN_ADDRESS) from error


@contextmanager
def outside_log(place: Path | Address) -> Generator[tuple[OpenLog, Progress]]:
    """A log as an outsider gets at it; on a terminal a bar says how far its check has come."""
    from beholden.cli.measuring import shown_progress

    with shown_progress() as progress:

        def hashed(done: int, size: int) -> None:
            progress("hashing leaves", done, size)

        if isinstance(place, Path):
            from beholden.ledger.log_folder import LogFolder

            yield LogFolder(place), hashed
        else:
            from beholden.ledger.fetched import FetchedLog

            with FetchedLog(place) as log:
                yield log, hashed


def verifier_of(given: str, option: str = "--key") -> VerifierKey:
    """A log's public key, as it is or in a file. Raises SettingsError."""
    from beholden.ledger.note import NoteError, parse_verifier

    try:
        return parse_verifier(_key_text(given, option))
    except NoteError as error:
        raise SettingsError(f"{option}: not the public key of a log: {error}", advice=_NOT_A_KEY) from error


def witness_keys(given: list[str] | None) -> list[WitnessKey]:
    """Each once. Raises SettingsError."""
    return list(dict.fromkeys(map(_witness, given or ())))


def _witness(given: str) -> WitnessKey:
    from beholden.ledger.cosignature import parse_witness
    from beholden.ledger.note import NoteError

    try:
        return parse_witness(_key_text(given, "--witness"))
    except NoteError as error:
        raise SettingsError(
            f"--witness: not the public key of a witness: {error}", advice="Give the line that the witness published."
        ) from error


def _key_text(given: str, option: str) -> str:
    """The key, or what the file with this name holds. Raises SettingsError; a private key is never shown."""
    text = given
    if given.count("+") < 2:
        try:
            text = read_small(Path(given)).decode().strip()
        except (MissingInput, UnicodeDecodeError) as error:
            raise SettingsError(
                f"{option}: neither a public key nor a file that holds one", advice=_NOT_A_KEY
            ) from error
    if text.startswith("PRIVATE+KEY+"):
        raise SettingsError(f"{option}: this is a private key, which must never leave its folder", advice=_NOT_A_KEY)
    return text


def read_small(path: Path) -> bytes:
    """A small file. Raises MissingInput, InputError."""
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "no file has such a name"
        raise MissingInput(f"{path}: cannot be read ({why})") from error
    if len(data) > _LARGEST:
        raise InputError(f"{path}: too long for what it should be")
    return data


def head_values(origin: str, size: int, root: bytes, trusted: VerifierKey) -> dict[str, object]:
    return {"log": origin, "key": trusted.encoded(), "size": size, "root": base64.b64encode(root).decode()}


def line_values(seen: tuple[Cosignature, ...]) -> list[dict[str, str]]:
    return [{"witness": each.name, "at": moment_words(each)} for each in seen]


def print_witnesses(seen: tuple[Cosignature, ...], asked: int, after: int) -> None:
    """`after`: how many leaves there are after what they saw."""
    if not seen:
        which = f"none of {counted(asked, 'witness', 'witnesses')} saw it" if asked else "no witness was named"
        typer.echo(f"  UNWITNESSED: {which}. Others may have been shown another log under the same name.")
        return
    rest = f", all but the last {counted(after, 'leaf', 'leaves')}: UNWITNESSED so far" if after else ""
    typer.echo(f"  witnessed by {len(seen)} of {asked}{rest}")
    for each in seen:
        typer.echo(f"    {each.name} at {moment_words(each)}")


def head_words(size: int, root: bytes) -> str:
    return f"{counted(size, 'leaf', 'leaves')}, root {base64.b64encode(root).decode()}"


def moment_words(seen: Cosignature) -> str:
    """As ISO 8601; a moment that no calendar has is told as it came."""
    try:
        return datetime.fromtimestamp(seen.moment, UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return f"{seen.moment} s"
