"""The keeper's socket: a thread per connection, each of which asks one question after the other."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from beholden.model.errors import BeholdenError, DataFolderError, KeeperSilent
from beholden.model.ids import ModelDigest
from beholden.supervise.keeper.desk import tell_mistake
from beholden.supervise.keeper.messages import (
    RESTART,
    VERSION,
    AskSegment,
    Failed,
    Hello,
    Reply,
    Request,
    encode,
    failure,
    parse_request,
)
from beholden.supervise.keeper.wire import Channel, Peer, listen, withdraw_socket

HELLO_S = 5.0
"""A connection says who it is within this time."""
MOST_CONNECTIONS = 600
"""Further ones are closed at once, and come again. A worker has two."""
Credentials = Callable[[socket.socket], Peer]


class Answering(Protocol):
    """Who answers (`supervise.keeper.keeper`)."""

    def answer(self, request: Request, fd: int | None = None) -> Reply:
        """Never raises. `fd` came with the question, and stays the caller's."""
        ...

    def segment(self, model: ModelDigest) -> int:
        """A descriptor of the gallery segment; the caller closes it. Raises BeholdenError."""
        ...


class Server:
    """Serves from when it is made until `stop`."""

    def __init__(
        self, folder: Path, answering: Answering, credentials: Credentials, most: int = MOST_CONNECTIONS
    ) -> None:
        """Raises DataFolderError when there can be no socket in the folder."""
        self._folder = folder
        self._answering = answering
        self._credentials = credentials
        self._most = most
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._channels: dict[threading.Thread, Channel] = {}
        self._socket = listen(folder)
        self._thread = threading.Thread(target=self._accept, name="keeper socket", daemon=True)
        self._thread.start()

    @property
    def connections(self) -> int:
        with self._lock:
            return len(self._channels)

    def stop(self, wait_s: float) -> None:
        """Take nothing more in, and let what is being answered be answered, for at most `wait_s`."""
        self._stopping.set()
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes `accept`; closing alone does not
        self._socket.close()
        withdraw_socket(self._folder)
        ends = time.monotonic() + wait_s
        self._thread.join(wait_s)
        with self._lock:
            serving = dict(self._channels)
        for channel in serving.values():
            channel.hang_up()
        for thread in serving:
            thread.join(max(0.1, ends - time.monotonic()))

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self._socket.accept()
            except OSError:  # it is stopped; or there are no descriptors left, which passes
                self._stopping.wait(0.05)
                continue
            channel = Channel(connection)
            with self._lock:
                full = len(self._channels) >= self._most or self._stopping.is_set()
                if not full:
                    thread = threading.Thread(
                        target=self._serve, args=(connection, channel), name="keeper call", daemon=True
                    )
                    self._channels[thread] = channel
                    thread.start()
            if full:
                channel.close()

    def _serve(self, connection: socket.socket, channel: Channel) -> None:
        try:
            with channel, suppress(KeeperSilent, OSError):  # whoever asked is gone
                if self._credentials(connection).uid == os.geteuid():
                    self._converse(channel)
        except Exception as error:  # noqa: BLE001 - a mistake in one connection must not end the others
            tell_mistake(error)
        finally:
            with self._lock:
                self._channels.pop(threading.current_thread(), None)

    def _converse(self, channel: Channel) -> None:
        """Answer until the other end hangs up, or says something that is no question."""
        wait_s: float | None = HELLO_S
        while True:
            payload, fd = channel.receive_with_fd(wait_s)
            try:
                if payload is None or not self._answered(channel, payload, fd, greeting=wait_s is not None):
                    return
            finally:
                if fd is not None:
                    os.close(fd)
            wait_s = None

    def _answered(self, channel: Channel, payload: bytes, fd: int | None, *, greeting: bool) -> bool:
        """Whether the conversation goes on after this question."""
        try:
            request = parse_request(payload)
        except DataFolderError as error:
            channel.send(encode(failure(error)))
            return False
        if greeting and (refusal := _unwelcome(request)) is not None:
            channel.send(encode(refusal))
            return False
        self._reply(channel, request, fd)
        return True

    def _reply(self, channel: Channel, request: Request, came: int | None) -> None:
        reply, fd = self._answering.answer(request, came), None
        if isinstance(request, AskSegment):
            try:
                fd = self._answering.segment(request.model)
            except BeholdenError as error:
                reply = failure(error)
        try:
            channel.send(encode(reply), fd)
        except ValueError:
            channel.send(encode(failure(DataFolderError("the keeper's answer is too long for one message"))))
        finally:
            if fd is not None:
                os.close(fd)


def _unwelcome(request: Request) -> Failed | None:
    """Why a connection that begins like this is not served."""
    if isinstance(request, Hello) and request.version == VERSION:
        return None
    message = f"this data folder is kept by version {VERSION} of Beholden, and another one asked"
    return failure(DataFolderError(message, advice=RESTART))
