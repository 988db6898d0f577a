"""Invariant I4: of people who did not agree, no template and no crop is kept, anywhere.

A child process watches a clip with two strangers and stands still at the first picture after their
tracks have ended: sooner than the second that it is allowed. Then its memory and its folders are
searched for everything that a process of its own took down of the same strangers (see `needles`),
and, in the same way, for what was planted. Each plant is of the child's own making: that it is
found shows that the search works, and that the needles are the very bytes that the child computed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from beholden.consent.gate import Gate
from beholden.demo.town import LOBBY
from beholden.faces.align import align
from beholden.faces.engine import FaceEngine, load_engine
from beholden.model.frame import Pixels
from beholden.model.grant import Viewpoint
from beholden.model.ids import CameraId
from beholden.settings import Settings
from beholden.video.source import open_source
from beholden.wiring.folder import open_data
from tests.strangers.conftest import Finds, Watched
from tests.strangers.needles import KINDS, Array, needles
from tests.strangers.search import Search, texts
from tests.strangers.watching import NOON

SAME_AS = 0.3
"""Cosine below which a face is nobody's: strangers reach .2, one person .6 in shots of one clip."""


@pytest.fixture(scope="module")
def clean(watched: Watched) -> Finds:
    return watched.run()


@pytest.fixture(scope="module")
def broken_off(watched: Watched, clean: Finds) -> Finds:
    """Stopped by its consumer while the strangers are in view, after their first shots."""
    return watched.run(stop_after=4)


@pytest.fixture(scope="module")
def engine(folded: Path) -> FaceEngine:
    return load_engine(cache=folded)


def test_the_same_clip_gives_the_same_bytes(recordings: tuple[dict[str, list[Array]], ...]) -> None:
    """Else the needles of one process would say nothing about another."""
    one, other = recordings
    assert all(len(one[kind]) == len(other[kind]) for kind in KINDS)
    assert all((a == b).all() for kind in KINDS for a, b in zip(one[kind], other[kind], strict=True))


def test_there_is_something_to_look_for(taken: dict[str, list[Array]], clean: Finds) -> None:
    """Both strangers were followed and embedded, several times each."""
    assert clean.tracks == 2
    assert clean.shots >= 3
    assert len(taken["template"]) >= 6
    assert all(taken[kind] for kind in KINDS if kind != "grey")


@pytest.mark.parametrize("place", ["memory", "data", "temp", "covered"])
def test_nothing_of_a_stranger_is_left(clean: Finds, place: str) -> None:
    """Neither template nor crop, in any form, once the track has ended."""
    assert not getattr(clean, place)


@pytest.mark.parametrize("place", ["memory", "data", "temp", "covered"])
def test_nothing_is_left_of_a_run_that_was_broken_off(broken_off: Finds, place: str) -> None:
    """Whoever stops listening ends the tracks too."""
    assert broken_off.shots >= 1
    assert not getattr(broken_off, place)


PLANTED = (
    ("raw", "crop", "planes", "template:data"),
    ("template", "grey", "unused", "crop:temp"),
    ("pooled", "prepared", "crop:row", "raw:covered"),
    ("template:float16", "raw:float64", "region", "planes:data"),
    ("template:piece", "template:printed", "pooled:temp"),
)
"""Each line one run: what is kept in it, on purpose. No two of one kind in one place."""


@pytest.mark.parametrize("plants", PLANTED, ids=", ".join)
def test_a_planted_one_is_found(planted: Watched, plants: tuple[str, ...]) -> None:
    """Each kind, in each place, and no other than was planted."""
    finds = planted.run_once(plants)
    wanted = {place: set[str]() for place in ("memory", "data", "temp", "covered")}
    for plant in plants:
        kind, _, how = plant.partition(":")
        if how != "printed":
            wanted[how if how in wanted else "memory"].add("crop" if kind == "unused" else kind)
    for place, kinds in wanted.items():
        # The pool of a single shot is that shot, so that one is found as both.
        twins = {"pooled", "template"} if kinds & {"pooled", "template"} else set[str]()
        assert kinds <= set(getattr(finds, place)) <= kinds | twins


