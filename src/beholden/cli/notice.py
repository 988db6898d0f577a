"""`beholden notice show`: what people read before they agree, as it is now."""

from __future__ import annotations

from typing import Annotated

import typer

from beholden.cli.options import DEFAULT_DATA, Data, opened
from beholden.model.grant import Purpose
from beholden.model.ids import PlaceId


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="What people read before they agree.", no_args_is_help=True, rich_markup_mode=None)
    group.callback()(_nothing)
    group.command(epilog="Example: beholden notice show --purpose entrance --place lobby")(show)
    app.add_typer(group, name="notice", epilog="Example: beholden notice show --purpose entrance")


def _nothing() -> None:
    """What people read before they agree."""


def show(
    purpose: Annotated[
        list[Purpose],
        typer.Option("--purpose", "-p", metavar="PURPOSE", help=f"What for: {', '.join(Purpose)}. Repeatable."),
    ],
    place: Annotated[
        list[str] | None, typer.Option(metavar="PLACE", help="Where; all places if left out. Repeatable.")
    ] = None,
    data: Data = DEFAULT_DATA,
) -> None:
    """The notice about these purposes, as it is now: who answers, who sees what, where and when."""
    from beholden.acts.grants.rehearse import read_notice

    with opened(data) as (acting, settings):
        names = place or list(settings.places)
        places = tuple(PlaceId(settings.place(each).id) for each in names)
        text = acting.do(read_notice, tuple(purpose), places)
    typer.echo(text, nl=False)
