"""Texts that are word for word what they were: a page, a document. A change of one is seen where it is reviewed."""

from __future__ import annotations

import os
from pathlib import Path


def same(made: str, kept: Path) -> None:
    """`WORD_FOR_WORD=write` writes what was made instead, to be looked at with `git diff`; the test fails then."""
    if os.environ.get("WORD_FOR_WORD") == "write":
        kept.write_text(made, encoding="utf-8")
        raise AssertionError(f"{kept.name} was written: look at it, then run the test again")
    told = kept.read_text(encoding="utf-8")
    assert made.splitlines() == told.splitlines()
    assert made == told
