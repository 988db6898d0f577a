"""How processes of one data folder talk: frames over a Unix socket that only this account can use.

A frame is four bytes of length (big-endian) and that many bytes, at most 8 MiB. A message is JSON in
one frame; a long answer is in several, of which all but the last have the highest bit of their length
set. A descriptor may come with either (SCM_RIGHTS). What a message says is `supervise.keeper.messages`'.
"""

from __future__ import annotations

import array
import os
import socket
import stat
import struct
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from beholden.model.errors import DataFolderError, FolderForbidden, FolderMissing, KeeperSilent

SOCKET = "keeper.sock"
MOST_BYTES = 8 << 20
"""Of one frame, and so of a question."""
MOST_ANSWER = 64 * MOST_BYTES
FRAME_S = 10.0
"""A frame that was begun is whole within this time, or its sender is given up."""
_LENGTH = struct.Struct("!I")
_MORE = 1 << 31
_CREDENTIALS = struct.Struct("3i")
_BROKEN = "the connection to the keeper of the data folder broke"


@dataclass(frozen=True, slots=True)
class Peer:
    """The process at the other end, as the kernel knows it."""

    pid: int
    uid: int


def peer_of(connection: socket.socket) -> Peer:
    """Raises OSError."""
    data = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    pid, uid, _ = _CREDENTIALS.unpack(data)
    return Peer(pid, uid)


