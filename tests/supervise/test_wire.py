"""Frames between processes: exactly what was sent, or a refusal; never a crash, never a wait without end."""

from __future__ import annotations

import json
import os
import socket
import struct
import threading
from contextlib import suppress
from datetime import UTC, datetime, time, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beholden.acts.displays.look_up import look_up
from beholden.acts.grants.enrol import Wish, enrol_reference
from beholden.acts.grants.people import people
from beholden.acts.grants.reference import Reference
from beholden.acts.grants.withdraw import withdraw
from beholden.consent.segment import Segment
from beholden.consent.span import EVER, NEVER
from beholden.consent.view import View
from beholden.model import errors
from beholden.model.errors import BeholdenError, DataFolderError, FolderForbidden, KeeperSilent
from beholden.model.event import TrackEnded
from beholden.model.grant import Hours, Purpose
from beholden.model.ids import CameraId, Epoch, GrantId, ModelDigest, PlaceId, SightingId, SubjectId, TrackId
from beholden.model.match import Known, Reason, Why
from beholden.supervise.keeper.calls import ALLOWED, Call, Calls
from beholden.supervise.keeper.messages import (
    AskView,
    Do,
    Failed,
    From,
    Hello,
    NamedAt,
    Seen,
    Settle,
    Settled,
    encode,
    error_of,
    failure,
    parse_reply,
    parse_request,
)
from beholden.supervise.keeper.wire import MOST_ANSWER, MOST_BYTES, SOCKET, Channel, Peer, connect, listen, peer_of

MOMENT = datetime(2026, 5, 4, 8, 30, 1, 250_000, tzinfo=UTC)
REFERENCE = Reference(np.ones(1, np.float32), ModelDigest("a"), 0.5, 1)
HERE = From(CameraId("cam"), PlaceId("lobby"))


@pytest.fixture
def pair():
    one, other = socket.socketpair()
    with Channel(one) as first, Channel(other) as second:
        yield first, second


def test_a_frame_arrives_as_it_was_sent(pair):
    """Empty, small, and as long as a frame may be."""
    first, second = pair
    for payload in (b"", b"{}", os.urandom(MOST_BYTES)):
        sending = threading.Thread(target=first.send, args=(payload,))
        sending.start()
        assert second.receive(5) == payload
        sending.join()


def test_a_longer_question_is_not_read(pair):
    """Nothing is set aside for it, whether it says so at once or comes in parts."""
    first, second = pair
    first._socket.sendall(struct.pack("!I", MOST_BYTES + 1))
    with pytest.raises(KeeperSilent):
        second.receive(5)
    one, other = socket.socketpair()
    with Channel(one) as first, Channel(other) as second:
        sending = threading.Thread(target=lambda: _sent(first, bytes(MOST_BYTES + 1)))
        sending.start()
        with pytest.raises(KeeperSilent):
            second.receive(5)
        second.close()
        sending.join()


def _sent(channel, payload):
    with suppress(KeeperSilent):
        channel.send(payload)


@pytest.mark.parametrize("length", [MOST_BYTES, MOST_BYTES + 1, 2 * MOST_BYTES, 2 * MOST_BYTES + 5])
def test_a_long_answer_comes_in_parts(pair, length):
    """As it was sent, for whoever expects one; the next message is whole, too."""
    first, second = pair
    answer = os.urandom(length)
    sending = threading.Thread(target=lambda: (first.send(answer), first.send(b"next")))
    sending.start()
    assert second.receive(5, MOST_ANSWER) == answer
    assert second.receive(5) == b"next"
    sending.join()


def test_an_orderly_end_is_none_and_a_torn_frame_is_an_error(pair):
    """Between two frames, or within one."""
    first, second = pair
    first.close()
    assert second.receive(5) is None
    one, other = socket.socketpair()
    with Channel(other) as second:
        one.sendall(struct.pack("!I", 10) + b"half")
        one.close()
        with pytest.raises(KeeperSilent):
            second.receive(5)


def test_nobody_is_waited_for_without_end(pair, monkeypatch):
    """Not for a frame that does not begin, not for one that does not go on."""
    first, second = pair
    with pytest.raises(KeeperSilent):
        second.receive(0.05)
    monkeypatch.setattr("beholden.supervise.keeper.wire.FRAME_S", 0.05)
    first._socket.sendall(struct.pack("!I", 10) + b"half")
    with pytest.raises(KeeperSilent):
        second.receive(5)


