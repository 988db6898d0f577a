"""`supervise/workers/spent.py`: what a machine has, and how CPU seconds are divided up."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from beholden.supervise.workers.spent import Spent, own_memory_mb, shares, usable_cores, usable_memory_mb


@pytest.mark.parametrize(("quota", "cores"), [("50000 100000", 0.5), ("max 100000", None), ("", None), ("x y", None)])
def test_a_containers_quota_limits_the_cores(tmp_path: Path, quota: str, cores: float | None) -> None:
    """Half a core; without a quota, or one that is none, the cores that this process is bound to."""
    (tmp_path / "cpu.max").write_text(quota)
    assert usable_cores(tmp_path / "cpu.max") == (cores or len(os.sched_getaffinity(0)))


def test_a_containers_limit_is_its_memory(tmp_path: Path) -> None:
    """And never more than the machine's."""
    (tmp_path / "memory.max").write_text("64000000")
    assert usable_memory_mb(tmp_path / "memory.max") == 64.0
    (tmp_path / "memory.max").write_text("max")
    assert usable_memory_mb(tmp_path / "memory.max") == usable_memory_mb(tmp_path / "gone") > 64.0


def test_seconds_are_divided_by_what_each_spent() -> None:
    """All of them, nobody's own left out; evenly where nothing is known."""
    assert shares({"a": 3.0, "b": 1.0}, 6.0) == {"a": 4.5, "b": 1.5}
    assert shares({"a": 0.0, "b": 0.0}, 6.0) == {"a": 3.0, "b": 3.0}


def test_counters_only_grow() -> None:
    """Of wall, this process and the machine; memory is some."""
    before, after = Spent.now(), Spent.now()
    assert before.wall_s <= after.wall_s
    assert before.machine_s <= after.machine_s
    assert own_memory_mb() > 1
