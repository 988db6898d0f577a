"""`beholden doctor`: is everything here that is needed, and is it safe?"""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Callable
from pathlib import Path

import typer

from beholden.cli.options import DEFAULT_DATA, AsJson, Data, counted, emit, waiting
from beholden.model.errors import BeholdenError, DataFolderError, FolderForbidden, KeyDestroyed, PolicyRefused

LEAST_FREE = 2**30
_MEMLOCK = "raise the memlock limit (ulimit -l)"


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: beholden doctor --data beholden-data")(doctor)


def doctor(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Check models, settings, disk, memory and the data folder, if there is one. Ends with 1 if something is wrong."""
    checks: list[tuple[str, Callable[[], str]]] = [
        ("system", _system),
        ("models", lambda: _models(data)),
        ("encoder", lambda: _encoder(data)),
        ("core dumps", _core_dumps),
        ("settings", lambda: _settings(data)),
    ]
    there = _something_at(data)
    if there:
        checks += [
            ("data folder", lambda: _folder(data)),
            ("keys", lambda: _keys(data)),
            ("keeper", lambda: _keeper(data)),
            ("rules", lambda: _rules(data)),
            ("cameras", lambda: _cameras(data)),
            ("time", lambda: _time(data)),
            ("disk", lambda: _disk(data)),
        ]
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
    if not there and not as_json:
        typer.echo(f"      There is no data folder at {data}; `beholden init` creates one.")
    if failed:
        raise typer.Exit(1)


def _something_at(data: Path) -> bool:
    """Whether there is anything to check; what may not even be looked at is there, and its check says so."""
    try:
        data.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def _system() -> str:
    return f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores"


def _models(data: Path) -> str:
    from beholden.faces.catalogue import SHIPPED
    from beholden.settings import read_settings
    from beholden.wiring.engine import load_faces

    settings = read_settings(data)
    engine = load_faces(settings, data)
    return f"{len(SHIPPED)} shipped, digests as reviewed; {engine.embedder.entry.name} in use"


def _encoder(data: Path) -> str:
    from beholden.model.errors import OutputRefused
    from beholden.settings import read_settings
    from beholden.video.encode import encoder_available

    codec = read_settings(data).recording.codec
    if not encoder_available(codec):
        raise OutputRefused(f"the encoder {codec} is not in this FFmpeg", advice="Set recording.codec to another one.")
    return codec


def _time(data: Path) -> str:
    """By what a keeper kept last; whoever is not synchronised may be in doubt after a longer pause."""
    from beholden.settings import read_settings
    from beholden.wiring.folder import look_into
    from beholden.wiring.machine_time import synchronised

    with look_into(data, read_settings(data)) as folder:
        kept = folder.database.known_time()
    if kept is not None and not kept.known.certain and not synchronised():
        raise DataFolderError(
            "the time is in doubt: nobody is named, and nothing of grants is decided",
            advice="Set the clock right, then `beholden time trust`; better, synchronise it by NTP.",
        )
    if synchronised():
        return "the clock is synchronised"
    return "the clock is not synchronised: after a longer pause somebody has to look at a watch (`beholden time trust`)"


def _core_dumps() -> str:
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_CORE)
    if soft == 0:
        return "off"
    return "on: a crash could write probes in memory to disk. Switch them off with `ulimit -c 0`"


def _settings(data: Path) -> str:
    from beholden.settings import read_settings

    settings = read_settings(data)
    return f"FPIR {settings.recognition.fpir:g}, {counted(len(settings.places), 'place')}"


def _folder(data: Path) -> str:
    from beholden.acts.grants.people import people, without_key
    from beholden.settings import read_settings
    from beholden.wiring.folder import look_into

    with look_into(data, read_settings(data)) as folder:
        count = len(people(folder.office))
        if lost := without_key(folder.office):
            raise KeyDestroyed(
                f"the keys of {len(lost)} of {count} people do not open, so nobody can recognise them",
                advice="Put today's keystore back, both parts together, or let them enrol again.",
            )
        kind = "rehearsal" if folder.rehearsal else "live"
        who = "1 person" if count == 1 else f"{count} people"
        return f"{kind}, {who}, {folder.log.size()} leaves in the log"


def _keys(data: Path) -> str:
    from beholden.settings import read_settings
    from beholden.wiring.folder import look_into

    settings = read_settings(data)
    with look_into(data, settings) as folder:
        count, otherwise = folder.keystore.open_all()
        locked = "locked in memory" if folder.keystore.locked else f"not locked in memory: {_MEMLOCK}"
    wrapped = f"wrapped by {settings.keystore.wrap[0]}" if settings.keystore.wrap else "in files that only you read"
    later = f" ({otherwise} of them not yet: the next command that acts does it)" if otherwise else ""
    return f"{counted(count, 'bucket key')} {wrapped}{later}; open, {locked}"


def _keeper(data: Path) -> str:
    from beholden.settings import read_settings
    from beholden.wiring.folder import open_acting

    with open_acting(data, read_settings(data)) as acting:
        status = acting.status()
    if status.trouble is not None:
        raise DataFolderError(f"the keeper (process {status.pid}) has trouble: {status.trouble}")
    who = "nobody else: this command was" if status.pid == os.getpid() else f"process {status.pid}"
    locked = "locked in memory" if status.locked else f"not locked in memory: {_MEMLOCK}"
    return f"{who}, the gallery {locked}"


def _cameras(data: Path) -> str:
    from beholden.acts.camera import ADD_AGAIN, KEY_LOST, cameras, unopened_cameras
    from beholden.settings import read_settings
    from beholden.wiring.folder import open_acting

    with open_acting(data, read_settings(data)) as acting:
        known, lost = acting.do(cameras), acting.do(unopened_cameras)
    if lost:
        raise KeyDestroyed(f"{', '.join(lost)}: {KEY_LOST}", advice=ADD_AGAIN)
    return f"{counted(len(known), 'camera')}, {sum(camera.paused for camera in known)} paused"


def _rules(data: Path) -> str:
    """Opened for acts, so that settings are compared with those that hold."""
    from beholden.acts.approvals.rules import held_rules
    from beholden.settings import read_settings
    from beholden.wiring.folder import open_acting

    with open_acting(data, read_settings(data)) as acting:
        held = acting.do(held_rules)
    if held:
        raise PolicyRefused(
            f"nobody is named: {waiting(held)} for approval, looser than what holds",
            advice="Ask for it (`beholden request approvals accept ...`), or put back what was there before.",
        )
    return "settings and policy are in force"


def _disk(data: Path) -> str:
    from beholden.model.errors import StorageFull

    try:
        free = shutil.disk_usage(data).free
    except OSError as error:
        raise FolderForbidden(f"the disk of {data} cannot be asked: {error.strerror}") from error
    if free < LEAST_FREE:
        raise StorageFull(f"{free / 2**30:.1f} GiB free on the disk of {data}", advice="Free some space.")
    return f"{free / 2**30:.0f} GiB free"
