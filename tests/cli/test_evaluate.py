"""`beholden evaluate`: transcripts on synthetic people, what it refuses; it names nobody and leaves nothing."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import cv2
import pytest

from beholden.cli.app import run
from tests import synthetic
from tests.cli.conftest import PYTHON, Command, Said, child, tree


@pytest.fixture(scope="module")
def people(people_photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four synthetic people with four photos each, small enough to be quick."""
    folder = tmp_path_factory.mktemp("evaluated") / "people"
    shutil.copytree(people_photos, folder)
    for photo in folder.rglob("*.jpg"):
        pixels = cv2.imread(str(photo))
        scale = min(1.0, 480 / max(pixels.shape[:2]))
        cv2.imwrite(str(photo), cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
    return folder


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty rehearsal."""
    data = tmp_path_factory.mktemp("evaluating") / "town"
    assert run(["init", "--data", str(data), "--rehearsal"]) == 0
    return data


@pytest.fixture(scope="module")
def pairs(people: Path) -> Path:
    """All pairs of all photos."""
    photos = sorted(people.rglob("*.jpg"))
    rows = ["file_x,file_y,Decision"]
    for one, other in combinations(photos, 2):
        same = "Yes" if one.parent == other.parent else "No"
        rows.append(f"{one.relative_to(people)},{other.relative_to(people)},{same}")
    path = people.parent / "pairs.csv"
    path.write_text("\n".join(rows))
    return path


@pytest.fixture
def ada_alone(people: Path, tmp_path: Path) -> Path:
    """One of them, to be spoilt."""
    shutil.copytree(people / synthetic.ADA, tmp_path / "few" / synthetic.ADA)
    return tmp_path / "few"


def said_by(*arguments: object) -> Said:
    """A command in this process, for fixtures that live longer than `beholden`."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run([str(each) for each in arguments])
    return Said(code, out.getvalue(), err.getvalue())


def contents(*folders: Path) -> dict[str, str]:
    """Every file below, with a digest of what is in it; locks are empty and stay."""
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file() and "lock" not in path.name
    }


Ran = tuple[Said, dict[str, object]]


@pytest.fixture(scope="module")
def ran(people: Path, town: Path, pairs: Path) -> Callable[[str], Ran]:
    """Each protocol, run once: what it said, and its JSON."""
    options = {
        "verification": ("--pairs", pairs, "--images", people),
        "identification": ("--people", people, "--splits", "3"),
        "enrolment": ("--people", people),
    }
    known: dict[str, Ran] = {}

    def protocol(name: str) -> Ran:
        if name not in known:
            out = people.parent / f"{name}.json"
            before = contents(town, people)
            said = said_by("evaluate", name, *options[name], "--json", out, "--data", town)
            assert contents(town, people) == before
            known[name] = said, json.loads(out.read_text())
        return known[name]

    return protocol


PROTOCOLS = ("verification", "identification", "enrolment")


@pytest.mark.parametrize("name", PROTOCOLS)
def test_nothing_that_is_said_names_anybody(ran: Callable[[str], Ran], people: Path, name: str) -> None:
    """Neither text nor JSON has a folder's or a file's name in it; folders and photos are as they were."""
    said, values = ran(name)
    assert said.code == 0, said.err
    everything = said.out + said.err.replace(str(people.parent), "") + json.dumps(values)
    for path in people.rglob("*"):
        assert path.name not in everything
        assert path.stem not in everything
    assert str(people) not in everything


def test_verification_tells_the_rates_at_the_products_setting(ran: Callable[[str], Ran]) -> None:
    """Every pair is counted; terms, threshold, bounds and plain words are there."""
    said, values = ran("verification")
    assert values["pairs"]["mated"] + values["pairs"]["nonmated"] == 16 * 15 / 2  # type: ignore[index]
    assert "4 people (told apart by folders)" in said.out
    for term in ("FMR", "FNMR", "FAR", "FRR", "GFAR", "GFRR", "FTE", "FTA"):
        assert term in said.out
    assert "of two people" in said.out
    figures = {figure["term"]: figure for figure in values["at_the_products_setting"]}  # type: ignore[attr-defined]
    assert figures["FMR"]["errors"] <= 1  # two of the synthetic people look alike in one pair
    assert 0 < figures["FMR"]["high"] < 1
    assert 0.3 < values["setting"]["threshold"] < 0.7  # type: ignore[index]


