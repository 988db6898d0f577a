"""The rules that hold in a data folder, line by line: its settings, but for where things lie, and the policy."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from beholden.acts.approvals.in_force import SETTINGS
from beholden.acts.approvals.loosening import kept_meanwhile
from beholden.acts.approvals.rules import hold_or_put, rules_in_force
from beholden.acts.figures import act_figures
from beholden.consent.policy_digest import policy_digest, policy_values
from beholden.faces.added import MODELS, added_models
from beholden.model.errors import ModelError
from beholden.settings import PREFIX, Settings
from beholden.supervise.keeper.acting import Acting

_APART: dict[str, Any] = {
    "storage": True,
    "keystore": True,
    "limits": True,
    "cameras": {"workers", "per_worker", "idle"},
}
"""Where things lie, how many processes there are and how much they do of nothing: no rules, and some of it secret."""


def settings_lines(settings: Settings, data: Path | None) -> tuple[str, ...]:
    """`recognition.fpir = 0.01` and so on, sorted; of a recogniser that a user added what it is, to the byte.

    Without a data folder nobody has added one.
    """
    lines = _lines("", settings.model_dump(mode="json", exclude=_APART))
    added = () if data is None else _added(settings.models.recogniser, data / MODELS)
    return tuple(sorted((*lines, *added)))


def policy_lines() -> tuple[str, ...]:
    """The version of the program, and its rules: purposes, who must agree to what, and every figure."""
    values = {**policy_values(), "acting": {each.name: each.plain() for each in act_figures()}}
    return (f"beholden = {version('beholden')}", f"digest = {policy_digest()}", *sorted(_lines("", values)))


def in_force(acting: Acting, settings: Settings, data: Path) -> tuple[Settings, bool]:
    """The settings to look with from here on, and whether nobody is named, because looser ones wait for approval.

    Until then faces are covered and video is kept as before. In a rehearsal nothing waits. Asked also where another
    process keeps the folder, which did not read these. Raises LogUnavailable, DataFolderError, KeystoreError.
    """
    lines = settings_lines(settings, data)
    if acting.rehearsal or acting.do(hold_or_put, SETTINGS, lines):
        return settings, False
    return _with(settings, kept_meanwhile(acting.do(rules_in_force, SETTINGS), lines)), True


def _with(settings: Settings, values: Mapping[str, object]) -> Settings:
    """Settings with these values, each by its whole name."""
    sections: dict[str, dict[str, object]] = {}
    for name, value in values.items():
        section, _, field = name.partition(".")
        sections.setdefault(section, {})[field] = value
    changed = {name: getattr(settings, name).model_copy(update=given) for name, given in sections.items()}
    return settings.model_copy(update=changed)


def pinned(settings: Settings) -> dict[str, str]:
    """The gates as environment, for child processes: what is written into the file while they run holds for none that
    is started again, but with the next `beholden watch`, which asks whether it was approved."""
    recognition = settings.recognition
    gates = {
        "RECOGNITION__FPIR": recognition.fpir,
        "RECOGNITION__MIN_WIDTH_PX": recognition.min_width_px,
        "RECOGNITION__RATE": recognition.rate,
        "RECOGNITION__ANALYSIS_WIDTH": recognition.analysis_width,
        "RECOGNITION__ANALYSIS_HEIGHT": recognition.analysis_height,
        "COVERING__SCORE": settings.covering.score,
        "CAMERAS__LOOPBACK": settings.cameras.loopback,
        "MODELS__RECOGNISER": settings.models.recogniser,
    }
    return {f"{PREFIX}{name}": str(value) for name, value in gates.items()}


def _added(name: str, folder: Path) -> Iterator[str]:
    """The digests of the entry (which names the weights) and of the thresholds; nothing of one that is shipped."""
    try:
        found = [each.digest for each in added_models(folder) if each.name == name]
    except ModelError:
        yield 'recogniser.entry = "cannot be read"'
        return
    for digest in found:
        for what, suffix in (("entry", "json"), ("thresholds", "calibration")):
            yield f"recogniser.{what} = {json.dumps(_digest(folder / f'{digest}.{suffix}'))}"


def _digest(file: Path) -> str | None:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        return None


def _lines(name: str, value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, each in value.items():  # pyright: ignore[reportUnknownVariableType]
            yield from _lines(f"{name}.{key}" if name else str(key), each)  # pyright: ignore[reportUnknownArgumentType]
    else:
        yield f"{name} = {json.dumps(value, ensure_ascii=False)}"
