"""RTSP through our own socket: FFmpeg talks to a port of this machine, and this dials the camera's pinned address.

So FFmpeg never looks up a name, never follows a redirect, never holds a password and never asks for
sound; and when it fails, the relay knows in words why. Media bytes pass untouched.
"""

from __future__ import annotations

import select
import threading
import time
from collections import deque
from typing import Final, Self

from beholden.model.errors import InputError, SourceLost
from beholden.video.camera.address import CameraAddress
from beholden.video.camera.admit import Door
from beholden.video.camera.dial import MOST, Line, Stopped, Timeouts, Wake, dial
from beholden.video.camera.interpret import Interpreter
from beholden.video.camera.resolve import Pinned
from beholden.video.camera.rtsp_text import Garbled, Message, Parts

_FIRST_S: Final = 10.0  # until FFmpeg comes
_LAST_S: Final = 2.0  # for what is still to be written when the camera has closed
_SILENT_S: Final = 2.0  # no byte for so long when FFmpeg gives up: it was the camera
_FULL: Final = 512 * 1024  # waiting for FFmpeg: the camera is not read then
_GATHER_S: Final = 0.01  # packets of so long are passed on together: a wake-up costs more than a packet
_AGAIN: Final = "Check that the camera is on and reachable; it is tried again by itself."


def open_relay(
    address: CameraAddress, pinned: Pinned, timeouts: Timeouts | None = None, *, fingerprint: str | None = None
) -> Relay:
    """A relay to one rtsp or rtsps camera, for one connection of FFmpeg. Returns at once; dials when FFmpeg comes.

    `fingerprint`: SHA-256 of the camera's TLS certificate, in place of an authority's word. Raises SourceLost
    where this machine has no sockets left, ValueError for another kind of address.
    """
    if address.kind not in {"rtsp", "rtsps"}:
        raise ValueError("only rtsp and rtsps go through a relay")
    return Relay(address, pinned, timeouts or Timeouts(), fingerprint)


class Relay:
    """`url` is for FFmpeg (`rtsp_transport=tcp`): no login, no path of the camera's, a word nobody else knows.

    When FFmpeg fails or ends, `close()`, and then `problem` says why in words, or is None if it was
    not the camera's doing: CameraRefused (wrong password, no such stream, a redirect, TLS not trusted, no
    TCP, no picture) or SourceLost (no connection, frozen, closed by the camera, no RTSP).
    """

    def __init__(self, address: CameraAddress, pinned: Pinned, timeouts: Timeouts, fingerprint: str | None) -> None:
        self._address, self._pinned, self._timeouts, self._fingerprint = address, pinned, timeouts, fingerprint
        self._problem: InputError | None = None
        try:
            self._door, self._wake = Door(), Wake()
        except OSError as error:
            raise SourceLost(f"{address}: this machine has no sockets or files left") from error
        self.url = self._door.base
        self._thread = threading.Thread(target=self._run, name="relay", daemon=True)
        self._thread.start()

    @property
    def problem(self) -> InputError | None:
        """Final after `close()`; before, None may mean that it is not known yet."""
        return self._problem

    @property
    def open(self) -> bool:
        """Whether it still passes anything on, or waits for FFmpeg."""
        return self._thread.is_alive()

    def close(self) -> None:
        """End both connections; from any thread, more than once, within a second."""
        self._wake.set()
        if self._thread is not threading.current_thread():
            self._thread.join()
            self._wake.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self) -> None:
        try:
            admitted = self._door.admit(self._wake, time.monotonic() + _FIRST_S)
            if admitted is None:
                return
            client, said = admitted
            with (
                Line(client) as near,
                dial(self._address, self._pinned, self._timeouts, self._wake, self._fingerprint) as far,
            ):
                self._talk(near, far, said)
        except Stopped:
            pass
        except InputError as error:
            self._problem = error
        except OSError as error:
            self._problem = SourceLost(f"{self._address}: the connection broke", advice=_AGAIN)
            self._problem.__cause__ = error
        finally:
            self._door.close()

    def _talk(self, near: Line, far: Line, said: bytes) -> None:
        talk = _Talk(near, far, self._wake, Interpreter(self._address, self.url))
        try:
            talk.begin(said)
            talk.go_on(self._timeouts.idle_s)
        except Garbled as error:
            raise SourceLost(
                f"{self._address}: the camera sends something else than RTSP ({error})", advice=_AGAIN
            ) from None
        except Stopped:
            pass  # perhaps because FFmpeg waited in vain
        if talk.finished:
            raise SourceLost(f"{self._address}: the camera closed the connection", advice=_AGAIN)
        if talk.silent_s >= min(_SILENT_S, self._timeouts.idle_s):
            raise SourceLost(f"{self._address}: the camera is connected and sends nothing (frozen)", advice=_AGAIN)


