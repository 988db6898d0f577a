"""What the live part of the demo runs on: a data folder of its own, the real keeper, real workers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from beholden.acts.camera import add_camera
from beholden.acts.grants.enrol import enrol_reference, make_enrolment_reference
from beholden.acts.grants.withdraw import withdraw
from beholden.cli.folder import settings_text, write_settings
from beholden.demo.live_outcome import Answer, TownCamera
from beholden.demo.people import photos
from beholden.demo.run import wish_of
from beholden.demo.town import Resident, Town
from beholden.faces.engine import FaceEngine
from beholden.model.camera import Camera, CameraHealth
from beholden.model.ids import CameraId, SubjectId, new_subject_id
from beholden.process import keepers_command, workers_command
from beholden.settings import FILE_NAME, Settings, read_settings
from beholden.video.recordings.playback import export
from beholden.wiring.cameras import recordings_folder
from beholden.wiring.clock import now
from beholden.wiring.engine import template_maker
from beholden.wiring.folder import create_data, open_acting
from beholden.wiring.live import LiveSystem

if TYPE_CHECKING:
    from beholden.supervise.keeper.acting import Acting


class DemoStack:
    """`demo.live_town.LiveStack`: until `start` this process keeps the folder, then a keeper of its own does."""

    def __init__(self, data: Path, town: Town, engine: FaceEngine) -> None:
        """Creates the folder, with the town's places. Raises DataFolderError."""
        create_data(data, Settings(), rehearsal=True)
        write_settings(data / FILE_NAME, settings_text(_places(town), rehearsal=True))
        self._data, self._settings, self._make = data, read_settings(data), template_maker(engine)
        self._kept = ExitStack()
        self._acting: Acting = self._kept.enter_context(open_acting(data, self._settings))
        self._system: LiveSystem | None = None

    def enrol(self, resident: Resident) -> SubjectId:
        """From the resident's pictures, under their first grant."""
        with make_enrolment_reference(tuple(photos(resident.person).values()), self._make) as reference:
            made = self._acting.do(enrol_reference, resident.label, reference, wish_of(resident), new_subject_id())
        return made.subject

    def add(self, camera: TownCamera, address: str) -> None:
        """Add a recorded camera."""
        self._acting.do(add_camera, Camera(camera.camera, camera.place.id, now(), record=True), address)

    def start(self, hear: Callable[[Answer], None]) -> None:
        """Give the folder up, and start the processes."""
        self._kept.close()
        workers = workers_command(self._data, rehearsal=True)
        system = LiveSystem(self._data, self._settings, keepers_command(self._data), workers, rehearsal=True)
        system.on_decision(hear)
        system.start()
        self._system, self._acting = system, system.acting

    def health(self) -> Sequence[CameraHealth]:
        return () if self._system is None else self._system.snapshot()

    def withdraw(self, subject: SubjectId) -> None:
        """As `beholden withdraw` does beside a running `beholden watch`: through the keeper."""
        self._acting.do(withdraw, subject)

    def stop(self) -> None:
        """End every process. Idle when none runs."""
        self._kept.close()
        system, self._system = self._system, None
        if system is not None:
            system.stop()

    def export(self, camera: CameraId, target: Path) -> None:
        """The whole timeline of a camera."""
        end = datetime.now(UTC) + timedelta(minutes=1)
        export(recordings_folder(self._data), camera, end - timedelta(hours=1), end, target)


def _places(town: Town) -> list[str]:
    return [f"{place.id}:{purpose}" for place in town.places for purpose in place.purposes]
