"""What stands between FFmpeg and a camera, whatever the camera says: two kinds of ending, one host, no password."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beholden.model.errors import CameraRefused, SourceLost
from beholden.video.camera.address import AddressRules, parse_address
from beholden.video.camera.interpret import Interpreter
from beholden.video.camera.rtsp_text import Garbled, Message, Parts, parse_head

BASE = "rtsp://127.0.0.1:5000/w0rd"
CAMERA = "rtsp://viewer:s3cret@10.0.0.3/live?x=1"
SDP = (
    "v=0\r\nt=0 0\r\na=control:rtsp://evil.example/all\r\n"
    "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:t1\r\n"
)
SETUP = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"


def conversation(camera: str = CAMERA) -> Interpreter:
    return Interpreter(parse_address(camera, AddressRules()), BASE)


def request(method: str, number: int, uri: str = BASE, more: str = "") -> Message:
    return parse_head(f"{method} {uri} RTSP/1.0\r\nCSeq: {number}\r\n{more}".encode().rstrip())


def answer(number: int, more: str = "", body: str = "", status: str = "200 OK") -> Message:
    head = parse_head(f"RTSP/1.0 {status}\r\nCSeq: {number}\r\n{more}".encode().rstrip())
    return Message(head.first, head.headers, body.encode())


def test_requests_reach_the_camera_under_its_own_name() -> None:
    talk = conversation()
    for uri, asked in [
        (BASE, "rtsp://10.0.0.3/live?x=1"),
        (f"{BASE}/live/t1", "rtsp://10.0.0.3/live/t1"),
        (f"{BASE}/", "rtsp://10.0.0.3/"),
    ]:
        for_camera, for_ffmpeg = talk.asked(request("OPTIONS", 1, uri))
        assert for_camera.startswith(f"OPTIONS {asked} RTSP/1.0\r\n".encode())
        assert for_ffmpeg == b""


@pytest.mark.parametrize(
    "uri", ["rtsp://10.0.0.3/x", "rtsp://127.0.0.1:5000/", "rtsp://127.0.0.1:5000/w0rdx", "rtsp://evil/", "*", "track1"]
)
def test_a_request_for_anything_else_ends_it(uri: str) -> None:
    with pytest.raises(Garbled):
        conversation().asked(request("DESCRIBE", 1, uri))


@pytest.mark.parametrize("method", ["ANNOUNCE", "RECORD", "SET_PARAMETER", "REDIRECT", "X"])
def test_ffmpeg_only_watches(method: str) -> None:
    with pytest.raises(Garbled):
        conversation().asked(request(method, 1))


@pytest.mark.parametrize(
    "transport", ["RTP/AVP;unicast;client_port=5000-5001", "RTP/AVP;multicast", "RTP/AVP/UDP;unicast", ""]
)
def test_only_tcp_is_asked_for(transport: str) -> None:
    for_camera, for_ffmpeg = conversation().asked(request("SETUP", 4, more=f"Transport: {transport}\r\n"))
    assert for_camera == b""
    assert for_ffmpeg.startswith(b"RTSP/1.0 461")


@pytest.mark.parametrize(
    ("said", "given_on"),
    [
        ("rtsp://10.0.0.3:554/live/", f"{BASE}/live/"),
        ("rtsp://evil.example/live/", f"{BASE}/live/"),
        ("http://169.254.169.254/latest", f"{BASE}/latest"),
        ("//evil.example/x", f"{BASE}/x"),
        ("/live/", f"{BASE}/live/"),
        ("live/", f"{BASE}/live?x=1"),
        ("", f"{BASE}/live?x=1"),
        ("file:etc/passwd", f"{BASE}/etc/passwd"),
    ],
)
def test_every_address_that_the_camera_names_is_one_of_its_own(said: str, given_on: str) -> None:
    talk = conversation()
    talk.asked(request("DESCRIBE", 7))
    more = f"Content-Base: {said}\r\n" if said else ""
    for_ffmpeg, _ = talk.said(answer(1, more, SDP))
    assert f"Content-Base: {given_on}\r\n".encode() in for_ffmpeg
    assert f"a=control:{BASE}/all\r\n".encode() in for_ffmpeg
    assert b"evil" not in for_ffmpeg
    assert for_ffmpeg.startswith(b"RTSP/1.0 200 OK\r\nCSeq: 7\r\n")


def test_the_password_goes_out_when_asked_for_and_never_comes_in() -> None:
    talk = conversation()
    first, _ = talk.asked(request("DESCRIBE", 1))
    assert b"uthorization" not in first
    nothing, again = talk.said(answer(1, 'WWW-Authenticate: Basic realm="s3cret"\r\n', status="401 No"))
    assert nothing == b""
    assert b"Authorization: Basic dmlld2VyOnMzY3JldA==" in again
    for_ffmpeg, _ = talk.said(answer(2, "Server: s3cret\r\nX-Echo: s3cret\r\nWWW-Authenticate: s3cret\r\n", SDP))
    assert b"s3cret" not in for_ffmpeg
    later, _ = talk.asked(request("SETUP", 2, f"{BASE}/live/t1", SETUP))
    assert b"Authorization: Basic" in later


def test_an_answer_to_nothing_is_dropped() -> None:
    talk = conversation()
    assert talk.said(answer(99)) == (b"", b"")
    talk.asked(request("OPTIONS", 1))
    assert talk.said(answer(1, status="100 Continue")) == (b"", b"")
    assert talk.waiting
    assert talk.said(answer(1))[0].startswith(b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n")
    assert not talk.waiting


def test_a_camera_that_answers_nothing_gets_no_more_than_a_few_requests() -> None:
    talk = conversation()
    for number in range(16):
        talk.asked(request("GET_PARAMETER", number))
    with pytest.raises(SourceLost, match="answers no requests"):
        talk.asked(request("GET_PARAMETER", 16))


def test_a_camera_that_asks_is_told_that_nothing_is_done() -> None:
    asked = parse_head(b"GET_PARAMETER rtsp://10.0.0.3/ RTSP/1.0\r\nCSeq: 5")
    assert conversation().said(asked) == (b"", b"RTSP/1.0 501 Not Implemented\r\nCSeq: 5\r\n\r\n")


HEADERS = st.sampled_from(
    ["Content-Base: ", "Content-Location: ", "Transport: ", "Session: ", "RTP-Info: url=", "Location: ", "Range: ",
     "WWW-Authenticate: Digest nonce=\"", "WWW-Authenticate: ", "Public: ", "Content-Length: ", "CSeq: "]
)  # fmt: skip
LINE = st.builds(bytes.__add__, HEADERS.map(str.encode), st.binary(max_size=40))
STATUS = st.sampled_from([b"200 OK", b"401 No", b"302 Moved", b"404", b"503 Busy", b"461 No", b"100 Wait", b"451 x"])


@given(st.lists(st.tuples(STATUS, st.lists(LINE, max_size=4), st.binary(max_size=80), st.booleans()), min_size=3))
def test_whatever_a_camera_says_there_are_two_kinds_of_ending(said: list) -> None:
    """CameraRefused or SourceLost (or no RTSP at all), one host asked, and no login in what FFmpeg gets."""
    talk, parts = conversation(), Parts()
    methods = iter([("DESCRIBE", ""), ("SETUP", SETUP), ("PLAY", "")] * len(said))
    try:
        for number, (status, lines, noise, described) in enumerate(said, 1):
            method, more = next(methods)
            sent = [talk.asked(request(method, number, more=more))[0]]
            body = SDP.encode() + noise if described else noise
            head = [b"RTSP/1.0 " + status, b"CSeq: %d" % number, *lines, b"Content-Length: %d" % len(body), b"", b""]
            for part in parts.feed(b"\r\n".join(head) + body):
                if isinstance(part, Message):
                    for_ffmpeg, for_camera = talk.said(part)
                    assert b"s3cret" not in for_ffmpeg
                    sent.append(for_camera)
            for one in filter(None, sent):
                assert b" rtsp://10.0.0.3/" in one.split(b"\r\n", 1)[0] or one.startswith(b"RTSP/1.0 501")
    except Garbled:
        return
    except (CameraRefused, SourceLost) as error:
        ending = error.one_line()
        assert "s3cret" not in ending
