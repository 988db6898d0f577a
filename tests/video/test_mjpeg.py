"""HTTP cameras, as they really send: with and without lengths, in chunks, with a password, one picture at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import islice

import pytest
from tests.rtsp.certificate import self_signed
from tests.rtsp.challenge import Challenge
from tests.rtsp.faults import FaultProxy
from tests.rtsp.http_camera import HttpCamera, Manner, jpegs
from tests.rtsp.listening import Canary

from beholden.model.errors import CameraRefused, SourceLost
from beholden.video.camera.address import AddressRules, parse_address
from beholden.video.camera.dial import Timeouts
from beholden.video.camera.mjpeg import Mjpeg, open_mjpeg
from beholden.video.camera.resolve import resolve

RULES = AddressRules(loopback=True)
PICTURES = jpegs()
SHORT = Timeouts(connect_s=3, idle_s=1.0)


@pytest.fixture
def camera() -> Iterator[HttpCamera]:
    with HttpCamera(PICTURES) as one:
        yield one


def opened(url: str, timeouts: Timeouts | None = None, **more) -> Mjpeg:
    address = parse_address(url, RULES)
    return open_mjpeg(address, resolve(address, RULES), timeouts, **more)


def first(url: str, count: int, **more) -> list[bytes]:
    with opened(url, **more) as feed:
        return [one.data for one in islice(feed.pictures(), count)]


@pytest.mark.parametrize(
    "manner",
    [
        Manner(),
        Manner(with_length=False),
        Manner(chunked=True),
        Manner(chunked=True, with_length=False),
        Manner(header='"frame"'),
        Manner(header="--frame", line="--frame"),
        Manner(header="frame; charset=utf-8"),
        Manner(part_type=None, with_length=False),
        Manner(kind="multipart/mixed;boundary=frame"),
        Manner(line="\r\n\r\n--frame"),
    ],
    ids=repr,
)
def test_every_picture_comes_whole_and_in_order(camera: HttpCamera, manner: Manner) -> None:
    camera.manner = manner
    assert first(camera.url(), 12) == (PICTURES * 3)[:12]


def test_each_picture_says_when_it_came(camera: HttpCamera) -> None:
    with opened(camera.url()) as feed:
        moments = [one.arrived_s for one in islice(feed.pictures(), 4)]
    assert moments == sorted(moments)
    assert len(set(moments)) == 4


def test_a_camera_that_answers_with_one_picture_is_asked_again(camera: HttpCamera) -> None:
    assert len(first(camera.url("snapshot.jpg"), 4, rate=100.0)) == 4
    assert camera.asked == 4


@pytest.mark.parametrize(
    "challenge",
    [
        Challenge("viewer", 'p:a"ss', "basic"),
        Challenge("viewer", 'p:a"ss'),
        Challenge("viewer", 'p:a"ss', qop=True),
        Challenge("viewer", 'p:a"ss', algorithm="SHA-256", qop=True),
    ],
    ids=["basic", "md5", "md5-qop", "sha256"],
)
def test_the_password_is_given_as_the_camera_asks_for_it(camera: HttpCamera, challenge: Challenge) -> None:
    camera.manner.challenge = challenge
    assert first(camera.url("stream", "viewer:p%3Aa%22ss@"), 2) == PICTURES[:2]
    assert len(first(camera.url("snapshot.jpg", "viewer:p%3Aa%22ss@"), 3, rate=100.0)) == 3


@pytest.mark.parametrize("scheme", ["basic", "digest"])
def test_a_wrong_password_is_told_without_it(camera: HttpCamera, scheme: str) -> None:
    camera.manner.challenge = Challenge("viewer", "right", scheme)
    with pytest.raises(CameraRefused, match="wrong password") as caught:
        first(camera.url("secret-path", "viewer:wr0ng@"), 1)
    assert "wr0ng" not in caught.value.one_line()
    assert "secret-path" not in caught.value.one_line()
    assert camera.refused == 2


def test_a_camera_that_wants_a_password_says_so_when_none_was_given(camera: HttpCamera) -> None:
    camera.manner.challenge = Challenge("viewer", "right")
    with pytest.raises(CameraRefused, match="wants a user and a password"):
        first(camera.url(), 1)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_refused_and_not_followed(camera: HttpCamera, status: int) -> None:
    with Canary() as canary:
        camera.manner.status, camera.manner.location = status, f"http://127.0.0.1:{canary.port}/stream"
        with pytest.raises(CameraRefused, match="sends on to another address"):
            first(camera.url(), 1)
        assert canary.visits == 0


@pytest.mark.parametrize(("status", "words"), [(404, "no such stream"), (403, "forbids"), (400, "refuses")])
def test_a_refusal_is_told_in_words(camera: HttpCamera, status: int, words: str) -> None:
    camera.manner.status = status
    with pytest.raises(CameraRefused, match=words):
        first(camera.url(), 1)


def test_a_camera_that_is_busy_is_lost_and_not_refused(camera: HttpCamera) -> None:
    camera.manner.status = 503
    with pytest.raises(SourceLost, match="busy"):
        first(camera.url(), 1)


def test_a_page_is_no_camera(camera: HttpCamera) -> None:
    camera.manner.kind = "text/html"
    with pytest.raises(CameraRefused, match="text/html"):
        first(camera.url(), 1)


def test_parts_that_are_no_pictures_end_it(camera: HttpCamera) -> None:
    camera.pictures = [b"not a picture"]
    with pytest.raises(CameraRefused, match="no JPEG"):
        first(camera.url(), 1)


@pytest.mark.parametrize("with_length", [True, False])
def test_a_picture_past_the_limit_is_not_taken_into_memory(camera: HttpCamera, with_length: bool) -> None:
    camera.manner.with_length = with_length
    camera.pictures = [b"\xff\xd8" + bytes(9 * 1024 * 1024)]
    with pytest.raises(SourceLost, match="cannot be read"):
        first(camera.url(), 1)


def test_a_camera_that_freezes_is_lost(camera: HttpCamera) -> None:
    camera.manner.stop_after, camera.manner.freezes = 3, True
    with opened(camera.url(), SHORT) as feed, pytest.raises(SourceLost, match="frozen"):
        assert len(list(islice(feed.pictures(), 4))) < 4


def test_bytes_that_trickle_count_as_frozen(camera: HttpCamera) -> None:
    """One byte now and then keeps a connection alive, and brings no picture."""
    camera.manner.chunked = True
    camera.pictures = [b"\xff\xd8"]
    camera.manner.with_length, camera.manner.line = False, "never a boundary"
    with opened(camera.url(), Timeouts(3, 0.2)) as feed, pytest.raises(SourceLost, match="next to nothing"):
        next(feed.pictures())


def test_a_camera_that_closes_is_lost_after_its_last_picture(camera: HttpCamera) -> None:
    camera.manner.stop_after = 3
    got: list[bytes] = []
    with opened(camera.url()) as feed, pytest.raises(SourceLost, match="closed"):
        got.extend(one.data for one in feed.pictures())
    assert got == PICTURES[:3]


def test_nothing_there_is_told_in_words() -> None:
    with FaultProxy(9) as proxy:
        proxy.down()
        with pytest.raises(SourceLost, match="refused"):
            opened(f"http://127.0.0.1:{proxy.port}/")


def test_garbage_ends_in_our_own_errors(camera: HttpCamera) -> None:
    """Mutated bytes anywhere in the answer: pictures, or SourceLost or CameraRefused, and nothing else."""
    with FaultProxy(camera.port) as proxy:
        for seed in range(60):
            proxy.garbage(seed, 0.7)
            try:
                with opened(f"http://127.0.0.1:{proxy.port}/stream", SHORT) as feed:
                    assert all(one.data for one in islice(feed.pictures(), 20))
            except (SourceLost, CameraRefused):
                pass
        assert proxy.mutated > 100


def test_close_lets_a_waiting_thread_go(camera: HttpCamera) -> None:
    camera.manner.stop_after, camera.manner.freezes = 1, True
    feed = opened(camera.url())
    got: list[bytes] = []
    thread = threading.Thread(target=lambda: got.extend(one.data for one in feed.pictures()))
    thread.start()
    while not got:
        assert thread.is_alive()
    feed.close()
    thread.join(5)
    assert not thread.is_alive()
    assert got == PICTURES[:1]


def test_a_certificate_of_its_own_making_is_trusted_by_its_fingerprint_only(camera: HttpCamera, tmp_path) -> None:
    context, fingerprint = self_signed(tmp_path)
    server = camera._server
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=True)
    url = camera.url().replace("http", "https")
    with pytest.raises(CameraRefused, match="not trusted"):
        first(url, 1)
    with pytest.raises(CameraRefused, match="not the one"):
        first(url, 1, fingerprint="00" * 32)
    assert first(url, 2, fingerprint=fingerprint.upper()) == PICTURES[:2]
