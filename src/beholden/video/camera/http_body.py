"""The body of an HTTP answer as it arrives: chunks undone, parts found, everything bounded."""

from __future__ import annotations

import re
import select
import time
from collections.abc import Iterator
from typing import Final

from beholden.model.errors import SourceLost
from beholden.video.camera.address import CameraAddress
from beholden.video.camera.dial import Line, Wake
from beholden.video.camera.rtsp_text import Garbled, Message, body_length, parse_head

_SLOW: Final = 2  # times `idle_s` for one picture: bytes that trickle are frozen too
_PART_HEAD_MOST: Final = 8 * 1024
_EMPTY_LINE = re.compile(rb"\r?\n\r?\n")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]{0,200})?\r?\n")


class Ended(Exception):
    """The connection ended before what was asked for had come. Stays in this room."""


class Dechunker:
    """Undoes `Transfer-Encoding: chunked`, piece by piece. Pure."""

    def __init__(self) -> None:
        self._held = b""
        self._left = 0  # of the chunk that is being read
        self._between = False  # the line break after a chunk is still to come
        self.done = False

    def feed(self, data: bytes) -> bytes:
        """The bytes that the chunks carry, as far as they have come. Raises Garbled."""
        data = self._held + data
        self._held = b""
        out: list[bytes] = []
        at = 0
        while at < len(data) and not self.done:
            if self._left:
                piece = data[at : at + self._left]
                out.append(piece)
                at += len(piece)
                self._left -= len(piece)
                self._between = not self._left
            elif self._between and data[at] in b"\r\n":
                self._between = data[at] != 0x0A
                at += 1
            else:
                found = _CHUNK.match(data, at)
                if found is None:
                    if len(data) - at > 256 or self._between:
                        raise Garbled("chunks that are none")
                    self._held = data[at:]
                    break
                at, self._left = found.end(), int(found.group(1), 16)
                self.done = not self._left
        return b"".join(out)


class Arriving:
    """Bytes of one connection, as they are asked for. `left`: how many of the body are to come, None = until the end.

    All methods wait, and raise Ended, SourceLost (frozen), Garbled (more than allowed) or Stopped.
    """

    def __init__(self, line: Line, wake: Wake, idle_s: float, address: CameraAddress) -> None:
        self._line, self._wake, self._idle_s, self._address = line, wake, idle_s, address
        self._chunks: Dechunker | None = None
        self._until = 0.0
        self.held = bytearray()
        self.left: int | None = None

    def begin_piece(self) -> None:
        """From here on a picture has to be there in time."""
        self._until = time.monotonic() + _SLOW * self._idle_s

    def dechunk(self) -> None:
        """What follows comes in chunks; what is held of it is undone."""
        self._chunks = Dechunker()
        self.held = bytearray(self._chunks.feed(bytes(self.held)))

    def more(self) -> None:
        """Wait until something has come, and hold it."""
        if self._chunks is not None and self._chunks.done:
            raise Ended
        until = min(self._until, time.monotonic() + self._idle_s)
        while (data := self._received()) is None:
            if not self._wake.wait(self._line.fileno(), select.POLLIN, until):
                raise self._frozen()
        if not data:
            raise Ended
        if time.monotonic() > self._until:
            raise self._frozen()
        self.held += data if self._chunks is None else self._chunks.feed(data)

    def _received(self) -> bytes | None:
        try:
            return self._line.receive()
        except OSError as error:
            raise Ended from error

    def _frozen(self) -> SourceLost:
        return SourceLost(
            f"{self._address}: the camera is connected and sends nothing, or next to nothing (frozen)",
            advice="Check that the camera is on and reachable; it is tried again by itself.",
        )

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        while len(self.held) < count:
            self.more()
        data = bytes(self.held[:count])
        del self.held[:count]
        return data

    def head(self, most: int) -> bytes:
        """Everything up to an empty line, which is taken too."""
        self.begin_piece()
        return self.until(_EMPTY_LINE, most, 4)

    def until(self, mark: re.Pattern[bytes], most: int, longest: int) -> bytes:
        """Everything up to `mark`, which is taken too; no match of `mark` is longer than `longest`."""
        start = 0
        while (found := mark.search(self.held, start)) is None:
            if len(self.held) > most:
                raise Garbled("something that does not end")
            start = max(0, len(self.held) - longest)
            self.more()
        data = bytes(self.held[: found.start()])
        del self.held[: found.end()]
        return data

    def rest(self, most: int) -> bytes:
        """What is left of the body."""
        self.begin_piece()
        if self.left is not None:
            return self.take(self.left)
        try:
            while len(self.held) <= most:
                self.more()
        except Ended:
            return bytes(self.held)
        raise Garbled("something that does not end")


class Multipart:
    """The parts of a multipart answer. Tolerates what cameras do: a boundary that has its dashes already, a
    Content-Length that is missing, a line break too many."""

    def __init__(self, body: Arriving, boundary: bytes, most: int) -> None:
        self._body, self._most = body, most
        named = re.escape(boundary.removeprefix(b"--"))
        self._longest = len(boundary) + 8
        self._opening = re.compile(rb"(?:^|\n)--" + named + rb"[ \t]*(?=\r?\n)")
        self._closing = re.compile(rb"(?:\r?\n|(?<=\xff\xd9))(?=--" + named + rb")")

    def parts(self) -> Iterator[tuple[Message, bytes]]:
        """Headers and bytes of each part, until the answer ends: then Ended."""
        while True:
            self._body.begin_piece()
            self._body.until(self._opening, _PART_HEAD_MOST, self._longest)
            head = parse_head(self._body.until(_EMPTY_LINE, _PART_HEAD_MOST, 4))
            length = body_length(head, self._most)
            if length is None:
                yield head, self._body.until(self._closing, self._most, self._longest)
            else:
                yield head, self._body.take(length)
