"""Papers as HTML to print on A4: one file each, without script, links or outside resources."""

from __future__ import annotations

import base64
import hashlib
from html import escape

from beholden.consent.receipts.page_parts import text
from beholden.papers.parts import Cell, Paper, Section, Table, blanks_in, open_names

STYLE = """
@page{size:A4;margin:18mm 16mm}
*{box-sizing:border-box}
body{font:11pt/1.45 "Liberation Sans",Arial,sans-serif;max-width:190mm;margin:0 auto;padding:8mm 6mm 16mm;color:#111;
background:#fff;overflow-wrap:anywhere}
h1{font-size:22pt;line-height:1.15;margin:0 0 3mm}
h2{font-size:14pt;line-height:1.25;margin:9mm 0 2mm;padding-top:3mm;border-top:1.5pt solid #111;break-after:avoid}
p{margin:2mm 0}
.law{color:#444;margin:0}
.made{font-size:8.5pt;color:#444;margin-top:9mm;padding-top:2mm;border-top:.5pt solid #888}
.mark{font-weight:700;border:2pt solid #a33c00;color:#7a2d00;padding:2mm 3mm;margin:4mm 0}
table{border-collapse:collapse;width:100%;margin:3mm 0;font-size:10pt;line-height:1.35}
th,td{text-align:left;vertical-align:top;padding:1.6mm 2mm;border-bottom:.5pt solid #999;white-space:pre-line;
overflow-wrap:break-word}
thead{display:table-header-group}
thead th{background:#eee}
tr{break-inside:avoid}
.facts th{width:42mm;font-weight:700}
.tests{font:7pt/1.35 "Liberation Mono",monospace;width:66mm;overflow-wrap:anywhere}
.blank{display:inline-block;background:#fff1c9;border:1.2pt dashed #a33c00;color:#5c2300;padding:.5mm 2mm}
.blank b{text-transform:uppercase;font-size:.85em;letter-spacing:.03em}
@media print{body{padding:0;max-width:none}.blank,thead th{print-color-adjust:exact}}
"""
TO_FILL = "To fill in"


def paper_page(paper: Paper, notes: tuple[str, ...], made: str) -> str:
    """The whole page. `notes` stand on top; `made` says what it was made from."""
    todo = len(open_names(blanks_in(paper.sections)))
    marks = [*notes, *([f"Not finished: {todo} still to be filled in."] if todo else [])]
    head = [f"<h1>{text(paper.title).markup}</h1>", f'<p class="law">{text(paper.law).markup}</p>', *map(mark, marks)]
    body = "\n".join([*head, *map(_section, paper.sections), f'<p class="made">{text(made).markup}</p>'])
    return page(paper.title, STYLE, body)


def page(title: str, style: str, body: str) -> str:
    """A page that may load and run nothing, and that looks like `style` only. `body` is markup."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{escape(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def mark(words: str) -> str:
    """What nobody should read past."""
    return f'<p class="mark">{text(words).markup}</p>'


def cell(given: Cell) -> str:
    """Words as they are; a blank that is open, marked."""
    if isinstance(given, str):
        return text(given).markup
    if not given.open:
        return text(given.answer).markup
    where = f" (setting {given.name})" if given.setting else ""
    return f'<span class="blank"><b>{TO_FILL}{escape(where)}:</b> {text(given.question).markup}</span>'


def _section(section: Section) -> str:
    blocks = (_table(each) if isinstance(each, Table) else f"<p>{cell(each)}</p>" for each in section.blocks)
    return "\n".join([f"<h2>{text(section.heading).markup}</h2>", *blocks])


def _table(table: Table) -> str:
    if not table.headings:
        rows = (
            f'<tr><th scope="row">{cell(row[0])}</th><td>{"".join(map(cell, row[1:]))}</td></tr>' for row in table.rows
        )
        return "\n".join(['<table class="facts"><tbody>', *rows, "</tbody></table>"])
    head = "".join(f'<th scope="col">{text(each).markup}</th>' for each in table.headings)
    rows = (f"<tr>{''.join(map(_cell, row))}</tr>" for row in table.rows)
    return "\n".join([f"<table><thead><tr>{head}</tr></thead><tbody>", *rows, "</tbody></table>"])


def _cell(given: Cell) -> str:
    if isinstance(given, str) and given.startswith("tests/"):
        return f'<td class="tests">{_lines(given)}</td>'
    return f"<td>{cell(given)}</td>"


def _lines(words: str) -> str:
    """Names that are longer than a line may be broken where a reader expects it."""
    return "<br>".join(escape(name).replace("::", "::<wbr>") for name in words.split("\n"))
