"""`beholden doctor`: is everything here that is needed, and is it safe?"""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Callable
from pathlib import Path

import typer

from beholden.cli.options import DEFAULT_DATA, AsJson, Data, emit
from beholden.model.errors import BeholdenError

LEAST_FREE = 2**30


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: beholden doctor --data beholden-data")(doctor)


def doctor(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Check models, settings, disk, memory and the data folder, if there is one. Ends with 1 when something is wrong."""
    checks: list[tuple[str, Callable[[], str]]] = [
        ("system", _system),
        ("models", lambda: _models(data)),
        ("encoder", _encoder),
        ("core dumps", _core_dumps),
        ("settings", lambda: _settings(data)),
    ]
    if data.exists():
        checks += [("data folder", lambda: _folder(data)), ("disk", lambda: _disk(data))]
    failed = 0
    for name, check in checks:
        try:
            good, words = True, check()
        except BeholdenError as error:
            good, words = False, error.one_line()
            failed += 1
        if as_json:
            emit({"check": name, "ok": good, "detail": words})
        else:
            typer.echo(f"{'ok  ' if good else 'FAIL'}  {name}: {words}")
    if not data.exists() and not as_json:
        typer.echo(f"      There is no data folder at {data}; `beholden init` creates one.")
    if failed:
        raise typer.Exit(1)


def _system() -> str:
    return f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores"


def _models(data: Path) -> str:
    from beholden.faces.catalogue import SHIPPED
    from beholden.settings import read_settings
    from beholden.wiring import load_faces

    settings = read_settings(data if data.is_dir() else None)
    engine = load_faces(settings, data)
    return f"{len(SHIPPED)} shipped, digests as reviewed; {engine.embedder.entry.name} in use"


def _encoder() -> str:
    from beholden.model.errors import OutputRefused
    from beholden.settings import read_settings
    from beholden.video.record import encoder_available

    codec = read_settings(None).recording.codec
    if not encoder_available(codec):
        raise OutputRefused(f"the encoder {codec} is not in this FFmpeg", advice="Set recording.codec to another one.")
    return codec


def _core_dumps() -> str:
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_CORE)
    if soft == 0:
        return "off"
    return "on: a crash could write probes in memory to disk. Switch them off with `ulimit -c 0`"


def _settings(data: Path) -> str:
    from beholden.settings import read_settings

    settings = read_settings(data if data.is_dir() else None)
    return f"FPIR {settings.recognition.fpir:g}, {len(settings.places)} place(s)"


def _folder(data: Path) -> str:
    from beholden.acts.people import people
    from beholden.settings import read_settings
    from beholden.wiring import open_data

    with open_data(data, read_settings(data)) as folder:
        count = len(people(folder.office))
        kind = "rehearsal" if folder.rehearsal else "live"
        return f"{kind}, {count} people, {folder.log.size()} leaves in the log"


def _disk(data: Path) -> str:
    from beholden.model.errors import StorageFull

    free = shutil.disk_usage(data).free
    if free < LEAST_FREE:
        raise StorageFull(f"{free / 2**30:.1f} GiB free on the disk of {data}", advice="Free some space.")
    return f"{free / 2**30:.0f} GiB free"
