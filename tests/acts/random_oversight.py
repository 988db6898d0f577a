"""Whatever operators, approvers, reporters and the person herself do in whatever order: what never happens.

A machine for Hypothesis, on any store. What must hold is said again here in plain words, from who signed what: nothing
of `consent.oversight` is asked. Anna laid down a find-me plan: Bea may be told, Ben never.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from beholden.acts.displays.show import LOOK, Look, show
from beholden.acts.displays.ties import SAY, say, tie_digest
from beholden.acts.displays.watched import Tie
from beholden.acts.plans.open_close import open_plan
from beholden.acts.plans.own import LAY_DOWN, Laid, lay_down
from beholden.acts.recover import recover
from beholden.acts.store import Store
from beholden.consent.keystore import Keystore
from beholden.consent.oversight.displays import Way
from beholden.ledger.memory import MemoryLog, Weather
from beholden.model.errors import InputError, LogUnavailable, PolicyRefused
from tests.acts.missing import ANNA, Town
from tests.acts.oversight import ANOTHER, World, told
from tests.people import LOBBY, Clock, office_of

ORGANISATION = {"sam": "site", "sue": "site", "wanda": "welfare", "will": "welfare", "uwe": "union", "paul": "police"}
ANY = st.lists(st.sampled_from(sorted(ORGANISATION)), min_size=1, max_size=3, unique=True).map(tuple)
APPROVERS = st.sampled_from([("sam", "wanda"), ("sue", "will"), ("uwe", "wanda")]) | ANY
READERS = st.sampled_from(["wanda", "will"]) | st.sampled_from([*ORGANISATION, "olga", "max", "audrey", "bea"])
DESK = ("olga", "oscar")
"""Operators of those who run the place: nobody else reads a name, but she her own."""
VIEWERS = st.sampled_from(DESK) | st.sampled_from(["max", "sam", "wanda", "audrey", "bea", "anna"])
DAY, GLASS = timedelta(days=1), timedelta(minutes=15)
MOST_LOOKS, LOOKS_COUNT = 3, timedelta(days=90)
MOST_PLANS = 3
TOLD_WITHIN = timedelta(hours=72)
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass
class Plan:
    """A report, and who agreed to what came of it."""

    by: str
    open_until: list[datetime] = field(default_factory=list)
    closed: bool = False
    tell_by: datetime = NEVER

    def agreed(self, now: datetime, lasts: timedelta) -> None:
        self.open_until.append(now + lasts)
        self.tell_by = min(self.tell_by, now + TOLD_WITHIN)

    def may_be_open(self, now: datetime) -> bool:
        return not self.closed and any(now <= until for until in self.open_until)


class Oversight(RuleBasedStateMachine):
    """The town, and beside it who agreed to what. `make` gives a store of a live folder that is empty."""

    def __init__(self, make: Callable[[], Store]) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="beholden-oversight-"))
        self.clock, self.log = Clock(), MemoryLog()
        office = office_of(make(), Keystore.create(self.folder / "keystore"), self.log, self.clock)
        self.town = Town(World(office, self.clock))
        self.town.world.add("oscar", *ANOTHER, by="olga")
        self.clock.pass_by(hours=72)
        self.plans: dict[str, Plan] = {}
        self.looks: dict[str, list[datetime]] = defaultdict(list)
        self.said: dict[tuple[str, str, datetime], set[str]] = defaultdict(set)
        self.barred: set[str] = set()
        self.shown = self.glasses = self.sightings = 0

    def teardown(self) -> None:
        self.log.weather = Weather.WORKS
        recover(self.town.office)
        self.clock.pass_by(hours=2)
        recover(self.town.office)  # what opens a leaf that never was is forgotten by now
        lines = self.town.office.journal.read()
        assert all(line.genuine and line.leaf is not None for line in lines if line.event is not None)
        assert self.town.office.store.unsettled() == ()
        assert sum(each["what"] == "shown" for each in told(self.town.office, "overseen")) >= self.shown
        shutil.rmtree(self.folder)

    def _tried(self, act: Callable[[], Any]) -> tuple[bool, Any]:
        """Whether it was done, and the result. A log that fails refuses everything."""
        try:
            return True, act()
        except LogUnavailable:
            assert self.log.weather is not Weather.WORKS
        except (PolicyRefused, InputError):
            pass
        return False, None

    # ----- what may happen

    @rule(by=st.sampled_from(["Bea", "Bea", "Ben", "Somebody"]), authority=st.integers(0, 5).map(lambda n: n == 5))
    def is_reported(self, by: str, authority: bool) -> None:
        done, wanted = self._tried(lambda: self.town.reported(by, authority=authority))
        if done:
            assert by != "Ben"
            assert not authority
            self.plans[wanted.plan] = Plan(by)

    @precondition(lambda self: self.plans)
    @rule(data=st.data(), approvers=APPROVERS)
    def is_opened(self, data: st.DataObject, approvers: tuple[str, ...]) -> None:
        plan = data.draw(st.sampled_from(sorted(self.plans)))
        wanted = lambda: self.town.wanted(plan, "open")  # noqa: E731
        self._agreed(
            plan, "open", approvers, lambda: open_plan(self.town.office, plan, self.town.agreed(wanted(), *approvers))
        )

    @rule(approvers=APPROVERS)
    def is_reported_and_opened(self, approvers: tuple[str, ...]) -> None:
        done, wanted = self._tried(lambda: self.town.reported("Bea"))
        if done:
            self.plans[wanted.plan] = Plan("Bea")
            act = lambda: open_plan(self.town.office, wanted.plan, self.town.agreed(wanted, *approvers))  # noqa: E731
            self._agreed(wanted.plan, "open", approvers, act)

    @precondition(lambda self: self.plans)
    @rule(data=st.data(), approvers=APPROVERS)
    def is_renewed(self, data: st.DataObject, approvers: tuple[str, ...]) -> None:
        plan = data.draw(st.sampled_from(sorted(self.plans)))
        self._agreed(plan, "renew", approvers, lambda: self.town.renewed(plan, *approvers))

    def _agreed(self, plan: str, what: str, approvers: tuple[str, ...], act: Callable[[], Any]) -> None:
        said = self.said[plan, what, self.clock()]  # asked for again at the same moment it is the same request
        said.update(approvers)
        done, _ = self._tried(act)
        if done:
            organisations = {ORGANISATION[each] for each in said}
            assert len(organisations - {"police"}) > 1
            assert "welfare" in organisations
        # What a failing log refused may yet be found in it, and then counts: it was agreed to all the same.
        if done or self.log.weather is Weather.FAILS_BUT_PERSISTED:
            self.plans[plan].agreed(self.clock(), DAY)

    @precondition(lambda self: self.plans)
    @rule(data=st.data(), who=st.sampled_from(sorted(ORGANISATION)))
    def a_glass_is_broken(self, data: st.DataObject, who: str) -> None:
        plan = data.draw(st.sampled_from(sorted(self.plans)))
        self.glasses += 1
        done, _ = self._tried(lambda: self.town.broken(plan, who, f"g{self.glasses}"))
        if done or self.log.weather is Weather.FAILS_BUT_PERSISTED:
            assert not done or ORGANISATION[who] != "police"
            self.plans[plan].agreed(self.clock(), GLASS)

    @precondition(lambda self: self.plans)
    @rule(data=st.data(), who=st.sampled_from(sorted(ORGANISATION)))
    def is_closed(self, data: st.DataObject, who: str) -> None:
        plan = data.draw(st.sampled_from(sorted(self.plans)))
        if self._tried(lambda: self.town.closed(plan, who))[0]:
            self.plans[plan].closed = True

    @rule(reply=st.sampled_from(["safe-tell-nobody", "safe-tell-mine", "help"]))
    def she_answers(self, reply: str) -> None:
        """That she is safe, perhaps so that nobody is told; or that she wants to be found."""
        if self._tried(lambda: self.town.answers(reply))[0] and reply != "help":
            for plan in self.plans.values():
                plan.closed = plan.closed or plan.may_be_open(self.clock())

    @rule(bea=st.integers(0, 4).map(lambda n: n > 0))
    def she_lays_down_anew(self, bea: bool) -> None:
        """Perhaps that Bea is never told any more."""
        wish = Laid(ANNA, may_tell=("Bea",) if bea else (), never_tell=("Ben",) if bea else ("Ben", "Bea"))
        signed = self.town.world.signed("anna", LAY_DOWN, wish.digest)
        self._tried(lambda: lay_down(self.town.office, wish, signed))

    @rule()
    def she_is_seen(self) -> None:
        """A camera has a match of her under the plan: somebody is told where a plan is open, and only there."""
        self.sightings += 1
        done, found = self._tried(lambda: self.town.seen(str(self.sightings)))
        if done and found:
            assert any(plan.may_be_open(self.clock()) for plan in self.plans.values())

    @precondition(lambda self: self.plans)
    @rule(
        data=st.data(),
        who=st.sampled_from(["wanda", "will"]) | st.sampled_from([*ORGANISATION, "olga", "max", "audrey", "bea"]),
    )
    def matches_are_read(self, data: st.DataObject, who: str) -> None:
        plan = data.draw(st.sampled_from(sorted(self.plans)))
        if self._tried(lambda: self.town.matches(plan, who))[0]:
            assert ORGANISATION.get(who) == "welfare"

    @rule(who=VIEWERS)
    def somebody_looks(self, who: str) -> None:
        self.clock.pass_by(seconds=1)
        look, now = Look(ANNA, Way.LOOK_UP, LOBBY), self.clock()
        done, shown = self._tried(lambda: show(self.town.office, look, self.town.world.signed(who, LOOK, look.digest)))
        if done and shown.name is not None and who != "anna":
            assert who in DESK
            recent = [at for at in self.looks[who] if at > now - LOOKS_COUNT]
            assert len(recent) < MOST_LOOKS
            assert who not in self.barred
            self.looks[who].append(now)
            self.shown += 1

    @rule(who=VIEWERS)
    def she_bars(self, who: str) -> None:
        signed = self.town.world.signed("anna", SAY, tie_digest(Tie.BARRED, f"a_{who}", None))
        if self._tried(lambda: say(self.town.office, Tie.BARRED, f"a_{who}", None, signed))[0]:
            self.barred.add(who)

    @rule(hours=st.sampled_from([0, 0, 0, 1, 5, 23, 24, 73]), minutes=st.integers(0, 59))
    def time_passes(self, hours: int, minutes: int) -> None:
        self._tried(lambda: self.town.passes(hours=hours, minutes=minutes))

    @rule(weather=st.sampled_from([Weather.FAILS, Weather.FAILS_BUT_PERSISTED]))
    def the_log_changes(self, weather: Weather) -> None:
        self.log.weather = weather

    @rule()
    def the_log_works_again(self) -> None:
        self.log.weather = Weather.WORKS
        recover(self.town.office)

    # ----- what is always true

    @invariant()
    def a_plan_is_open_only_where_two_agreed_or_a_glass_was_broken(self) -> None:
        now = self.clock()
        opened = {str(plan.id) for plan in self.town.plans if plan.open_at(now)}
        assert all(self.plans[each].may_be_open(now) for each in opened)
        assert len(opened) <= MOST_PLANS

    @invariant()
    def nothing_is_ever_opened_on_what_ben_says(self) -> None:
        assert all(plan.by != "Ben" for plan in self.plans.values())
        assert {str(plan.id) for plan in self.town.plans} <= set(self.plans)

    @invariant()
    def she_is_told_within_three_days(self) -> None:
        """Once the log works, and the keeper had a minute."""
        if self.log.weather is Weather.WORKS:
            self.town.passes()
            now = self.clock()
            late = [each for each in self.town.plans if each.told_at is None and now >= self.plans[each.id].tell_by]
            assert late == []
