"""The program as its users run it: a rehearsal folder made by commands, and `beholden watch --json` over cameras."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from beholden.demo.people import PersonId, write_photos
from beholden.process import INTERRUPTED
from benchmarks.figures import Check

PATIENCE_S = 60.0
Line = Mapping[str, Any]


class Stack:
    """A data folder, and the program that watches its cameras. A context manager that ends the program.

    What the program says on standard error goes to `log`, a file. `settings` are BEHOLDEN_* variables.
    """

    def __init__(self, data: Path, log: Path, settings: Mapping[str, str] | None = None) -> None:
        self.data = data
        self._log = log
        self._environment = _environment(settings or {})
        self._program: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None

    def __enter__(self) -> Stack:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The program's process, the parent of the others."""
        if self._program is None:
            raise RuntimeError("the program is not running")
        return self._program.pid

    def create(self, places: Sequence[str], people: Sequence[PersonId], photo_folder: Path) -> None:
        """A rehearsal folder in which `people` are enrolled for entrance at all of `places`, called by their ids."""
        self._run("init", "--rehearsal", *_each("--place", places))
        for person in people:
            paths = [str(path) for path in write_photos(person, photo_folder)]
            self._run("enrol", person, *paths, "--purpose", "entrance", *_each("--place", places))

    def add(self, camera: str, place: str, address: str, *, record: bool) -> None:
        """Add a camera; while the program runs, it is watched from then on."""
        self._run("camera", "add", camera, address, "--place", place, *(["--record"] if record else []))

    def start(self, hear: Callable[[Line], None]) -> None:
        """Begin to watch; `hear` gets every line that the program prints, on a thread of its own."""
        words = [sys.executable, "-m", "beholden", "watch", "--json", "--data", str(self.data)]
        with self._log.open("ab") as log:
            self._program = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True, env=self._environment
            )
        assert self._program.stdout is not None
        self._reader = threading.Thread(target=_read, args=(self._program.stdout, hear), daemon=True)
        self._reader.start()

    def stop(self) -> int | None:
        """Ask it to end, as a service manager does; its exit code, None when it was not running.

        SIGTERM and not SIGINT: a shell has what it starts in the background ignore SIGINT, and children inherit that.
        """
        program, self._program = self._program, None
        if program is None:
            return None
        program.terminate()
        try:
            code = program.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            program.kill()
            code = program.wait()
        if self._reader is not None:
            self._reader.join(PATIENCE_S)
        if program.stdout is not None:
            program.stdout.close()
        return code

    def running(self) -> bool:
        return self._program is not None and self._program.poll() is None

    def _run(self, *words: str) -> None:
        command = [sys.executable, "-m", "beholden", *words, "--data", str(self.data), "--json"]
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=self._environment, check=False
        )
        if done.returncode != 0:
            raise RuntimeError(f"beholden {words[0]} ended with {done.returncode}: {done.stderr.strip()}")


def ended_in_order(code: int | None) -> Check:
    """Held against the exit code of `Stack.stop`: it ended by itself when it was asked to, or it is a failure."""
    return Check(f"exit codes other than {INTERRUPTED} when asked to end", float(code != INTERRUPTED), 0, "")


def _read(lines: IO[str], hear: Callable[[Line], None]) -> None:
    for line in lines:
        hear(json.loads(line))


def _each(option: str, values: Sequence[str]) -> list[str]:
    return [word for value in values for word in (option, value)]


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {**os.environ, **one_thread, **settings}
