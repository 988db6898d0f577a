"""One file of a timeline, opened for the pictures that are whole in it; nothing is decoded."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import BinaryIO, Self, cast

import av
from av.container import InputContainer
from av.error import FFmpegError

from beholden.model.errors import DecodeFailure, InputError, MissingInput
from beholden.video.container import moving_pictures, open_container
from beholden.video.encode import TICKS
from beholden.video.recordings.timeline import Piece, open_piece


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """One picture, as it lies in a file, and the moments between which it is shown."""

    packet: av.Packet[av.VideoStream]
    at: datetime
    until: datetime


class _Whole(io.RawIOBase):
    """The whole part of a file: what follows it, torn or being written just now, is not there."""

    def __init__(self, fd: int, size: int) -> None:
        self._fd, self._size, self._at = fd, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def read(self, count: int = -1, /) -> bytes:
        left = max(0, self._size - self._at)
        data = os.pread(self._fd, left if count < 0 else min(count, left), self._at)
        self._at += len(data)
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        self._at = max(0, offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence])
        return self._at

    def tell(self) -> int:
        return self._at

    def close(self) -> None:
        if not self.closed:
            os.close(self._fd)
        super().close()


class OpenedPiece:
    """Use it as a context manager. `stream` is the one stream of the file."""

    def __init__(self, piece: Piece) -> None:
        """Raises MissingInput or NotMedia."""
        self._piece = piece
        try:
            self._bytes = _Whole(open_piece(piece.path), piece.whole)
        except OSError as error:
            raise MissingInput(f"{piece.path}: cannot be read") from error
        self._container: InputContainer = open_container(piece.path, cast("BinaryIO", self._bytes), cut_off=False)
        try:
            self.stream = moving_pictures(piece.path, self._container)
        except InputError:
            self.close()
            raise

    def pictures(self) -> Iterator[Shown]:
        """The pictures in order, each shown until the next. Raises DecodeFailure."""
        base = self.stream.time_base or Fraction(1, TICKS)
        last: tuple[av.Packet[av.VideoStream], datetime] | None = None
        try:
            for packet in self._container.demux(self.stream):
                if packet.size and packet.pts is not None:
                    at = self._piece.start + timedelta(seconds=float(packet.pts * base))
                    if last is not None:
                        yield Shown(*last, at)
                    last = packet, at
        except (FFmpegError, OSError) as error:
            raise DecodeFailure(f"{self._piece.path}: cannot be read") from error
        if last is not None:
            yield Shown(*last, self._piece.end)

    def close(self) -> None:
        self._container.close()
        self._bytes.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
