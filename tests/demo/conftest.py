"""Short scenes of the town, filmed once for all tests of the demo."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from beholden.demo.clip import Clip, write_clip
from beholden.demo.scene import Scene, Wardrobe, dress
from beholden.demo.town import Town, town

EXTRA = [name for name in ("openpeople", "dlib", "aio_rtsp_toolkit") if find_spec(name) is None]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without the demo's extra its tests are skipped with the reason; CI installs it."""
    if EXTRA:
        here = Path(__file__).parent
        for item in items:
            if here in item.path.parents:
                item.add_marker(pytest.mark.skip(reason=f"the demo's extra is not installed: {', '.join(EXTRA)}"))


@pytest.fixture(scope="session")
def the_town() -> Town:
    return town()


@pytest.fixture(scope="session")
def arrival(the_town: Town) -> Scene:
    """Ada and a stranger come closer: faces from 60 to 118 px."""
    return the_town.clips[0].scene


@pytest.fixture(scope="session")
def wardrobe(arrival: Scene) -> Wardrobe:
    return dress([arrival])


@pytest.fixture(scope="session")
def arrival_clip(arrival: Scene, wardrobe: Wardrobe, tmp_path_factory: pytest.TempPathFactory) -> Clip:
    return write_clip(arrival, tmp_path_factory.mktemp("town") / "arrival.mp4", wardrobe)