def test_identification_tells_both_rates_and_both_denominators(ran: Callable[[str], Ran]) -> None:
    """Two enrolled and two strangers in each of three splits."""
    said, values = ran("identification")
    outcome = values["at_the_products_setting"]
    assert outcome["gallery"] == 2  # type: ignore[index]
    figures = {figure["term"]: figure for figure in outcome["figures"]}  # type: ignore[index]
    assert figures["FPIR"]["errors"] <= 1  # two of the synthetic people look alike in one pair
    assert figures["FPIR"]["trials"] == 3 * 2 * 4
    assert figures["FNIR"]["trials"] == 3 * 2 * 3
    assert "strangers' pictures, a" in said.out
    assert "per face" in said.out
    assert "per alert" in said.out
    assert "a day" in said.out


def test_enrolment_tells_who_is_refused_and_why(ran: Callable[[str], Ran]) -> None:
    """Of people and of pictures, and what a camera would refuse."""
    said, values = ran("enrolment")
    assert said.out.startswith("4 people.")
    assert values["pictures"]["pictures"] == 16  # type: ignore[index]
    assert "people who cannot be enrolled at all: none" in said.out
    assert "FTE" in said.out
    assert "FTA" in said.out


def test_the_same_seed_says_the_same(beholden: Command, people: Path, town: Path, ran: Callable[[str], Ran]) -> None:
    """Byte for byte."""
    again = beholden("evaluate", "identification", "--people", people, "--splits", "3", "--data", town)
    assert again.out == ran("identification")[0].out


def test_labels_show_groups_and_rank_none_of_few_errors(
    beholden: Command, ada_alone: Path, town: Path, tmp_path: Path
) -> None:
    """One person is fewer than any group needs: her label is not even shown."""
    labels = tmp_path / "labels.csv"
    labels.write_text(f"person,sex\n{synthetic.ADA},female\n")
    out = tmp_path / "out.json"
    said = beholden("evaluate", "enrolment", "--people", ada_alone, "--labels", labels, "--json", out, "--data", town)
    assert said.code == 0
    assert "female" not in said.out + out.read_text()


@pytest.mark.parametrize("name", PROTOCOLS)
def test_a_live_folder_is_refused(beholden: Command, people: Path, pairs: Path, tmp_path: Path, name: str) -> None:
    """Nobody is compared where people did not agree to it; it says what to use."""
    live = tmp_path / "live"
    beholden("init", "--data", live)
    options = ("--pairs", pairs, "--images", people) if name == "verification" else ("--people", people)
    said = beholden("evaluate", name, *options, "--data", live, "--json", tmp_path / "out.json")
    assert said.code == 5
    assert "init --rehearsal" in said.complaint
    assert not (tmp_path / "out.json").exists()


def test_without_a_folder_it_says_how_to_make_one(beholden: Command, people: Path, tmp_path: Path) -> None:
    """As every command does."""
    said = beholden("evaluate", "enrolment", "--people", people, "--data", tmp_path / "none")
    assert said.code == 6
    assert "beholden init" in said.complaint


