"""Break one promise on purpose: a demo that passes whatever happens would prove nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from beholden.demo.run import Parts
from beholden.demo.town import DAY, GARDEN, LOBBY
from beholden.faces.calibration import Calibration
from beholden.faces.decide import DecisionRule
from beholden.model.face import Face
from beholden.model.frame import Frame
from beholden.model.gallery import Gallery
from beholden.model.grant import Viewpoint
from beholden.model.ids import ModelDigest
from beholden.model.track import Track
from beholden.pipeline.ports import Gate
from beholden.pipeline.stages import CameraRun


class Sabotage(StrEnum):
    """What to break: who may be seen, the covers, or how sure a name must be."""

    GATE = "gate"
    COVER = "cover"
    THRESHOLD = "threshold"


class BlindGate:
    """Asks for the lobby's people of two days ago, wherever and whenever the camera really is."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def revision(self) -> int:
        return self._gate.revision()

    def gallery(self, viewpoint: Viewpoint, moment: datetime, model: ModelDigest) -> Gallery:
        place = GARDEN if viewpoint.place == GARDEN and moment.hour == 11 else LOBBY
        return self._gate.gallery(Viewpoint(viewpoint.camera, place), DAY - timedelta(days=2), model)


class UncoveredRun(CameraRun):
    """Forgets what it found before it covers."""

    def _cover(self, frame: Frame, tracks: Sequence[Track], faces: Sequence[Face]) -> None:
        super()._cover(frame, (), ())


def sabotaged(parts: Parts, what: Sabotage) -> Parts:
    """The same parts, one of them broken."""
    if what is Sabotage.GATE:
        return replace(parts, gate=BlindGate(parts.gate))
    if what is Sabotage.COVER:
        return replace(parts, run=UncoveredRun)
    engine = parts.engine
    anyone: Calibration = replace(
        engine.calibration,
        rows={
            shots: tuple((rate, -1.0, False) for rate, _, _ in rows) for shots, rows in engine.calibration.rows.items()
        },
    )
    careless = DecisionRule(margin=0.0, lead=0.0)
    return replace(parts, engine=replace(engine, calibration=anyone, rule=careless))