def open_descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def test_a_descriptor_comes_with_its_frame(pair):
    """The same memory at the other end; it is the receiver's."""
    first, second = pair
    segment = Segment(1, 4)
    segment.rows[0] = 5.0
    first.send(b"{}", segment.reader)
    payload, fd = second.receive_with_fd(5)
    assert payload == b"{}"
    assert np.frombuffer(os.pread(fd, 16, 4096), np.float32).tolist() == [5.0] * 4
    os.close(fd)
    segment.close()


def test_descriptors_of_a_broken_frame_are_closed(pair):
    """None is left open, whatever went wrong; nor are more than were asked for."""
    first, second = pair
    before = open_descriptors()
    three = [os.dup(0) for _ in range(3)]
    socket.send_fds(first._socket, [struct.pack("!I", 2)], three)
    first._socket.sendall(b"{}")
    _, fd = second.receive_with_fd(5)
    os.close(fd)
    socket.send_fds(first._socket, [struct.pack("!I", 10) + b"half"], three)
    first.close()
    with pytest.raises(KeeperSilent):
        second.receive_with_fd(5)
    for each in three:
        os.close(each)
    assert open_descriptors() == before - 1, "the end that was closed"


def test_descriptors_that_nobody_asked_for_are_dropped(pair):
    """A frame that is read as usual takes none in."""
    first, second = pair
    before = open_descriptors()
    socket.send_fds(first._socket, [struct.pack("!I", 2)], [0])
    first._socket.sendall(b"{}")
    assert second.receive(5) == b"{}"
    assert open_descriptors() == before


def test_the_socket_is_for_this_account_only(tmp_path):
    """0600, also in a folder whose path is too long for a socket, and whatever the mask is."""
    folder = tmp_path / ("long" * 30) / ("name" * 30)
    folder.mkdir(parents=True)
    mask = os.umask(0)
    try:
        server = listen(folder)
    finally:
        os.umask(mask)
    with server:
        assert (folder / SOCKET).stat().st_mode & 0o777 == 0o600
        assert [path.name for path in folder.iterdir()] == [SOCKET]
        with connect(folder, 2):
            pass


def test_a_socket_that_a_dead_keeper_left_is_replaced(tmp_path):
    """Its name is there, and nobody answers; then somebody does."""
    listen(tmp_path).close()
    with pytest.raises(KeeperSilent):
        connect(tmp_path, 2)
    with listen(tmp_path), connect(tmp_path, 2):
        pass


def test_nobody_there_is_an_error_of_its_own(tmp_path):
    """No socket; no folder."""
    with pytest.raises(KeeperSilent):
        connect(tmp_path, 2)
    with pytest.raises(errors.FolderMissing):
        connect(tmp_path / "nowhere", 2)


def test_a_keeper_of_another_account_is_not_asked(tmp_path):
    """As the kernel says who it is."""
    with listen(tmp_path), pytest.raises(FolderForbidden):
        connect(tmp_path, 2, lambda connection: Peer(1, os.geteuid() + 1))


def test_the_kernel_says_who_is_at_the_other_end(pair):
    """This process, here."""
    assert peer_of(pair[0]._socket) == Peer(os.getpid(), os.geteuid())


# -- what is in a frame


VIEW = View(
    (SubjectId("s"),),
    (GrantId("g"),),
    (3,),
    ModelDigest("aa"),
    naming=True,
    since=EVER,
    until=NEVER,
    version=9,
    segment=7,
)
KNOWN = Known(SubjectId("s"), GrantId("g"), Why(Reason.CLEAR, 2, 0.01, extrapolated=True))
ENDED = TrackEnded(at=MOMENT, camera="cam", place=None, outcome="known", reason="clear", seconds=3)


@pytest.mark.parametrize(
    "request_",
    [
        Hello(),
        Do("look_up.look_up", '["Ann"]'),
        AskView(ModelDigest("aa"), HERE, MOMENT),
        Settle((NamedAt(HERE, Epoch("e"), TrackId("e-1"), KNOWN, MOMENT),), (ENDED,)),
    ],
)
def test_a_question_is_read_as_it_was_written(request_):
    """Write, read: the same."""
    assert parse_request(encode(request_)) == request_


