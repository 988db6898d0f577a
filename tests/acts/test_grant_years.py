"""Years of a few people through the real acts, with a keeper that is away for weeks and a clock that is set.

What must hold is said again here, in plain days, from what the people did: nothing of `consent.life` is asked.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from beholden.acts.grants import own
from beholden.acts.grants.known_time import KeptTime, beat, keep
from beholden.acts.grants.life import look_after, not_named
from beholden.acts.recover import recover
from beholden.consent.life import Unnamed
from beholden.consent.registry import SubjectState
from beholden.ledger.memory import MemoryLog
from beholden.model.errors import PolicyRefused
from beholden.storage.memory import MemoryStore
from tests.acts.faults import Faulty, Killed
from tests.acts.houses import HOUSE, joined, live_office, standing, tick
from tests.acts.test_time_kept import Machine
from tests.people import NOW

DAY = timedelta(days=1)


@dataclass
class Diary:
    """What one person said, by day. `asked` after the last yes: when the keeper first could."""

    name: str
    subject: object
    grant: object
    last_yes: int
    ends: int
    answered: bool = False
    paused: bool = False
    gone: int | None = None
    asked: int | None = None

    def ask_day(self):
        return self.last_yes + (180 if self.answered else 30)

    def silent_day(self):
        return (self.ask_day() if self.asked is None else self.asked) + 14

    def over_day(self):
        return min(self.ends, self.last_yes + 365)

    def named(self, day):
        return self.gone is None and day < self.over_day() and day < self.silent_day() and not self.paused and day >= 1


def said(dice, office, diary, day):
    """Perhaps the person says something, which the diary takes down."""
    word = dice.choice(["", "", "", "", "yes", "pause", "resume", "renew", "withdraw" if dice.random() < 0.02 else ""])
    edition, grant = HOUSE.edition_of(diary.grant), (office, diary.subject, diary.grant.id)
    try:
        if word == "yes":
            own.confirm(*grant, edition)
            diary.last_yes, diary.answered, diary.asked = day, True, None
        elif word == "pause":
            own.pause(*grant)
            diary.paused = True
        elif word == "resume":
            own.resume(*grant)
            diary.paused = False
        elif word == "renew" and dice.random() < 0.1:
            length = dice.randint(1, 365)
            own.renew(*grant, length * DAY, edition)
            diary.answered = diary.answered or diary.asked is not None
            diary.last_yes, diary.asked, diary.ends = day, None, max(day, 1) + length
        elif word == "withdraw":
            own.withdraw(*grant)
            diary.gone = day
    except PolicyRefused:
        assert word in ("yes", "resume", "pause", "renew")


def minute(office, diaries, day, dice):
    """The keeper's minute, which may be killed and is then begun again."""
    if dice.random() < 0.05:
        method = dice.choice(["set_standings", "begin_withdrawal", "strip", "delete_templates"])
        dying = replace(office, store=Faulty(office.store, method, dice.choice(["before", "after"]), Killed()))
        try:
            look_after(dying)
        except Killed:
            recover(office)
    look_after(office)
    for diary in diaries:
        if diary.gone is None and day >= diary.over_day():
            diary.gone = day
        elif diary.gone is None and diary.asked is None and day >= diary.ask_day():
            diary.asked = day


@pytest.mark.parametrize("seed", range(4))
def test_years_of_a_few_people_are_as_the_rules_say_in_plain_days(seed, keystore):
    """Named exactly on the days on which they may be; gone from the first minute on that is due, and not before."""
    live_for(799, random.Random(seed), MemoryStore(rehearsal=False), keystore)


def live_for(most, dice, store, keystore):
    """So many days of three people, held against what they said."""
    machine = Machine()
    plain = live_office(store, keystore, MemoryLog(), lambda: machine.clock)
    office = replace(plain, time=KeptTime(plain.store, machine.clocks()))
    diaries: list[Diary] = []
    for name in ("Ann", "Ben", "Cid"):
        days = dice.randint(200, 365)
        made = joined(office, name, (tick(days=days),), token=name)
        diaries.append(Diary(name, made.subject, made.grants[0], 0, days + 1))
    away = 0
    for day in range(1, most + 1):
        machine.pass_by(DAY)
        beat(office)
        wrong = timedelta(0)
        if dice.random() < 0.05:  # somebody sets the clock years ahead, or back
            wrong = dice.choice([-1, 1]) * 3000 * DAY
            machine.clock += wrong
            beat(office)
        away = dice.randint(1, 20) if away == 0 and dice.random() < 0.02 else max(0, away - 1)
        if wrong:
            assert look_after(office) == 0
            there = [diary for diary in diaries if diary.gone is None]
            assert [each.reason for each in not_named(office)] == [str(Unnamed.IN_DOUBT)] * len(there)
            machine.clock -= wrong
            beat(office)
        if not away:
            minute(office, diaries, day, dice)
        keep(office)
        unnamed = {each.subject for each in not_named(office)}
        for diary in diaries:
            enrolled = office.store.subject(diary.subject).state is SubjectState.ENROLLED
            assert enrolled is (diary.gone is None), (day, diary)
            assert (enrolled and diary.subject not in unnamed) is diary.named(day), (day, diary)
            held = any(template.subject == diary.subject for template in office.store.snapshot().templates)
            assert held is enrolled
            assert (diary.subject in keystore.subjects()) is enrolled
            if enrolled and day < diary.over_day():
                said(dice, office, diary, day)
    assert all(standing(office, diary.grant).over for diary in diaries if diary.gone)
    assert machine.clock == NOW + most * DAY
