"""The policy decides as its sentences say; `make faults` asks ten times as often."""

from __future__ import annotations

import pytest
from benchmarks.policy_oracle import disagreements

from benchmarks import policy_oracle

REQUESTS = 100_000


def test_a_hundred_thousand_random_requests_are_decided_as_the_rules_say():
    """Half ask for a grant, half look at somebody under one."""
    assert disagreements(REQUESTS, seed=5) == []


@pytest.mark.parametrize("decides", ["refusal", "may_be_seen"])
def test_a_rule_that_is_decided_otherwise_is_noticed(monkeypatch, decides):
    """One that allows everything."""
    monkeypatch.setattr(policy_oracle, decides, lambda *_: None)
    assert len(disagreements(1000, seed=5)) > 100
