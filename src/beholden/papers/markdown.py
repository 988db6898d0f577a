"""Papers as Markdown: for reading in a repository, and for seeing in a line what changed."""

from __future__ import annotations

import re

from beholden.papers.parts import Cell, Paper, Table, blanks_in, open_names

_MARKUP = re.compile(r"([\\`*_\[\]<>|#])")
_CODE = re.compile(r"(?:tests|faces|consent|acts|ledger|model)[/.][\w./:\[\]]+|[0-9a-f]{64}")


def paper_markdown(paper: Paper, notes: tuple[str, ...], made: str) -> str:
    """The whole paper; a blank that is open is in bold."""
    todo = len(open_names(blanks_in(paper.sections)))
    lines = [f"# {plain(paper.title)}", "", plain(paper.law)]
    for note in (*notes, *([f"Not finished: {todo} still to be filled in."] if todo else [])):
        lines += ["", f"**{plain(note)}**"]
    for section in paper.sections:
        lines += ["", f"## {plain(section.heading)}"]
        for block in section.blocks:
            lines += ["", *(_table(block) if isinstance(block, Table) else [_cell(block)])]
    return "\n".join([*lines, "", plain(made), ""])


def plain(words: str) -> str:
    """Text that stays text: nothing in it becomes markup. Names of tests and digests are set as code."""
    parts: list[str] = []
    end = 0
    for found in _CODE.finditer(words):
        parts += [_MARKUP.sub(r"\\\1", words[end : found.start()]), f"`{found.group()}`"]
        end = found.end()
    return "".join([*parts, _MARKUP.sub(r"\\\1", words[end:])])


def _table(table: Table) -> list[str]:
    headings = table.headings or ("", "")
    rows = [f"| {' | '.join(_in_row(each) for each in row)} |" for row in table.rows]
    return [f"| {' | '.join(map(plain, headings))} |", f"|{'---|' * len(headings)}", *rows]


def _in_row(given: Cell) -> str:
    return "<br>".join(filter(None, _cell(given).splitlines()))


def _cell(given: Cell) -> str:
    if isinstance(given, str):
        return plain(given)
    if not given.open:
        return plain(given.answer)
    where = f" (setting `{given.name}`)" if given.setting else f" (`{given.name}`)"
    return f"**To fill in{where}: {plain(given.question)}**"
