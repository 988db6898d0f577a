"""One process keeps a folder and acts for all others; what it did holds everywhere before it says so."""

from __future__ import annotations

import json
import os
import socket
import struct
import threading
import time
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beholden.acts.camera import add_camera, pause_camera
from beholden.acts.displays.look_up import look_up
from beholden.acts.grants.enrol import enrol_reference
from beholden.acts.grants.invite import invite
from beholden.acts.grants.pause import pause
from beholden.acts.grants.people import people
from beholden.acts.grants.reference import Reference
from beholden.acts.grants.withdraw import withdraw
from beholden.acts.sightings.sighting import Named, sightings
from beholden.model.camera import Camera
from beholden.model.errors import (
    AlreadyEnrolled,
    CameraUnknown,
    ConsentError,
    DataFolderError,
    FolderMissing,
    KeeperSilent,
    LogUnavailable,
    PolicyRefused,
    UnknownSubject,
)
from beholden.model.grant import Place, Purpose, Viewpoint
from beholden.model.ids import CameraId, Epoch, PlaceId, TrackId, new_subject_id, sighting_id
from beholden.supervise.keeper.acting import acting
from beholden.supervise.keeper.calls import ALLOWED, Calls
from beholden.supervise.keeper.client import Client
from beholden.supervise.keeper.committer import Committer
from beholden.supervise.keeper.election import holder, try_to_keep, wait_to_keep
from beholden.supervise.keeper.keeper import Keeper, Serving
from beholden.supervise.keeper.messages import Done, Hello, Press, Welcome, encode
from beholden.supervise.keeper.wire import SOCKET, Peer, connect
from tests.people import LOBBY, MODEL, vector
from tests.supervise.folders import (
    AT_LOBBY,
    AT_YARD,
    WISH,
    YARD,
    acts_on,
    enrol,
    known,
    made,
    now,
    opener,
    until,
)

EPOCH, TRACK = Epoch("aaaaaaaaaaaa"), TrackId("aaaaaaaaaaaa-1")


@pytest.fixture
def folder(tmp_path):
    return made(tmp_path / "data")


@pytest.fixture
def keeper(folder):
    """A keeper in this process; others reach it over its socket."""
    held = try_to_keep(folder)
    with Keeper(folder, held, opener(folder)) as running:
        yield running


@pytest.fixture
def other(folder, keeper):
    """Somebody who is not the keeper."""
    with acts_on(folder) as acts:
        assert acts.status().pid == os.getpid()
        yield acts


def test_one_keeps_the_folder_and_the_other_acts_through_it(folder, other):
    """What one enrols, the other finds; the lock says who keeps it."""
    ann = enrol(other, "Ann", 1)
    with acts_on(folder) as third:
        assert third.do(look_up, "ann").id == ann.subject
        assert third.rehearsal
    assert holder(folder) == os.getpid()


def test_alone_a_command_keeps_the_folder_itself_and_leaves_nothing(folder):
    """No socket afterwards, and the next one keeps it again."""
    for number in range(2):
        with acts_on(folder) as acts:
            enrol(acts, f"Person {number}", number)
            assert (folder / SOCKET).exists()
        assert not (folder / SOCKET).exists()
    with acts_on(folder) as acts:
        assert len(acts.do(people)) == 2


def test_errors_come_back_as_they_were(other):
    """Class, words, advice; and the connection goes on."""
    enrol(other, "Ann", 1)
    with pytest.raises(UnknownSubject, match="'Zoe'"):
        other.do(look_up, "Zoe")
    with pytest.raises(AlreadyEnrolled, match="Ann") as met:
        enrol(other, "Ann", 2)
    assert met.value.advice == AlreadyEnrolled.default_advice
    assert other.do(look_up, "Ann").label == "Ann"


def test_a_call_given_twice_is_done_once(other):
    """Invitation and enrolment by the caller's own id; pause and withdrawal by what they are."""
    first, second = new_subject_id(), new_subject_id()
    assert [other.do(invite, "Ann", (Purpose.ENTRANCE,), first) for _ in range(2)] == [first, first]
    reference = Reference(vector(1), MODEL, 0.8, 2)
    one, two = (other.do(enrol_reference, "Ann", reference, WISH, second) for _ in range(2))
    assert (one, one.subject) == (two, first), "who was invited keeps the id of the invitation"
    other.do(pause, first)
    assert other.do(enrol_reference, "Ann", reference, WISH, second).subject == first
    assert [other.do(withdraw, first).already for _ in range(2)] == [False, True]
    assert len(other.do(people)) == 1


