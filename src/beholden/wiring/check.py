"""One look at one camera, for `beholden camera check`."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from beholden.faces.quality import QualityGates
from beholden.model.camera import CameraSpec, CameraState
from beholden.model.errors import BeholdenError, CameraRefused, SourceLost
from beholden.model.frame import CoveredFrame
from beholden.pipeline.check import Check, CheckReport
from beholden.settings import Settings
from beholden.supervise.workers.slots import LatestFrame
from beholden.video.camera.live import LiveCamera, LiveFrame
from beholden.wiring.cameras import address_rules, live_options
from beholden.wiring.engine import load_covering

_CONNECT_S = 15.0


@dataclass(frozen=True, slots=True)
class Checked:
    """What `check_camera` found: the report, and the covered picture of the largest face, if a picture came."""

    report: CheckReport
    picture: CoveredFrame | None


def check_camera(spec: CameraSpec, settings: Settings, seconds: float, *, rehearsal: bool) -> Checked:
    """Look through one camera for `seconds` from its first picture: how good are the faces? Recognises nobody.

    Raises what the camera does wrong (CameraRefused, SourceLost) when no picture comes.
    """
    check = Check(load_covering(settings), QualityGates(min_width_px=settings.recognition.min_width_px))
    source = LiveCamera(spec, live_options(settings), address_rules(settings, rehearsal=rehearsal))
    arrived, stop = threading.Condition(), threading.Event()
    slot = LatestFrame(arrived)

    def deliver(live: LiveFrame) -> None:
        slot.put(live)

    reader = threading.Thread(target=source.run, args=(deliver, stop), daemon=True)
    reader.start()
    try:
        ends, began = time.monotonic() + _CONNECT_S, None
        while time.monotonic() < ends:
            with arrived:
                arrived.wait_for(lambda: slot.waiting_s is not None, 0.2)
            taken = slot.take()
            if taken is None:
                continue
            if began is None:
                began = time.monotonic()
                ends = began + seconds
            check.look(taken.frame)
    finally:
        stop.set()
        reader.join(2.0)
    if began is None:
        raise _nothing_came(spec, source)
    return Checked(check.report(time.monotonic() - began), check.picture())


def _nothing_came(spec: CameraSpec, source: LiveCamera) -> BeholdenError:
    health = source.health()
    words = f"{spec.camera.id}: {health.error or 'no picture came'}"
    return CameraRefused(words) if health.state is CameraState.REFUSED else SourceLost(words)
