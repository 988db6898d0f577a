"""Can a decoder begin at this packet, whatever came before? Read from the packet itself: the keyframe flag says more.

FFmpeg also flags pictures after which a stream heals bit by bit (gradual refresh), and pictures that others
reach over. H.264: ITU-T H.264, table 7-1; HEVC: ITU-T H.265, table 7-1.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import av

_LOOKED_AT = 4096  # bytes of a packet: parameter sets and messages come before the picture


def begins_anew(codec: str, extradata: bytes | None, packet: av.Packet[av.VideoStream]) -> bool:
    """Whether nothing before `packet` is needed for it or for what follows it. False for codecs not known here."""
    if not packet.is_keyframe or codec not in {"h264", "hevc"}:
        return False
    data = bytes(memoryview(cast("bytes", packet))[:_LOOKED_AT])
    by_length = bool(extradata) and cast("bytes", extradata)[0] == 1
    for head in _by_lengths(data) if by_length else _by_start_codes(data):
        kind = head & 31 if codec == "h264" else head >> 1 & 63
        if codec == "h264" and 1 <= kind <= 5:
            return kind == 5  # an IDR picture
        if codec == "hevc" and kind < 32:
            return 16 <= kind <= 20  # IDR and BLA: not CRA, whose followers may reach over it
    return False


def _by_start_codes(data: bytes) -> Iterator[int]:
    """The first byte of each unit that starts with 00 00 01."""
    at = data.find(b"\0\0\1")
    while 0 <= at < len(data) - 3:
        yield data[at + 3]
        at = data.find(b"\0\0\1", at + 3)


def _by_lengths(data: bytes) -> Iterator[int]:
    """The first byte of each unit that has its length in four bytes before it, as in files."""
    at = 0
    while at < len(data) - 4:
        yield data[at + 4]
        at += 4 + int.from_bytes(data[at : at + 4], "big")
