#!/usr/bin/env python3
"""Write the pages and parts of docs/ that are made from the code, or (`--check`) say which of them is out of date.

Nothing here depends on the terminal, the clock or the machine: the same code gives the same bytes.
"""

from __future__ import annotations

import argparse
import dataclasses
import inspect
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any, get_args

import typer

from beholden.acts.approvals.loosening import LOOSENING, LOOSENS_NOTHING
from beholden.acts.figures import all_figures
from beholden.cli.app import app
from beholden.consent.policy_digest import policy_digest
from beholden.consent.policy_meaning import meaning_rows, unbuilt_rows
from beholden.consent.policy_words import general_rows, policy_rows, stranger_rows, together_rows
from beholden.model.camera import Camera, Zone
from beholden.model.errors import BeholdenError
from beholden.model.event import EVENTS, Event
from beholden.model.grant import Purpose
from beholden.model.ids import CameraId, PlaceId
from beholden.papers.answers import FILE as ANSWERS
from beholden.papers.answers import with_questions
from beholden.papers.made import make_papers
from beholden.papers.parts import Answers
from beholden.settings import FILE_NAME, PREFIX, Settings, read_settings
from beholden.wiring.papers import what_runs

DOCS = Path(__file__).resolve().parents[1] / "docs"
MADE = "<!-- Made by tools/make_docs.py (make docs). Do not edit: change the code and make it again. -->"
Command = Any
"""A click command; Typer brings a click of its own, whose classes are not public."""


def settings_page() -> str:
    """Every setting: its name in the file and in the environment, what it accepts, its default."""
    lines = [
        "# Settings",
        "",
        MADE,
        "",
        f"Settings are read once from `{FILE_NAME}` in the data folder and from environment variables that begin with "
        f"`{PREFIX}`. The environment wins over the file, the file over the defaults. A name that does not exist is "
        "an error (exit code 2), never ignored. Names are joined by a dot here, and by two underscores in the "
        f"environment: `{PREFIX}RECOGNITION__FPIR=0.001`.",
        "",
        "`BEHOLDEN_DATA` is no setting: it names the data folder where `--data` is left out.",
        "",
        "```toml",
        "[recognition]",
        "fpir = 0.001",
        "",
        "[places.lobby]",
        'zone = "Europe/Berlin"',
        'capture = "lane"',
        'purposes = ["entrance"]',
        "```",
    ]
    for title, words, rows in _sections():
        lines += ["", f"## {title}", "", words, ""]
        lines += ["| setting | accepts | default | what it does |", "|---|---|---|---|"]
        lines += [f"| `{name}` | {accepts} | {default} | {what} |" for name, accepts, default, what in rows]
    return "\n".join([*lines, *_waiting()]) + "\n"


def _waiting() -> Iterator[str]:
    """Which settings wait for approval in a live folder, in which direction and why; and which never do."""
    yield from ("", "## What waits for approval", "")
    yield (
        "In a live folder a setting that loosens what holds waits until somebody else agreed, and nobody is named "
        "meanwhile ([oversight.md](oversight.md)). Those of a place count while somebody may be named there. The other "
        "direction, and the way back, hold at once."
    )
    yield from ("", "| setting | waits when it is | because |", "|---|---|---|")
    yield from (f"| `{name}` | {rule.when} | {rule.why} |" for name, rule in LOOSENING.items())
    yield from ("", "These loosen nothing, and wait for nobody:", "", "| setting | why |", "|---|---|")
    yield from (f"| `{name}` | {why} |" for name, why in LOOSENS_NOTHING.items())


def _sections() -> Iterator[tuple[str, str, list[tuple[str, str, str, str]]]]:
    schema = Settings.model_json_schema()
    definitions = schema["$defs"]
    for name, spec in schema["properties"].items():
        inner = spec.get("additionalProperties") or next(iter(spec.get("patternProperties", {}).values()), None) or spec
        definition = definitions[inner["$ref"].rpartition("/")[2]]
        prefix = name if inner is spec else f"{name}.NAME"
        rows = [
            (f"{prefix}.{field}", _accepts(rule, definitions), _default(rule), rule.get("description", ""))
            for field, rule in definition["properties"].items()
        ]
        yield prefix, definition["description"], rows


