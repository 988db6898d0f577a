"""docs/scale.md: its examples are what the command says, and its numbers are those that plans are made from."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from beholden.cli.app import run
from beholden.cli.bench import in_words
from beholden.scale.capacity import LOAD, doubts
from beholden.scale.figures import BASE_MB, WORKER_MB, typical
from beholden.scale.measured import read_bench

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "scale.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```console\n\$ beholden ([^\n]+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(("command", "written"), EXAMPLES, ids=["typical", "measured"])
def test_the_examples_are_what_the_command_prints(
    command: str, written: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the letter: a changed formula or figure is changed there too."""
    monkeypatch.chdir(ROOT)
    assert run(shlex.split(command)) == 0
    assert capsys.readouterr().out == written


def test_the_result_that_is_shown_is_the_one_of_the_example() -> None:
    """The file that the plan is made from, in words."""
    bench = read_bench((ROOT / "docs" / "scale-example.json").read_bytes(), "the example")
    [shown] = re.findall(r"^```text\n(.*?)\n```$", PAGE, re.MULTILINE | re.DOTALL)
    assert shown.splitlines() == list(in_words(bench, LOAD, doubts(bench)))


def test_the_numbers_of_the_page_are_those_of_the_plan() -> None:
    """As they are written there."""
    seen, recorded = typical(record=False), typical(record=True)
    for number in (
        f"B = {BASE_MB:.0f} MB + {WORKER_MB:.0f} MB x workers",
        f"c = 1/{1 / seen.camera.cores:.2f} cores, with recording 1/{1 / recorded.camera.cores:.2f}",
        f"m = {seen.camera.memory_mb} MB, {recorded.camera.memory_mb} MB",
        f"d = {recorded.camera.disk_bytes_s / 1000} kB/s",
        f"{seen.search_s * 1e9:.0f} ns for a comparison",
        f"{seen.template_bytes} for the shipped model",
    ):
        assert number in " ".join(PAGE.split()), number
