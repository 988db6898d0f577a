"""A camera that misbehaves when told: a TCP proxy on loopback in front of a real RTSP (or HTTP) server."""

from __future__ import annotations

import contextlib
import random
import socket
import struct
import threading
from types import TracebackType
from typing import Self

from tests.rtsp.challenge import Challenge
from tests.rtsp.wire import Splitter, answer, is_packet, rewritten

_BIG = 1 << 18


class FaultProxy:
    """Passes connections on to `target` (a port of 127.0.0.1, or (host, port)), with faults that are switched at will.

    Faults hold for all connections, present and future, until undone:
    `freeze`/`thaw` (bytes are held, connections stay open), `down`/`up` (nobody listens: a reboot),
    `garbage`/`clean` (mutated packets; of HTTP, pieces as they come), `password`/`open_house`,
    `redirect`/`stay`, `retarget`, `jump` (clocks). `cut` ends what is connected now, in the middle of whatever.
    Counters: `accepted` connections, `bytes_out` to clients, `mutated` packets, `refused` requests (401).
    """

    def __init__(self, target: int | tuple[str, int]) -> None:
        self.accepted = self.bytes_out = self.mutated = self.refused = 0
        self._flowing = threading.Event()
        self._flowing.set()
        self._up = threading.Event()
        self._up.set()
        self._closed = False
        self._lock = threading.Lock()
        self._pairs: set[_Pair] = set()
        self.challenge: Challenge | None = None
        self.elsewhere: tuple[str, int] | None = None
        self._chance: random.Random | None = None
        self._share = 0.0
        self._framing = False
        self._stream_s = self._wall_s = 0.0
        self.retarget(target)
        self._listener = _listening()
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, name="fault-proxy", daemon=True)
        self._thread.start()

    # -- where -------------------------------------------------------------------------------------------------------

    def url(self, path: str, *, times: int = 0) -> str:
        """The proxied address of a clip of `TownRtsp`; `times` = 0 plays it for ever."""
        return f"rtsp://127.0.0.1:{self.port}/{path}?play_count={times}"

    def retarget(self, other: int | tuple[str, int]) -> None:
        """The next connections go there (another resolution, another camera)."""
        self._target = ("127.0.0.1", other) if isinstance(other, int) else other

    # -- faults ------------------------------------------------------------------------------------------------------

    def freeze(self) -> None:
        self._flowing.clear()

    def thaw(self) -> None:
        self._flowing.set()

    def cut(self) -> None:
        """Every connection ends now; new ones are accepted."""
        with self._lock:
            pairs = list(self._pairs)
        for pair in pairs:
            pair.end()

    def down(self) -> None:
        """Connections are refused, and all present ones end. The port stays ours."""
        self._up.clear()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self.cut()

    def up(self) -> None:
        if not self._up.is_set():
            self._listener.listen(64)
            self._up.set()

    def garbage(self, seed: int = 0, share: float = 0.1, *, framing: bool = False) -> None:
        """`share` of the packets to the client get bytes changed; with `framing` also their 4 bytes of framing."""
        self._chance, self._share, self._framing = random.Random(seed), share, framing

    def clean(self) -> None:
        self._chance = None

    def password(
        self, user: str, password: str, scheme: str = "digest", *, algorithm: str = "MD5", qop: bool = False
    ) -> None:
        """Requests without it are answered 401. `scheme` "digest" or "basic"; `algorithm` "MD5" or "SHA-256"."""
        self.challenge = Challenge(user, password, scheme, algorithm, qop)

    def open_house(self) -> None:
        self.challenge = None

    def redirect(self, to: str, code: int = 302) -> None:
        """Every request is answered with `code` and `Location: to`."""
        self.elsewhere = (to, code)

    def stay(self) -> None:
        self.elsewhere = None

    def jump(self, *, stream_s: float = 0.0, wall_s: float = 0.0) -> None:
        """RTP timestamps (90 kHz) and the wall clock of sender reports are this much off from now on."""
        self._stream_s, self._wall_s = stream_s, wall_s

    # -- inside ------------------------------------------------------------------------------------------------------

    def changed(self, part: bytes) -> bytes:
        """One packet or message for the client, as the faults want it."""
        if not is_packet(part):
            return part
        if self._stream_s or self._wall_s:
            part = rewritten(part, self._stream_s, self._wall_s)
        return self.mangled(part, 0 if self._framing else 4)

    def mangled(self, part: bytes, first: int = 0) -> bytes:
        """`part`, or with bytes from `first` on changed if it is its turn."""
        chance = self._chance
        if chance is None or chance.random() >= self._share:
            return part
        self.mutated += 1
        broken = bytearray(part)
        for _ in range(chance.randint(1, 8)):
            if first < len(broken):
                broken[chance.randrange(first, len(broken))] = chance.randrange(256)
        return bytes(broken)

    def hold(self) -> None:
        self._flowing.wait()

    def _accept(self) -> None:
        while not self._closed:
            try:
                client, _ = self._listener.accept()
            except OSError:
                if not self._closed:
                    self._up.wait()
                continue
            self.accepted += 1
            try:
                server = socket.create_connection(self._target, timeout=5)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            pair = _Pair(self, client, server)
            with self._lock:
                self._pairs.add(pair)
            pair.start()
            if not self._up.is_set():
                pair.end()

    def forget(self, pair: _Pair) -> None:
        with self._lock:
            self._pairs.discard(pair)

    def close(self) -> None:
        self._closed = True
        self._up.set()
        self._flowing.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        self._listener.close()
        with self._lock:
            pairs = list(self._pairs)
        for pair in pairs:
            pair.end()
            pair.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Pair:
    """One client and its connection to the server: a thread for each direction."""

    def __init__(self, proxy: FaultProxy, client: socket.socket, server: socket.socket) -> None:
        self._proxy, self._client, self._server = proxy, client, server
        self._threads = [
            threading.Thread(target=self._guard, args=(work,), name="fault-pair", daemon=True)
            for work in (self._upward, self._downward)
        ]
        self._left = len(self._threads)
        self._counting = threading.Lock()
        self._writing = threading.Lock()

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        for thread in self._threads:
            thread.join(10)

    def end(self) -> None:
        """Both sides are told at once; the threads close the sockets."""
        for end in (self._client, self._server):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _guard(self, work) -> None:
        try:
            work()
        except (OSError, ValueError, struct.error):
            pass
        finally:
            self.end()
            with self._counting:
                self._left -= 1
                last = not self._left
            if last:
                self._client.close()
                self._server.close()
                self._proxy.forget(self)

    def _upward(self) -> None:
        split = Splitter()
        while data := self._client.recv(_BIG):
            self._proxy.hold()
            for part in split.feed(data):
                reply = None if is_packet(part) else self._reply(part)
                if reply is not None:
                    with self._writing:
                        self._client.sendall(reply)
                    continue
                self._server.sendall(part)

    def _reply(self, request: bytes) -> bytes | None:
        """What the proxy answers itself; None lets the request pass."""
        if self._proxy.elsewhere is not None:
            to, code = self._proxy.elsewhere
            return answer(request, code, "Moved", [f"Location: {to}"])
        challenge = self._proxy.challenge
        if challenge is not None and not challenge.met(request):
            self._proxy.refused += 1
            return answer(request, 401, "Unauthorized", [f"WWW-Authenticate: {challenge.header()}"])
        return None

    def _downward(self) -> None:
        split: Splitter | None = None
        first = True
        while data := self._server.recv(_BIG):
            self._proxy.hold()
            if first:  # RTSP is taken apart from its first byte on, so that packets are met at their beginning
                split, first = Splitter() if data.startswith(b"RTSP/") else None, False
            if split is None:
                parts = [self._proxy.mangled(data)]
            else:
                parts = [self._proxy.changed(part) for part in split.feed(data)]
            with self._writing:
                for part in parts:
                    self._proxy.bytes_out += len(part)
                self._client.sendall(b"".join(parts))


def _listening() -> socket.socket:
    """Listening on a free port of 127.0.0.1, bound by number: it stays ours while nobody listens (`down`)."""
    for _ in range(20):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
            listener.listen(64)
        except OSError:
            listener.close()
            continue
        return listener
    raise RuntimeError("no free port")