def _accepts(rule: dict[str, Any], definitions: dict[str, Any]) -> str:
    if "$ref" in rule:
        return _accepts(definitions[rule["$ref"].rpartition("/")[2]], definitions)
    if "anyOf" in rule:
        [given] = [one for one in rule["anyOf"] if one != {"type": "null"}]
        return f"{_accepts(given, definitions)}, or unset"
    if "enum" in rule:
        return ", ".join(f"`{value}`" for value in rule["enum"])
    if rule.get("type") == "array":
        return f"list of {_accepts(rule['items'], definitions)}"
    words = {"number": "number", "integer": "whole number", "boolean": "true or false", "string": "text"}[rule["type"]]
    words = "path" if rule.get("format") == "path" else words
    low = rule.get("minimum", rule.get("exclusiveMinimum"))
    high = rule.get("maximum", rule.get("exclusiveMaximum"))
    if low is None or high is None:
        return words if low is None else f"{words}, at least {low}"
    return f"{words}, {'above ' if 'exclusiveMinimum' in rule else ''}{low:g} to {high:g}"


def _default(rule: dict[str, Any]) -> str:
    value = rule.get("default")
    if value is None:
        return "unset"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{', '.join(map(str, value))}`" if isinstance(value, list) else f"`{value}`"


def events_page() -> str:
    """Every event with its fields."""
    lines = [
        "# Events",
        "",
        MADE,
        "",
        "An event is one fact. Its bytes are RFC 8785 JSON with the field `kind`. No event holds a name, a template, a "
        "score or a picture. Each has the field `at`, the moment in UTC to the millisecond.",
        "",
        "Events about acts and people go to the log: a leaf shows a salted commitment to the event and the hour, "
        "nothing else, and what opens it is kept in the database, sealed under the key of the person it is about. "
        "`track_ended` is about nobody and is kept in the database only.",
    ]
    for event in EVENTS:
        lines += ["", f"## {event.kind}", "", inspect.cleandoc(event.__doc__ or ""), ""]
        lines += ["| field | type |", "|---|---|"]
        lines += [f"| `{name}` | {kind} |" for name, kind in _event_fields(event)]
    return "\n".join(lines) + "\n"


def _event_fields(event: type[Event]) -> Iterator[tuple[str, str]]:
    words = {
        "str": "text",
        "int": "whole number",
        "bool": "true or false",
        "datetime": "moment",
        "tuple[str, ...]": "list of texts",
        "str | None": "text or null",
    }
    for field in dataclasses.fields(event):
        yield field.name, words[str(field.type)]


def commands_page() -> str:
    """Every command with its arguments, options and example."""
    root = typer.main.get_command(app)
    lines = [
        "# Commands",
        "",
        MADE,
        "",
        f"{root.help} Every command has `--help`. Errors are one line on standard error; [errors.md](errors.md) lists "
        "the exit codes.",
    ]
    shared = [_row(parameter) for parameter in root.params if parameter.name != "help"]
    if shared:
        lines += ["", "| before the command | what | default |", "|---|---|---|", *shared]
    for path, command in commands(root):
        lines += ["", f"## {path}", "", *_paragraphs(command.help or "")]
        lines += ["", "```sh", usage(path, command), "```"]
        rows = [_row(parameter) for parameter in command.params if parameter.name != "help"]
        if rows:
            lines += ["", "| | what | default |", "|---|---|---|", *rows]
        if command.epilog:
            lines += ["", "Example:", "", "```sh", command.epilog.removeprefix("Example: "), "```"]
    return "\n".join(lines) + "\n"


def commands(group: Command, path: str = "beholden") -> Iterator[tuple[str, Command]]:
    """Every command below a group that can be run, with its full name, in alphabetical order."""
    for name in sorted(group.commands):
        command = group.commands[name]
        inner = getattr(command, "commands", None)
        if inner is None or command.invoke_without_command:
            yield f"{path} {name}", command
        if inner is not None:
            yield from commands(command, f"{path} {name}")


def usage(path: str, command: Command) -> str:
    """`beholden x ARGUMENT [OPTIONS]`: arguments in order, required options spelled out."""
    words = [path]
    for parameter in command.params:
        name = parameter.name.upper()
        many = "..." if parameter.nargs == -1 or getattr(parameter, "multiple", False) else ""
        if parameter.param_type_name == "argument":
            words.append(f"{name}{many}" if parameter.required or many else f"[{name}]")
        elif parameter.required:
            words.append(f"{parameter.opts[0]} {name}{many}")
    return " ".join([*words, "[OPTIONS]"])


def _paragraphs(text: str) -> list[str]:
    return inspect.cleandoc(text).split("\n")


def _row(parameter: Command) -> str:
    if parameter.param_type_name == "argument":
        default = "required" if parameter.required else "none"
        return f"| `{parameter.name.upper()}` | {parameter.help or ''} | {default} |"
    names = ", ".join(f"`{name}`" for name in sorted(parameter.opts, key=len, reverse=True))
    choices = _choices(parameter.type_descriptor.annotation)
    what = (parameter.help or "") + (f" One of {', '.join(f'`{choice}`' for choice in choices)}." if choices else "")
    if parameter.envvar:
        what += f" Environment: `{parameter.envvar}`."
    return f"| {names} | {what} | {_option_default(parameter)} |"


def _choices(annotation: object) -> list[str]:
    """The values of an enum, or of a list of one; nothing for every other type."""
    inner = next(iter(get_args(annotation)), annotation)
    return [str(each.value) for each in inner] if isinstance(inner, type) and issubclass(inner, Enum) else []


def _option_default(parameter: Command) -> str:
    if parameter.required:
        return "required"
    if parameter.is_flag:
        return "off"
    value = parameter.default
    return f"`{getattr(value, 'value', value)}`" if isinstance(value, str | int | float | Path) else "none"


def errors_page() -> str:
    """The error tree with exit codes and what to do."""
    lines = [
        "# Errors and exit codes",
        "",
        MADE,
        "",
        "Every failure that a user can meet is one of these. The command line prints one line (what happened, what to "
        "do) on standard error and ends with the code; the Python API raises the class, from `beholden.model.errors`.",
        "",
        "Other codes: 0 done; 1 not as expected (`beholden demo`, `beholden doctor`); 2 also for wrong usage; "
        "130 interrupted.",
        "",
        "| error | code | what happened | what to do |",
        "|---|---|---|---|",
    ]
    for depth, error in errors():
        words = inspect.cleandoc(error.__doc__ or "").replace("\n", " ")
        indent = "&nbsp;&nbsp;" * depth
        lines.append(f"| {indent}`{error.__name__}` | {error.exit_code} | {words} | {error.default_advice} |")
    return "\n".join(lines) + "\n"


def errors(top: type[BeholdenError] = BeholdenError, depth: int = 0) -> Iterator[tuple[int, type[BeholdenError]]]:
    """The tree in the order of its definition, with how deep each class lies."""
    yield depth, top
    for below in top.__subclasses__():
        if below.__module__ == BeholdenError.__module__:
            yield from errors(below, depth + 1)


def purposes_page() -> str:
    """The policy table, as `beholden policy show` tells it."""
    lines = [
        "# Purposes",
        "",
        MADE,
        "",
        "What recognition may be for; there are no other purposes, and no setting adds one. The table is "
        "`consent/purposes.py`, what it allows is decided by `consent/policy.py`, and `beholden policy show` prints "
        "it. [law.md](law.md) says what follows for whom, [intended-use.md](intended-use.md) why.",
        "",
        f"Digest of these rules: `{policy_digest()}`",
    ]
    blocks = [("If I agreed to nothing", stranger_rows()), *((f"`{each}`", policy_rows(each)) for each in Purpose)]
    blocks += [
        ("Always", general_rows()),
        ("Nobody does alone", together_rows()),
        ("Not there yet", unbuilt_rows()),
        ("Words", meaning_rows()),
    ]
    for title, rows in blocks:
        lines += ["", f"## {title}", "", *(f"- **{heading}:** {words}" for heading, words in rows)]
    return "\n".join([*lines, "", *TODAY, ""])


TODAY = (
    "## What holds today",
    "",
    "Who may grant, how long, when it begins and where it holds are enforced today; a rehearsal folder skips the wait. "
    "`find_me` names nobody but while a plan is open (`beholden find-me`), and a guardian's grant counts while all "
    "that it needs is so ([oversight.md](oversight.md)). "
    "A live sighting is shown to a named account at one place, and counted ([oversight.md](oversight.md)).",
)


EXAMPLE = DOCS / "papers"
"""The settings of an example, and beside them the papers that are made from it."""
_ADDED = datetime(2026, 1, 1, tzinfo=UTC)
CAMERAS = (
    Camera(CameraId("lane"), PlaceId("entrance"), _ADDED),
    Camera(
        CameraId("gate"), PlaceId("garden"), _ADDED, record=True, zones=(Zone(((0.0, 0.0), (0.3, 0.0), (0.3, 1.0))),)
    ),
    Camera(CameraId("party-room"), PlaceId("hall"), _ADDED),
    Camera(CameraId("bicycles"), PlaceId("yard"), _ADDED, record=True),
)
"""The cameras of the example; in a folder they are in its records."""


FIGURES = ("<!-- Figures, made by tools/make_docs.py (make docs). Do not edit. -->", "<!-- End of figures. -->")
"""Between these, in docs/oversight.md."""


def oversight_page() -> str:
    """docs/oversight.md as it is written, with every figure of the rules as it is in the code."""
    written = (DOCS / "oversight.md").read_text(encoding="utf-8")
    before, begin, rest = written.partition(FIGURES[0])
    _, end, after = rest.partition(FIGURES[1])
    if not begin or not end:
        raise ValueError("docs/oversight.md has lost the marks between which its figures are made")
    rows = [f"| `{each.name}` | {each.in_words()} | {each.about} |" for each in all_figures()]
    table = "\n".join(["| figure | is | what |", "|---|---|---|", *rows])
    return f"{before}{begin}\n\n{table}\n\n{end}{after}"


def papers_pages() -> dict[str, str]:
    """What `beholden papers` makes of the example; as Markdown where there is Markdown, and nothing answered."""
    made = make_papers(what_runs(read_settings(EXAMPLE, {}), CAMERAS, rehearsal=False), Answers())
    twice = {f"{name.removesuffix('.md')}.html" for name in made.files if name.endswith(".md")}
    files = {**made.files, ANSWERS: with_questions("", made.blanks)}
    return {f"{EXAMPLE.name}/{name}": text for name, text in files.items() if name not in twice}


def pages() -> dict[str, str]:
    """Every made page by its name in docs/."""
    return {
        **papers_pages(),
        "commands.md": commands_page(),
        "errors.md": errors_page(),
        "events.md": events_page(),
        "oversight.md": oversight_page(),
        "purposes.md": purposes_page(),
        "settings.md": settings_page(),
    }


def out_of_date(folder: Path) -> list[str]:
    """Names of the made pages that a folder lacks or has otherwise."""
    found: list[str] = []
    for name, text in pages().items():
        path = folder / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            found.append(name)
    return found


def main() -> int:
    """Write the pages; with --check change nothing, and end with 1 when one is out of date."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; say which page is out of date")
    if parser.parse_args().check:
        stale = out_of_date(DOCS)
        for name in stale:
            print(f"docs/{name} is out of date: run `make docs`", file=sys.stderr)
        return 1 if stale else 0
    for name, text in pages().items():
        (DOCS / name).parent.mkdir(parents=True, exist_ok=True)
        (DOCS / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
