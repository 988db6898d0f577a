"""A town of synthetic people on disk, and commands run as a person would run them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from beholden.cli.app import run
from tests import synthetic

PYTHON = sys.executable


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without the demo's extra these tests are skipped with the reason; CI installs it."""
    if synthetic.EXTRA:
        here = Path(__file__).parent
        for item in items:
            if here in item.path.parents:
                item.add_marker(pytest.mark.skip(reason=synthetic.REASON))


@dataclass(frozen=True)
class Said:
    """What a command did: exit code, and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def complaint(self) -> str:
        """The one line of an error; REHEARSAL is not one."""
        lines = [line for line in self.err.splitlines() if line != "REHEARSAL"]
        assert len(lines) == 1, self.err
        assert lines[0].startswith("beholden: ")
        assert "Traceback" not in lines[0]
        return lines[0]


Command = Callable[..., Said]


@pytest.fixture
def beholden(capsys: pytest.CaptureFixture[str]) -> Command:
    """`beholden(*arguments)` in this process."""

    def command(*arguments: object) -> Said:
        capsys.readouterr()
        code = run([str(each) for each in arguments])
        wrote = capsys.readouterr()
        return Said(code, wrote.out, wrote.err)

    return command


def child(*arguments: object, environment: dict[str, str] | None = None, **options: object) -> Said:
    """`python -m beholden` as a process of its own."""
    done = subprocess.run(
        [PYTHON, "-m", "beholden", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | (environment or {}),
        check=False,
        **options,  # type: ignore[arg-type]
    )
    return Said(done.returncode, done.stdout, done.stderr)


def tree(folder: Path) -> set[str]:
    """Everything below a folder but locks: an error leaves it as it was."""
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.name not in {"acting.lock", "keeper.lock", "lock"}
    }


@pytest.fixture(scope="session")
def people_photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return synthetic.write_people(tmp_path_factory.mktemp("photos"))


@pytest.fixture(scope="session")
def ada(people_photos: Path) -> list[Path]:
    """Ada's enrolment photos."""
    return sorted((people_photos / synthetic.ADA).iterdir())


@pytest.fixture(scope="session")
def portrait(people_photos: Path) -> Path:
    """One photo, one face."""
    return people_photos / synthetic.ADA / f"{synthetic.ADA}-portrait.jpg"


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ada and a stranger walk by."""
    return synthetic.write_passage(tmp_path_factory.mktemp("clips") / "passage.mp4")


@pytest.fixture(scope="session")
def enrolled(ada: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rehearsal in which Ada agreed to be recognised at the lobby; never changed, only copied."""
    data = tmp_path_factory.mktemp("town") / "data"
    assert run(["init", "--data", str(data), "--rehearsal", "--place", "lobby", "--place", "gate"]) == 0
    photos = [str(photo) for photo in ada]
    assert run(["enrol", "Ada", *photos, "-p", "entrance", "--place", "lobby", "--data", str(data)]) == 0
    return data


@pytest.fixture
def data(enrolled: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy of the rehearsal, for one test."""
    copy = tmp_path / "data"
    shutil.copytree(enrolled, copy)
    yield copy
    shutil.rmtree(copy, ignore_errors=True)


@pytest.fixture
def rehearsal(beholden: Command, tmp_path: Path) -> Path:
    """An empty rehearsal with a lobby."""
    made = tmp_path / "rehearsal"
    assert beholden("init", "--data", made, "--rehearsal", "--place", "lobby").code == 0
    return made
