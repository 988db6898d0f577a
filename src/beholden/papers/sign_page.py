"""A sign as one A4 page: large, in black and white, with what is still to be filled in standing out."""

from __future__ import annotations

from beholden.consent.receipts.page_parts import text
from beholden.papers.html import cell, mark, page
from beholden.papers.parts import Cell, open_names
from beholden.papers.sign import Line, Sign

SMALLER = ((1400, "longest"), (930, "longer"), (560, "long"))
"""From so many characters the letters of a sign are smaller, so that it stays one page; still larger than a book's."""
STYLE = """
@page{size:A4;margin:0}
*{box-sizing:border-box}
html,body{margin:0;background:#fff;color:#000}
body{width:210mm;min-height:297mm;font:19pt/1.28 "Liberation Sans",Arial,sans-serif;display:flex;flex-direction:column;
overflow-wrap:anywhere}
header{background:#000;color:#fff;padding:10mm 12mm 9mm;display:flex;align-items:center;gap:9mm;
print-color-adjust:exact}
header svg{width:42mm;height:42mm;flex:none}
h1{font-size:43pt;line-height:1.05;margin:0}
main{flex:1;padding:6mm 12mm 2mm;display:flex;flex-direction:column;justify-content:space-evenly}
section{display:grid;grid-template-columns:42mm 1fr;gap:6mm;padding:3mm 0;border-bottom:1pt solid #000}
section:last-child{border-bottom:0}
h2{font-size:24pt;line-height:1.1;margin:0}
p{margin:0 0 1.5mm}
footer{padding:4mm 12mm 7mm;font-size:14pt;line-height:1.3;border-top:3pt solid #000}
.made{font-size:7.5pt;margin:2mm 0 0}
.blank{display:inline-block;background:#fff1c9;border:1.5pt dashed #a33c00;color:#5c2300;padding:1mm 2.5mm;
font-size:13pt;print-color-adjust:exact}
.mark{border:2pt solid #a33c00;color:#7a2d00;font-weight:700;font-size:14pt;padding:1.5mm 3mm}
.long{font-size:15.5pt}
.long header svg{width:36mm;height:36mm}
.long section{padding:2mm 0}
.long h1{font-size:36pt}
.long h2{font-size:20pt}
.longer{font-size:12.5pt}
.longest{font-size:10.5pt}
.longer h1,.longest h1{font-size:30pt}
.longer h2,.longest h2{font-size:15pt}
.longer header svg,.longest header svg{width:28mm;height:28mm}
"""
_NAMING = (
    '<svg viewBox="0 0 100 100" role="img" aria-label="Face recognition"><g fill="none" stroke="#fff" stroke-width="6">'
    '<path d="M6 28V6H28M72 6H94V28M94 72V94H72M28 94H6V72"/><circle cx="50" cy="40" r="17"/>'
    '<path d="M20 84C22 66 34 62 50 62S78 66 80 84"/></g></svg>'
)
_COVERED = (
    '<svg viewBox="0 0 100 100" role="img" aria-label="A camera that covers faces">'
    '<g fill="none" stroke="#fff" stroke-width="6">'
    '<rect x="6" y="28" width="62" height="44" rx="5"/><path d="M68 44L94 32V68L68 56"/></g>'
    '<rect x="22" y="42" width="30" height="16" fill="#fff"/></svg>'
)


def sign_page(sign: Sign, notes: tuple[str, ...], made: str) -> str:
    """The whole page. `notes` stand on top; `made` says what it was made from."""
    length = len(sign.small) + sum(_length(cell) for line in sign.lines for cell in line.cells)
    todo = len(open_names(sign.blanks()))
    marks = [*notes, *([f"Not to be hung up yet: {todo} to fill in."] if todo else [])]
    body = [
        f"<header>{_NAMING if sign.naming else _COVERED}<h1>{text(sign.headline).markup}</h1></header>",
        "<main>",
        *map(mark, marks),
        *map(_line, sign.lines),
        "</main>",
        f'<footer>{text(sign.small).markup}<p class="made">{text(f"{sign.place}. {made}").markup}</p></footer>',
    ]
    inner = "\n".join(body)
    shell = page(f"Sign: {sign.place}", STYLE, inner)
    size = next((name for least, name in SMALLER if length > least), None)
    return shell if size is None else shell.replace("<body>", f'<body class="{size}">', 1)


def _length(cell: Cell) -> int:
    return len(cell) if isinstance(cell, str) else len(cell.answer or cell.question)


def _line(line: Line) -> str:
    words = "".join(f"<p>{cell(each)}</p>" for each in line.cells)
    return f"<section><h2>{text(line.heading).markup}</h2><div>{words}</div></section>"
