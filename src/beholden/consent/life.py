"""The life of one grant: when it begins, when the person is asked "still yes?", what silence does, when it is over.

- **Cooling-off:** until `starts_at` nobody is named, and it can be cancelled as if it had never been said.
- **Still yes?** 30 days after the grant, then 180 after every yes. A person has `ANSWER_WITHIN` to
  answer, and is reminded once, `REMIND_AFTER` the question. Silence pauses, until they say yes. So does
  a question that nobody asked in that time: no failure of ours is taken for a yes.
- **A changed notice** is asked about at once. Where only its words changed, the person has as long to
  answer. Where the *rules* changed (who sees what, where, when, who answers), they are not named until
  they said yes to them. A question asked anew does not give new time: nobody is kept by changing notices.
- **A pause by the person** is ended by `resume` only: neither a question, nor a yes, nor time does.
- **The end** comes when the purpose is met, at `ends_at`, and 365 days after the last yes, whichever is
  first. What is over stays over. A template goes with the last grant (`template_until`).

Everything is pure. `now` is `KnownTime.now` (`consent.known_time`): None while the time is in doubt.
Then nothing is due and nobody is named; what a person says takes effect all the same, at
`KnownTime.latest`. Start, end and questions are instants, which no change of the clocks for summer
moves; only a grant's hours are read on a wall.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from beholden.consent.notice import Edition
from beholden.consent.policy import asked_next, cooling_off, destroy_by
from beholden.consent.purposes import ANSWER_WITHIN, REMIND_AFTER
from beholden.model.grant import Grant, GrantState, Purpose

UNREAD = Edition("", "")
"""Of a grant that was made before notices were recorded: no notice is this one."""


class Over(StrEnum):
    """Why a grant is over; nothing brings it back."""

    CANCELLED = "taken back in the cooling-off, as if it had never been said"
    WITHDRAWN = "withdrawn"
    ENDED = "it lasted as long as was agreed"
    UNRENEWED = "nobody said yes for a year"
    MET = "its purpose is met"
    OF_AGE = "the person is of age, and decides alone"


class Unnamed(StrEnum):
    """Why nobody is named under a grant at a moment."""

    OVER = "the grant is over"
    IN_DOUBT = "nobody knows what time it is: the clock was set, or stood still"
    COOLING_OFF = "the grant has not begun"
    PAUSED = "the person paused it"
    SILENT = "the person was asked whether it is still a yes, and has not answered"
    OTHER_RULES = "the rules changed, and the person has not agreed to the new ones"
    GUARDIANS = "what a guardian's grant needs is not so: see `beholden guardian list`"


class Step(StrEnum):
    """What has to happen to a grant."""

    PAUSE = "pause it: there was no answer in time"
    ASK = "ask the person, with the notice as it is now"
    REMIND = "remind the person of the question"
    END = "end it"


@dataclass(frozen=True, slots=True)
class Question:
    """An open "still yes?": first asked at `since`, and last with the notice `edition`."""

    since: datetime
    edition: Edition
    reminded: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one grant stands. Moments are aware UTC.

    `read`: the notice that the person said yes to. `confirmed_at`: the last yes; `asked_before`: whether
    it has ever been the answer to a question. `paused_at`: by the person; `silent_at`: by silence.
    `met_at`: when its purpose is met, as soon as that is known. `over_at` and `over` are set together.
    """

    purpose: Purpose
    made_at: datetime
    starts_at: datetime
    ends_at: datetime
    confirmed_at: datetime
    read: Edition
    asked_before: bool = False
    question: Question | None = None
    paused_at: datetime | None = None
    silent_at: datetime | None = None
    met_at: datetime | None = None
    over_at: datetime | None = None
    over: Over | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """What has to happen now, in this order, and when there is something to do after that (None: never)."""

    steps: tuple[Step, ...]
    next_at: datetime | None


def begun(purpose: Purpose, now: datetime, duration: timedelta, read: Edition, *, rehearsal: bool) -> Standing:
    """A grant that the person has just made; `consent.policy.refusal` has allowed its `duration`.

    Never while the time is in doubt: by a `now` from too early, the cooling-off would be over too early.
    """
    starts_at = now + cooling_off(purpose, rehearsal=rehearsal)
    return Standing(purpose, now, starts_at, starts_at + duration, now, read)


def of_before(grant: Grant) -> Standing:
    """Where a grant stands of which nothing but itself is known, from a folder of before: said when it began, of a
    notice that nobody knows. So it is asked about at once, and names nobody until then."""
    at = grant.starts_at
    gone, paused = grant.state is GrantState.WITHDRAWN, grant.state is GrantState.PAUSED
    return Standing(
        grant.purpose,
        at,
        at,
        grant.ends_at,
        at,
        UNREAD,
        paused_at=at if paused else None,
        over_at=at if gone else None,
        over=Over.WITHDRAWN if gone else None,
    )


