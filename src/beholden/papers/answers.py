"""The operator's own words in a file beside the papers: asked for once, kept whatever is made again."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable

from beholden.model.errors import SettingsError
from beholden.papers.parts import Answers, Blank

FILE = "answers.toml"
LONGEST = 4000
"""Characters of an answer: a paragraph or two; longer texts are referred to."""
_HEAD = (
    "# What no program knows: your own words, between the quotation marks. Then make the papers again with --force;\n"
    "# this file is never written over, new questions are added at its end.\n"
)


def parse_answers(text: str) -> Answers:
    """Raises SettingsError for what is no file of answers."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _refused(f"{FILE} cannot be read: {error}") from error
    for name, value in values.items():
        if not isinstance(value, str):
            raise _refused(f"{FILE}: {name} is not a text")
        if len(value) > LONGEST:
            raise _refused(f"{FILE}: {name} is longer than {LONGEST} characters")
    return Answers(values)


def _refused(message: str) -> SettingsError:
    return SettingsError(message, advice='Each answer is a line like "record.transfers" = "none".')


def with_questions(text: str, blanks: Iterable[Blank]) -> str:
    """The file with every question that it does not have yet at its end; what stands there stays as it is."""
    known = parse_answers(text).values
    added: dict[str, str] = {}
    for blank in blanks:
        if not blank.setting and blank.name not in known:
            added.setdefault(blank.name, blank.question)
    lines = [f'\n# {question}\n{json.dumps(name)} = ""\n' for name, question in added.items()]
    before = text if not text or text.endswith("\n") else f"{text}\n"
    return "".join([before or _HEAD, *lines])


def strange_answers(answers: Answers, blanks: Iterable[Blank]) -> tuple[str, ...]:
    """Answers to what no paper asks: a place that is gone, or a slip of the pen."""
    asked = {blank.name for blank in blanks if not blank.setting}
    return tuple(name for name in answers.values if name not in asked)
