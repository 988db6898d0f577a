"""The face engine that settings ask for, and the limits on what it is given."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from beholden.acts.grants.enrol import MakeTemplate
from beholden.faces.added import MODELS, added_models, find_model
from beholden.faces.catalogue import CatalogueEntry
from beholden.faces.decide import DecisionRule
from beholden.faces.engine import FaceEngine, FaceFinder, load_engine, load_finder
from beholden.faces.enrolment import make_reference
from beholden.faces.quality import QualityGates
from beholden.model.frame import Pixels
from beholden.model.ids import ModelDigest
from beholden.model.template import ProbeTemplate
from beholden.pipeline.redact import RedactionOptions
from beholden.settings import Settings
from beholden.video.limits import Limits


def recogniser_in_use(settings: Settings, data: Path | None = None) -> CatalogueEntry:
    """The recogniser that the settings name; `data` is where added ones lie. Raises ModelError, LicenceRefused."""
    added = added_models(data / MODELS) if data is not None else ()
    return find_model(settings.models.recogniser, added, accept_non_commercial=settings.models.accept_non_commercial)


def model_in_use(settings: Settings, data: Path) -> ModelDigest:
    """Whose templates the galleries hold. Raises ModelError, LicenceRefused."""
    return recogniser_in_use(settings, data).digest


def load_faces(settings: Settings, data: Path | None = None) -> FaceEngine:
    """The face engine that the settings ask for; `data` is where added recognisers lie."""
    return load_engine(
        DecisionRule(fpir=settings.recognition.fpir),
        settings.storage.cache,
        recogniser_in_use(settings, data),
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
