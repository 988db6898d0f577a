"""Run by Alembic: migrates over the connection that `storage.engine` handed in."""

from __future__ import annotations

from alembic import context

from beholden.storage.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
