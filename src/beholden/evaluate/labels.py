"""Labels that people gave themselves, only to show rates by group: nothing here guesses one from a picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from beholden.evaluate.complaints import refuse_all
from beholden.evaluate.groups import FEWEST_PEOPLE
from beholden.evaluate.rows import CsvRow, read_rows

KINDS = ("sex", "age", "ethnicity")
LONGEST = 40
_ADVICE = f"The columns are person (the folder's name) and any of {', '.join(KINDS)}, as people gave them themselves."


@dataclass(frozen=True, slots=True)
class Labels:
    """What each person said of themselves: by kind (`KINDS`), a label per person or None; `unused` rows fit nobody."""

    by_kind: dict[str, tuple[str | None, ...]] = field(repr=False)
    unused: int


def read_labels(path: Path, names: Sequence[str]) -> Labels:
    """The labels of the people in folders of these names, from a CSV file.

    Ages become decades. A label that fewer than `FEWEST_PEOPLE` gave counts as none: it could say who somebody is.
    Raises MissingInput, InputTooLarge, and InputError that tells every line that cannot be used.
    """
    number = {name: index for index, name in enumerate(names)}
    said: list[tuple[str | None, ...] | None] = [None] * len(names)
    complaints: list[str] = []
    unused = 0
    for row in read_rows(path, ("person",), KINDS, _ADVICE):
        labels = tuple(_label(kind, row, complaints) for kind in KINDS)
        person = number.get(row.values["person"])
        if person is None:
            unused += 1
        elif said[person] not in (None, labels):
            complaints.append(f"line {row.line} contradicts an earlier line about the same person")
        else:
            said[person] = labels
    refuse_all(f"{path}", complaints, _ADVICE)
    columns = {kind: [labels[at] if labels else None for labels in said] for at, kind in enumerate(KINDS)}
    return Labels({kind: _common(column) for kind, column in columns.items() if any(column)}, unused)


def _label(kind: str, row: CsvRow, complaints: list[str]) -> str | None:
    text = row.values.get(kind, "").strip()
    if not text:
        return None
    if len(text) > LONGEST or not text.isprintable():
        complaints.append(f"line {row.line}: {kind} is not a short, printable label")
        return None
    if kind == "age" and text.isascii() and text.isdecimal():
        decade = int(text) // 10 * 10
        return f"{decade}-{decade + 9}"
    return text


def _common(column: Sequence[str | None]) -> tuple[str | None, ...]:
    """The labels that enough people share; the others are None."""
    times = Counter(column)
    return tuple(label if times[label] >= FEWEST_PEOPLE else None for label in column)
