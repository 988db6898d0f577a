"""Without the gate, the covers or the threshold, the demo fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from beholden.acts.sightings.sighting import Settle
from beholden.consent.gate import Gate
from beholden.demo.run import DemoResult, Parts, TownGate, run_demo
from beholden.demo.sabotage import Sabotage, sabotaged
from beholden.demo.town import Town, town
from beholden.faces.engine import FaceEngine, load_engine
from beholden.settings import Settings
from beholden.wiring.engine import template_maker
from beholden.wiring.folder import create_data, open_data

CLIPS = ("06-lobby-crowd", "08-lobby-expired")


@pytest.fixture(scope="module")
def engine() -> FaceEngine:
    return load_engine()


@pytest.fixture(scope="module")
def short_town() -> Town:
    """Two clips of half their length."""
    whole = town()
    clips = [replace(c, scene=replace(c.scene, seconds=2.6, fps=12.5)) for c in whole.clips if c.name in CLIPS]
    return replace(whole, clips=tuple(clips))


@pytest.fixture
def parts(tmp_path: Path, engine: FaceEngine) -> Iterator[Parts]:
    create_data(tmp_path / "data", Settings(), rehearsal=True)
    with open_data(tmp_path / "data", Settings()) as folder:
        gate = TownGate(Gate(folder.database, folder.keystore))
        yield Parts(folder.office, engine, gate, Settle(folder.office), template_maker(engine))


def play(parts: Parts, place: Town, out: Path) -> DemoResult:
    return run_demo(parts, place, out, lambda line: None)


@pytest.mark.parametrize(
    ("what", "clips"),
    [
        (Sabotage.COVER, {"06-lobby-crowd"}),
        (Sabotage.THRESHOLD, {"06-lobby-crowd"}),
        (Sabotage.GATE, {"06-lobby-crowd", "08-lobby-expired"}),
    ],
    ids=["cover", "threshold", "gate"],
)
def test_a_broken_promise_fails_the_demo(
    what: Sabotage, clips: set[str], parts: Parts, short_town: Town, tmp_path: Path
) -> None:
    """A clip does not go as expected."""
    shown = replace(short_town, clips=tuple(each for each in short_town.clips if each.name in clips))
    result = play(sabotaged(parts, what), shown, tmp_path)
    assert not result.ok
    if what is Sabotage.COVER:
        assert result.visible > 0
    if what is Sabotage.THRESHOLD:
        assert result.mistakes.strangers_named > 0
    if what is Sabotage.GATE:
        assert any(clip.named - clip.clip.expect.named for clip in result.clips)
