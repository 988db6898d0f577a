"""HTTP cameras: JPEG pictures in an endless multipart answer, or one picture at a time, over our own connection."""

from __future__ import annotations

import re
import select
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, Self

from beholden.model.errors import CameraRefused, SourceLost
from beholden.video.camera.address import CameraAddress
from beholden.video.camera.authenticate import Authenticator
from beholden.video.camera.dial import Line, Stopped, Timeouts, Wake, dial
from beholden.video.camera.http_body import Arriving, Ended, Multipart
from beholden.video.camera.interpret import redirected, refusal
from beholden.video.camera.resolve import Pinned
from beholden.video.camera.rtsp_text import HEAD_MOST, Garbled, Message, body_length, parse_head

PART_MOST: Final = 8 * 1024 * 1024
_NOT_JPEG_MOST: Final = 20  # parts in a row that are no picture
_AGAIN: Final = "Check that the camera is on and reachable; it is tried again by itself."
_BOUNDARY = re.compile(r';\s*boundary\s*=\s*(?:"([\x20-\x7e]{1,200})"|([\x21-\x3a\x3c-\x7e]{1,200}))', re.IGNORECASE)
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, eq=False)
class Jpeg:
    """One picture as the camera made it, and when its last byte came (time.monotonic(), seconds)."""

    data: bytes = field(repr=False)
    arrived_s: float


def open_mjpeg(
    address: CameraAddress,
    pinned: Pinned,
    timeouts: Timeouts | None = None,
    *,
    fingerprint: str | None = None,
    rate: float = 5.0,
    monotonic: Callable[[], float] = time.monotonic,
) -> Mjpeg:
    """Ask an http or https camera for its pictures; blocks until it has begun to answer.

    `rate`: how often a camera that answers with one picture is asked, per second. `fingerprint`: SHA-256 of
    its TLS certificate. Raises SourceLost, CameraRefused (password, redirect, no such stream, no pictures,
    TLS not trusted), ValueError for another kind of address.
    """
    if address.kind not in {"http", "https"}:
        raise ValueError("only http and https cameras send pictures like this")
    feed = Mjpeg(address, pinned, timeouts or Timeouts(), fingerprint, rate, monotonic)
    try:
        feed.begin()
    except BaseException:
        feed.close()
        raise
    return feed


_BEGIN_S = 8.0  # no further question after that: the worker would take it for a hang


