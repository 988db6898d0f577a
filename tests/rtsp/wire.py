"""RTSP on the wire, as the test servers see it: messages and interleaved packets, without any strictness."""

from __future__ import annotations

import re
import struct

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)", re.IGNORECASE)
_CSEQ = re.compile(rb"\r\n(cseq:[^\r\n]*)", re.IGNORECASE)


class Splitter:
    """Cuts a byte stream into whole RTSP messages (with body) and whole `$` packets."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        parts: list[bytes] = []
        data = self._rest + data
        at = 0
        while at < len(data):
            end = _end(data, at)
            if end is None or end > len(data):
                break
            parts.append(data[at:end])
            at = end
        self._rest = data[at:]
        return parts


def _end(data: bytes, at: int) -> int | None:
    if data[at] == 0x24:
        return at + 4 + struct.unpack_from("!H", data, at + 2)[0] if at + 4 <= len(data) else None
    head = data.find(b"\r\n\r\n", at)
    if head < 0:
        return None
    found = _LENGTH.search(data, at, head + 2)
    return head + 4 + (int(found.group(1)) if found else 0)


def is_packet(part: bytes) -> bool:
    return part[:1] == b"$"


def rewritten(packet: bytes, stream_s: float, wall_s: float) -> bytes:
    """An interleaved packet with its clocks moved: RTP time by `stream_s`, both times of a sender report."""
    changed = bytearray(packet)
    ticks = int(stream_s * 90_000)
    if packet[1] % 2 == 0 and len(packet) >= 16:
        stamp = struct.unpack_from("!I", packet, 8)[0]
        struct.pack_into("!I", changed, 8, (stamp + ticks) & 0xFFFFFFFF)
    elif packet[1] % 2 == 1 and len(packet) >= 32 and packet[5] == 200:
        seconds, fraction, stamp = struct.unpack_from("!III", packet, 12)
        wall = (seconds << 32 | fraction) + int(wall_s * (1 << 32))
        struct.pack_into("!III", changed, 12, wall >> 32 & 0xFFFFFFFF, wall & 0xFFFFFFFF, (stamp + ticks) & 0xFFFFFFFF)
    return bytes(changed)


def answer(request: bytes, code: int, reason: str, headers: list[str]) -> bytes:
    """A response of the request's own protocol (RTSP/1.0 or HTTP/1.1), with its CSeq."""
    version = "HTTP/1.1" if b" HTTP/" in request.split(b"\r\n", 1)[0] else "RTSP/1.0"
    lines = [f"{version} {code} {reason}", *headers, "Content-Length: 0"]
    if found := _CSEQ.search(request):
        lines.append(found.group(1).decode())
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def headers_of(message: bytes) -> dict[str, str]:
    """Header names in lower case; of several of one name the last."""
    lines = message.split(b"\r\n\r\n", 1)[0].decode("latin-1").split("\r\n")[1:]
    return {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
