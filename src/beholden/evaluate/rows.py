"""Rows of a CSV file of ours, read strictly and within bounds."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from beholden.model.errors import EmptyInput, InputError, InputTooLarge
from beholden.video.still import open_file

MOST_ROWS = 5_000_000
MOST_BYTES = 256 * 2**20


@dataclass(frozen=True, slots=True)
class CsvRow:
    """One row: the values of the asked columns by their names, and its line from 1, the last where it has several."""

    line: int
    values: dict[str, str]


def read_rows(path: Path, needed: Sequence[str], other: Sequence[str], advice: str) -> Iterator[CsvRow]:
    """The rows of a UTF-8 file with a heading that has all columns of `needed`, and any of `other`.

    Columns besides those are not looked at; empty lines are left out. Raises MissingInput, EmptyInput,
    InputTooLarge, and InputError for a heading or a row that does not fit, or bytes that are no text.
    """
    file, size = open_file(path)
    with file:
        if size > MOST_BYTES:
            raise InputTooLarge(f"{path}: {size / 1e6:.0f} MB is past the limit of {MOST_BYTES / 1e6:.0f} MB")
        rows = csv.reader((line.decode("utf-8") for line in file), strict=True)
        try:
            heading = [name.strip("\ufeff ") for name in next(rows, list[str]())]
            columns = _columns(heading, path, needed, other, advice)
            for number, row in enumerate(rows):
                if number == MOST_ROWS:
                    raise InputTooLarge(f"{path}: more than {MOST_ROWS} rows", advice="Evaluate a part of them.")
                if row and len(row) != len(heading):
                    raise InputError(
                        f"{path}: line {rows.line_num} has {len(row)} fields, the heading {len(heading)}", advice=advice
                    )
                if row:
                    yield CsvRow(rows.line_num, {name: row[at] for name, at in columns.items()})
        except (UnicodeDecodeError, csv.Error) as error:
            raise InputError(f"{path}: cannot be read as CSV text near line {rows.line_num}", advice=advice) from error


def _columns(
    heading: list[str], path: Path, needed: Sequence[str], other: Sequence[str], advice: str
) -> dict[str, int]:
    """Where the asked columns are."""
    if not heading:
        raise EmptyInput(f"{path}: there is no heading", advice=advice)
    wrong = [f"no column {name}" for name in needed if name not in heading]
    wrong += [f"column {name} twice" for name in (*needed, *other) if heading.count(name) > 1]
    if other and not set(other) & set(heading):
        wrong.append(f"none of the columns {', '.join(other)}")
    if wrong:
        raise InputError(f"{path}: the heading has {', '.join(wrong)}", advice=advice)
    return {name: heading.index(name) for name in (*needed, *other) if name in heading}
