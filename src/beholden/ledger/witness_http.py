"""A witness on the network, and how a log asks one: plain HTTP/1.1, small bodies, nothing that waits for ever.

TLS is for whatever stands in front of it: what travels is signed, and is public anyway.
"""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .address import parse_address
from .cosignature import WitnessKey, cosignatures
from .errors import LogUnavailable
from .note import NoteError, Signature, parse_note
from .reader import SignedTree
from .witness import LARGEST_REQUEST, SIZE_TYPE, Answer, Request, Witness

PATH = "/add-checkpoint"
TIMEOUT_S = 10.0
"""For each read of a request and each step of asking."""
_LARGEST_ANSWER = 64 * 1024
_TRIES = 3
"""The first may be told another old size, and the second come too late for it."""


def witness_server(witness: Witness, host: str, port: int, report: Callable[[str], object]) -> ThreadingHTTPServer:
    """A server to be run by `serve_forever`; port 0 takes a free one. `report` is told a line for each request.

    Raises OSError when the address cannot be taken.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version, sys_version = "beholden-witness", ""
        timeout = TIMEOUT_S

        def do_POST(self) -> None:
            self._answer(self._answered())

        def _answered(self) -> Answer:
            if self.path != PATH:
                self.close_connection = True
                return Answer(404, b"there is only add-checkpoint here\n")
            length = self.headers.get("Content-Length", "")
            if not (length.isascii() and length.isdecimal()) or int(length) > LARGEST_REQUEST:
                self.close_connection = True
                return Answer(413 if length.isdecimal() else 411, b"a request has a length, and is small\n")
            try:
                return witness.add_checkpoint(self.rfile.read(int(length)))
            except LogUnavailable as error:
                report(error.message)
                return Answer(503, b"the witness cannot remember anything now\n")

        def _answer(self, answer: Answer) -> None:
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.kind)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)
            report(f"{self.path[:80]!r} {answer.status}")

        def log_message(self, format: str, *args: object) -> None:
            """Who asked is nobody's business; `report` is told what was answered."""

    server = ThreadingHTTPServer((host, port), Handler)
    server.daemon_threads = True
    return server


@contextmanager
def serving(server: ThreadingHTTPServer) -> Generator[str]:
    """Serve from another thread while the block runs; the address of the server."""
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), name="witness", daemon=True)
    thread.start()
    try:
        host, port = server.server_address[:2]
        yield f"http://{host!s}:{port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass(frozen=True, slots=True)
class Cosigned:
    """The checkpoint that was asked about, and the witness's line under it, which was checked."""

    checkpoint: bytes
    line: Signature


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no line: `status` as the witness said, 0 when it could not be asked.

    `forked`: the witness knows another tree under this log's name, or a longer one. That does not mend itself.
    """

    message: str
    status: int = 0
    forked: bool = False


def ask(url: str, key: WitnessKey, checkpoint: bytes, tree: SignedTree, known_size: int = 0) -> Cosigned | Refusal:
    """Have a head cosigned (`FileLog.signed_tree`). `known_size`: what this witness saw last, as far as is known.

    Raises LogUnavailable when the tree cannot be read.
    """
    old_size = min(known_size, tree.head.size)
    for _ in range(_TRIES):
        proof = tree.consistency(old_size) if 0 < old_size < tree.head.size else ()
        answer = _post(url, Request(old_size, tuple(proof), checkpoint).encoded())
        if isinstance(answer, Refusal):
            return answer
        if answer.status == 200:
            return _cosigned(answer.body, checkpoint, key)
        size = answer.body.strip()
        if answer.status != 409 or answer.kind != SIZE_TYPE or not size.isdigit() or len(size) > 19:
            said = answer.body[:200].decode("utf-8", "replace").strip()
            return Refusal(f"it answered {answer.status}: {said}", answer.status, forked=answer.status in (409, 422))
        if int(size) > tree.head.size:
            return Refusal("it has seen more leaves than this tree has: the log went back", 409, forked=True)
        old_size = int(size)
    return Refusal("it could not be told what it saw last: another process asks it, too")


def _cosigned(body: bytes, checkpoint: bytes, key: WitnessKey) -> Cosigned | Refusal:
    """The witness's own line of an answer; it must hold under the checkpoint's text."""
    try:
        told = parse_note((parse_note(checkpoint).text + "\n").encode() + body)
        if not cosignatures(told.encoded(), [key]):
            return Refusal("there is no line of its key in its answer", 200)
    except NoteError as error:
        return Refusal(f"its answer is no cosignature: {error}", 200)
    line = next(each for each in told.signatures if (each.name, each.key_id) == (key.name, key.id))
    return Cosigned(checkpoint, line)


def _post(url: str, body: bytes) -> Answer | Refusal:
    try:
        address = parse_address(url)
    except ValueError as error:
        return Refusal(f"its address cannot be used: {error}")
    connection = address.connection(TIMEOUT_S)
    try:
        connection.request("POST", address.path + PATH, body, {"Content-Type": "text/plain; charset=utf-8"})
        answer = connection.getresponse()
        said = answer.read(_LARGEST_ANSWER)
        return Answer(answer.status, said, answer.headers.get("Content-Type", ""))
    except (OSError, http.client.HTTPException) as error:
        return Refusal(f"it cannot be asked ({type(error).__name__})")
    finally:
        connection.close()
