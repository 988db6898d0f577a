"""What whoever has the data says of them: who the people are, what they agreed to, what the data cannot tell."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from beholden.evaluate.complaints import refuse_all
from beholden.model.errors import InputError, InputTooLarge
from beholden.video.still import open_file

TEXTS = ("title", "people", "consent", "licence", "source", "clips")
LONGEST = 2000
MOST_BYTES = 64 * 1024
MOST_LINES = 20
_ADVICE = (
    f"Write TOML with any of {', '.join(TEXTS)} (texts), synthetic (true or false), not_shown and figures (lists of "
    "texts)."
)


@dataclass(frozen=True, slots=True)
class About:
    """A data sheet's words, as they were given: nothing here is checked, and the page says whose words they are.

    `synthetic`: nobody in the pictures exists. `not_shown`: what the data cannot tell, a sentence each. `figures`: what
    has to be known to read the figures right, a sentence each.
    """

    title: str = "Pictures that were given"
    people: str = ""
    consent: str = ""
    licence: str = ""
    source: str = ""
    clips: str = ""
    synthetic: bool = False
    not_shown: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()

    def as_values(self) -> dict[str, Any]:
        """For JSON."""
        return {
            **{name: getattr(self, name) for name in TEXTS},
            "synthetic": self.synthetic,
            "not_shown": list(self.not_shown),
            "figures": list(self.figures),
        }


def read_about(path: Path) -> About:
    """The words of a TOML file. Raises MissingInput, EmptyInput, InputTooLarge, and InputError for what is wrong."""
    file, size = open_file(path)
    with file:
        if size > MOST_BYTES:
            raise InputTooLarge(f"{path}: more than {MOST_BYTES} bytes", advice=_ADVICE)
        try:
            values: dict[str, Any] = tomllib.loads(file.read().decode("utf-8"))
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise InputError(f"{path}: cannot be read as TOML ({error})", advice=_ADVICE) from error
    lists = ("not_shown", "figures")
    complaints = [f"{name} is not known" for name in values if name not in {*TEXTS, "synthetic", *lists}]
    complaints += [f"{name} is not a text" for name in TEXTS if not _is_text(values.get(name, "-"))]
    complaints += [f"{name} is not a list of texts" for name in lists if not _are_texts(values.get(name, []))]
    if not isinstance(values.get("synthetic", False), bool):
        complaints.append("synthetic is not true or false")
    refuse_all(f"{path}", complaints, _ADVICE)
    given: dict[str, Any] = {name: tuple(value) if name in lists else value for name, value in values.items()}
    return About(**given)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST


def _are_texts(value: Any) -> bool:  # noqa: ANN401  (TOML has any type)
    return isinstance(value, list) and len(value) <= MOST_LINES and all(map(_is_text, value))  # pyright: ignore
