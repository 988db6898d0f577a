"""What a camera says it sends (SDP, RFC 8866), cut down to its first moving picture. Pure.

FFmpeg is given no more than it needs to read that picture. Sound is left out here, so that it is
never asked for and never arrives.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Final

from beholden.video.camera.rtsp_text import Garbled

ENCODINGS: Final = frozenset({"H264", "H265", "JPEG", "MP4V-ES", "AV1", "VP8", "VP9"})
"""Pictures that are read, as RTP names them."""
_STATIC: Final = {"26": "JPEG"}

_SESSION: Final = ("v=", "o=", "t=", "a=control:", "a=range:")
_PICTURE: Final = ("b=", "a=control:", "a=rtpmap:", "a=fmtp:", "a=framerate:", "a=framesize:", "a=range:")
_MEDIA = re.compile(r"m=video \d{1,5}(?:/\d{1,5})? (RTP/AVPF?)((?: \d{1,3})+)")
_CONTROL: Final = "a=control:"


class NoPicture(Exception):
    """A camera's description has no moving picture that is read here. Stays in this room.

    `args[0]` says what it has instead.
    """


def first_picture(sdp: bytes, moved: Callable[[str], str]) -> bytes:
    """The description with its first picture only; each absolute control address is what `moved` makes of it.

    Raises NoPicture, or Garbled for what is no SDP.
    """
    lines = [line.strip() for line in sdp.decode("utf-8", "replace").split("\n")]
    lines = [line for line in lines if line and line[:2] not in {"s=", "i=", "u="}]  # free text, not looked at
    if not lines or any(len(line) > 8192 or not line.isprintable() for line in lines):
        raise Garbled("a description that is no SDP")
    starts = [at for at, line in enumerate(lines) if line.startswith("m=")] + [len(lines)]
    session = [_with_control(line, moved) for line in lines[: starts[0]] if line.startswith(_SESSION)]
    others: set[str] = set()
    for begin, end in pairwise(starts):
        found = _MEDIA.fullmatch(lines[begin])
        if found is None:
            others.add(lines[begin][2:].partition(" ")[0][:20])
            continue
        kind = _encoding(found.group(2).split(), lines[begin + 1 : end])
        if kind not in ENCODINGS:
            raise NoPicture(f"pictures as {kind[:20]}")
        picture = [_with_control(line, moved) for line in lines[begin + 1 : end] if line.startswith(_PICTURE)]
        head = f"m=video 0 {found.group(1)} {found.group(2).split()[0]}"
        return "\r\n".join((*session, "c=IN IP4 0.0.0.0", head, *picture, "")).encode()
    raise NoPicture(" and ".join(sorted(others)) or "nothing")


def _encoding(payloads: list[str], lines: list[str]) -> str:
    """The encoding of the first payload type; FFmpeg reads only that."""
    for line in lines:
        if line.startswith(f"a=rtpmap:{payloads[0]} "):
            return line.partition(" ")[2].strip().partition("/")[0].upper()
    return _STATIC.get(payloads[0], f"type {payloads[0]}")


def _with_control(line: str, moved: Callable[[str], str]) -> str:
    if not line.startswith(_CONTROL):
        return line
    value = line[len(_CONTROL) :].strip()
    return _CONTROL + (moved(value) if ":" in value else value)
