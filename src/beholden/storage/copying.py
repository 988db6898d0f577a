"""All rows of one database in a new one, of whichever engine: backups of a server, and what is put back on one."""

from __future__ import annotations

from collections.abc import Generator

from sqlalchemy import Connection, MetaData, Table, delete, insert, select

from beholden.model.errors import DataFolderError
from beholden.storage.engine import RESTORE, VERSION_TABLE, Backend, create_database, guarded, reading, version_of

_AT_ONCE = 1000


def copy_database(source: Backend, target: Backend) -> None:
    """Make `target` what `source` is at one moment, of the same version, with nothing that was deleted.

    Raises FolderExists, FolderMissing, FolderForbidden, FolderNewer, StorageFull, DataFolderError.
    """
    engine = source.engine()
    try:
        with guarded(source):
            source.check(engine)
            version = version_of(engine)
        if version is None:
            raise DataFolderError(f"the database {source.name} belongs to no data folder", advice=RESTORE)
        with guarded(source), reading(engine) as old:
            create_database(target, version, lambda new: _fill(source, old, target, new)).dispose()
    finally:
        engine.dispose()


def _fill(source: Backend, old: Connection, target: Backend, new: Connection) -> None:
    """Every table as it is in `old`; what the steps put into `new` goes."""
    tables = MetaData()
    tables.reflect(new)
    wanted = [table for table in tables.sorted_tables if table.name != VERSION_TABLE]
    with target.loading(new):
        for table in reversed(wanted):
            new.execute(delete(table))
        for table in wanted:
            for rows in _read(source, old, table):
                new.execute(insert(table), rows)


def _read(source: Backend, old: Connection, table: Table) -> Generator[list[dict[str, object]]]:
    """Some rows at a time; whatever goes wrong here is the source's."""
    with guarded(source), old.execute(select(table), execution_options={"yield_per": _AT_ONCE}) as found:
        for rows in found.mappings().partitions():
            yield [{str(name): value for name, value in row.items()} for row in rows]
