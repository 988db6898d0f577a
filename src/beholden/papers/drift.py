"""Whether papers still fit what runs: each line that no longer does, by file and number."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from html import unescape
from itertools import zip_longest

from beholden.papers.made import OF_A_PLACE

_TAGS = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Drift:
    """`line` of `file` (from 1) says `was`, and would say `now` ("" for no line). Line 0: of the file as a whole."""

    file: str
    line: int
    was: str
    now: str

    def in_words(self) -> str:
        """`retention.md:12`, and below it `- ` what it says and `+ ` what it would say."""
        if not self.line:
            return f"{self.file}: {self.now}"
        said = [f"  - {self.was}"] if self.was else []
        return "\n".join([f"{self.file}:{self.line}", *said, *([f"  + {self.now}"] if self.now else [])])


def drifted(there: Mapping[str, str | None], made: Mapping[str, str]) -> tuple[Drift, ...]:
    """What differs between the files of a folder (None: not text) and those made now; other files are left alone."""
    found: list[Drift] = []
    for name, text in made.items():
        if name not in there:
            found.append(Drift(name, 0, "", "it is not there"))
            continue
        before = there[name]
        found += [Drift(name, 0, "", "it is not text")] if before is None else _lines(name, before, text)
    return (*found, *(Drift(name, 0, "", "there is no such place any more") for name in stale(there, made)))


def stale(there: Mapping[str, str | None], made: Mapping[str, str]) -> tuple[str, ...]:
    """Notices and signs of places that are gone."""
    return tuple(sorted(name for name in there if name not in made and OF_A_PLACE.fullmatch(name)))


def _lines(name: str, before: str, now: str) -> Iterator[Drift]:
    if before == now:
        return
    old, new = before.splitlines(), now.splitlines()
    told = False
    for kind, first, last, begin, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        for offset, (was, would) in enumerate(zip_longest(old[first:last], new[begin:end], fillvalue="")):
            drift = Drift(name, first + offset + 1, _shown(was), _shown(would))
            if drift.was != drift.now:
                told = True
                yield drift
    if not told:
        yield Drift(name, 0, "", "only blanks or markup differ")


def _shown(line: str) -> str:
    """A line without markup and with single blanks."""
    return " ".join(unescape(_TAGS.sub(" ", line)).split())
