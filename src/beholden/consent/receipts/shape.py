"""What a JSON document must look like, said in few words and checked strictly: nothing may be missing or be there
besides."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast


@dataclass(frozen=True, slots=True)
class Exactly:
    """This value and no other."""

    value: object


@dataclass(frozen=True, slots=True)
class Text:
    """Text that the pattern matches from end to end; any text of 1 to 1,000 characters, where none is given."""

    pattern: str = r"(?s:.{1,1000})"


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number, 0 or more."""


@dataclass(frozen=True, slots=True)
class Each:
    """A list of 1 to `most` such items."""

    item: Shape
    most: int = 100


@dataclass(frozen=True, slots=True)
class Fields:
    """An object with exactly these fields, of which those in `may` can be left out."""

    must: Mapping[str, Shape]
    may: Mapping[str, Shape] = field(default_factory=dict[str, "Shape"])


@dataclass(frozen=True, slots=True)
class Either:
    """One of several shapes."""

    shapes: tuple[Shape, ...]


Shape = Exactly | Text | Whole | Each | Fields | Either


def misfit(value: object, shape: Shape, at: str = "it") -> str | None:
    """What is wrong first, with the path to it, or None when the value has the shape."""
    match shape:
        case Exactly(wanted):
            return None if type(value) is type(wanted) and value == wanted else f"{at} is not {wanted!r}"
        case Text(pattern):
            return None if isinstance(value, str) and re.fullmatch(pattern, value) else f"{at} is not such a text"
        case Whole():
            return None if type(value) is int and value >= 0 else f"{at} is not a whole number"
        case Each(item, most):
            return _list_misfit(value, item, most, at)
        case Fields(must, may):
            return _object_misfit(value, must, may, at)
        case Either(shapes):
            return None if any(misfit(value, each, at) is None for each in shapes) else f"{at} fits no shape"


def _list_misfit(value: object, item: Shape, most: int, at: str) -> str | None:
    if not isinstance(value, list):
        return f"{at} is not a list"
    items = cast("Sequence[object]", value)
    if not 1 <= len(items) <= most:
        return f"{at} has not 1 to {most} items"
    found = (misfit(each, item, f"{at}[{number}]") for number, each in enumerate(items))
    return next((each for each in found if each), None)


def _object_misfit(value: object, must: Mapping[str, Shape], may: Mapping[str, Shape], at: str) -> str | None:
    if not isinstance(value, dict):
        return f"{at} is not an object"
    fields = cast("dict[str, object]", value)
    for name in must:
        if name not in fields:
            return f"{at} has no {name}"
    known = {**must, **may}
    for name, each in fields.items():
        if name not in known:
            return f"{at} has a field {name!r} that nobody knows"
        found = misfit(each, known[name], f"{at}.{name}")
        if found is not None:
            return found
    return None
