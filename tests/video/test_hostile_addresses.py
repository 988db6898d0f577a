"""Hostile camera addresses: a canary listens where they lead, and nobody comes.

Each address is given to the whole way that a camera is opened (parse, look up, pin, dial, ask). The
canary is real, on 127.0.0.1 and ::1; a planted good address reaches it, and so do naive clients with the
same odd notations, so that a count of zero means something.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import av
import pytest
from tests.rtsp.clip import write_moving_clip
from tests.rtsp.faults import FaultProxy
from tests.rtsp.http_camera import HttpCamera, Manner, jpegs
from tests.rtsp.listening import Canary, ScriptedCamera
from tests.rtsp.play import play
from tests.rtsp.server import TownRtsp
from tests.rtsp.wire import headers_of

from beholden.model.errors import AddressRefused, CameraRefused, InputError, SourceLost
from beholden.video.camera.address import AddressRules, parse_address
from beholden.video.camera.dial import Timeouts
from beholden.video.camera.mjpeg import open_mjpeg
from beholden.video.camera.relay import open_relay
from beholden.video.camera.resolve import Lookup, resolve

LIVE = AddressRules()
OPEN = AddressRules(loopback=True)
REHEARSAL = AddressRules(loopback_only=True, webcams=False, files=True)
TIMES = Timeouts(connect_s=2, idle_s=2)

ODD_NOTATIONS = [
    "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7F.0.0.1", "0x7f.1", "0177.0.0.1", "0177.1",
    "017700000001", "127.0.0.01", "127.000.000.001", "0x7f.0x0.0x0.0x1", "127.0.0.1.", "127.8.9.10", "0", "0.0.0.0",
    "00000000127.0.0.1", "127.0x1", "%31%32%37.0.0.1", "127%2e0%2e0%2e1", "１２７.0.0.1", "127。0。0。1", "①②⑦.⓪.⓪.①",
    "127.0.0.1%00.good.example", "127.0.0.1\u200b", "localhost%2egood.example", "[::1]", "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::127.0.0.1]", "[2002:7f00:1::]",
    "[2001:0:7f00:1::]", "[::1%lo]", "[::1%25lo]", "[::]", "[::ffff:0.0.0.0]", "[::ffff:0:127.0.0.1]", "::1",
]  # fmt: skip

ELSEWHERE = [
    "169.254.169.254", "169.254.170.2", "[fe80::1]", "[fe80::1%25eth0]", "[::ffff:169.254.169.254]", "[fd00:ec2::254]",
    "[fd20:ce::254]", "100.100.100.200", "192.0.0.192", "168.63.129.16", "224.0.0.251", "[ff02::fb]", "255.255.255.255",
    "240.0.0.1", "[64:ff9b::a9fe:a9fe]", "[2002:a9fe:a9fe::]", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376",
]  # fmt: skip

SHAPES = [
    "rtsp://good.example@{at}/", "rtsp://good.example:80@{at}/", "rtsp://good.example%40@{at}/", "rtsp://a@b@{at}/",
    "rtsp://good.example@x@{at}/", "rtsp://{at}\\@good.example/", "rtsp://good.example\\@{at}/", "rtsp:\\\\{at}/x",
    "rtsp:/{at}/x", "rtsp:{at}/x", "rtsp:///{at}/x", "rtsp:////{at}/x", "//{at}/x", "{at}", "{at}/stream",
    "rtsp://{at}#@good.example/", "rtsp://good.example#@{at}/", "rtsp://good.example?@{at}/", "rtsp://{at}?/x",
    "rtsp://[good.example]@{at}/", "rtsp://@{at}/", "rtsp://:@{at}/", "rtsp://{at}:{port}/", "rtsp://{at}/\r\nHost: x",
    "rtsp://{at}/%0d%0aDESCRIBE", "rtsp://x\r\n@{at}/", "rtsp://x%0d%0a@{at}/", "rtsp://{at} /", " rtsp://{at}/",
    "\trtsp://{at}/", "rtsp://{at}\t/", "rtsp://{at}\n", "rtsp://\x00{at}/", "rtsp://{at}\x00.good.example/",
    "http://{at}/latest/meta-data/", "https://{at}/", "HTTP://{at}/", "rTsP://{at}/", "rtsp://u:p@{at}/",
]  # fmt: skip

SCHEMES = [
    "file", "ftp", "ftps", "sftp", "gopher", "gophers", "dict", "ldap", "ldaps", "rtmp", "rtmps", "rtmpt", "rtmpe",
    "tcp", "tls", "udp", "udplite", "rtp", "srtp", "sctp", "unix", "mms", "mmsh", "mmst", "hls", "hls+http", "icecast",
    "async:http", "cache:http", "concat:http", "crypto:http", "crypto+http", "subfile,,start,0,end,0,,:http",
    "ffrtmphttp", "ffrtmpcrypt", "ipfs", "ipns", "rist", "srt", "zmq:tcp", "amqp", "satip", "rtspt", "rtspu", "rtsph",
    "rtsp+tcp", "ws", "wss", "jar:http", "view-source:http", "netdoc", "data", "javascript", "pipe", "fd", "md5", "tee",
    "telnet", "ssh", "smb", "nfs", "redis", "s3", "gs", "webcam", "v4l2", "x11grab", "lavfi", "screen", "dshow",
]  # fmt: skip

NAMES = {
    "localhost": ["127.0.0.1", "::1"],
    "LOCALHOST": ["127.0.0.1"],
    "ip6-localhost": ["::1"],
    "door.localhost": ["127.0.0.1"],
    "loop.example": ["127.0.0.1"],
    "loop6.example": ["::1"],
    "far.loop.example": ["127.99.1.2"],
    "mapped.example": ["::ffff:127.0.0.1"],
    "nat64.example": ["64:ff9b::7f00:1"],
    "sixtofour.example": ["2002:7f00:1::"],
    "teredo.example": ["2001:0:7f00:1::"],
    "zero.example": ["0.0.0.0"],
    "zero6.example": ["::"],
    "mixed.example": ["192.168.1.20", "127.0.0.1"],
    "mixed6.example": ["fd12::20", "::1"],
    "mixed-first.example": ["127.0.0.1", "192.168.1.20"],
    "mixed-linklocal.example": ["192.168.1.20", "169.254.169.254"],
    "metadata.google.internal": ["169.254.169.254"],
    "metadata.example": ["fd00:ec2::254"],
    "alibaba.example": ["100.100.100.200"],
    "linklocal.example": ["fe80::1"],
    "multicast.example": ["239.1.2.3"],
    "broadcast.example": ["255.255.255.255"],
    "reserved.example": ["240.0.0.9"],
    "crowd.example": ["127.0.0.1"] + [f"192.168.1.{n}" for n in range(1, 12)],
    "nonsense.example": ["not an address"],
    "127.0.0.1.nip.example": ["127.0.0.1"],
    "xn--lcalhost-n6a.example": ["127.0.0.1"],
    "_dmarc.example": ["127.0.0.1"],
    "a-b.c-d.example": ["127.0.0.1"],
}


def hostile(port: int) -> list[str]:
    """Every address, all aimed at `port` where there is a place for one."""
    found = [f"{scheme}://{host}:{port}/x" for host in ODD_NOTATIONS for scheme in ("rtsp", "https")]
    found += [f"{scheme}://{host}/x" for host in ELSEWHERE for scheme in ("rtsp", "http")]
    found += [shape.format(at=f"127.0.0.1:{port}", port=port) for shape in SHAPES]
    found += [f"{scheme}://127.0.0.1:{port}/x" for scheme in SCHEMES]
    found += [f"{scheme}://{name}:{port}/x" for name in NAMES for scheme in ("rtsp", "http")]
    return found


COUNT = len(hostile(1))


def lookup(host: str, port: int, /, *, type: int) -> list[tuple]:
    """What a hostile name server says; every other name is what the system says of it, numbers in odd bases too."""
    if host in NAMES or host.lower() in NAMES:
        ips = NAMES.get(host) or NAMES[host.lower()]
        return [(socket.AF_INET, type, 6, "", (ip, port)) for ip in ips]
    if host == "good.example":
        return [(socket.AF_INET, type, 6, "", ("127.0.0.1", port))]
    return list(socket.getaddrinfo(host, port, type=type, flags=socket.AI_NUMERICHOST))


def reach(text: str, rules: AddressRules, names: Lookup = lookup) -> None:
    """Open a camera the whole way and take a picture. Raises what stands in the way; InputError if it is ours."""
    address = parse_address(text, rules)
    if not address.host:
        raise AssertionError("not a network address")
    pinned = resolve(address, rules, names)
    if address.kind in {"http", "https"}:
        with open_mjpeg(address, pinned, TIMES) as feed:
            next(feed.pictures())
            return
    with open_relay(address, pinned, TIMES) as relay:
        try:
            complete = len(play(relay.url, 3)) == 3
        except (av.error.FFmpegError, OSError):
            complete = False
        relay.close()
        if not complete:
            raise relay.problem or SourceLost("no reason")


@pytest.fixture(scope="module")
def canary() -> Iterator[Canary]:
    with Canary() as one:
        yield one


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TownRtsp]:
    folder: Path = tmp_path_factory.mktemp("town")
    write_moving_clip(folder / "a.mp4", seconds=1)
    with TownRtsp(folder) as one:
        yield one


def test_there_are_two_hundred_and_no_two_are_the_same() -> None:
    assert COUNT >= 200
    assert len(set(hostile(1))) == COUNT


@pytest.mark.parametrize("number", range(COUNT))
def test_no_hostile_address_is_reached(number: int, canary: Canary) -> None:
    """Refused before anything is dialled, and nobody comes to the canary."""
    text = hostile(canary.port)[number]
    before = canary.visits
    with pytest.raises(AddressRefused):
        reach(text, LIVE)
    assert canary.visits == before


def test_the_canary_is_reached_by_an_address_that_is_allowed(canary: Canary) -> None:
    """The planted case: with leave to open this machine, the same way does lead to the canary."""
    for text in (f"rtsp://127.0.0.1:{canary.port}/x", f"http://[::1]:{canary.port}/x"):
        before = canary.visits
        with pytest.raises(SourceLost, match="closed"):
            reach(text, OPEN)
        assert canary.visits > before


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f.1", "0177.0.0.1"])
def test_a_naive_client_reaches_the_canary_with_odd_notations(canary: Canary, host: str) -> None:
    """The notations are dangerous for real: the system's own resolver reads them."""
    before = canary.visits
    socket.create_connection((host, canary.port), timeout=5).close()
    assert canary.visits > before


