"""The parts of a report: what they are measured on, and that a run which was stopped goes on where it was."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from beholden.evaluate.data_set import Layout, read_data_set
from beholden.evaluate.labels import Labels
from beholden.evaluate.people_folder import read_people
from beholden.evaluate.report.about import About, read_about
from beholden.evaluate.report.contents import report_values
from beholden.evaluate.report.drawn_pairs import draw_pairs
from beholden.evaluate.report.extent import Extent
from beholden.evaluate.report.material import Material, find_clips, without_every
from beholden.evaluate.report.parts import Kept, Part, Work, measure_parts, rounded_all, write_json
from beholden.faces.engine import FaceEngine
from beholden.model.errors import EmptyInput, InputError, MissingInput, OutputRefused
from beholden.video.limits import Limits
from tests import synthetic
from tests.evaluate.conftest import no_progress, people_of

TINY = Extent(splits=2, widths=(64,), rounds=2, covering_widths=(48,), covering_clips=1, covering_s=0.8)
Told = list[tuple[str, bool]]


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four synthetic people with four photos each, small enough to be quick."""
    if synthetic.EXTRA:
        pytest.skip(synthetic.REASON)
    folder = synthetic.write_people(tmp_path_factory.mktemp("report") / "people")
    for photo in folder.rglob("*.jpg"):
        pixels = cv2.imread(str(photo))
        scale = min(1.0, 360 / max(pixels.shape[:2]))
        cv2.imwrite(str(photo), cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
    return folder


@pytest.fixture
def numbered(tmp_path: Path) -> Path:
    """Seven people of two files each, that are no pictures: for what nobody looks at."""
    for person in range(7):
        (tmp_path / f"numbered/p{person}").mkdir(parents=True)
        for place in range(2):
            (tmp_path / f"numbered/p{person}/{place}.jpg").write_bytes(b"%d %d" % (person, place))
    return tmp_path / "numbered"


def material_of(folder: Path, clips: tuple[Path, ...] = (), labels: Labels | None = None) -> Material:
    return Material(About(title="made up"), read_people(folder, Limits()), labels, clips, Limits())


def work_of(folder: Path, engine: FaceEngine, **changed: object) -> Work:
    return replace(Work(material_of(folder), (engine,), TINY, no_progress), **changed)  # type: ignore[arg-type]


# What is measured on


def test_every_pair_of_one_person_is_compared() -> None:
    """However few pairs of two people are asked for."""
    pairs = draw_pairs(people_of([0, 0, 0, 1, 1, 2]), most=4, seed=1)
    assert int(pairs.mated.sum()) == 3 + 1
    assert int((~pairs.mated).sum()) == 4


def test_pairs_of_two_people_are_all_there_where_they_suffice() -> None:
    """Nothing is drawn then: each pair once, the earlier picture first."""
    pairs = draw_pairs(people_of([0, 0, 1, 2]), most=100, seed=1)
    rows = list(zip(pairs.reference.tolist(), pairs.probe.tolist(), pairs.mated.tolist(), strict=True))
    assert rows == [(0, 1, True), (0, 2, False), (0, 3, False), (1, 2, False), (1, 3, False), (2, 3, False)]


def test_drawn_pairs_depend_on_the_seed_only() -> None:
    """The same seed, the same pairs; another one, others."""
    people = people_of(list(range(40)))
    one, again, other = (draw_pairs(people, most=50, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(one.reference, again.reference)
    assert np.array_equal(one.probe, again.probe)
    assert not np.array_equal(one.reference, other.reference)
    assert len(set(zip(one.reference.tolist(), one.probe.tolist(), strict=True))) == 50


@pytest.mark.parametrize("every", [2, 3])
def test_left_out_are_whom_calibration_takes(numbered: Path, tmp_path: Path, every: int) -> None:
    """The same people by the same rule: nobody is in both, and nobody is lost."""
    labels = tmp_path / "labels.csv"
    labels.write_text("person,sex,ethnicity\n" + "".join(f"p{person},x,y\n" for person in range(7)))
    taken = read_data_set("made up", numbered, labels, Layout(every=every), Limits())
    left, count = without_every(read_people(numbered, Limits()), every)
    measured = {path for person in taken.people for path, _ in person.photos}
    assert count == len(taken.people)
    assert measured.isdisjoint(left.pictures)
    assert len(measured) + len(left.pictures) == 14
    assert left.person.tolist() == [at // 2 for at in range(len(left.pictures))]
    assert [left.names[person] for person in left.person] == [path.parent.name for path in left.pictures]


def test_nobody_is_left_out_unless_asked(numbered: Path) -> None:
    """0: all of them; 1 would leave nobody."""
    read = read_people(numbered, Limits())
    assert without_every(read, 0) == (read, 0)
    with pytest.raises(InputError, match="nobody is left"):
        without_every(read, 1)


def test_a_folder_of_clips_is_its_videos_by_name(tmp_path: Path) -> None:
    """Files as they are given, folders in order; what is no video is passed over."""
    for name in ("b.mp4", "a.mkv", "notes.txt"):
        (tmp_path / name).write_bytes(b"x")
    alone = tmp_path / "notes.txt"
    assert find_clips([alone, tmp_path]) == (alone, tmp_path / "a.mkv", tmp_path / "b.mp4")
    (tmp_path / "none").mkdir()
    with pytest.raises(EmptyInput):
        find_clips([tmp_path / "none"])
    with pytest.raises(MissingInput):
        find_clips([tmp_path / "gone"])


def test_digests_know_pictures_and_not_their_names(numbered: Path) -> None:
    """A folder that moved is the same data; a byte that changed, or a picture of somebody else, is not."""
    before = material_of(numbered).pictures_digest()
    moved = numbered.rename(numbered.parent / "elsewhere")
    (moved / "p3").rename(moved / "p3-renamed")
    assert material_of(moved).pictures_digest() == before
    (moved / "p3-renamed/0.jpg").rename(moved / "p4/00.jpg")
    other = material_of(moved).pictures_digest()
    assert other != before
    (moved / "p0/0.jpg").write_bytes(b"changed")
    assert material_of(moved).pictures_digest() not in {before, other}


def test_labels_and_clips_have_digests_where_they_are_given(numbered: Path, tmp_path: Path) -> None:
    """None without any; another label, another digest."""
    bare = material_of(numbered)
    assert (bare.labels_digest(), bare.clips_digest()) == (None, None)
    digests = {
        material_of(numbered, labels=Labels({"sex": tuple(said for _ in range(7))}, 0)).labels_digest()
        for said in ("x", "y")
    }
    assert len(digests) == 2
    assert material_of(numbered, clips=(numbered / "p0/0.jpg",)).clips_digest() is not None


# The words of a data sheet


def test_words_are_taken_as_they_are(tmp_path: Path) -> None:
    """Every field, from TOML."""
    path = tmp_path / "about.toml"
    path.write_text('title = "Us"\nconsent = "All signed"\nsynthetic = true\nnot_shown = ["Children", "Rain"]\n')
    assert read_about(path) == About(title="Us", consent="All signed", synthetic=True, not_shown=("Children", "Rain"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('titel = "Us"', "titel is not known"),
        ("title = 3", "title is not a text"),
        ('not_shown = "Rain"', "not_shown is not a list of texts"),
        ('synthetic = "no"', "synthetic is not true or false"),
        ("title = ", "cannot be read as TOML"),
    ],
)
def test_words_that_do_not_fit_are_refused(tmp_path: Path, text: str, said: str) -> None:
    """A slip is told, and not passed over."""
    path = tmp_path / "about.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=said):
        read_about(path)


# Parts that are kept


def test_a_part_is_taken_over_by_its_key_only(tmp_path: Path) -> None:
    """Another key, a damaged file or none: it is measured anew."""
    kept = Kept(tmp_path / "parts")
    assert kept.take(Part.VIDEO, "key") is None
    kept.keep(Part.VIDEO, "key", {"people": 3})
    assert kept.take(Part.VIDEO, "key") == {"people": 3}
    assert kept.take(Part.VIDEO, "another") is None
    for damaged in ("", "[]", '{"key": "key"}', '{"key": "key", "values'):
        (tmp_path / "parts/video.json").write_text(damaged)
        assert kept.take(Part.VIDEO, "key") is None


def test_a_file_where_the_folder_should_be_is_refused(tmp_path: Path) -> None:
    """Said as what it is."""
    (tmp_path / "parts").write_text("a file")
    with pytest.raises(OutputRefused, match="is not a folder"):
        Kept(tmp_path / "parts").keep(Part.VIDEO, "key", {})


def test_numbers_have_six_digits_at_any_depth() -> None:
    """So that the last bits of a machine are no difference; counts and flags stay what they are."""
    assert rounded_all({"a": [1 / 3, (2e-7 / 3,)], "b": True, "c": 123456789, "d": None}) == {
        "a": [0.333333, [6.66667e-08]],
        "b": True,
        "c": 123456789,
        "d": None,
    }


def test_no_number_that_json_has_not_is_written(tmp_path: Path) -> None:
    """A program that reads it needs no rule for NaN."""
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json(tmp_path / "x.json", {"rate": float("nan")})
    assert not [*tmp_path.iterdir()]


# The whole of it, on few people


@pytest.fixture(scope="module")
def measured(people: Path, engine: FaceEngine, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Told]:
    """A run that Ctrl-C ends in the middle of verification, and a second one: the folder of parts, what was told."""
    folder = tmp_path_factory.mktemp("measured") / "parts"
    told: Told = []

    def interrupting(what: str, done: int, total: int) -> None:
        if what == "comparing pairs":
            raise KeyboardInterrupt

    wanted = [part for part in Part if part is not Part.REAL_CLIPS]

    def tell(part: str, taken_over: bool) -> None:
        told.append((part, taken_over))

    with pytest.raises(KeyboardInterrupt):
        measure_parts(work_of(people, engine, progress=interrupting), wanted, Kept(folder), tell)
    assert [path.name for path in folder.iterdir()] == ["enrolment.json"]
    measure_parts(work_of(people, engine), wanted, Kept(folder), tell)
    return folder, told


def test_a_run_that_was_stopped_goes_on_where_it_was(measured: tuple[Path, Told]) -> None:
    """The part that was whole is taken over; the one that was not is measured from its beginning."""
    assert measured[1] == [
        ("enrolment", False),
        ("enrolment", True),
        ("verification", False),
        ("identification", False),
        ("video", False),
        ("covering", False),
    ]


def test_parts_hold_counts_and_nobody(measured: tuple[Path, Told], people: Path) -> None:
    """Every part is there, has trials, and no name of a person or a file."""
    parts = {path.stem: path.read_text() for path in measured[0].iterdir()}
    assert sorted(parts) == ["covering", "enrolment", "identification", "verification", "video"]
    values = {name: json.loads(text)["values"] for name, text in parts.items()}
    assert values["verification"]["pairs"]["mated"] == 4 * 6
    assert values["video"]["mated"]["fnir"]["trials"] == 4
    assert values["covering"]["left"][0]["eyes_8_px_or_more"]["trials"] > 0
    for path in people.rglob("*"):
        assert not [name for name, text in parts.items() if path.stem in text]


def remeasured(change: Callable[[Work], Work], folder: Path, people: Path, engine: FaceEngine) -> bool:
    """Whether enrolment is measured again after a change."""
    copy = folder.parent / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(folder, copy)
    told: Told = []
    work = change(work_of(people, engine))
    measure_parts(work, [Part.ENROLMENT], Kept(copy), lambda part, taken: told.append((part, taken)))
    return told == [("enrolment", False)]


def test_what_depends_on_nothing_that_changed_is_taken_over(
    measured: tuple[Path, Told], people: Path, engine: FaceEngine
) -> None:
    """Other words, or a clip more, are no other enrolment."""

    def other_words(work: Work) -> Work:
        clips = (people / "..",)
        return replace(work, material=replace(work.material, about=About(title="other"), clips=clips))

    assert not remeasured(other_words, measured[0], people, engine)


@pytest.mark.parametrize("what", ["seed", "labels", "rule"])
def test_what_changed_is_measured_again(
    measured: tuple[Path, Told], people: Path, engine: FaceEngine, what: str
) -> None:
    """Another seed, other labels, another rate that is asked for."""

    def changed(work: Work) -> Work:
        if what == "seed":
            return replace(work, extent=replace(work.extent, seed=7))
        if what == "labels":
            return replace(work, material=replace(work.material, labels=Labels({"sex": ("x",) * 4}, 0)))
        return replace(work, engines=(replace(engine, rule=replace(engine.rule, fpir=0.05)),))

    assert remeasured(changed, measured[0], people, engine)


def test_a_report_is_the_same_from_the_same_parts(
    measured: tuple[Path, Told], people: Path, engine: FaceEngine
) -> None:
    """No clock, no path, no chance."""
    work = work_of(people, engine)
    found = measure_parts(work, [Part.ENROLMENT], Kept(measured[0]), lambda *_: None)
    one, other = (json.dumps(report_values(work, found)) for _ in range(2))
    assert one == other
    assert str(people) not in one
