"""What the product itself would ask of a comparison: the threshold of its default error rate, held to a gallery."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from beholden.faces.engine import FaceEngine
from beholden.faces.quality import ENROLMENT_GATES, QualityGates


@dataclass(frozen=True, slots=True)
class Setting:
    """The threshold for probes of one shot, and where it comes from.

    `fpir` is what the settings ask for, `held_to` the gallery that it is kept for (a smaller one is held to the
    product's least), `threshold` the cosine, `extrapolated` whether it lies beyond the calibration's data. `alike`:
    photos of one enrolment must be as alike to each other.
    """

    model: str
    digest: str
    data: str
    fpir: float
    held_to: int
    threshold: float
    extrapolated: bool
    alike: float
    camera: QualityGates = field(default_factory=QualityGates)
    enrolment: QualityGates = ENROLMENT_GATES

    def as_values(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "model": self.model,
            "model_digest": self.digest,
            "calibration": self.data,
            "fpir_asked": self.fpir,
            "held_to_gallery": self.held_to,
            "shots": 1,
            "threshold": round(self.threshold, 4),
            "extrapolated": self.extrapolated,
            "alike": round(self.alike, 4),
            "camera_gates": _gates(self.camera),
            "enrolment_gates": _gates(self.enrolment),
        }


SettingFor = Callable[[int], Setting]
"""The setting for a gallery of so many people."""


def setting_of(engine: FaceEngine) -> SettingFor:
    """The settings that an engine would use; each gallery has its own."""
    calibration, rule = engine.calibration, engine.rule

    def held_to(gallery: int) -> Setting:
        people = max(gallery, rule.least_gallery)
        found = calibration.for_fpir(rule.fpir, people, 1)
        alike = calibration.for_fpir(rule.fpir, rule.least_gallery, 1)
        return Setting(
            model=calibration.model,
            digest=engine.embedder.model,
            data=calibration.data,
            fpir=rule.fpir,
            held_to=people,
            threshold=found.cosine,
            extrapolated=found.extrapolated,
            alike=alike.cosine,
            camera=engine.gates,
        )

    return held_to


def _gates(gates: QualityGates) -> dict[str, float]:
    return {name: getattr(gates, name) for name in QualityGates.__dataclass_fields__}
