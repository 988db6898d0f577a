"""From pictures to templates: the product's own way, each picture once, and nothing left when it ends."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from beholden.evaluate import templates as module
from beholden.evaluate.templates import REFUSAL_WORDS, Looked, Refusal, Templates, look_at
from beholden.faces.engine import FaceEngine, load_engine
from beholden.faces.enrolment import make_reference
from beholden.model.errors import DecodeFailure, EnrolmentRefused, NotMedia
from beholden.model.face import FLAW_WORDS, Flaw
from beholden.model.frame import Pixels
from beholden.video.limits import Limits
from beholden.video.still import read_still
from tests.evaluate.conftest import no_progress

Change = Callable[[Pixels], Pixels]


def resized(pixels: Pixels, factor: float) -> Pixels:
    return np.asarray(cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8)


CHANGES: dict[str, Change] = {
    "as it is": lambda pixels: pixels,
    "small": lambda pixels: resized(pixels, 0.4),
    "blurred": lambda pixels: cv2.GaussianBlur(pixels, (0, 0), 9),  # type: ignore[return-value]
    "dark": lambda pixels: (pixels * 0.12).astype(np.uint8),
    "twice": lambda pixels: np.hstack([pixels, pixels]),
    "nobody": lambda pixels: np.full_like(pixels, 90),
    "half": lambda pixels: pixels[:, : pixels.shape[1] // 2],
}


@pytest.fixture(scope="module")
def changed(portrait: Pixels, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One photo, spoilt in every way."""
    folder = tmp_path_factory.mktemp("changed")
    paths = {name: folder / f"{name}.png" for name in CHANGES}
    for name, path in paths.items():
        cv2.imwrite(str(path), np.ascontiguousarray(CHANGES[name](portrait)))
    return paths


@pytest.fixture(scope="module")
def looked(changed: dict[str, Path], engine: FaceEngine) -> dict[str, tuple[Refusal | None, np.ndarray]]:
    """What enrolment says of each, and a copy of its template: of nobody real."""
    with look_at(list(changed.values()), [engine], Limits(), no_progress) as found:
        return {
            name: (found.at_enrolment[index], found.templates.vectors[index].copy())
            for index, name in enumerate(changed)
        }


@pytest.mark.parametrize("name", CHANGES)
def test_a_photo_is_refused_exactly_where_enrolment_refuses_it(
    name: str, changed: dict[str, Path], looked: dict[str, tuple[Refusal | None, np.ndarray]], engine: FaceEngine
) -> None:
    """The protocols measure the product: same refusal, same reason, same template."""
    reason, vector = looked[name]
    photo = read_still(changed[name])
    if reason is None:
        reference, _ = make_reference([photo], engine.detector, engine.embedder)
        with reference:
            assert np.allclose(vector, reference.vector, atol=1e-6)
        return
    with pytest.raises(EnrolmentRefused) as refused:
        make_reference([photo], engine.detector, engine.embedder)
    said = {Refusal.NO_FACE: "no face was found", Refusal.SEVERAL_FACES: "shows 2 faces"}
    assert (said.get(reason) or FLAW_WORDS[Flaw(reason.value)]) in refused.value.message


def test_the_changes_are_refused_for_different_reasons(looked: dict[str, tuple[Refusal | None, np.ndarray]]) -> None:
    """The test above is not about one reason only."""
    assert len({reason for reason, _ in looked.values()}) >= 5
    assert looked["as it is"][0] is None


def test_every_reason_has_words() -> None:
    """And every flaw that a gate can find is a reason."""
    assert set(REFUSAL_WORDS) == set(Refusal)
    assert {flaw.value for flaw in Flaw} <= {reason.value for reason in Refusal}


def test_a_face_that_gates_refuse_has_a_template_all_the_same(
    looked: dict[str, tuple[Refusal | None, np.ndarray]],
) -> None:
    """What the gates are for is measured by leaving them out; without a face there is nothing."""
    assert looked["small"][0] is Refusal.SMALL
    assert np.linalg.norm(looked["small"][1]) == pytest.approx(1, abs=1e-5)
    assert not looked["nobody"][1].any()


