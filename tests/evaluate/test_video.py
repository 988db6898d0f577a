"""Synthetic people past drawn cameras, through the whole pipeline; what is measured moves when something is broken."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from beholden.cli.evaluated_video import tell_video
from beholden.evaluate.cast import Cast, OpenGate, Person, assemble, some_of, subject
from beholden.evaluate.composing import Clip, compose
from beholden.evaluate.passages import Passage, watched
from beholden.evaluate.scenes import draw_scene
from beholden.evaluate.video import VideoPlan, VideoResult, decided, measure, spread
from beholden.faces.decide import DecisionRule
from beholden.faces.engine import FaceEngine
from beholden.model.errors import EmptyInput, NotMedia
from beholden.model.frame import Pixels
from tests import synthetic
from tests.evaluate.conftest import no_progress
from tests.evaluate.walkers import walkers

pytestmark = pytest.mark.skipif(bool(synthetic.EXTRA), reason=synthetic.REASON)
PLAN = VideoPlan(widths=(32, 96), rounds=2, seed=5)


@pytest.fixture(scope="module")
def result(engine: FaceEngine) -> VideoResult:
    """Four people, each enrolled in one of two rounds, at a width that is recognised and at one that is not."""
    return measure(walkers(4), [engine], PLAN, no_progress)


def test_enrolled_people_are_named_and_strangers_are_not(result: VideoResult) -> None:
    """At 96 pixels nearly everybody enrolled, and nobody else."""
    narrow, wide = result.widths
    assert (narrow.face_px, wide.face_px) == (32, 96)
    assert (wide.mated.people, wide.mated.fnir.trials, wide.strangers.passages) == (4, 4, 4)
    assert wide.mated.fnir.errors <= 1
    assert wide.mated.as_another.errors == wide.strangers.fpir.errors == 0
    assert result.gallery == (2, 2)


def test_narrow_faces_are_not_recognised_and_are_with_the_limit_taken_away(result: VideoResult) -> None:
    """32 pixels: the default has no usable shot of anybody; for the record, the recogniser would know some."""
    narrow, (opened,) = result.widths[0], result.opened
    assert narrow.mated.fnir.errors == narrow.mated.no_usable_shot == 4
    assert opened.face_px == 32
    assert opened.mated.fnir.errors < 4


def test_totals_are_of_the_widths_that_are_recognised(result: VideoResult) -> None:
    """And false alerts of a day follow from the strangers' rate."""
    assert result.mated == result.widths[1].mated
    assert result.strangers == result.widths[1].strangers
    assert result.a_day is not None
    assert result.strangers.fpir.bounds is not None
    assert result.a_day.high == pytest.approx(1000 * result.strangers.fpir.bounds.high)
    assert result.alerts.per_face.trials == 8


def test_the_result_is_numbers_only(result: VideoResult) -> None:
    """Nothing in it is called like a person, and it is JSON."""
    text = json.dumps(result.as_values(), allow_nan=False)
    assert "person-" not in text
    assert not [person for person in synthetic.PEOPLE if person in text]


def test_what_is_said_has_bounds_and_no_name(result: VideoResult, capsys: pytest.CaptureFixture[str]) -> None:
    """Each width on a line, rates in numbers and words, and what was not tested."""
    tell_video(result)
    said = capsys.readouterr().out
    assert "96 px  FNIR" in said
    assert "of 100 tracks of strangers" in said
    assert "Heads that turn" in said
    assert "person-" not in said


def test_the_same_seed_measures_the_same_on_any_number_of_engines(engine: FaceEngine) -> None:
    """What each clip shows does not hang on which thread made it."""
    plan = replace(PLAN, widths=(96,), rounds=1)
    once, again = (measure(walkers(3), [engine], plan, no_progress).as_values() for _ in range(2))
    assert once == again
    jobs, told = list(range(20)), list[int]()
    assert spread(jobs, [engine, engine], lambda job, _: job * job, told.append) == [job * job for job in jobs]
    assert told == list(range(1, 21))


def test_no_clip_is_begun_after_an_error(engine: FaceEngine) -> None:
    """What is being made is finished; the rest is not begun."""
    begun: list[int] = []

    def told(done: int) -> None:
        raise KeyboardInterrupt

    def work(job: int, _: FaceEngine) -> None:
        begun.append(job)
        time.sleep(0.02)

    with pytest.raises(KeyboardInterrupt):
        spread(list(range(500)), [engine, engine], work, told)
    ended = len(begun)
    time.sleep(0.1)
    assert len(begun) == ended < 500


@pytest.fixture(scope="module")
def cast(engine: FaceEngine):
    """Four people, all enrolled."""
    with assemble(walkers(4), engine, no_progress) as made:
        yield made


@pytest.fixture(scope="module")
def clip(cast: Cast):
    """Everybody walks once, past one camera."""
    scene = draw_scene([(person, 0) for person in range(4)], 96, 11, seconds=2.0)
    with compose(scene, [cast.heads[walk.person][walk.look] for walk in scene.walks]) as made:
        yield made


