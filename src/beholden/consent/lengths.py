"""Lengths of time and ordinals in words, so that a sentence says the number that decides."""

from __future__ import annotations

from datetime import timedelta

_UNITS = (
    (timedelta(days=1), timedelta(days=4), "day"),
    (timedelta(hours=1), timedelta(hours=1), "hour"),
    (timedelta(minutes=1), timedelta(minutes=1), "minute"),
)
"""Each with the least that is told in it: three days are 72 hours."""
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def length(span: timedelta) -> str:
    """`7 days`, `72 hours`, `15 minutes`, `15 seconds`: in the largest unit of which it is a whole number."""
    for unit, least, word in _UNITS:
        if span >= least and not span % unit:
            return f"{span // unit} {word}{'' if span == unit else 's'}"
    return f"{span.total_seconds():g} seconds"


def ordinal(number: int) -> str:
    """`fourth`; beyond ten `number 11`."""
    return _ORDINALS[number - 1] if 0 < number <= len(_ORDINALS) else f"number {number}"
