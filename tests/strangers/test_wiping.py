"""What the recogniser leaves when something goes wrong: nothing of the face."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from beholden.faces.catalogue import SFACE
from beholden.faces.embed import Embedder
from beholden.faces.weights import load_folded
from beholden.model.errors import ModelError


class Failing(Embedder):
    """The network stops, or gives nonsense, when it is given a face."""

    nonsense: float | None = None

    def _run(self) -> None:
        if not self._input.any():
            super()._run()
        elif self.nonsense is None:
            raise ModelError("the network stopped")
        else:
            self._output[:] = self.nonsense


@pytest.fixture(scope="module")
def failing(folded: Path) -> Failing:
    return Failing(SFACE, load_folded(SFACE, folded))


@pytest.mark.parametrize("nonsense", [None, np.nan, 0.0], ids=["stops", "not a number", "all zeros"])
def test_a_failed_run_leaves_no_face_behind(failing: Failing, nonsense: float | None) -> None:
    """Input and output are zeros after an error too."""
    failing.nonsense = nonsense
    with pytest.raises(ModelError):
        failing.embed(np.random.default_rng(1).integers(0, 256, (112, 112, 3), np.uint8))
    assert not failing._input.any()
    assert not failing._output.any()


def test_after_a_failed_run_there_is_something_to_flush(failing: Failing) -> None:
    """The network may have come half-way."""
    failing.nonsense = None
    with pytest.raises(ModelError):
        failing.embed(np.full((112, 112, 3), 90, np.uint8))
    assert failing._dirty
    failing.flush()
    assert not failing._dirty