@pytest.mark.parametrize("ip", ["192.168.1.20", "10.0.0.3", "8.8.8.8", "[2606:4700::1111]", "[fd12::20]"])
@pytest.mark.parametrize("scheme", ["rtsp", "http"])
def test_a_rehearsal_reaches_no_other_machine(scheme: str, ip: str) -> None:
    with pytest.raises(AddressRefused, match="another machine"):
        reach(f"{scheme}://{ip}/x", REHEARSAL)


def test_a_name_that_changes_its_mind_is_not_asked_again(town: TownRtsp, canary: Canary) -> None:
    """Rebinding: the first answer was judged, so the first answer is dialled; there is no second question."""
    answers = [["127.0.0.1"], ["::1"], ["::1"]]
    asked: list[str] = []

    def fickle(host: str, port: int, /, *, type: int) -> list[tuple]:
        asked.append(host)
        return [(socket.AF_INET, type, 6, "", (answers.pop(0)[0], port))]

    before = canary.visits
    reach(town.url("a.mp4").replace("127.0.0.1", "fickle.example"), OPEN, fickle)
    assert asked == ["fickle.example"]
    assert canary.visits == before


@pytest.mark.parametrize("code", [301, 302, 303, 305, 307])
def test_an_rtsp_redirect_reaches_nobody(town: TownRtsp, canary: Canary, code: int) -> None:
    before = canary.visits
    with FaultProxy(town.port) as proxy:
        proxy.redirect(f"rtsp://127.0.0.1:{canary.port}/x", code)
        with pytest.raises(CameraRefused, match="another address"):
            reach(proxy.url("a.mp4"), OPEN)
    assert canary.visits == before


