"""Shots of a track: the best, few, spread in time, and wiped."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

from beholden.faces.embed import Embedder
from beholden.faces.pool import pool
from beholden.faces.shots import MAX_SHOTS, Shots
from beholden.model.frame import Pixels
from beholden.model.ids import ModelDigest
from beholden.model.template import ProbeTemplate

MODEL = ModelDigest("m" * 64)


def picture(value: int = 90) -> Pixels:
    return np.full((112, 112, 3), value, np.uint8)


def embed(aligned: Pixels) -> ProbeTemplate:
    vector = np.zeros(4, np.float32)
    vector[int(aligned[0, 0, 0]) % 4] = 1.0
    return ProbeTemplate(vector, MODEL, 1)


def filled(count: int, quality: float = 0.5) -> Shots:
    shots = Shots()
    for index in range(count):
        shots.offer(picture(), quality + index * 0.01, index * 0.3)
        shots.embed(embed, fresh=False)
    return shots


def test_never_more_than_five_shots_are_kept() -> None:
    """The worst one makes room."""
    shots = filled(MAX_SHOTS)
    shots.offer(picture(), 0.9, 9.0)
    shots.embed(embed, fresh=False)
    assert sorted(shot.quality for shot in shots.embedded) == pytest.approx([0.51, 0.52, 0.53, 0.54, 0.9])


def test_a_fresh_look_replaces_the_oldest() -> None:
    """Checking a name again is about now, not about beauty."""
    shots = filled(MAX_SHOTS)
    shots.offer(picture(), 0.1, 9.0)
    shots.embed(embed, fresh=True)
    assert min(shot.at_s for shot in shots.embedded) == pytest.approx(0.3)


def test_the_best_of_a_window_is_embedded() -> None:
    """A better candidate takes the place of the one that waits; the window still ends in time."""
    shots = Shots()
    shots.offer(picture(1), 0.4, 0.0)
    assert shots.wants(0.6, 0.1, fresh=False)
    assert not shots.wants(0.3, 0.1, fresh=False)
    shots.offer(picture(2), 0.6, 0.1)
    assert not shots.ready(0.1, fresh=True)
    assert shots.ready(0.2, fresh=True)
    shot = shots.embed(embed, fresh=False)
    assert shot is not None
    assert (shot.quality, shot.at_s) == (0.6, 0.1)


def test_shots_too_close_in_time_are_not_wanted() -> None:
    """150 ms apart, or it is the same picture."""
    shots = filled(1)
    assert not shots.wants(0.99, 0.1, fresh=True)
    assert shots.wants(0.1, 0.2, fresh=True)


def test_a_face_without_a_name_waits_for_no_better_shot() -> None:
    """Whoever stands at a door is known from the first two pictures that can be used."""
    shots = Shots()
    shots.offer(picture(), 0.4, 0.0)
    assert shots.ready(0.0, fresh=False)
    assert not shots.ready(0.0, fresh=True)


def test_shots_are_taken_ever_further_apart() -> None:
    """Five cover seconds and not five frames in a row: the third waits longer than the second."""
    second, third = filled(1), filled(2)
    assert second.wants(0.5, 0.2, fresh=False)
    assert not third.wants(0.5, 0.3 + 0.2, fresh=False)
    assert third.wants(0.5, 0.3 + 0.31, fresh=False)


def test_a_much_better_shot_does_not_wait() -> None:
    """A face that turns to the camera is not let go because the last look was a moment ago."""
    shots = filled(3, quality=0.3)
    assert not shots.wants(0.35, 0.6 + 0.2, fresh=False)
    assert shots.wants(0.6, 0.6 + 0.2, fresh=False)


def test_a_replaced_candidate_is_wiped() -> None:
    """The picture that lost is overwritten at once."""
    shots, first = Shots(), picture()
    shots.offer(first, 0.4, 0.0)
    shots.offer(picture(), 0.5, 0.1)
    assert not first.any()


def test_embedding_wipes_the_picture_also_when_it_fails() -> None:
    """An error on the way leaves no face behind."""
    shots, aligned = Shots(), picture()

    def fails(_: Pixels) -> ProbeTemplate:
        raise RuntimeError

    shots.offer(aligned, 0.5, 0.0)
    with pytest.raises(RuntimeError):
        shots.embed(fails, fresh=False)
    assert not aligned.any()


def test_wiping_overwrites_every_vector() -> None:
    """When a track ends, its templates are zeros in the memory they were in."""
    shots = filled(3)
    vectors = [shot.probe.vector for shot in shots.embedded]
    shots.wipe()
    assert all(not vector.any() for vector in vectors)
    assert shots.embedded == ()


def test_a_dropped_shot_is_wiped() -> None:
    """The one that made room is gone as well."""
    shots = filled(MAX_SHOTS)
    oldest = min(shots.embedded, key=lambda shot: shot.quality).probe.vector
    shots.offer(picture(), 0.9, 9.0)
    shots.embed(embed, fresh=False)
    assert not oldest.any()


def test_pooling_weighs_by_quality_and_owns_its_buffer() -> None:
    """The mean leans to the better shot, and wiping it leaves the shots alone."""
    good = ProbeTemplate(np.array([1, 0], np.float32), MODEL, 1)
    poor = ProbeTemplate(np.array([0, 1], np.float32), MODEL, 1)
    pooled = pool([(good, 0.9), (poor, 0.3)])
    assert pooled.vector == pytest.approx(np.array([0.9, 0.3]) / np.hypot(0.9, 0.3), abs=1e-6)
    assert pooled.shots == 2
    pooled.wipe()
    assert good.vector[0] == 1.0


@pytest.mark.parametrize(
    "use",
    [pickle.dumps, copy.copy, copy.deepcopy, bytes, list, np.asarray],
    ids=["pickle", "copy", "deepcopy", "bytes", "list", "array"],
)
def test_a_probe_cannot_be_stored_copied_or_unpacked(use) -> None:
    """I4: every ordinary way to keep a template raises."""
    with ProbeTemplate(np.ones(4, np.float32), MODEL, 1) as probe, pytest.raises(TypeError):
        use(probe)


def test_a_probe_is_never_shown() -> None:
    """Printing or logging one prints no number of it."""
    with ProbeTemplate(np.full(4, 0.123456, np.float32), MODEL, 1) as probe:
        assert "0.12" not in f"{probe!r} {probe}"


def test_a_wiped_probe_cannot_be_used() -> None:
    """After the track, the template is an error, not a row of zeros that matches nobody by luck."""
    with ProbeTemplate(np.ones(4, np.float32), MODEL, 1) as probe:
        pass
    with pytest.raises(ValueError, match="wiped"):
        _ = probe.vector


def test_the_recogniser_wipes_its_buffers(embedder: Embedder) -> None:
    """After each face, the shared input and output are zeros."""
    random = np.random.default_rng(3)
    with embedder.embed(random.integers(0, 255, (112, 112, 3)).astype(np.uint8)) as probe:
        assert np.isclose(float(probe.vector @ probe.vector), 1.0, atol=1e-5)
        assert not embedder._input.any()
        assert not embedder._output.any()
