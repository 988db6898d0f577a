"""The parts that turn a picture into decisions, put together once and handed to a run."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from beholden.faces.calibration import Calibration, load_calibration
from beholden.faces.catalogue import SFACE, YUNET, CatalogueEntry
from beholden.faces.decide import DecisionRule
from beholden.faces.detect import Detector
from beholden.faces.embed import Embedder
from beholden.faces.quality import QualityGates
from beholden.faces.weights import load_folded, read_checked


@dataclass(frozen=True, slots=True)
class FaceFinder:
    """What covering needs: a detector, and the score from which a face is covered. Knows no recogniser."""

    detector: Detector
    cover_score: float = 0.3


@dataclass(frozen=True, slots=True)
class FaceEngine:
    """A detector, a recogniser, its calibration and the rules. For one thread at a time.

    `cover_score` is the detector score from which a face is covered; it is lower than what
    recognition asks for, because covering too much costs little and covering too little a face.
    """

    detector: Detector
    embedder: Embedder
    calibration: Calibration
    rule: DecisionRule = field(default_factory=DecisionRule)
    gates: QualityGates = field(default_factory=QualityGates)
    cover_score: float = 0.3

    @property
    def finder(self) -> FaceFinder:
        """The part of it that covers."""
        return FaceFinder(self.detector, self.cover_score)


def load_engine(
    rule: DecisionRule | None = None,
    cache: Path | None = None,
    recogniser: CatalogueEntry = SFACE,
    gates: QualityGates | None = None,
    cover_score: float = 0.3,
) -> FaceEngine:
    """The models, checked and ready. Raises WeightsMissing, WeightsAltered or ModelError."""
    if recogniser.package is None:
        graph = read_checked(Path(recogniser.file), recogniser.digest)
    else:
        graph = load_folded(recogniser, cache)
    return FaceEngine(
        detector=Detector(YUNET, load_folded(YUNET, cache)),
        embedder=Embedder(recogniser, graph),
        calibration=load_calibration(recogniser),
        rule=rule or DecisionRule(),
        gates=gates or QualityGates(),
        cover_score=cover_score,
    )


def load_finder(cache: Path | None = None, cover_score: float = 0.3) -> FaceFinder:
    """The detector alone, checked and ready. Raises WeightsMissing, WeightsAltered or ModelError."""
    return FaceFinder(Detector(YUNET, load_folded(YUNET, cache)), cover_score)
