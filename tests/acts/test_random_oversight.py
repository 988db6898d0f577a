"""Random histories of oversight, in memory; on both databases in tests/storage/test_histories.py."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from beholden.storage.memory import MemoryStore
from tests.acts.random_oversight import Oversight

SETTINGS = settings(
    max_examples=20,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)


def test_whatever_anybody_does_nothing_happens_that_nobody_agreed_to():
    """Plans, glasses, looks, bars and answers in any order, with a log that works, fails, or fails and persisted."""
    run_state_machine_as_test(lambda: Oversight(lambda: MemoryStore(rehearsal=False)), settings=SETTINGS)
