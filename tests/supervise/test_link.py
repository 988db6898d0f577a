"""What a worker knows of the registry is never older than a second, and what it names is durable or no name."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from datetime import timedelta

import pytest

from beholden.acts.camera import add_camera
from beholden.acts.grants.enrol import Wish
from beholden.acts.grants.pause import pause, resume
from beholden.acts.grants.withdraw import withdraw
from beholden.acts.sightings.sighting import sightings
from beholden.model.camera import Camera
from beholden.model.errors import BeholdenError, ConsentError, KeeperSilent, ModelMismatch
from beholden.model.grant import Purpose, Viewpoint
from beholden.model.ids import CameraId, Epoch, ModelDigest, TrackId, sighting_id
from beholden.model.match import Reason, Unknown, Why
from beholden.supervise.keeper.delivery import MOST_ENDED, Delivery
from beholden.supervise.keeper.election import holder
from beholden.supervise.keeper.link import KeeperLink
from tests.people import LOBBY, MODEL
from tests.supervise.folders import AT_LOBBY, AT_YARD, YARD, Child, acts_on, enrol, known, made, now, until

EPOCH = Epoch("aaaaaaaaaaaa")
SECOND = 1_000_000_000
STALE = {"KeeperSilent"}


@pytest.fixture
def folder(tmp_path):
    return made(tmp_path / "data")


@pytest.fixture
def acts(folder):
    with acts_on(folder) as acts:
        yield acts


@pytest.fixture
def link(folder):
    link = KeeperLink(folder, MODEL, now)
    yield link
    link.close()


def subjects_at(link, viewpoint=AT_LOBBY):
    """Who may be seen there now; None while that is not known."""
    try:
        return link.gate().gallery(viewpoint, now(), MODEL).subjects
    except KeeperSilent:
        return None


def settled(link, enrolment, track="a-1", moment=None, viewpoint=AT_LOBBY):
    """The sighting, when it is acknowledged; asked for again and again, as the pipeline does."""
    moment, found = moment or now(), []

    def ask():
        done = link.settle().named(viewpoint, EPOCH, TrackId(track), known(enrolment), moment)
        if done is not None:
            found.append(done)
        return found

    until(ask)
    return found[0]


# -- in another process


def test_a_change_reaches_another_process_within_a_second(folder):
    """Enrolment, pause, resumption, withdrawal: from when the call returned."""
    with Child("keeper", folder) as keeper:
        until(lambda: keeper.keeping)
        with Child("reader", folder) as reader, acts_on(folder) as acts:
            reader.until(lambda line: line["seen"] == [])
            ann = enrol(acts, "Ann", 1)
            reader.until(lambda line: line["seen"] == [ann.subject] and line["rows"] == 1)
            for act, expected in ((pause, []), (resume, [ann.subject]), (withdraw, [])):
                asked = time.monotonic_ns()
                acts.do(act, ann.subject)
                returned = time.monotonic_ns()
                line = reader.until(lambda line, e=expected: line["seen"] == e, asked)
                assert line["ns"] - returned < SECOND, act


def test_an_expiry_reaches_another_process_within_a_second(folder):
    """At the moment that was agreed, without anybody doing anything."""
    with Child("keeper", folder) as keeper:
        until(lambda: keeper.keeping)
        with Child("reader", folder) as reader, acts_on(folder) as acts:
            reader.until(lambda line: line["seen"] == [])
            ann = enrol(acts, "Ann", 1, Wish((Purpose.ENTRANCE,), frozenset({LOBBY}), timedelta(seconds=4)))
            reader.until(lambda line: line["seen"] == [ann.subject])
            until(lambda: now() >= ann.grants[0].ends_at)
            ended = time.monotonic_ns()
            assert reader.until(lambda line: line["seen"] == [], ended - SECOND)["ns"] - ended < SECOND


def test_while_the_keeper_stands_still_nobody_is_named(folder):
    """From a second after its last beat until it goes on; then everything is as before."""
    with Child("keeper", folder) as keeper:
        until(lambda: keeper.keeping)
        with acts_on(folder) as acts:
            ann = enrol(acts, "Ann", 1)
        with Child("reader", folder) as reader:
            reader.until(lambda line: line["seen"] == [ann.subject])
            stopped = time.monotonic_ns()
            keeper.signal(signal.SIGSTOP)
            try:
                line = reader.until(lambda line: line["seen"] in STALE, stopped)
                assert line["ns"] - stopped < 2 * SECOND
                time.sleep(3)
                assert reader.lines[-1]["seen"] in STALE
            finally:
                resumed = time.monotonic_ns()
                keeper.signal(signal.SIGCONT)
            reader.until(lambda line: line["seen"] == [ann.subject], resumed)


def test_a_reader_finds_the_next_keeper(folder):
    """After a kill: refused until there is one, and then the new gallery."""
    with Child("keeper", folder) as first:
        until(lambda: first.keeping)
        with acts_on(folder) as acts:
            ann = enrol(acts, "Ann", 1)
        with Child("reader", folder) as reader, Child("keeper", folder) as second:
            reader.until(lambda line: line["seen"] == [ann.subject])
            killed = time.monotonic_ns()
            first.kill()
            reader.until(lambda line: line["seen"] in STALE, killed)
            reader.until(lambda line: line["seen"] == [ann.subject] and line["rows"] == 1, killed)
            until(lambda: holder(folder) == second.pid)


# -- in this one


def test_without_a_keeper_nobody_is_named_and_nothing_waits(folder):
    """Made at once; refused at once; alive when somebody keeps the folder."""
    link = KeeperLink(folder, MODEL, now)
    try:
        assert not link.alive()
        for ask in (lambda: link.gate().gallery(AT_LOBBY, now(), MODEL), link.gate().revision):
            with pytest.raises(KeeperSilent):
                ask()
        with acts_on(folder) as acts:
            enrol(acts, "Ann", 1)
            until(link.alive)
            until(lambda: subjects_at(link))
        until(lambda: not link.alive())
    finally:
        link.close()


def test_a_link_is_of_one_model(acts, link):
    """I9: another one's templates are never compared."""
    until(link.alive)
    with pytest.raises(ModelMismatch):
        link.gate().gallery(AT_LOBBY, now(), ModelDigest("bb" * 32))


