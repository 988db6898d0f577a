"""`beholden grant history key|on|off|show`: where somebody was, kept for them alone, if they want it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from beholden.cli.grant_own import Keys, Who, asked_by
from beholden.cli.handed_over import hand_over, refuse_existing
from beholden.cli.log_options import read_small
from beholden.cli.options import DEFAULT_DATA, AsJson, Data, counted, emit, opened
from beholden.model.errors import InputError

if TYPE_CHECKING:
    from beholden.consent.history_box import Past

FORMAT = "beholden-history-key/1"


def register(group: typer.Typer) -> None:
    history = typer.Typer(
        help="Where you were, for you alone; off unless you want it.", no_args_is_help=True, rich_markup_mode=None
    )
    history.command(epilog="Example: beholden grant history key ada.history")(key)
    history.command(epilog="Example: beholden grant history on --public PUBLIC --days 14 --keys ada.keys")(on)
    history.command(epilog="Example: beholden grant history off --keys ada.keys")(off)
    history.command(epilog="Example: beholden grant history show --key ada.history --keys ada.keys")(show)
    group.add_typer(history, name="history", epilog="Example: beholden grant history key ada.history")


def key(
    out: Annotated[Path, typer.Argument(readable=False, metavar="FILE", help="Where the key goes; readable by you.")],
    as_json: AsJson = False,
) -> None:
    """Make a key of your own, and print its public half. Whoever has the file can read your history: nobody here does.

    Keep it elsewhere than in the data folder. Without it nobody can open the history, you neither.
    """
    from beholden.consent.history_box import new_pair

    refuse_existing(out)
    private, public = new_pair()
    hand_over(out, json.dumps({"format": FORMAT, "key": private.hex()}) + "\n")
    emit({"file": str(out), "public": public}) if as_json else typer.echo(public)


def on(
    public: Annotated[str, typer.Option(metavar="PUBLIC", help="The line that `grant history key` printed.")],
    who: Who = None,
    keys: Keys = None,
    days: Annotated[int, typer.Option(min=1, max=30, metavar="DAYS", help="How long a line is kept.")] = 30,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Keep where you were: each line that dies after 24 hours is sealed to your key, and destroyed DAYS later. Logged.

    Only the person may turn it on, with their log keys; in a rehearsal WHO is enough.
    """
    from beholden.acts.own_copy.history import asked_on, turn_history_on
    from beholden.consent.history_box import checked_public

    public = checked_public(public.strip())
    with opened(data) as (acting, _):
        subject, proof = asked_by(acting, who, keys, asked_on(public, days))
        acting.do(turn_history_on, subject, public, days, proof)
    said = f"Kept for {counted(days, 'day')}, for you alone."
    emit({"subject": subject, "days": days}) if as_json else typer.echo(said)


def off(who: Who = None, keys: Keys = None, data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Keep no history any more; what was kept is destroyed. Logged."""
    from beholden.acts.own_copy.history import ASKED_OFF, turn_history_off

    with opened(data) as (acting, _):
        subject, proof = asked_by(acting, who, keys, ASKED_OFF)
        acting.do(turn_history_off, subject, proof)
    emit({"subject": subject, "days": None}) if as_json else typer.echo("Off. What was kept is destroyed.")


def show(
    key: Annotated[Path, typer.Option(readable=False, metavar="FILE", help="Your own key, from `grant history key`.")],
    who: Who = None,
    keys: Keys = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Where you were, opened by your own key in this process: it is not sent to whoever keeps the data. Logged."""
    from beholden.acts.own_copy.history import ASKED_SHOW, show_history
    from beholden.consent.history_box import open_past

    private = _read_key(key)
    with opened(data) as (acting, _):
        subject, proof = asked_by(acting, who, keys, ASKED_SHOW)
        held = acting.do(show_history, subject, proof)
    lines = sorted((open_past(private, subject, box) for box in held.boxes), key=lambda past: past.opened_at)
    for past in lines:
        _print(past, as_json=as_json)
    if not as_json:
        kept = "off" if held.days is None else f"on, for {counted(held.days, 'day')}"
        typer.echo(f"{counted(len(lines), 'line')}. The history is {kept}.")


def _print(past: Past, *, as_json: bool) -> None:
    begin, end = past.opened_at, past.seen_at
    if as_json:
        emit({"place": past.place, "camera": past.camera, "from": begin.isoformat(), "until": end.isoformat()})
    else:
        typer.echo(f"{begin:%Y-%m-%d %H:%M} to {end:%H:%M} UTC  {past.place or 'in a file'}  {past.camera}")


def _read_key(path: Path) -> bytes:
    try:
        values: Any = json.loads(read_small(path))
        if values["format"] == FORMAT and len(found := bytes.fromhex(values["key"])) == 32:
            return found
    except (KeyError, TypeError, ValueError):
        pass
    raise InputError(f"{path}: no key of a history", advice="`beholden grant history key FILE` writes one.")
