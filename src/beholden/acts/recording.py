"""Export of covered recordings: logged before it happens."""

from __future__ import annotations

from datetime import datetime

from beholden.acts.office import Office
from beholden.model.event import RecordingExported
from beholden.model.ids import CameraId


def log_export(office: Office, camera: CameraId, start: datetime, end: datetime) -> None:
    """Log that the covered recording of a camera from `start` to `end` (aware) is about to be exported.

    Raises LogUnavailable, DataFolderError: then it must not be.
    """
    office.journal.record([RecordingExported(at=office.clock(), camera=camera, starts_at=start, ends_at=end)])