def test_an_id_that_is_taken_is_nobody_elses(other):
    """Neither by another name, nor after a withdrawal."""
    ann = enrol(other, "Ann", 1).subject
    reference = Reference(vector(2), MODEL, 0.8, 2)
    for name in ("Ben", "Ann"):
        with pytest.raises(AlreadyEnrolled):
            other.do(enrol_reference, name, reference, WISH, ann)
        with pytest.raises(AlreadyEnrolled):
            other.do(invite, "Ben", (Purpose.ENTRANCE,), ann)
        other.do(withdraw, ann)


def test_a_withdrawal_holds_in_the_shared_gallery_before_its_call_returns(other):
    """The row is zero, and every view of before is void."""
    ann, ben = enrol(other, "Ann", 1), enrol(other, "Ben", 2)
    seen, segment = other.view(AT_LOBBY, now(), MODEL), other.segment(MODEL)
    assert set(seen.view.subjects) == {ann.subject, ben.subject}
    row = seen.view.rows[seen.view.subjects.index(ann.subject)]
    assert segment.rows[row].any()
    other.do(withdraw, ann.subject)
    assert not segment.rows[row].any()
    assert segment.version > seen.view.version
    assert other.view(AT_LOBBY, now(), MODEL).view.subjects == (ben.subject,)


def test_what_a_place_is_the_keeper_knows_by_itself(other):
    """Whoever asks cannot open it: neither a place without capture, nor one that does not exist, nor a button."""
    enrol(other, "Ann", 1)
    forged = Viewpoint(CameraId("cam"), Place(PlaceId("cellar"), capture=AT_LOBBY.place.capture))
    assert not other.view(forged, now(), MODEL).view.naming
    pretended = Viewpoint(CameraId("gate"), Place(YARD, capture=AT_LOBBY.place.capture))
    assert not other.view(pretended, now(), MODEL).view.naming
    assert other.view(AT_LOBBY, now(), MODEL).view.naming


def test_a_view_says_whether_it_is_of_one_camera(other):
    """A place with a button, or a file; other places are alike for all their cameras."""
    assert other.view(AT_LOBBY, now(), MODEL).camera is None
    assert other.view(AT_YARD, now(), MODEL).camera == "gate"
    assert other.view(Viewpoint(CameraId("a.mp4"), None), now(), MODEL).camera == "a.mp4"


def test_a_press_opens_the_yard(other):
    """For the camera that was pressed at; not where there is no button, no camera, or a pause."""
    enrol(other, "Ann", 1)
    for name, place in (("gate", YARD), ("cam", LOBBY)):
        other.do(add_camera, Camera(CameraId(name), place, now()), "rtsp://127.0.0.1/x")
    assert not other.view(AT_YARD, now(), MODEL).view.naming
    before = now()
    ends = other.press(CameraId("gate"))
    assert timedelta(seconds=14) < ends - before < timedelta(seconds=60)
    view = other.view(AT_YARD, now(), MODEL).view
    assert (view.naming, len(view.subjects), view.until) == (True, 1, ends)
    with pytest.raises(PolicyRefused):
        other.press(CameraId("cam"))
    with pytest.raises(CameraUnknown):
        other.press(CameraId("attic"))
    other.do(pause_camera, CameraId("gate"))
    with pytest.raises(PolicyRefused):
        other.press(CameraId("gate"))


def named(enrolment, track=TRACK, viewpoint=AT_LOBBY, moment=None):
    return Named(viewpoint, EPOCH, track, known(enrolment), moment or now())


def test_a_name_is_durable_when_it_is_acknowledged(other):
    """Its sighting is there, once, however often it is told."""
    ann = enrol(other, "Ann", 1)
    told = named(ann)
    expected = sighting_id(AT_LOBBY.camera, EPOCH, TRACK, ann.subject)
    for _ in range(3):
        assert other.settle([told]) == (expected,)
    assert [each.id for each in other.do(sightings)] == [expected]


def test_whoever_may_not_be_named_any_more_is_refused(other):
    """Paused meanwhile, withdrawn, another place; the others of the batch are named."""
    ann, ben, cat = (enrol(other, name, n) for n, name in enumerate(("Ann", "Ben", "Cat")))
    other.do(pause, ann.subject)
    other.do(withdraw, ben.subject)
    results = other.settle([named(ann), named(ben), named(cat), named(cat, viewpoint=AT_YARD)])
    assert [type(each) for each in results] == [ConsentError, ConsentError, str, ConsentError]


def test_a_mistake_of_ours_is_an_answer_without_its_text(folder, capfd):
    """The keeper goes on; what happened is on its standard error, without the text."""

    def broken(office: None) -> None:
        raise RuntimeError("the password is swordfish")

    serving = Serving(Calls((*ALLOWED, broken)))
    with acting(folder, opener(folder), serving), acting(folder, opener(folder), serving) as acts:
        with pytest.raises(DataFolderError, match="RuntimeError") as met:
            acts.do(broken)
        assert "swordfish" not in met.value.one_line()
        assert acts.do(people) == ()
    said = capfd.readouterr().err
    assert "RuntimeError" in said
    assert "test_keeper.py" in said
    assert "swordfish" not in said


