"""Synthetic people as files, for tests of the command line and the API: photos, and a clip of two who walk by."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from beholden.demo.backdrop import Setting
from beholden.demo.clip import write_clip
from beholden.demo.people import PersonId, write_photos
from beholden.demo.scene import Actor, Scene, Step, dress

EXTRA = [name for name in ("openpeople",) if find_spec(name) is None]
REASON = f"the demo's extra is not installed: {', '.join(EXTRA)}"

ADA, STRANGER = PersonId("P003"), PersonId("P009")
PEOPLE = (ADA, STRANGER, PersonId("P001"), PersonId("P002"))


def write_people(folder: Path) -> Path:
    """A folder per person, with the photos they enrol with."""
    for person in PEOPLE:
        write_photos(person, folder / person)
    return folder


def write_passage(path: Path) -> Path:
    """1.4 s of Ada and a stranger coming closer, 1280x720."""
    ada = Actor(ADA, (Step(0, 300, 290, 100), Step(1.4, 420, 290, 108)), ("calm", "smug"), (150, 92, 58))
    man = Actor(STRANGER, (Step(0, 900, 290, 92), Step(1.4, 870, 285, 98)), ("calm", "determined"), (66, 122, 170))
    scene = Scene(Setting.LOBBY, 10, (ada, man), seconds=1.4, fps=12.5)
    write_clip(scene, path, dress([scene]))
    return path
