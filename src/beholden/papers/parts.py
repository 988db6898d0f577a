"""A paper as values: sections of sentences and tables, and blanks that nobody but the operator can fill."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Blank:
    """What no program knows, with what was answered. `name` is its key in the answers; with `setting`, it is the
    setting that has to be set. An answer of blanks only is none."""

    name: str
    question: str
    answer: str = ""
    setting: bool = False

    @property
    def open(self) -> bool:
        return not self.answer.strip()


Cell = str | Blank


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of as many cells as there are headings. Without headings each row is a name and what there is to say."""

    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands below it: a cell is a paragraph of its own."""

    heading: str
    blocks: tuple[Cell | Table, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """`name` is that of its file, without an ending. `law` says in a few words which duty it serves."""

    name: str
    title: str
    law: str
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Answers:
    """What the operator answered, by the name of the blank."""

    values: Mapping[str, str] = field(default_factory=dict[str, str])

    def ask(self, name: str, question: str) -> Blank:
        return Blank(name, question, self.values.get(name, ""))


def facts(*rows: tuple[Cell, ...]) -> Table:
    """A name and what there is to say, row by row."""
    return Table((), rows)


def blanks_in(sections: Iterable[Section]) -> Iterator[Blank]:
    """Every blank, answered ones too, in the order of reading."""
    for section in sections:
        for block in section.blocks:
            cells = [cell for row in block.rows for cell in row] if isinstance(block, Table) else [block]
            yield from (cell for cell in cells if isinstance(cell, Blank))


def open_names(blanks: Iterable[Blank]) -> tuple[str, ...]:
    """The names of what is still to be filled in, once each."""
    return tuple(dict.fromkeys(blank.name for blank in blanks if blank.open))


def listed(words: Iterable[str]) -> str:
    """`a, b and c`."""
    every = list(words)
    return " and ".join(filter(None, (", ".join(every[:-1]), *every[-1:])))
