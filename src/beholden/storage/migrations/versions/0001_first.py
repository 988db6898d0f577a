"""The first schema: people, grants, templates, sightings, openings, and the rules that raw SQL cannot walk around.

There is no downgrade: an older Beholden never touches a newer database.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from beholden.storage.migrations.kinds import number, words
from beholden.storage.migrations.rules import count, exists, no_statistics, refuse, refuse_truncation

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _folder()
    _people()
    _templates()
    _facts()
    _rules()
    _counts()
    for column in ("subjects.particulars", "templates.sealed", "sightings.sealed", "openings.body"):
        no_statistics(*column.split("."))


def _folder() -> None:
    op.create_table(
        "folder",
        sa.Column("id", words(40)),
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
        sa.Column("id", words(40)),
        sa.Column("state", words(16), nullable=False),
        sa.Column("particulars", sa.LargeBinary),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("withdrawal", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_subjects"),
    )
    op.create_table(
        "grants",
        sa.Column("id", words(40)),
        sa.Column("subject", words(40), nullable=False),
        sa.Column("purpose", words(32), nullable=False),
        sa.Column("basis", words(16), nullable=False),
        sa.Column("places", sa.Text, nullable=False),
        sa.Column("starts_at", sa.BigInteger, nullable=False),
        sa.Column("ends_at", sa.BigInteger, nullable=False),
        sa.Column("state", words(16), nullable=False),
        sa.Column("hours", words(32)),
        sa.Column("recordings", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_grants"),
        sa.ForeignKeyConstraint(["subject"], ["subjects.id"], name="fk_grants_subject_subjects"),
    )
    op.create_index("ix_grants_subject", "grants", ["subject"])


def _templates() -> None:
    op.create_table(
        "templates",
        sa.Column("id", number()),
        sa.Column("subject", words(40), nullable=False),
        sa.Column("grant_id", words(40), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("model", words(64), nullable=False),
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
        sa.Column("id", words(40)),
        sa.Column("subject", words(40), nullable=False),
        sa.Column("dies_at", sa.BigInteger, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sightings"),
        sa.ForeignKeyConstraint(["subject"], ["subjects.id"], name="fk_sightings_subject_subjects"),
    )
    op.create_index("ix_sightings_subject", "sightings", ["subject"])
    op.create_index("ix_sightings_dies_at", "sightings", ["dies_at"])
    op.create_table(
        "track_ends",
        sa.Column("id", number()),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("camera", words(200), nullable=False),
        sa.Column("place", words(200)),
        sa.Column("outcome", words(16), nullable=False),
        sa.Column("reason", words(32), nullable=False),
        sa.Column("seconds", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_track_ends"),
    )
    op.create_table(
        "openings",
        sa.Column("commitment", sa.LargeBinary(32), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("about", words(40)),
        sa.Column("intent", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("leaf", sa.BigInteger),
        sa.Column("outcome", words(64)),
        sa.Column("result", sa.BigInteger),
        sa.PrimaryKeyConstraint("commitment", name="pk_openings"),
        sa.UniqueConstraint("leaf", name="uq_openings_leaf"),
    )


_FOLDER, _REVISION, _FIRST = "a folder is never converted", "the revision never falls", "delete the templates first"


def _rules() -> None:
    """Templates keep their grant, sightings their person, a folder stays what it is."""
    granted = exists(
        "FROM grants g JOIN subjects s ON s.id = g.subject WHERE g.id = NEW.grant_id AND g.subject = NEW.subject "
        "AND g.state <> 'withdrawn' AND s.state = 'enrolled'"
    )
    enrolled = exists("FROM subjects s WHERE s.id = NEW.subject AND s.state = 'enrolled'")
    of_grant = exists("FROM templates t WHERE t.grant_id = OLD.id")
    held = exists("FROM templates t WHERE t.subject = OLD.id")
    changed = f"{of_grant} AND (NEW.id <> OLD.id OR NEW.subject <> OLD.subject OR NEW.state = 'withdrawn')"
    refuse("template_needs_grant", "INSERT ON templates", f"NOT {granted}", "a template needs a live grant")
    refuse("template_keeps_grant", "UPDATE ON templates", f"NOT {granted}", "a template needs a live grant")
    refuse("grant_with_template_stays", "DELETE ON grants", of_grant, _FIRST)
    refuse("grant_with_template_holds", "UPDATE ON grants", changed, _FIRST)
    refuse("subject_with_template_stays", "DELETE ON subjects", held, _FIRST)
    refuse(
        "sighting_needs_subject", "INSERT ON sightings", f"NOT {enrolled}", "a sighting needs somebody who is enrolled"
    )
    refuse("folder_is_one", "INSERT ON folder", exists("FROM folder"), _FOLDER)
    refuse("folder_never_changes", "UPDATE ON folder", "TRUE", _FOLDER)
    refuse("folder_never_goes", "DELETE ON folder", "TRUE", _FOLDER)
    refuse_truncation("folder_is_never_emptied", "folder", _FOLDER)


def _counts() -> None:
    """The revision rises with every change of people, and never falls."""
    refuse("revision_is_one", "INSERT ON revision", exists("FROM revision"), _REVISION)
    refuse("revision_rises", "UPDATE ON revision", "NEW.value <= OLD.value", _REVISION)
    refuse("revision_never_goes", "DELETE ON revision", "TRUE", _REVISION)
    refuse_truncation("revision_is_never_emptied", "revision", _REVISION)
    for table in ("subjects", "grants", "templates"):
        count(table, "revision")
