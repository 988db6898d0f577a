"""Every display of a person counts, and belongs to a named account.

    looked at so often         the account                 others
    once or twice              is shown the person         find it in the log
    the third time             is shown the person         alarm: auditors, other organisations' approvers, the family
    the fourth time and on     is shown nothing            the same, once; each further attempt is in the log

Counted together: all accounts that one human being holds, on one side; a person and the person's
relatives on the other; and attempts that were blocked. What somebody asks to see counts for 90 days, a
rolling window. A live sighting is pushed to the desk, which cannot choose it: it counts for ten
minutes, so that a desk goes on seeing residents who pass every day. Both are this project's choice: the
window is long enough that looking every second week is still too often.

To an account that a subject barred, the subject is not there: the answer equals that about nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from beholden.consent.oversight.accounts import Account, AccountId, Directory, PersonId, Role
from beholden.consent.oversight.canaries import touched
from beholden.consent.oversight.families import NO_BARS, NO_FAMILIES, Bars, Families
from beholden.consent.oversight.steps import Fact, Happened, Notice
from beholden.model.ids import PlaceId, SubjectId


class Way(StrEnum):
    """How a person is displayed."""

    FEED = "feed"
    PLAYBACK = "playback"
    LOOK_UP = "look_up"
    CLI = "cli"


SOUGHT = frozenset({Way.PLAYBACK, Way.LOOK_UP, Way.CLI})
"""Where the account chooses whom it looks at."""
COUNTS_FOR = {way: timedelta(days=90) if way in SOUGHT else timedelta(minutes=10) for way in Way}
ALARM_AT = 3
BLOCK_AT = 4
BLOCKED = "this account has looked at this person or their family too often"


@dataclass(frozen=True, slots=True)
class Display:
    """`account`, held by `person`, looked at `subject` at `place` (where the account works); or tried to."""

    account: AccountId
    person: PersonId
    subject: SubjectId
    way: Way
    place: PlaceId
    at: datetime
    shown: bool = True

    def counts_at(self, now: datetime) -> bool:
        """Clocks that are set back make nothing uncounted."""
        return now < self.at + COUNTS_FOR[self.way]


@dataclass(frozen=True, slots=True)
class Watched:
    """What is known of the people here. `persons`: the human being that a subject is."""

    directory: Directory
    families: Families = NO_FAMILIES
    bars: Bars = NO_BARS
    canaries: frozenset[SubjectId] = frozenset()
    persons: Mapping[SubjectId, PersonId] = field(default_factory=dict[SubjectId, PersonId])


@dataclass(frozen=True, slots=True)
class Answer:
    """All that the account learns."""

    shown: SubjectId | None = None
    refused: str | None = None


NOBODY = Answer()


@dataclass(frozen=True, slots=True)
class Looked:
    """`answer` for the account; the rest not: what is counted from now on, what is logged, who is told."""

    answer: Answer
    counted: Display | None = None
    facts: tuple[Fact, ...] = ()
    notices: tuple[Notice, ...] = ()


def look(
    account: AccountId,
    subject: SubjectId | None,
    way: Way,
    place: PlaceId,
    past: Sequence[Display],
    watched: Watched,
    now: datetime,
) -> Looked:
    """What an account is shown of `subject`; None: nobody is there. `past`: everything counted before."""
    viewer = watched.directory.acting(account, (now,))
    if isinstance(viewer, str):
        return Looked(Answer(refused=viewer))
    if subject is None:
        return Looked(NOBODY)
    if watched.bars.holds(subject, viewer):
        return Looked(NOBODY, None, (Fact(now, Happened.BARRED_LOOK, way, subject, (account,)),))
    if watched.persons.get(subject) == viewer.person and Role.SUBJECT in viewer.roles and not viewer.is_new_at(now):
        return Looked(Answer(subject))  # with a new account in their name anybody may look: it counts
    family = watched.families.of(subject)
    before = [each for each in past if each.person == viewer.person and each.subject in family and each.counts_at(now)]
    count = len(before) + 1
    shown = count < BLOCK_AT
    facts = [Fact(now, Happened.SHOWN if shown else Happened.DISPLAY_BLOCKED, way, subject, (account,))]
    notices: tuple[Notice, ...] = ()
    if count in (ALARM_AT, BLOCK_AT):
        facts.append(Fact(now, Happened.DISPLAY_ALARM, way, subject, (account,)))
        seen = {subject, *(each.subject for each in before)} - watched.canaries
        notices = _alarm(viewer, sorted(seen), shown, watched.directory, now)
    if subject in watched.canaries:
        alarm, told = touched(viewer, subject, watched.directory, now)
        facts += alarm
        notices += told
    counted = Display(account, viewer.person, subject, way, place, now, shown)
    return Looked(Answer(subject) if shown else Answer(refused=BLOCKED), counted, tuple(facts), notices)


def _alarm(
    viewer: Account, seen: Sequence[SubjectId], shown: bool, directory: Directory, now: datetime
) -> tuple[Notice, ...]:
    """To those who watch, and to those who were looked at."""
    end = "was shown them for the last time" if shown else "is not shown them any more"
    others = f"Account {viewer.id} looked at one person, or their relatives, again and again, and {end}."
    own = f"Account {viewer.id} looked at you, or at your relatives, again and again, and {end}."
    told = [Notice(each.id, others, now) for each in directory.watchers(viewer, now)]
    return (*told, *(Notice(each, own, now) for each in seen))