def test_a_camera_accepts_what_enrolment_refuses(changed: dict[str, Path], engine: FaceEngine) -> None:
    """A face of 50 to 80 pixels: too small to enrol with, large enough for a shot."""
    with look_at([changed["small"]], [engine], Limits(), no_progress) as found:
        assert found.at_enrolment == (Refusal.SMALL,)
        assert found.at_camera == (None,)
        assert found.acquired.tolist() == [True]
        assert found.enrollable.tolist() == [False]


def test_what_cannot_be_read_is_a_problem_and_the_rest_is_seen(
    changed: dict[str, Path], engine: FaceEngine, tmp_path: Path
) -> None:
    """A letter, half a file, and a good picture between them."""
    letter, cut = tmp_path / "letter.jpg", tmp_path / "cut.png"
    letter.write_bytes(b"This is a letter.\n" * 20)
    cut.write_bytes(changed["as it is"].read_bytes()[:5000])
    with look_at([letter, changed["as it is"], cut], [engine], Limits(), no_progress) as found:
        assert [(index, type(error)) for index, error in found.problems] == [(0, NotMedia), (2, DecodeFailure)]
        assert found.readable.tolist() == [False, True, False]
        assert found.found.tolist() == [False, True, False]
        assert found.as_values()["unreadable"] == 2


def test_threads_change_nothing(changed: dict[str, Path], engine: FaceEngine) -> None:
    """Two engines see what one sees, each picture in its own row."""
    paths = list(changed.values())
    with (
        look_at(paths, [engine], Limits(), no_progress) as one,
        look_at(paths, [engine, load_engine()], Limits(), no_progress) as two,
    ):
        assert one.at_camera == two.at_camera
        assert np.array_equal(one.templates.vectors, two.templates.vectors)


def test_progress_counts_every_picture(changed: dict[str, Path], engine: FaceEngine) -> None:
    """From the first to the last."""
    steps: list[tuple[int, int]] = []
    with look_at(list(changed.values())[:3], [engine], Limits(), lambda what, done, total: steps.append((done, total))):
        assert steps == [(1, 3), (2, 3), (3, 3)]


@pytest.fixture
def buffers(monkeypatch: pytest.MonkeyPatch) -> list[np.ndarray]:
    """The memory of every `Templates` that is made."""
    kept: list[np.ndarray] = []

    class Watched(Templates):
        def __init__(self, count: int, dimensions: int) -> None:
            super().__init__(count, dimensions)
            kept.append(self.vectors)

    monkeypatch.setattr(module, "Templates", Watched)
    return kept


def test_templates_are_overwritten_when_the_block_ends(
    changed: dict[str, Path], engine: FaceEngine, buffers: list[np.ndarray]
) -> None:
    """They were there, and are not any more."""
    with look_at([changed["as it is"]], [engine], Limits(), no_progress) as found:
        assert buffers[0].any()
    assert not buffers[0].any()
    with pytest.raises(ValueError, match="wiped"):
        _ = found.templates.vectors


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_templates_are_overwritten_when_it_is_stopped(
    error: type[BaseException], changed: dict[str, Path], engine: FaceEngine, buffers: list[np.ndarray]
) -> None:
    """Ctrl-C after the first picture: no thread goes on, and nothing it wrote is left."""

    def stop(what: str, done: int, total: int) -> None:
        assert buffers[0].any()
        raise error

    with pytest.raises(error), look_at([changed["as it is"]] * 20, [engine], Limits(), stop):
        pytest.fail("it goes on")
    assert not buffers[0].any()


def test_templates_are_never_copied_stored_or_shown() -> None:
    """Not pickled, not copied, not printed."""
    held = Templates(2, 4)
    held.vectors[:] = 0.125
    for copier in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="never stored"):
            copier(held)
    assert repr(held) == "<Templates of 2 pictures, never shown>"


def test_what_was_seen_is_shown_without_templates(changed: dict[str, Path], engine: FaceEngine) -> None:
    """A printed result holds no number of a template and no path."""
    with look_at([changed["as it is"]], [engine], Limits(), no_progress) as found:
        assert isinstance(found, Looked)
        assert "0." not in repr(found.templates)
        assert "changed" not in repr(found)
