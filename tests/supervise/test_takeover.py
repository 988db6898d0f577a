"""When the keeper dies another process keeps the folder, and whoever was waiting hardly notices."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from beholden.acts.displays.look_up import look_up
from beholden.acts.grants.people import people
from beholden.acts.grants.withdraw import withdraw
from beholden.consent.registry import SubjectState
from beholden.model.errors import KeeperSilent
from beholden.supervise.keeper.election import holder, try_to_keep
from beholden.supervise.keeper.filelink import FileLink
from tests.people import MODEL
from tests.supervise.folders import AT_LOBBY, Child, acts_on, enrol, known, made, now, until
from tests.supervise.kills import kill_keepers

KILLS = 10


@pytest.fixture
def folder(tmp_path):
    return made(tmp_path / "data")


def keeping(child: Child, folder) -> bool:
    return child.keeping and holder(folder) == child.pid


def test_two_processes_are_one_program(folder):
    """One keeps, the other acts through it; when the first has ended, the second keeps."""
    with Child("keeper", folder) as first:
        until(lambda: keeping(first, folder))
        with acts_on(folder) as acts:
            ann = enrol(acts, "Ann", 1)
            assert acts.status().pid == first.pid
            assert first.end() == 0
            assert acts.do(look_up, "Ann").id == ann.subject
            assert acts.status().pid == os.getpid()


def test_who_asks_takes_over_when_the_keeper_is_killed(folder):
    """The call that comes next is answered all the same; the gallery is a new one."""
    with Child("keeper", folder) as first, acts_on(folder) as acts:
        ann = enrol(acts, "Ann", 1)
        until(lambda: keeping(first, folder) or holder(folder) == os.getpid())
        link = FileLink(acts, MODEL)
        assert link.gallery(AT_LOBBY, now(), MODEL).subjects == (ann.subject,)
        first.kill()
        assert acts.do(look_up, "Ann").state is SubjectState.ENROLLED
        assert acts.status().pid == os.getpid()
        gallery = link.gallery(AT_LOBBY, now(), MODEL)
        assert gallery.subjects == (ann.subject,)
        assert gallery.vectors.any()


def test_one_that_stands_by_takes_over(folder):
    """It has waited for the lock, and answers before anybody else could."""
    with Child("keeper", folder) as first:
        until(lambda: keeping(first, folder))
        with Child("keeper", folder) as second:
            with acts_on(folder) as acts:
                enrol(acts, "Ann", 1)
            until(lambda: second.ready)
            assert not second.keeping
            first.kill()
            until(lambda: keeping(second, folder))
            with acts_on(folder) as acts:
                assert [each.label for each in acts.do(people)] == ["Ann"]
                assert acts.status().pid == second.pid


@pytest.mark.parametrize("after_s", [0.0, 0.02, 0.06])
def test_a_withdrawal_under_way_when_the_keeper_is_killed_is_done(folder, after_s):
    """Whoever asked is told that it is done, and it is."""
    with Child("keeper", folder) as first:
        until(lambda: keeping(first, folder))
        with acts_on(folder) as acts:
            ann = enrol(acts, "Ann", 1)
            done = []
            asking = threading.Thread(target=lambda: done.append(acts.do(withdraw, ann.subject)))
            asking.start()
            time.sleep(after_s)
            first.kill()
            asking.join(60)
            assert done[0].subject == ann.subject
            assert [each.state for each in acts.do(people)] == [SubjectState.WITHDRAWN]
            assert acts.view(AT_LOBBY, now(), MODEL).view.subjects == ()


def test_a_keeper_that_stands_still_is_named_in_the_error(folder):
    """Its process, and what to do; when it goes on, so does whoever waits."""
    with Child("keeper", folder) as first:
        until(lambda: keeping(first, folder))
        with acts_on(folder, deadline_s=3.0) as acts:
            enrol(acts, "Ann", 1)
            first.signal(signal.SIGSTOP)
            try:
                for _ in range(2):
                    with pytest.raises(KeeperSilent, match=str(first.pid)):
                        acts.do(people)
                assert try_to_keep(folder) is None
            finally:
                first.signal(signal.SIGCONT)
            assert len(acts.do(people)) == 1


def test_a_keeper_that_takes_long_is_waited_for(folder):
    """It stands still for a while in the middle of a call."""
    with Child("keeper", folder) as first:
        until(lambda: keeping(first, folder))
        with acts_on(folder) as acts:
            enrol(acts, "Ann", 1)
            first.signal(signal.SIGSTOP)
            timer = threading.Timer(4.0, first.signal, [signal.SIGCONT])
            timer.start()
            assert len(acts.do(people)) == 1
            timer.join()


def test_what_a_file_shows_is_settled_before_it_goes_on(folder):
    """`FileLink.named` returns what is durable, through the death of a keeper."""
    from beholden.acts.sightings.sighting import sightings
    from beholden.model.ids import Epoch, TrackId

    with Child("keeper", folder) as first:
        until(lambda: keeping(first, folder))
        with acts_on(folder) as acts:
            ann = enrol(acts, "Ann", 1)
            link = FileLink(acts, MODEL)
            epoch = Epoch("aaaaaaaaaaaa")
            one = link.named(AT_LOBBY, epoch, TrackId("a-1"), known(ann), now())
            first.kill()
            assert link.named(AT_LOBBY, epoch, TrackId("a-1"), known(ann), now()) == one
            assert [each.id for each in acts.do(sightings)] == [one]
            link.ended(AT_LOBBY, TrackId("a-1"), known(ann), now(), 2.0)


def test_no_acknowledged_sighting_is_lost_or_doubled_by_killing_the_keeper(tmp_path):
    """At random moments, while two clients name people as fast as they can. `benchmarks` runs it longer."""
    outcome = kill_keepers(tmp_path / "data", KILLS, seed=7)
    assert outcome.acknowledged > KILLS
    assert (outcome.lost, outcome.doubled) == ((), ())
    assert outcome.genuine
    assert outcome.stored >= outcome.acknowledged
