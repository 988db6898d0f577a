"""Carry on what was cut off: by a crash, by a log or a key service that was away."""

from __future__ import annotations

from dataclasses import dataclass

from beholden.acts.accounts.known import end_before
from beholden.acts.camera import resume_removals
from beholden.acts.grants.strays import destroy_strays
from beholden.acts.grants.withdraw import resume
from beholden.acts.office import Office
from beholden.acts.sightings.answers import carry_on_answers
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
    """After a data folder was opened for acts. Waits for an act under way in another process.

    Raises LogUnavailable, DataFolderError, KeystoreError.
    """
    withdrawals, removed = resume(office), resume_removals(office)
    settled = office.journal.recover()
    carry_on_answers(office)
    end_before(office)
    office.journal.publish_due()
    return Recovered(withdrawals, settled, removed, destroy_strays(office))


def carry_on(office: Office) -> None:
    """What needs no crash to be left over, while others act: withdrawals and removals that are begun, and results that
    the log could not take. To be called every minute. Raises as `recover`: then the next call does it."""
    resume(office)
    resume_removals(office)
    office.journal.tell_results()
