"""`beholden backup`, `restore` and `upgrade`: copies without keys, and what was deleted staying deleted."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import Annotated

import typer

from beholden.cli.options import DEFAULT_DATA, AsJson, Data, counted, emit, opened
from beholden.model.errors import FolderExists, FolderMissing, SettingsError


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: beholden backup /media/backups/town-monday --data town")(backup)
    app.command(
        epilog="Example: beholden restore /media/backups/town-monday --data town-again --keystore town/keystore"
    )(restore)
    app.command(epilog="Example: beholden upgrade --backup before-upgrade --data town")(upgrade)


def backup(
    out: Annotated[
        Path, typer.Argument(readable=False, metavar="FOLDER", help="Where it goes; must not be there yet.")
    ],
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Copy a data folder, which may be in use, without its keys: nobody can be recognised with the copy alone.

    Keep the keystore elsewhere, and only today's: whoever withdraws is forgotten in every backup, because
    their key is gone from it. Recordings are not copied.
    """
    from beholden.acts.backup import log_backup
    from beholden.storage.backup import back_up
    from beholden.wiring.clock import now

    _refuse_existing(out)
    with opened(data) as (acting, settings):
        acting.do(log_backup)
        made = back_up(data, out, now(), settings.database)
    if as_json:
        emit({"backup": str(out), "log": made.origin, "leaves": made.leaves, "files": made.files})
    else:
        typer.echo(f"{out}: {counted(made.files, 'file')}, the log up to leaf {made.leaves - 1}. No key is in it.")


def restore(
    backup: Annotated[Path, typer.Argument(readable=False, metavar="FOLDER", help="The backup.")],
    keystore: Annotated[
        Path | None,
        typer.Option(
            readable=False, metavar="DIR", help="Today's keystore; unset: where the settings in the backup have it."
        ),
    ] = None,
    log_of: Annotated[
        Path | None,
        typer.Option(
            readable=False, metavar="DIR", help="The lost data folder, if its log is still there: it goes on."
        ),
    ] = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Make a data folder from a backup and today's keystore. Whoever withdrew since the backup stays forgotten.

    Without --log-of the log goes back to the day of the backup; witnesses who saw more of it will say
    so, and they are right.
    """
    from beholden.acts.reconcile import reconcile
    from beholden.settings import read_settings
    from beholden.storage.backup import restore as put_back
    from beholden.wiring.folder import look_into

    _refuse_existing(data)
    settings = read_settings(backup)
    if keystore is None and settings.storage.keystore is None:
        raise SettingsError("--keystore is needed", advice="A backup has no keys: name that of the lost folder.")
    if keystore is not None and settings.storage.keystore is not None:
        raise SettingsError("the settings in the backup name another keystore", advice="Leave --keystore out.")
    known = put_back(backup, data, keystore, log_of, settings.database)
    folder = look_into(data, settings)  # nobody keeps it yet: what has to be forgotten goes first
    try:
        done = reconcile(folder.office, known.taken_at.astimezone(UTC).isoformat(timespec="seconds"))
    finally:
        folder.close()
    if as_json:
        emit({"data": str(data), "forgotten": len(done.forgotten), "unknown_keys": done.unknown})
        return
    typer.echo(f"{data}: as of {known.taken_at:%Y-%m-%d %H:%M} UTC.")
    typer.echo(f"  {counted(len(done.forgotten), 'person', 'people')} who withdrew since stayed forgotten.")
    if done.unknown:
        typer.echo(f"  {counted(done.unknown, 'person', 'people')} who enrolled since have to enrol again.")
    if log_of is None:
        typer.echo("  The log went back to the backup's: tell its witnesses.")


def upgrade(
    backup: Annotated[
        Path,
        typer.Option(readable=False, metavar="FOLDER", help="A backup is taken here first; must not be there yet."),
    ],
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Bring a data folder of an older version up to this one, after a backup, and check all of it.

    Opening a folder upgrades it as well: this is for those who want the backup first.
    """
    from beholden.settings import read_settings
    from beholden.storage.backup import back_up
    from beholden.wiring.clock import now
    from beholden.wiring.folder import look_into

    _refuse_existing(backup)
    if not data.is_dir():
        raise FolderMissing(f"there is no data folder at {data}")
    settings = read_settings(data)
    back_up(data, backup, now(), settings.database)
    look_into(data, settings).close()
    if as_json:
        emit({"data": str(data), "backup": str(backup)})
    else:
        typer.echo(f"{data} is of this version; every leaf of its log was checked. As it was before: {backup}")


def _refuse_existing(path: Path) -> None:
    """Before anything is logged for it. Raises FolderExists."""
    if path.exists() or path.is_symlink():
        raise FolderExists(f"there is something at {path} already")
