"""The words and cells of the report's page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from beholden.consent.oversight.displays import Way
from beholden.consent.receipts.page_parts import Html, code

Values = Mapping[str, Any]
HIDDEN = "not told"
MOST_LINES = 20
"""Of one change of the rules so many lines stand on the page; all are in the JSON."""
WAYS = {
    Way.FEED: "In the feed of alerts",
    Way.PLAYBACK: "In a recording",
    Way.LOOK_UP: "Looked up",
    Way.CLI: "At the command line",
}
_NO_SHARE = "not known: too few"


def days(report: Values) -> str:
    """`23 to 29 November 2026`."""
    start, end = (datetime.fromisoformat(report[name]) for name in ("from", "until"))
    last = datetime.fromordinal(end.toordinal() - 1)
    begin = f"{start.day} {start:%B}" if start.month != last.month else str(start.day)
    return f"{begin} to {last.day} {last:%B %Y}"


def changed_lines(lines: Sequence[str]) -> Html:
    """Under each other."""
    shown = [code(line).markup for line in lines[:MOST_LINES]]
    rest = len(lines) - MOST_LINES
    return Html("<br>".join(shown + ([f"and {rest} more in the JSON"] if rest > 0 else [])))


def share_words(share: Values | None, of: str = "") -> str:
    """A share with its bounds."""
    if share is None:
        return _NO_SHARE
    low, high = percent(share["low"]), percent(share["high"])
    return f"{percent(share['share'])}{f' {of}' if of else ''} (between {low} and {high})"


def percent(share: float) -> str:
    """Two digits that matter, however small."""
    return f"{float(f'{share * 100:.2g}'):g}%"


def nearly_all(value: bool | None) -> str:
    """What is told of invitations."""
    return HIDDEN if value is None else "MORE than nine in ten accepted" if value else "nine in ten or fewer accepted"


def told_of(cells: Mapping[str, int | None]) -> str:
    """Each with its name; one word when none is told."""
    return (
        ", ".join(f"{how.replace('_', ' ')} {cell(count)}" for how, count in cells.items())
        if any_told(cells)
        else HIDDEN
    )


def any_told(cells: Mapping[str, int | None]) -> bool:
    """Whether not all are hidden."""
    return any(count is not None for count in cells.values())


def cell(count: int | None) -> str:
    """A count, or that it is hidden."""
    return HIDDEN if count is None else str(count)


def times(count: int | None) -> str:
    """How often."""
    if count is None:
        return HIDDEN
    return {0: "never", 1: "once"}.get(count, f"{count} times")


def plain(name: str) -> str:
    """A name of ours in words."""
    return sentence(name.replace("_", " "))


def sentence(words: str) -> str:
    """With a capital."""
    return words[:1].upper() + words[1:]


def moment(iso: str) -> str:
    """Day and minute, in UTC."""
    return f"{datetime.fromisoformat(iso):%d %B, %H:%M}"