class Mjpeg:
    """One HTTP camera. Pictures by one thread; `close` from any."""

    def __init__(
        self,
        address: CameraAddress,
        pinned: Pinned,
        timeouts: Timeouts,
        fingerprint: str | None,
        rate: float,
        monotonic: Callable[[], float],
    ) -> None:
        self._address, self._pinned, self._timeouts, self._fingerprint = address, pinned, timeouts, fingerprint
        self._rate, self._monotonic = rate, monotonic
        self._login = Authenticator(address.login)
        try:
            self._wake = Wake()
        except OSError as error:
            raise SourceLost(f"{address}: this machine has no files left") from error
        self._owning = threading.RLock()  # a forgotten generator may end while it is held
        self._running = self._closed = False
        self._line: Line | None = None
        self._body: Arriving | None = None
        self._boundary: bytes | None = None  # None: one picture an answer

    def begin(self) -> None:
        """Ask, with the password where the camera wants one. Raises as `open_mjpeg`, or Stopped."""
        ends = time.monotonic() + _BEGIN_S
        for _ in range(3):
            if time.monotonic() > ends:
                raise SourceLost(f"{self._address}: the camera takes too long to answer", advice=_AGAIN)
            message, body = self._ask()
            status = message.status
            if status == 401 and self._login.challenged(message.all("www-authenticate")):
                continue
            if status is None:
                raise SourceLost(f"{self._address}: something else than HTTP answers", advice=_AGAIN)
            if 300 <= status < 400:
                raise redirected(self._address)
            if status != 200:
                raise refusal(self._address, status)
            self._login.accepted()
            self._understand(message, body)
            return
        raise refusal(self._address, 401)

    def pictures(self) -> Iterator[Jpeg]:
        """Pictures as they come, until `close`. Raises SourceLost or CameraRefused; ends without after `close` only."""
        with self._owning:
            if self._closed or self._running:
                return
            self._running = True
        try:
            if self._boundary is None:
                yield from self._asked_for()
            else:
                yield from self._pushed(self._boundary)
        except Stopped:
            return
        except Ended:
            raise SourceLost(f"{self._address}: the camera closed the connection", advice=_AGAIN) from None
        except Garbled as error:
            raise SourceLost(
                f"{self._address}: what the camera sends cannot be read ({error})", advice=_AGAIN
            ) from None
        finally:
            with self._owning:
                self._running = False
                if self._closed:
                    self._let_go()

    def close(self) -> None:
        """End it; a thread that waits for a picture is let go at once. From any thread, more than once."""
        with self._owning:
            self._closed = True
            self._wake.set()
            if not self._running:
                self._let_go()

    def _let_go(self) -> None:
        self._hang_up()
        self._wake.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- asking ------------------------------------------------------------------------------------------------------

    def _ask(self) -> tuple[Message, Arriving]:
        """A fresh connection, one request, and the head of the answer."""
        self._hang_up()
        self._line = line = dial(self._address, self._pinned, self._timeouts, self._wake, self._fingerprint)
        self._body = body = Arriving(line, self._wake, self._timeouts.idle_s, self._address)
        try:
            self._write(line, self._request())
            message = parse_head(body.head(HEAD_MOST))
            if (message.get("transfer-encoding") or "identity").lower() == "chunked":
                body.dechunk()
        except Garbled as error:
            raise SourceLost(f"{self._address}: something else than HTTP answers ({error})", advice=_AGAIN) from None
        except Ended:
            raise SourceLost(f"{self._address}: the camera closed the connection", advice=_AGAIN) from None
        return message, body

    def _request(self) -> bytes:
        address = self._address
        host = address.authority
        if address.port == _DEFAULT_PORTS[address.kind]:
            host = host.rpartition(":")[0]
        headers = [
            ("Host", host),
            ("User-Agent", "Beholden"),
            ("Accept", "multipart/x-mixed-replace, image/jpeg"),
            ("Connection", "close"),
        ]
        answer = self._login.header("GET", address.path)
        if answer is not None:
            headers.append(("Authorization", answer))
        return Message(f"GET {address.path} HTTP/1.1", tuple(headers)).encoded()

    def _write(self, line: Line, data: bytes) -> None:
        until = time.monotonic() + self._timeouts.idle_s
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[line.send(rest) :]
                if rest and not self._wake.wait(line.fileno(), select.POLLOUT, until):
                    raise SourceLost(f"{self._address}: the camera takes no request", advice=_AGAIN)
        except OSError as error:
            raise Ended from error

    def _understand(self, message: Message, body: Arriving) -> None:
        kind = message.get("content-type") or ""
        name = kind.partition(";")[0].strip().lower()
        self._boundary = None
        if name in {"multipart/x-mixed-replace", "multipart/mixed"}:
            found = _BOUNDARY.search(kind)
            if found is None:
                raise CameraRefused(f"{self._address}: the camera's answer has parts without a boundary")
            self._boundary = (found.group(1) or found.group(2)).strip().encode()
        elif name in {"image/jpeg", "image/jpg"}:
            try:
                body.left = body_length(message, PART_MOST)
            except Garbled as error:
                raise SourceLost(f"{self._address}: what the camera sends cannot be read ({error})") from None
        else:
            raise CameraRefused(
                f"{self._address}: the camera answers with {_shown(name)}, not with JPEG pictures",
                advice="Find the address of its MJPEG stream (or of a JPEG snapshot) in its own pages.",
            )

    def _hang_up(self) -> None:
        if self._line is not None:
            self._line.close()
        self._line = self._body = None

    # -- pictures ----------------------------------------------------------------------------------------------------

    def _pushed(self, boundary: bytes) -> Iterator[Jpeg]:
        assert self._body is not None
        others = 0
        for head, data in Multipart(self._body, boundary, PART_MOST).parts():
            kind = (head.get("content-type") or "image/jpeg").partition(";")[0].strip().lower()
            if kind in {"image/jpeg", "image/jpg"} and data.startswith(b"\xff\xd8"):
                others = 0
                yield Jpeg(data, self._monotonic())
                continue
            others += bool(data)
            if others > _NOT_JPEG_MOST:
                raise CameraRefused(f"{self._address}: the camera's answer has parts that are no JPEG pictures")

    def _asked_for(self) -> Iterator[Jpeg]:
        while self._body is not None:
            asked = time.monotonic()
            data = self._body.rest(PART_MOST)
            if not data.startswith(b"\xff\xd8"):
                raise CameraRefused(f"{self._address}: what the camera calls a JPEG picture is none")
            yield Jpeg(data, self._monotonic())
            self._wake.pause(max(0.0, 1 / self._rate - (time.monotonic() - asked)))
            self.begin()
            if self._boundary is not None:
                raise Garbled("another kind of answer than before")


def _shown(name: str) -> str:
    return name if re.fullmatch(r"[a-z0-9.+-]{1,40}/[a-z0-9.+-]{1,40}", name) else "something without a type"
