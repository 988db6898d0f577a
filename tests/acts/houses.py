"""A live office with places and somebody who answers, and people who accept their links."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from beholden.acts.grants.accept import accept, read
from beholden.acts.grants.invite import Invitee, invite_all
from beholden.acts.grants.reference import Reference
from beholden.consent.house import House
from beholden.consent.invitation import Tick, token_hash
from beholden.consent.notice import Controller
from beholden.model.grant import Capture, Place, Purpose
from beholden.model.ids import PlaceId, SubjectId
from tests.people import LOBBY, MODEL, office_of, vector

GATE = PlaceId("gate")
CONTROLLER = Controller("The Vale House", "desk@example.org", "the authority")
SERVED = (Purpose.ENTRANCE, Purpose.CARE)
PLACES = (Place(LOBBY, capture=Capture.LANE, purposes=SERVED), Place(GATE, capture=Capture.LANE, purposes=SERVED))
HOUSE = House(CONTROLLER, PLACES)
YEAR = timedelta(days=365)
TOKEN = "a token"
REQUEST = SubjectId("s_request")


def live_office(store, keystore, log, clock, house=HOUSE):
    return replace(office_of(store, keystore, log, clock), house=house)


def with_place(office, **changes):
    """The same office where every place has other rules."""
    return replace(office, house=House(CONTROLLER, [replace(place, **changes) for place in PLACES]))


def invitee(name="Ann", token=TOKEN, purposes=(Purpose.ENTRANCE, Purpose.PHOTOS)):
    return Invitee(name, purposes, frozenset({LOBBY, GATE}), SubjectId(f"s_{name.lower()}"), token_hash(token))


def tick(purpose=Purpose.ENTRANCE, days=365, **more):
    places = frozenset() if purpose is Purpose.PHOTOS else frozenset({LOBBY, GATE})
    return Tick(purpose, timedelta(days=days), **{"places": places, **more})


def joined(office, name="Ann", ticks=None, token=TOKEN):
    """Somebody who was invited, read the notice and accepted."""
    ticks = ticks or (tick(),)
    purposes = tuple(each.purpose for each in ticks)
    invite_all(office, (invitee(name, token, purposes),)) if purposes != (Purpose.PHOTOS,) else invite_all(
        office, (replace(invitee(name, token, purposes), places=frozenset()),)
    )
    read(office, token)
    return accept(office, token, ticks, Reference(vector(1), MODEL, 0.8, 3), SubjectId(f"s_r{name.lower()}"))


def kinds(office):
    return [line.event["kind"] for line in office.journal.read() if line.event is not None]


def standing(office, grant):
    return office.store.standings(grant.subject)[grant.id]
