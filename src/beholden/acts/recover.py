"""Carry on what a crash cut off: called once after a data folder was opened for acts."""

from __future__ import annotations

from dataclasses import dataclass

from beholden.acts.office import Office
from beholden.acts.withdraw import resume
from beholden.model.ids import SubjectId


@dataclass(frozen=True, slots=True)
class Recovered:
    """`withdrawals` carried on to their end; `settled` leaves found and results written."""

    withdrawals: tuple[SubjectId, ...]
    settled: int


def recover(office: Office) -> Recovered:
    """Waits for an act under way in another process. Raises LogUnavailable, DataFolderError, KeystoreError."""
    return Recovered(resume(office), office.journal.recover())
