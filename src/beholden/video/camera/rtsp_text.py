"""RTSP (and HTTP) messages and interleaved packets, taken apart strictly and within bounds. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

HEAD_MOST: Final = 64 * 1024
BODY_MOST: Final = 256 * 1024

_DOLLAR: Final = 0x24
_END = re.compile(rb"\r?\n\r?\n")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_FIRST = re.compile(rb"[A-Z]")
_ANSWER = re.compile(r"(?:RTSP|HTTP)/1\.[01] ([1-5][0-9]{2})(?: .*)?")
_REQUEST = re.compile(r"([A-Z_]{1,20}) ([\x21-\x7e]{1,4096}) RTSP/1\.0")


class Garbled(Exception):
    """What arrived is no RTSP, or more of it than is read. Stays in this room."""


@dataclass(frozen=True, slots=True)
class Message:
    """A request or a response: its first line, its headers in order, and its body."""

    first: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""

    def get(self, name: str) -> str | None:
        """The first header of that name, whatever its case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]

    @property
    def status(self) -> int | None:
        """The status of a response; None for a request."""
        found = _ANSWER.fullmatch(self.first)
        return int(found.group(1)) if found else None

    @property
    def request(self) -> tuple[str, str] | None:
        """Method and URI of an RTSP request; None for a response."""
        found = _REQUEST.fullmatch(self.first)
        return (found.group(1), found.group(2)) if found else None

    def encoded(self) -> bytes:
        """As sent. A Content-Length is written if there is a body. Raises ValueError for a line break in a line."""
        lines = [self.first, *(f"{name}: {value}" for name, value in self.headers)]
        if self.body:
            lines.append(f"Content-Length: {len(self.body)}")
        if any("\r" in line or "\n" in line for line in lines):
            raise ValueError("a line of a message has a line break in it")
        return "\r\n".join((*lines, "", "")).encode("utf-8", "surrogateescape") + self.body


def parse_head(head: bytes) -> Message:
    """The first line and the headers of a message, without its body. Raises Garbled.

    Bytes that are not UTF-8 are kept as surrogates. A line without a colon is passed over: old cameras write such.
    """
    lines = head.decode("utf-8", "surrogateescape").replace("\r\n", "\n").split("\n")
    if any(ord(c) < 32 and c != "\t" for line in lines for c in line):
        raise Garbled("a control character in a header")
    pairs = (line.partition(":") for line in lines[1:])
    headers = tuple((name.strip(), value.strip()) for name, colon, value in pairs if colon)
    if any(not _NAME.fullmatch(name) for name, _ in headers):
        raise Garbled("a header whose name is none")
    return Message(lines[0].strip(), headers)


def body_length(message: Message, most: int) -> int | None:
    """What Content-Length says, None if nothing. Raises Garbled for no number, two numbers, or more than `most`."""
    said = set(message.all("content-length"))
    if not said:
        return None
    text = said.pop()
    if said or not re.fullmatch(r"[0-9]{1,12}", text) or int(text) > most:
        raise Garbled("a Content-Length that is none, or too much")
    return int(text)


class Parts:
    """Takes one direction of an RTSP connection apart: media packets as they are, messages parsed.

    Packets are not copied or put together: of a packet that has only half arrived, the half is
    given, so media costs a look at four bytes per packet.
    """

    def __init__(self) -> None:
        self._left = 0  # bytes of a packet that are still to come
        self._held = b""  # the beginning of something that is not whole yet
        self._wanted = 0  # how many bytes it takes before a look at `_held` can bring something

    def feed(self, data: bytes) -> Iterator[memoryview | Message]:
        """The parts of what has arrived, in order. Raises Garbled: nothing after that can be told apart."""
        if self._held:
            data = self._held + data
            self._held = b""
            if len(data) < self._wanted:
                self._held = data
                return
        at = 0
        while at < len(data):
            end = self._packets(data, at)
            if end > at:
                yield memoryview(data)[at:end]
                at = end
                continue
            if data[at] in b"\r\n":  # some cameras end a message with one line break too many
                at += 1
                continue
            read = self._message(data, at)
            if read is None:
                self._held = data[at:]
                return
            at, message = read
            yield message

    def _packets(self, data: bytes, at: int) -> int:
        """Where the packets that begin at `at` end."""
        size = len(data)
        at += self._left
        while at + 4 <= size and data[at] == _DOLLAR:
            at += 4 + (data[at + 2] << 8 | data[at + 3])
        self._left = max(0, at - size)
        return min(at, size)

    def _message(self, data: bytes, at: int) -> tuple[int, Message] | None:
        """The message at `at` and where it ends; None if it, or a packet's first 4 bytes, are not whole."""
        self._wanted = 0
        if data[at] == _DOLLAR:
            return None
        if not _FIRST.match(data, at):
            raise Garbled("something between two packets that is no message")
        found = _END.search(data, at, at + HEAD_MOST)
        if found is None:
            if len(data) - at >= HEAD_MOST:
                raise Garbled("a message that does not end")
            return None
        message = parse_head(data[at : found.start()])
        if message.status is None and message.request is None:
            raise Garbled("a message that is neither a request nor a response")
        end = found.end() + (body_length(message, BODY_MOST) or 0)
        if end > len(data):
            self._wanted = end - at
            return None
        return end, Message(message.first, message.headers, data[found.end() : end])
