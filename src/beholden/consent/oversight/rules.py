"""The acts that one credential alone cannot do, and who has to agree to each (design section 8). Data only.

Which acts need another organisation is this project's choice: those that concern people who are not
at the table. Whoever runs the place may move its own cameras and thresholds with two of its people.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from beholden.consent.oversight.accounts import Role
from beholden.consent.purposes import POLICIES, Opening, Party
from beholden.model.grant import Purpose


class Act(StrEnum):
    """What needs more than one credential."""

    OPEN_FIND_ME = "open_find_me"
    GUARDIAN_GRANT = "guardian_grant"
    CAMERA_PLACE = "camera_place"
    LOOSEN = "loosen"
    EXPORT_RECORDINGS = "export_recordings"
    CHANGE_POLICY = "change_policy"
    DELAY_NOTICE = "delay_notice"


@dataclass(frozen=True, slots=True)
class Rule:
    """`about` in words. One of `asked_by` asks; `approvers` are others, each with a credential of their own.

    OUTSIDE and WELFARE_BODY share their organisation with nobody else of the act. `longest`: what is
    asked for may last so long at most.
    """

    about: str
    asked_by: tuple[Role, ...]
    approvers: tuple[Party, ...]
    longest: timedelta | None = None

    @property
    def credentials(self) -> int:
        """How many different credentials it takes, that of whoever asks included."""
        return 1 + len(self.approvers)


def opening() -> Opening:
    """How a find-me plan is opened, as the policy table has it."""
    found = POLICIES[Purpose.FIND_ME].opening
    if found is None:
        raise ValueError("the policy table opens find_me without a plan")
    return found


RULES: dict[Act, Rule] = {
    Act.OPEN_FIND_ME: Rule("opening or renewing a find-me plan", (Role.OPERATOR,), opening().approvers),
    Act.GUARDIAN_GRANT: Rule(
        "a guardian's grant, and settling who the guardians are",
        (Role.OPERATOR, Role.SUBJECT),
        POLICIES[Purpose.CARE].guardian_approvers,
    ),
    Act.CAMERA_PLACE: Rule("a camera's place and capture mode", (Role.OPERATOR, Role.MAINTAINER), (Party.ANOTHER,)),
    Act.LOOSEN: Rule("loosening a threshold or a gate", (Role.OPERATOR, Role.MAINTAINER), (Party.ANOTHER,)),
    Act.EXPORT_RECORDINGS: Rule("an export of recordings", (Role.OPERATOR,), (Party.OUTSIDE,)),
    Act.CHANGE_POLICY: Rule("a change of policy or model", (Role.OPERATOR, Role.MAINTAINER), (Party.OUTSIDE,)),
    Act.DELAY_NOTICE: Rule(
        "delaying a notice to a person", (Role.OPERATOR,), (Party.OUTSIDE,), longest=timedelta(hours=72)
    ),
}


def in_words(act: Act) -> str:
    """One sentence: who asks, and who agrees."""
    rule = RULES[act]
    asks = " or ".join(f"{_article(role)} {role}" for role in rule.asked_by)
    limit = "" if rule.longest is None else f", for {rule.longest // timedelta(hours=1)} hours at most"
    agree = "agree" if len(rule.approvers) > 1 else "agrees"
    return f"{rule.about}: {asks} asks, and {' and '.join(rule.approvers)} {agree}{limit}"


def _article(word: str) -> str:
    return "an" if word[0] in "aeiou" else "a"
