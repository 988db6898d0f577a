"""Export of covered recordings: approved by another organisation, and logged before it happens."""

from __future__ import annotations

from datetime import datetime

from beholden.acts.accounts.kept import stored
from beholden.acts.approvals.requests import Particulars, Warrant, warranted
from beholden.acts.office import Office
from beholden.consent.oversight.rules import Act
from beholden.model.event import RecordingExported
from beholden.model.ids import CameraId


def log_export(
    office: Office, camera: CameraId, start: datetime, end: datetime, warrant: Warrant | None = None
) -> None:
    """Log that the covered recording of a camera from `start` to `end` (aware) is about to be exported.

    Raises PolicyRefused (outside a rehearsal others must agree: `export_particulars`), LogUnavailable,
    DataFolderError: then it must not be.
    """
    with warranted(office, Act.EXPORT_RECORDINGS, export_particulars(camera, start, end), warrant):
        # Also of a call that is repeated: nobody knows whether the file was written the first time.
        office.journal.record([RecordingExported(at=office.clock(), camera=camera, starts_at=start, ends_at=end)])


def export_particulars(camera: CameraId, start: datetime, end: datetime) -> Particulars:
    """What is asked for when a recording is to be exported."""
    return (("what", "recordings export"), ("camera", camera), ("from", stored(start)), ("until", stored(end)))
