"""The shipped models, loaded once for this folder's tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from beholden.faces.calibration import Calibration, load_calibration
from beholden.faces.catalogue import SFACE, YUNET
from beholden.faces.detect import Detector
from beholden.faces.embed import Embedder
from beholden.faces.weights import load_folded


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("weights")


@pytest.fixture(scope="session")
def detector(cache: Path) -> Detector:
    return Detector(YUNET, load_folded(YUNET, cache))


@pytest.fixture(scope="session")
def embedder(cache: Path) -> Embedder:
    return Embedder(SFACE, load_folded(SFACE, cache))


@pytest.fixture(scope="session")
def calibration() -> Calibration:
    return load_calibration(SFACE)
