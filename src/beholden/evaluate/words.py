"""A rate as people say it: of so many, so many; and never without how sure that is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from beholden.evaluate.rates import Rate

BASES = (100, 1000, 10_000, 100_000, 1_000_000)
"""What things are counted by in a sentence: the smallest of them that leaves several."""
SEVERAL = 1.5


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured rate: its term as ISO/IEC 19795-1 has it, and the same in plain words."""

    term: str
    rate: Rate
    words: str

    def as_values(self) -> dict[str, Any]:
        """For JSON."""
        return {"term": self.term, **self.rate.as_values(), "in_words": self.words}


def in_numbers(rate: Rate) -> str:
    """`4.9% (5 of 102; 1.6 to 11%)`: the rate, its counts, and its 95% bounds."""
    if rate.value is None:
        return "not measured"
    said = f"{percent(rate.value)} ({rate.errors:,} of {rate.trials:,}"
    if rate.bounds is None:
        return f"{said})"
    if rate.errors == 0:
        return f"{said}; at most {percent(rate.bounds.high)})"
    return f"{said}; {percent(rate.bounds.low)} to {percent(rate.bounds.high)})"


def percent(value: float) -> str:
    """Two digits that mean something: `4.9%`, `0.033%`, `12%`; near all, of what is missing to it: `99.6%`."""
    hundred = 100 * value
    if 99 < hundred < 100:
        return f"{_plain(100 - float(f'{100 - hundred:.2g}'))}%"
    return f"{number(hundred)}%"


def number(value: float) -> str:
    """Two digits that mean something, without an exponent: `0.72`, `12`, `1,300`."""
    return _plain(float(f"{value:.2g}"))


def _plain(value: float) -> str:
    return f"{value:,.10f}".rstrip("0").rstrip(".")


def of_so_many(rate: Rate, whom: str, what: str) -> str:
    """`of 1,000 strangers who pass, about 2, at most 4, are named`; says so where nothing was measured."""
    if rate.value is None:
        return f"not measured: there were no {whom}"
    high = rate.bounds.high if rate.bounds is not None else None
    if rate.errors == 0:
        if high is None:
            return f"none of {rate.trials:,} {whom} {what}"
        base = next((base for base in BASES if high * base > 1), BASES[-1])
        return f"of {base:,} {whom}, at most {_up(high * base):,} {what} (here none of {rate.trials:,})"
    if rate.errors == rate.trials:
        least = "" if rate.bounds is None else f" (at least {math.floor(100 * rate.bounds.low)} of 100)"
        return f"all {rate.trials:,} {whom} {what}{least}"
    base = next((base for base in BASES if rate.value * base >= SEVERAL), BASES[-1])
    most = "" if high is None else f", at most {_up(high * base):,},"
    return f"of {base:,} {whom}, about {round(rate.value * base):,}{most} {what}"


def _up(number: float) -> int:
    """Rounded up, but for noise in the last digits."""
    return math.ceil(number - 1e-9)
