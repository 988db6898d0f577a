"""Whatever happens in whatever order, with a log that works, fails, or fails and persisted: a plain model agrees.

No template without somebody enrolled who has a key; no act without its leaf; what is told of people is what happened.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from beholden.acts.grants.enrol import enrol_reference
from beholden.acts.grants.invite import invite
from beholden.acts.grants.pause import pause, resume
from beholden.acts.grants.people import people
from beholden.acts.grants.reference import Reference
from beholden.acts.grants.withdraw import withdraw, withdrawal_receipt
from beholden.acts.logged.hourly import Batches
from beholden.acts.recover import recover
from beholden.acts.sightings.answers import answer
from beholden.acts.sightings.sighting import Settle, sightings
from beholden.acts.store import Store
from beholden.consent.keystore import Keystore
from beholden.consent.registry import SubjectState
from beholden.ledger.memory import MemoryLog, Weather
from beholden.ledger.note import parse_verifier
from beholden.ledger.opened import parse_opened, verify_opened
from beholden.model.errors import AlreadyEnrolled, BeholdenError, KeyDestroyed, LogUnavailable, UnknownSubject
from beholden.model.grant import GrantState, Purpose
from beholden.model.ids import Epoch, SubjectId, TrackId, new_subject_id
from beholden.model.match import Known, Reason, Why
from beholden.storage.memory import MemoryStore
from tests.people import AT_LOBBY, ENTRANCE, MODEL, Clock, office_of, vector

NAMES = ("Ann", "Ben", "Cleo")
WHO = st.sampled_from(NAMES)


@dataclass
class Person:
    """What should be true of somebody."""

    subject: SubjectId
    state: SubjectState
    paused: bool = False
    sightings: set[str] = field(default_factory=set)


class Histories(RuleBasedStateMachine):
    """The office, and beside it what should be true. `make` gives a store of a rehearsal that is empty."""

    def __init__(self, make: Callable[[], Store] = MemoryStore) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="beholden-histories-"))
        self.clock, self.log, self.seen = Clock(), MemoryLog(), MemoryLog("beholden.invalid/memory/seen")
        self.store, self.keystore = make(), Keystore.create(self.folder / "keystore")
        self.office = office_of(self.store, self.keystore, self.log, self.clock, self.seen, Batches(("lobby",), 2))
        self.office.journal.publish_due()
        self.settle = Settle(self.office)
        self.here: dict[str, Person] = {}
        self.gone: list[SubjectId] = []
        self.done: Counter[str] = Counter()
        self.tracks = 0

    def teardown(self) -> None:
        self.works()
        recover(self.office)
        self.clock.pass_by(hours=2, seconds=1)
        recover(self.office)  # what opens a leaf that never was is forgotten by now; the hour is published
        lines = self.office.journal.read()
        events: list[dict[str, Any]] = [line.event for line in lines if line.event is not None]
        assert all(line.genuine for line in lines if line.event is not None)
        assert all(line.leaf is not None for line in lines)
        self._every_act_has_its_leaf(lines, events)
        for subject in self.gone:
            text = withdrawal_receipt(self.office, subject)
            assert len(verify_opened(parse_opened(text.encode()), parse_verifier(self.log.verifier))) == 2
        assert self.store.unsettled() == ()
        shutil.rmtree(self.folder)

    def _every_act_has_its_leaf(self, lines: Any, events: list[dict[str, Any]]) -> None:
        """Of people who are here: those who left took the keys to theirs along, but for the withdrawal itself."""
        here = {person.subject for person in self.here.values()}
        by_leaf = {line.leaf: line.event for line in lines}
        failed = Counter(
            by_leaf[event["intent"]]["kind"]
            for event in events
            if event["kind"] == "act_completed" and event["error"] and by_leaf.get(event["intent"])
        )
        told = Counter(event["kind"] for event in events)
        assert told["erased"] == len(self.gone)
        assert told["withdrawn"] - failed["withdrawn"] == len(self.gone)
        for kind in ("invited", "enrolled", "paused", "resumed"):
            mine = sum(count for (what, subject), count in self.acts.items() if what == kind and subject in here)
            assert told[kind] - failed[kind] == mine, kind

    @property
    def acts(self) -> Counter[tuple[str, str]]:
        return Counter({tuple(key.split(" ")): count for key, count in self.done.items()})  # type: ignore[misc]

    def _did(self, kind: str, subject: str) -> None:
        self.done[f"{kind} {subject}"] += 1

    def _tried(self, act: Any, *expected: type[BeholdenError]) -> Any:
        """The result; None where it was refused as it had to be. A log that fails must refuse what it would note."""
        try:
            result = act()
        except LogUnavailable:
            assert self.log.weather is not Weather.WORKS
            return None
        except expected:
            return None
        return result

    # ----- what may happen

    @rule(who=WHO)
    def is_invited(self, who: str) -> None:
        made = self._tried(lambda: invite(self.office, who, [Purpose.ENTRANCE]), AlreadyEnrolled)
        if made is not None:
            assert who not in self.here
            self.here[who] = Person(made, SubjectState.INVITED)
            self._did("invited", made)

    @rule(who=WHO, seed=st.integers(1, 5))
    def enrols(self, who: str, seed: int) -> None:
        reference = Reference(vector(seed), MODEL, 0.8, 2)
        act = lambda: enrol_reference(self.office, who, reference, ENTRANCE, new_subject_id())  # noqa: E731
        made = self._tried(act, AlreadyEnrolled)
        if made is not None:
            assert who not in self.here or self.here[who].state is SubjectState.INVITED
            self.here[who] = Person(made.subject, SubjectState.ENROLLED)
            self._did("enrolled", made.subject)

    @rule(who=WHO, again=st.booleans())
    def pauses_or_resumes(self, who: str, again: bool) -> None:
        person = self.here.get(who)
        if person is None:
            return
        changed = self._tried(lambda: (resume if again else pause)(self.office, person.subject))
        if changed:
            assert person.paused is again
            person.paused = not again
            self._did("resumed" if again else "paused", person.subject)

    @rule(who=WHO)
    def withdraws(self, who: str) -> None:
        person = self.here.get(who)
        if person is None:
            return
        done = self._tried(lambda: withdraw(self.office, person.subject), UnknownSubject)
        if done is not None:
            del self.here[who]
            self.gone.append(person.subject)

    @rule(who=WHO)
    def is_seen(self, who: str) -> None:
        """By a camera that still holds a match of before: whoever withdrew is not named."""
        person = self.here.get(who)
        if person is None or person.state is not SubjectState.ENROLLED:
            return
        self.tracks += 1
        match = Known(person.subject, self.store.grants(person.subject)[0].id, Why(Reason.CLEAR, 2))
        track = TrackId(f"t{self.tracks}")
        named = self._tried(
            lambda: self.settle.named(AT_LOBBY, Epoch("e"), track, match, self.clock()), KeyDestroyed, LogUnavailable
        )
        if named is not None:
            person.sightings.add(named)

    @rule(who=WHO, right=st.booleans())
    def is_answered(self, who: str, right: bool) -> None:
        mine = self.here[who].sightings if who in self.here else set()
        alive = [each.id for each in sightings(self.office) if each.id in mine]
        if alive:
            self._tried(lambda: answer(self.office, alive[0], right))

    @rule(hours=st.integers(0, 3), minutes=st.integers(1, 50))
    def time_passes(self, hours: int, minutes: int) -> None:
        self.clock.pass_by(hours=hours, minutes=minutes)

    @rule()
    def the_hour_is_published(self) -> None:
        self._tried(self.office.journal.publish_due)

    @rule(weather=st.sampled_from([w for w in Weather if w is not Weather.STALLS]))
    def the_log_changes(self, weather: Weather) -> None:
        self.log.weather = self.seen.weather = weather

    @rule()
    def works(self) -> None:
        self.log.weather = self.seen.weather = Weather.WORKS

    @rule()
    def is_started_again(self) -> None:
        if self._tried(lambda: recover(self.office)) is not None:
            self.settle = Settle(self.office)

    # ----- what is always true

    @invariant()
    def templates_are_of_the_enrolled_alone(self) -> None:
        enrolled = {p.subject for p in self.here.values() if p.state is SubjectState.ENROLLED}
        assert {each.subject for each in self.store.snapshot().templates} == enrolled
        keys = self.keystore.data_keys(enrolled)
        assert all(key is not None for key in keys.values())
        assert all(key is None for key in self.keystore.data_keys(self.gone).values())

    @invariant()
    def what_is_told_is_what_happened(self) -> None:
        told = {p.label: p for p in people(self.office) if p.state is not SubjectState.WITHDRAWN}
        assert {name: (p.id, p.state) for name, p in told.items()} == {
            name: (p.subject, p.state) for name, p in self.here.items()
        }
        for name, person in self.here.items():
            states = {grant.state for grant in told[name].grants}
            assert states <= {GrantState.PAUSED if person.paused else GrantState.ACTIVE}

    @invariant()
    def sightings_are_of_people_who_were_seen(self) -> None:
        seen = {each for person in self.here.values() for each in person.sightings}
        assert {each.id for each in sightings(self.office)} <= seen


TestHistories = Histories.TestCase
TestHistories.settings = settings(
    max_examples=25,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
