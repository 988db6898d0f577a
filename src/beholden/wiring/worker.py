"""The workers' processes, and the one they are forked from. They import no database: a worker has none."""

from __future__ import annotations

import os
import signal
import socket
import sys
from pathlib import Path

import cv2

from beholden.faces.engine import FaceEngine
from beholden.model.camera import Camera, CameraSpec
from beholden.model.grant import Viewpoint
from beholden.pipeline.ports import Recording
from beholden.settings import Settings, read_settings
from beholden.supervise.keeper.link import KeeperLink
from beholden.supervise.workers.nursery import raise_children
from beholden.supervise.workers.parent import become_child, call_this, die_with_parent
from beholden.supervise.workers.worker import WorkerOptions, WorkerParts, run_worker
from beholden.video.camera.live import LiveCamera
from beholden.video.recordings.fragments import TimelineWriter
from beholden.wiring.cameras import address_rules, live_options, recordings_folder
from beholden.wiring.clock import now
from beholden.wiring.engine import load_faces, model_in_use
from beholden.wiring.memory import give_memory_back


def run_worker_nursery(data: Path, *, rehearsal: bool) -> int:
    """The nursery: loads everything, then forks a worker for each that its parent asks for on standard input."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    call_this("beholden-nurse")
    die_with_parent()
    cv2.setNumThreads(1)
    settings = read_settings(data)
    parts = _worker_parts(data, settings, load_lean(settings, data), rehearsal=rehearsal)
    with socket.socket(fileno=os.dup(0)) as line:
        raise_children(line, lambda: _work(parts, settings))
    return 0


def _work(parts: WorkerParts, settings: Settings) -> int:
    """A worker: the cameras that its standard input names. Its process ends with this: a decoder may hang."""
    call_this("beholden-worker")
    pipe_in, pipe_out, stopping = become_child()
    code = run_worker(parts, pipe_in, pipe_out, stopping, WorkerOptions(rate=settings.recognition.rate))
    sys.stderr.flush()
    return code


def load_lean(settings: Settings, data: Path) -> FaceEngine:
    """The engine; what loading it took and gave back goes back to the system (a third of a worker's memory)."""
    engine = load_faces(settings, data)
    give_memory_back()
    return engine


def _worker_parts(data: Path, settings: Settings, engine: FaceEngine, *, rehearsal: bool) -> WorkerParts:
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
        engine=lambda: engine,
        link=lambda: KeeperLink(data, model, now),
        source=lambda spec: LiveCamera(spec, options, rules),
        viewpoint=viewpoint,
        recording=recording,
        tidy=give_memory_back,
    )