def test_the_revision_moves_with_every_change(acts, link):
    """Also one that does not concern this camera, and a button."""
    acts.do(add_camera, Camera(CameraId("gate"), YARD, now()), "rtsp://127.0.0.1/x")
    until(link.alive)
    seen = [link.gate().revision()]
    enrol(acts, "Ann", 1)
    seen.append(link.gate().revision())
    acts.press(CameraId("gate"))
    seen.append(link.gate().revision())
    assert seen == sorted(set(seen))


def test_cameras_of_one_place_share_one_gallery(acts, link):
    """Whatever changes, it is counted and checked once per place, however many cameras look at it."""
    beside = Viewpoint(CameraId("beside"), AT_LOBBY.place)
    ann = enrol(acts, "Ann", 1)
    for viewpoint in (AT_LOBBY, beside):
        until(lambda viewpoint=viewpoint: subjects_at(link, viewpoint) == (ann.subject,))
    acts.do(pause, ann.subject)

    def shared():
        with suppress(KeeperSilent):
            here, there = (link.gate().gallery(viewpoint, now(), MODEL) for viewpoint in (AT_LOBBY, beside))
            return here is there and here.subjects == ()

    until(shared)


def test_a_press_opens_the_camera_in_a_worker(acts, link):
    """Only that one."""
    acts.do(add_camera, Camera(CameraId("gate"), YARD, now()), "rtsp://127.0.0.1/x")
    ann = enrol(acts, "Ann", 1)
    until(lambda: subjects_at(link, AT_YARD) == ())
    assert not link.gate().gallery(AT_YARD, now(), MODEL).naming
    acts.press(CameraId("gate"))
    until(lambda: subjects_at(link, AT_YARD) == (ann.subject,))


def test_a_segment_that_was_replaced_is_mapped_anew(acts, link, monkeypatch):
    """More people than the first one has rows."""
    monkeypatch.setattr("beholden.consent.references._LEAST_ROWS", 4)
    enrol(acts, "Person 0", 0)
    until(lambda: len(subjects_at(link) or ()) == 1)
    for number in range(1, 7):
        enrol(acts, f"Person {number}", number)
    until(lambda: len(subjects_at(link) or ()) == 7)
    gallery = link.gate().gallery(AT_LOBBY, now(), MODEL)
    assert gallery.vectors.any(axis=1).sum() == 7


def test_every_worker_follows_when_a_segment_is_replaced(acts, folder, monkeypatch):
    """Whoever asks first makes the keeper replace it; the others find a closed one, and ask, too."""
    monkeypatch.setattr("beholden.consent.references._LEAST_ROWS", 1)
    links = [KeeperLink(folder, MODEL, now) for _ in range(4)]
    try:
        for count in range(1, 6):
            enrol(acts, f"Person {count}", count)
            until(lambda count=count: all(len(subjects_at(each) or ()) == count for each in links))
    finally:
        for each in links:
            each.close()


def test_a_name_is_pending_until_it_is_durable(acts, link):
    """None at first, then the sighting, which is stored by then."""
    ann = enrol(acts, "Ann", 1)
    moment = now()
    assert link.settle().named(AT_LOBBY, EPOCH, TrackId("a-1"), known(ann), moment) is None
    done = settled(link, ann, moment=moment)
    assert done == sighting_id(AT_LOBBY.camera, EPOCH, TrackId("a-1"), ann.subject)
    assert [each.id for each in acts.do(sightings)] == [done]


def test_who_stays_in_view_is_told_again(acts, link):
    """Now and then, and once more at the end; it is one sighting all the time."""
    ann = enrol(acts, "Ann", 1)
    began = now()
    done = settled(link, ann, moment=began)
    for seconds in range(1, 13):
        later = began + timedelta(seconds=seconds)
        assert link.settle().named(AT_LOBBY, EPOCH, TrackId("a-1"), known(ann), later) == done
    until(lambda: acts.do(sightings)[0].seen_at >= began + timedelta(seconds=5))
    link.settle().ended(AT_LOBBY, TrackId("a-1"), known(ann), later, 12.0)
    until(lambda: acts.do(sightings)[0].seen_at == began + timedelta(seconds=12))
    assert len(acts.do(sightings)) == 1


