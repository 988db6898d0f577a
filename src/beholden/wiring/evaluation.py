"""What `beholden evaluate` works with: a rehearsal folder's settings, and a face engine for each core."""

from __future__ import annotations

import os
from pathlib import Path

from beholden.faces.engine import FaceEngine
from beholden.model.errors import PolicyRefused
from beholden.settings import Settings, read_settings
from beholden.wiring.engine import load_faces
from beholden.wiring.folder import look_into

FEW = 8
"""Pictures for which another engine is not worth its start of half a second."""
MOST_ENGINES = 8


def rehearsal_settings(data: Path) -> Settings:
    """The settings of a rehearsal folder; nothing in it is changed.

    Raises PolicyRefused for a live one: the templates of an evaluation are of people whom no grant allows there.
    Raises as `look_into` where there is no folder that can be used.
    """
    settings = read_settings(data)
    with look_into(data, settings) as folder:
        if not folder.rehearsal:
            raise PolicyRefused(
                "evaluation is for rehearsal folders only: a live one compares nobody who did not agree there",
                advice="Use a folder made with `beholden init --rehearsal`; it takes the same settings.",
            )
    return settings


def evaluation_engines(settings: Settings, data: Path, pictures: int) -> tuple[FaceEngine, ...]:
    """Engines as the settings ask for, one for each core that has enough to do. Raises as `load_faces`."""
    wanted = max(1, min(os.cpu_count() or 1, MOST_ENGINES, pictures // FEW))
    return tuple(load_faces(settings, data) for _ in range(wanted))