def test_rows_that_cannot_be_used_are_told_by_line(beholden: Command, people: Path, town: Path, tmp_path: Path) -> None:
    """All of them in one line, before anything is looked at."""
    ada = next(iter(sorted((people / synthetic.ADA).iterdir()))).relative_to(people)
    bad = tmp_path / "bad.csv"
    bad.write_text(f"file_x,file_y,Decision\n{ada},gone.jpg,Yes\n{ada},../x.jpg,No\n{ada},{ada},Perhaps\n")
    said = beholden("evaluate", "verification", "--pairs", bad, "--images", people, "--data", town)
    assert said.code == 3
    for part in ("line 2: file_y names no file", "line 3: file_y is not a path inside", "line 4: Decision is neither"):
        assert part in said.complaint
    assert synthetic.ADA not in said.complaint


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("verification", "--pairs", "none.csv", "--images", "."), 3, "no such file"),
        (("identification", "--people", "none"), 3, "cannot be read as a folder"),
        (("enrolment", "--people", "none"), 3, "cannot be read as a folder"),
        (("identification", "--people", ".", "--splits", "0"), 2, "--splits"),
        (("identification", "--people", ".", "--photos", "6"), 2, "--photos"),
        (("verification", "--images", "."), 2, "--pairs"),
        (("identification", "--people", ".", "--seed", "-1"), 2, "--seed"),
    ],
)
def test_a_slip_is_one_line(
    beholden: Command, town: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...],
    code: int, said: str,
) -> None:  # fmt: skip
    """Missing files and options that cannot be; nothing is made."""
    monkeypatch.chdir(tmp_path)
    answer = beholden("evaluate", *arguments, "--data", town)
    assert answer.code == code
    assert said in answer.complaint
    assert tree(tmp_path) == set()


def test_too_few_people_are_refused_early(beholden: Command, people: Path, town: Path, tmp_path: Path) -> None:
    """An open set of three is none."""
    few = tmp_path / "few"
    for person in synthetic.PEOPLE[:3]:
        shutil.copytree(people / person, few / person)
    said = beholden("evaluate", "identification", "--people", few, "--data", town)
    assert said.code == 3
    assert "3 people" in said.complaint


def test_labels_need_a_folder_per_person(beholden: Command, people: Path, town: Path, tmp_path: Path) -> None:
    """Pairs of loose files say of nobody who they are."""
    flat = tmp_path / "flat"
    flat.mkdir()
    names = [path.name for path in sorted(people.rglob("*.jpg"))[:3]]
    for name in names:
        shutil.copy(next(people.rglob(name)), flat / name)
    (tmp_path / "p.csv").write_text(f"file_x,file_y,Decision\n{names[0]},{names[1]},Yes\n{names[0]},{names[2]},Yes\n")
    (tmp_path / "l.csv").write_text("person,sex\nP001,male\n")
    (flat / "more").mkdir()
    (flat / names[0]).rename(flat / "more" / names[0])
    (tmp_path / "p.csv").write_text(f"file_x,file_y,Decision\nmore/{names[0]},{names[1]},Yes\n")
    said = beholden(
        *("evaluate", "verification", "--pairs", tmp_path / "p.csv", "--images", flat),
        *("--labels", tmp_path / "l.csv", "--data", town),
    )
    assert said.code == 3
    assert "folder per person" in said.complaint


def test_a_damaged_picture_is_told_by_place_and_the_rest_is_measured(
    beholden: Command, ada_alone: Path, town: Path, tmp_path: Path
) -> None:
    """Half a file and a letter: both are told without their names, no rate counts them, and the exit code says so."""
    first = sorted((ada_alone / synthetic.ADA).iterdir())
    first[0].write_bytes(first[0].read_bytes()[:3000])
    first[1].write_bytes(b"Dear Ada, this is a letter.\n" * 9)
    out = tmp_path / "out.json"
    said = beholden("evaluate", "enrolment", "--people", ada_alone, "--json", out, "--data", town)
    assert said.code == 3
    assert "picture 1 in folder 1" in said.err
    assert "truncated or damaged" in said.err
    assert "not an image" in said.err
    assert first[0].name not in said.err + said.out
    values = json.loads(out.read_text())
    assert values["pictures"]["unreadable"] == 2
    assert values["pictures_refused_at_enrolment"]["trials"] == 2


def test_a_result_is_never_written_over_something(beholden: Command, people: Path, town: Path, tmp_path: Path) -> None:
    """A file that is there, without --force; a folder; a folder that is not there: all before any work."""
    there = tmp_path / "there.json"
    there.write_text("precious")
    common = ("evaluate", "enrolment", "--people", people, "--data", town, "--json")
    for out in (there, tmp_path, tmp_path / "no" / "where.json"):
        said = beholden(*common, out)
        assert said.code == 3
        assert said.out == ""
    assert there.read_text() == "precious"
    assert tree(tmp_path) == {"there.json"}


