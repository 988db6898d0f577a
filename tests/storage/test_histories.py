"""Random histories on the databases that users have: what holds in memory (tests/acts) holds on them, too."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from beholden.consent.keystore import Keystore
from beholden.storage.database import Database
from beholden.storage.postgresql import PostgresqlServer
from beholden.storage.sqlite import SqliteFile
from tests.acts.random_oversight import Oversight
from tests.acts.test_grant_years import live_for
from tests.acts.test_random_histories import Histories
from tests.people import NOW
from tests.storage.conftest import as_new

FEW = settings(
    max_examples=7,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
MakeDatabase = Callable[[bool], Database]


@pytest.fixture(params=["sqlite", "postgresql"])
def made(request, tmp_path) -> Iterator[MakeDatabase]:
    """An empty database of each engine, of a rehearsal or live; one at a time, as new each time it is asked for."""
    opened: list[Database] = []

    def make(rehearsal: bool) -> Database:
        if not opened:
            backend = (
                SqliteFile(tmp_path / "histories.db")
                if request.param == "sqlite"
                else PostgresqlServer(request.getfixturevalue("server").new())
            )
            opened.append(Database.create(backend, "f", rehearsal=rehearsal, moment=NOW))
        as_new(opened[0])
        return opened[0]

    yield make
    for each in opened:
        each.close()


def test_whatever_happens_to_people_the_database_agrees_with_a_plain_model(made):
    """Invited, enrolled, paused, seen, withdrawn, with a log that works, fails, or fails and persisted."""
    run_state_machine_as_test(lambda: Histories(lambda: made(True)), settings=FEW)


def test_whatever_anybody_does_nothing_happens_that_nobody_agreed_to(made):
    """Plans, glasses, looks, bars and answers in any order."""
    run_state_machine_as_test(lambda: Oversight(lambda: made(False)), settings=FEW)


def test_a_year_and_more_of_a_few_people_is_as_the_rules_say(made, tmp_path):
    """With a keeper that is away or killed and a clock that is set: longer than any grant lasts without a yes."""
    live_for(400, random.Random(7), made(False), Keystore.create(tmp_path / "keystore"))
