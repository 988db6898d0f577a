"""A door on loopback that opens once, to whoever says the word: other processes of this machine do not know it."""

from __future__ import annotations

import hmac
import secrets
import select
import socket
import time
from typing import Final

from beholden.video.camera.dial import Stopped, Wake

_PATIENCE_S: Final = 2.0  # until somebody who came says something
_MOST_WAITING: Final = 16
_MOST_SAID: Final = 4096


class Door:
    """Listens on a free port of 127.0.0.1; `base` is the address to ask for, the word in it."""

    def __init__(self) -> None:
        """Raises OSError where this machine has no port or file left."""
        self._word = secrets.token_urlsafe(24)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=8)
        self._listener.setblocking(False)
        self.base = f"rtsp://127.0.0.1:{self._listener.getsockname()[1]}/{self._word}"
        self._waiting: dict[int, tuple[socket.socket, bytes, float]] = {}

    def admit(self, wake: Wake, until: float) -> tuple[socket.socket, bytes] | None:
        """The first who asks for `base`, non-blocking, and what they said so far; the door is closed then.

        None when nobody did by `until` (time.monotonic()). Raises Stopped, OSError.
        """
        try:
            while time.monotonic() < until:
                for file in self._ready(wake, min([until, *(late for _, _, late in self._waiting.values())])):
                    if file == self._listener.fileno():
                        self._come()
                    elif (found := self._heard(file)) is not None:
                        return found
                for file in [file for file, (_, _, late) in self._waiting.items() if late <= time.monotonic()]:
                    self._send_away(file)
            return None
        finally:
            self.close()

    def _ready(self, wake: Wake, until: float) -> list[int]:
        poll = select.poll()
        for file in (wake.fileno(), self._listener.fileno(), *self._waiting):
            poll.register(file, select.POLLIN)
        found = [file for file, _ in poll.poll(max(0.0, until - time.monotonic()) * 1000 + 1)]
        if wake.fileno() in found:
            raise Stopped
        return found

    def _come(self) -> None:
        try:
            client, _ = self._listener.accept()
        except (BlockingIOError, ConnectionError):
            return
        if len(self._waiting) >= _MOST_WAITING:
            self._send_away(next(iter(self._waiting)))
        client.setblocking(False)
        self._waiting[client.fileno()] = client, b"", time.monotonic() + _PATIENCE_S

    def _heard(self, file: int) -> tuple[socket.socket, bytes] | None:
        if file not in self._waiting:
            return None
        client, said, late = self._waiting[file]
        try:
            more = client.recv(_MOST_SAID)
        except BlockingIOError:
            return None
        except OSError:
            more = b""
        said += more
        line = said.partition(b"\r\n")
        if line[1] and self._knows(line[0]):
            del self._waiting[file]
            return client, said
        if line[1] or not more or len(said) > _MOST_SAID:
            self._send_away(file)
        else:
            self._waiting[file] = client, said, late
        return None

    def _knows(self, line: bytes) -> bool:
        words = line.split(b" ")
        if len(words) != 3:
            return False
        asked = words[1][: len(self.base)]
        return hmac.compare_digest(asked, self.base.encode()) and words[1][len(self.base) :][:1] in {b"", b"/"}

    def _send_away(self, file: int) -> None:
        self._waiting.pop(file)[0].close()

    def close(self) -> None:
        self._listener.close()
        while self._waiting:
            self._send_away(next(iter(self._waiting)))
