"""RTSP on the wire: however the bytes are cut, the parts are the same; what is no RTSP ends it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beholden.video.camera.http_body import Dechunker
from beholden.video.camera.rtsp_text import BODY_MOST, Garbled, Message, Parts
from beholden.video.camera.sdp import NoPicture, first_picture

ANSWER = b"RTSP/1.0 200 OK\r\nCSeq: 3\r\nContent-Length: 4\r\n\r\n$$$$"
REQUEST = b"OPTIONS rtsp://10.0.0.3/ RTSP/1.0\nCSeq: 9\n\n"


def packet(size: int, fill: int = 0x24) -> bytes:
    return b"$\x00" + size.to_bytes(2, "big") + bytes([fill]) * size


def parts(pieces: list[bytes]) -> tuple[bytes, list[Message]]:
    """All media bytes, and all messages."""
    reader = Parts()
    media, messages = b"", []
    for piece in pieces:
        for part in reader.feed(piece):
            if isinstance(part, Message):
                messages.append(part)
            else:
                media += part
    return media, messages


@given(
    st.data(), st.lists(st.sampled_from([packet(0), packet(1), packet(7), packet(600), ANSWER, REQUEST]), max_size=8)
)
def test_however_the_bytes_are_cut_the_parts_are_the_same(data, whole: list[bytes]) -> None:
    stream = b"".join(whole)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    media, messages = parts(pieces)
    assert media == b"".join(one for one in whole if one[:1] == b"$")
    assert [one.status for one in messages] == [200 if one is ANSWER else None for one in whole if one[:1] != b"$"]
    assert all(one.body == b"$$$$" for one in messages if one.status)


def test_a_packet_passes_before_it_is_whole() -> None:
    reader = Parts()
    assert [len(part) for part in reader.feed(packet(1000)[:300])] == [300]
    assert [len(part) for part in reader.feed(packet(1000)[300:])] == [704]


@given(st.binary(max_size=300))
def test_any_bytes_are_parts_or_garbled(raw: bytes) -> None:
    for stream in (raw, packet(3) + raw, b"RTSP/1.0 200 OK\r\n" + raw, ANSWER + raw):
        try:
            media, _ = parts([stream])
        except Garbled:
            continue
        assert len(media) <= len(stream)


@pytest.mark.parametrize(
    "raw",
    [
        b"\x00\x01\x02",
        b"hello",
        b"SSH-2.0-x\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: +1\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: 0x10\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % (BODY_MOST + 1),
        b"RTSP/1.0 200 OK\r\nA\x00b: c\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nA b: c\r\n\r\n",
        b"RTSP/2.0 200 OK\r\n\r\n",
        b"RTSP/1.0 999 OK\r\n\r\n",
        b"RTSP/1.0 20 OK\r\n\r\n",
        b"OPTIONS * FTP/1.0\r\n\r\n",
        b"A" * 70_000,
    ],
)
def test_what_is_no_rtsp_is_garbled(raw: bytes) -> None:
    with pytest.raises(Garbled):
        parts([packet(2) + raw])


def test_old_cameras_manners_are_forgiven() -> None:
    """Bare line feeds, an empty line too many, a line without a colon, bytes that are not UTF-8."""
    media, messages = parts(
        [b"\r\n\r\n", b"RTSP/1.0 200 OK\nServer: Cam\xe9ra\nnonsense\nCSeq:1\n\n", b"\r\n", packet(2)]
    )
    assert messages[0].get("cseq") == "1"
    assert media == packet(2)
    assert b"Cam\xe9ra" in messages[0].encoded()


def test_a_message_with_a_line_break_in_a_header_is_not_written() -> None:
    with pytest.raises(ValueError, match="line break"):
        Message("OPTIONS * RTSP/1.0", (("CSeq", "1\r\nX: y"),)).encoded()


SDP = (
    b"v=0\r\no=- 0 0 IN IP4 10.0.0.3\r\ns=\xff\xfe\r\nc=IN IP4 239.1.1.1\r\nt=0 0\r\na=control:rtsp://10.9.9.9/all\r\n"
)
VIDEO = b"m=video 0 RTP/AVP 96 97\r\na=rtpmap:96 H265/90000\r\na=fmtp:96 x=y\r\na=control:one\r\na=pgmpu:data:,x\r\n"


def test_a_description_is_cut_down_to_its_first_picture() -> None:
    cut = first_picture(
        SDP + b"m=audio 0 RTP/AVP 8\r\na=control:sound\r\n" + VIDEO + b"m=video 0 RTP/AVP 96\r\na=control:two\r\n",
        lambda url: f"<{url}>",
    ).decode()
    assert cut.splitlines() == [
        "v=0",
        "o=- 0 0 IN IP4 10.0.0.3",
        "t=0 0",
        "a=control:<rtsp://10.9.9.9/all>",
        "c=IN IP4 0.0.0.0",
        "m=video 0 RTP/AVP 96",
        "a=rtpmap:96 H265/90000",
        "a=fmtp:96 x=y",
        "a=control:one",
    ]


@pytest.mark.parametrize("encoding", ["MP2T/90000", "X-ASF-PF/1000", "X-QT/90000", "H263/90000"])
def test_pictures_that_are_not_read_are_named(encoding: str) -> None:
    sdp = f"v=0\r\nm=video 0 RTP/AVP 99\r\na=rtpmap:99 {encoding}\r\n".encode()
    with pytest.raises(NoPicture, match=encoding.partition("/")[0]):
        first_picture(sdp, str)


@pytest.mark.parametrize("media", [b"m=video 5004 UDP 96", b"m=video 0 RTP/SAVP 96", b"m=text 0 RTP/AVP 1", b"m=video"])
def test_media_of_other_kinds_are_no_picture(media: bytes) -> None:
    with pytest.raises(NoPicture):
        first_picture(b"v=0\r\n" + media + b"\r\n", str)


@given(st.binary(max_size=400))
def test_any_description_is_cut_down_or_refused(raw: bytes) -> None:
    for sdp in (raw, SDP + raw, SDP + VIDEO + raw):
        try:
            cut = first_picture(sdp, lambda url: "moved")
        except (Garbled, NoPicture):
            continue
        assert b"m=audio" not in cut
        assert cut.count(b"\nm=") == 1


@given(st.lists(st.binary(min_size=1, max_size=50), max_size=6), st.data())
def test_chunks_are_undone_however_they_are_cut(bodies: list[bytes], data) -> None:
    stream = b"".join(b"%x;a=b\r\n%s\r\n" % (len(one), one) for one in bodies) + b"0\r\n\r\n"
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=10)))
    chunks = Dechunker()
    out = b"".join(chunks.feed(stream[a:b]) for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True))
    assert out == b"".join(bodies)
    assert chunks.done


@given(st.lists(st.binary(max_size=60), max_size=5))
def test_any_chunks_are_undone_or_garbled(pieces: list[bytes]) -> None:
    chunks = Dechunker()
    try:
        out = b"".join(chunks.feed(piece) for piece in pieces)
    except Garbled:
        return
    assert len(out) <= sum(map(len, pieces))
