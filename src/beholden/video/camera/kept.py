"""Packets that are kept undecoded: copies tied to no connection, from one keyframe to the next, within bounds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

import av

MOST_KEPT = 2000
"""Packets of one group, a minute at 30 a second: small ones cost more than their bytes."""


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """One packet, a copy of our own; when its picture was taken (seconds, the camera's offsets), and when it came
    (time.monotonic(), seconds)."""

    packet: av.Packet[av.VideoStream]
    offset_s: float
    arrived_s: float

    @classmethod
    def of(cls, packet: av.Packet[av.VideoStream], offset_s: float, arrived_s: float) -> Kept:
        """`packet` itself may go, and the connection that it came by."""
        return cls(_copied(packet), offset_s, arrived_s)


@dataclass(slots=True, eq=False)
class Group:
    """The pictures from one keyframe to the next: what is needed to decode any of them."""

    began_s: float
    kept: list[Kept] = field(default_factory=list[Kept])
    size: int = 0
    full: bool = False

    def add(self, one: Kept, most_bytes: int) -> None:
        """Keep one more; a group that would hold more than `most_bytes` is full, and takes nothing after that."""
        if self.full:
            return
        if self.size + one.packet.size > most_bytes or len(self.kept) >= MOST_KEPT:
            self.full = True  # what follows builds on what was not kept
            return
        self.kept.append(one)
        self.size += one.packet.size


def _copied(packet: av.Packet[av.VideoStream]) -> av.Packet[av.VideoStream]:
    """The same packet, tied to no connection: it may outlive the one it came by."""
    copy = cast("av.Packet[av.VideoStream]", av.Packet(bytes(memoryview(cast("bytes", packet)))))
    copy.pts, copy.dts, copy.is_keyframe = packet.pts, packet.dts, packet.is_keyframe
    if packet.time_base:
        copy.time_base = packet.time_base
    return copy
