"""Whatever a command asks the keeper for is among what may be asked for."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import pytest

import beholden
from beholden.acts.displays import ties
from beholden.supervise.keeper.calls import ALLOWED

ROOT = Path(beholden.__file__).parent
FILES = [ROOT / "api.py", *sorted(path for part in ("cli", "wiring") for path in (ROOT / part).rglob("*.py"))]
CHOSEN: dict[tuple[str, str], tuple[Callable[..., object], ...]] = {("ties.py", "act"): (ties.say, ties.take_back)}
"""What is asked for where it is chosen when the command runs."""


def asked_for(code: str, file: str) -> Iterator[tuple[int, tuple[Callable[..., object], ...]]]:
    """The line of each `.do(X, ...)`, and what X may be: every function that is imported as X anywhere in the file."""
    tree = ast.parse(code)
    imported: dict[str, set[tuple[str, str]]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                imported.setdefault(alias.asname or alias.name, set()).add((node.module, alias.name))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "do":
            name = ast.unparse(node.args[0])
            if name in imported:
                yield node.lineno, tuple(getattr(import_module(module), what) for module, what in imported[name])
            else:
                yield node.lineno, CHOSEN[file, name]


@pytest.mark.parametrize("path", [path for path in FILES if ".do(" in path.read_text("utf-8")], ids=lambda p: p.stem)
def test_every_use_case_that_a_command_asks_for_is_allowed(path: Path) -> None:
    """Else it fails when somebody first uses it."""
    asked = list(asked_for(path.read_text("utf-8"), path.name))
    assert asked
    assert [(line, act) for line, acts in asked for act in acts if act not in ALLOWED] == []


def test_one_that_is_not_allowed_would_be_found() -> None:
    """Under another name, too; and what nobody can tell is no pass."""
    planted = "from beholden.acts.grants.people import find as look\nacting.do(look, 1)\n"
    [(line, [act])] = asked_for(planted, "x.py")
    assert (line, act in ALLOWED) == (2, False)
    with pytest.raises(KeyError):
        list(asked_for("acting.do(whatever)", "x.py"))
