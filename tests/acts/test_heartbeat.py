"""Each full hour leaves a heartbeat in the log, busy or not; looking at who is known leaves a leaf, too."""

from __future__ import annotations

import pytest

from beholden.acts.grants.people import list_people
from beholden.acts.logged.heartbeat import publish_hour
from beholden.ledger.memory import Weather
from beholden.model.errors import LogUnavailable
from tests.people import enrolled


def told(office, kind):
    return [line.event for line in office.journal.read() if line.event is not None and line.event["kind"] == kind]


def test_each_full_hour_has_one_heartbeat(office, clock):
    """However often it is asked, and though nothing happened; hours in which nobody ran have none."""
    for _ in range(3):
        publish_hour(office)
    assert told(office, "heartbeat") == []
    clock.pass_by(hours=1)
    for _ in range(3):
        publish_hour(office)
    clock.pass_by(hours=5)
    publish_hour(office)
    assert [each["hours"] for each in told(office, "heartbeat")] == [1, 5]


def test_who_is_known_is_shown_to_nobody_while_the_log_cannot_say_so(office, log):
    """Then with a leaf, which says how many they were and nobody's name."""
    enrolled(office, "Ann", 1)
    log.weather = Weather.FAILS
    with pytest.raises(LogUnavailable):
        list_people(office)
    log.weather = Weather.WORKS
    assert [person.label for person in list_people(office)] == ["Ann"]
    assert [each["people"] for each in told(office, "people_listed")] == [1]
