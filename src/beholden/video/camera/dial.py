"""The one connection to a camera: to the pinned address, with TLS where asked, never blocking past its deadline."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import hmac
import os
import re
import select
import socket
import ssl
import threading
import time
from dataclasses import dataclass
from typing import Final, Self

from beholden.model.errors import CameraRefused, SourceLost
from beholden.video.camera.address import CameraAddress
from beholden.video.camera.resolve import Pinned

MOST: Final = 64 * 1024  # bytes taken at once


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds: to connect (TLS included), and without a byte that was due until the camera counts as frozen."""

    connect_s: float = 3.0
    idle_s: float = 5.0


class Stopped(Exception):
    """`Wake.set` was called while something was waited for. Stays in this room."""


class Wake:
    """Ends waits from another thread. Close it when nobody waits any more."""

    def __init__(self) -> None:
        self._file = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._closing = threading.Lock()  # a number that was closed may be somebody else's file

    def fileno(self) -> int:
        return self._file

    def set(self) -> None:
        """For good. Harmless when closed already."""
        with self._closing:
            if self._file >= 0:
                os.eventfd_write(self._file, 1)

    def close(self) -> None:
        with self._closing:
            if self._file >= 0:
                os.close(self._file)
            self._file = -1

    def wait(self, file: int, events: int, until: float) -> bool:
        """Until `file` is ready for `events` (select.POLLIN, POLLOUT), or `until` (time.monotonic()): then False.

        Raises Stopped.
        """
        poll = select.poll()
        poll.register(self._file, select.POLLIN)
        poll.register(file, events)
        ready = {found for found, _ in poll.poll(max(0.0, until - time.monotonic()) * 1000)}
        if self._file in ready:
            raise Stopped
        return file in ready

    def pause(self, seconds: float) -> None:
        """Sleep. Raises Stopped."""
        self.wait(self._file, select.POLLIN, time.monotonic() + seconds)


class Line:
    """A connection that never blocks: plain TCP, or TLS. OSError (ssl.SSLError is one) when it breaks."""

    def __init__(self, plain: socket.socket) -> None:
        self._socket = plain
        self.ended = False
        """The other side has closed: with TLS, nothing may wake a poll any more."""

    def fileno(self) -> int:
        return self._socket.fileno()

    def receive(self) -> bytes | None:
        """What has arrived, at most about MOST; None if nothing has, b"" at the end."""
        if not isinstance(self._socket, ssl.SSLSocket):
            try:
                return self._socket.recv(MOST)
            except BlockingIOError:
                return None
        pieces: list[bytes] = []
        size = 0
        while not self.ended and (size < MOST or self._socket.pending()):  # what TLS has unpacked wakes no poll
            try:
                piece = self._socket.recv(MOST)
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                return b"".join(pieces) if pieces else None
            if not piece:
                self.ended = True
                break
            pieces.append(piece)
            size += len(piece)
        return b"".join(pieces)

    def send(self, data: bytes | memoryview) -> int:
        """How many bytes were taken; 0 if none can be now."""
        try:
            return self._socket.send(data)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return 0

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def dial(address: CameraAddress, pinned: Pinned, timeouts: Timeouts, wake: Wake, fingerprint: str | None) -> Line:
    """Connect to `pinned`, and make it TLS for rtsps and https.

    The certificate is verified for the host's name, or by its SHA-256 `fingerprint` (hexadecimal) if
    one is given. Each address of `pinned` gets `connect_s`, all together twice that, and never more.
    Raises SourceLost, CameraRefused (TLS not trusted) or Stopped.
    """
    failed = 0
    ends = time.monotonic() + 2 * timeouts.connect_s
    for ip in (pinned.ip, *pinned.others):
        until = min(ends, time.monotonic() + timeouts.connect_s)
        try:
            plain = socket.socket(_family(ip), socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        except OSError as error:  # no IPv6 here, or no files left
            failed = error.errno or 0
            continue
        try:
            failed = _connect(plain, ip, pinned.port, wake, until)
            if not failed:
                return Line(_wrapped(plain, address, wake, until, fingerprint) if address.tls else plain)
        except BaseException:  # nobody else knows the socket yet
            plain.close()
            raise
        plain.close()
    raise SourceLost(f"{address}: {_WORDS.get(failed, 'it cannot be connected to')}", advice=_ADVICE)


_ADVICE: Final = "Check that the camera is on and reachable, and its address and port; it is tried again by itself."
_WORDS: Final = {
    errno.ECONNREFUSED: "nothing listens at that port (connection refused)",
    errno.EHOSTUNREACH: "no way to that machine (no route)",
    errno.ENETUNREACH: "no way to that network (no route)",
    errno.ETIMEDOUT: "no answer (connecting timed out)",
    errno.ECONNRESET: "the camera closed the connection",
}


def _family(ip: str) -> int:
    return socket.AF_INET6 if ":" in ip else socket.AF_INET


def _connect(plain: socket.socket, ip: str, port: int, wake: Wake, until: float) -> int:
    """0, or the error's number."""
    plain.setblocking(False)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    failed = plain.connect_ex((ip, port))
    if failed != errno.EINPROGRESS:
        return failed
    if not wake.wait(plain.fileno(), select.POLLOUT, until):
        return errno.ETIMEDOUT
    return plain.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)


def _wrapped(
    plain: socket.socket, address: CameraAddress, wake: Wake, until: float, fingerprint: str | None
) -> ssl.SSLSocket:
    context = ssl.create_default_context()
    if fingerprint is not None:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    try:
        wrapped = context.wrap_socket(plain, server_hostname=address.host, do_handshake_on_connect=False)
    except (OSError, ValueError) as error:
        raise SourceLost(f"{address}: TLS could not be begun", advice=_ADVICE) from error
    try:
        _handshake(wrapped, address, wake, until)
        if fingerprint is not None:
            _check_fingerprint(wrapped, address, fingerprint)
    except BaseException:  # wrap_socket has taken the plain one's place
        wrapped.close()
        raise
    return wrapped


def _handshake(wrapped: ssl.SSLSocket, address: CameraAddress, wake: Wake, until: float) -> None:
    while True:
        try:
            wrapped.do_handshake()
            return
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError) as want:
            events = select.POLLIN if isinstance(want, ssl.SSLWantReadError) else select.POLLOUT
            if not wake.wait(wrapped.fileno(), events, until):
                raise SourceLost(f"{address}: no answer to TLS (timed out)", advice=_ADVICE) from None
        except ssl.SSLCertVerificationError as error:
            raise CameraRefused(
                f"{address}: its certificate is not trusted ({error.verify_message.rstrip('.')[:80]})",
                advice="Give the camera's own certificate by its SHA-256 fingerprint (`beholden camera add "
                "--fingerprint`, from the camera's pages), or install one for its name.",
            ) from None
        except OSError as error:
            raise SourceLost(f"{address}: it does not speak TLS, or none that is still safe", advice=_ADVICE) from error


def _check_fingerprint(wrapped: ssl.SSLSocket, address: CameraAddress, fingerprint: str) -> None:
    seen = hashlib.sha256(wrapped.getpeercert(binary_form=True) or b"").hexdigest()
    wanted = re.sub(r"[\s:]", "", fingerprint).lower()
    if not hmac.compare_digest(seen.encode(), wanted.encode()):
        raise CameraRefused(
            f"{address}: its certificate is not the one that was given by its fingerprint",
            advice="If the camera was renewed, read its new fingerprint in its own pages and add it again. "
            "If not, somebody may be between you and it.",
        )
