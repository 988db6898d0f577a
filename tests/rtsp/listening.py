"""Small TCP servers on loopback: a canary that counts who comes, and a camera that says what a test wants."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from tests.rtsp.wire import Splitter, is_packet


class Canary:
    """Listens on 127.0.0.1 and ::1 (one port) and counts connections; each is closed at once."""

    def __init__(self) -> None:
        self._counted = 0
        self._own: set[tuple] = set()
        self._seen = threading.Condition()
        self._closed = False
        self._listeners = _both_families()
        self.port: int = self._listeners[0].getsockname()[1]
        self._threads = [
            threading.Thread(target=self._accept, args=(one,), name="canary", daemon=True) for one in self._listeners
        ]
        for thread in self._threads:
            thread.start()

    @property
    def visits(self) -> int:
        """How many came until now, whoever is still in the queue included: connections of its own, which are not
        counted, go through the queues first."""
        for listener in self._listeners:
            with socket.socket(listener.family) as own:
                own.bind((listener.getsockname()[0], 0))
                name = own.getsockname()
                with self._seen:
                    self._own.add(name)
                own.settimeout(10)
                own.connect(listener.getsockname()[:2])
                with self._seen:
                    assert self._seen.wait_for(lambda name=name: name not in self._own, 10)
        return self._counted

    def _accept(self, listener: socket.socket) -> None:
        while not self._closed:
            with contextlib.suppress(OSError):
                client, name = listener.accept()
                with self._seen:
                    self._counted += name not in self._own
                    self._own.discard(name)
                    self._seen.notify_all()
                client.close()

    def close(self) -> None:
        self._closed = True
        for listener in self._listeners:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
        for listener in self._listeners:
            listener.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _both_families() -> list[socket.socket]:
    for _ in range(20):
        four = socket.create_server(("127.0.0.1", 0))
        try:
            return [four, socket.create_server(("::1", four.getsockname()[1]), family=socket.AF_INET6)]
        except OSError as error:
            if not socket.has_ipv6 or "assign" in str(error):  # a machine without IPv6
                return [four]
            four.close()
    raise RuntimeError("no port is free in both families")


class ScriptedCamera:
    """Answers each RTSP message with what `answer` makes of it (None = nothing, and keep the connection).

    `heard` is every whole message that came. With `ends`, the connection ends after an answer.
    """

    def __init__(self, answer: Callable[[bytes], bytes | None], *, ends: bool = False) -> None:
        self.heard: list[bytes] = []
        self._answer, self._ends, self._closed = answer, ends, False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._clients: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, name="scripted", daemon=True)]
        self._threads[0].start()

    def _accept(self) -> None:
        while not self._closed:
            try:
                client, _ = self._listener.accept()
            except OSError:
                continue
            self._clients.append(client)
            thread = threading.Thread(target=self._serve, args=(client,), name="scripted", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, client: socket.socket) -> None:
        split = Splitter()
        with client, contextlib.suppress(OSError):
            while data := client.recv(1 << 16):
                for part in split.feed(data):
                    if is_packet(part):
                        continue
                    self.heard.append(part)
                    said = self._answer(part)
                    if said is not None:
                        client.sendall(said)
                        if self._ends:
                            return

    def close(self) -> None:
        self._closed = True
        for end in (self._listener, *self._clients):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
        self._listener.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
