"""Many invitations from one CSV file: read strictly, all or nothing; a row is an invitation and nothing else.

    name,purposes,places
    Ada Vale,entrance;photos,lobby
    Ben Ode,photos,

UTF-8, with or without a byte order mark, separated by commas; several purposes or places by semicolons.
There is no column for a photo, a template or a consent: those are the person's (invariant I2).
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from beholden.consent.invitation import Offer, checked_label, offer_refusal
from beholden.model.errors import PolicyRefused
from beholden.model.grant import Place, Purpose
from beholden.model.ids import PlaceId

COLUMNS = ("name", "purposes", "places")
MOST_ROWS = 500
MOST_BYTES = 1_000_000
_FORMULA = "=+-@"
"""What a spreadsheet runs when a cell begins with it; nobody's name does."""
_BETWEEN = ";"


@dataclass(frozen=True, slots=True)
class WrongRow:
    """What is wrong, and the line of the file where the row begins, from 1."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class InvitationRows:
    """`offers` in the order of the rows, and none at all when anything is `wrong`."""

    offers: tuple[Offer, ...]
    wrong: tuple[WrongRow, ...]

    def complaint(self) -> str | None:
        """Everything that is wrong, a line each; None when nothing is."""
        return "\n".join(f"line {row.line}: {row.reason}" for row in self.wrong) or None


def invitation_rows(data: bytes, places: Mapping[PlaceId, Place]) -> InvitationRows:
    """The invitations that a file asks for, where there are `places`; every wrong row is named, not only the first."""
    try:
        rows = _rows(_text(data))
    except _Unreadable as error:
        return InvitationRows((), (error.row,))
    offers: list[Offer] = []
    wrong: list[WrongRow] = []
    names: dict[str, int] = {}
    for line, row in rows:
        try:
            _refuse_twice(names, row, line)
            offers.append(_offer(row, places))
        except PolicyRefused as error:
            wrong.append(WrongRow(line, error.message))
    return InvitationRows(() if wrong else tuple(offers), tuple(wrong))


class _Unreadable(Exception):
    """The file as a whole will not do, from some line on; never leaves this module."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.row = WrongRow(line, reason)


def _text(data: bytes) -> str:
    if len(data) > MOST_BYTES:
        raise _Unreadable(1, f"the file has more than {MOST_BYTES // 1000} kB: split it")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _Unreadable(line, "this is no UTF-8 text: export the table as 'CSV UTF-8'") from error
    if "\0" in text:
        raise _Unreadable(text.count("\n", 0, text.index("\0")) + 1, "this is no text: export the table as 'CSV UTF-8'")
    return text


def _rows(text: str) -> list[tuple[int, list[str]]]:
    """The rows below the heading, each with the line where it begins; empty lines are left out."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[tuple[int, list[str]]] = []
    begins = 1
    try:
        for row in reader:
            if row:
                rows.append((begins, row))
            begins = reader.line_num + 1
    except csv.Error as error:
        raise _Unreadable(begins, f"this cannot be read as CSV ({error})") from error
    if not rows or tuple(rows[0][1]) != COLUMNS:
        where = rows[0][0] if rows else 1
        raise _Unreadable(where, f"the heading has to be {','.join(COLUMNS)}: a row is an invitation and nothing else")
    if len(rows) == 1:
        raise _Unreadable(rows[0][0], "there is no row below the heading")
    if len(rows) > MOST_ROWS + 1:
        raise _Unreadable(rows[MOST_ROWS + 1][0], f"there are more than {MOST_ROWS} rows: split the file")
    return rows[1:]


def _refuse_twice(names: dict[str, int], row: list[str], line: int) -> None:
    """`names`: those of the rows before, right or wrong, and where they are. Raises PolicyRefused."""
    label = unicodedata.normalize("NFC", " ".join(row[0].split()))
    first = names.setdefault(label.casefold(), line)
    if first != line:
        raise PolicyRefused(f"{label} is in line {first} too: one invitation a person")


def _offer(row: list[str], places: Mapping[PlaceId, Place]) -> Offer:
    """One row. Raises PolicyRefused with everything about it that is for people to correct, one at a time."""
    if len(row) != len(COLUMNS):
        raise PolicyRefused(f"there are {len(row)} cells, not {len(COLUMNS)}")
    for column, cell in zip(COLUMNS, row, strict=True):
        if not cell.isprintable():
            raise PolicyRefused(f"{column}: there is a line break, a tab or something else that nobody can see")
        if unicodedata.normalize("NFKC", cell).lstrip()[:1] in tuple(_FORMULA):
            raise PolicyRefused(f"{column}: this begins like a formula, with one of {' '.join(_FORMULA)}")
    name, purposes, where = row
    offer = Offer(
        checked_label(name),
        tuple(_purpose(each) for each in _parts(purposes)),
        frozenset(PlaceId(each) for each in _parts(where)),
    )
    why = offer_refusal(offer, places)
    if why is not None:
        raise PolicyRefused(why)
    return offer


def _parts(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(_BETWEEN) if part.strip()]


def _purpose(word: str) -> Purpose:
    try:
        return Purpose(word)
    except ValueError:
        raise PolicyRefused(f"there is no purpose called {word}: there are {', '.join(Purpose)}") from None
