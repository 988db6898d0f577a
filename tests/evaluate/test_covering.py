"""What covers leave to see: nothing in covered clips, everything where covering was switched off."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from beholden.cli.evaluated_video import tell_covering
from beholden.evaluate.composing import compose, cut_head
from beholden.evaluate.covering import (
    COVERS,
    TOOL,
    WATCH,
    Attack,
    CoveringPlan,
    CoveringResult,
    measure,
    with_the_tool,
)
from beholden.evaluate.faces_left import known_face_finder
from beholden.evaluate.hidden import HIDES, eyes_hidden, fill_share, region_hidden
from beholden.evaluate.rates import Bounds, Rate
from beholden.evaluate.real_clips import look_through
from beholden.evaluate.scenes import draw_scene
from beholden.faces.engine import FaceEngine
from beholden.model.box import Box
from beholden.model.errors import MissingInput
from beholden.model.frame import Pixels
from beholden.video.cover import FILL
from tests import synthetic
from tests.evaluate.conftest import no_progress
from tests.evaluate.walkers import walkers

pytestmark = pytest.mark.skipif(bool(synthetic.EXTRA), reason=synthetic.REASON)
PLAN = CoveringPlan(widths=(20, 80), clips=1, seconds=0.8, seed=2)
EYES = np.array([[300, 200], [340, 200], [320, 225], [305, 245], [335, 245]], np.float32)


def not_at_all(source: Path, out: Path, engine: FaceEngine) -> object:
    """Covering, switched off."""
    return shutil.copyfile(source, out)


@pytest.fixture(scope="module")
def own(portrait: Pixels, engine: FaceEngine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip as a user has it: one face of 80 pixels, in three small pictures."""
    head = cut_head(portrait, engine.detector)
    assert head is not None
    path = tmp_path_factory.mktemp("own") / "yard.mp4"
    with compose(draw_scene([(0, 0)], 80, 4, seconds=0.6, size=(320, 240)), [head]) as clip:
        path.write_bytes(clip.path.read_bytes())
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where temporary files go while this is measured."""
    return tmp_path_factory.mktemp("temporary")


@pytest.fixture(scope="module")
def measured(engine: FaceEngine, folder: Path) -> CoveringResult:
    """Four people, as the product covers them, and with covering switched off."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(folder))
        return measure(walkers(4), [engine], PLAN, no_progress, covers={**COVERS, "off": not_at_all})


def test_no_face_of_eight_pixels_between_the_eyes_shows(measured: CoveringResult) -> None:
    """By the tool and while watching: none of all faces x frames."""
    for left in measured.left[:2]:
        assert left.large.trials >= 16
        assert left.large.errors == 0


def test_without_covers_all_faces_are_found(measured: CoveringResult) -> None:
    """Planted: covering switched off, and each face in each frame shows."""
    off = measured.left[2]
    assert off.large.errors == off.large.trials > 30
    assert off.covered < 0.01


def test_every_frame_and_every_face_was_looked_at(measured: CoveringResult) -> None:
    """8 pictures by the tool, 4 while watching, with four faces each, at each of two widths."""
    assert [left.how for left in measured.left] == [TOOL, WATCH, "off"]
    tool, watch, _ = measured.left
    assert tool.large.trials + tool.small.trials == 8 * 4 * 2
    assert watch.large.trials + watch.small.trials == 4 * 4 * 2
    assert [width for width, _ in tool.by_px] == [20, 80]


def test_covers_take_more_than_faces_and_less_than_the_picture(measured: CoveringResult) -> None:
    """Faces with their margins, two or three times the boxes."""
    for left in measured.left[:2]:
        assert left.in_faces < left.covered < 5 * left.in_faces


def test_nobody_is_known_again_when_covered_and_everybody_is_when_not(measured: CoveringResult) -> None:
    """The attack works: told where faces are, it finds people in clips as they were, and not in covered ones."""
    attack = measured.attack
    assert attack.gallery == 4
    assert attack.before.errors == attack.before.trials == 4
    assert attack.after.trials == 4
    assert attack.at_chance
    assert attack.after.errors <= 2


def test_more_than_chance_is_said() -> None:
    """Half of a hundred people known again in a gallery of a hundred is no chance; one of them is."""
    seen = Rate(100, 100, Bounds(0.97, 1.0, "made up"))
    assert not Attack(100, seen, Rate(50, 100, Bounds(0.4, 0.6, "made up"))).at_chance
    assert Attack(100, seen, Rate(1, 100, Bounds(0.0003, 0.05, "made up"))).at_chance
    assert Attack(0, Rate(0, 0), Rate(0, 0)).at_chance is None


