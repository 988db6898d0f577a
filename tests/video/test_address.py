"""Camera addresses: what is read, what is refused and why, and that nothing of a password shows."""

from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beholden.model.errors import AddressRefused
from beholden.video.camera.address import LONGEST, AddressRules, Login, parse_address
from beholden.video.camera.credentials import with_password

LIVE = AddressRules()
REHEARSAL = AddressRules(loopback_only=True, webcams=False, files=True)


@pytest.mark.parametrize(
    ("text", "kind", "host", "port", "path"),
    [
        ("rtsp://192.168.1.20/stream", "rtsp", "192.168.1.20", 554, "/stream"),
        ("rtsp://192.168.1.20:8554/a/b?c=1&d=2", "rtsp", "192.168.1.20", 8554, "/a/b?c=1&d=2"),
        ("RTSP://Door.Example:554/Stream", "rtsp", "door.example", 554, "/Stream"),
        ("rtsps://door.local/live", "rtsps", "door.local", 322, "/live"),
        ("http://cam_1/mjpg/video.mjpg", "http", "cam_1", 80, "/mjpg/video.mjpg"),
        ("https://xn--bcher-kva.example", "https", "xn--bcher-kva.example", 443, "/"),
        ("rtsp://[fd12:0::0020]:8554/x", "rtsp", "fd12::20", 8554, "/x"),
        ("rtsp://10.0.0.3/cam/realmonitor?channel=1&subtype=0", "rtsp", "10.0.0.3", 554, None),
        (
            "rtsp://10.0.0.3/user=a_password=b_channel=1;x@y",
            "rtsp",
            "10.0.0.3",
            554,
            "/user=a_password=b_channel=1;x@y",
        ),
        ("webcam:/dev/video0", "webcam", "", 0, "/dev/video0"),
        ("webcam:/dev/video12", "webcam", "", 0, "/dev/video12"),
    ],
)
def test_addresses_of_real_cameras_are_read(text: str, kind: str, host: str, port: int, path: str | None) -> None:
    address = parse_address(text, LIVE)
    assert (address.kind, address.host, address.port) == (kind, host, port)
    assert path is None or address.path == path
    assert address.login is None


@pytest.mark.parametrize(
    ("text", "login"),
    [
        ("rtsp://viewer:secret@10.0.0.3/", Login("viewer", "secret")),
        ("rtsp://viewer:p%40%3A%2Fs%25@10.0.0.3/", Login("viewer", "p@:/s%")),
        ("rtsp://viewer:s%C3%A9cret@10.0.0.3/", Login("viewer", "sécret")),
        ("rtsp://viewer:a:b@10.0.0.3/", Login("viewer", "a:b")),
        ("rtsp://viewer@10.0.0.3/", Login("viewer", "")),
        ("rtsp://:secret@10.0.0.3/", Login("", "secret")),
        ("rtsp://:@10.0.0.3/", None),
        ("rtsp://@10.0.0.3/", None),
    ],
)
def test_user_and_password_are_decoded(text: str, login: Login | None) -> None:
    assert parse_address(text, LIVE).login == login


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40))
def test_any_password_that_was_asked_for_comes_out_as_it_went_in(password: str) -> None:
    """What the command line puts in percent-encoded is what the camera gets."""
    address = parse_address(with_password("rtsp://viewer@10.0.0.3:554/stream", password), LIVE)
    assert address.login == Login("viewer", password)
    assert address.host == "10.0.0.3"


def test_neither_login_nor_path_shows_in_any_text() -> None:
    address = parse_address("rtsp://us3r:s3cret@10.0.0.3/pa7h?pwd=t0ken", LIVE)
    for text in (str(address), repr(address), f"{address}", repr([address]), repr(address.login), str(address.login)):
        assert not any(secret in text for secret in ("us3r", "s3cret", "pa7h", "t0ken")), text
    assert str(address) == "rtsp://10.0.0.3:554/…"
    assert str(parse_address("http://u:p@[::1]:81/x", LIVE)) == "http://[::1]:81/…"


def test_an_address_that_is_copied_stays_the_same() -> None:
    address = parse_address("rtsp://user:secret@10.0.0.3/path", LIVE)
    assert copy.deepcopy(address) == address
    assert "secret" not in repr(pickle.loads(pickle.dumps(address)))


HOSTS = [
    "127.1",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "127.0.0.01",
    "127.0.0.1.",
    "127.0.0.256",
    "1.2.3",
    "1.2.3.4.5",
    "door..example",
    ".example",
    "example.",
    "-door.example",
    "door-.example",
    "do%6fr.example",
    "do or",
    "door|x",
    "door'x",
    "a" * 64 + ".example",
    ".".join(["a" * 50] * 6),
    "[::1",
    "::1",
    "[::1]x",
    "[::1%eth0]",
    "[fe80::1%25eth0]",
    "[::g]",
    "[]",
    "[1.2.3.4]",
    "[[::1]]",
    "",
    "*",
    "$(id)",
    "door,example",
    "a:b:c",
]


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("scheme", ["rtsp", "https"])
def test_a_host_in_any_odd_notation_is_refused(scheme: str, host: str) -> None:
    with pytest.raises(AddressRefused):
        parse_address(f"{scheme}://{host}/stream", LIVE)


