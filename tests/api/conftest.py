"""The fixtures of the command line's town, for the API."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import synthetic
from tests.cli.conftest import ada, beholden, clip, data, enrolled, people_photos, portrait

__all__ = ["ada", "beholden", "clip", "data", "enrolled", "people_photos", "portrait"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without the demo's extra these tests are skipped with the reason; CI installs it."""
    if synthetic.EXTRA:
        here = Path(__file__).parent
        for item in items:
            if here in item.path.parents:
                item.add_marker(pytest.mark.skip(reason=synthetic.REASON))
