"""RFC 8785 bytes of a JSON document, and the strict way back: one document has one text.

As `model/event/base.py` does it: nothing whose form is left to choose may occur, so there are no
floats, and integers are those that every JSON reader keeps exactly.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import cast

from beholden.model.errors import InputError

LARGEST = 65_536
"""Bytes of a document that is read: several times what a long receipt has."""
DEEPEST = 16
"""Lists and objects within each other."""
EXACT = 2**53 - 1
"""The largest integer of RFC 8785, section 3.2.2.3 (IEEE 754 double precision)."""
ADVICE = "Ask whoever gave it to you for another copy; a receipt is refused whole when one character differs."


def canonical(value: object) -> bytes:
    """UTF-8. Raises TypeError on a float or anything else that JSON has no exact form for, ValueError on an integer
    past 2^53 - 1, half a surrogate pair, and nesting deeper than DEEPEST."""
    return json.dumps(_ordered(value, DEEPEST), separators=(",", ":"), ensure_ascii=False).encode()


def parse(data: bytes) -> dict[str, object]:
    """The object whose canonical bytes these are. Raises InputError on every other text, and on more than LARGEST."""
    if len(data) > LARGEST:
        raise InputError(f"more than {LARGEST} bytes are no receipt", advice=ADVICE)
    try:
        value: object = json.loads(data.decode())
        same = canonical(value) == data
    except (ValueError, TypeError, RecursionError) as error:
        raise InputError("this is not JSON of the kind that receipts are written in", advice=ADVICE) from error
    if not same or not isinstance(value, dict):
        raise InputError("this is JSON, but not written as receipts are (RFC 8785)", advice=ADVICE)
    return cast("dict[str, object]", value)


def written(moment: datetime) -> str:
    """`2026-11-23T09:41:07.250Z`, as events write it. Raises TypeError without a time zone."""
    if moment.tzinfo is None:
        raise TypeError("a moment needs a time zone")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _ordered(value: object, depth: int) -> object:
    """The value with the keys of its objects in the order of RFC 8785: by UTF-16 code units."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        if abs(value) > EXACT:
            raise ValueError("an integer that not every reader keeps exactly")
        return value
    if depth == 0:
        raise ValueError("nested too deep")
    if isinstance(value, Mapping):
        pairs = cast("Mapping[object, object]", value)
        keys = [key for key in pairs if isinstance(key, str)]
        if len(keys) < len(pairs):
            raise TypeError("a key that is not text")
        return {key: _ordered(pairs[key], depth - 1) for key in sorted(keys, key=lambda key: key.encode("utf-16-be"))}
    if isinstance(value, tuple | list):
        return [_ordered(each, depth - 1) for each in cast("Sequence[object]", value)]
    raise TypeError(f"{type(value).__name__} has no canonical form")
