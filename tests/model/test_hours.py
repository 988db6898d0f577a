"""Hours are what the clock on the wall of the place says, also when it jumps."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beholden.model.grant import Capture, Hours, Place
from beholden.model.ids import PlaceId

ZONES = ("Europe/Lisbon", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")


def place(zone, hours):
    return Place(PlaceId("p"), zone, Capture.LANE, hours=None if hours is None else Hours.parse(hours))


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("08:00-20:00", time(8), time(20)),
        ("22:30-06:15", time(22, 30), time(6, 15)),
        ("00:00-24:00", time(0), time(0)),
        ("08:00-24:00", time(8), time(0)),
        ("23:59-00:00", time(23, 59), time(0)),
    ],
)
def test_hours_are_read_as_they_are_written(text, start, end):
    """Whole minutes; 24:00 is midnight."""
    assert Hours.parse(text) == Hours(start, end)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "8-20",
        "8:00-20:00",
        "08:00",
        "08:00-",
        "08:00-25:00",
        "08:60-09:00",
        "24:00-08:00",
        "08:00-24:01",
        "08:00 - 20:00",
        "08:00-20:00\n",
        "08:00:00-20:00:00",
        "08.00-20.00",
        "٠٨:٠٠-٢٠:٠٠",
        "08:00-20:00,21:00-22:00",
    ],
)
def test_other_spellings_of_hours_are_refused(text):
    """ValueError, which says how it is written."""
    with pytest.raises(ValueError, match="08:00-20:00"):
        Hours.parse(text)


def test_a_place_without_hours_is_always_open():
    """And one from midnight to midnight too."""
    for hours in (None, "00:00-24:00", "07:00-07:00"):
        assert all(place("Asia/Kathmandu", hours).open_at(datetime(2026, 1, 1, h, tzinfo=UTC)) for h in range(24))


GOLDEN = [
    # Lisbon: 01:00 became 02:00 on 29 March 2026, and 02:00 became 01:00 on 25 October, both at 01:00 UTC.
    ("Europe/Lisbon", "00:30-01:30", "2026-03-29T00:59:59", True),
    ("Europe/Lisbon", "00:30-01:30", "2026-03-29T01:00:00", False),  # 02:00 on the wall: 01:30 never came
    ("Europe/Lisbon", "01:30-03:00", "2026-03-29T00:59:59", False),
    ("Europe/Lisbon", "01:30-03:00", "2026-03-29T01:00:00", True),  # 02:00 on the wall: it began with the jump
    ("Europe/Lisbon", "01:30-03:00", "2026-03-29T02:00:00", False),  # 03:00
    ("Europe/Lisbon", "01:00-01:30", "2026-10-25T00:00:00", True),  # 01:00, the first time
    ("Europe/Lisbon", "01:00-01:30", "2026-10-25T00:30:00", False),
    ("Europe/Lisbon", "01:00-01:30", "2026-10-25T01:00:00", True),  # 01:00, the second time
    ("Europe/Lisbon", "01:00-01:30", "2026-10-25T01:30:00", False),
    # New York: 02:00 became 03:00 on 8 March (07:00 UTC), 02:00 became 01:00 on 1 November (06:00 UTC).
    ("America/New_York", "22:00-02:30", "2026-03-08T06:59:59", True),  # 01:59:59
    ("America/New_York", "22:00-02:30", "2026-03-08T07:00:00", False),  # 03:00
    ("America/New_York", "22:00-02:30", "2026-11-01T05:59:59", True),  # 01:59:59 in summer
    ("America/New_York", "22:00-02:30", "2026-11-01T07:29:59", True),  # 02:29:59 in winter
    ("America/New_York", "22:00-02:30", "2026-11-01T07:30:00", False),
    # Lord Howe Island jumps by half an hour: 02:00 to 01:30 on 5 April (15:00 UTC the day before),
    # and 02:00 to 02:30 on 4 October (15:30 UTC the day before).
    ("Australia/Lord_Howe", "01:30-01:45", "2026-04-04T14:30:00", True),
    ("Australia/Lord_Howe", "01:30-01:45", "2026-04-04T14:45:00", False),
    ("Australia/Lord_Howe", "01:30-01:45", "2026-04-04T15:00:00", True),
    ("Australia/Lord_Howe", "01:30-01:45", "2026-04-04T15:15:00", False),
    ("Australia/Lord_Howe", "02:00-02:30", "2026-10-03T15:29:59", False),  # 01:59:59
    ("Australia/Lord_Howe", "02:00-02:30", "2026-10-03T15:30:00", False),  # 02:30
    ("Australia/Lord_Howe", "01:00-02:15", "2026-10-03T15:30:00", False),
    # Kathmandu: five hours and three quarters ahead, all year.
    ("Asia/Kathmandu", "08:00-20:00", "2026-03-29T02:14:59", False),
    ("Asia/Kathmandu", "08:00-20:00", "2026-03-29T02:15:00", True),
    ("Asia/Kathmandu", "08:00-20:00", "2026-03-29T14:14:59", True),
    ("Asia/Kathmandu", "08:00-20:00", "2026-03-29T14:15:00", False),
]


@pytest.mark.parametrize(("zone", "hours", "utc", "held"), GOLDEN)
def test_hours_around_a_jump_of_the_clock(zone, hours, utc, held):
    """Worked out by hand from the zones' own rules."""
    assert place(zone, hours).open_at(datetime.fromisoformat(utc).replace(tzinfo=UTC)) is held


