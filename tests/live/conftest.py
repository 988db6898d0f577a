"""A town of cameras on loopback, and a proxy in front of it that makes them fail."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from beholden.model.frame import Pixels
from tests.live.clips import RED, plain, write_pictures
from tests.rtsp.clip import write_moving_clip
from tests.rtsp.faults import FaultProxy
from tests.rtsp.server import TownRtsp


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TownRtsp]:
    """`small.mp4` and `large.mp4` show the same scene, `other.mp4` another one at another size, `red.mp4` only red,
    `noisy.mp4` noise in many packets."""
    folder = tmp_path_factory.mktemp("town")
    write_moving_clip(folder / "small.mp4", (640, 360), seconds=8, fps=25)
    write_moving_clip(folder / "large.mp4", (1280, 720), seconds=8, fps=25)
    write_moving_clip(folder / "other.mp4", (480, 272), seconds=8, fps=25, seed=1)
    write_pictures(folder / "red.mp4", [plain(RED)] * 20)
    write_pictures(folder / "red265.mp4", [plain(RED)] * 20, codec="libx265")
    write_pictures(folder / "noisy.mp4", [_noise(seed) for seed in range(25)], fps=25)
    with TownRtsp(folder) as server:
        yield server


def _noise(seed: int) -> Pixels:
    """Blocks of random colour: many packets for each picture."""
    small = np.random.default_rng(seed).integers(0, 255, (120, 160, 3), dtype=np.uint8)
    return np.ascontiguousarray(small.repeat(4, 0).repeat(4, 1))


@pytest.fixture
def proxy(town: TownRtsp) -> Iterator[FaultProxy]:
    with FaultProxy(town.port) as between:
        yield between


@pytest.fixture(scope="session")
def red_clip(town: TownRtsp) -> Path:
    return town.folder / "red.mp4"
