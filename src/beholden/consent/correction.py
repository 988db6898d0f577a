"""Correcting what was agreed: less takes effect at once, more is a new grant with a cooling-off of its own.

A name is part of no grant: it is corrected at once, and changes nobody's rights.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

from beholden.model.grant import Hours
from beholden.model.ids import PlaceId

_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Terms:
    """Where and when a grant holds, as in `Grant`: `hours` None at any time, `recordings` in files too."""

    places: frozenset[PlaceId]
    hours: Hours | None = None
    recordings: bool = False


@dataclass(frozen=True, slots=True)
class Correction:
    """`at_once`: what the grant is from now on; None: nothing is left of it, it ends. `afresh`: what a new grant
    with its own cooling-off would be about, None where nothing was added; it takes the old one's place when it
    begins, and if it is cancelled before, the old one lasts as it did (`own_say.given_back`): nobody loses what they
    had by asking for more."""

    at_once: Terms | None
    afresh: Terms | None


def corrected(old: Terms, new: Terms) -> Correction:
    """What becomes of a grant about `old` when the person wants `new`; `consent.policy.refusal` judges `new`."""
    if within(new, old):
        return Correction(None if old.places and not new.places else new, None)
    return Correction(_common(old, new), new)


def within(new: Terms, old: Terms) -> bool:
    """Whether `new` allows nothing that `old` does not."""
    if not new.places <= old.places or (new.recordings and not old.recordings):
        return False
    if old.hours is None:
        return True
    return new.hours is not None and _minutes(new.hours) <= _minutes(old.hours)


def _common(old: Terms, new: Terms) -> Terms | None:
    """What both allow, or None. Where the hours of both are two pieces of a day, only the longer one is left."""
    places = old.places & new.places
    if old.places and not places:
        return None
    recordings = old.recordings and new.recordings
    if old.hours is None or new.hours is None:
        return Terms(places, old.hours or new.hours, recordings)
    hours = _longest(_minutes(old.hours) & _minutes(new.hours))
    return None if hours is None else Terms(places, hours, recordings)


def _minutes(hours: Hours) -> frozenset[int]:
    """The minutes of a day, from midnight, that lie inside."""
    return frozenset(minute for minute in range(_MINUTES) if hours.hold(_clock(minute)))


def _longest(minutes: frozenset[int]) -> Hours | None:
    """The longest unbroken part of a day, past midnight if need be; the first of several, None of nothing."""
    best = (0, 0)
    for begin in sorted(minute for minute in minutes if (minute - 1) % _MINUTES not in minutes):
        length = next(count for count in range(1, _MINUTES) if (begin + count) % _MINUTES not in minutes)
        best = max(best, (length, -begin))
    length, begin = best[0], -best[1]
    if len(minutes) == _MINUTES:
        return Hours(time(), time())
    return Hours(_clock(begin), _clock(begin + length)) if length else None


def _clock(minute: int) -> time:
    return time(minute % _MINUTES // 60, minute % 60)
