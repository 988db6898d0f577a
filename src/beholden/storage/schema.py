"""The tables, as they are now. What led here is in `migrations`; a test holds the two together.

There is no place for a template of somebody who did not agree: the only column that holds one needs
a grant, by a foreign key and by triggers that hold also where foreign keys are switched off.
Moments are microseconds since 1970, UTC.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

from beholden.storage.migrations.kinds import number, words

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

folder = Table(
    "folder",
    metadata,
    Column("id", words(40), primary_key=True),
    Column("rehearsal", Boolean, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)
"""One row, never changed: what this data folder is."""

revision = Table(
    "revision",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("value", BigInteger, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)
"""One row: raised by triggers with every change of subjects, grants and templates."""

subjects = Table(
    "subjects",
    metadata,
    Column("id", words(40), primary_key=True),
    Column("state", words(16), nullable=False),
    Column("particulars", LargeBinary),
    Column("created_at", BigInteger, nullable=False),
    Column("withdrawal", BigInteger),
)

grants = Table(
    "grants",
    metadata,
    Column("id", words(40), primary_key=True),
    Column("subject", words(40), ForeignKey("subjects.id"), nullable=False),
    Column("purpose", words(32), nullable=False),
    Column("basis", words(16), nullable=False),
    Column("places", Text, nullable=False),
    Column("starts_at", BigInteger, nullable=False),
    Column("ends_at", BigInteger, nullable=False),
    Column("state", words(16), nullable=False),
    Column("hours", words(32)),
    Column("recordings", Boolean, nullable=False),
    Column("standing", Text),
    Index(None, "subject"),
)

templates = Table(
    "templates",
    metadata,
    Column("id", number(), primary_key=True),
    Column("subject", words(40), ForeignKey("subjects.id"), nullable=False),
    Column("grant_id", words(40), ForeignKey("grants.id"), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("model", words(64), nullable=False),
    Column("captured_at", BigInteger, nullable=False),
    Column("quality", Float, nullable=False),
    Column("shots", Integer, nullable=False),
    Index(None, "subject"),
    Index(None, "grant_id"),
)

sightings = Table(
    "sightings",
    metadata,
    Column("id", words(40), primary_key=True),
    Column("subject", words(40), ForeignKey("subjects.id"), nullable=False),
    Column("dies_at", BigInteger, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("answered", Boolean),
    Index(None, "subject"),
    Index(None, "dies_at"),
)

track_ends = Table(
    "track_ends",
    metadata,
    Column("id", number(), primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("camera", words(200), nullable=False),
    Column("place", words(200)),
    Column("outcome", words(16), nullable=False),
    Column("reason", words(32), nullable=False),
    Column("seconds", Integer, nullable=False),
    Column("dies_at", BigInteger, nullable=False, server_default="0"),
    Index(None, "dies_at"),
)

hour_counts = Table(
    "hour_counts",
    metadata,
    Column("place", words(200), primary_key=True),
    Column("hour", BigInteger, primary_key=True),
    Column("camera", words(200), primary_key=True),
    Column("outcome", words(16), primary_key=True),
    Column("count", Integer, nullable=False),
    Index(None, "hour"),
)

answer_counts = Table(
    "answer_counts",
    metadata,
    Column("place", words(200), primary_key=True),
    Column("day", BigInteger, primary_key=True),
    Column("right", Boolean, primary_key=True),
    Column("count", Integer, nullable=False),
    Index(None, "day"),
)
"""`day` is the moment at which it began."""

cameras = Table(
    "cameras",
    metadata,
    Column("id", words(60), primary_key=True),
    Column("place", words(200), nullable=False),
    Column("added_at", BigInteger, nullable=False),
    Column("paused", Boolean, nullable=False),
    Column("record", Boolean, nullable=False),
    Column("zones", Text, nullable=False),
    Column("sealed", LargeBinary),
    Column("removal", BigInteger),
)

cameras_revision = Table(
    "cameras_revision",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("value", BigInteger, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)
"""One row: raised by triggers with every change of cameras."""

openings = Table(
    "openings",
    metadata,
    Column("commitment", LargeBinary(32), primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("about", words(40)),
    Column("intent", Boolean, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("leaf", BigInteger, unique=True),
    Column("outcome", words(64)),
    Column("result", BigInteger),
    Column("noted", BigInteger),
    Column("place", words(200)),
    Column("dies_at", BigInteger),
    Index(None, "noted", unique=True),
    Index(None, "dies_at"),
)

published = Table(
    "published",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("hour", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)
"""One row, once a batch of an hour was published: which hour's, and how many leaves the log had with it."""

in_force = Table(
    "in_force",
    metadata,
    Column("what", words(40), primary_key=True),
    Column("lines", Text, nullable=False),
)
"""Settings and policy, a line each, as they were last logged."""

invitations = Table(
    "invitations",
    metadata,
    Column("token_hash", words(64), primary_key=True),
    Column("subject", words(40), ForeignKey("subjects.id"), nullable=False),
    Column("purposes", Text, nullable=False),
    Column("places", Text, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("read_digest", words(64)),
    Column("used_at", BigInteger),
    Column("revoked_at", BigInteger),
    Index(None, "subject"),
)
"""Links that were sent. Of a link's token only the digest is here, and no name."""

known_time = Table(
    "known_time",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("latest", BigInteger, nullable=False),
    Column("sure", BigInteger, nullable=False),
    Column("certain", Boolean, nullable=False),
    Column("boot", words(64)),
    Column("counted", BigInteger),
    CheckConstraint("id = 1", name="one_row"),
)
"""One row, once a keeper looked at its clock. `counted`: microseconds of CLOCK_BOOTTIME of that `boot`."""

oversight = Table(
    "oversight",
    metadata,
    Column("kind", words(16), primary_key=True),
    Column("id", words(120), primary_key=True),
    Column("about", words(80), nullable=False),
    Column("dies_at", BigInteger),
    Column("sealed", LargeBinary, nullable=False),
    Index(None, "about"),
    Index(None, "dies_at"),
)
"""Accounts, requests, displays and notices: sealed, each under the key that the keystore calls `about`."""
