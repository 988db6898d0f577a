"""`beholden log keys` and `beholden log mine`: what the public log holds about a person, found by that person alone."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from beholden.cli.account_names import looked_up
from beholden.cli.handed_over import hand_over, refuse_existing
from beholden.cli.log_options import Log, log_folder, log_place, outside_log, read_small
from beholden.cli.options import DEFAULT_DATA, AsJson, Data, counted, emit, opened
from beholden.model.errors import InputError, SettingsError

if TYPE_CHECKING:
    from beholden.ledger.leaf import Month

From = Annotated[str | None, typer.Option("--from", metavar="MONTH", help="Like 2026-11; this month if unset.")]
Until = Annotated[str | None, typer.Option("--until", metavar="MONTH", help="Like 2027-11; a year on if unset.")]
FORMAT = "beholden-log-keys/1"
_AHEAD = timedelta(days=366)


def register(group: typer.Typer) -> None:
    group.command(epilog="Example: beholden log keys Ada ada.keys --data town")(keys)
    group.command(epilog="Example: beholden log mine town-log --keys ada.keys")(mine)


def keys(
    who: Annotated[str, typer.Argument(metavar="NAME", help="Name or id of the person.")],
    out: Annotated[Path, typer.Argument(readable=False, metavar="FILE", help="Where the keys go; readable by you.")],
    first: From = None,
    until: Until = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Give a person the keys by which they find the leaves about themselves. Logged; in a rehearsal only.

    Whoever has the file can tell in which hours the log wrote something about that person: it is
    theirs, and goes on working after they withdrew.
    """
    from beholden.acts.own_copy.logkeys import give_log_keys
    from beholden.ledger.keyfile import load_key
    from beholden.ledger.leaf import Month
    from beholden.wiring.clock import now

    refuse_existing(out)
    moment = now()
    begin, end = first or str(Month.of(moment)), until or str(Month.of(moment + _AHEAD))
    for option, month in (("--from", begin), ("--until", end)):
        _month(option, month)
    with opened(data) as (acting, _):
        person = looked_up(acting, who, None, None)
        given = acting.do(give_log_keys, person.id, begin, end)
    log = load_key(log_folder(data) / "key").verifier
    months = {each.month: each.key for each in given}
    values = {"format": FORMAT, "subject": person.id, "log": log.name, "key": log.encoded(), "months": months}
    hand_over(out, json.dumps(values, indent=1) + "\n")
    if as_json:
        emit({"file": str(out), "log": log.name, "months": [each.month for each in given]})
    else:
        whose = person.label or person.id
        typer.echo(f"{out}: keys of {counted(len(given), 'month')}, {begin} to {end}. They are {whose}'s alone.")


def mine(
    keys: Annotated[Path, typer.Option("--keys", readable=False, metavar="FILE", help="Your keys, from `log keys`.")],
    log: Log = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Find every leaf about yourself in a log, without asking whoever keeps it. The whole log is checked with it.

    A leaf tells the hour in which it was written; what it says, its keeper has to open for you. From an
    address the whole log is fetched, so that whoever serves it does not learn which leaves are yours.
    """
    from beholden.ledger.note import NoteError, parse_verifier
    from beholden.ledger.scan import OwnLeaves
    from beholden.ledger.verify import verify_log

    given = read_keys(keys)
    try:
        trusted = parse_verifier(str(given.get("key")))
    except NoteError as error:
        raise InputError(f"{keys}: the log's key in it is damaged: {error}") from error
    months = months_of(given, keys)
    own = OwnLeaves(months)
    with outside_log(log_place(log, data)) as (opened_log, progress):
        checked = verify_log(opened_log, trusted, look=own.look, progress=progress)
    for index, hours in own.found:
        hour = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
        if as_json:
            emit({"leaf": index, "hour": hour.isoformat()})
        else:
            typer.echo(f"leaf {index}: written in the hour from {hour:%Y-%m-%d %H:%M} UTC")
    if not as_json:
        span = f"{min(months)} to {max(months)}"
        typer.echo(
            f"{counted(len(own.found), 'leaf', 'leaves')} of {checked.size} are about you, by your keys of {span}."
        )


def read_keys(path: Path) -> dict[str, Any]:
    """A file of log keys. Raises MissingInput, InputError."""
    try:
        values: Any = json.loads(read_small(path))
    except ValueError as error:
        raise InputError(f"{path}: no file of log keys") from error
    if not isinstance(values, dict) or values.get("format") != FORMAT:  # pyright: ignore[reportUnknownMemberType]
        raise InputError(f"{path}: no file of log keys", advice="`beholden log keys` writes one.")
    return values  # pyright: ignore[reportUnknownVariableType]


def months_of(values: dict[str, Any], path: Path) -> dict[Month, bytes]:
    """The keys in it. Raises InputError."""
    from beholden.acts.own_copy.logkeys import parse_month

    months: Any = values.get("months")
    try:
        found = {parse_month(str(month)): bytes.fromhex(str(key)) for month, key in dict(months).items()}
    except (TypeError, ValueError) as error:
        raise InputError(f"{path}: its months are damaged") from error
    if not found or any(len(key) != 32 for key in found.values()):
        raise InputError(f"{path}: its months are damaged")
    return found


def _month(option: str, text: str) -> None:
    from beholden.acts.own_copy.logkeys import parse_month

    try:
        parse_month(text)
    except ValueError as error:
        raise SettingsError(f"{option}: {error}") from error