def passages(clip: Clip, engine: FaceEngine, gate: OpenGate, names: Callable[[int], int | None]) -> tuple[Passage, ...]:
    """What became of the four, who are said to be whom `names` says."""
    scene = clip.scene
    people = [(walk.person, None if (name := names(walk.person)) is None else subject(name)) for walk in scene.walks]
    return watched(decided(clip, engine, gate), clip.truth, scene.fps, scene.size, people).passages


def test_people_under_each_others_names_are_taken_for_another(cast: Cast, clip: Clip, engine: FaceEngine) -> None:
    """Planted: with the names of two people exchanged, both are named as somebody else."""
    swapped = {0: 1, 1: 0, 2: 2, 3: 3}
    found = passages(clip, engine, cast.gate([0, 1, 2, 3]), swapped.get)
    assert [passage.as_another for passage in found] == [True, True, False, False]


def test_without_a_threshold_strangers_are_named(cast: Cast, clip: Clip, engine: FaceEngine) -> None:
    """Planted: whoever is most alike is the answer, and the false names are found."""
    rows = {shots: tuple((rate, -1.0, False) for rate, _, _ in row) for shots, row in engine.calibration.rows.items()}
    careless = replace(
        engine,
        calibration=replace(engine.calibration, rows=rows),
        rule=DecisionRule(margin=0.0, lead=0.0),
    )
    careful, found = (
        passages(clip, each, cast.gate([0, 1]), lambda person: person if person < 2 else None)[2:]
        for each in (engine, careless)
    )
    assert not any(passage.tracks_named for passage in careful)
    assert any(passage.tracks_named for passage in found)


def test_nobody_meets_their_own_picture() -> None:
    """The photos that enrol do not walk; with one photo, nobody is enrolled."""
    for count in range(1, 12):
        pictures = tuple((lambda number=number: np.full((1, 1, 3), number, np.uint8)) for number in range(count))
        person = Person(pictures)
        assert not set(person.enrolling()) & set(person.walking())
        assert bool(person.enrolling()) is (count > 1)
        assert person.walking()


def test_half_of_the_people_are_enrolled_in_turn(cast: Cast) -> None:
    """In two rounds everybody was enrolled once, and a stranger once."""
    assert sorted(cast.round(0) + cast.round(1)) == list(cast.enrollable) == [0, 1, 2, 3]
    assert len(cast.gate(cast.round(0))) == 2


def test_nobody_is_drawn_wider_than_their_photo_shows_them(cast: Cast) -> None:
    """A photo with a face of 100 pixels does not walk at 144."""
    wide = {person for person, _ in cast.walkers(130)}
    assert wide
    assert wide < {person for person, _ in cast.walkers(64)}


def test_who_is_refused_at_enrolment_walks_as_a_stranger(engine: FaceEngine) -> None:
    """A photo that is too small for a reference is told by its reason, without a name or a number of a photo."""
    (large,) = walkers(1)
    small = Person(tuple(lambda picture=picture: picture()[::3, ::3] for picture in large.pictures))
    with assemble([small], engine, no_progress) as made:
        assert made.enrollable == ()
        assert list(made.refused.values()) == [1]
        assert next(iter(made.refused)).startswith("a photo will not do: ")
        assert made.heads[0]


def test_what_cannot_be_read_is_counted(engine: FaceEngine) -> None:
    """A broken photo is no reason to end."""

    def broken() -> Pixels:
        raise NotMedia("no picture")

    (person,) = walkers(1)
    with assemble([person, Person((broken, broken))], engine, no_progress) as made:
        assert made.faceless == 1
        assert made.refused == {"a photo cannot be read": 1}
    with pytest.raises(EmptyInput):
        assemble([Person((broken,))], engine, no_progress)


def test_of_many_people_some_are_drawn() -> None:
    """By the seed, in their order."""
    many = [Person(()) for _ in range(50)]
    some = some_of(many, 10, 3)
    assert len(some) == 10
    assert [id(one) for one in some] == [id(one) for one in some_of(many, 10, 3)]
    assert some_of(many, 50, 3) is many


def clips_in_memory() -> int:
    """Descriptors of this process that lead to one."""
    links: list[str] = []
    for number in os.listdir("/proc/self/fd"):
        with contextlib.suppress(FileNotFoundError):  # the listing's own
            links.append(os.readlink(f"/proc/self/fd/{number}"))
    return sum("beholden-clip" in link for link in links)


def test_nothing_is_left_however_it_ends(engine: FaceEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C at the first clip: references are overwritten, no clip stays in memory."""
    kept: list[Cast] = []

    def assembled(*arguments: object) -> Cast:
        kept.append(assemble(*arguments))  # type: ignore[arg-type]
        return kept[0]

    def interrupt(what: str, done: int, total: int) -> None:
        if what == "clips":
            raise KeyboardInterrupt

    monkeypatch.setattr("beholden.evaluate.video.assemble", assembled)
    before = clips_in_memory()
    with pytest.raises(KeyboardInterrupt):
        measure(walkers(2), [engine], replace(PLAN, widths=(96,)), interrupt)
    (cast,) = kept
    assert not cast._references.rows.any()
    assert not any(head.levels[0].any() for heads in cast.heads for head in heads)
    assert clips_in_memory() == before
