"""A snapshot that reads only what changed is the one that reads everything."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from beholden.acts.grants import rehearse
from beholden.acts.grants.life import look_after
from beholden.acts.grants.pause import pause, resume
from beholden.acts.grants.withdraw import withdraw
from beholden.consent.correction import Terms
from beholden.consent.keystore import Keystore
from beholden.ledger.memory import MemoryLog
from beholden.model.grant import Hours, Purpose
from beholden.storage.database import Database
from tests.acts.houses import GATE, live_office
from tests.people import ENTRANCE, LOBBY, NOW, Clock, enrolled


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "b.db"
    Database.create(path, "f", rehearsal=True, moment=NOW).close()
    return path


def test_after_every_act_it_is_what_somebody_reads_who_never_read_before(path, tmp_path, clock):
    """Also where another one acted; and what is as it was is the same record."""
    keystore, log = Keystore.create(tmp_path / "keystore"), MemoryLog()
    with Database.open(path) as database, Database.open(path) as other:
        here, there = (live_office(each, keystore, log, clock) for each in (database, other))
        both = replace(ENTRANCE, purposes=(*ENTRANCE.purposes, Purpose.PHOTOS))
        ann, ben = enrolled(here, "Ann", 1), enrolled(there, "Ben", 2, both)
        [grant, photos] = ben.grants
        own = ann.grants[0].id
        acts = (
            lambda: None,
            lambda: pause(there, ann.subject),
            lambda: resume(here, ann.subject),
            lambda: rehearse.correct(there, ann.subject, own, Terms(frozenset({LOBBY}), Hours.parse("08:00-20:00"))),
            lambda: rehearse.correct(there, ben.subject, grant.id, Terms(frozenset({LOBBY, GATE}))),
            lambda: rehearse.withdraw(there, ben.subject, photos.id),
            lambda: rehearse.renew(there, ann.subject, own, 20),
            lambda: (clock.pass_by(days=31), look_after(there)),
            lambda: withdraw(there, ben.subject),
            lambda: enrolled(there, "Cid", 3),
            lambda: withdraw(here, ann.subject),
        )
        for number, act in enumerate(acts):
            act()
            before = database.snapshot()
            with Database.open(path) as fresh:
                assert before == fresh.snapshot(), number
            again = database.snapshot()
            assert (again.grants, again.templates) == (before.grants, before.templates)
            assert again.grants is before.grants
            assert again.standings is before.standings


def test_a_template_that_is_sealed_anew_is_another_one(path, tmp_path, clock):
    """Of the same length, for the same person: its tag differs."""
    keystore, log = Keystore.create(tmp_path / "keystore"), MemoryLog()
    with Database.open(path) as database:
        office = live_office(database, keystore, log, clock)
        ann = enrolled(office, "Ann", 1)
        [old] = database.snapshot().templates
        withdraw(office, ann.subject)
        clock.pass_by(days=1)
        again = enrolled(office, "Ann", 1)
        [new] = database.snapshot().templates
        assert (new.subject, new.captured_at) == (again.subject, NOW + timedelta(days=1))
        assert new.sealed != old.sealed
