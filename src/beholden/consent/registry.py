"""What is known about the people who agreed, and the promises of whoever keeps it (storage does)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from beholden.consent.life import Standing
from beholden.model.grant import Grant
from beholden.model.ids import GrantId, ModelDigest, SubjectId


class SubjectState(StrEnum):
    INVITED = "invited"
    ENROLLED = "enrolled"
    WITHDRAWING = "withdrawing"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Subject:
    """A person by a random id.

    `particulars` are their name and guardian, sealed under their own key (`consent.seal`), so that
    a backup forgets the name too when they withdraw; None once they have. `withdrawal` is the index
    of the leaf that announced the withdrawal.
    """

    id: SubjectId
    state: SubjectState
    particulars: bytes | None
    created_at: datetime
    withdrawal: int | None = None


@dataclass(frozen=True, slots=True)
class Particulars:
    """What people call a subject, and who speaks for them (None: they do)."""

    label: str
    guardian: str | None = None


@dataclass(frozen=True, slots=True)
class SealedTemplate:
    """A reference as it lies in storage; only `consent.gate` opens it. Fields as in `EnrolledTemplate`."""

    subject: SubjectId
    grant: GrantId
    sealed: bytes
    model: ModelDigest
    captured_at: datetime
    quality: float
    shots: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything the gate needs, of one moment: `templates` in the order in which they were stored, and where each
    grant stands."""

    revision: int
    subjects: tuple[Subject, ...]
    grants: tuple[Grant, ...]
    templates: tuple[SealedTemplate, ...]
    standings: Mapping[GrantId, Standing] = field(default_factory=dict[GrantId, Standing])


class Registry(Protocol):
    """Who agreed to what.

    - Every change of subjects, grants or templates, by any process, raises `revision`; it never falls.
    - `revision` is cheap: it may be asked for every track.
    - `snapshot` is consistent: nothing in it is newer or older than its revision.
    - Failures raise DataFolderError.
    """

    @property
    def rehearsal(self) -> bool:
        """Whether this folder was created for rehearsals; never changes."""
        ...

    def revision(self) -> int: ...

    def snapshot(self) -> Snapshot: ...
