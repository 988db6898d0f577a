"""What counts of right and wrong answers tell: a share with its bounds, and an alarm when it has grown. Pure."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from beholden.acts.store import AnswerCount

BASELINE = 100
"""What is usual at a place is taken from its first days, until so many answers are together."""
USUAL_UNKNOWN = 0.05
"""The share of wrong answers that is taken as usual until then."""
USUAL_LEAST, USUAL_MOST = 0.01, 0.25
"""No smaller or larger share is taken as usual: under the first, a hundred answers tell nothing apart; a place
where half were wrong from the beginning is no measure for itself, and keeps its alarm."""
TIMES = 3
"""The alarm looks for a share that has become so many times the usual one (at most a half)."""
THRESHOLD = math.log(1000)
"""Log likelihood ratio at which the alarm is raised. While the share is the usual one, an alarm follows the other
after 1,000 days with answers or more on average, hence after 1,000 answers or more (G. Lorden, Procedures for reacting
to a change in distribution, Annals of Mathematical Statistics 42, 1971, theorem 2: a threshold h gives exp(h))."""
ADVICE = (
    "Was a camera moved, or has the light changed? Look with `beholden camera check NAME`. If the cameras are as they "
    "were, set a smaller recognition.fpir, and let people whose looks have changed enrol again."
)
_Z = 1.959963984540054
"""The normal distribution is within this of its mean for 95%."""


@dataclass(frozen=True, slots=True)
class Share:
    """`wrong` out of `of`: the share, and bounds that hold it 19 times out of 20."""

    wrong: int
    of: int
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Day:
    """How many alerts of one day (UTC) were answered as right and as wrong."""

    day: date
    right: int
    wrong: int

    @property
    def answered(self) -> int:
        return self.right + self.wrong


@dataclass(frozen=True, slots=True)
class Alarm:
    """Since the day `since` clearly more alerts are wrong than the share `usual`; `raised` is when that was certain."""

    since: date
    raised: date
    usual: float

    def words(self) -> str:
        """For whoever runs the place."""
        return (
            f"since {self.since} clearly more alerts are answered as wrong than usual "
            f"({self.usual * 100:.0f} of 100 is usual here)"
        )


def share(wrong: int, of: int) -> Share:
    """The share of `wrong` in `of` (1 or more) with 95% bounds.

    Wilson's interval (E. B. Wilson, Journal of the American Statistical Association 22, 1927). Where none
    was wrong, the upper bound is 3 / `of`, "the rule of three".
    """
    if not 0 <= wrong <= of or of < 1:
        raise ValueError(f"{wrong} of {of} is no share")
    found = wrong / of
    if wrong == 0:
        return Share(0, of, 0.0, 0.0, min(1.0, 3 / of))
    wide = _Z * _Z / of
    centre = (found + wide / 2) / (1 + wide)
    half = _Z / (1 + wide) * math.sqrt(found * (1 - found) / of + wide / (4 * of))
    return Share(wrong, of, found, max(0.0, centre - half), 1.0 if wrong == of else centre + half)


def by_day(counts: Iterable[AnswerCount]) -> tuple[Day, ...]:
    """Counts of one place added up by day, in order; which came first within a day is not known, and not asked."""
    added: dict[date, list[int]] = {}
    for each in counts:
        added.setdefault(each.day, [0, 0])[each.right] += each.count
    return tuple(Day(day, right, wrong) for day, (wrong, right) in sorted(added.items()))


def usual_share(wrong: int, answered: int) -> float:
    """What is usual at a place where `wrong` of the first `answered` alerts were wrong."""
    if answered < BASELINE:
        return USUAL_UNKNOWN
    return min(USUAL_MOST, max(USUAL_LEAST, wrong / answered))


def alarm(days: Iterable[Day]) -> Alarm | None:
    """The alarm that stands after these days of one place, each of which comes once and in order; None if none does."""
    last = deque(course(days), maxlen=1)
    return last[0] if last else None


def course(days: Iterable[Day]) -> Iterator[Alarm | None]:
    """The alarm that stands after each of these days.

    A CUSUM (E. S. Page, Biometrika 41, 1954): how much likelier a tripled share makes the answers, added
    up day by day and never below nothing. `Alarm.since` is where it last began to rise. An alarm stands
    until the answers since speak as clearly for the usual share. That is known before a day is judged:
    what was told of a day does not change with those that follow.

    Simulated (2,000 places, 10 answers a day, what is usual taken from the first 100): after the share
    tripled, half of the alarms came within 40 answers where .10 was usual, 80 where .05, 200 where .02
    and 540 where .01. While it stayed, an alarm came after 10,000 answers or more on average, but at one
    place in five within the first 1,000 (usual .05): a hundred answers do not tell exactly what is usual.
    """
    level, since, raised = 0.0, None, None
    first_wrong, first = 0, 0
    for each in days:
        usual = usual_share(first_wrong, first)
        level = min(THRESHOLD, max(0.0, level + evidence(each, usual)))
        if level == 0:
            since = raised = None
        else:
            since = since or each.day
            raised = raised or (each.day if level >= THRESHOLD else None)
        if first < BASELINE:
            first_wrong, first = first_wrong + each.wrong, first + each.answered
        yield None if since is None or raised is None else Alarm(since, raised, usual)


def evidence(day: Day, usual: float) -> float:
    """The log likelihood ratio of a day's answers: a share that has tripled, against the usual one."""
    tripled = min(0.5, TIMES * usual)
    return day.wrong * math.log(tripled / usual) + day.right * math.log((1 - tripled) / (1 - usual))
