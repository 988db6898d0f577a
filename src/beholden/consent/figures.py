"""The numbers that decide who may do what to people, and for how long, by name: for the digest and docs/oversight.md.

Each is read where it decides, at the moment of asking: nothing is written twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from beholden.consent import buttons, invitation, known_time, lifetimes, purposes
from beholden.consent.lengths import length
from beholden.consent.oversight import accounts, anomalies, approvals, breakglass, displays, findme, plans, rules
from beholden.consent.oversight.rules import RULES, Act
from beholden.model.grant import Hours


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` by its `name`, and `about` in words."""

    name: str
    value: timedelta | int | Hours
    about: str

    def plain(self) -> object:
        """JSON-ready: a length of time in seconds, hours as they are written in settings."""
        if isinstance(self.value, timedelta):
            return {"seconds": self.value.total_seconds()}
        return self.value if isinstance(self.value, int) else str(self.value)

    def in_words(self) -> str:
        """`72 hours`, `3`."""
        return length(self.value) if isinstance(self.value, timedelta) else str(self.value)


def figures() -> tuple[Figure, ...]:
    """Every one of them, in the order in which they are told."""
    return (*_accounts(), *_looks(), *_glass(), *_plans(), *_people())


def _accounts() -> tuple[Figure, ...]:
    delay = RULES[Act.DELAY_NOTICE].longest or timedelta(0)
    return (
        Figure("account_new_for", accounts.NEW_FOR, "a new account, key or role approves, audits and answers nothing"),
        Figure("approval_lasts", approvals.APPROVAL_LASTS, "an approval counts"),
        Figure("notice_delayed_by", delay, "a notice to a person is delayed at most, once"),
    )


def _looks() -> tuple[Figure, ...]:
    counted = (
        Figure(f"look_counts_for_{way}", displays.COUNTS_FOR[way], f"a look counts ({str(way).replace('_', ' ')})")
        for way in displays.Way
    )
    return (
        Figure("look_told_at", displays.ALARM_AT, "looks at one person or family, of which the last is told"),
        Figure("look_refused_at", displays.BLOCK_AT, "looks at one person or family, of which the last is refused"),
        *counted,
        Figure("odd_days", anomalies.REPEATED_ON, "days with a look at one person or family that are odd"),
        Figure("odd_within", anomalies.LOOKED_BACK, "so far back odd days are looked for"),
        Figure("usual_hours", anomalies.USUAL_HOURS, "hours in which a look is not odd, where a place states none"),
    )


def _glass() -> tuple[Figure, ...]:
    return (
        Figure("glass_lasts", breakglass.LASTS, "a plan is open by break-glass"),
        Figure("glass_review_within", breakglass.REVIEW_WITHIN, "until it is reviewed, or the account is locked"),
        Figure("glass_again_after", breakglass.AGAIN_AFTER, "until the same holder, or anybody for that person, may"),
    )


def _plans() -> tuple[Figure, ...]:
    opening = rules.opening()
    return (
        Figure("plan_lasts", opening.lasts, "a find-me plan is open, by one approval of both"),
        Figure("plan_renewals", opening.renewals, "renewals of a find-me plan at most"),
        Figure("plans_open", opening.most_open, "plans open at one site at most"),
        Figure("plan_renewed_in_last", findme.RENEWED_IN_LAST, "before its end a plan may be renewed"),
        Figure("plan_week", findme.WEEK, "in which no more days of one person are opened than one plan has"),
        Figure("plan_left_alone_for", findme.LEFT_ALONE_FOR, "no plan for somebody who answered that they are safe"),
        Figure("plan_told_within", plans.NOTICE_WITHIN, "after its opening the person is told everything of a plan"),
    )


def _people() -> tuple[Figure, ...]:
    return (
        Figure("asked_first_after", purposes.FIRST_QUESTION, 'after the yes, the person is asked "still yes?"'),
        Figure("asked_then_every", purposes.NEXT_QUESTION, "then again"),
        Figure("answer_within", purposes.ANSWER_WITHIN, "to answer; after that silence pauses"),
        Figure("reminded_after", purposes.REMIND_AFTER, "after the question there is a reminder"),
        Figure("unrenewed_at_most", purposes.MOST_UNRENEWED, "after the last yes a template is destroyed"),
        Figure("invitation_lasts", invitation.LINK_LASTS, "an invitation may be answered"),
        Figure("button_opens_for", buttons.PRESS_OPENS, "somebody may be named after a press of the button"),
        Figure("time_wrong_by", known_time.MOST_WRONG, "a clock may be wrong before nobody is named"),
        Figure("sighting_lasts", lifetimes.LONGEST, "a sighting is kept at most, but for the pictures of an event"),
    )
