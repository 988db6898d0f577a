"""Whoever withdraws is forgotten by a program that runs: no byte of the template is left in its memory or in a file.

Two people are enrolled through the running program and recognised by it; one withdraws. The search is the strangers'
(`tests/strangers/search.py`): from outside, of all memory that its processes have written to, and of all files.
"""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from benchmarks.processes import tree

from beholden.acts.grants.enrol import make_enrolment_reference
from beholden.model.template import Vector
from beholden.settings import Settings
from beholden.video.still import read_still
from beholden.wiring.engine import input_limits, load_faces, template_maker
from tests import synthetic
from tests.cli.conftest import child
from tests.cli.test_live_watch import Watching, live, named
from tests.rtsp.server import TownRtsp
from tests.strangers.needles import LEAST_VECTOR, Needle
from tests.strangers.search import Search, texts

PEOPLE = {"Ada": synthetic.ADA, "Bea": synthetic.PEOPLE[2]}
FORGOTTEN_S = 1.0
COMPACTED_S = 60.0


def photos_of(folder: Path, name: str) -> list[Path]:
    return sorted((folder / PEOPLE[name]).iterdir())


@pytest.fixture(scope="module")
def vectors(people_photos: Path) -> dict[str, Vector]:
    """The templates as the command makes them: the same photos give the same bytes."""
    settings = Settings()
    make = template_maker(load_faces(settings))
    found: dict[str, Vector] = {}
    for name in PEOPLE:
        pictures = [read_still(photo, input_limits(settings)) for photo in photos_of(people_photos, name)]
        with make_enrolment_reference(pictures, make) as reference:
            found[name] = reference.vector.copy()
    return found


def sealed_templates(data: Path) -> dict[str, bytes]:
    """The sealed template of each subject, as it lies in the database."""
    with closing(sqlite3.connect(f"file:{data / 'beholden.db'}?mode=ro", uri=True)) as database:
        return dict(database.execute("SELECT subject, sealed FROM templates").fetchall())


class Looked:
    """A program that runs, and what a search for templates finds of them, by whose they are."""

    def __init__(self, folder: Path, vectors: dict[str, Vector]) -> None:
        self.folder = folder
        self._needles = [
            Needle(name, line.tobytes(), LEAST_VECTOR, line.itemsize)
            for name, vector in vectors.items()
            for line in (vector, vector.astype(np.float16), vector.astype(np.float64))
        ]

    def also(self, kind: str, line: bytes) -> None:
        """Look for these bytes, too."""
        self._needles.append(Needle(kind, line, LEAST_VECTOR, 1))

    def in_memory(self, watch: Watching) -> Counter[str]:
        """Of all its processes together."""
        search, found = Search(self._needles), Counter[str]()
        for process in tree(watch.process.pid):
            found += search.in_process(process.pid)
        return found

    def in_files(self) -> Counter[str]:
        return Search(self._needles).in_folder(self.folder)

    def in_bytes(self, data: bytes) -> Counter[str]:
        return Search(self._needles).in_bytes(data)


@pytest.fixture
def town(clip: Path) -> Iterator[TownRtsp]:
    with TownRtsp(clip.parent) as server:
        yield server


@pytest.fixture
def watching(rehearsal: Path, town: TownRtsp, clip: Path, tmp_path: Path) -> Iterator[Watching]:
    """One recorded camera that shows Ada and a stranger over and over; its temporary files and log are ours to read."""
    for name in ("temporary", "logs"):
        (tmp_path / name).mkdir()
    door = ("camera", "add", "door", town.url(clip.name), "--place", "lobby", "--record")
    assert child(*door, "--data", rehearsal).code == 0
    with (tmp_path / "logs" / "said.txt").open("wb") as log:
        watch = Watching(rehearsal, {"TMPDIR": str(tmp_path / "temporary")}, log)
        try:
            yield watch
        finally:
            if watch.process.poll() is None:
                watch.stop()


def test_a_withdrawn_template_is_nowhere(
    watching: Watching, rehearsal: Path, people_photos: Path, vectors: dict[str, Vector], tmp_path: Path
) -> None:
    """Both are found while they are enrolled; then one is not, neither open nor as it was sealed, and the other is."""
    watching.wait(live)
    for name in PEOPLE:
        words = ("enrol", name, *photos_of(people_photos, name), "-p", "entrance", "--place", "lobby")
        said = child(*words, "--data", rehearsal)
        assert said.code == 0, said
    watching.wait(named)
    looked = Looked(tmp_path, vectors)
    sealed = sealed_templates(rehearsal)
    assert len(sealed) == 2
    for subject, data in sealed.items():
        looked.also(subject, data)
    assert set(looked.in_memory(watching)) >= set(PEOPLE)
    assert set(looked.in_files()) == set(sealed)

    [ada] = [row["subject"] for row in child("people", "--json", "--data", rehearsal).rows if row["name"] == "Ada"]
    assert child("withdraw", "Ada", "--yes", "--data", rehearsal).code == 0
    withdrawn = time.monotonic()
    time.sleep(FORGOTTEN_S)
    found = looked.in_memory(watching)
    assert found["Bea"]
    assert not found["Ada"]
    while looked.in_files()[ada]:
        assert time.monotonic() - withdrawn < COMPACTED_S
        time.sleep(1)
    watching.wait(live, time.monotonic())
    assert watching.stop() == 130
    assert set(looked.in_files()) == set(sealed) - {ada}
    assert [path for path in (rehearsal / "recordings").rglob("*") if path.is_file()]
    files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert not [text for text in texts(vectors.values()) for content in files if text in content]


@pytest.mark.parametrize("where", ["data", "temporary", "logs", "data/recordings"])
def test_a_planted_template_is_found(where: str, vectors: dict[str, Vector], tmp_path: Path) -> None:
    """In each kind of folder, in the middle of a file, whole or a piece."""
    (tmp_path / where).mkdir(parents=True)
    looked = Looked(tmp_path, vectors)
    assert not looked.in_files()
    (tmp_path / where / "planted").write_bytes(b"odd" + vectors["Ada"][40:60].tobytes() + b"end")
    assert looked.in_files() == Counter({"Ada": 1})


def test_a_row_that_was_deleted_carelessly_is_found(vectors: dict[str, Vector], tmp_path: Path) -> None:
    """What the database does unless it is told to overwrite: the bytes stay in its file."""
    looked = Looked(tmp_path, vectors)
    with closing(sqlite3.connect(tmp_path / "careless.db", isolation_level=None)) as database:
        database.execute("PRAGMA secure_delete=OFF")
        database.execute("CREATE TABLE kept (it BLOB)")
        database.execute("INSERT INTO kept VALUES (?)", (vectors["Ada"].tobytes(),))
        database.execute("DELETE FROM kept")
    assert looked.in_files()["Ada"]
