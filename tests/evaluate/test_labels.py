"""Labels that people gave themselves: read strictly, shown only where several share one."""

from __future__ import annotations

from pathlib import Path

import pytest

from beholden.evaluate.labels import read_labels
from beholden.model.errors import EmptyInput, InputError, MissingInput

NAMES = [f"p{number}" for number in range(6)]


def csv(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "labels.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def rows(values: list[str], heading: str = "person,sex") -> str:
    return "\n".join([heading, *(f"p{number},{value}" for number, value in enumerate(values))])


def test_a_label_belongs_to_the_folder_of_that_name(tmp_path: Path) -> None:
    """By name, not by order; rows of nobody are counted."""
    text = "person,sex\np9,male\n" + "\n".join(f"p{number},female" for number in reversed(range(5)))
    labels = read_labels(csv(tmp_path, text), NAMES)
    assert labels.by_kind == {"sex": ("female",) * 5 + (None,)}
    assert labels.unused == 1


def test_a_label_of_few_people_counts_as_none(tmp_path: Path) -> None:
    """One woman among five men is not a group: her rate would be hers."""
    labels = read_labels(csv(tmp_path, rows(["male"] * 5 + ["female"])), NAMES)
    assert labels.by_kind["sex"] == ("male",) * 5 + (None,)


def test_ages_are_decades(tmp_path: Path) -> None:
    """20 and 29 are one group, 30 is not; words stay words."""
    ages = ["20", "21", "25", "28", "29", "30"]
    labels = read_labels(csv(tmp_path, rows(ages, "person,age")), NAMES)
    assert labels.by_kind["age"] == ("20-29",) * 5 + (None,)


def test_a_kind_that_nobody_gave_is_not_there(tmp_path: Path) -> None:
    """An empty column makes no groups."""
    text = "person,sex,age\n" + "\n".join(f"p{number},female," for number in range(5))
    assert set(read_labels(csv(tmp_path, text), NAMES).by_kind) == {"sex"}


def test_labels_that_contradict_are_refused_by_line(tmp_path: Path) -> None:
    """The same twice is fine; something else is not, and nobody's name is said."""
    with pytest.raises(InputError, match="line 4 contradicts") as refused:
        read_labels(csv(tmp_path, "person,sex\np0,male\np0,male\np0,female\n"), NAMES)
    assert "p0" not in refused.value.message


@pytest.mark.parametrize("label", ["x" * 41, "\x1b[31m", "a\u202eb"])
def test_a_label_is_short_and_printable(tmp_path: Path, label: str) -> None:
    """It is shown on a terminal and in a report."""
    with pytest.raises(InputError, match="line 2: sex is not"):
        read_labels(csv(tmp_path, f"person,sex\np0,{label}\n"), NAMES)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("person\np0\n", "none of the columns sex, age, ethnicity"),
        ("sex\nmale\n", "no column person"),
        ("person,person,sex\n", "column person twice"),
        ("person,sex\np0\n", "line 2 has 1 fields, the heading 2"),
        (b"person,sex\np0,\xff\n", "cannot be read as CSV text near line 1"),
        ('person,sex\np0,"x\n', "cannot be read as CSV text"),
    ],
)
def test_what_is_no_such_table_is_refused(tmp_path: Path, text: str | bytes, said: str) -> None:
    """The heading, the width of each row, and the text itself."""
    with pytest.raises(InputError) as refused:
        read_labels(csv(tmp_path, text), NAMES)
    assert said in refused.value.message


def test_no_file_and_no_heading(tmp_path: Path) -> None:
    """Missing and empty are told apart."""
    with pytest.raises(MissingInput):
        read_labels(tmp_path / "none.csv", NAMES)
    with pytest.raises(EmptyInput):
        read_labels(csv(tmp_path, ""), NAMES)
