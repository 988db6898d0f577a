"""Small files of one server over HTTP, for somebody who believes none of its bytes: bounded, strict, never for ever."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import zlib
from contextlib import suppress
from dataclasses import dataclass

from .address import Address, parse_address
from .errors import LogUnavailable
from .witness_http import TIMEOUT_S

_HEADERS = {"Accept-Encoding": "gzip, identity", "User-Agent": "beholden-log-verify"}
_GONE = {403, 404, 410}
"""What a server answers about a file that it does not have; object stores whose files nobody may list say 403."""
_FORBIDDEN = {401, 407}
_PASSING = {429, 500, 502, 503, 504}
"""What a server answers that may do better in a moment."""
_PIECE = 1 << 16
_NETWORK = "Check the address and the network, then try again: nothing is known about the log yet."
_SERVER = (
    "Ask whoever serves the log to serve its files as they are (docs/log-format.md), or check another copy: what "
    "cannot be read proves nothing."
)
_CERTIFICATE = (
    "Whoever answers may not be who the address names, or its certificate ran out. Do not go round this: ask whoever "
    "serves the log."
)
_MOVED = "No redirect is followed. If you trust the place it leads to, give that address."


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: for connecting and each read; for a file with everything; and before each time it is tried again."""

    step_s: float = TIMEOUT_S
    file_s: float = 120.0
    pauses_s: tuple[float, ...] = (0.5, 2.0)


class _Fault(Exception):
    """Why a file did not come. `passing`: it may come when it is asked for again."""

    def __init__(self, why: str, advice: str = _SERVER, *, passing: bool = False) -> None:
        super().__init__(why)
        self.why, self.advice, self.passing = why, advice, passing


class FileServer:
    """Files below one address. Several threads may ask; connections are kept open, one for each that asks at once."""

    def __init__(self, address: Address, patience: Patience) -> None:
        self.address = address
        self.patience = patience
        self._trust = ssl.create_default_context() if address.secure else None
        self._lock = threading.Lock()
        self._idle: list[http.client.HTTPConnection] = []
        self._open: set[http.client.HTTPConnection] = set()
        self._closed = threading.Event()

    def get(self, path: str, shortest: int, longest: int) -> bytes | None:
        """A file of that many bytes, None where there is none to be had. Raises LogUnavailable, which names it."""
        pauses = iter(self.patience.pauses_s)
        while True:
            try:
                return _long_enough(self._asked(path, longest), shortest)
            except _Fault as fault:
                pause = next(pauses, None)
                if not fault.passing or pause is None or self._closed.wait(pause):
                    raise self.refused(path, fault.why, fault.advice) from fault

    def refused(self, path: str, why: str, advice: str = _NETWORK) -> LogUnavailable:
        """The error about a file."""
        return LogUnavailable(f"cannot fetch {path} of the log at {self.address}: {why}", advice=advice)

    def close(self) -> None:
        """Nothing is fetched any more: who waits for an answer in another thread is woken."""
        self._closed.set()
        with self._lock:
            idle, self._idle = self._idle, []
            busy = self._open.difference(idle)
        for connection in idle:
            connection.close()
        for connection in busy:  # its own thread closes it
            with suppress(OSError, AttributeError):
                connection.sock.shutdown(socket.SHUT_RDWR)

    def _asked(self, path: str, longest: int) -> bytes | None:
        """Once, or again at once where a connection from before turns out to be over."""
        while True:
            connection, used = self._take()
            answer = None
            try:
                connection.request("GET", f"{self.address.path}/{path}", headers=_HEADERS)
                answer = connection.getresponse()
                return _body(answer, longest, self._closed)
            except (OSError, http.client.HTTPException, UnicodeError) as error:
                if not used or isinstance(error, TimeoutError) or self._closed.is_set():
                    raise _fault(error, self.patience.step_s) from error
            finally:
                keep = answer is not None and answer.isclosed()
                if answer is not None:
                    answer.close()  # one that ends its connection holds it by itself
                self._give(connection, keep=keep)

    def _take(self) -> tuple[http.client.HTTPConnection, bool]:
        """A connection, and whether an answer came over it before. Raises _Fault."""
        with self._lock:
            if self._closed.is_set():
                raise _Fault("it was given up", _NETWORK)
            if self._idle:
                connection = self._idle.pop()
                return connection, connection.sock is not None
            connection = self.address.connection(self.patience.step_s, self._trust)
            self._open.add(connection)
            return connection, False

    def _give(self, connection: http.client.HTTPConnection, *, keep: bool) -> None:
        """Keep it for the next file, or close it: what was not read to its end is not read on."""
        with self._lock:
            if keep and not self._closed.is_set():
                self._idle.append(connection)
                return
            self._open.discard(connection)
        connection.close()