@pytest.mark.parametrize("kind", KINDS)
def test_a_needle_is_found_wherever_it_begins(search: Search, taken: dict[str, list[Array]], kind: str) -> None:
    """At any address, whole or the least piece that counts, and as what it is."""
    hay = np.random.default_rng(5).integers(0, 256, 4096, np.uint8)
    lines = [needle for needle in needles(taken) if needle.kind == kind]
    needle = lines[len(lines) // 2]
    line = np.frombuffer(needle.line, np.uint8)
    # The least piece with the most contrast everywhere: a plain one is no evidence.
    numbers = line.view({1: np.uint8, 2: np.float16, 4: np.float32, 8: np.float64}[needle.item]).astype(np.float64)
    count = needle.least // needle.item
    best = max(range(len(numbers) - count), key=lambda at: np.abs(np.diff(numbers[at : at + count])).sum())
    piece = needle.line[best * needle.item : best * needle.item + needle.least]
    for begin in (0, 1001, 1002, 1003):
        for part in (needle.line, piece):
            data = hay.copy()
            data[begin : begin + len(part)] = np.frombuffer(part, np.uint8)
            assert kind in search.in_bytes(data)
    assert not search.in_bytes(hay)


def written(taken: dict[str, list[Array]]) -> set[bytes]:
    return texts(vector for kind in ("raw", "template", "pooled") for vector in taken[kind])


def test_no_number_of_a_template_is_written_as_text(
    watched: Watched, clean: Finds, broken_off: Finds, taken: dict[str, list[Array]]
) -> None:
    """Not in what is logged or printed, and not in any file."""
    files = [path.read_bytes() for path in watched.folder.rglob("*") if path.is_file()]
    assert files
    assert not [text for text in written(taken) if any(text in content for content in files)]


def test_printed_numbers_of_a_template_are_noticed(planted: Watched, taken: dict[str, list[Array]]) -> None:
    """The planted case of the test above."""
    planted.run_once(PLANTED[-1])
    assert any(text in planted.said for text in written(taken))


def test_the_only_sealed_template_is_of_the_person_who_agreed(
    watched: Watched, clean: Finds, taken: dict[str, list[Array]]
) -> None:
    """What is sealed cannot be searched for: it is opened, with its own keys, and held against the strangers."""
    with open_data(watched.folder / "data", Settings(), clock=lambda: NOON) as folder:
        gate = Gate(folder.database, folder.keystore)
        templates = folder.database.snapshot().templates
        viewpoint = Viewpoint(CameraId("lobby-1"), LOBBY)
        gallery = gate.gallery(viewpoint, LOBBY.purposes, NOON, templates[0].model, rehearsal=True)
    assert len(templates) == len(gallery) == 1
    assert max(float(gallery.vectors[0] @ pooled) for pooled in taken["pooled"]) < 0.5


def faces(engine: FaceEngine, film: Path) -> Iterator[np.ndarray]:
    """The templates of all faces that the detector finds in a film at .3, small and poor ones too."""
    with open_source(film, camera=CameraId("any"), started_at=NOON, analysis=None, rate=5.0) as source:
        for frame in source.frames():
            for face in engine.detector.detect_at_scales(frame.pixels, 0.3, (1280, 640)):
                yield template(engine, frame.pixels, face.landmarks)


def template(engine: FaceEngine, pixels: Pixels, landmarks: np.ndarray) -> np.ndarray:
    with engine.embedder.embed(align(pixels, landmarks)) as probe:
        return probe.vector.copy()


def likeness(found: Iterator[np.ndarray], taken: dict[str, list[Array]]) -> list[float]:
    strangers = np.stack([np.asarray(vector) for vector in taken["pooled"]])
    return [float((strangers @ vector).max()) for vector in found]


def test_covered_pictures_hold_no_stranger(
    engine: FaceEngine, watched: Watched, clean: Finds, taken: dict[str, list[Array]]
) -> None:
    """Whatever a detector takes for a face in them is like neither stranger."""
    film = watched.folder / "covered" / "0.mp4"
    assert film.stat().st_size > 10_000
    assert max(likeness(faces(engine, film), taken), default=0.0) < SAME_AS


def test_uncovered_pictures_hold_the_strangers(
    engine: FaceEngine, strangers_clip: Path, taken: dict[str, list[Array]]
) -> None:
    """The planted case of the test above."""
    found = likeness(faces(engine, strangers_clip), taken)
    assert sum(likeness > 2 * SAME_AS for likeness in found) >= 8


def test_no_crop_is_in_the_covered_pictures(
    search: Search, watched: Watched, clean: Finds, taken: dict[str, list[Array]]
) -> None:
    """Decoded, the recording holds no row of a face; a row that is put into it is found."""
    with open_source(
        watched.folder / "covered" / "0.mp4", camera=CameraId("any"), started_at=NOON, analysis=None, rate=None
    ) as source:
        pictures = [frame.pixels for frame in source.frames()]
    assert len(pictures) > 10
    assert not any(search.in_bytes(picture.ravel()) for picture in pictures)
    spoilt = pictures[0].copy()
    spoilt[10:122, 7:119] = taken["crop"][0]
    assert set(search.in_bytes(spoilt.ravel())) == {"crop"}
