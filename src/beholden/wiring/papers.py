"""What runs here, for papers: gathered from settings, models and cameras, and none of their secrets."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

from beholden.acts.approvals.in_force import digest_of
from beholden.consent.policy_digest import policy_digest
from beholden.faces.calibration import load_calibration
from beholden.faces.catalogue import YUNET, CatalogueEntry
from beholden.faces.decide import DecisionRule
from beholden.model.camera import Camera
from beholden.model.errors import ModelError
from beholden.papers.running import Keeping, ModelRunning, PlaceRunning, Running
from beholden.settings import Settings
from beholden.wiring.engine import recogniser_in_use
from beholden.wiring.folder import controller_of
from beholden.wiring.rules import policy_lines, settings_lines
from beholden.wiring.witnesses import witnesses_of


def what_runs(
    settings: Settings,
    cameras: Iterable[Camera],
    *,
    rehearsal: bool,
    held: tuple[str, ...] = (),
    data: Path | None = None,
) -> Running:
    """All that papers tell. `held`: rules that wait for approval; `data` is where recognisers that were added lie.

    Raises SettingsError, ModelError.
    """
    known, recogniser = tuple(cameras), recogniser_in_use(settings, data)
    lines = settings_lines(settings, data)
    return Running(
        version("beholden"),
        rehearsal,
        controller_of(settings, rehearsal=rehearsal),
        tuple(_place(settings, name, known) for name in sorted(settings.places)),
        tuple(_model(entry) for entry in (YUNET, recogniser)),
        _thresholds(settings, recogniser),
        _keeping(settings),
        policy_lines(),
        lines,
        policy_digest(),
        digest_of(lines),
        held,
    )


def _place(settings: Settings, name: str, cameras: tuple[Camera, ...]) -> PlaceRunning:
    set_to = settings.places[name]
    here = tuple(sorted((each for each in cameras if each.place == name), key=lambda each: each.id))
    return PlaceRunning(settings.place(name), here, set_to.legal_basis or "", set_to.impact_assessment or "")


def _model(entry: CatalogueEntry) -> ModelRunning:
    return ModelRunning(entry.name, str(entry.role), str(entry.digest), entry.licence, entry.source)


def _thresholds(settings: Settings, entry: CatalogueEntry) -> tuple[tuple[str, str], ...]:
    """No similarity is told (I8): what is promised, and how far the data carry it."""
    set_to, rule = settings.recognition, DecisionRule()
    rate = f"at most {set_to.fpir:g} of them: 1 in {1 / set_to.fpir:.0f} (recognition.fpir)"
    return (
        ("Strangers who are named all the same", rate),
        ("How sure that is", _support(entry, set_to.fpir, rule)),
        ("Pictures before somebody is named", f"{rule.min_shots} good ones at least"),
        ("Narrower faces are never compared", f"{set_to.min_width_px:g} pixels (recognition.min_width_px)"),
        (
            "What is looked at",
            f"{set_to.rate:g} pictures a second, {set_to.analysis_width}x{set_to.analysis_height} pixels",
        ),
        ("Faces are covered from a detector's score of", f"{settings.covering.score:g} (covering.score)"),
    )


def _support(entry: CatalogueEntry, fpir: float, rule: DecisionRule) -> str:
    try:
        known = load_calibration(entry)
    except ModelError:
        return f"{entry.name} has no calibration: nobody is named with it"
    beyond = known.for_fpir(fpir, rule.least_gallery, rule.min_shots).extrapolated
    reach = "further than the data reach: extrapolated" if beyond else "within what the data tell"
    return (
        f"among {rule.least_gallery} people at a place, {reach}; calibrated on {known.people} people "
        "(beholden threshold tells more)"
    )


def _keeping(settings: Settings) -> Keeping:
    storage, recording = settings.storage, settings.recording
    return Keeping(
        "in a file of the data folder (SQLite)" if storage.database is None else "on a PostgreSQL server",
        "in the data folder: SECURITY.md advises another place"
        if storage.keystore is None
        else "apart from the data folder",
        "wrapped by a program of the operator's" if settings.keystore.wrap else "in private files, two copies",
        tuple(each.key.name for each in witnesses_of(settings)),
        recording.keep_days,
        recording.keep_gb,
    )
