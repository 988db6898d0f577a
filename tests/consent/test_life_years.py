"""Five simulated years of many people, on good clocks and on bad ones, against the diary of `life_model`."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from beholden.consent import life, own_say
from beholden.consent.known_time import KnownTime, known_from, seen
from beholden.consent.life import Standing, Step, begun, due, taken, template_goes, template_until, unnamed
from beholden.consent.notice import Edition
from beholden.model.errors import PolicyRefused
from beholden.model.grant import Purpose
from tests.consent.life_model import Diary

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
BEGIN = datetime(2026, 11, 23, 9, 41, 7, tzinfo=UTC)
YEARS = 5
WORDS = {Step.PAUSE: "silent", Step.ASK: "asked", Step.REMIND: "reminded", Step.END: "end"}
EARLY = 45 * MINUTE
"""A quarter of an hour by which the clock may be ahead, and two by which it may have been behind at the yes."""


@dataclass
class BadClock:
    """The true time, and a clock that is set, stands still while off, and is now and then put right."""

    chance: Random
    true: datetime = BEGIN
    error: timedelta = timedelta(0)
    off: timedelta = timedelta(0)
    known: KnownTime = field(default_factory=lambda: known_from(BEGIN))

    def tick(self) -> None:
        chance = self.chance
        slept = timedelta(hours=24 * chance.uniform(0.2, 1.8))
        self.true += slept
        passed: timedelta | None = slept
        if chance.random() < 0.02:  # switched off, for seconds or for days
            away = chance.choice((MINUTE, 5 * MINUTE, 2 * DAY, 20 * DAY))
            self.true += away
            self.off += slept + away
            passed = None
        if chance.random() < 0.02:
            self.error = chance.choice((1, -1)) * chance.choice((10 * MINUTE, timedelta(hours=1), DAY, 400 * DAY))
        trusted = chance.random() < (0.1 if self.in_doubt() else 0.02)
        if trusted:
            self.error = self.off = timedelta(0)
        self.known = seen(self.known, self.true + self.error, passed, trusted=trusted)

    def in_doubt(self) -> bool:
        """The rule, told by whoever knows the truth."""
        return abs(self.error + self.off) > 15 * MINUTE


class GoodClock(BadClock):
    def tick(self) -> None:
        self.true += timedelta(hours=24 * self.chance.uniform(0.2, 1.8))
        self.known = seen(self.known, self.true, trusted=True)


@dataclass
class Life:
    """One grant, in the program and in the diary, and what was seen of it."""

    standing: Standing
    diary: Diary
    quiet_until: datetime | None = None
    true_yes: datetime = BEGIN


def text_of(edition: Edition) -> tuple[str, str]:
    return edition.digest, edition.rules


def new_life(chance: Random, now: datetime, edition: Edition, true: datetime) -> Life:
    purpose = chance.choice(list(Purpose))
    lasts = chance.choice((5 * DAY, 40 * DAY, 200 * DAY, 365 * DAY, 730 * DAY))
    begins = now + (timedelta(0) if purpose is Purpose.PHOTOS else DAY)
    standing = begun(purpose, now, lasts, edition, rehearsal=False)
    assert (standing.starts_at, standing.ends_at) == (begins, begins + lasts)
    return Life(standing, Diary(now, begins, begins + lasts, text_of(edition)), true_yes=true)


def speak(one: Life, chance: Random, clock: BadClock, edition: Edition) -> str | None:
    """Now and then the person says something; both are told, and both have to agree on whether it counts."""
    said = chance.choices(
        ("nothing", "yes", "pause", "resume", "renew", "cancel", "withdraw", "met"), (50, 9, 1, 1, 0.3, 1, 0.08, 0.03)
    )[0]
    doubtful = clock.known.now is None
    if said == "nothing" or (doubtful and said in ("yes", "renew")):
        return None
    now, diary, before = clock.known.latest, one.diary, one.standing
    open_to = not diary.is_over() and now < diary.over_from()
    lasts = 100 * DAY
    counts = {
        "yes": open_to and bool(diary.asked()) and diary.asked()[-1][2] == text_of(edition),
        "pause": open_to and not diary.is_paused(),
        "resume": open_to and diary.is_paused(),
        "renew": open_to and before.purpose is not Purpose.PHOTOS,
        "cancel": open_to and now < diary.begins,
        "withdraw": not diary.is_over(),
        "met": not diary.is_over(),
    }[said]
    try:
        one.standing = {
            "yes": lambda: own_say.yes(before, now, edition),
            "pause": lambda: own_say.pause(before, now),
            "resume": lambda: own_say.resume(before, now),
            "renew": lambda: own_say.renew(before, now, lasts, edition),
            "cancel": lambda: own_say.cancel(before, now),
            "withdraw": lambda: own_say.withdraw(before, now),
            "met": lambda: own_say.purpose_met(before, now + 3 * DAY) if counts else before,
        }[said]()
    except PolicyRefused:
        assert not counts, said
    assert (one.standing != before) == counts, said
    if counts:
        page = {
            "yes": ("yes", (text_of(edition),)),
            "pause": ("paused", None),
            "resume": ("resumed", None),
            "renew": ("renewed", (text_of(edition), lasts)),
            "cancel": ("over", None),
            "withdraw": ("over", None),
            "met": ("met", now + 3 * DAY),
        }[said]
        diary.write(now, *page)
        one.quiet_until = None
        if said in ("yes", "renew"):
            one.true_yes = clock.true
    return said if counts else None


def live(one: Life, clock: BadClock, edition: Edition) -> list[str]:
    """What is due happens, in both; nothing before the moment that was foretold."""
    now = clock.known.now
    assert (unnamed(one.standing, now, edition) is None) == one.diary.named(now, text_of(edition))
    found = due(one.standing, now, edition)
    if now is None:
        assert found == life.Due((), None)
        return []
    if one.quiet_until is not None and now < one.quiet_until:
        assert found.steps == ()
    expected = one.diary.over_from()
    for step in found.steps:
        one.standing = taken(one.standing, step, now, edition)
    happened = [WORDS[step] for step in found.steps]
    assert happened == one.diary.live(now, text_of(edition))
    if "end" in happened:
        assert clock.true >= expected - 15 * MINUTE
        if one.standing.over is life.Over.UNRENEWED:
            assert clock.true >= one.true_yes + 365 * DAY - EARLY
    assert (unnamed(one.standing, now, edition) is None) == one.diary.named(now, text_of(edition))
    assert due(one.standing, now, edition).steps == ()
    assert found.next_at is None or found.next_at > now
    one.quiet_until = found.next_at
    return happened


def five_years(clock: BadClock, people: int) -> Counter[str]:
    """Everybody has one grant or two; when their template went, they come back after a while."""
    chance = clock.chance
    edition = Edition("d0", "r0")
    everybody: list[list[Life]] = [[] for _ in range(people)]
    seen_so_far: Counter[str] = Counter()
    days = 0
    while clock.true < BEGIN + YEARS * 365 * DAY:
        days += 1
        clock.tick()
        assert (clock.known.now is None) == clock.in_doubt()
        assert clock.known.latest <= clock.true + 15 * MINUTE
        seen_so_far["in doubt" if clock.known.now is None else "certain"] += 1
        if chance.random() < 0.004:
            rules = f"r{days}" if chance.random() < 0.3 else edition.rules
            edition = Edition(f"d{days}", rules)
            for lives in everybody:
                for one in lives:
                    one.quiet_until = None
        for at, lives in enumerate(everybody):
            if not lives and clock.known.now is not None and chance.random() < 0.05:
                count = chance.choice((1, 1, 2))
                everybody[at] = [new_life(chance, clock.known.now, edition, clock.true) for _ in range(count)]
            for one in everybody[at]:
                seen_so_far.update(live(one, clock, edition))
                said = speak(one, chance, clock, edition)
                if said is not None:
                    seen_so_far[said] += 1
            everybody[at] = after_destruction(everybody[at], clock, seen_so_far)
    return seen_so_far


def after_destruction(lives: list[Life], clock: BadClock, seen_so_far: Counter[str]) -> list[Life]:
    """The template goes when the last of the grants is over, not before, and is never due again."""
    standings = [one.standing for one in lives]
    if not lives:
        return lives
    now = clock.known.now
    gone = template_goes(standings, now)
    assert gone == all(one.diary.is_over() or (now is not None and now >= one.diary.over_from()) for one in lives)
    if not gone:
        assert now is None or any(one.standing.over is None for one in lives)
        return lives
    assert now is None or template_until(standings) <= now
    seen_so_far["destroyed"] += 1
    return []


EVERYTHING = {"silent", "asked", "reminded", "end", "yes", "pause", "resume", "renew", "cancel", "withdraw", "met"}


@pytest.mark.parametrize("seed", [1, 2])
def test_five_years_on_clocks_that_are_set_and_stand_still_are_as_the_diary_says(seed):
    """Every question, silence and end when it is due and never before; nobody named who is not to be."""
    seen_so_far = five_years(BadClock(Random(seed)), people=12)
    assert set(seen_so_far) >= {*EVERYTHING, "destroyed", "in doubt", "certain"}
    assert seen_so_far["in doubt"] > 100
    assert seen_so_far["certain"] > 500


def test_five_years_on_a_good_clock_are_as_the_diary_says():
    """The same, without a doubt."""
    seen_so_far = five_years(GoodClock(Random(3)), people=12)
    assert set(seen_so_far) == {*EVERYTHING, "destroyed", "certain"}


@pytest.mark.parametrize("seed", [4, 5, 6])
def test_whoever_waits_for_what_was_foretold_does_everything_at_its_very_moment(seed):
    """`next_at` is neither early nor late: something is due then, and the end comes at the microsecond."""
    chance = Random(seed)
    edition = Edition("d", "r")
    for _ in range(60):
        one = new_life(chance, BEGIN + chance.uniform(0, 1000) * DAY, edition, BEGIN)
        standing, now = one.standing, one.standing.made_at
        while standing.over is None:
            ahead = due(standing, now, edition).next_at
            assert ahead is not None
            assert ahead > now
            assert due(standing, ahead - timedelta(microseconds=1), edition).steps == ()
            now = ahead
            steps = due(standing, now, edition).steps
            assert len(steps) == 1
            standing = taken(standing, steps[0], now, edition)
            if standing.question is not None and not standing.question.reminded and chance.random() < 0.8:
                now += DAY
                standing = own_say.yes(standing, now, edition)
        assert standing.over_at == life.over_by(standing) == now
        assert now == min(standing.ends_at, standing.confirmed_at + 365 * DAY)