class Channel:
    """One end of a connection, for one thread at a time. Everything it cannot do raises KeeperSilent.

    A connection on which anything went wrong is of no use any more: close it.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection

    def send(self, payload: bytes, fd: int | None = None) -> None:
        """One message, with a descriptor if there is one (which stays the caller's). ValueError when it is too long."""
        if len(payload) > MOST_ANSWER:
            raise ValueError(f"a message of {len(payload)} bytes is too long")
        rights = [] if fd is None else [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd]))]
        try:
            self._socket.settimeout(FRAME_S)
            for start in range(0, max(1, len(payload)), MOST_BYTES):
                part = payload[start : start + MOST_BYTES]
                more = _MORE if start + MOST_BYTES < len(payload) else 0
                data = _LENGTH.pack(len(part) | more) + part
                sent = self._socket.sendmsg([data], rights, socket.MSG_NOSIGNAL)
                if sent < len(data):  # nothing at all is an error, too, when the other end has just hung up
                    self._socket.sendall(data[sent:], socket.MSG_NOSIGNAL)
                rights = []
        except OSError as error:
            raise KeeperSilent(_BROKEN) from error

    def receive(self, wait_s: float | None, most: int = MOST_BYTES) -> bytes | None:
        """The next message, of at most `most` bytes; None when the other end closed the connection between two.

        Waits up to `wait_s` (None: for ever) for its beginning. Descriptors that come with it are dropped.
        """
        head = self._read(_LENGTH.size, wait_s)
        return None if head is None else self._body(head, most)

    def receive_with_fd(self, wait_s: float | None) -> tuple[bytes | None, int | None]:
        """As `receive`, with the descriptor that came with the message, which is the caller's from now on."""
        fds = array.array("i")
        try:
            payload = self._with_rights(wait_s, fds)
            kept = fds.pop(0) if fds and payload is not None else None
        except OSError as error:
            raise KeeperSilent(_BROKEN) from error
        finally:
            for fd in fds:  # all of them when anything went wrong, and always those that nobody asked for
                os.close(fd)
        return payload, kept

    def readable(self, wait_s: float) -> bool:
        """Whether something came within `wait_s`, the end of the connection included."""
        self._socket.settimeout(wait_s)
        try:
            self._socket.recv(1, socket.MSG_PEEK)
        except (TimeoutError, BlockingIOError):
            return False
        except OSError as error:
            raise KeeperSilent(_BROKEN) from error
        return True

    def hang_up(self) -> None:
        """Take nothing more in: a thread that waits in `receive` gets None. What is being answered still goes out."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RD)

    def close(self) -> None:
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _with_rights(self, wait_s: float | None, fds: array.array[int]) -> bytes | None:
        """The next message, None at an orderly end; descriptors that came are in `fds` as soon as they are ours."""
        self._socket.settimeout(wait_s)
        room = socket.CMSG_SPACE(4 * fds.itemsize)
        head, ancillary, _, _ = self._socket.recvmsg(_LENGTH.size, room, socket.MSG_CMSG_CLOEXEC)
        for level, kind, data in ancillary:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                fds.frombytes(data[: len(data) - len(data) % fds.itemsize])
        if not head:
            return None
        missing = _LENGTH.size - len(head)
        return self._body(head + (self._read(missing, FRAME_S) or b"") if missing else head, MOST_BYTES)

    def _body(self, head: bytes | None, most: int) -> bytes:
        """The rest of a message whose first length is here."""
        message = bytearray()
        while head is not None and len(head) == _LENGTH.size:
            (length,) = _LENGTH.unpack(head)
            more, length = length & _MORE, length & ~_MORE
            if length > min(MOST_BYTES, most - len(message)):
                raise KeeperSilent("what came over the keeper's socket is no message of Beholden")
            part = self._read(length, FRAME_S) if length else b""
            if part is None:
                break
            message += part
            if not more:
                return bytes(message)
            head = self._read(_LENGTH.size, FRAME_S)
        raise KeeperSilent(_BROKEN)

    def _read(self, count: int, wait_s: float | None) -> bytes | None:
        """Exactly so many bytes, the first within `wait_s`, all within `FRAME_S` of it; None at an orderly end."""
        data = bytearray()
        deadline = None if wait_s is None else time.monotonic() + wait_s
        try:
            while len(data) < count:
                self._socket.settimeout(None if deadline is None else max(0.001, deadline - time.monotonic()))
                part = self._socket.recv(min(count - len(data), 1 << 16))
                if not part:
                    if data:
                        raise KeeperSilent(_BROKEN)
                    return None
                if not data:
                    deadline = time.monotonic() + FRAME_S
                data += part
        except OSError as error:
            raise KeeperSilent(_BROKEN) from error
        return bytes(data)


@contextmanager
def _inside(folder: Path) -> Generator[tuple[int, str]]:
    """A descriptor of the folder and the path of its socket: a path of more than 107 bytes cannot be bound."""
    try:
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise FolderMissing(f"there is no data folder at {folder}") from error
    except OSError as error:
        raise FolderForbidden(f"this account may not enter {folder}") from error
    try:
        yield fd, f"/proc/self/fd/{fd}"
    finally:
        os.close(fd)


def listen(folder: Path) -> socket.socket:
    """A listening socket (0600) in the folder; one that a dead keeper left is replaced. For whoever holds the lock.

    Raises DataFolderError and its kin.
    """
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    part = f".{SOCKET}.{os.getpid()}"
    try:
        with _inside(folder) as (fd, path):
            os.fchmod(server.fileno(), stat.S_IRUSR | stat.S_IWUSR)  # before it has a name: never open to others
            with suppress(FileNotFoundError):
                os.unlink(part, dir_fd=fd)
            server.bind(f"{path}/{part}")
            os.chmod(part, stat.S_IRUSR | stat.S_IWUSR, dir_fd=fd)
            server.listen(64)
            os.rename(part, SOCKET, src_dir_fd=fd, dst_dir_fd=fd)
    except OSError as error:
        server.close()
        raise DataFolderError(f"the keeper's socket cannot be made in {folder}: {error.strerror}") from error
    except BaseException:
        server.close()
        raise
    return server


def withdraw_socket(folder: Path) -> None:
    """Remove the socket's name. For whoever holds the lock."""
    with suppress(OSError):
        (folder / SOCKET).unlink()


def connect(folder: Path, wait_s: float, credentials: Callable[[socket.socket], Peer] = peer_of) -> Channel:
    """A connection to whoever keeps the folder, who must be of this account.

    Raises KeeperSilent when nobody answers, FolderMissing, FolderForbidden.
    """
    try:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    except OSError as error:
        raise KeeperSilent("this machine has no sockets or files left") from error
    try:
        with _inside(folder) as (_, path):
            connection.settimeout(wait_s)
            connection.connect(f"{path}/{SOCKET}")
        ours = credentials(connection).uid == os.geteuid()
    except PermissionError:
        ours = False
    except OSError as error:
        connection.close()
        raise KeeperSilent("nobody answers at the keeper's socket") from error
    except BaseException:
        connection.close()
        raise
    if not ours:
        connection.close()
        raise FolderForbidden(f"another account keeps the data folder {folder}")
    return Channel(connection)
