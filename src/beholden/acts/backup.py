"""Backups: logged before they are taken."""

from __future__ import annotations

from beholden.acts.office import Office
from beholden.model.event import BackedUp


def log_backup(office: Office) -> None:
    """Log that a backup is about to be taken. Raises LogUnavailable, DataFolderError: then it must not be."""
    office.journal.record([BackedUp(at=office.clock())])
