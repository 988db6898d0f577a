"""What is installed is what was tested: the wheel holds everything, and runs without this checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the checkout, unpacked."""
    folder = tmp_path_factory.mktemp("wheel")
    code = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
    built = subprocess.run(
        [sys.executable, "-c", code, str(folder)], cwd=ROOT, check=True, capture_output=True, text=True
    )
    with zipfile.ZipFile(folder / built.stdout.split()[-1]) as wheel:
        wheel.extractall(folder / "site")
    return folder / "site"


def run(unpacked: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`beholden` out of the unpacked wheel, anywhere but in the checkout."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | {"PYTHONPATH": str(unpacked)}
    return subprocess.run(
        [sys.executable, "-m", "beholden", *arguments],
        cwd=unpacked,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )


def test_the_wheel_holds_data_migrations_and_types(unpacked: Path) -> None:
    """What is not Python code is in it, too."""
    names = {path.relative_to(unpacked / "beholden").as_posix() for path in (unpacked / "beholden").rglob("*")}
    assert "py.typed" in names
    assert "faces/calibrations/sface-2021dec.json" in names
    assert "evaluate/report/page.html.j2" in names
    assert {"storage/migrations/env.py", "storage/migrations/script.py.mako"} <= names
    assert any(name.startswith("storage/migrations/versions/") and name.endswith(".py") for name in names)


def test_the_wheel_holds_no_weights_and_no_pictures(unpacked: Path) -> None:
    """Weights and people come from other packages, or from nobody."""
    assert not [path for path in unpacked.rglob("*") if path.suffix in {".onnx", ".jpg", ".png", ".mp4"}]


def test_the_wheel_runs_without_the_checkout(unpacked: Path) -> None:
    """A data folder is made and looked at by the code in the wheel."""
    made = run(unpacked, "init", "--data", "folder", "--rehearsal", "--place", "lobby")
    assert made.returncode == 0, made.stderr
    doctor = run(unpacked, "doctor", "--data", "folder")
    assert doctor.returncode == 0, doctor.stdout + doctor.stderr
    origin = subprocess.run(
        [sys.executable, "-c", "import beholden; print(beholden.__file__)"],
        cwd=unpacked, env=os.environ | {"PYTHONPATH": str(unpacked)}, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert origin.stdout.startswith(str(unpacked))


def test_the_licence_travels_with_it(unpacked: Path) -> None:
    """LICENSE and NOTICE are in the wheel."""
    names = {path.name for path in unpacked.glob("beholden-*.dist-info/**/*")}
    assert {"LICENSE", "NOTICE"} <= names
