"""A connection to whoever keeps the data folder, as somebody who asks sees it."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from beholden.consent.segment import SegmentView
from beholden.model.errors import DataFolderError, KeeperSilent
from beholden.model.ids import ModelDigest
from beholden.supervise.keeper.messages import (
    AskSegment,
    Failed,
    Hello,
    Reply,
    Request,
    SegmentSent,
    Welcome,
    encode,
    error_of,
    parse_reply,
)
from beholden.supervise.keeper.wire import MOST_ANSWER, Channel, Peer, connect, peer_of

GREETING_S = 2.0
R = TypeVar("R")


class Client:
    """For one thread at a time. Raises KeeperSilent when the other end is gone or does not answer in time.

    After that, and after any DataFolderError, the connection is of no use: close it.
    """

    def __init__(self, channel: Channel) -> None:
        """Greets whoever is at the other end."""
        self._channel = channel
        try:
            self.welcome = self.ask(Hello(), Welcome, GREETING_S)
        except BaseException:
            channel.close()
            raise

    @classmethod
    def connected(
        cls, folder: Path, wait_s: float = GREETING_S, credentials: Callable[[socket.socket], Peer] = peer_of
    ) -> Client:
        """Raises KeeperSilent, FolderMissing, FolderForbidden, and DataFolderError for another version."""
        return cls(connect(folder, wait_s, credentials))

    def ask(
        self,
        request: Request,
        kind: type[R],
        wait_s: float,
        alive: Callable[[], bool] | None = None,
        fd: int | None = None,
    ) -> R:
        """The answer, which is of that kind; an error that the keeper met is raised. `fd` goes with the question.

        Waits for `wait_s`, and, while `alive` says that the keeper does other things meanwhile, again.
        """
        self._channel.send(encode(request), fd)
        while not self._channel.readable(wait_s):
            if alive is None or not alive():
                raise KeeperSilent("the keeper of the data folder does not answer")
        payload = self._channel.receive(wait_s, MOST_ANSWER)
        if payload is None:
            raise KeeperSilent("the keeper of the data folder hung up")
        return _of_kind(parse_reply(payload), kind)

    def segment(self, model: ModelDigest, wait_s: float) -> SegmentView:
        """The gallery segment of a model, mapped."""
        self._channel.send(encode(AskSegment(model)))
        payload, fd = self._channel.receive_with_fd(wait_s)
        segment = None if fd is None else SegmentView(fd)
        if payload is None:
            raise KeeperSilent("the keeper of the data folder hung up")
        _of_kind(parse_reply(payload), SegmentSent)
        if segment is None:
            raise DataFolderError("the keeper sent no gallery segment")
        return segment

    def broken(self) -> bool:
        """Whether the other end is gone; for a connection on which nothing is being waited for."""
        try:
            return self._channel.readable(0.0)
        except KeeperSilent:
            return True

    def close(self) -> None:
        self._channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _of_kind(reply: Reply, kind: type[R]) -> R:
    if isinstance(reply, Failed):
        raise error_of(reply)
    if not isinstance(reply, kind):
        raise DataFolderError(f"the keeper answered {type(reply).__name__} to another question")
    return reply


def answers(folder: Path, wait_s: float = GREETING_S) -> bool:
    """Whether whoever keeps the folder answers a new connection: then it is alive, and busy."""
    began = time.monotonic()
    try:
        with Client.connected(folder, wait_s):
            return True
    except DataFolderError:
        time.sleep(max(0.0, wait_s - (time.monotonic() - began)))
        return False
