"""A data folder with one person who agreed, and a clip with two who did not; watched as `watch --save` does."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol, cast

from beholden.acts.grants.enrol import Wish, enrol_reference, make_enrolment_reference
from beholden.demo.backdrop import Setting
from beholden.demo.people import PersonId, photos
from beholden.demo.scene import Actor, Scene, Step
from beholden.demo.town import ADA, CEM, LOBBY, NOA, SHIRTS
from beholden.faces.embed import Embedder
from beholden.model.frame import Frame
from beholden.model.grant import Purpose, Viewpoint
from beholden.model.ids import CameraId, new_subject_id
from beholden.pipeline.ports import TrackDecision
from beholden.settings import PlaceSettings, Settings, Storage
from beholden.video.record import Recorder
from beholden.video.source import Source
from beholden.wiring.engine import load_faces, template_maker
from beholden.wiring.files import Watch
from beholden.wiring.folder import create_data, open_acting

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
OPEN = ExitStack()
"""Closed with the process: it keeps the folder as long as it lives."""
GONE_S = 2.2
"""The strangers leave here; their tracks end a second later, while the clip goes on."""


def scene() -> Scene:
    """Two strangers come closer, side by side, and go; then the lobby is empty."""

    def walk(person: PersonId, x: float, face: float) -> Actor:
        path = (Step(0.0, x, 280, face), Step(GONE_S, x + 60, 290, face + 24))
        return Actor(person, path, ("calm", "determined"), SHIRTS[person])

    return Scene(Setting.LOBBY, 23, (walk(CEM, 360, 92), walk(NOA, 880, 84)), seconds=4.2)


def open_watch(data: Path, cache: Path, embedder: type[Embedder]) -> Watch:
    """A rehearsal folder, new, with one person who is not in the clip, and an engine with this recogniser."""
    lobby = PlaceSettings(capture=LOBBY.capture, purposes=LOBBY.purposes)
    settings = Settings(storage=Storage(cache=cache), places={"lobby": lobby})
    create_data(data, settings, rehearsal=True, clock=lambda: NOON)
    acting = OPEN.enter_context(open_acting(data, settings, clock=lambda: NOON))
    engine = load_faces(settings)
    wish = Wish((Purpose.ENTRANCE,), frozenset({LOBBY.id}))
    with make_enrolment_reference((photos(ADA)["portrait"],), template_maker(engine)) as reference:
        acting.do(enrol_reference, "Ada", reference, wish, new_subject_id())
    engine.embedder.__class__ = embedder  # not a second one: the weights are most of what is searched
    return Watch(acting, engine, settings)


class Look(Protocol):
    def __call__(self, made: Sequence[TrackDecision], *, broken_off: bool = False) -> None: ...


class Looked:
    """A source that calls `look` each time before it gives the next frame; else as it is."""

    def __init__(self, source: Source, look: Callable[[], None]) -> None:
        self._source, self._look = source, look

    def __getattr__(self, name: str) -> Any:
        return getattr(self._source, name)

    def frames(self) -> Iterator[Frame]:
        for frame in self._source.frames():
            yield frame
            self._look()


def watch(watching: Watch, clip: Path, covered: Path, look: Look, stop_after: int | None) -> list[TrackDecision]:
    """All decisions; `look` is called with those made so far, between two frames.

    After `stop_after` decisions the run is broken off, people in view or not, and `look` called then.
    """
    viewpoint = Viewpoint(CameraId("lobby-1"), LOBBY)
    made: list[TrackDecision] = []
    with watching.source(clip, viewpoint.camera, NOON) as source, Recorder(covered, rate=5.0) as recorder:
        looked = source if stop_after is not None else cast("Source", Looked(source, lambda: look(made)))
        running = watching.run(looked, viewpoint, recorder.write)
        for decision in running:
            made.append(decision)
            if len(made) == stop_after:
                break
        cast("Generator[TrackDecision]", running).close()
        if stop_after is not None:
            look(made, broken_off=True)
    return made