def test_nothing_is_left_and_nobody_is_named(measured: CoveringResult, folder: Path) -> None:
    """Covered clips are gone, and the result is numbers."""
    assert not list(folder.iterdir())
    text = json.dumps(measured.as_values(), allow_nan=False)
    assert "person-" not in text
    assert not [person for person in synthetic.PEOPLE if person in text]


def test_what_is_said_counts_per_100000(measured: CoveringResult, capsys: pytest.CaptureFixture[str]) -> None:
    """Both sizes of each way, the attack beside chance."""
    tell_covering(measured)
    said = capsys.readouterr().out
    assert "eyes 8 pixels apart or more: 0; " in said
    assert "eyes 8 pixels apart or more: 100000; " in said
    assert "(by chance 25%)" in said
    assert "no better than chance" in said


def test_an_interrupted_measurement_leaves_nothing(
    engine: FaceEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C while a clip is being covered: its folder goes, too."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def interrupted(source: Path, out: Path, engine: FaceEngine) -> object:
        shutil.copyfile(source, out)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        measure(walkers(1), [engine], replace(PLAN, widths=(40,)), no_progress, covers={TOOL: interrupted})
    assert not list(tmp_path.iterdir())


def test_real_clips_are_looked_through(own: Path, engine: FaceEngine) -> None:
    """Of a clip whose truth nobody knows: faces are found before, and none after."""
    real = look_through([own], [engine], with_the_tool, no_progress)
    assert real.clips == 1
    assert real.visible.trials >= real.pictures == 3
    assert (real.visible.errors, real.small, real.uncovered) == (0, 0, 0)
    assert 0.05 < real.covered < 0.8


def test_real_clips_that_are_not_covered_are_noticed(own: Path, engine: FaceEngine) -> None:
    """Planted: all that was found before is found again."""
    real = look_through([own], [engine], not_at_all, no_progress)
    assert real.visible.errors == real.visible.trials >= 3
    assert real.covered == 0


def scene_with(*boxes: Box) -> np.ndarray:
    """Noise, with covers on some of it."""
    pixels = np.random.default_rng(1).integers(90, 255, (400, 600, 3)).astype(np.uint8)
    for box in boxes:
        left, top, right, bottom = box.within(600, 400) or (0, 0, 0, 0)
        pixels[top:bottom, left:right] = FILL
    return pixels


@pytest.mark.parametrize(
    ("cover", "hidden"),
    [
        (Box(260, 160, 120, 120), True),
        (Box(260, 160, 60, 120), False),
        (Box(260, 210, 120, 120), False),
        (Box(400, 160, 120, 120), False),
    ],
    ids=["both eyes", "one eye", "the mouth only", "beside the face"],
)
def test_eyes_are_hidden_by_a_cover_on_both(cover: Box, hidden: bool) -> None:
    """Half a face is not hidden."""
    assert eyes_hidden(scene_with(cover), EYES) is hidden


def test_a_cover_that_is_not_quite_its_colour_hides_and_another_grey_does_not() -> None:
    """A few levels are what an encoder changes."""
    pixels = scene_with(Box(260, 160, 120, 120))
    assert eyes_hidden((pixels + 8).astype(np.uint8), EYES)
    assert not eyes_hidden((pixels + 30).astype(np.uint8), EYES)


def test_what_lies_outside_the_picture_is_hidden() -> None:
    """Nobody sees it."""
    assert region_hidden(scene_with(), Box(700, 10, 20, 20))


def test_the_share_of_covers_is_that_of_their_pixels() -> None:
    """A quarter of the picture."""
    assert fill_share(scene_with(Box(0, 0, 300, 200))) == pytest.approx(0.25)
    assert fill_share(scene_with()) < 1 - HIDES


def test_without_the_independent_detector_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an extra."""
    monkeypatch.setitem(sys.modules, "dlib", None)
    with pytest.raises(MissingInput, match="dlib-bin") as missing:
        known_face_finder()
    assert "beholden[demo]" in missing.value.advice


def test_the_ways_of_covering_are_the_products_own() -> None:
    """The tool, and what is recorded while watching."""
    assert set(COVERS) == {TOOL, WATCH}
