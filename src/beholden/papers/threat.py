"""A threat: who could do what, what holds against it, and the tests that hold that."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Threat:
    """`holds` in a sentence; `tests` by file and name, as pytest takes them. `left`: what it does not hold against."""

    who: str
    does: str
    holds: str
    left: str
    tests: tuple[str, ...]

    def in_words(self) -> str:
        """`Somebody does something.`"""
        return f"{self.who} {self.does}."


def held(file: str, *names: str) -> tuple[str, ...]:
    return tuple(f"tests/{file}.py::test_{name}" for name in names)
