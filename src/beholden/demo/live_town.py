"""The live part of the demo: the town's clips as RTSP cameras, watched by the real keeper and its workers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from beholden.demo.backdrop import Setting
from beholden.demo.broadcast import Broadcast
from beholden.demo.clip import Clip, write_clip
from beholden.demo.endless import write_endless
from beholden.demo.live_outcome import (
    Answer,
    CameraOutcome,
    Heard,
    LiveResult,
    TownCamera,
    Walks,
    expected_words,
    happened_words,
    judged,
    named_at,
    undecided_at,
    walks_of,
    withdrawal_of,
)
from beholden.demo.people import PersonId
from beholden.demo.scene import Actor, Scene, Step, dress
from beholden.demo.town import LOBBY, NOA, SHIRTS, TWO, Expect, Resident, Town
from beholden.evaluate.faces_left import check_clip
from beholden.model.camera import CameraHealth
from beholden.model.ids import CameraId, SubjectId

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Pace:
    """How long is watched, seconds. By `patience_s` everybody who must be named is named, or never.

    `least_s`: so long at least before somebody withdraws, nearly a round of the clips, for wrong names
    to come. `after_s`: so long afterwards, for a name to come back.
    """

    patience_s: float = 30.0
    least_s: float = 8.0
    after_s: float = 8.0


LOOK_EVERY = 5
"""The independent detector looks at every fifth covered picture: one a second."""

PLAYED = {
    "lobby-1": "01-lobby-arrival",
    "lobby-2": "06-lobby-crowd",
    "gate-1": "03-gate-alike",
    "garden-1": "04-garden-noon",
}
"""Which clip of the town's day each camera shows."""
WAITS = "live-lobby-waiting"
WAITING = Scene(
    Setting.LOBBY,
    23,
    (
        Actor(NOA, (Step(0.0, 400, 280, 92), Step(4.8, 580, 290, 108)), ("calm", "smug", "determined"), SHIRTS[NOA]),
        Actor(TWO, (Step(0.0, 960, 270, 84), Step(4.8, 860, 280, 98)), ("calm", "smug", "determined"), SHIRTS[TWO]),
    ),
)
"""Noa is in view all the time, so that she can withdraw in view; beside her is somebody who agreed to nothing."""


class LiveStack(Protocol):
    """A data folder, its keeper, its workers: what the live part runs on, put together by the command line.

    Everybody is enrolled and every camera is added before `start`. All of it may raise BeholdenError.
    """

    def enrol(self, resident: Resident) -> SubjectId:
        """Enrol a resident with their pictures, under their first grant."""
        ...

    def add(self, camera: TownCamera, address: str) -> None:
        """Add a camera whose covered picture is recorded."""
        ...

    def start(self, hear: Callable[[Answer], None]) -> None:
        """Begin to watch. `hear` is called with each answer that changed, from any thread, never for long."""
        ...

    def health(self) -> Sequence[CameraHealth]:
        """How each camera is doing at this moment."""
        ...

    def withdraw(self, subject: SubjectId) -> None:
        """As `beholden withdraw` in another process would."""
        ...

    def stop(self) -> None:
        """End every process; recordings are whole afterwards. Idle when it is not running."""
        ...

    def export(self, camera: CameraId, target: Path) -> None:
        """A camera's whole covered timeline as one video."""
        ...


def town_cameras(town: Town) -> tuple[TownCamera, ...]:
    """The cameras of the live part: four show a clip of the town's day for ever, the fifth shows Noa, who waits."""
    clips = {clip.name: clip for clip in town.clips}
    played = [(CameraId(camera), clips[clip]) for camera, clip in PLAYED.items()]
    waiting = TownCamera(
        CameraId("lobby-3"), LOBBY, WAITS, Expect(frozenset({NOA})), "Noa withdraws while this camera sees her."
    )
    return (*(TownCamera(camera, clip.place, clip.name, clip.expect, clip.why) for camera, clip in played), waiting)


