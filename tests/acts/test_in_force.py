"""Settings and policy have a leaf before anything happens under them, when they changed and only then."""

from __future__ import annotations

import pytest

from beholden.acts.approvals.in_force import POLICY, SETTINGS, digest_of, put_in_force
from beholden.ledger.memory import Weather
from beholden.model.errors import LogUnavailable
from tests.acts.test_heartbeat import told

LINES = ("a = 1", "b = 2", "c = 3")


def test_what_holds_first_is_logged_whole_and_again_only_when_it_changes(office):
    """With what went and what came."""
    assert put_in_force(office, SETTINGS, LINES)
    assert not put_in_force(office, SETTINGS, LINES)
    assert put_in_force(office, SETTINGS, ("a = 1", "b = 20", "c = 3"))
    first, second = told(office, "rules_changed")
    assert first["changed"] == ["+ a = 1", "+ b = 2", "+ c = 3"]
    assert second["changed"] == ["- b = 2", "+ b = 20"]
    assert [each["digest"] for each in (first, second)] == [digest_of(LINES), digest_of(("a = 1", "b = 20", "c = 3"))]
    assert {each["rules"] for each in (first, second)} == {"settings"}


def test_settings_and_policy_are_known_apart(office):
    """The same lines are new to the other."""
    assert put_in_force(office, SETTINGS, LINES)
    assert put_in_force(office, POLICY, LINES)
    assert not put_in_force(office, SETTINGS, LINES)


def test_rules_of_nothing_are_rules(office):
    """All of it went."""
    put_in_force(office, SETTINGS, LINES)
    assert put_in_force(office, SETTINGS, ())
    assert not put_in_force(office, SETTINGS, ())


def test_while_the_log_fails_nothing_comes_into_force(office, log, store):
    """And it is logged when it works again."""
    log.weather = Weather.FAILS
    with pytest.raises(LogUnavailable):
        put_in_force(office, SETTINGS, LINES)
    assert store.in_force(SETTINGS) is None
    log.weather = Weather.WORKS
    assert put_in_force(office, SETTINGS, LINES)
    assert store.in_force(SETTINGS) == LINES


def test_two_lines_have_another_digest_than_one_that_is_both():
    """Ends of lines count."""
    assert digest_of(["ab", "c"]) != digest_of(["a", "bc"])
