"""The person's own say over a grant: cancel, withdraw, pause, resume, yes, renew; and that its purpose is met.

Each is pure, gives the grant as it is afterwards, or raises PolicyRefused with the reason as a sentence.
What takes something away (`cancel`, `withdraw`, `pause`) needs no reading of any notice; what gives or
goes on giving (`yes`, `renew`) names the notice that was read before.

`now` is aware UTC, `KnownTime.latest` while the time is in doubt: a yes then counts from too early
rather than from too late.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from beholden.consent.life import Over, Standing, ended, over_by
from beholden.consent.notice import Edition
from beholden.consent.purposes import policy_of
from beholden.model.errors import PolicyRefused


def cancel(standing: Standing, now: datetime) -> Standing:
    """Taken back before naming began, as if it had never been said. Raises PolicyRefused."""
    _refuse_if_over(standing, now)
    if now >= standing.starts_at:
        raise PolicyRefused("the cooling-off is over: the grant can be withdrawn, no longer cancelled")
    return ended(standing, now, Over.CANCELLED)


def withdraw(standing: Standing, now: datetime) -> Standing:
    """The last word, at any time; saying it again changes nothing. An answer "no" is this."""
    return ended(standing, now, Over.WITHDRAWN)


def pause(standing: Standing, now: datetime) -> Standing:
    """Nobody is named under the grant until the person resumes. Raises PolicyRefused."""
    _refuse_if_over(standing, now)
    return standing if standing.paused_at is not None else replace(standing, paused_at=now)


def resume(standing: Standing, now: datetime) -> Standing:
    """Ends the person's own pause. No answer to an open question, and no renewal. Raises PolicyRefused."""
    _refuse_if_over(standing, now)
    if standing.paused_at is not None:
        return replace(standing, paused_at=None)
    if standing.silent_at is not None:
        raise PolicyRefused('it is paused because "still yes?" was not answered: say yes to go on')
    raise PolicyRefused("the grant is not paused")


def yes(standing: Standing, now: datetime, read: Edition) -> Standing:
    """The answer to "still yes?" by somebody who read the notice of the question. Raises PolicyRefused.

    It ends silence, however late it comes; it does not end the person's own pause, nor lengthen the grant.
    """
    _refuse_if_over(standing, now)
    if standing.question is None:
        raise PolicyRefused("nothing was asked: to agree anew, renew the grant")
    if read != standing.question.edition:
        raise PolicyRefused("the notice has changed since: read it as it is now, then answer")
    return _confirmed(standing, now, read)


def renew(standing: Standing, now: datetime, duration: timedelta, read: Edition) -> Standing:
    """A new yes, for `duration` from now and never longer than the policy table allows. Raises PolicyRefused.

    In the cooling-off it counts from when naming begins, which a renewal does not bring forward. An open
    question is answered by it; the person's own pause stays.
    """
    _refuse_if_over(standing, now)
    policy = policy_of(standing.purpose)
    if not policy.renewable:
        raise PolicyRefused(f"{standing.purpose} is not renewed: the event is over")
    if duration <= timedelta(0):
        raise PolicyRefused("a grant lasts some time")
    if duration > policy.longest:
        raise PolicyRefused(f"{standing.purpose} lasts {policy.longest.days} days at most from a renewal")
    return replace(_confirmed(standing, now, read), ends_at=max(now, standing.starts_at) + duration)


def purpose_met(standing: Standing, at: datetime) -> Standing:
    """The purpose is met at `at`, which may be to come; only ever earlier than what was said before.

    It takes away and never gives: whoever runs the place may say it, too. Raises PolicyRefused of what is over.
    """
    if standing.over is not None:
        raise PolicyRefused(f"the grant is over: {standing.over}")
    return replace(standing, met_at=at if standing.met_at is None else min(at, standing.met_at))


def given_back(standing: Standing, fresh: Standing) -> Standing | None:
    """A grant that was to end when `fresh`, which is cancelled, would have begun: it lasts as it did before that was
    asked for (`consent.correction`). None where it is no such grant, or `fresh` was renewed and lasts for longer."""
    same = standing.purpose is fresh.purpose and standing.over is None and standing.ends_at == fresh.starts_at
    if not same or fresh.confirmed_at != fresh.made_at:
        return None
    return replace(standing, ends_at=fresh.ends_at)


def narrowed(standing: Standing, before: Edition, after: Edition) -> Standing:
    """A grant for less (`consent.correction`), whose notice was `before` and is `after` now.

    Who had read the one has read the other, which says no more; who had not is asked all the same.
    """
    asked = standing.question
    if asked is not None and asked.edition == before:
        asked = replace(asked, edition=after)
    return replace(standing, read=after if standing.read == before else standing.read, question=asked)


def _confirmed(standing: Standing, now: datetime, read: Edition) -> Standing:
    return replace(
        standing,
        confirmed_at=now,
        read=read,
        asked_before=standing.asked_before or standing.question is not None,
        question=None,
        silent_at=None,
    )


def _refuse_if_over(standing: Standing, now: datetime) -> None:
    if standing.over is not None:
        raise PolicyRefused(f"the grant is over: {standing.over}")
    if now >= over_by(standing):
        raise PolicyRefused("the grant is over: its time has come")
