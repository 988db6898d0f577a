"""People for tests of consent, storage and acts: made of random numbers, like nobody."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import numpy as np

from beholden.acts.grants.enrol import Enrolment, Wish, enrol
from beholden.acts.logged.hourly import Batches
from beholden.acts.office import Office, open_office
from beholden.acts.store import Store
from beholden.consent.keystore import Keystore
from beholden.ledger.log import Log
from beholden.model.grant import Capture, Place, Purpose, Viewpoint
from beholden.model.ids import CameraId, ModelDigest, PlaceId
from beholden.model.template import ProbeTemplate

NOW = datetime(2026, 11, 23, 9, 41, 7, 250_000, tzinfo=UTC)
MODEL = ModelDigest("aa" * 32)
LOBBY = PlaceId("lobby")
AT_LOBBY = Viewpoint(CameraId("cam"), Place(LOBBY, capture=Capture.LANE))
IN_A_FILE = Viewpoint(CameraId("party.mp4"), None)
PHOTO = np.zeros((8, 8, 3), np.uint8)
ENTRANCE = Wish((Purpose.ENTRANCE,), frozenset({LOBBY}), duration=timedelta(days=30))


class Clock:
    """A clock that only the test moves."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)


def vector(seed: int, length: int = 128) -> np.ndarray:
    """A unit vector, float32, always the same for a seed."""
    numbers = np.random.default_rng(seed).normal(size=length).astype(np.float32)
    return numbers / np.linalg.norm(numbers)


def maker(seed: int, model: ModelDigest = MODEL):
    """What turns photos into this vector."""
    return lambda photos: (ProbeTemplate(vector(seed), model, len(photos)), 0.8)


def office_of(
    store: Store,
    keystore: Keystore,
    log: Log,
    clock: Clock,
    seen: Log | None = None,
    batches: Batches | None = None,
) -> Office:
    """`seen` is the log of the hour; if there is none, what happens is in the public log at once."""
    lock = threading.RLock()

    class Held:
        def __enter__(self) -> None:
            lock.acquire()

        def __exit__(self, *_: object) -> None:
            lock.release()

    return open_office(store, keystore, log, clock, Held, seen or log, batches)


def enrolled(office: Office, name: str, seed: int, wish: Wish = ENTRANCE) -> Enrolment:
    return enrol(office, name, [PHOTO], maker(seed), wish)
