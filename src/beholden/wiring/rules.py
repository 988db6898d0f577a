"""The rules that hold in a data folder, line by line: its settings, but for where things lie, and the policy."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from beholden.acts.approvals.in_force import SETTINGS
from beholden.acts.approvals.rules import hold_or_put, rules_in_force
from beholden.acts.figures import act_figures
from beholden.consent.policy_digest import policy_digest, policy_values
from beholden.faces.added import MODELS, added_models
from beholden.model.errors import ModelError
from beholden.settings import PREFIX, Settings
from beholden.supervise.keeper.acting import Acting

_APART = {"storage", "keystore", "limits", "cameras"}
"""Where things lie and how many processes there are: no rules, and some of it secret."""
_SCORE = "covering.score = "


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

    Until then faces are covered by the detector score that held before. In a rehearsal nothing waits. Asked also where
    another process keeps the folder, which did not read these. Raises LogUnavailable, DataFolderError, KeystoreError.
    """
    if acting.rehearsal or acting.do(hold_or_put, SETTINGS, settings_lines(settings, data)):
        return settings, False
    before = [float(each.removeprefix(_SCORE)) for each in acting.do(rules_in_force, SETTINGS) if _SCORE in each]
    covering = settings.covering.model_copy(update={"score": min([settings.covering.score, *before])})
    return settings.model_copy(update={"covering": covering}), True


def pinned(settings: Settings) -> dict[str, str]:
    """The gates as environment, for child processes: what is written into the file while they run holds for none that
    is started again, but with the next `beholden watch`, which asks whether it was approved."""
    gates = {
        "RECOGNITION__FPIR": settings.recognition.fpir,
        "RECOGNITION__MIN_WIDTH_PX": settings.recognition.min_width_px,
        "COVERING__SCORE": settings.covering.score,
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