class _Outbox:
    """What is still to be written to one side. Media is written at once and not copied unless that side is slow."""

    def __init__(self, side: Line) -> None:
        self._side = side
        self._pieces: deque[bytes | memoryview] = deque()
        self.size = 0
        self.broken = False
        """That side takes nothing any more."""

    def put(self, piece: bytes | memoryview) -> None:
        if not piece or self.broken:
            return
        self._pieces.append(piece)
        self.size += len(piece)
        if len(self._pieces) == 1:
            self.flush()

    def flush(self) -> None:
        try:
            while self._pieces:
                piece = self._pieces.popleft()
                taken = self._side.send(piece)
                self.size -= taken
                if taken < len(piece):
                    self._pieces.appendleft(memoryview(piece)[taken:])
                    return
        except OSError:
            self._pieces.clear()
            self.size, self.broken = 0, True


class _Talk:
    """Both connections of one relay, in one thread."""

    def __init__(self, near: Line, far: Line, wake: Wake, interpreter: Interpreter) -> None:
        self._near, self._far, self._wake, self._interpreter = near, far, wake, interpreter
        self._from_near, self._from_far = Parts(), Parts()
        self._to_near, self._to_far = _Outbox(near), _Outbox(far)
        self._heard = time.monotonic()
        self._asked: dict[int, int] = {}
        self.finished = False
        """The camera closed its side."""

    @property
    def silent_s(self) -> float:
        """How long the camera owes something by now; 0 while it is FFmpeg that is slow."""
        if not self._interpreter.waiting or self._to_near.size >= _FULL:
            return 0.0
        return time.monotonic() - self._heard

    def begin(self, said: bytes) -> None:
        self._near_said(said)

    def go_on(self, idle_s: float) -> None:
        """Pass on until one side ends or the camera is silent for `idle_s`.

        Raises Stopped, Garbled, CameraRefused, SourceLost, or OSError (TLS that breaks).
        """
        poll = select.poll()
        near, far, wake = self._near.fileno(), self._far.fileno(), self._wake.fileno()
        poll.register(wake, select.POLLIN)
        until = 0.0
        while not self._to_near.broken:
            self._register(poll)
            if self.finished:
                until = until or time.monotonic() + _LAST_S
                if not self._to_near.size or time.monotonic() >= until:
                    return
            elif self.silent_s >= idle_s:
                return
            left = until - time.monotonic() if self.finished else idle_s - self.silent_s
            ready = dict(poll.poll(max(0.0, left) * 1000 + 1))
            if wake in ready:
                raise Stopped
            if near in ready and not self._near_ready(ready[near]):
                return
            if far in ready and 0 < self._far_ready(ready[far]) < MOST // 2 and self._interpreter.playing:
                time.sleep(_GATHER_S)
            self.finished = self.finished or self._to_far.broken

    def _register(self, poll: select.poll) -> None:
        """Ask for what can be done: neither side is read while the other is slow."""
        wanted = {
            # A camera that asks, and does not read the answers, is not listened to any more, and so becomes silent.
            self._far.fileno(): _events(
                reads=self._to_near.size < _FULL and self._to_far.size < _FULL, writes=self._to_far.size > 0
            ),
            self._near.fileno(): _events(reads=not self._to_far.size, writes=self._to_near.size > 0),
        }
        if self.finished:
            wanted[self._far.fileno()] = 0
        for file, events in wanted.items():
            before = self._asked.get(file, 0)
            if events and events != before:
                poll.register(file, events)
            elif before and not events:  # an end that is not read must not wake the poll over and over
                poll.unregister(file)
            self._asked[file] = events

    def _near_ready(self, events: int) -> bool:
        """False when FFmpeg has gone."""
        if events & select.POLLOUT:
            if self._to_near.size >= _FULL:
                self._heard = time.monotonic()  # the camera was not listened to
            self._to_near.flush()
        if not events & ~select.POLLOUT:
            return True
        try:
            data = self._near.receive()
        except OSError:
            return False
        if data:
            self._near_said(data)
        return data != b""

    def _near_said(self, data: bytes) -> None:
        for part in self._from_near.feed(data):
            if not isinstance(part, Message):
                self._to_far.put(part)
                continue
            if not self._interpreter.waiting:
                self._heard = time.monotonic()
            for_camera, for_client = self._interpreter.asked(part)
            self._to_far.put(for_camera)
            self._to_near.put(for_client)

    def _far_ready(self, events: int) -> int:
        """How many bytes came."""
        if events & select.POLLOUT:
            self._to_far.flush()
        if not events & ~select.POLLOUT:
            return 0
        try:
            data = self._far.receive()
        except ConnectionError:
            data = b""
        if data is None:
            return 0
        self._heard = time.monotonic()
        self.finished = not data or self._far.ended
        for part in self._from_far.feed(data):
            if not isinstance(part, Message):
                self._to_near.put(part)
                continue
            for_client, for_camera = self._interpreter.said(part)
            self._to_near.put(for_client)
            self._to_far.put(for_camera)
        return len(data)


def _events(*, reads: bool, writes: bool) -> int:
    return (select.POLLIN if reads else 0) | (select.POLLOUT if writes else 0)
