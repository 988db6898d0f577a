"""Two people who were seen at two places on two days, in a live folder; and what of that an answer must not tell.

The places and cameras where they were seen are in nobody's grant: an answer that has one of them beside a person has it
from a sighting.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from beholden.acts.accounts.change import ADD, add_account
from beholden.acts.accounts.wished import NewAccount
from beholden.acts.approvals.breakglass import OPEN, Breaking, open_glass
from beholden.acts.displays.show import LOOK, Look, show
from beholden.acts.grants.people import everybody
from beholden.acts.office import Office
from beholden.acts.plans.kept import plans_here
from beholden.acts.plans.matches import tell_match
from beholden.acts.plans.wishes import keep_wishes
from beholden.acts.sightings.answers import answer
from beholden.acts.sightings.counts import add_track_ends
from beholden.acts.sightings.incidents import KEEP, incident_digest, keep_incident
from beholden.acts.sightings.presence import Sighting, death
from beholden.acts.sightings.sighting import Settle
from beholden.acts.store import SealedCamera, Store
from beholden.consent.house import House
from beholden.consent.keystore import Keystore
from beholden.consent.oversight.accounts import PersonId
from beholden.consent.oversight.displays import Way
from beholden.consent.oversight.plans import Wishes
from beholden.consent.oversight.rules import Act
from beholden.consent.registry import SubjectState
from beholden.ledger.memory import MemoryLog
from beholden.ledger.note import SigningKey
from beholden.model.camera import Camera
from beholden.model.errors import BeholdenError
from beholden.model.event import TrackEnded
from beholden.model.grant import Capture, Place, Purpose, Viewpoint
from beholden.model.ids import CameraId, Epoch, PlaceId, SightingId, SubjectId, TrackId
from beholden.model.match import Known, Reason, Why
from tests.acts.houses import CONTROLLER, PLACES, SERVED, joined, tick
from tests.acts.missing import missed
from tests.acts.oversight import ANOTHER, World
from tests.people import Clock, office_of

ATTIC, CELLAR = PlaceId("attic"), PlaceId("cellar")
NAMES = {"Ann": "Annabel Quist", "Ben": "Benedict Zorn"}
GLASS, PLAN = "glass-1", "f_00000000000000a1"
"""A find-me plan of Ben, which is open by break-glass."""
BEGAN = datetime(2026, 11, 14, 18, 0, tzinfo=UTC)
"""A week in which those who watch come to count, and four days in which an account does, before the first sighting."""
FIRST = datetime(2026, 11, 25, 22, 50, 13, tzinfo=UTC)


@dataclass(frozen=True)
class Trace:
    """One sighting of somebody."""

    sighting: SightingId
    place: PlaceId
    camera: str
    at: datetime

    def marks(self, text: str) -> bool:
        """Whether an answer tells of it: by its place, its camera or its minute; an id alone tells nothing."""
        return any(f'"{each}"' in text for each in (self.place, self.camera)) or f"{self.at:%Y-%m-%dT%H:%M}" in text


@dataclass(frozen=True)
class Person:
    id: SubjectId
    name: str
    marks: tuple[str, ...]
    """Id, name, grants, and of Ben the plan."""
    traces: tuple[Trace, ...]


@dataclass
class Town:
    world: World
    people: tuple[Person, ...]
    request: str
    glass: str

    @property
    def office(self) -> Office:
        return self.world.office

    @property
    def whole(self) -> bool:
        """Whether everybody is still there with every sighting: an act that was tried may have destroyed something."""
        states = {each.state for each in self.office.store.subjects()}
        return (
            states == {SubjectState.ENROLLED}
            and len(self.office.store.sightings()) == 4
            and all(person.label in NAMES.values() for person in everybody(self.office))
            and len(self.office.store.cameras()) == 2
            and len(self.office.store.kept("request")) == 1
            and any(plan.open_at(self.office.clock()) for plan in plans_here(self.office))
        )


def planted(store: Store, keystore: Keystore) -> Town:
    """On a store of a live folder that is empty."""
    clock = Clock(BEGAN)
    return plant(office_of(store, keystore, MemoryLog(), clock, MemoryLog()), clock)


def plant(office: Office, clock: Clock) -> Town:
    """In a live folder that is empty."""
    served = (*SERVED, Purpose.FIND_ME)
    house = House(CONTROLLER, [replace(place, purposes=served) for place in PLACES])
    world = World(replace(office, house=house), clock)
    world.everybody("olga", "max", "sam", "wanda", "uwe", "audrey")
    for name in ("oskar", "otto"):
        world.add(name, *ANOTHER, by="olga")
    people = tuple(_joined(world, short) for short in NAMES)
    _own_account(world, people[0])
    _cameras(office.store, clock())
    traces: dict[SubjectId, list[Trace]] = {each.id: [] for each in people}
    settle = Settle(world.office)
    for who, place, minutes in ((0, ATTIC, 3), (1, CELLAR, 17), (0, CELLAR, 154), (1, ATTIC, 171)):
        clock.now = FIRST + timedelta(minutes=minutes - 1)
        if minutes == 171:
            _sought(world, people[who])
        clock.pass_by(minutes=1)
        traces[people[who].id].append(_seen(world.office, settle, people[who], place))
        settle.close_due(clock() + timedelta(minutes=2))
    clock.pass_by(minutes=5)
    end = TrackEnded(at=clock(), camera="cam-attic", place=ATTIC, outcome="known", reason="clear", seconds=3)
    add_track_ends(world.office, (end,) * 12)
    town = Town(world, tuple(replace(each, traces=tuple(traces[each.id])) for each in people), "", GLASS)
    _busy(town)
    return town


def _joined(world: World, short: str) -> Person:
    purposes = (Purpose.CARE, Purpose.ENTRANCE, *((Purpose.FIND_ME,) if short == "Ben" else ()))
    made = joined(world.office, NAMES[short], tuple(map(tick, purposes)), f"token of {short}")
    plan = ()
    if short == "Ben":
        [grant] = [each for each in made.grants if each.purpose is Purpose.FIND_ME]
        keep_wishes(world.office, Wishes(made.subject, PersonId(made.subject), grant, frozenset(), frozenset()))
        plan = (PLAN,)
    marks = (made.subject, NAMES[short], *(each.id for each in made.grants), *plan)
    return Person(made.subject, NAMES[short], marks, ())


def _cameras(store: Store, at: datetime) -> None:
    for place in (ATTIC, CELLAR):
        store.add_camera(SealedCamera(Camera(CameraId(f"cam-{place}"), place, at), b"sealed"))


def _seen(office: Office, settle: Settle, person: Person, place: PlaceId) -> Trace:
    view = Viewpoint(CameraId(f"cam-{place}"), Place(place, capture=Capture.LANE))
    [care] = [each.id for each in office.store.grants(person.id) if each.purpose is Purpose.CARE]
    match, now = Known(person.id, care, Why(Reason.CLEAR, 3)), office.clock()
    return Trace(settle.named(view, Epoch("aaaaaaaaaaaa"), TrackId("t"), match, now), place, view.camera, now)


def _busy(town: Town) -> None:
    """What else an office has: displays, an incident that is kept, a request, a glass, an answer."""
    world, ann = town.world, town.people[0]
    for sighting, place in ((each.sighting, each.place) for each in ann.traces[:1]):
        feed = Look(ann.id, Way.FEED, place, sighting)
        show(world.office, feed, world.signed("otto", LOOK, feed.digest))
        answer(world.office, sighting, right=True)
        for name in ("olga", "oskar"):
            keep_incident(world.office, sighting, world.signed(name, KEEP, incident_digest(sighting)))
    town.request = world.ask("olga", Act.EXPORT_RECORDINGS, (("camera", "door"),)).digest
    _found(world.office, town.people[1])


def _own_account(world: World, ann: Person) -> None:
    """Hers: in her name it counts after 72 hours."""
    key = world.keys.setdefault("ann", SigningKey.generate("ann"))
    own = ("a_ann", ann.name, "residents", "other", ("subject",), key.verifier.encoded(), 365, ann.id)
    wish = NewAccount(*own)
    proof = world.proof(ann.id, wish.asked)
    add_account(world.office, wish, world.signed("olga", ADD, wish.digest), proof=proof)


def _sought(world: World, ben: Person) -> None:
    """His plan is opened a moment before he is seen."""
    missed(world, PLAN, ben.id)
    glass = Breaking(GLASS, PLAN, ben.id, "no answer")
    open_glass(world.office, glass, world.signed("sam", OPEN, glass.digest))


def _found(office: Office, ben: Person) -> None:
    """Where he was seen last is what the plan found."""
    last = ben.traces[-1]
    [grant] = [each.id for each in office.store.grants(ben.id) if each.purpose is Purpose.FIND_ME]
    camera = CameraId(last.camera)
    seen = Sighting(last.sighting, ben.id, grant, camera, last.place, last.at, last.at, 3, death(last.at))
    assert tell_match(office, seen, camera, last.at)


class Towns:
    """A planted town for each call; a new one when an act has destroyed something of the last."""

    def __init__(self, folder: Path, store: type) -> None:
        self._folder, self._store, self._number = folder, store, 0
        self._town: Town | None = None

    def one(self) -> Town:
        if self._town is None or not _is_whole(self._town):
            self._number += 1
            keystore = Keystore.create(self._folder / f"keystore{self._number}")
            self._town = planted(self._store(rehearsal=False), keystore)
        self._town.world.clock.pass_by(seconds=1)
        kept = self._town.office.store  # as if nobody had looked: who looked too often would be told nothing
        kept.drop_kept("display", [each.id for each in kept.kept("display")])
        return self._town


def _is_whole(town: Town) -> bool:
    with suppress(BeholdenError):
        return town.whole
    return False


def complaints(town: Town, asked: str, answered: str, but: Collection[str] = ()) -> Iterator[str]:
    """What an answer tells that nobody but the subject may know. `asked`: the question, as text; `but`: of whom it may
    tell."""
    for person in (each for each in town.people if each.id not in but):
        beside = any(mark in answered for mark in person.marks)
        about = any(mark in asked for mark in person.marks)
        told = [trace for trace in person.traces if trace.marks(answered)]
        ids = [trace for trace in person.traces if trace.sighting in answered]
        by_sighting = any(trace.sighting in asked for trace in person.traces)
        if (beside or about) and (len(told) > 1 or len(ids) > 1):
            yield f"joins what was seen of {person.name} at several places or moments"
        elif about and not by_sighting and (told or ids):
            yield f"lists sightings of {person.name}, who was asked for"
        elif beside and told and not by_sighting:
            yield f"tells where or when {person.name} was, and nobody asked for that one sighting"