def _body(answer: http.client.HTTPResponse, longest: int, closed: threading.Event) -> bytes | None:
    """What was asked for, unpacked; None where the server says that there is none. Raises _Fault."""
    if answer.status in _GONE:
        return None
    if 300 <= answer.status < 400:
        raise _Fault(f"the server sends elsewhere for it{_to(answer.headers.get('Location', ''))}", _MOVED)
    if answer.status in _FORBIDDEN:
        raise _Fault(f"the server wants a password for it ({answer.status})")
    if answer.status != 200:
        raise _Fault(f"the server answers {answer.status}", passing=answer.status in _PASSING)
    if answer.headers.get_content_type() == "text/html":
        raise _Fault("the server sends a web page (text/html) in its place")
    packing = answer.headers.get("Content-Encoding", "identity").strip().lower()
    if packing == "identity":
        return _read(answer, longest, closed)
    if packing not in ("gzip", "x-gzip"):
        raise _Fault("the server packs it in a way that was not asked for")
    # At most so much longer are bytes that cannot be made shorter (RFC 1951, section 3.2.4), with a file's name.
    return _unpacked(_read(answer, longest + longest // 256 + 1024, closed), longest)


def _read(answer: http.client.HTTPResponse, longest: int, closed: threading.Event) -> bytes:
    """To its end, piece by piece as they come: a server that sends a byte now and then is left when `closed`."""
    told = None if answer.chunked else _told_length(answer)
    if told is not None and told > longest:
        raise _Fault(f"the server says that it has {told} bytes, and it cannot have more than {longest}")
    data = bytearray()
    while piece := answer.read1(min(_PIECE, longest + 1 - len(data))):
        data += piece
        if closed.is_set():
            raise _Fault("it was given up", _NETWORK)
        if len(data) > longest:
            raise _Fault(f"the server sends more than the {longest} bytes that it can have")
    if told is not None and len(data) < told:
        raise _Fault(f"it ended after {len(data)} of {told} bytes", passing=True)
    answer.read()  # nothing is left; some versions do not notice that before, and would not keep the connection
    return bytes(data)


def _long_enough(data: bytes | None, shortest: int) -> bytes | None:
    if data is not None and len(data) < shortest:
        raise _Fault(f"it has {len(data)} bytes, and cannot have less than {shortest}")
    return data


def _told_length(answer: http.client.HTTPResponse) -> int | None:
    lengths = set(answer.headers.get_all("Content-Length", ()))
    if not lengths:
        return None
    length = lengths.pop()
    if lengths or not (length.isascii() and length.isdecimal()) or len(length) > 19:
        raise _Fault("its Content-Length is no length")
    return int(length)


def _unpacked(packed: bytes, longest: int) -> bytes:
    unpacking = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    try:
        data = unpacking.decompress(packed, longest + 1)
    except zlib.error as error:
        raise _Fault("it is said to be packed with gzip, and is not") from error
    if len(data) > longest:
        raise _Fault(f"the server sends more than the {longest} bytes that it can have, packed with gzip")
    if not unpacking.eof or unpacking.unused_data:
        raise _Fault("it is packed with gzip, and cut off or followed by something else")
    return data


def _to(location: str) -> str:
    """Where a redirect leads, if that can be shown."""
    try:
        return f", to {parse_address(location)}"
    except ValueError:
        return ""


def _fault(error: Exception, step_s: float) -> _Fault:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _Fault(f"the server's certificate is not valid ({error.verify_message})", _CERTIFICATE)
    if isinstance(error, ssl.SSLError):
        return _Fault(f"no secure connection to the server ({error.reason})", _NETWORK)
    if isinstance(error, (socket.gaierror, UnicodeError)):
        return _Fault("nobody knows its host", _NETWORK)
    if isinstance(error, TimeoutError):
        return _Fault(f"the server sends nothing for {step_s:g} s", _NETWORK, passing=True)
    if isinstance(error, (http.client.HTTPException, ConnectionResetError, BrokenPipeError)):
        return _Fault(f"the server breaks off, or does not speak HTTP ({type(error).__name__})", passing=True)
    return _Fault(f"the server cannot be reached ({getattr(error, 'strerror', None) or error})", _NETWORK, passing=True)