@pytest.mark.parametrize(
    "reply",
    [Seen(VIEW, None), Settled((SightingId("x"), Failed("LogUnavailable", "no", "disk"))), Failed("E", "m", "a")],
)
def test_an_answer_is_read_as_it_was_written(reply):
    """Also one that holds from ever for ever."""
    assert parse_reply(encode(reply)) == reply


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"[]",
        b"null",
        b"{}",
        b'{"ask":"nothing"}',
        b'{"ask":"hello","version":1}',
        b'{"ask":"hello","version":"1","more":2}',
        b'{"ask":"view","model":"m","viewpoint":{"camera":"c","place":null},"moment":"2026-01-01T00:00:00"}',
        b'{"ask":"view","model":"m","viewpoint":{"camera":"c","place":null},"moment":1}',
        b"[" * 100_000,
        b'{"ask":"hello","version":' + b"9" * 10_000 + b"}",
        b"\xff\xfe",
    ],
)
def test_what_is_no_question_is_refused(payload):
    """Without what was in it."""
    with pytest.raises(DataFolderError):
        parse_request(payload)


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=200)
    | st.recursive(st.none() | st.text() | st.integers() | st.floats(), st.lists).map(
        lambda value: json.dumps(value).encode()
    )
)
def test_any_bytes_are_read_or_refused(payload):
    """No other error."""
    for parse in (parse_request, parse_reply):
        try:
            parse(payload)
        except DataFolderError:
            continue


ALL_ERRORS = sorted(
    {each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, BeholdenError)},
    key=lambda each: each.__name__,
)


@pytest.mark.parametrize("kind", ALL_ERRORS)
def test_an_error_is_the_same_at_the_other_end(kind):
    """Class, message, advice."""
    met = error_of(failure(kind("what happened", advice="what to do")))
    assert (type(met), met.message, met.advice) == (kind, "what happened", "what to do")


def test_an_error_of_an_unknown_class_says_its_name_only():
    """Its text may hold anything."""
    met = error_of(Failed("OSError", "the password is swordfish", "none"))
    assert isinstance(met, DataFolderError)
    assert "OSError" in met.message
    assert "swordfish" not in met.one_line()


# -- use cases


CALLS = Calls()


@pytest.mark.parametrize("act", ALLOWED, ids=lambda act: Call(act).name)
def test_every_use_case_can_be_described(act):
    """Its arguments and its result, by its annotations."""
    call = CALLS.of(act)
    assert CALLS.named(call.name) is call
    with pytest.raises(DataFolderError):
        call.decode("{")
    with pytest.raises(DataFolderError):
        call.run(None, '{"not": "a list"}')


def test_arguments_arrive_as_they_were_given():
    """Bytes, enums, sets, hours, lengths, moments, nothing."""
    taken = []

    def act(office: None, number: int, wish: Wish, subject: SubjectId, who: str | None = None) -> Wish:
        taken.append((number, wish, subject, who))
        return wish

    call = Call(act)
    wish = Wish(
        (Purpose.ENTRANCE, Purpose.PHOTOS),
        frozenset({PlaceId("lobby")}),
        timedelta(days=3),
        Hours(time(9), time(17, 30)),
        starts_at=MOMENT,
    )
    arguments, numbers = call.encode((5, wish), {"subject": "s_1"})
    assert numbers is None
    assert call.decode(call.run(None, arguments)) == wish
    assert taken == [(5, wish, "s_1", None)]


def test_other_arguments_are_refused_here_and_there():
    """Too few, too many, of another type, without a time zone."""
    call = CALLS.of(withdraw)
    for args, kwargs in (((), {}), (("s", "t"), {}), (("s",), {"who": 1}), ((5,), {})):
        with pytest.raises(TypeError):
            call.encode(args, kwargs)
    wish = Wish((Purpose.ENTRANCE,), starts_at=MOMENT.replace(tzinfo=None))
    with pytest.raises(DataFolderError, match="time zone"):
        CALLS.of(enrol_reference).encode(("Ann", REFERENCE, wish, "s"), {})
    for arguments in ("[]", "[5]", '["a","b"]', "{}", "[[", "null"):
        with pytest.raises(DataFolderError):
            call.run(None, arguments)


def test_only_what_is_in_the_table_can_be_asked_for():
    """Not by name, not by function."""
    with pytest.raises(ValueError, match="not among"):
        CALLS.of(os.system)
    for name in ("os.system", "people.__class__", "enrol.enrol", ""):
        with pytest.raises(DataFolderError):
            CALLS.named(name)
    assert CALLS.named("look_up.look_up").act is look_up
    assert CALLS.named("people.people").act is people


def test_what_was_refused_does_not_say_what_it_was():
    """An address with a password, for one."""
    with pytest.raises(DataFolderError) as refused:
        CALLS.named("camera.add_camera").run(None, '[{"id": "x"}, 5, "rtsp://me:swordfish@host/", null]')
    assert "swordfish" not in refused.value.one_line()
