"""Rules that raw SQL cannot walk around, as triggers of each engine.

Steps that were released use this: what it makes for them never changes.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from beholden.storage.migrations.kinds import SCHEMA


def refuse(name: str, event: str, condition: str, reason: str) -> None:
    """A trigger that refuses `event` ("INSERT ON folder") where `condition` holds.

    Foreign keys are only a switch of each connection; this holds whether they are on or off.
    """
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            sa.text(f"CREATE TRIGGER {name} BEFORE {event} WHEN {condition} BEGIN SELECT RAISE(ABORT, '{reason}'); END")
        )
        return
    body = f"IF {condition} THEN RAISE EXCEPTION '{reason}' USING ERRCODE = 'integrity_constraint_violation'; END IF;"
    _trigger(name, "BEFORE", event, "ROW", f"{body} RETURN coalesce(NEW, OLD);", always=True)


def refuse_truncation(name: str, table: str, reason: str) -> None:
    """PostgreSQL can empty a table without asking the triggers of its rows."""
    if op.get_bind().dialect.name == "postgresql":
        body = f"RAISE EXCEPTION '{reason}' USING ERRCODE = 'integrity_constraint_violation';"
        _trigger(name, "BEFORE", f"TRUNCATE ON {table}", "STATEMENT", body, always=True)


def count(table: str, revision: str) -> None:
    """Triggers that raise the one row of `revision` with every change of a row of `table`."""
    statement = f"UPDATE {revision} SET value = value + 1"  # noqa: S608 - names that a migration gives
    for event in ("insert", "update", "delete"):
        name, when = f"{table}_{event}_counts", f"{event.upper()} ON {table}"
        if op.get_bind().dialect.name == "sqlite":
            op.execute(sa.text(f"CREATE TRIGGER {name} AFTER {when} BEGIN {statement}; END"))
        else:
            _trigger(name, "AFTER", when, "ROW", f"{statement}; RETURN NULL;")
    if op.get_bind().dialect.name == "postgresql":
        _trigger(f"{table}_truncate_counts", "AFTER", f"TRUNCATE ON {table}", "STATEMENT", f"{statement}; RETURN NULL;")


def no_statistics(table: str, column: str) -> None:
    """PostgreSQL's ANALYZE copies whole values into its statistics, where they outlive their rows."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.text(f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS 0"))


def exists(what: str) -> str:
    """The condition that there is such a row ("FROM folder WHERE ..."), which stays so until the transaction ends.

    SQLite has one writer, so it does there; on PostgreSQL somebody at a shell may write beside us.
    """
    return f"EXISTS (SELECT 1 {what}{'' if op.get_bind().dialect.name == 'sqlite' else ' FOR SHARE'})"


def _trigger(name: str, when: str, event: str, each: str, body: str, *, always: bool = False) -> None:
    """`always`: also where a session says that it replays what was checked elsewhere.

    The path is part of the function, so that no table of the same name is taken for ours.
    """
    table = event.rpartition(" ")[2]
    op.execute(
        sa.text(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql "
            f"SET search_path = {SCHEMA}, pg_temp AS $$ BEGIN {body} END $$"
        )
    )
    op.execute(sa.text(f"CREATE TRIGGER {name} {when} {event} FOR EACH {each} EXECUTE FUNCTION {name}()"))
    if always:
        op.execute(sa.text(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}"))
