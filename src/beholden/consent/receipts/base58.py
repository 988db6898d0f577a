"""Bytes as text in base58btc, with the letter that says so: the multibase form `z...`.

https://www.w3.org/TR/cid-1.0/#base-58 and #multibase-0
"""

from __future__ import annotations

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
LONGEST = 128
"""Characters that are read: a signature has 88. Decoding takes time that grows with the square."""


def encode(data: bytes) -> str:
    """One `1` for each leading zero byte, then the number in base 58."""
    number, digits = int.from_bytes(data), ""
    while number:
        number, digit = divmod(number, 58)
        digits = ALPHABET[digit] + digits
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + digits


def decode(text: str) -> bytes:
    """The inverse of `encode`. Raises ValueError."""
    if len(text) > LONGEST:
        raise ValueError("too long for base58")
    number = 0
    for letter in text:
        number = number * 58 + ALPHABET.index(letter)
    zeros = len(text) - len(text.lstrip("1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8)


def multibase(data: bytes) -> str:
    return f"z{encode(data)}"


def from_multibase(text: str) -> bytes:
    """The inverse of `multibase`; no other base is read. Raises ValueError."""
    if not text.startswith("z"):
        raise ValueError("not base58btc")
    return decode(text[1:])