def edges(standing: Standing) -> tuple[datetime, ...]:
    """The moments at which `unnamed` may change while nobody says or does anything."""
    return standing.starts_at, silent_from(standing), over_by(standing)


def due(standing: Standing, now: datetime | None, edition: Edition) -> Due:
    """What has to happen to a grant, now that the notice about it is `edition`; `taken` says what becomes of it.

    Nothing happens twice: what was taken is not due again. In doubt (`now` None) nothing is.
    """
    if now is None or standing.over is not None:
        return Due((), None)
    if now >= over_by(standing):
        return Due((Step.END,), None)
    steps: list[Step] = []
    if standing.silent_at is None and now >= silent_from(standing):
        steps.append(Step.PAUSE)
    if _to_be_asked(standing, now, edition):
        steps.append(Step.ASK)
    if _to_be_reminded(standing, now):
        steps.append(Step.REMIND)
    after = standing
    for step in steps:
        after = taken(after, step, now, edition)
    return Due(tuple(steps), _next_at(after, now))


def taken(standing: Standing, step: Step, now: datetime, edition: Edition) -> Standing:
    """The grant after a step that was due at `now`."""
    if step is Step.PAUSE:
        return replace(standing, silent_at=now)
    if step is Step.END:
        return ended(standing, now, _why_over(standing))
    asked = standing.question or Question(now, edition)
    asked = replace(asked, reminded=True) if step is Step.REMIND else replace(asked, edition=edition)
    return replace(standing, question=asked)


def ended(standing: Standing, now: datetime, why: Over) -> Standing:
    """The grant, over: what was asked or paused counts no more. What is over already stays as it is."""
    if standing.over is not None:
        return standing
    return replace(standing, over_at=now, over=why, question=None, paused_at=None, silent_at=None)


def unnamed(standing: Standing, now: datetime | None, edition: Edition) -> Unnamed | None:
    """Why nobody may be named under the grant, whatever was done of what is due; None where they may."""
    if standing.over is not None:
        return Unnamed.OVER
    if now is None:
        return Unnamed.IN_DOUBT
    if now >= over_by(standing):
        return Unnamed.OVER
    if now < standing.starts_at:
        return Unnamed.COOLING_OFF
    if standing.paused_at is not None:
        return Unnamed.PAUSED
    if standing.silent_at is not None or now >= silent_from(standing):
        return Unnamed.SILENT
    if edition.rules != standing.read.rules:
        return Unnamed.OTHER_RULES
    return None


def over_by(standing: Standing) -> datetime:
    """When the grant is over, unless the person says yes again: purpose met, end, or a year without a yes."""
    return destroy_by(standing.confirmed_at, [standing.ends_at], standing.met_at)


def template_until(standings: Collection[Standing]) -> datetime:
    """When the template of a person with these grants (not empty) has to be gone: when the last of them is over."""
    return max(over_by(each) if each.over_at is None else each.over_at for each in standings)


def template_goes(standings: Collection[Standing], now: datetime | None) -> bool:
    """Whether a person's template has to be destroyed now: all their grants are over. In doubt, only what is so
    already by a recorded end, such as a withdrawal: a clock that nobody believes destroys nothing."""
    return all(each.over is not None or (now is not None and now >= over_by(each)) for each in standings)


def silent_from(standing: Standing) -> datetime:
    """From when on no answer is silence: 14 days after the question, or after it was to be asked."""
    asked = standing.question
    return (asked_next(standing.confirmed_at, standing.asked_before) if asked is None else asked.since) + ANSWER_WITHIN


def _to_be_asked(standing: Standing, now: datetime, edition: Edition) -> bool:
    if standing.question is not None:
        return standing.question.edition != edition
    return standing.read != edition or now >= asked_next(standing.confirmed_at, standing.asked_before)


def _to_be_reminded(standing: Standing, now: datetime) -> bool:
    asked = standing.question
    if asked is None or asked.reminded:
        return False
    return asked.since + REMIND_AFTER <= now < asked.since + ANSWER_WITHIN


def _next_at(standing: Standing, now: datetime) -> datetime:
    moments = [over_by(standing)]
    asked = standing.question
    if asked is None:
        moments.append(asked_next(standing.confirmed_at, standing.asked_before))
    elif standing.silent_at is None:
        moments.append(silent_from(standing))
    if asked is not None and not asked.reminded and now < asked.since + REMIND_AFTER:
        moments.append(asked.since + REMIND_AFTER)
    return min(moments)


def _why_over(standing: Standing) -> Over:
    if over_by(standing) == standing.met_at:
        return Over.MET
    return Over.ENDED if over_by(standing) == standing.ends_at else Over.UNRENEWED
