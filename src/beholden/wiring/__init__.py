"""The only place that picks implementations and puts them together."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from beholden.acts.enrol import MakeTemplate
from beholden.acts.recover import recover
from beholden.acts.sighting import purge
from beholden.faces.added import added_models, find_model
from beholden.faces.decide import DecisionRule
from beholden.faces.engine import FaceEngine, FaceFinder, load_engine, load_finder
from beholden.faces.enrolment import make_reference
from beholden.faces.quality import QualityGates
from beholden.model.errors import NamingNotAllowed, SettingsError
from beholden.model.frame import Pixels
from beholden.model.grant import Place, Viewpoint
from beholden.model.ids import CameraId, PlaceId, new_epoch
from beholden.model.template import ProbeTemplate
from beholden.pipeline.ports import Show, TrackDecision
from beholden.pipeline.redact import RedactionOptions
from beholden.pipeline.stages import CameraRun
from beholden.settings import Settings
from beholden.storage.folder import DataFolder, create_folder, open_folder
from beholden.supervise.acting import Acting, acting
from beholden.supervise.desk import OpenedOffice
from beholden.supervise.filelink import FileLink
from beholden.video.limits import Limits
from beholden.video.record import Recorder
from beholden.video.source import Source, open_source

MODELS = "models"
"""Recognisers that a user added, inside the data folder."""


def now() -> datetime:
    """The clock that is handed to everything: aware UTC."""
    return datetime.now(UTC)


def create_data(path: Path, settings: Settings, *, rehearsal: bool, clock: Callable[[], datetime] = now) -> None:
    """Create a data folder; see `storage.folder.create_folder` for what is raised."""
    create_folder(path, rehearsal=rehearsal, clock=clock, keystore=settings.storage.keystore)


def open_data(path: Path, settings: Settings, clock: Callable[[], datetime] = now) -> DataFolder:
    """Open a data folder as whoever keeps it: finish what a crash cut off, delete sightings past their 24 hours.

    For the keeper only (`open_acting`): two processes that write one folder are not what this is made for.
    """
    folder = open_folder(path, clock=clock, keystore=settings.storage.keystore)
    try:
        recover(folder.office)
        purge(folder.office)
    except BaseException:
        folder.close()
        raise
    return folder


def look_into(path: Path, settings: Settings) -> DataFolder:
    """A data folder opened to be read, whoever keeps it; everything in it is checked. Raises as `open_folder`."""
    return open_folder(path, clock=now, keystore=settings.storage.keystore)


def office_opener(path: Path, settings: Settings, clock: Callable[[], datetime] = now) -> Callable[[], OpenedOffice]:
    """How a keeper opens the folder, with the places of these settings."""

    def place(name: PlaceId) -> Place | None:
        try:
            return settings.place(name)
        except SettingsError:
            return None

    def opened() -> OpenedOffice:
        folder = open_data(path, settings, clock)
        return OpenedOffice(folder.office, place, folder.close)

    return opened


@contextmanager
def open_acting(
    path: Path, settings: Settings, clock: Callable[[], datetime] = now, *, take_over: bool = True
) -> Generator[Acting]:
    """Where acts on a data folder happen: this process keeps it if no other one does, else it acts through that one.

    Without `take_over` it never keeps it: somebody else is going to.
    """
    with acting(path, office_opener(path, settings, clock), take_over=take_over) as here:
        yield here


def load_faces(settings: Settings, data: Path | None = None) -> FaceEngine:
    """The face engine that the settings ask for; `data` is where added recognisers lie."""
    added = added_models(data / MODELS) if data is not None else ()
    recogniser = find_model(
        settings.models.recogniser, added, accept_non_commercial=settings.models.accept_non_commercial
    )
    return load_engine(
        DecisionRule(fpir=settings.recognition.fpir),
        settings.storage.cache,
        recogniser,
        QualityGates(min_width_px=settings.recognition.min_width_px),
        settings.covering.score,
    )


def load_covering(settings: Settings) -> FaceFinder:
    """What `cover` needs: no recogniser is loaded where nobody is recognised."""
    return load_finder(settings.storage.cache, settings.covering.score)


def template_maker(engine: FaceEngine) -> MakeTemplate:
    """Enrolment photos to a reference, by this engine."""

    needed = engine.calibration.for_fpir(engine.rule.fpir, engine.rule.least_gallery, 1).cosine

    def make(photos: Sequence[Pixels]) -> tuple[ProbeTemplate, float]:
        return make_reference(photos, engine.detector, engine.embedder, alike=needed)

    return make


def input_limits(settings: Settings) -> Limits:
    return Limits(max_bytes=settings.limits.max_bytes, max_pixels=settings.limits.max_pixels)


def redaction_options(settings: Settings, *, overwrite: bool = False) -> RedactionOptions:
    return RedactionOptions(input_limits(settings), settings.recording.codec, settings.recording.crf, overwrite)


@dataclass(frozen=True, slots=True)
class Watch:
    """A data folder and an engine, ready to watch files one after the other."""

    acting: Acting
    engine: FaceEngine
    settings: Settings

    def source(self, path: Path, camera: CameraId, started_at: datetime) -> Source:
        """The source at the rate and size of the settings."""
        recognition = self.settings.recognition
        return open_source(
            path,
            camera=camera,
            started_at=started_at,
            analysis=(recognition.analysis_width, recognition.analysis_height),
            rate=recognition.rate,
            limits=input_limits(self.settings),
        )

    def run(self, source: Source, viewpoint: Viewpoint, show: Show | None = None) -> Iterator[TrackDecision]:
        """Watch one source as `viewpoint`; each decision as it changes."""
        link = FileLink(self.acting, self.engine.embedder.model)
        return CameraRun(self.engine, viewpoint, new_epoch(), link, link, show).watch(source.frames())

    def recorder(self, path: Path) -> Recorder:
        """Writes covered frames to `path`; a rehearsal's recording says so in every picture."""
        recording = self.settings.recording
        return Recorder(
            path,
            codec=recording.codec,
            crf=recording.crf,
            rate=self.settings.recognition.rate,
            stamp="REHEARSAL" if self.acting.rehearsal else None,
        )

    def viewpoint(self, camera: CameraId, place: str | None) -> Viewpoint:
        """From where a file is seen. Raises NamingNotAllowed for a place outside a rehearsal, SettingsError."""
        if place is None:
            return Viewpoint(camera, None)
        if not self.acting.rehearsal:
            raise NamingNotAllowed(
                "a file cannot play a camera of a place here: that is for rehearsals",
                advice="Leave --place out, or use a folder made with `beholden init --rehearsal`.",
            )
        found: Place = self.settings.place(place)
        return Viewpoint(camera, found)
