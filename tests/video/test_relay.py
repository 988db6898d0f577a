"""The relay between FFmpeg and a camera: every frame arrives, no password does, and failures are told in words."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import threading
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import av
import pytest
from tests.rtsp.certificate import self_signed
from tests.rtsp.clip import write_moving_clip
from tests.rtsp.faults import FaultProxy
from tests.rtsp.listening import ScriptedCamera
from tests.rtsp.play import play
from tests.rtsp.server import TownRtsp
from tests.rtsp.wire import headers_of

from beholden.model.errors import CameraRefused, InputError, SourceLost
from beholden.video.camera.address import AddressRules, parse_address
from beholden.video.camera.dial import Timeouts
from beholden.video.camera.relay import Relay, open_relay
from beholden.video.camera.resolve import Pinned, resolve

RULES = AddressRules(loopback=True)
SHORT = Timeouts(connect_s=1, idle_s=1.5)
FRAMES = 30


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("town")
    write_moving_clip(folder / "a.mp4", seconds=1.2, fps=25)
    write_moving_clip(folder / "big.mp4", size=(1280, 720), seconds=1.2, fps=25, seed=3)
    return folder


@pytest.fixture(scope="module")
def town(folder: Path) -> Iterator[TownRtsp]:
    with TownRtsp(folder) as one:
        yield one


@pytest.fixture
def proxy(town: TownRtsp) -> Iterator[FaultProxy]:
    with FaultProxy(town.port) as one:
        yield one


def relayed(url: str, timeouts: Timeouts | None = None, **more) -> Relay:
    address = parse_address(url, RULES)
    return open_relay(address, resolve(address, RULES), timeouts, **more)


def why(url: str, timeouts: Timeouts | None = None, **more) -> InputError | None:
    """What ended it, after FFmpeg has played until it ends or fails."""
    with relayed(url, timeouts, **more) as relay:
        _quietly(relay.url)
        relay.close()
        return relay.problem


def with_login(url: str, login: str) -> str:
    return url.replace("rtsp://", f"rtsp://{login}@")


@pytest.mark.parametrize("name", ["a.mp4", "big.mp4"])
def test_every_frame_arrives(town: TownRtsp, name: str) -> None:
    with relayed(town.url(name, times=1)) as relay:
        assert play(relay.url) == list(range(FRAMES))
    assert isinstance(relay.problem, SourceLost)
    assert "closed" in str(relay.problem)


def test_a_stream_goes_on_until_it_is_closed(town: TownRtsp) -> None:
    with relayed(town.url("a.mp4")) as relay:
        assert play(relay.url, FRAMES + 5) == [*range(FRAMES), *range(5)]
    assert relay.problem is None


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"qop": True},
        {"algorithm": "SHA-256", "qop": True},
        {"algorithm": "SHA-256"},
        {"scheme": "basic"},
    ],
    ids=["md5", "md5-qop", "sha256-qop", "sha256", "basic"],
)
def test_the_relay_knows_the_password_and_ffmpeg_does_not(town: TownRtsp, proxy: FaultProxy, asked: dict) -> None:
    proxy.password("viewer", 'p@:/"s', **asked)
    with relayed(with_login(proxy.url("a.mp4", times=1), "viewer:p%40%3A%2F%22s")) as relay:
        assert "viewer" not in relay.url
        assert "a.mp4" not in relay.url
        assert play(relay.url) == list(range(FRAMES))
    assert proxy.refused >= 1


@pytest.mark.parametrize("scheme", ["digest", "basic"])
def test_a_wrong_password_is_refused_in_words_without_it(proxy: FaultProxy, caplog, scheme: str) -> None:
    caplog.set_level(logging.DEBUG)
    proxy.password("viewer", "right", scheme)
    problem = why(with_login(proxy.url("a.mp4"), "viewer:wr0ng"))
    assert isinstance(problem, CameraRefused)
    assert "wrong password" in problem.one_line()
    chain = [problem, problem.__cause__, problem.__context__]
    for text in (*map(repr, chain), *map(str, chain), problem.one_line(), caplog.text):
        assert "wr0ng" not in text
        assert "a.mp4" not in text
    assert proxy.refused == 2  # once to learn the challenge, once with the answer: cameras lock accounts


def test_a_camera_that_wants_a_password_says_so_when_none_was_given(proxy: FaultProxy) -> None:
    proxy.password("viewer", "right")
    problem = why(proxy.url("a.mp4"))
    assert isinstance(problem, CameraRefused)
    assert "wants a user and a password" in str(problem)


def test_ffmpeg_may_take_its_time_to_come(town: TownRtsp) -> None:
    """Patience with whoever has come begins when they come, not when the relay was opened."""
    with relayed(town.url("a.mp4")) as relay:
        time.sleep(2.5)
        assert play(relay.url, 3) == [0, 1, 2]


def test_a_stream_that_is_not_there_is_refused(town: TownRtsp) -> None:
    problem = why(town.url("other.mp4"))
    assert isinstance(problem, CameraRefused)
    assert "no such stream" in str(problem)


def test_a_port_where_nobody_listens_is_lost(proxy: FaultProxy) -> None:
    proxy.down()
    problem = why(proxy.url("a.mp4"))
    assert isinstance(problem, SourceLost)
    assert "refused" in str(problem)


def test_the_next_address_of_a_name_is_tried(town: TownRtsp) -> None:
    """A name with an IPv6 address where only IPv4 is served: both were judged, so both are tried."""
    address = parse_address(town.url("a.mp4").replace("127.0.0.1", "door.example"), RULES)
    with open_relay(address, Pinned("::1", town.port, ("127.0.0.1",))) as relay:
        assert play(relay.url, 3) == [0, 1, 2]


def test_a_camera_that_freezes_is_lost_on_both_sides(proxy: FaultProxy) -> None:
    with relayed(proxy.url("a.mp4"), SHORT) as relay:
        with av.open(relay.url, options={"rtsp_transport": "tcp"}, timeout=(8, 20)) as container:
            stream = container.demux(video=0)
            next(stream)
            proxy.freeze()
            for packet in stream:
                assert packet.size == 0 or packet.stream.type == "video"
        until = time.monotonic() + 10
        while relay.open and time.monotonic() < until:
            time.sleep(0.01)
        assert not relay.open  # by itself, before anybody closed it
    assert isinstance(relay.problem, SourceLost)
    assert "frozen" in str(relay.problem)


def test_a_camera_that_answers_nothing_is_frozen(proxy: FaultProxy) -> None:
    proxy.freeze()
    assert "frozen" in str(why(proxy.url("a.mp4"), SHORT))


def test_ffmpeg_giving_up_on_a_silent_camera_is_the_cameras_doing(proxy: FaultProxy) -> None:
    proxy.freeze()
    with relayed(proxy.url("a.mp4"), Timeouts(3, 60)) as relay:
        with pytest.raises((av.error.FFmpegError, OSError)):
            av.open(relay.url, options={"rtsp_transport": "tcp"}, timeout=(3, 3))
        relay.close()
    assert "frozen" in str(relay.problem)


def test_a_connection_cut_in_the_middle_is_lost(proxy: FaultProxy) -> None:
    with relayed(proxy.url("a.mp4")) as relay:
        cutter = threading.Timer(0.5, proxy.cut)
        cutter.start()
        assert len(play(relay.url)) < FRAMES * 2
        cutter.join()
    assert isinstance(relay.problem, SourceLost)


def test_a_redirect_is_refused(town: TownRtsp, proxy: FaultProxy) -> None:
    proxy.redirect(town.url("a.mp4"))
    problem = why(proxy.url("a.mp4"))
    assert isinstance(problem, CameraRefused)
    assert "another address" in str(problem)


def packets(url: str) -> int:
    """How many packets come, whole or not, until it ends."""
    count = 0
    with (
        contextlib.suppress(av.error.FFmpegError, OSError),
        av.open(url, options={"rtsp_transport": "tcp", "analyzeduration": "500000"}, timeout=(8, 8)) as container,
    ):
        for packet in container.demux(video=0):
            count += packet.size > 0
    return count


def test_a_stream_whose_framing_breaks_is_lost(proxy: FaultProxy) -> None:
    with relayed(proxy.url("a.mp4"), SHORT) as relay:
        proxy.garbage(1, 1.0, framing=True)
        packets(relay.url)
    assert isinstance(relay.problem, SourceLost)
    assert "something else than RTSP" in str(relay.problem)


def test_garbage_inside_packets_passes(proxy: FaultProxy) -> None:
    with relayed(proxy.url("a.mp4", times=1)) as relay:
        proxy.garbage(1, 0.3)
        assert packets(relay.url) > FRAMES / 2
    assert proxy.mutated > 3
    assert "closed" in str(relay.problem)


def test_a_certificate_of_its_own_making_is_trusted_by_its_fingerprint_only(folder: Path, tmp_path: Path) -> None:
    context, fingerprint = self_signed(tmp_path)
    with TownRtsp(folder, tls=context) as town:
        url = town.url("a.mp4", times=1)
        refused = why(url)
        assert isinstance(refused, CameraRefused)
        assert "not trusted" in str(refused)
        assert "not the one" in str(why(url, fingerprint="ab" * 32))
        with relayed(url, fingerprint=":".join(fingerprint[at : at + 2] for at in range(0, 64, 2))) as relay:
            assert play(relay.url) == list(range(FRAMES))


def test_tls_to_a_camera_without_it_is_told(town: TownRtsp) -> None:
    problem = why(town.url("a.mp4").replace("rtsp:", "rtsps:"), SHORT)
    assert isinstance(problem, SourceLost)
    assert "TLS" in str(problem)


@pytest.mark.parametrize("phase", ["nobody came", "connecting", "silent", "streaming"])
def test_close_ends_it_within_a_second_in_every_phase(town: TownRtsp, proxy: FaultProxy, phase: str) -> None:
    url = proxy.url("a.mp4")
    if phase == "silent":
        proxy.freeze()
    pinned = Pinned("127.0.0.1", proxy.port)
    backlog: list[socket.socket] = []
    full = socket.create_server(("127.0.0.1", 0), backlog=0)
    if phase == "connecting":  # a full queue: connecting hangs
        for _ in range(4):
            backlog.append(socket.socket())
            backlog[-1].setblocking(False)
            backlog[-1].connect_ex(full.getsockname())
        pinned = Pinned(*full.getsockname())
    relay = open_relay(parse_address(url, RULES), pinned, Timeouts(30, 30))
    player = threading.Thread(target=lambda: _quietly(relay.url))
    if phase != "nobody came":
        player.start()
        until = time.monotonic() + 20
        while time.monotonic() < until and not (proxy.bytes_out > 10_000 or phase != "streaming"):
            time.sleep(0.01)
        time.sleep(0.3)
    before = time.monotonic()
    relay.close()
    assert time.monotonic() - before < 1
    if player.is_alive():
        player.join(20)
    assert not player.is_alive()
    for one in (full, *backlog):
        one.close()


def _quietly(url: str) -> None:
    with contextlib.suppress(av.error.FFmpegError, OSError):
        play(url)


def test_no_file_is_left_open(town: TownRtsp) -> None:
    def files() -> int:
        return len(os.listdir("/proc/self/fd"))

    def once() -> None:
        with relayed(town.url("a.mp4")) as relay:
            play(relay.url, 1)
        assert why(town.url("none.mp4")) is not None
        with relayed(town.url("a.mp4")):
            pass

    once()
    before = files()
    for _ in range(5):
        once()
    until = time.monotonic() + 10
    while files() > before and time.monotonic() < until:  # the server's own sockets close when they close
        time.sleep(0.05)
    assert files() <= before


def test_nobody_without_the_word_uses_the_relay(town: TownRtsp, proxy: FaultProxy) -> None:
    """Another process of this machine may find the port; the word in the address it does not know."""
    with relayed(proxy.url("a.mp4")) as relay:
        port = int(relay.url.split(":")[2].split("/")[0])
        for said in (
            f"DESCRIBE rtsp://127.0.0.1:{port}/x RTSP/1.0\r\nCSeq: 1\r\n\r\n",
            f"DESCRIBE {relay.url[:-1]} RTSP/1.0\r\nCSeq: 1\r\n\r\n",
            f"DESCRIBE {relay.url}x RTSP/1.0\r\nCSeq: 1\r\n\r\n",
            "GET / HTTP/1.1\r\n\r\n",
            "A" * 10_000,
            "\r\n\r\n",
        ):
            with socket.create_connection(("127.0.0.1", port), timeout=5) as stranger:
                stranger.sendall(said.encode())
                with contextlib.suppress(ConnectionError):
                    assert stranger.recv(100) == b""
        idle = [socket.create_connection(("127.0.0.1", port), timeout=5) for _ in range(20)]
        assert proxy.accepted == 0
        assert play(relay.url, 3) == [0, 1, 2]
        with pytest.raises(OSError):  # noqa: PT011 - refused: the door is closed behind the first
            socket.create_connection(("127.0.0.1", port), timeout=5)
        for one in idle:
            one.close()


OK = "RTSP/1.0 200 OK\r\nCSeq: {cseq}\r\n"
DESCRIPTION = (
    "v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=x\r\nt=0 0\r\na=control:*\r\n"
    "m=audio 0 RTP/AVP 8\r\na=control:sound\r\n"
    "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:picture\r\n"
    "m=application 0 RTP/AVP 107\r\na=control:meta\r\n"
)


def camera_that(**answers: str):
    """A camera that says what a test wants to one kind of request, and the usual to the others."""
    usual = {
        "OPTIONS": "Public: DESCRIBE, SETUP, PLAY\r\n\r\n",
        "DESCRIBE": f"Content-Type: application/sdp\r\nContent-Length: {len(DESCRIPTION)}\r\n\r\n{DESCRIPTION}",
        "SETUP": "Session: 7;timeout=60\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n",
        "PLAY": "Session: 7\r\n\r\n",
    }

    def answer(request: bytes) -> bytes | None:
        method = request.split(b" ", 1)[0].decode()
        said = answers.get(method, "RTSP/1.0 200 OK\r\nCSeq: {cseq}\r\n" + usual.get(method, "\r\n"))
        return said.replace("{cseq}", headers_of(request).get("cseq", "0")).encode() if said else None

    return answer


def test_sound_is_never_asked_for() -> None:
    with ScriptedCamera(camera_that()) as camera:
        why(f"rtsp://127.0.0.1:{camera.port}/stream?channel=1", SHORT)
    asked = [request.split(b" ")[:2] for request in camera.heard]
    setups = [uri for method, uri in asked if method == b"SETUP"]
    assert setups == [f"rtsp://127.0.0.1:{camera.port}/stream?channel=1/picture".encode()]


def test_the_camera_is_asked_by_its_own_name_and_told_little() -> None:
    with ScriptedCamera(camera_that()) as camera:
        why(f"rtsp://127.0.0.1:{camera.port}/stream", SHORT)
    for request in camera.heard:
        assert f"rtsp://127.0.0.1:{camera.port}/stream".encode() in request.split(b"\r\n", 1)[0]
        assert set(headers_of(request)) <= {"cseq", "user-agent", "accept", "transport", "session", "range", ""}
        assert b"Lavf" not in request


@pytest.mark.parametrize(
    ("answers", "kind", "words"),
    [
        ({"SETUP": "RTSP/1.0 461 Unsupported Transport\r\nCSeq: {cseq}\r\n\r\n"}, CameraRefused, "over TCP"),
        (
            {"SETUP": "RTSP/1.0 200 OK\r\nCSeq: {cseq}\r\nTransport: RTP/AVP;unicast;server_port=5000-5001\r\n\r\n"},
            CameraRefused,
            "over TCP",
        ),
        ({"DESCRIBE": "RTSP/1.0 503 Busy\r\nCSeq: {cseq}\r\n\r\n"}, SourceLost, "busy"),
        ({"DESCRIBE": "RTSP/1.0 403 No\r\nCSeq: {cseq}\r\n\r\n"}, CameraRefused, "forbids"),
        ({"DESCRIBE": "RTSP/1.0 451 No\r\nCSeq: {cseq}\r\n\r\n"}, CameraRefused, "refuses"),
        ({"DESCRIBE": "RTSP/1.0 200 OK\r\nCSeq: {cseq}\r\n\r\n"}, SourceLost, "RTSP"),
        (
            {"DESCRIBE": OK + "Content-Length: 25\r\n\r\nv=0\r\nm=audio 0 RTP/AVP 8\r\n"},
            CameraRefused,
            "but audio",
        ),
        (
            {"DESCRIBE": OK + "Content-Length: 26\r\n\r\nv=0\r\nm=video 0 RTP/AVP 33\r\n"},
            CameraRefused,
            "type 33",
        ),
        ({"DESCRIBE": "RTSP/1.0 200 OK\r\nCSeq: {cseq}\r\nContent-Length: 300000\r\n\r\n"}, SourceLost, "RTSP"),
        ({"DESCRIBE": "RTSP/1.0 200 OK\r\nX: " + "a" * 70_000}, SourceLost, "RTSP"),
        ({"OPTIONS": "SSH-2.0-OpenSSH_9.6\r\n"}, SourceLost, "frozen"),
        ({"OPTIONS": "220 ftp ready\r\n"}, SourceLost, "RTSP"),
        ({"OPTIONS": "HTTP/1.1 400 Bad Request\r\n\r\n"}, SourceLost, "frozen"),
        ({"OPTIONS": "RTSP/1.0 301 Moved\r\nCSeq: {cseq}\r\nLocation: rtsp://x/\r\n\r\n"}, CameraRefused, "another"),
        ({"OPTIONS": "REDIRECT rtsp://x/ RTSP/1.0\r\nCSeq: 1\r\n\r\n"}, CameraRefused, "another"),
    ],
)  # fmt: skip
def test_what_a_camera_may_say_instead_is_told_in_words(answers: dict, kind: type, words: str) -> None:
    with ScriptedCamera(camera_that(**answers)) as camera:
        problem = why(f"rtsp://127.0.0.1:{camera.port}/s3cret", SHORT)
    assert isinstance(problem, kind), problem
    assert words in str(problem)
    assert "s3cret" not in problem.one_line()


@pytest.mark.parametrize(
    "options",
    ["RTSP/1.0 405 Not Allowed\r\nCSeq: {cseq}\r\n\r\n", "RTSP/1.0 404 Not Found\r\nCSeq: {cseq}\r\n\r\n"],
)
def test_a_camera_without_options_is_played_all_the_same(options: str) -> None:
    with ScriptedCamera(camera_that(OPTIONS=options)) as camera:
        why(f"rtsp://127.0.0.1:{camera.port}/x", SHORT)
    assert any(request.startswith(b"PLAY") for request in camera.heard)


def test_a_nonce_that_runs_out_is_answered_with_the_next() -> None:
    """After a minute some cameras ask again with a new nonce: the password is not wrong because of that."""
    nonces = ["one", "two"]

    def answer(request: bytes) -> bytes | None:
        cseq = headers_of(request).get("cseq", "0")
        given = headers_of(request).get("authorization", "")
        if request.startswith(b"SETUP"):
            nonces[0] = "two"
        if f'nonce="{nonces[0]}"' not in given:
            challenge = f'Digest realm="r", nonce="{nonces[0]}"'
            return f"RTSP/1.0 401 No\r\nCSeq: {cseq}\r\nWWW-Authenticate: {challenge}\r\n\r\n".encode()
        return camera_that()(request)

    with ScriptedCamera(answer) as camera:
        why(f"rtsp://u:p@127.0.0.1:{camera.port}/x", SHORT)
    assert any(request.startswith(b"PLAY") for request in camera.heard)


def test_a_slow_reader_costs_no_memory() -> None:
    """FFmpeg that does not read: at most a megabyte waits, then the camera is not read; it is not called frozen."""
    packet = b"$\x00" + (60_000).to_bytes(2, "big") + bytes(60_000)
    flooding = threading.Event()

    def answer(request: bytes) -> bytes | None:
        if request.startswith(b"PLAY"):
            flooding.set()
            return camera_that()(request) + packet * 2000
        return camera_that()(request)

    with ScriptedCamera(answer) as camera, relayed(f"rtsp://127.0.0.1:{camera.port}/x", SHORT) as relay:
        port = int(relay.url.split(":")[2].split("/")[0])
        with socket.create_connection(("127.0.0.1", port), timeout=5) as reader:
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
            for number, method in enumerate(("DESCRIBE", "SETUP", "PLAY"), 1):
                transport = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n" if method == "SETUP" else ""
                reader.sendall(f"{method} {relay.url} RTSP/1.0\r\nCSeq: {number}\r\n{transport}\r\n".encode())
                said = b""
                while b"200 OK" not in said or (method == "DESCRIBE" and b"picture\r\n" not in said):
                    said += reader.recv(1 if method == "PLAY" else 1000)
            assert flooding.wait(5)
            tracemalloc.start()
            time.sleep(SHORT.idle_s * 2)
            assert tracemalloc.get_traced_memory()[1] < 2_000_000
            tracemalloc.stop()
            assert relay.open
            got = 0
            while got < len(packet) * 2000:
                got += len(reader.recv(1 << 20))  # what is left of the answer to PLAY comes on top
    assert relay.problem is None