def test_a_name_that_the_keeper_refuses_is_raised(acts, link):
    """And asked for again when somebody asks again."""
    ann = enrol(acts, "Ann", 1)
    acts.do(pause, ann.subject)
    with pytest.raises(ConsentError):
        settled(link, ann)
    acts.do(resume, ann.subject)
    assert settled(link, ann)


def test_somebody_who_withdraws_while_in_view_loses_the_name(acts, link):
    """The next time that they are told of."""
    ann = enrol(acts, "Ann", 1)
    moment = now()
    settled(link, ann, moment=moment)
    acts.do(withdraw, ann.subject)
    later = [moment]

    def told() -> bool:
        later[0] += timedelta(seconds=6)
        try:
            return link.settle().named(AT_LOBBY, EPOCH, TrackId("a-1"), known(ann), later[0]) is None
        except BeholdenError as error:
            return type(error).__name__ in ("ConsentError", "KeyDestroyed")

    until(told)


def test_a_name_that_nobody_answers_is_none(folder):
    """After two seconds; it is not sent behind anybody's back later."""
    with acts_on(folder) as acts:
        ann = enrol(acts, "Ann", 1)
    link, moment = KeeperLink(folder, MODEL, now), now()
    try:
        began = time.monotonic()
        with pytest.raises(KeeperSilent):
            settled(link, ann, moment=moment)
        assert time.monotonic() - began >= 2.0
        with acts_on(folder) as acts:
            until(link.alive)
            time.sleep(0.5)
            assert acts.do(sightings) == ()
            assert settled(link, ann)
    finally:
        link.close()


def test_a_name_that_was_asked_for_while_nobody_kept_the_folder_arrives(folder):
    """When somebody does within two seconds: nobody asks twice."""
    with acts_on(folder) as acts:
        ann = enrol(acts, "Ann", 1)
    link, moment = KeeperLink(folder, MODEL, now), now()
    try:
        assert link.settle().named(AT_LOBBY, EPOCH, TrackId("a-1"), known(ann), moment) is None
        time.sleep(0.3)
        with acts_on(folder) as acts:
            until(lambda: acts.do(sightings))
            assert settled(link, ann, moment=moment)
            assert len(acts.do(sightings)) == 1
    finally:
        link.close()


def test_ends_of_tracks_are_counted_once(acts, link, folder):
    """Sent together, without any identity."""
    from beholden.storage.folder import open_folder

    for number in range(30):
        link.settle().ended(AT_LOBBY, TrackId(f"a-{number}"), Unknown(Why(Reason.NOBODY_ALIKE)), now(), 2.0)

    def kept() -> int:
        with open_folder(folder, clock=now) as opened:
            return len(opened.database.track_ends())

    until(lambda: kept() == 30)
    time.sleep(1.0)
    assert kept() == 30
    assert link.settle().dropped == 0


def test_ends_of_tracks_do_not_pile_up():
    """The oldest go, and how many is known."""

    def nobody():
        raise KeeperSilent("nobody")

    delivery = Delivery(nobody)
    for number in range(MOST_ENDED + 25):
        delivery.ended(AT_LOBBY, TrackId(f"a-{number}"), Unknown(Why(Reason.NOBODY_ALIKE)), now(), 2.0)
    assert delivery.dropped == 25
    delivery.close()


def test_asking_and_naming_never_wait_for_the_keeper(folder):
    """While it stands still: each call returns within a moment, whatever it says."""
    with Child("keeper", folder) as keeper:
        until(lambda: keeper.keeping)
        with acts_on(folder) as acts:
            ann = enrol(acts, "Ann", 1)
        link = KeeperLink(folder, MODEL, now)
        until(lambda: subjects_at(link))
        settled(link, ann)
        keeper.signal(signal.SIGSTOP)
        try:
            waits = []
            for number in range(200):
                began = time.perf_counter()
                subjects_at(link)
                with suppress(KeeperSilent):
                    link.settle().named(AT_LOBBY, EPOCH, TrackId(f"a-{number}"), known(ann), now())
                waits.append(time.perf_counter() - began)
                time.sleep(0.01)
        finally:
            keeper.signal(signal.SIGCONT)
        assert sorted(waits)[len(waits) // 2] < 0.02, "5 ms each, and what a busy machine adds"
        link.close()


def test_only_memory_of_a_keeper_that_lives_is_held(folder):
    """When it is gone, its gallery is given back at once, not when the next one comes."""
    link = KeeperLink(folder, MODEL, now)
    try:
        with acts_on(folder) as acts:
            enrol(acts, "Ann", 1)
            until(lambda: subjects_at(link))

        def held() -> int:
            with open(f"/proc/{os.getpid()}/maps") as maps:
                return sum("beholden-gallery" in line for line in maps)

        import gc

        until(lambda: gc.collect() >= 0 and held() == 0)
    finally:
        link.close()
