"""A week in a rehearsal folder with a log of files: whatever the report tells of happened in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from beholden.acts.approvals.breakglass import OPEN, REVIEW, Breaking, glass_digest, open_glass, review_glass
from beholden.acts.approvals.in_force import SETTINGS, put_in_force
from beholden.acts.approvals.model import announce_model, conclude_model
from beholden.acts.camera import add_camera
from beholden.acts.displays.show import LOOK, Look, show
from beholden.acts.grants.pause import pause
from beholden.acts.grants.withdraw import withdraw
from beholden.acts.logged.heartbeat import publish_hour
from beholden.acts.logged.hourly import Batches
from beholden.acts.logged.rotation import destroy_key
from beholden.acts.office import Office
from beholden.acts.recording import export_particulars, log_export
from beholden.acts.sightings.answers import answer
from beholden.acts.sightings.counts import add_track_ends
from beholden.acts.sightings.presence import Sighting, sealed_sighting
from beholden.acts.sightings.sighting import Settle
from beholden.consent.keystore import Keystore
from beholden.consent.oversight.displays import Way
from beholden.consent.oversight.rules import Act
from beholden.ledger.log import FileLog
from beholden.model.camera import Camera
from beholden.model.errors import PolicyRefused
from beholden.model.event import BackedUp, FolderCreated, TrackEnded
from beholden.model.ids import CameraId, Epoch, PlaceId, SightingId, TrackId
from beholden.model.match import Known, Reason, Why
from beholden.storage.database import Database
from tests.acts.houses import GATE, HOUSE, joined
from tests.acts.missing import missed
from tests.acts.oversight import World
from tests.people import AT_LOBBY, LOBBY, NOW, Clock, office_of

HOUR = timedelta(hours=1)
DAY = 24 * HOUR
WEEK = "2026-W48"
"""That of `tests.people.NOW`, a Monday."""
YARD = PlaceId("yard")


@dataclass
class Town:
    office: Office
    clock: Clock
    log: Path
    key: str


@pytest.fixture(scope="session")
def town(tmp_path_factory) -> Town:
    """Read it; whoever changes it makes one of their own."""
    folder = tmp_path_factory.mktemp("report")
    log = FileLog.create(folder / "log", "example.org/town")
    seen = FileLog.create(folder / "seen", "example.org/seen")
    clock = Clock(NOW)
    database = Database.create(folder / "beholden.db", "f", rehearsal=True, moment=NOW)
    office = office_of(
        database, Keystore.create(folder / "keystore"), log, clock, seen, Batches(places=("gate", "lobby"), size=4)
    )
    office = replace(office, house=HOUSE)
    office.journal.record([FolderCreated(at=clock(), rehearsal=True)])
    _lived(office, clock)
    return Town(office, clock, folder / "log", log.verifier)


def _lived(office: Office, clock: Clock) -> None:
    publish_hour(office)
    add_camera(office, Camera(CameraId("cam"), LOBBY, clock()), "rtsp://192.168.1.20/")
    people = [joined(office, f"P{number}", token=f"token {number}").subject for number in range(14)]
    pause(office, people[0])
    _hours(office, clock, 3)
    _seen_and_answered(office, clock, people)
    _overseen(office, clock, people)
    for subject in people[2:13]:
        withdraw(office, subject)
    put_in_force(office, SETTINGS, ["a = 1"])
    put_in_force(office, SETTINGS, ["a = 2"])
    conclude_model(office, announce_model(office, "other", "ab" * 32, "MIT"), None)
    office.journal.record([BackedUp(at=clock())])
    destroy_key(office, "camera:nobody")
    _hours(office, clock, 24)
    clock.now = NOW.replace(hour=0) + 9 * DAY
    publish_hour(office)
    put_in_force(office, SETTINGS, ["of the week after"])


def _hours(office: Office, clock: Clock, number: int) -> None:
    for _ in range(number):
        clock.pass_by(hours=1)
        publish_hour(office)


def _seen_and_answered(office: Office, clock: Clock, people) -> None:
    """At the lobby often enough to be told, at the yard not."""
    ann = people[1]
    [grant] = office.store.grants(ann)
    Settle(office).named(AT_LOBBY, Epoch("e"), TrackId("t"), Known(ann, grant.id, Why(Reason.CLEAR, 2)), clock())
    key, now = office.keystore.data_key(ann), clock()
    for place, number in ((LOBBY, 12), (YARD, 3)):
        made = [
            Sighting(
                SightingId(f"{place}{each}"), ann, grant.id, CameraId("cam"), place, now, now, 2, dies_at=now + DAY
            )
            for each in range(number)
        ]
        office.store.put_sightings([sealed_sighting(each, key) for each in made])
        for each, sighting in enumerate(made):
            answer(office, sighting.id, each > 0)
        event = TrackEnded(at=now, camera="cam", place=place, outcome="unknown", reason="clear", seconds=1)
        add_track_ends(office, (event,) * 5 * number)


def _overseen(office: Office, clock: Clock, people) -> None:
    world = World(office, clock)
    for name, about in (
        ("olga", ("site", "site", ("operator",))),
        ("sam", ("site", None, ("approver",))),
        ("uwe", ("union", "other", ("approver",))),
        ("wanda", ("welfare", "welfare", ("approver",))),
        ("audrey", ("audit", "other", ("auditor",))),
    ):
        world.add(name, *about, by={"olga": None, "sam": "olga", "uwe": "olga"}.get(name, "uwe"))
    for subject in people[2:13]:
        asked = Look(subject, Way.CLI, LOBBY)
        show(office, asked, world.signed("olga", LOOK, asked.digest))
        clock.pass_by(seconds=1)
    span = (clock(), clock() + HOUR)
    wanted = export_particulars(CameraId("cam"), *span)
    log_export(office, CameraId("cam"), *span, world.agreed("olga", Act.EXPORT_RECORDINGS, wanted, "uwe"))
    other = export_particulars(GATE, *span)
    with pytest.raises(PolicyRefused):
        log_export(office, GATE, *span, world.agreed("olga", Act.EXPORT_RECORDINGS, other))
    missed(world, "p1", people[1])
    wish = Breaking("g_1", "p1", people[1], "no answer")
    open_glass(office, wish, world.signed("sam", OPEN, wish.digest))
    clock.pass_by(hours=1)
    review_glass(office, "g_1", True, world.signed("uwe", REVIEW, glass_digest("g_1", "yes")))
