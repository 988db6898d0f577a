"""Whatever account holders sign stands in docs/oversight.md, for whoever writes a program that signs."""

from __future__ import annotations

import ast
from itertools import pairwise
from pathlib import Path

import beholden

ACTS = Path(beholden.__file__).parent / "acts"
DOC = Path(__file__).resolve().parents[2] / "docs" / "oversight.md"


def signed_words() -> set[str]:
    """The texts of constants whose docstring says that they are what is signed."""
    found: set[str] = set()
    for path in ACTS.rglob("*.py"):
        body = ast.parse(path.read_text("utf-8")).body
        for node, said in pairwise(body):
            says = isinstance(said, ast.Expr) and str(getattr(said.value, "value", "")).startswith("What is signed")
            if says and isinstance(node, ast.Assign):
                found |= {each.value for each in ast.walk(node.value) if isinstance(each, ast.Constant)}
    return found


def test_every_word_that_is_signed_is_in_the_documentation():
    """And there are many."""
    text, words = DOC.read_text("utf-8"), signed_words()
    assert len(words) > 20
    assert [each for each in sorted(words) if f"`{each}`" not in text] == []