def test_ffmpeg_alone_does_follow_a_redirect(town: TownRtsp, canary: Canary) -> None:
    """The danger is real: without the relay FFmpeg goes where the camera sends it."""
    before = canary.visits
    with FaultProxy(town.port) as proxy:
        proxy.redirect(f"rtsp://127.0.0.1:{canary.port}/x")
        with pytest.raises((av.error.FFmpegError, OSError)):
            play(proxy.url("a.mp4"), 1)
    assert canary.visits > before


@pytest.mark.parametrize("code", [301, 302, 307])
def test_an_http_redirect_reaches_nobody(canary: Canary, code: int) -> None:
    before = canary.visits
    manner = Manner(status=code, location=f"http://127.0.0.1:{canary.port}/x")
    with HttpCamera(jpegs(1), manner) as camera, pytest.raises(CameraRefused, match="another address"):
        reach(camera.url(), OPEN)
    assert canary.visits == before


def sends_elsewhere(there: str, how: str):
    """A camera whose description leads to `there`: in Content-Base, in the SDP, or by a REDIRECT request."""
    base = f"Content-Base: {there}/\r\n" if how == "Content-Base" else ""
    if how == "Content-Location":
        base = f"Content-Location: {there}/\r\n"
    session = f"a=control:{there}/all\r\n" if how == "session control" else ""
    control = f"{there}/track1" if how == "media control" else "track1"
    sdp = (
        f"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n{session}"
        f"m=video 0 RTP/AVP 96\r\nc=IN IP4 127.0.0.1\r\na=rtpmap:96 H264/90000\r\na=control:{control}\r\n"
    )

    def answer(request: bytes) -> bytes:
        cseq = headers_of(request).get("cseq", "0")
        ok = f"RTSP/1.0 200 OK\r\nCSeq: {cseq}\r\n"
        if request.startswith(b"DESCRIBE"):
            return f"{ok}{base}Content-Type: application/sdp\r\nContent-Length: {len(sdp)}\r\n\r\n{sdp}".encode()
        if request.startswith(b"SETUP"):
            return (
                f"{ok}Session: 1;timeout=60\r\nTransport: RTP/AVP/TCP;unicast;destination={there};source={there};"
                "interleaved=0-1\r\n\r\n"
            ).encode()
        if request.startswith(b"PLAY"):
            moved = f"REDIRECT {there} RTSP/1.0\r\nCSeq: 9\r\nLocation: {there}\r\n\r\n" if how == "REDIRECT" else ""
            return f"{ok}Session: 1\r\nRTP-Info: url={there}/track1;seq=1\r\n\r\n{moved}".encode()
        return f"{ok}Public: OPTIONS, DESCRIBE, SETUP, PLAY\r\n\r\n".encode()

    return answer


@pytest.mark.parametrize(
    "how", ["Content-Base", "Content-Location", "session control", "media control", "REDIRECT", "RTP-Info"]
)
@pytest.mark.parametrize("scheme", ["rtsp", "http", "tcp"])
def test_no_address_that_a_camera_names_is_ever_dialled(canary: Canary, how: str, scheme: str) -> None:
    """There is one connection, to the pinned address; what the camera names is asked of the camera itself."""
    before = canary.visits
    there = f"{scheme}://127.0.0.1:{canary.port}/x"
    with ScriptedCamera(sends_elsewhere(there, how)) as camera, pytest.raises(InputError) as caught:
        reach(f"rtsp://127.0.0.1:{camera.port}/stream", OPEN)
    assert canary.visits == before
    assert any(request.startswith(b"PLAY ") for request in camera.heard)
    for request in camera.heard:
        assert request.split(b" ")[1].startswith(f"rtsp://127.0.0.1:{camera.port}/".encode())
    assert isinstance(caught.value, CameraRefused) == (how == "REDIRECT")
