"""What is known of the time, by a clock that may be wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from beholden.consent.known_time import MOST_WRONG, KnownTime, known_from, seen

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)


def test_it_begins_with_the_clock_as_it_is():
    """Nothing else is known then."""
    assert known_from(NOON) == KnownTime(NOON, NOON, certain=True)
    assert known_from(NOON).now == NOON


def test_a_clock_that_goes_right_is_believed():
    """Hour after hour, without any other source."""
    known = known_from(NOON)
    for hour in range(1, 1000):
        known = seen(known, NOON + hour * HOUR, HOUR)
        assert known.now == NOON + hour * HOUR


@pytest.mark.parametrize("sign", [1, -1])
def test_a_clock_is_believed_up_to_a_quarter_of_an_hour_off_and_no_further(sign):
    """Ahead or behind, to the microsecond."""
    at, wrong = NOON + HOUR, sign * MOST_WRONG
    assert seen(known_from(NOON), at + wrong, HOUR).now == at + wrong
    assert seen(known_from(NOON), at + wrong + sign * TICK, HOUR).now is None


def test_a_day_ahead_puts_the_time_in_doubt_and_leaves_no_trace_when_it_is_put_right():
    """What was in doubt was never taken for the time."""
    known = known_from(NOON)
    for hour in range(1, 25):
        known = seen(known, NOON + DAY + hour * HOUR, HOUR)
        assert (known.now, known.latest) == (None, NOON)
    assert seen(known, NOON + 25 * HOUR, HOUR).now == NOON + 25 * HOUR


def test_a_clock_set_back_a_little_lets_the_time_stand_still():
    """It does not go back."""
    known = seen(known_from(NOON), NOON + HOUR, HOUR)
    known = seen(known, NOON + HOUR - MOST_WRONG, timedelta(0))
    assert known.now == NOON + HOUR
    assert seen(known, NOON + HOUR + TICK, MOST_WRONG).now == NOON + HOUR + TICK


def test_small_steps_in_one_direction_add_up():
    """A clock that is set ahead again and again is not believed for longer than one that is set once."""
    known, reading = known_from(NOON), NOON
    for _ in range(3):
        reading += timedelta(minutes=5)
        known = seen(known, reading, timedelta(0))
        assert known.now == reading
    assert seen(known, reading + TICK, timedelta(0)).now is None


def test_time_while_the_machine_was_off_is_not_known_to_have_passed():
    """A restart is quick; after a week off, a trusted source has to say that it was a week."""
    known = seen(known_from(NOON), NOON + timedelta(minutes=2), None)
    assert known.now == NOON + timedelta(minutes=2)
    known = seen(known, NOON + 7 * DAY, None)
    assert (known.now, known.latest) == (None, NOON + timedelta(minutes=2))
    known = seen(known, NOON + 7 * DAY + HOUR, HOUR)
    assert known.now is None
    known = seen(known, NOON + 7 * DAY + 2 * HOUR, HOUR, trusted=True)
    assert known.now == NOON + 7 * DAY + 2 * HOUR
    assert seen(known, NOON + 7 * DAY + 3 * HOUR, HOUR).now == NOON + 7 * DAY + 3 * HOUR


def test_what_passed_is_never_less_than_nothing():
    """A broken counter takes no time back."""
    assert seen(known_from(NOON), NOON, -HOUR) == known_from(NOON)


def test_a_trusted_source_a_little_behind_lets_the_time_stand_still():
    """Up to a quarter of an hour; and what is sure from then on is its word."""
    known = seen(known_from(NOON), NOON - MOST_WRONG, trusted=True)
    assert known == KnownTime(NOON, NOON - MOST_WRONG, certain=True)


def test_a_trusted_source_takes_a_wrong_mark_back():
    """Else a source that once said 2030 would stop everything until then."""
    wrong = seen(known_from(NOON), NOON + 1500 * DAY, trusted=True)
    assert wrong.now == NOON + 1500 * DAY
    right = seen(wrong, NOON + HOUR, trusted=True)
    assert right == KnownTime(NOON + HOUR, NOON + HOUR, certain=True)
    edge = seen(known_from(NOON), NOON - MOST_WRONG - TICK, trusted=True)
    assert edge.now == NOON - MOST_WRONG - TICK


def test_days_are_added_to_instants_and_not_to_a_clock_on_a_wall():
    """Readings of another zone become UTC, so that a day in which the clocks change has 24 hours."""
    berlin = datetime(2027, 3, 27, 12, tzinfo=ZoneInfo("Europe/Berlin"))
    for known in (known_from(berlin), seen(known_from(NOON), berlin, trusted=True)):
        assert known.latest.tzinfo is UTC
        assert known.sure.tzinfo is UTC
        assert known.latest + DAY - berlin == DAY
        assert known.latest + DAY != berlin + DAY