def test_only_this_account_is_answered(folder):
    """Another one's connection is closed without a word."""
    serving = Serving(credentials=lambda connection: Peer(1, os.geteuid() + 1))
    with Keeper(folder, try_to_keep(folder), opener(folder), serving):
        with pytest.raises(KeeperSilent):
            Client.connected(folder)
        with connect(folder, 2) as channel:
            assert channel.receive(5) is None


def test_another_version_is_told_what_to_do(folder, keeper):
    """And nothing else is answered."""
    with connect(folder, 2) as channel:
        channel.send(encode(Hello("0.0.1")))
        assert "of one version" in json.loads(channel.receive(5))["advice"]
        assert channel.receive(5) is None


def test_who_does_not_greet_is_not_answered(folder, keeper):
    """The first question has to be `Hello`."""
    with connect(folder, 2) as channel:
        channel.send(encode(Press(CameraId("gate"))))
        assert json.loads(channel.receive(5))["tell"] == "failed"
        assert channel.receive(5) is None


def test_connections_beyond_the_most_are_closed(folder):
    """Those that are there are served; when one goes, the next may come."""
    with Keeper(folder, try_to_keep(folder), opener(folder), Serving(most=2)) as running:
        first, second = Client.connected(folder), Client.connected(folder)
        with pytest.raises(KeeperSilent):
            Client.connected(folder)
        first.close()
        until(lambda: running.status().connections == 1)
        Client.connected(folder).close()
        assert second.ask(Hello(), Welcome, 5).rehearsal
        second.close()


def test_stopping_waits_for_what_is_being_done(folder):
    """A call that runs gets its answer; whoever is idle is hung up on; the lock is free afterwards."""
    going, may_end = threading.Event(), threading.Event()

    def slow(office: None) -> str:
        going.set()
        may_end.wait(30)
        return "done"

    calls = Calls((*ALLOWED, slow))
    running = Keeper(folder, try_to_keep(folder), opener(folder), Serving(calls))
    idle, busy = Client.connected(folder), Client.connected(folder)
    answers = []
    asking = threading.Thread(target=lambda: answers.append(busy.ask(_do(calls, slow), Done, 60)))
    asking.start()
    assert going.wait(30)
    stopping = threading.Thread(target=running.stop)
    stopping.start()
    until(idle.broken)
    assert stopping.is_alive()
    assert try_to_keep(folder) is None
    may_end.set()
    asking.join(30)
    stopping.join(30)
    assert calls.of(slow).decode(answers[0].result) == "done"
    held = try_to_keep(folder)
    assert held is not None
    held.release()
    for client in (idle, busy):
        client.close()


def _do(calls, act):
    from beholden.supervise.keeper.messages import Do

    call = calls.of(act)
    return Do(call.name, call.encode((), {})[0])


def test_a_gallery_is_empty_and_dead_when_its_keeper_has_stopped(folder):
    """In the hands of whoever still holds it."""
    with acts_on(folder) as acts:
        enrol(acts, "Ann", 1)
        acts.view(AT_LOBBY, now(), MODEL)
        segment = acts.segment(MODEL)
        assert segment.rows.any()
    assert not segment.rows.any()
    assert segment.heartbeat_ns == 0


def test_the_heart_beats_by_itself(keeper, other):
    """Nobody has to ask."""
    segment = other.segment(MODEL)
    first = segment.heartbeat_ns
    until(lambda: segment.heartbeat_ns > first)
    assert other.status().beats > 0


def test_a_lock_that_was_deleted_stops_the_heart(folder, keeper, other, capfd):
    """Another process could keep the folder, too; it is told once."""
    segment = other.segment(MODEL)
    (folder / "keeper.lock").unlink()
    until(lambda: other.status().trouble is not None)
    last = segment.heartbeat_ns
    time.sleep(0.6)
    assert segment.heartbeat_ns == last
    assert capfd.readouterr().err.count("deleted or replaced") == 1


def test_a_folder_that_cannot_be_opened_is_free_again(folder):
    """What is wrong is said; the next one may try."""

    def fail():
        raise DataFolderError("broken")

    for _ in range(2):
        with pytest.raises(DataFolderError, match="broken"), acting(folder, fail):
            pass
    with acts_on(folder) as acts:
        assert acts.do(people) == ()