@pytest.mark.parametrize("port", ["", "0", "65536", "00554", "+554", "-1", "0x22a", "5 54", "554a", "٣", "1e3"])
def test_a_port_is_a_plain_number_in_range(port: str) -> None:
    with pytest.raises(AddressRefused):
        parse_address(f"rtsp://10.0.0.3:{port}/stream", LIVE)


@pytest.mark.parametrize("char", [*map(chr, range(33)), "\x7f", "\x85", "\u2028", "\u200b", "\\", "é", "。", "\ud800"])
@pytest.mark.parametrize(
    "where", ["rtsp://10.0.0.3/a{}b", "rtsp://us{}er@10.0.0.3/", "rtsp://10.0{}.0.3/", "{}rtsp://10.0.0.3/"]
)
def test_no_control_character_space_backslash_or_foreign_letter_passes(where: str, char: str) -> None:
    with pytest.raises(AddressRefused):
        parse_address(where.format(char), LIVE)


@pytest.mark.parametrize(
    "text",
    [
        "rtsp://user:p@ss@10.0.0.3/",
        "rtsp://user:pass#@10.0.0.3/",
        "rtsp://10.0.0.3/a#b",
        "rtsp://user:p%zz@10.0.0.3/",
        "rtsp://user:p%0d%0a@10.0.0.3/",
        "rtsp://user:p%00@10.0.0.3/",
        "rtsp://user:p%C2%85@10.0.0.3/",
        "rtsp://user:%ff@10.0.0.3/",
        "rtsp://us%3Aer:p@10.0.0.3/",
        "rtsp://user:[p]@10.0.0.3/",
        "rtsp://10.0.0.3?x",
        "rtsp://10.0.0.3/%0d%0aX",
        "rtsp://10.0.0.3/%00",
        "rtsp:10.0.0.3/",
        "rtsp:/10.0.0.3/",
        "rtsp:///stream",
        "rtsp://",
        "rtsp://:554/",
        "rtsp://user:pass@/",
        "",
        "rtsp://10.0.0.3/" + "a" * LONGEST,
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(text: str) -> None:
    with pytest.raises(AddressRefused):
        parse_address(text, LIVE)


@pytest.mark.parametrize(
    "text",
    [
        "rtsp://us3r:s3cr3t@pa@10.0.0.3/",
        "rtsp://us3r:s3cr3t@127.1/",
        "rtsp://us3r:s3cr3t\n@h/",
        "ftp://us3r:s3cr3t@10.0.0.3/",
        "rtsp://us3r:s3cr3t@h:0/",
        "s3cr3t",
    ],
)
def test_a_refusal_never_quotes_what_was_given(text: str) -> None:
    with pytest.raises(AddressRefused) as caught:
        parse_address(text, LIVE)
    assert "s3cr3t" not in caught.value.one_line()
    assert "us3r" not in caught.value.one_line()
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "text",
    ["webcam:", "webcam:/dev/video", "webcam:/dev/video-1", "webcam:/dev/video00", "webcam:/dev/video0/../sda",
     "webcam:/etc/passwd", "webcam:video0", "webcam://dev/video0", "webcam:/dev/video0:1", "webcam:/dev/video1234"],
)  # fmt: skip
def test_a_webcam_is_a_video_device_and_nothing_else(text: str) -> None:
    with pytest.raises(AddressRefused):
        parse_address(text, LIVE)


def test_a_rehearsal_opens_no_webcam() -> None:
    with pytest.raises(AddressRefused, match="webcams"):
        parse_address("webcam:/dev/video0", REHEARSAL)


@pytest.mark.parametrize("text", ["clip.mp4", "/films/a b/clip.mp4", "./rtsp:x.mp4", "Прогулка.mp4"])
def test_a_file_is_played_in_a_rehearsal_only(text: str) -> None:
    address = parse_address(text, REHEARSAL)
    assert (address.kind, address.path) == ("file", text)
    with pytest.raises(AddressRefused, match="rehearsal"):
        parse_address(text, LIVE)


@pytest.mark.parametrize(
    "text",
    ["/dev/sda", "/dev/video0", "/proc/self/mem", "/sys/x", "//host/share", "\\\\host\\share", "a\nb", "a\0b",
     "/films/../proc/self/environ", "../../etc/passwd/..", "file:///etc/passwd", "C:/x.mp4", "concat:a|b"],
)  # fmt: skip
def test_a_file_to_play_is_a_plain_path(text: str) -> None:
    with pytest.raises(AddressRefused):
        parse_address(text, REHEARSAL)


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    for rules in (LIVE, REHEARSAL):
        for whole in (text, f"rtsp://{text}", f"rtsp://10.0.0.3/{text}", f"rtsp://{text}@10.0.0.3/"):
            try:
                address = parse_address(whole, rules)
            except AddressRefused:
                continue
            assert address.kind == "file" or address.host.isascii()


@given(st.binary(max_size=40))
def test_what_is_sent_has_no_line_break_in_it(raw: bytes) -> None:
    try:
        address = parse_address("rtsp://10.0.0.3/" + raw.decode("latin-1"), LIVE)
    except AddressRefused:
        return
    assert not any(c <= " " for c in address.path)
