"""Carry on what a crash cut off: called once after a data folder was opened for acts."""

from __future__ import annotations

from dataclasses import dataclass

from beholden.acts.camera import resume_removals
from beholden.acts.office import Office
from beholden.acts.strays import destroy_strays
from beholden.acts.withdraw import resume
from beholden.model.ids import CameraId, SubjectId


@dataclass(frozen=True, slots=True)
class Recovered:
    """`withdrawals` and removals of `cameras` carried on to their end; `settled` leaves found and results written;
    `strays`: keys destroyed of people whose enrolment was cut off."""

    withdrawals: tuple[SubjectId, ...]
    settled: int
    cameras: tuple[CameraId, ...] = ()
    strays: int = 0


def recover(office: Office) -> Recovered:
    """Waits for an act under way in another process. Raises LogUnavailable, DataFolderError, KeystoreError."""
    withdrawals, removed = resume(office), resume_removals(office)
    settled = office.journal.recover()
    return Recovered(withdrawals, settled, removed, destroy_strays(office))
