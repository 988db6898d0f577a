"""The parts of a page without script or outside resource: text that stays text, tables, and how they look."""

from __future__ import annotations

import base64
import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

STYLE = """
:root{color-scheme:light dark;--ink:#1b1f23;--paper:#fff;--soft:#f3f5f7;--line:#c9d0d6;--faint:#4d565e;--mark:#7a3b00}
@media(prefers-color-scheme:dark){:root{--ink:#e8e8e8;--paper:#16181a;--soft:#212427;--line:#43494e;--faint:#b4bcc3;
--mark:#ffb870}}
*{box-sizing:border-box}
body{font:1.0625rem/1.55 system-ui,sans-serif;max-width:56rem;margin:0 auto;padding:1.5rem 1rem 4rem;color:var(--ink);
background:var(--paper);overflow-wrap:anywhere}
h1{font-size:1.75rem;line-height:1.2;margin:.5rem 0 1rem}
h2{font-size:1.25rem;line-height:1.3;margin:2.5rem 0 .5rem;padding-top:1rem;border-top:1px solid var(--line)}
h3{font-size:1.0625rem;margin:1.5rem 0 0}
p{max-width:44rem;margin:.5rem 0}
.note{color:var(--faint)}
.mark{color:var(--mark);font-weight:600;border:2px solid var(--mark);padding:.5rem .75rem;max-width:none}
table{border-collapse:collapse;width:100%;margin:1rem 0;font-size:1rem}
th{overflow-wrap:normal}
th,td{text-align:left;vertical-align:top;padding:.45rem .6rem;border-bottom:1px solid var(--line)}
thead th{background:var(--soft)}
.facts th{width:13rem;font-weight:600}
code{font:.9em ui-monospace,monospace}
@media(max-width:40rem){
.list thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.list,.list tbody,.list tr,.list td{display:block}
.list tr{border:1px solid var(--line);border-radius:.4rem;margin:.75rem 0;padding:.25rem 0}
.list td{border:0;padding:.25rem .75rem}
.list td::before{content:attr(data-label);display:block;color:var(--faint);font-size:.9rem}
.facts th{width:8.5rem}}
@media print{:root{--ink:#000;--paper:#fff;--soft:#eee;--line:#999;--faint:#333;--mark:#000}
body{max-width:none;font-size:10.5pt;padding:0}h2,h3{break-after:avoid}tr{break-inside:avoid}}
"""
POLICY = (
    f"default-src 'none'; style-src 'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'none'"
)
"""Nothing may be loaded or run, and no other style than this one applies."""
_TURNING = frozenset("\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Line and paragraph separators, and what embeds, overrides or isolates a direction of writing (UAX 9)."""
_UNSEEN = frozenset({"Cc", "Cs", "Cn", "Co"})


@dataclass(frozen=True, slots=True)
class Html:
    """Markup that is safe to put into a page: made in this file and in `page.py` only."""

    markup: str


def text(words: str) -> Html:
    """What somebody wrote, as text and nothing else: it cannot become markup, nor turn what stands beside it around.

    Characters that nobody sees are shown by their number.
    """
    shown = "".join(f"\u27e8U+{ord(c):04X}\u27e9" if _unseen(c) else c for c in words)
    return Html(f"<bdi>{escape(shown)}</bdi>")


def _unseen(character: str) -> bool:
    return character in _TURNING or unicodedata.category(character) in _UNSEEN


def code(words: str) -> Html:
    """An id or a digest."""
    return Html(f"<code>{text(words).markup}</code>")


def time(moment: datetime, zone: str) -> Html:
    """`23 November 2026, 10:41` on the wall clock of an IANA zone."""
    local = moment.astimezone(ZoneInfo(zone))
    return Html(f'<time datetime="{local.isoformat(timespec="seconds")}">{local.day} {local:%B %Y, %H:%M}</time>')


def paragraph(words: str | Html, kind: str | None = None) -> Html:
    """`kind` is one of the classes of STYLE."""
    return Html(f"<p{_class(kind)}>{_inner(words)}</p>\n")


def section(name: str, heading: str, *parts: Html) -> Html:
    """`name` is what links point to; both are our own words."""
    inner = "".join(part.markup for part in parts)
    return Html(f'<section aria-labelledby="{name}">\n<h2 id="{name}">{escape(heading)}</h2>\n{inner}</section>\n')


def subheading(words: str) -> Html:
    """Below a section's heading; our own words."""
    return Html(f"<h3>{escape(words)}</h3>\n")


def facts(rows: Sequence[tuple[str, str | Html]]) -> Html:
    """A heading and a fact each."""
    inner = "".join(
        f'<tr><th scope="row">{text(heading).markup}</th><td>{_inner(fact)}</td></tr>\n' for heading, fact in rows
    )
    return Html(f'<table class="facts"><tbody>\n{inner}</tbody></table>\n')


def listing(name: str, headings: Sequence[str], rows: Sequence[Sequence[str | Html]], none: str) -> Html:
    """A table that has the heading of the section `name`, or the sentence `none` where there is nothing.

    On a narrow screen each row is a card, so its parts say themselves that they are a table, for
    whoever listens to the page. Headings are our own words.
    """
    if not rows:
        return paragraph(none)
    head = "".join(f'<th scope="col" role="columnheader">{escape(heading)}</th>' for heading in headings)
    body = "".join(f'<tr role="row">{_cells(headings, row)}</tr>\n' for row in rows)
    return Html(
        f'<table class="list" role="table" aria-labelledby="{name}">\n<thead role="rowgroup">'
        f'<tr role="row">{head}</tr></thead>\n<tbody role="rowgroup">\n{body}</tbody></table>\n'
    )


def _cells(headings: Sequence[str], row: Sequence[str | Html]) -> str:
    pairs = zip(headings, row, strict=True)
    return "".join(f'<td role="cell" data-label="{escape(head)}">{_inner(cell)}</td>' for head, cell in pairs)


def page(title: str, *parts: Html) -> str:
    """The whole page, in English."""
    inner = "".join(part.markup for part in parts)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        '<meta name="robots" content="noindex">\n<meta name="referrer" content="no-referrer">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n<h1>{escape(title)}</h1>\n{inner}</main>\n</body>\n</html>\n"
    )


def _inner(words: str | Html) -> str:
    return words.markup if isinstance(words, Html) else text(words).markup


def _class(kind: str | None) -> str:
    return "" if kind is None else f' class="{kind}"'
