"""`beholden report`: what a week was, in counts, for everybody; and what an auditor computes it again from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from beholden.cli.account_options import AccountName, KeyFile, signer
from beholden.cli.handed_over import hand_over, refuse_existing
from beholden.cli.options import DEFAULT_DATA, AsJson, Data, counted, emit, opened
from beholden.model.errors import OutputRefused

if TYPE_CHECKING:
    from beholden.video.output import PendingFile

Week = Annotated[
    str | None,
    typer.Option(metavar="WEEK", help="Like 2026-W47, Monday 00:00 UTC to Sunday; the last one that is told."),
]
Force = Annotated[bool, typer.Option("--force", "-f", help="Write over a file that is there.")]


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="What a week was, in counts.", no_args_is_help=True, rich_markup_mode=None)
    group.command(epilog="Example: beholden report transparency --week 2026-W47 --out week.html")(transparency)
    group.command(epilog="Example: beholden report openings --week 2026-W47 --out week.jsonl")(openings)
    app.add_typer(group, name="report", epilog="Example: beholden report transparency --week 2026-W47 --out week.html")


def transparency(
    week: Week = None,
    out: Annotated[
        Path | None,
        typer.Option(readable=False, metavar="FILE", help="Write it here: a page, or JSON if the name ends in .json."),
    ] = None,
    force: Force = False,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """The transparency report of a week: what was asked for, agreed to, shown, refused and changed, in counts.

    Nobody is in it, and counts of people under 10 are not told. A week is told from the second day after it on,
    because alerts can be answered for a day. What each figure means: docs/transparency.md.
    """
    from beholden.acts.report.page import as_html
    from beholden.acts.report.weekly import transparency as report_of

    _refuse_there(out, force=force)
    with opened(data) as (acting, _):
        text = acting.do(report_of, week)
    values: dict[str, Any] = json.loads(text)
    if out is not None:
        page = out.suffix.lower() != ".json"
        _write(out, as_html(values) if page else json.dumps(values, indent=1, ensure_ascii=False) + "\n")
    if as_json:
        emit(values)
    elif out is not None:
        typer.echo(f"{out}: {values['week']}, with nobody in it")
    else:
        _print(values)


def openings(
    out: Annotated[Path, typer.Option(readable=False, metavar="FILE", help="The file to write, one JSON per line.")],
    week: Week = None,
    account: AccountName = None,
    key: KeyFile = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """What opens a week's leaves that are about nobody, for the auditor, who computes the report again from it.

    Leaves about somebody are not among them: what happened to people is there in counts, however small. So it is
    handed to an auditor's account only, and logged.
    """
    from beholden.acts.report.weekly import OPENINGS, openings_digest
    from beholden.acts.report.weekly import openings as openings_of

    refuse_existing(out)
    with opened(data) as (acting, _):
        who = signer(acting, account, key)
        signed = None if who is None else who.sign(OPENINGS, openings_digest(week))
        found = acting.do(openings_of, week, signed)
    lines = (json.dumps({"leaf": o.leaf, "salt": o.salt, "event": o.event}, ensure_ascii=False) for o in found)
    hand_over(out, "".join(f"{line}\n" for line in lines))
    told = json.loads(found[-1].event)["week"]
    if as_json:
        emit({"file": str(out), "week": told, "openings": len(found)})
    else:
        typer.echo(f"{out}: {counted(len(found), 'leaf', 'leaves')} of {told} opened. It holds small counts.")


def _print(values: dict[str, Any]) -> None:
    """The first figures; all are in the page and the JSON."""
    whole = values["installation"]
    alerts, beat, invited = whole["alerts"], whole["heartbeat"], whole["invitations"]
    typer.echo(f"{values['week']}, from {values['from']} until {values['until']}")
    rate = alerts["wrong_per_alert_answered"]
    wrong = "too few answers" if rate is None else f"{rate['wrong']} of {rate['of']} that were answered"
    rows = [
        ("wrong alerts", wrong),
        ("invited", _shown(invited["invited"])),
        ("enrolled", _shown(invited["accepted"])),
        ("looks at people", _shown(whole["displays"]["total"])),
        ("break-glass", str(whole["break_glass"]["opened"])),
        ("recordings exported", str(whole["recordings_exported"]["exports"])),
        ("rules or models changed", str(sum(map(len, whole["changes"].values())))),
        ("hours without heartbeat", f"{beat['without']} of {beat['hours']}"),
    ]
    for name, value in rows:
        typer.echo(f"  {name:<24} {value}")
    typer.echo("All of it: --out week.html, or --json.")


def _shown(count: int | None) -> str:
    return "not told (or under 10)" if count is None else str(count)


def _refuse_there(out: Path | None, *, force: bool) -> None:
    """Before anything is logged. Raises OutputRefused."""
    if out is None:
        return
    if out.exists() and not force:
        raise OutputRefused(f"{out} is there already", advice="Name another file, or add --force.")
    _pending(out).discard()


def _pending(out: Path) -> PendingFile:
    from beholden.video.output import PendingFile

    return PendingFile(out)


def _write(out: Path, text: str) -> None:
    file = _pending(out)
    try:
        file.write(text.encode())
        file.commit()
    finally:
        file.discard()
