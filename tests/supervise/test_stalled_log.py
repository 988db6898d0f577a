"""The disk of the log hangs under a keeper: nobody is named, everything else goes on, and so do names afterwards."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import pytest

from beholden.acts.office import open_office
from beholden.acts.sightings.sighting import sightings
from beholden.ledger.log import FileLog
from beholden.model.errors import BeholdenError, KeeperSilent
from beholden.model.ids import Epoch, TrackId
from beholden.storage.folder import LOG, SEEN
from beholden.supervise.keeper.acting import acting
from beholden.supervise.keeper.committer import Committer
from beholden.supervise.keeper.desk import OpenedOffice
from beholden.supervise.keeper.keeper import OpenOffice
from beholden.supervise.keeper.link import KeeperLink
from tests.people import MODEL
from tests.supervise.folders import AT_LOBBY, enrol, known, made, now, opener, until

EPOCH = Epoch("aaaaaaaaaaaa")


class Disk:
    """The disk of a log, which hangs while it is told to: appends to it wait."""

    def __init__(self) -> None:
        self.goes = threading.Event()
        self.goes.set()
        self.waiting = 0

    def of(self, log: FileLog) -> FileLog:
        """The log on this disk."""
        real = log.append

        def append(*arguments):
            self.waiting += 1
            self.goes.wait(60)
            self.waiting -= 1
            return real(*arguments)

        log.append = append  # type: ignore[method-assign]
        return log


@pytest.fixture
def folder(tmp_path):
    return made(tmp_path / "data")


@pytest.fixture
def disk():
    return Disk()


@pytest.fixture
def acts(folder, disk):
    with acting(folder, on(disk, folder)) as acts:
        yield acts
        disk.goes.set()


@pytest.fixture
def link(folder):
    link = KeeperLink(folder, MODEL, now)
    yield link
    link.close()


def on(disk, folder) -> OpenOffice:
    """What opens the folder with both of its logs on this disk."""

    def open_it() -> OpenedOffice:
        opened = opener(folder)()
        log, seen = (disk.of(FileLog.open(folder / name)) for name in (LOG, SEEN))
        office = opened.office
        there = open_office(office.store, office.keystore, log, now, threading.RLock, seen)
        return replace(opened, office=there)

    return open_it


def name(link, enrolment, track):
    """The sighting, None as long as there is none."""
    try:
        return link.settle().named(AT_LOBBY, EPOCH, TrackId(track), known(enrolment), now())
    except BeholdenError:
        return None


def seen_at_the_lobby(link):
    """Who may be seen there; nobody on a machine so busy that the keeper's last beat is too old."""
    try:
        return link.gate().gallery(AT_LOBBY, now(), MODEL).subjects
    except KeeperSilent:
        return ()


def test_while_the_log_hangs_nobody_is_named_and_afterwards_they_are_by_themselves(acts, link, disk):
    """Views hold, questions are answered; what was asked for again and again is one sighting."""
    ann, ben = enrol(acts, "Ann", 1), enrol(acts, "Ben", 2)
    until(lambda: name(link, ann, "a-1"))
    disk.goes.clear()
    asked = time.monotonic()
    while not (disk.waiting and time.monotonic() > asked + 4):  # longer than a name is waited for
        assert name(link, ben, "b-1") is None
        time.sleep(0.05)
    until(lambda: ben.subject in seen_at_the_lobby(link))
    assert acts.status().trouble is None
    disk.goes.set()
    until(lambda: name(link, ben, "b-1"))
    assert len([each for each in acts.do(sightings) if each.subject == ben.subject]) == 1


def test_questions_do_not_pile_up_while_the_log_hangs():
    """Each is refused in time and forgotten; only the batch that is under way is still there."""
    goes, done = threading.Event(), []

    def settle_many(named):
        goes.wait(60)
        done.append(len(named))
        return [KeyError] * len(named)

    committer = Committer(settle_many, window_s=0.0, patience_s=0.1)
    for _ in range(5):
        with pytest.raises(KeeperSilent, match="did not take a name in time"):
            committer.settle(["somebody"])
    goes.set()
    committer.close()
    assert done == [1]
