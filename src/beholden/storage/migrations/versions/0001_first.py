"""The first schema: people, grants, templates, sightings, openings, and the rules that raw SQL cannot walk around.

There is no downgrade: an older Beholden never touches a newer database.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _folder()
    _people()
    _templates()
    _facts()
    for statement in _TRIGGERS:
        op.execute(sa.text(statement))


def _folder() -> None:
    op.create_table(
        "folder",
        sa.Column("id", sa.String(40)),
        sa.Column("rehearsal", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_folder"),
    )
    op.create_table(
        "revision",
        sa.Column("id", sa.Integer),
        sa.Column("value", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_revision"),
        sa.CheckConstraint("id = 1", name=op.f("ck_revision_one_row")),
    )
    op.execute(sa.text("INSERT INTO revision (id, value) VALUES (1, 1)"))


def _people() -> None:
    op.create_table(
        "subjects",
        sa.Column("id", sa.String(40)),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("particulars", sa.LargeBinary),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("withdrawal", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_subjects"),
    )
    op.create_table(
        "grants",
        sa.Column("id", sa.String(40)),
        sa.Column("subject", sa.String(40), nullable=False),
        sa.Column("purpose", sa.String(32), nullable=False),
        sa.Column("basis", sa.String(16), nullable=False),
        sa.Column("places", sa.Text, nullable=False),
        sa.Column("starts_at", sa.BigInteger, nullable=False),
        sa.Column("ends_at", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("hours", sa.String(32)),
        sa.Column("recordings", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_grants"),
        sa.ForeignKeyConstraint(["subject"], ["subjects.id"], name="fk_grants_subject_subjects"),
    )
    op.create_index("ix_grants_subject", "grants", ["subject"])


def _templates() -> None:
    op.create_table(
        "templates",
        sa.Column("id", sa.Integer),
        sa.Column("subject", sa.String(40), nullable=False),
        sa.Column("grant_id", sa.String(40), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("model", sa.String(64), nullable=False),
        sa.Column("captured_at", sa.BigInteger, nullable=False),
        sa.Column("quality", sa.Float, nullable=False),
        sa.Column("shots", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_templates"),
        sa.ForeignKeyConstraint(["subject"], ["subjects.id"], name="fk_templates_subject_subjects"),
        sa.ForeignKeyConstraint(["grant_id"], ["grants.id"], name="fk_templates_grant_id_grants"),
    )
    op.create_index("ix_templates_subject", "templates", ["subject"])
    op.create_index("ix_templates_grant_id", "templates", ["grant_id"])


def _facts() -> None:
    op.create_table(
        "sightings",
        sa.Column("id", sa.String(40)),
        sa.Column("subject", sa.String(40), nullable=False),
        sa.Column("dies_at", sa.BigInteger, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sightings"),
        sa.ForeignKeyConstraint(["subject"], ["subjects.id"], name="fk_sightings_subject_subjects"),
    )
    op.create_index("ix_sightings_subject", "sightings", ["subject"])
    op.create_index("ix_sightings_dies_at", "sightings", ["dies_at"])
    op.create_table(
        "track_ends",
        sa.Column("id", sa.Integer),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("camera", sa.String(200), nullable=False),
        sa.Column("place", sa.String(200)),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("seconds", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_track_ends"),
    )
    op.create_table(
        "openings",
        sa.Column("commitment", sa.LargeBinary(32), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("about", sa.String(40)),
        sa.Column("intent", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("leaf", sa.BigInteger),
        sa.Column("outcome", sa.String(64)),
        sa.Column("result", sa.BigInteger),
        sa.PrimaryKeyConstraint("commitment", name="pk_openings"),
        sa.UniqueConstraint("leaf", name="uq_openings_leaf"),
    )


_NO_GRANT = """NOT EXISTS (SELECT 1 FROM grants g JOIN subjects s ON s.id = g.subject
    WHERE g.id = NEW.grant_id AND g.subject = NEW.subject AND g.state <> 'withdrawn' AND s.state = 'enrolled')"""
_HELD = "EXISTS (SELECT 1 FROM templates t WHERE t.grant_id = OLD.id)"


def _refuse(name: str, event: str, condition: str, reason: str) -> str:
    """A trigger that refuses `event` where `condition` holds: foreign keys are only a switch of each connection."""
    return f"CREATE TRIGGER {name} BEFORE {event} WHEN {condition} BEGIN SELECT RAISE(ABORT, '{reason}'); END"


_RISE = "UPDATE revision SET value = value + 1"


def _count(name: str, event: str) -> str:
    return f"CREATE TRIGGER {name} AFTER {event} BEGIN {_RISE}; END"


_TRIGGERS = (
    _refuse("template_needs_grant", "INSERT ON templates", _NO_GRANT, "a template needs a live grant"),
    _refuse("template_keeps_grant", "UPDATE ON templates", _NO_GRANT, "a template needs a live grant"),
    _refuse("grant_with_template_stays", "DELETE ON grants", _HELD, "delete the templates first"),
    _refuse(
        "grant_with_template_holds",
        "UPDATE ON grants",
        f"{_HELD} AND (NEW.id <> OLD.id OR NEW.subject <> OLD.subject OR NEW.state = 'withdrawn')",
        "delete the templates first",
    ),
    _refuse(
        "subject_with_template_stays",
        "DELETE ON subjects",
        "EXISTS (SELECT 1 FROM templates t WHERE t.subject = OLD.id)",
        "delete the templates first",
    ),
    _refuse(
        "sighting_needs_subject",
        "INSERT ON sightings",
        "NOT EXISTS (SELECT 1 FROM subjects s WHERE s.id = NEW.subject AND s.state = 'enrolled')",
        "a sighting needs somebody who is enrolled",
    ),
    _refuse("folder_is_one", "INSERT ON folder", "EXISTS (SELECT 1 FROM folder)", "a folder is never converted"),
    _refuse("folder_never_changes", "UPDATE ON folder", "1", "a folder is never converted"),
    _refuse("folder_never_goes", "DELETE ON folder", "1", "a folder is never converted"),
    _refuse("revision_is_one", "INSERT ON revision", "EXISTS (SELECT 1 FROM revision)", "the revision never falls"),
    _refuse("revision_rises", "UPDATE ON revision", "NEW.value <= OLD.value", "the revision never falls"),
    _refuse("revision_never_goes", "DELETE ON revision", "1", "the revision never falls"),
    *(
        _count(f"{table}_{event.lower()}_counts", f"{event} ON {table}")
        for table in ("subjects", "grants", "templates")
        for event in ("INSERT", "UPDATE", "DELETE")
    ),
)
