"""An HTTP camera on loopback: MJPEG in the ways that cameras send it, snapshots, and what goes wrong."""

from __future__ import annotations

import io
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

import numpy as np
from PIL import Image

from tests.rtsp.challenge import Challenge

_PAUSE_S = 0.02


def jpegs(count: int = 5, size: tuple[int, int] = (64, 48)) -> list[bytes]:
    """Small pictures, each of another grey."""
    made: list[bytes] = []
    for number in range(count):
        file = io.BytesIO()
        Image.fromarray(np.full((size[1], size[0], 3), 20 + 40 * number, np.uint8)).save(file, "JPEG")
        made.append(file.getvalue())
    return made


@dataclass
class Manner:
    """How this camera speaks; may be changed while it runs (the next connection does so).

    `header` is the boundary as the header says it, `line` as the parts have it. `stop_after` pictures it ends
    (then the connection closes), or with `freezes` stays silent.
    """

    header: str = "frame"
    line: str = "--frame"
    with_length: bool = True
    chunked: bool = False
    part_type: str | None = "image/jpeg"
    stop_after: int | None = None
    freezes: bool = False
    challenge: Challenge | None = None
    status: int = 200
    location: str | None = None
    kind: str | None = None


class HttpCamera:
    """`/stream` is MJPEG of `pictures` over and over, `/snapshot.jpg` the next one; `asked` counts requests."""

    def __init__(self, pictures: list[bytes], manner: Manner | None = None) -> None:
        self.pictures, self.manner = pictures, manner or Manner()
        self.asked = self.refused = 0
        self.stop = threading.Event()
        camera = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, format: str, *args: object) -> None:
                pass

            def do_GET(self) -> None:
                camera.asked += 1
                self.close_connection = True
                camera.answer(self)

        class Server(ThreadingHTTPServer):
            daemon_threads = False

            def handle_error(self, request: object, client_address: object) -> None:
                """A client that has gone is what tests do."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def url(self, path: str = "stream", login: str = "") -> str:
        return f"http://{login}127.0.0.1:{self.port}/{path}"

    def answer(self, to: BaseHTTPRequestHandler) -> None:
        manner = self.manner
        headers = "".join(f"{name}: {value}\r\n" for name, value in to.headers.items())
        request = f"{to.requestline}\r\n{headers}\r\n".encode()
        if manner.challenge is not None and not manner.challenge.met(request):
            self.refused += 1
            self._plain(to, 401, ("WWW-Authenticate", manner.challenge.header()))
        elif manner.location is not None:
            self._plain(to, manner.status, ("Location", manner.location))
        elif manner.status != 200:
            self._plain(to, manner.status, ("X-Camera", "no"))
        elif "snapshot" in to.path:
            picture = self.pictures[self.asked % len(self.pictures)]
            self._plain(to, 200, ("Content-Type", manner.kind or "image/jpeg"), picture)
        else:
            self._stream(to, manner)

    def _plain(self, to: BaseHTTPRequestHandler, status: int, header: tuple[str, str], body: bytes = b"") -> None:
        to.send_response(status)
        to.send_header(*header)
        to.send_header("Content-Length", str(len(body)))
        to.end_headers()
        to.wfile.write(body)

    def _stream(self, to: BaseHTTPRequestHandler, manner: Manner) -> None:
        to.send_response(200)
        to.send_header("Content-Type", manner.kind or f"multipart/x-mixed-replace; boundary={manner.header}")
        if manner.chunked:
            to.send_header("Transfer-Encoding", "chunked")
        to.end_headers()
        number = 0
        while not self.stop.wait(_PAUSE_S):
            if manner.stop_after is not None and number >= manner.stop_after:
                if manner.freezes:
                    self.stop.wait(60)
                return
            part = self._part(self.pictures[number % len(self.pictures)], manner)
            to.wfile.write(b"%x\r\n%s\r\n" % (len(part), part) if manner.chunked else part)
            number += 1

    @staticmethod
    def _part(picture: bytes, manner: Manner) -> bytes:
        head = f"{manner.line}\r\n"
        if manner.part_type is not None:
            head += f"Content-Type: {manner.part_type}\r\n"
        if manner.with_length:
            head += f"Content-Length: {len(picture)}\r\n"
        return head.encode() + b"\r\n" + picture + b"\r\n"

    def close(self) -> None:
        self.stop.set()
        self._server.shutdown()
        self._thread.join(10)
        self._server.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
