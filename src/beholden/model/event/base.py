"""What all facts have in common: a moment, and bytes that are the same for the same fact.

Every event has canonical bytes: RFC 8785 JSON. Only strings, integers, booleans, null, lists and
objects with ASCII keys are allowed in one, for which Python's sorted, compact JSON *is* RFC 8785
(no number formatting is left to choose). No event holds a name, a template, a score or a picture.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import ClassVar, cast


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened. `at` is aware UTC, kept to the millisecond."""

    kind: ClassVar[str]
    at: datetime

    def as_dict(self) -> dict[str, object]:
        """The event as JSON-ready values, `kind` included."""
        values: dict[str, object] = {"kind": self.kind}
        for field in fields(self):
            values[field.name] = _plain(getattr(self, field.name))
        return values

    def canonical(self) -> bytes:
        """RFC 8785 bytes, UTF-8: equal facts are equal bytes."""
        return json.dumps(self.as_dict(), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise TypeError("an event's time needs a time zone")
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, tuple | list):
        return [_plain(item) for item in cast("Sequence[object]", value)]
    raise TypeError(f"{type(value).__name__} has no canonical form in an event")
