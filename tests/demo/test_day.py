"""The demo's day, shortened: everything happens as it must, and what it leaves has nothing in the open.

Afterwards its data folder is searched, byte by byte, for what must not be there: names and templates are nowhere, ids
in the database and the keystore, which need them, and not in the log.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from tests.strangers.needles import LEAST_VECTOR, Needle
from tests.strangers.search import Search, texts

from beholden.acts.grants.people import people
from beholden.acts.sightings.sighting import Settle, sightings
from beholden.consent.gate import Gate
from beholden.demo.page import write_page, write_sheet, write_summary
from beholden.demo.people import PersonId, photos
from beholden.demo.run import DemoResult, Parts, TownGate, run_demo
from beholden.demo.town import Town, town
from beholden.faces.engine import FaceEngine, load_engine
from beholden.settings import Settings
from beholden.wiring.engine import template_maker
from beholden.wiring.folder import create_data, open_data

CLIPS = ("01-lobby-arrival", "03-gate-alike", "06-lobby-crowd", "08-lobby-expired")
WITH_IDS = ("beholden.db", "keystore")


@dataclass(frozen=True)
class Day:
    """What came of it, the data folder afterwards, and what is looked for in that."""

    town: Town
    result: DemoResult
    out: Path
    data: Path
    names: tuple[str, ...]
    ids: tuple[str, ...]
    templates: tuple[np.ndarray, ...]

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Of the data folder, by their path in it."""
        for path in sorted(self.data.rglob("*")):
            if path.is_file():
                yield path.relative_to(self.data).as_posix(), path.read_bytes()

    def finds(self, content: bytes) -> set[str]:
        """What of names, ids and templates is in some bytes."""
        found = {"name" for name in self.names for form in forms(name) if form in content}
        found |= {"id" for each in self.ids for form in forms(each) if form in content}
        found |= {"template" for text in texts(self.templates) if text in content}
        return found | set(self._search().in_bytes(content))

    def _search(self) -> Search:
        lines = [vector.astype(kind) for vector in self.templates for kind in (np.float32, np.float16, np.float64)]
        return Search([Needle("template", line.tobytes(), LEAST_VECTOR, line.itemsize) for line in lines])


def forms(text: str) -> tuple[bytes, ...]:
    """As text is written: in one byte a letter, or in two, or as hexadecimal numbers."""
    plain = text.encode()
    return plain, text.encode("utf-16-le"), plain.hex().encode()


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Day:
    folder, engine, place = tmp_path_factory.mktemp("day"), load_engine(), short_town()
    create_data(folder / "data", Settings(), rehearsal=True)
    with open_data(folder / "data", Settings()) as opened:
        gate = TownGate(Gate(opened.database, opened.keystore))
        parts = Parts(opened.office, engine, gate, Settle(opened.office), template_maker(engine))
        result = run_demo(parts, place, folder / "out", lambda line: None)
        everybody = people(opened.office)
        ids = [person.id for person in everybody] + [grant.id for person in everybody for grant in person.grants]
        ids += [each.id for each in sightings(opened.office)]
    names = tuple(resident.label for resident in place.residents)
    templates = tuple(template(engine, each.person) for each in place.residents)
    return Day(place, result, folder / "out", folder / "data", names, tuple(ids), templates)


def short_town() -> Town:
    """Four clips of half their length; names so long that they are in no file by chance."""
    whole = town()
    residents = tuple(replace(each, label=f"{each.label} Underhill") for each in whole.residents)
    clips = [replace(c, scene=replace(c.scene, seconds=2.6, fps=12.5)) for c in whole.clips if c.name in CLIPS]
    return replace(whole, clips=tuple(clips), residents=residents)


def template(engine: FaceEngine, person: PersonId) -> np.ndarray:
    probe, _ = template_maker(engine)(tuple(photos(person).values()))
    with probe:
        return probe.vector.copy()


def test_the_day_goes_as_expected_and_leaves_something_to_look_at(day: Day) -> None:
    """Everybody who agreed is named, nobody else, no face shows; page, sheet and summary say the same."""
    assert day.result.ok, [clip.line(day.town) for clip in day.result.clips if not clip.as_expected]
    summary = json.loads(write_summary(day.result, day.town, day.out).read_text())
    assert summary["ok"] is True
    assert summary["expected"] == summary["happened"]
    assert (summary["enrolled_named_wrong"], summary["strangers_named"], summary["visible_faces"]) == (0, 0, 0)
    write_sheet(day.result, replace(day.town, clips=day.town.clips[:3]), day.out)
    page = write_page(day.result, day.town, day.out).read_text()
    assert "Everything happened as it had to." in page
    assert "http" not in page
    assert len(list((day.out / "covered").glob("*.mp4"))) == len(CLIPS) + 1


def test_names_and_templates_are_nowhere_and_ids_only_where_they_have_to_be(day: Day) -> None:
    """Database, logs, keystore, whatever else is there."""
    files = dict(day.files())
    assert {name.partition("/")[0] for name in files} >= {"beholden.db", "log", "seen", "keystore"}
    for name, content in files.items():
        allowed = {"id"} if name.startswith(WITH_IDS) else set[str]()
        assert day.finds(content) <= allowed, name


def test_the_log_holds_leaves_of_the_day(day: Day) -> None:
    """Else nothing would be found in it for another reason."""
    assert len(day.ids) > 8
    assert sum(len(content) for name, content in day.files() if name.startswith("log/tile/entries")) > 1000


@pytest.mark.parametrize("kind", ["name", "id", "template"])
def test_what_is_planted_is_found(day: Day, kind: str) -> None:
    """In the middle of a file that is there, in each form."""
    log = next(content for name, content in day.files() if name.startswith("log/tile/entries"))
    planted = {"name": day.names[0], "id": day.ids[-1]}
    if kind == "template":
        hidden = [day.templates[0].tobytes(), day.templates[-1].astype(np.float16).tobytes()[20:84]]
        hidden.append(str(day.templates[0].tolist()).encode())
    else:
        hidden = list(forms(planted[kind]))
    for each in hidden:
        assert day.finds(log[:1001] + each + log[1001:]) == {kind}
