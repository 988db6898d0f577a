"""`scale/measured.py`: a result is read as it was written, and nothing else is."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from beholden.model.errors import InputError
from beholden.scale.measured import as_values, read_bench
from tests.scale.benches import CAMERA, LOST, bench, period


def test_a_result_is_read_as_it_was_written() -> None:
    """Both periods, and the cameras that could not be read."""
    made = bench(period(CAMERA, LOST), period(recorded=True))
    assert read_bench(json.dumps(as_values(made)).encode(), "file") == made


def test_what_is_said_beside_the_numbers_is_not_read() -> None:
    """What the command prints holds more: sums and doubts are computed again."""
    assert read_bench(json.dumps({"carries": {"not_recorded": 10**9}, **as_values(bench())}).encode(), "f") == bench()


def _change(at: str, new: object) -> Callable[[Any], None]:
    def change(measured: Any) -> None:
        *path, last = at.split(".")
        for name in path:
            measured = measured[int(name) if name.isdigit() else name]
        if new is None:
            del measured[last]
        else:
            measured[last] = new

    return change


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("machine", None),
        ("machine.cores", "2"),
        ("machine.cores", 0.0),
        ("extra", 1),
        ("periods", []),
        ("periods.0.wall_s", 0.0),
        ("periods.0.cpu_s", float("nan")),
        ("periods.0.cameras.0.cpu_s", -1.0),
        ("periods.0.cameras.0.looked_at", 0),
        ("people", 0),
    ],
)
def test_a_result_with_impossible_numbers_is_refused(path: str, value: object) -> None:
    """A plan of them would be nonsense."""
    values = as_values(bench())
    _change(path, value)(values["measured"])
    with pytest.raises(InputError):
        read_bench(json.dumps(values).encode(), "file")


@pytest.mark.parametrize("text", [b"", b"[]", b"null", b'{"measured": 3}', b"\xff", b"[" * 100_000, b'{"a": 1}'])
def test_what_is_no_result_is_refused_by_name(text: bytes) -> None:
    """The file's name, and how such a file is made."""
    with pytest.raises(InputError, match="file is no result") as refused:
        read_bench(text, "file")
    assert "bench" in refused.value.advice