@pytest.mark.parametrize(
    ("zone", "hours", "day", "minutes"),
    [
        ("Europe/Lisbon", "01:00-02:00", date(2026, 3, 29), 0),  # the hour that is skipped
        ("Europe/Lisbon", "01:00-02:00", date(2026, 10, 25), 120),  # the hour that comes twice
        ("Europe/Lisbon", "01:00-02:00", date(2026, 6, 1), 60),
        ("Europe/Lisbon", "22:00-06:00", date(2026, 3, 28), 7 * 60),
        ("Europe/Lisbon", "22:00-06:00", date(2026, 10, 24), 9 * 60),
        ("America/New_York", "02:00-03:00", date(2026, 3, 8), 0),
        ("America/New_York", "01:00-02:00", date(2026, 11, 1), 120),
        ("America/New_York", "20:00-08:00", date(2026, 3, 7), 11 * 60),
        ("America/New_York", "20:00-08:00", date(2026, 10, 31), 13 * 60),
        ("Australia/Lord_Howe", "02:00-02:30", date(2026, 10, 4), 0),
        ("Australia/Lord_Howe", "01:30-02:00", date(2026, 4, 5), 60),
        ("Australia/Lord_Howe", "23:00-05:00", date(2026, 10, 3), 5 * 60 + 30),
        ("Australia/Lord_Howe", "23:00-05:00", date(2026, 4, 4), 6 * 60 + 30),
        ("Asia/Kathmandu", "22:00-06:00", date(2026, 3, 28), 8 * 60),
        ("Asia/Kathmandu", "08:00-20:00", date(2026, 10, 25), 12 * 60),
    ],
)
def test_how_long_a_place_is_open_from_a_day_on(zone, hours, day, minutes):
    """Minutes from noon before to noon after the night of the jump, or of the day itself."""
    here, wall = place(zone, hours), ZoneInfo(zone)
    over_midnight = here.hours.start > here.hours.end
    begin = datetime.combine(day, time(12) if over_midnight else time(0), wall).astimezone(UTC)
    end = datetime.combine(day + timedelta(days=1), time(12) if over_midnight else time(0), wall).astimezone(UTC)
    length = (end - begin) // timedelta(minutes=1)
    assert sum(here.open_at(begin + timedelta(minutes=n)) for n in range(length)) == minutes


jumps = st.sampled_from(
    [
        "2026-03-08T07:00:00",
        "2026-03-29T01:00:00",
        "2026-04-04T15:00:00",
        "2026-07-01T00:00:00",
        "2026-10-03T15:30:00",
        "2026-10-25T01:00:00",
        "2026-11-01T06:00:00",
    ]
).map(lambda text: datetime.fromisoformat(text).replace(tzinfo=UTC))


@given(jumps, st.integers(-2 * 86400, 2 * 86400), st.sampled_from(ZONES), st.integers(0, 1439), st.integers(0, 1439))
def test_hours_agree_with_the_minutes_on_the_wall(jump, seconds, zone, start, end):
    """Counted from the offset to UTC, as somebody with a watch and a calendar would."""
    moment = jump + timedelta(seconds=seconds)
    offset = moment.astimezone(ZoneInfo(zone)).utcoffset()
    minute = ((moment - datetime(1970, 1, 1, tzinfo=UTC) + offset) // timedelta(minutes=1)) % 1440
    inside = start <= minute < end if start < end else minute >= start or minute < end
    hours = Hours(time(start // 60, start % 60), time(end // 60, end % 60))
    assert hours.hold_at(moment, zone) == inside
    assert Place(PlaceId("p"), zone, hours=hours).open_at(moment) == inside