def test_no_folder_is_an_error(tmp_path):
    """None is made."""
    with pytest.raises(FolderMissing), acts_on(tmp_path / "nowhere"):
        pass
    assert not list(tmp_path.iterdir())


def test_a_lock_waited_for_in_vain_is_not_kept(folder):
    """Told to stop, it lets go, also when the lock becomes free later."""
    held, stop = try_to_keep(folder), threading.Event()
    found = []
    waiting = threading.Thread(target=lambda: found.append(wait_to_keep(folder, stop)))
    waiting.start()
    stop.set()
    waiting.join(10)
    assert found == [None]
    held.release()

    def free():
        again = try_to_keep(folder)
        if again is not None:
            again.release()
        return again is not None

    until(free)


def test_locks_of_other_names_are_locks_of_their_own(folder):
    """Whoever watches holds one, whoever keeps the folder another; each is held once."""
    watching, keeping = try_to_keep(folder, "watch.lock"), try_to_keep(folder)
    assert watching is not None
    assert keeping is not None
    assert try_to_keep(folder, "watch.lock") is None
    watching.release()
    again = try_to_keep(folder, "watch.lock")
    assert again is not None
    assert again.path == folder / "watch.lock"
    again.release()
    keeping.release()


# -- group commit


def test_names_that_come_together_are_written_together():
    """Each asker gets its own results, in its order."""
    batches = []

    def settle_many(batch):
        batches.append(len(batch))
        return [LogUnavailable(f"{each}") for each in batch]

    committer = Committer(settle_many, window_s=0.3)
    results = {}
    askers = [
        threading.Thread(target=lambda n=n: results.__setitem__(n, committer.settle([f"{n}a", f"{n}b"])))
        for n in range(5)
    ]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join(30)
    committer.close()
    assert sum(batches) == 10
    assert len(batches) < 5
    assert {n: [r.message for r in results[n]] for n in results} == {n: [f"{n}a", f"{n}b"] for n in range(5)}


def test_a_mistake_while_writing_is_heard_by_everybody_who_waits():
    """Nobody waits for ever, and the next batch is written."""
    weather = [RuntimeError("secret"), LogUnavailable("full")]

    def settle_many(batch):
        raise weather.pop(0)

    committer = Committer(settle_many)
    [first] = committer.settle(["x"])
    [second] = committer.settle(["y"])
    committer.close()
    assert (type(first), type(second)) == (DataFolderError, LogUnavailable)
    assert "secret" not in first.message
    with pytest.raises(KeeperSilent):
        committer.settle(["z"])


# -- hostile bytes


def shout(folder, *parts):
    """Raw bytes at the socket, then the end of them; what comes back is read to its end."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as raw:
        raw.connect(str(folder / SOCKET))
        raw.settimeout(20)
        try:
            raw.sendall(b"".join(parts))
            raw.shutdown(socket.SHUT_WR)
            while raw.recv(1 << 16):
                pass
        except (BrokenPipeError, ConnectionResetError):
            pass


def frame(payload):
    return struct.pack("!I", len(payload)) + payload


HELLO = frame(encode(Hello()))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)
ASKED = st.sampled_from(["hello", "do", "press", "view", "segment", "settle", "status", "x"])
QUESTIONS = st.fixed_dictionaries(
    {"ask": ASKED},
    optional={
        "act": st.sampled_from(["look_up.look_up", "withdraw.withdraw", "x"]) | VALUES,
        "arguments": st.sampled_from(["[]", '["s_1"]', "[" * 1000]) | VALUES,
        "camera": VALUES,
        "model": VALUES,
        "viewpoint": VALUES,
        "moment": VALUES | st.just("2026-01-01T00:00:00Z"),
        "named": VALUES,
        "ended": VALUES,
    },
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    greeted=st.booleans(),
    payloads=st.lists(
        st.binary(max_size=64) | QUESTIONS.map(lambda value: frame(json.dumps(value).encode())), max_size=4
    ),
)
def test_no_bytes_bring_the_keeper_down(folder, keeper, capfd, greeted, payloads):
    """Whatever is said to it, it goes on answering, and meets no mistake of its own."""
    shout(folder, HELLO if greeted else b"", *payloads)
    with Client.connected(folder) as client:
        assert client.welcome.pid == os.getpid()
    assert "mistake" not in capfd.readouterr().err


def test_a_mutated_question_is_refused_or_answered(folder, keeper, capfd):
    """Every byte of a real one, flipped."""
    real = frame(encode(Press(CameraId("gate"))))
    for at in range(len(real)):
        shout(folder, HELLO, real[:at] + bytes([real[at] ^ 0x20]) + real[at + 1 :])
    with Client.connected(folder) as client:
        assert client.welcome.rehearsal
    assert "mistake" not in capfd.readouterr().err
