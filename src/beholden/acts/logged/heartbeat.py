"""Heartbeats: at each full hour the log says that somebody keeps the folder, whether anything happens or not."""

from __future__ import annotations

from beholden.acts.office import Office
from beholden.acts.report.close import close_weeks
from beholden.model.event import Heartbeat


def publish_hour(office: Office) -> None:
    """If an hour is over: what was seen in it goes into the public log, then a heartbeat, and the counts of a week that
    is over. To be called every few seconds. Raises LogUnavailable, DataFolderError: then it is done by the next call,
    or nobody is named any more."""
    hours = office.journal.publish_due()
    if hours:
        office.journal.record([Heartbeat(at=office.clock(), hours=hours)])
        close_weeks(office)
