"""While rules that were loosened wait for approval nobody is named; everything else goes on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from beholden.acts.grants.people import people
from beholden.model.errors import ConsentError
from beholden.model.grant import Viewpoint
from beholden.model.ids import CameraId
from beholden.supervise.keeper.acting import acting
from tests.supervise.folders import AT_LOBBY, enrol, made, now, opener
from tests.supervise.test_keeper import MODEL, named


@pytest.fixture
def held():
    return [True]


@pytest.fixture
def acts(tmp_path, held):
    folder = made(tmp_path / "town")
    with acting(folder, lambda: replace(opener(folder)(), held=lambda: held[0])) as here:
        yield here


def test_nobody_is_seen_at_a_place_or_in_a_file_until_they_are_approved(acts, held):
    """Then whoever agreed is."""
    enrol(acts, "Ann", 1)
    held[0] = False
    assert len(acts.view(AT_LOBBY, now(), MODEL).view.subjects) == 1
    held[0] = True
    in_file = Viewpoint(CameraId("a.mp4"), None)
    for viewpoint in (AT_LOBBY, in_file):
        view = acts.view(viewpoint, now(), MODEL).view
        assert (view.naming, len(view.subjects)) == (False, 0)
    assert acts.view(in_file, now(), MODEL).camera == "a.mp4"
    assert acts.view(AT_LOBBY, now(), MODEL).camera is None
    assert [each.label for each in acts.do(people)] == ["Ann"]


def test_a_name_that_was_found_before_does_not_take_effect(acts, held):
    """Whoever settles is refused."""
    ann = enrol(acts, "Ann", 1)
    [refused] = acts.settle([named(ann)])
    assert isinstance(refused, ConsentError)
    held[0] = False
    [taken] = acts.settle([named(ann)])
    assert isinstance(taken, str)
