"""The report of a week, and what an auditor needs to compute it again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from beholden.acts.accounts.known import auditing, refused
from beholden.acts.accounts.signed import Signed, digest_of
from beholden.acts.office import Office
from beholden.acts.report.close import Opened, close_weeks, openings_of, tallied
from beholden.acts.report.figures import figures
from beholden.acts.report.week import Week, last_told, parse_week
from beholden.acts.sightings.counts import SMALLEST
from beholden.model.errors import DataFolderError, InputError
from beholden.model.event import OpeningsGiven

FORMAT = "beholden-transparency/1"
OPENINGS = "openings"
"""What is signed."""
ONLY_AUDITORS = "what opens leaves is handed to an auditor only"


@dataclass(frozen=True, slots=True)
class Opening:
    """What opens one leaf: its index, the salt in hexadecimal, the canonical event as a text."""

    leaf: int
    salt: str
    event: str


def transparency(office: Office, week: str | None = None) -> str:
    """The figures of a week (None: the last one that can be told), as JSON; with nobody in them.

    Raises SettingsError for what is no week; InputError for one that is not told (yet); LogUnavailable while
    the log cannot be told first what was counted; DataFolderError.
    """
    wanted, leaf, leaves = _told(office, week)
    counted: Mapping[str, Any] = leaf.values
    values = {
        "format": FORMAT,
        "rehearsal": office.store.rehearsal,
        "week": str(wanted),
        "from": _moment(wanted.start.isoformat()),
        "until": _moment(wanted.end.isoformat()),
        "smallest_count_told": SMALLEST,
        "log": {"leaf": leaf.leaf, "digest": counted["digest"]},
        **figures(wanted, counted["counts"], [(each.hour, each.values) for each in leaves]),
    }
    return json.dumps(values, ensure_ascii=False)


def openings(office: Office, week: str | None = None, signed: Signed | None = None) -> tuple[Opening, ...]:
    """What opens the leaves of a week that are about nobody, and the one that told of it, which is the last.

    For an auditor, who signs `openings_digest`: what is counted there is told however small. Logged before it is
    handed out. Raises PolicyRefused, and as `transparency`.
    """
    with office.journal.acting():
        by = _auditor(office, week, signed)
        wanted, leaf, leaves = _told(office, week)
        office.journal.record([OpeningsGiven(at=office.clock(), week=str(wanted), by=by)])
        return tuple(Opening(each.leaf, each.salt.hex(), each.event.decode()) for each in (*leaves, leaf))


def openings_digest(week: str | None) -> str:
    """What an auditor signs to be handed the openings of a week; None: the last that can be told."""
    return digest_of({"week": week})


def _auditor(office: Office, week: str | None, signed: Signed | None) -> str | None:
    if signed is None:
        if office.store.rehearsal:
            return None
        raise refused(ONLY_AUDITORS)
    return auditing(office, signed, OPENINGS, openings_digest(week), ONLY_AUDITORS)


def _told(office: Office, week: str | None) -> tuple[Week, Opened, tuple[Opened, ...]]:
    """The week, the leaf that told of it, and those of it that are about nobody, as that leaf has them."""
    wanted = last_told(office.clock()) if week is None else parse_week(week)
    close_weeks(office)
    leaf = tallied(office, wanted)
    if leaf is None:
        raise _untold(office, wanted)
    leaves = openings_of(office, wanted)
    if len(leaves) != leaf.values["opened"]:
        raise DataFolderError(
            f"of {leaf.values['opened']} leaves of {wanted} that are about nobody, {len(leaves)} can be opened",
            advice="Look with `beholden doctor`, and tell your auditor.",
        )
    return wanted, leaf, leaves


def _untold(office: Office, week: Week) -> InputError:
    first = office.store.opening(0)
    if first is None or week < Week.of(first.created_at):
        return InputError(f"there was no log in {week}", advice="Name a later week.")
    if office.clock() < week.told_from:
        when = f"{week.told_from:%Y-%m-%d %H:%M} UTC"
        return InputError(f"{week} is not whole yet", advice=f"It is told from {when} on: answers may come until then.")
    return InputError(
        f"{week} was never told to the log: its counts are gone, or nobody knows what time it is",
        advice="Name another week; `beholden time` says whether the time is in doubt.",
    )


def _moment(text: str) -> str:
    return text.replace("+00:00", "Z")
