"""Where records are kept: SQLite or PostgreSQL through SQLAlchemy Core and Alembic, and a fake in memory with the same
promises."""
