"""Give somebody the keys by which they find what the public log holds about them, without asking us again.

The log's hours tell when somebody was where cameras are. So these keys are the person's: an operator who
had them would have a list of their movements, and outside a rehearsal nobody is given them here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from beholden.acts.office import Office
from beholden.consent.logkeys import log_key, month_key
from beholden.ledger.leaf import Month
from beholden.model.errors import PolicyRefused
from beholden.model.event import LogKeysGiven
from beholden.model.ids import SubjectId

MOST_MONTHS = 240


@dataclass(frozen=True, slots=True)
class MonthKey:
    """`key` in hexadecimal finds the leaves of `month`, which is written like 2026-11."""

    month: str
    key: str


def give_log_keys(office: Office, subject: SubjectId, first: str, last: str) -> tuple[MonthKey, ...]:
    """The keys of a person's months from `first` to `last`, like 2026-11. Logged before they are made.

    Raises PolicyRefused outside a rehearsal, or for more than 240 months; UnknownSubject; KeyDestroyed;
    ValueError for what is no month; LogUnavailable (then nothing was given), DataFolderError.
    """
    if not office.store.rehearsal:
        raise PolicyRefused(
            "the keys to somebody's leaves are theirs alone: outside a rehearsal they are given to the person, live",
            advice="There is no portal yet in which a person could take them.",
        )
    wanted = tuple(_months(parse_month(first), parse_month(last)))
    if not 1 <= len(wanted) <= MOST_MONTHS:
        raise PolicyRefused(f"keys are given for 1 to {MOST_MONTHS} months at a time")
    office.store.subject(subject)
    key = log_key(office.keystore.data_key(subject))
    event = LogKeysGiven(at=office.clock(), subject=subject, first=str(wanted[0]), last=str(wanted[-1]))
    with office.journal.act([event], about=subject):
        return tuple(MonthKey(str(month), month_key(key, month).hex()) for month in wanted)


def parse_month(text: str) -> Month:
    """`2026-11`. Raises ValueError."""
    year, dash, month = text.partition("-")
    parts = (year, month)
    if not dash or [len(part) for part in parts] != [4, 2] or not all(p.isascii() and p.isdecimal() for p in parts):
        raise ValueError(f"{text!r} is no month like 2026-11")
    if not 1 <= int(month) <= 12 or int(year) < 1970:
        raise ValueError(f"{text!r} is no month like 2026-11")
    return Month(int(year), int(month))


def _months(first: Month, last: Month) -> Iterator[Month]:
    at = first
    while at <= last:
        yield at
        at = Month(at.year + at.month // 12, at.month % 12 + 1)