def test_a_source_is_never_the_result(beholden: Command, people: Path, pairs: Path, town: Path) -> None:
    """Not even with --force."""
    before = pairs.read_bytes()
    said = beholden(
        *("evaluate", "verification", "--pairs", pairs, "--images", people, "--data", town),
        *("--json", pairs, "--force"),
    )
    assert said.code == 3
    assert "originals are kept" in said.complaint
    assert pairs.read_bytes() == before


def test_a_process_of_its_own_leaves_nothing_behind(ada_alone: Path, town: Path, tmp_path: Path) -> None:
    """No temporary file, nothing where it ran, nothing in the data folder."""
    scratch, here = tmp_path / "tmp", tmp_path / "here"
    scratch.mkdir()
    here.mkdir()
    before = contents(town, ada_alone)
    said = child(
        *("evaluate", "enrolment", "--people", ada_alone, "--data", town),
        environment={"TMPDIR": str(scratch)},
        cwd=here,
    )
    assert said.code == 0, said.err
    assert tree(scratch) == tree(here) == set()
    assert contents(town, ada_alone) == before


def test_real_people_are_measured(beholden: Command, shared_data: Path, town: Path, tmp_path: Path) -> None:
    """Six people of the London set, one photo to enrol and one to come back: all are found, no stranger is named."""
    people, files = tmp_path / "people", shared_data / "london_cc-by"
    for number in sorted(path.name[:3] for path in (files / "neutral_front").glob("*_03.jpg"))[1:13:2]:
        (people / number).mkdir(parents=True)
        shutil.copy(files / f"neutral_front/{number}_03.jpg", people / number)
        shutil.copy(files / f"smiling_front/{number}_08.jpg", people / number)
    said = beholden("evaluate", "identification", "--people", people, "--json", tmp_path / "o.json", "--data", town)
    assert said.code == 0, said.err
    outcome = json.loads((tmp_path / "o.json").read_text())["at_the_products_setting"]
    assert [(each["term"], each["errors"], each["trials"]) for each in outcome["figures"]] == [
        ("FPIR", 0, 10 * 3 * 2),
        ("FNIR", 0, 10 * 3),
        ("misnamed", 0, 10 * 3),
    ]


def test_ctrl_c_leaves_nothing(people: Path, town: Path, tmp_path: Path) -> None:
    """Stopped in the middle: exit code 130, one line, no result, no part of one."""
    many = tmp_path / "many"
    photo = next(iter(sorted(people.rglob("*.jpg"))))
    for person in range(60):
        (many / f"p{person}").mkdir(parents=True)
        for number in range(5):
            # Bytes after the end of a JPEG are no part of its picture, and make each file another one.
            (many / f"p{person}/{number}.jpg").write_bytes(photo.read_bytes() + b"%d %d" % (person, number))
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    before = contents(town)
    terminal, its_terminal = os.openpty()
    command = [
        "evaluate",
        "enrolment",
        "--people",
        str(many),
        "--data",
        str(town),
        "--json",
        str(tmp_path / "out.json"),
    ]
    running = subprocess.Popen(
        [PYTHON, "-m", "beholden", *command],
        stdout=subprocess.PIPE,
        stderr=its_terminal,
        text=True,
        env=os.environ | {"TMPDIR": str(scratch), "TERM": "xterm"},
    )
    os.close(its_terminal)
    assert b"looking at pictures" in read_until(terminal, b"looking at pictures")
    running.send_signal(signal.SIGINT)
    assert b"beholden: stopped" in read_until(terminal, b"nothing half-done is left.")
    out, _ = running.communicate(timeout=60)
    os.close(terminal)
    assert running.returncode == 130
    assert out == ""
    assert not [*tmp_path.glob("*.json"), *tmp_path.glob(".*")]
    assert tree(scratch) == set()
    assert contents(town) == before


def read_until(terminal: int, wanted: bytes) -> bytes:
    """What a process writes to its terminal, until it says this or ends."""
    said = b""
    with contextlib.suppress(OSError):  # a terminal that nobody writes to any more
        while wanted not in said:
            said += os.read(terminal, 4096)
    return said
