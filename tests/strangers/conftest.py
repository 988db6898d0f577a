"""The clip, the needles and the process that is searched: made once for this folder's tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.strangers.needles import Array, load, needles
from tests.strangers.search import Search

ROOT = Path(__file__).resolve().parents[2]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without the demo's synthetic people there is nobody to film; CI installs them."""
    if find_spec("openpeople") is None:
        for item in items:
            if Path(__file__).parent in item.path.parents:
                item.add_marker(pytest.mark.skip(reason="the demo's extra is not installed: openpeople"))


@pytest.fixture(scope="session")
def strangers_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from beholden.demo.clip import write_clip
    from beholden.demo.scene import dress
    from tests.strangers.watching import scene

    path = tmp_path_factory.mktemp("strangers-clip") / "strangers.mp4"
    write_clip(scene(), path, dress([scene()]))
    return path


@pytest.fixture(scope="session")
def folded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache of folded weights, filled before two processes fold at once."""
    from beholden.faces.catalogue import SFACE, YUNET
    from beholden.faces.weights import load_folded

    path = tmp_path_factory.mktemp("strangers-weights")
    for entry in (SFACE, YUNET):
        load_folded(entry, path)
    return path


def started(module: str, *arguments: Path, temp: Path, **options: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", f"tests.strangers.{module}", *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, env=os.environ | {"TMPDIR": str(temp)}, text=True, **options)  # type: ignore[call-overload]


@pytest.fixture(scope="session")
def recordings(
    strangers_clip: Path, folded: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, list[Array]], ...]:
    """Everything that must not be kept, taken down by two processes."""
    folders = [tmp_path_factory.mktemp("strangers-needles") for _ in range(2)]
    running = [started("recorder", strangers_clip, folder, folded, temp=folder) for folder in folders]
    assert [process.wait() for process in running] == [0, 0]
    return tuple(load(folder / "needles.npz") for folder in folders)


@pytest.fixture(scope="session")
def taken(recordings: tuple[dict[str, list[Array]], ...]) -> dict[str, list[Array]]:
    return recordings[0]


@pytest.fixture(scope="session")
def search(taken: dict[str, list[Array]]) -> Search:
    return Search(needles(taken))


@dataclass(frozen=True, slots=True)
class Finds:
    """What a search found, by place and kind; how many tracks had ended, and the most shots that one had."""

    memory: Counter[str]
    data: Counter[str]
    temp: Counter[str]
    covered: Counter[str]
    tracks: int
    shots: int

    def everywhere(self) -> Counter[str]:
        return self.memory + self.data + self.temp + self.covered


class Watched:
    """The child: it runs when asked, and is searched while it stands still after the last track's end."""

    def __init__(self, clip: Path, folder: Path, cache: Path, search: Search) -> None:
        self.folder = folder
        for name in ("temp", "covered"):
            (folder / name).mkdir()
        self._search = search
        self._said = (folder / "said.txt").open("w")
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": self._said}
        self._process = started("child", clip, folder, cache, temp=folder / "temp", **pipes)
        self._heard()
        self._planted: dict[tuple[str, ...], Finds] = {}

    @property
    def said(self) -> bytes:
        """All that it wrote on standard error so far."""
        return (self.folder / "said.txt").read_bytes()

    def run(self, plants: Sequence[str] = (), stop_after: int | None = None) -> Finds:
        """Watch the clip once, search while nobody is followed any more, and let it go on to the end."""
        self._tell({"plants": list(plants), "stop_after": stop_after})
        ended = self._heard()
        finds = Finds(
            memory=self._search.in_process(self._process.pid),
            **{name: self._search.in_folder(self.folder / name) for name in ("data", "temp", "covered")},
            tracks=ended["tracks"],
            shots=ended["shots"],
        )
        self._tell("go on")
        assert self._heard()["stood"]
        return finds

    def run_once(self, plants: tuple[str, ...]) -> Finds:
        """The same, for each set of plants once."""
        if plants not in self._planted:
            self._planted[plants] = self.run(plants)
        return self._planted[plants]

    def close(self) -> None:
        with self._process as process:
            assert process.stdin is not None
            process.stdin.close()
            assert process.wait() == 0
        self._said.close()

    def _tell(self, what: object) -> None:
        assert self._process.stdin is not None
        print(json.dumps(what), file=self._process.stdin, flush=True)

    def _heard(self) -> dict[str, int]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, self.said.decode()
        return json.loads(line)


@pytest.fixture(scope="session")
def watched(
    strangers_clip: Path, folded: Path, search: Search, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Watched]:
    """A child in which nothing is ever planted."""
    child = Watched(strangers_clip, tmp_path_factory.mktemp("strangers-watched"), folded, search)
    yield child
    child.close()


@pytest.fixture(scope="session")
def planted(
    strangers_clip: Path, folded: Path, search: Search, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Watched]:
    """A child in which something is planted each time."""
    child = Watched(strangers_clip, tmp_path_factory.mktemp("strangers-planted"), folded, search)
    yield child
    child.close()
