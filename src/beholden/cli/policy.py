"""`beholden policy show`: the rules in words: who may agree to what, who sees what of it, for how long."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Annotated

import typer

from beholden.cli.options import DEFAULT_DATA, AsJson, Data, emit
from beholden.model.grant import Purpose

if TYPE_CHECKING:
    from beholden.settings import Settings

WIDTH = 96
_INDENT = 20
_NO_PLACES = (
    "These are the rules alone. What an operator wrote of a place stands in the notice there, and is printed here from "
    "their folder (--data)."
)


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="The rules, in words.", no_args_is_help=True, rich_markup_mode=None)
    group.command(epilog="Example: beholden policy show --purpose entrance")(show)
    app.add_typer(group, name="policy", epilog="Example: beholden policy show")


def show(
    purpose: Annotated[
        Purpose | None, typer.Option("--purpose", "-p", metavar="PURPOSE", help="This one only.")
    ] = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Who may agree to what, who sees what of it and for how long, who else must agree, and what never happens.

    The rules are part of the program: no setting adds a purpose or loosens one. The digest is the same
    wherever they are the same. With a data folder, also what its places are for.
    """
    from beholden.consent.oversight.rules import Act, in_words
    from beholden.consent.policy_digest import policy_digest, policy_values
    from beholden.consent.policy_meaning import meaning_rows, unbuilt_rows
    from beholden.consent.policy_words import general_rows, policy_rows, stranger_rows, together_rows
    from beholden.settings import read_settings

    settings = read_settings(data if data.is_dir() else None)
    if as_json:
        together = {str(act): in_words(act) for act in Act}
        emit({"digest": policy_digest(), **policy_values(), "together": together, "places": _place_values(settings)})
        return
    _block("IF I AGREED TO NOTHING", stranger_rows())
    for each in Purpose if purpose is None else (purpose,):
        _block(str(each).upper(), policy_rows(each))
    _block("ALWAYS", general_rows())
    _block("NOBODY DOES ALONE", together_rows())
    _block("NOT THERE YET", unbuilt_rows())
    _block("WORDS", meaning_rows())
    places = _place_rows(settings)
    _block("PLACES HERE", places or (("None shown", _NO_PLACES),))
    typer.echo(f"Digest of these rules: {policy_digest()}")


def _block(title: str, rows: tuple[tuple[str, str], ...]) -> None:
    """A title, then a heading and its sentence per row, wrapped beside it."""
    typer.echo(title)
    for heading, words in rows:
        lines = textwrap.wrap(words, WIDTH - _INDENT, break_on_hyphens=False)
        typer.echo(f"  {heading:<{_INDENT - 2}}{lines[0]}")
        for line in lines[1:]:
            typer.echo(" " * _INDENT + line)
    typer.echo("")


def _place_rows(settings: Settings) -> tuple[tuple[str, str], ...]:
    from beholden.consent.policy import CAPTURE_DESCRIPTION

    rows: list[tuple[str, str]] = []
    for name, place in sorted(settings.places.items()):
        words = f"{', '.join(place.purposes) or 'no purpose'}. Capture: {CAPTURE_DESCRIPTION[place.capture]}."
        if place.hours is not None:
            words += f" Nobody is named outside {place.hours} ({place.zone})."
        if place.legal_basis is not None:
            words += f" Legal basis: {place.legal_basis}. Impact assessment: {place.impact_assessment}."
        rows.append((name, words))
    return tuple(rows)


def _place_values(settings: Settings) -> dict[str, object]:
    return {name: place.model_dump(mode="json") for name, place in sorted(settings.places.items())}
