"""A folder served over HTTP on this machine, as any static server does it, and answers to put in a file's place."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from beholden.ledger.http_files import Patience
from beholden.ledger.witness_http import serving

Fault = Callable[[SimpleHTTPRequestHandler], object]
AT_ONCE = Patience(pauses_s=(0.0,))
"""As in use, but for the pause before a file is asked for again."""


@dataclass
class Served:
    """What is asked is in `asked`, by file; `connections` counts."""

    url: str = ""
    asked: list[str] = field(default_factory=list)
    connections: int = 0


@contextmanager
def served(
    folder: Path,
    faults: Mapping[str, Fault] | None = None,
    *,
    protocol: str = "HTTP/1.1",
    secure: ssl.SSLContext | None = None,
    prefix: str = "log/",
) -> Generator[Served]:
    """Below `/log`; `faults` stand in the place of files. Its address has no slash at the end."""
    told = Served()

    class Handler(SimpleHTTPRequestHandler):
        protocol_version = protocol
        disable_nagle_algorithm = True
        timeout = 5

        def setup(self) -> None:
            told.connections += 1
            super().setup()

        def do_GET(self) -> None:
            name = self.path.removeprefix(f"/{prefix}")
            told.asked.append(name)
            fault = (faults or {}).get(name)
            with suppress(ConnectionError, ssl.SSLError):  # whoever asked may have left
                if fault is None:
                    super().do_GET()
                else:
                    fault(self)

        def translate_path(self, path: str) -> str:
            return str(folder / path.removeprefix(f"/{prefix}"))

        def log_message(self, format: str, *args: object) -> None:
            pass

        def handle(self) -> None:
            with suppress(ConnectionError, ssl.SSLError):
                super().handle()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    if secure is not None:
        server.socket = secure.wrap_socket(server.socket, server_side=True)
    with serving(server) as address:
        told.url = f"{address if secure is None else address.replace('http:', 'https:')}/{prefix}".rstrip("/")
        yield told


def answering(body: bytes, *headers: tuple[str, str], status: int = 200, length: bool = True) -> Fault:
    """These bytes; with their length, or to the end of the connection."""

    def fault(handler: SimpleHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers:
            handler.send_header(name, value)
        if length:
            handler.send_header("Content-Length", str(len(body)))
        else:
            handler.close_connection = True
        handler.end_headers()
        handler.wfile.write(body)

    return fault


def raw(*pieces: bytes, every_s: float = 0.0, for_ever: bool = False) -> Fault:
    """Bytes instead of an answer, one piece after the other; the last again and again."""

    def fault(handler: SimpleHTTPRequestHandler) -> None:
        handler.close_connection = True
        stop = threading.Event()
        for piece in pieces:
            handler.wfile.write(piece)
        while for_ever and not stop.wait(every_s):
            handler.wfile.write(pieces[-1])

    return fault


def silent(handler: SimpleHTTPRequestHandler) -> None:
    """Nothing comes, until whoever asked goes away."""
    handler.close_connection = True
    with suppress(OSError):
        handler.connection.recv(1)


def once(fault: Fault, otherwise: Fault | None = None) -> Fault:
    """The first time; then the file itself, or something else."""
    times: list[None] = []

    def first(handler: SimpleHTTPRequestHandler) -> None:
        times.append(None)
        if len(times) == 1:
            fault(handler)
        elif otherwise is not None:
            otherwise(handler)
        else:
            SimpleHTTPRequestHandler.do_GET(handler)

    return first
