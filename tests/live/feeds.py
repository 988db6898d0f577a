"""Feeds that tests make themselves: packets of files, whole or broken, with a time of their own."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import cast

import av

from beholden.video.camera.feed import Arrival

FPS = 25


class Joined:
    """The packets of raw files (.h264) one after the other, as one connection, `fps` a second; some are lost."""

    def __init__(self, paths: Sequence[Path], *, fps: int = 10, lose: Sequence[int] = (), each: bool = False) -> None:
        """`lose`: numbers of packets, of the whole, or (`each`) of every file."""
        self._fps = fps
        self._packets: list[tuple[bytes, bool] | None] = []
        for path in paths:
            with av.open(str(path)) as container:
                packets = [packet for packet in container.demux(video=0) if packet.size]
            first = 0 if each else len(self._packets)
            for number, packet in enumerate(packets, first):
                self._packets.append(None if number in lose else (bytes(packet), packet.is_keyframe))
        self.context = cast("av.VideoCodecContext", av.CodecContext.create("h264", "r"))

    def arrivals(self) -> Iterator[Arrival]:
        begins = True
        for number, one in enumerate(self._packets):
            if one is not None:
                yield Arrival(packet_of(*one, number, self._fps), number / self._fps, begins)
                begins = False
        yield Arrival(cast("av.Packet[av.VideoStream]", av.Packet()), len(self._packets) / self._fps)

    def close(self) -> None:
        pass


def packet_of(data: bytes, key: bool, number: int, fps: int) -> av.Packet[av.VideoStream]:
    """A packet as a demuxer gives it: picture `number` of so many a second."""
    packet = cast("av.Packet[av.VideoStream]", av.Packet(data))
    packet.pts = packet.dts = number
    packet.time_base = Fraction(1, fps)
    packet.is_keyframe = key
    return packet


class BrokenFeed:
    """The packets of a clip over and over, some of them mutated: bytes changed, cut short, doubled, lost, swapped."""

    def __init__(self, path: str, codec: str, seed: int) -> None:
        self.chance = random.Random(seed)
        self.mutated = 0
        with av.open(path) as container:
            stream = container.streams.video[0]
            self._extradata = stream.codec_context.extradata
            self._packets = [(bytes(packet), packet.is_keyframe) for packet in container.demux(stream) if packet.size]
        self._codec = codec
        self.context = self._fresh()

    def _fresh(self) -> av.VideoCodecContext:
        context = cast("av.VideoCodecContext", av.CodecContext.create(self._codec, "r"))
        context.extradata = self._extradata
        return context

    def arrivals(self) -> Iterator[Arrival]:
        number = rounds = 0
        while True:
            begins = rounds % 10 == 0
            rounds += 1
            if begins:
                self.context = self._fresh()
            for data, key in self._changed():
                yield Arrival(packet_of(data, key, number, FPS), number / FPS, begins)
                begins = False
                number += 1

    def _changed(self) -> Iterator[tuple[bytes, bool]]:
        ready = list(self._packets)
        if self.chance.random() < 0.2:
            first, second = (self.chance.randrange(len(ready)) for _ in range(2))
            ready[first], ready[second] = ready[second], ready[first]
            self.mutated += 2
        for data, key in ready:
            if self.chance.random() < 0.85:
                yield data, key
                continue
            self.mutated += 1
            how = self.chance.randrange(8)
            broken = bytearray(data)
            if how == 0:
                continue
            if how == 1:
                del broken[self.chance.randrange(1, len(broken)) :]
            elif how == 2:
                at = self.chance.randrange(len(broken))
                broken[at:at] = self.chance.randbytes(self.chance.randrange(1, 200))
            elif how == 3:
                yield data, key
            elif how == 4:  # near the front, where headers are
                broken[self.chance.randrange(min(40, len(broken)))] ^= 1 << self.chance.randrange(8)
            else:
                for _ in range(self.chance.randint(1, 30)):
                    broken[self.chance.randrange(len(broken))] = self.chance.randrange(256)
            yield bytes(broken), key

    def close(self) -> None:
        pass
