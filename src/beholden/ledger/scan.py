"""A person's own leaves, found in the public log with their keys alone: nobody's listing is trusted, nobody is asked.

The tag of every leaf of a month that there is a key of is computed and compared, which costs about a
microsecond; leaves of other months cost a fifth of that.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence

from .leaf import LEAF_SIZE, TAG_KEY_SIZE, VERSION, Month, parse_leaf
from .tiles import parse_leaves

_BLOCK = 64
"""Bytes that SHA-256 takes at a time: HMAC (RFC 2104) pads its key to them."""
_STEP = 2 + LEAF_SIZE
_FIELDS = struct.Struct(">3xI32x16s32s")
"""Hour, nonce and tag of a leaf as it lies in a bundle, behind its length."""
_LENGTH = LEAF_SIZE.to_bytes(2, "big")
_NOBODYS = (-1, b"", b"")


class OwnLeaves:
    """Those whose tag was made with the log key of their month, among the bundles that it is shown one by one.

    Leaves of other lengths or versions are nobody's. Raises ValueError unless each key is 32 bytes.
    """

    def __init__(self, keys: Mapping[Month, bytes], first: int = 0) -> None:
        self._tags = {hour: made for month, key in keys.items() for made in [_tagger(key)] for hour in month.hours()}
        self._next = first
        self.found: list[tuple[int, int]] = []
        """Number and hour of each so far."""

    def look(self, bundle: bytes) -> None:
        """Look through the next bundle as it is stored. Raises ValueError for one that is cut off."""
        tags, found = self._tags, self.found
        fields = _fields(bundle)
        for number, (hour, nonce, tag) in enumerate(fields, self._next):
            made = tags.get(hour)
            if made is not None and made(nonce) == tag:
                found.append((number, hour))
        self._next += len(fields)


def own_leaves(bundles: Iterable[bytes], keys: Mapping[Month, bytes], first: int = 0) -> list[int]:
    """Numbers of a person's own leaves: as `OwnLeaves`, in all bundles of a log.

    `bundles`: in order, the first leaf in them being number `first`; that they are the log's is for the caller
    to verify. Raises ValueError as `OwnLeaves` does.
    """
    own = OwnLeaves(keys, first)
    for bundle in bundles:
        own.look(bundle)
    return [number for number, _ in own.found]


def _tagger(key: bytes) -> Callable[[bytes], bytes]:
    """`leaf.tag` with the key taken in already: copying HMAC's two hashes is twice as fast as `hmac.digest`."""
    if len(key) != TAG_KEY_SIZE:
        raise ValueError("a log key is 32 bytes")
    padded = key.ljust(_BLOCK, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in padded))
    outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in padded))

    def made(nonce: bytes) -> bytes:
        one, two = inner.copy(), outer.copy()
        one.update(nonce)
        two.update(one.digest())
        return two.digest()

    return made


def _fields(bundle: bytes) -> Sequence[tuple[int, bytes, bytes]]:
    """(hour, nonce, tag) of each leaf; a bundle of nothing but our leaves is cut up at once."""
    count, rest = divmod(len(bundle), _STEP)
    ours = (_LENGTH[0:1] * count, _LENGTH[1:2] * count, bytes([VERSION]) * count)
    if not rest and (bundle[0::_STEP], bundle[1::_STEP], bundle[2::_STEP]) == ours:
        return list(_FIELDS.iter_unpack(bundle))
    return [_of_leaf(leaf) for leaf in parse_leaves(bundle)]


def _of_leaf(data: bytes) -> tuple[int, bytes, bytes]:
    try:
        leaf = parse_leaf(data)
    except ValueError:
        return _NOBODYS
    return leaf.hour, leaf.nonce, leaf.tag
