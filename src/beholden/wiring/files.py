"""Files, watched one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from beholden.faces.engine import FaceEngine
from beholden.model.errors import NamingNotAllowed
from beholden.model.grant import Place, Viewpoint
from beholden.model.ids import CameraId, new_epoch
from beholden.pipeline.ports import Show, TrackDecision
from beholden.pipeline.stages import CameraRun
from beholden.settings import Settings
from beholden.supervise.keeper.acting import Acting
from beholden.supervise.keeper.filelink import FileLink
from beholden.video.record import Recorder
from beholden.video.source import Source, open_source
from beholden.wiring.engine import input_limits


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
