"""RFC 8785 once more, letter by letter, as the specification tells it: what ours is held against."""

from __future__ import annotations

SHORT = {0x08: "\\b", 0x09: "\\t", 0x0A: "\\n", 0x0C: "\\f", 0x0D: "\\r", 0x22: '\\"', 0x5C: "\\\\"}


def jcs(value) -> bytes:
    return told(value).encode("utf-8")


def told(value) -> str:
    for constant, name in ((None, "null"), (True, "true"), (False, "false")):
        if value is constant:
            return name
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, dict):
        inner = [f"{quoted(key)}:{told(value[key])}" for key in sorted(value, key=units)]
        return "{" + ",".join(inner) + "}"
    return "[" + ",".join([told(each) for each in value]) + "]"


def units(key: str) -> list[int]:
    """The UTF-16 code units, by arithmetic."""
    found = []
    for point in map(ord, key):
        found += [point] if point < 0x10000 else [0xD800 + ((point - 0x10000) >> 10), 0xDC00 + (point & 0x3FF)]
    return found


def quoted(text: str) -> str:
    letters = [SHORT.get(point) or (f"\\u{point:04x}" if point < 0x20 else chr(point)) for point in map(ord, text)]
    return '"' + "".join(letters) + '"'