def run_live(
    stack: LiveStack, town: Town, films: Mapping[str, Clip], out: Path, say: Say, pace: Pace = Pace()
) -> LiveResult:
    """Broadcast, watch, withdraw, and look at what was recorded; covered video is left in `out`/covered.

    `films` are the town's clips by name (`film_town`). Raises MissingInput without the demo's extra.
    """
    began = time.monotonic()
    cameras = town_cameras(town)
    walks = _on_reel(cameras, films, out)
    subjects = {resident.person: stack.enrol(resident) for resident in town.residents}
    persons = {subject: person for person, subject in subjects.items()}
    noa = next(resident for resident in town.residents if resident.person == NOA)
    ear = Ear(time.monotonic)
    with ExitStack() as stopped:
        air = stopped.enter_context(Broadcast(out / "live"))
        for camera in cameras:
            stack.add(camera, air.address(camera.clip))
        say(f"{len(cameras)} cameras of the town go live, as RTSP on this machine ...")
        stopped.callback(stack.stop)
        started = time.monotonic()
        stack.start(ear.hear)
        ear.wait(lambda heard: _all_there(heard, cameras, walks, persons), pace.patience_s)
        time.sleep(max(0.0, started + pace.least_s - time.monotonic()))
        asked = time.monotonic()
        stack.withdraw(subjects[NOA])
        returned = time.monotonic()
        say(f"  {noa.label} withdraws in view of a camera")
        time.sleep(pace.after_s)
        health = {one.camera: one for one in stack.health()}
    heard = ear.heard()
    outcomes = [
        _looked_at(judged(camera, heard, walks[camera.camera], persons, health.get(camera.camera)), stack, out)
        for camera in cameras
    ]
    for outcome in outcomes:
        say(f"  {line(outcome, town)}")
    withdrawal = withdrawal_of(noa.label, subjects[NOA], heard, asked, returned)
    delays = [one.answer.shot_to_event_s for one in heard if one.answer.subject is not None]
    slowest = max((delay for delay in delays if delay is not None), default=None)
    return LiveResult(tuple(outcomes), withdrawal, slowest, time.monotonic() - began)


def line(outcome: CameraOutcome, town: Town) -> str:
    """One camera in one line: what had to happen, what did, and how fast it was."""
    health = outcome.health
    speed = (
        "no sign of it"
        if health is None
        else f"{health.read_fps:.1f} read, {health.analysed_fps:.1f} analysed a second"
    )
    mark = "ok " if outcome.as_expected else "NOT"
    expected, happened = expected_words(outcome, town), happened_words(outcome, town)
    return f"{mark} {outcome.camera.camera:<20} expected: {expected:<12} happened: {happened:<12} ({speed})"


class Ear:
    """Hears answers from whichever thread tells them, in the order in which they come."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._heard: list[Heard] = []
        self._more = threading.Condition()

    def hear(self, answer: Answer) -> None:
        with self._more:
            self._heard.append(Heard(self._clock(), answer))
            self._more.notify_all()

    def heard(self) -> tuple[Heard, ...]:
        """Everything so far."""
        with self._more:
            return tuple(self._heard)

    def wait(self, enough: Callable[[Sequence[Heard]], bool], seconds: float) -> bool:
        """Wait until what was heard is enough, or for `seconds`; whether it is."""
        with self._more:
            return self._more.wait_for(lambda: enough(self._heard), seconds)


def _all_there(
    heard: Sequence[Heard],
    cameras: Sequence[TownCamera],
    walks: Mapping[CameraId, Walks],
    persons: Mapping[SubjectId, PersonId],
) -> bool:
    """Whether everybody who must be named or left undecided was, at each camera."""
    return all(
        camera.expect.named <= {persons[subject] for subject in named_at(heard, camera.camera)}
        and camera.expect.undecided <= len(undecided_at(heard, camera.camera, walks[camera.camera]))
        for camera in cameras
    )


def _on_reel(cameras: Sequence[TownCamera], films: Mapping[str, Clip], out: Path) -> dict[CameraId, Walks]:
    """Every camera's clip in `out`/live, so that it can be played for ever; and where people walk in it."""
    walks: dict[CameraId, Walks] = {}
    for camera in cameras:
        film = films.get(camera.clip) or write_clip(WAITING, out / "town" / f"{WAITS}.mp4", dress([WAITING]))
        write_endless(film.path, out / "live" / f"{camera.clip}.mp4", film.fps)
        walks[camera.camera] = walks_of(film)
    return walks


def _looked_at(outcome: CameraOutcome, stack: LiveStack, out: Path) -> CameraOutcome:
    """The outcome with what the independent detector sees in the camera's recording."""
    covered = out / "covered" / f"live-{outcome.camera.camera}.mp4"
    covered.parent.mkdir(parents=True, exist_ok=True)
    stack.export(outcome.camera.camera, covered)
    report = check_clip(covered, LOOK_EVERY)
    return replace(outcome, visible=report.visible, pictures_checked=report.frames_checked)
