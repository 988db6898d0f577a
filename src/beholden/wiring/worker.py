"""A worker's process. It imports no database: a worker has none."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

from beholden.faces.engine import FaceEngine
from beholden.model.camera import Camera, CameraSpec
from beholden.model.grant import Viewpoint
from beholden.pipeline.ports import Recording
from beholden.settings import Settings, read_settings
from beholden.supervise.link import KeeperLink
from beholden.supervise.parent import become_child
from beholden.supervise.worker import WorkerOptions, WorkerParts, run_worker
from beholden.video.fragments import TimelineWriter
from beholden.video.live import LiveCamera
from beholden.wiring.cameras import address_rules, live_options, recordings_folder
from beholden.wiring.clock import now
from beholden.wiring.engine import load_faces, model_in_use


def run_worker_process(data: Path, *, rehearsal: bool) -> int:
    """A worker's process: the cameras that its standard input names. Ends the process itself: a decoder may hang."""
    pipe_in, pipe_out, stopping = become_child()
    settings = read_settings(data)
    parts = _worker_parts(data, settings, rehearsal=rehearsal)
    code = run_worker(parts, pipe_in, pipe_out, stopping, WorkerOptions(rate=settings.recognition.rate))
    sys.stderr.flush()
    os._exit(code)


def load_lean(settings: Settings, data: Path) -> FaceEngine:
    """The engine; what loading it took and gave back goes back to the system (a third of a worker's memory)."""
    engine = load_faces(settings, data)
    ctypes.CDLL(None).malloc_trim(0)
    return engine


def _worker_parts(data: Path, settings: Settings, *, rehearsal: bool) -> WorkerParts:
    rules, options = address_rules(settings, rehearsal=rehearsal), live_options(settings)
    model = model_in_use(settings, data)

    def recording(spec: CameraSpec) -> Recording | None:
        return TimelineWriter(
            recordings_folder(data),
            spec.camera.id,
            codec=settings.recording.codec,
            crf=settings.recording.crf,
            rate=settings.recognition.rate,
            stamp="REHEARSAL" if rehearsal else None,
        )

    def viewpoint(camera: Camera) -> Viewpoint:
        return Viewpoint(camera.id, settings.place(camera.place))

    return WorkerParts(
        engine=lambda: load_lean(settings, data),
        link=lambda: KeeperLink(data, model, now),
        source=lambda spec: LiveCamera(spec, options, rules),
        viewpoint=viewpoint,
        recording=recording,
    )
