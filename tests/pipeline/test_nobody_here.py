"""Where nobody may be named, no template is made of any face; as soon as somebody may be, it is, and no longer."""

from __future__ import annotations

import numpy as np
import pytest
from tests.pipeline.conftest import Stage, frames_of, walk

from beholden.faces.embed import Embedder
from beholden.model.frame import Frame
from beholden.model.match import Known, Reason
from beholden.model.template import ProbeTemplate

STROLL = ((0.0, 300, 280, 80), (4.0, 560, 290, 100))


@pytest.fixture(scope="module")
def stroll() -> list[Frame]:
    return [frame for frame, _ in frames_of(walk("P003", *STROLL))]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[ProbeTemplate]:
    """Every template that the recogniser makes."""
    templates: list[ProbeTemplate] = []
    embed = Embedder.embed

    def counted(embedder: Embedder, aligned: np.ndarray) -> ProbeTemplate:
        templates.append(embed(embedder, aligned))
        return templates[-1]

    monkeypatch.setattr(Embedder, "embed", counted)
    return templates


def test_where_naming_is_off_no_template_is_made(stage, stroll: list[Frame], made: list[ProbeTemplate]) -> None:
    """Also though people are enrolled; and that is the reason that is given."""
    here: Stage = stage("P003")
    here.gate.naming = False
    here.play(stroll)
    assert made == []
    assert {each.why.reason for each in here.settle.endings} == {Reason.NAMING_OFF}
    assert here.named == set()


def test_where_nobody_may_be_recognised_no_template_is_made(
    stage, stroll: list[Frame], made: list[ProbeTemplate]
) -> None:
    """At this place and hour."""
    here: Stage = stage()
    here.play(stroll)
    assert made == []
    assert {each.why.reason for each in here.settle.endings} == {Reason.EMPTY_GALLERY}


def test_somebody_in_view_is_recognised_once_naming_is_on(
    stage, stroll: list[Frame], made: list[ProbeTemplate]
) -> None:
    """A button was pressed while they stood there."""
    here: Stage = stage("P003")
    here.gate.naming = False
    for frame in stroll[:6]:
        here.run.step(frame)
    assert made == []
    here.gate.naming = True
    here.play(stroll[6:])
    assert here.named == {"P003"}


def test_when_naming_ends_the_name_ends_and_the_shots_are_overwritten(
    stage, stroll: list[Frame], made: list[ProbeTemplate]
) -> None:
    """The button's time is over while they still stand there."""
    here: Stage = stage("P003")
    told = [decision for frame in stroll[:14] for decision in here.run.step(frame)]
    assert isinstance(told[-1].match, Known)
    here.gate.naming = False
    here.gate.changes += 1
    [ended] = here.run.step(stroll[14])
    assert ended.match.why.reason is Reason.NAMING_OFF
    count = len(made)
    for each in made:
        with pytest.raises(ValueError, match="wiped"):
            _ = each.vector
    for frame in stroll[15:18]:
        assert here.run.step(frame) == []
    assert len(made) == count
