"""The inference runtime reports to nobody: no thread of its own, no id of the machine on disk."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

LOOK = """
import json, os, pathlib, sys, time
{before}
import onnxruntime
time.sleep(0.5)
home = pathlib.Path(os.environ["HOME"])
files = [str(path.relative_to(home)) for path in home.rglob("*") if path.is_file()]
print(json.dumps([len(os.listdir("/proc/self/task")), files]))
"""


def looked(home: Path, before: str) -> tuple[int, list[str]]:
    """How many threads a process has that imported the runtime after `before`, and what it left in its home."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "ORT_", "CI"))}
    environment |= {"HOME": str(home), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    words = [sys.executable, "-c", LOOK.format(before=before)]
    done = subprocess.run(words, capture_output=True, text=True, check=True, env=environment)
    threads, files = json.loads(done.stdout)
    return threads, files


@pytest.mark.parametrize("room", ["beholden.faces.session", "beholden.faces.engine", "beholden"])
def test_whoever_imports_our_rooms_first_has_a_runtime_that_reports_nothing(tmp_path: Path, room: str) -> None:
    """One thread, and an empty home."""
    assert looked(tmp_path, f"import {room}") == (1, [])


def test_without_us_it_does_report(tmp_path: Path) -> None:
    """Planted: the same look finds its thread, so that the empty finding above means something."""
    threads, _ = looked(tmp_path, "")
    assert threads > 1
