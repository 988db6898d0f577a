"""The rules that hold in a data folder, line by line: its settings, but for where things lie, and the policy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.metadata import version

from beholden.consent.policy import policy_digest, policy_values
from beholden.settings import Settings

_APART = {"storage", "keystore", "limits", "cameras"}
"""Where things lie and how many processes there are: no rules, and some of it secret."""


def settings_lines(settings: Settings) -> tuple[str, ...]:
    """`recognition.fpir = 0.01` and so on, sorted."""
    return tuple(sorted(_lines("", settings.model_dump(mode="json", exclude=_APART))))


def policy_lines() -> tuple[str, ...]:
    """The version of the program, and the policy table."""
    return (f"beholden = {version('beholden')}", f"digest = {policy_digest()}", *sorted(_lines("", policy_values())))


def _lines(name: str, value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, each in value.items():  # pyright: ignore[reportUnknownVariableType]
            yield from _lines(f"{name}.{key}" if name else str(key), each)  # pyright: ignore[reportUnknownArgumentType]
    else:
        yield f"{name} = {json.dumps(value, ensure_ascii=False)}"
