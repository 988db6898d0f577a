"""What becomes of a grant that is corrected: never more at once, and never less than what both allow."""

from __future__ import annotations

from datetime import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beholden.consent.correction import Correction, Terms, corrected, within
from beholden.model.grant import Hours
from beholden.model.ids import PlaceId

LOBBY, YARD, GATE = (PlaceId(name) for name in ("lobby", "yard", "gate"))
BOTH = frozenset({LOBBY, YARD})
DAYTIME = Hours(time(8), time(20))


def at(*places: PlaceId, hours: str | None = None, recordings: bool = False) -> Terms:
    return Terms(frozenset(places), None if hours is None else Hours.parse(hours), recordings)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (at(LOBBY, YARD), at(LOBBY)),
        (at(LOBBY), at(LOBBY, hours="08:00-20:00")),
        (at(LOBBY, hours="08:00-20:00"), at(LOBBY, hours="08:01-19:59")),
        (at(LOBBY, hours="22:00-06:00"), at(LOBBY, hours="23:00-05:00")),
        (at(LOBBY, hours="22:00-06:00"), at(LOBBY, hours="01:00-06:00")),
        (at(LOBBY, recordings=True), at(LOBBY)),
        (at(recordings=True), at()),
        (at(LOBBY, hours="08:00-20:00", recordings=True), at(LOBBY, hours="08:00-20:00", recordings=True)),
    ],
)
def test_less_takes_effect_at_once_and_needs_no_new_grant(old, new):
    """Fewer places, fewer hours, an unticked box; or nothing at all."""
    assert corrected(old, new) == Correction(new, None)


@pytest.mark.parametrize(
    ("old", "new", "left"),
    [
        (at(LOBBY), at(LOBBY, YARD), at(LOBBY)),
        (at(LOBBY, YARD), at(YARD, GATE), at(YARD)),
        (at(LOBBY), at(YARD), None),
        (at(LOBBY), at(LOBBY, recordings=True), at(LOBBY)),
        (at(LOBBY, recordings=True), at(LOBBY, YARD, recordings=True), at(LOBBY, recordings=True)),
        (at(LOBBY, YARD, recordings=True), at(LOBBY, GATE), at(LOBBY)),
        (at(), at(recordings=True), at()),
        (at(LOBBY, hours="08:00-20:00"), at(LOBBY), at(LOBBY, hours="08:00-20:00")),
        (at(LOBBY), at(LOBBY, YARD, hours="08:00-20:00"), at(LOBBY, hours="08:00-20:00")),
        (at(LOBBY, hours="08:00-20:00"), at(LOBBY, hours="07:59-12:00"), at(LOBBY, hours="08:00-12:00")),
        (at(LOBBY, hours="08:00-12:00"), at(LOBBY, hours="11:59-20:00"), at(LOBBY, hours="11:59-12:00")),
        (at(LOBBY, hours="00:00-00:02"), at(LOBBY, YARD, hours="00:01-00:03"), at(LOBBY, hours="00:01-00:02")),
        (at(LOBBY, hours="00:01-00:00"), at(LOBBY, YARD, hours="00:01-00:00"), at(LOBBY, hours="00:01-00:00")),
        (at(LOBBY, hours="08:00-12:00"), at(LOBBY, hours="12:00-20:00"), None),
        (at(LOBBY, hours="22:00-06:00"), at(LOBBY, hours="20:00-01:00"), at(LOBBY, hours="22:00-01:00")),
        (at(LOBBY, hours="22:00-06:00"), at(LOBBY, hours="05:00-23:00"), at(LOBBY, hours="05:00-06:00")),
        (at(LOBBY, hours="22:00-06:00"), at(LOBBY, hours="04:00-23:00"), at(LOBBY, hours="04:00-06:00")),
        (at(LOBBY, hours="21:00-06:00"), at(LOBBY, hours="05:00-23:00"), at(LOBBY, hours="21:00-23:00")),
        (at(LOBBY, hours="00:00-24:00"), at(LOBBY, YARD, hours="05:00-05:00"), at(LOBBY, hours="00:00-24:00")),
    ],
)
def test_more_waits_for_a_new_grant_and_what_is_no_longer_wanted_goes_at_once(old, new, left):
    """What is left meanwhile is what both allow."""
    assert corrected(old, new) == Correction(left, new)


def test_a_grant_without_any_of_its_places_is_over():
    """Nothing is left that could hold."""
    assert corrected(at(LOBBY), at()) == Correction(None, None)


def hours_of_a_day():
    clock = st.builds(time, st.integers(0, 23), st.sampled_from([0, 1, 30, 59]))
    return st.none() | st.builds(Hours, clock, clock)


terms = st.builds(Terms, st.frozensets(st.sampled_from([LOBBY, YARD, GATE])), hours_of_a_day(), st.booleans())


def allowed(term: Terms | None) -> set[object]:
    """Everything that terms allow, one by one, every tenth minute; written from their meaning."""
    if term is None:
        return set()
    found: set[object] = set()
    for minute in (*range(0, 1440, 10), *range(1, 1440, 30), *range(59, 1440, 60), *range(29, 1440, 30)):
        clock = time(minute // 60, minute % 60)
        if term.hours is None or term.hours.hold(clock):
            found |= {(place, minute) for place in term.places}
    if term.recordings and term.hours is None:
        found.add("files")
    return found


@given(terms, terms)
@settings(max_examples=150, deadline=None)
def test_no_correction_allows_at_once_what_was_not_agreed_or_is_not_wanted(old, new):
    """Whatever is asked for; and what was within goes through as it is."""
    found = corrected(old, new)
    assert allowed(found.at_once) <= allowed(old) & allowed(new)
    assert (found.afresh is None) == within(new, old)
    if found.afresh is None:
        assert found.at_once == (None if old.places and not new.places else new)
        assert allowed(new) <= allowed(old)
    else:
        assert found.afresh == new


def test_terms_hold_at_any_time_and_in_no_files_unless_it_is_said():
    """What is left out is not agreed to."""
    assert Terms(BOTH) == Terms(BOTH, None, recordings=False)
    assert not within(Terms(BOTH, DAYTIME, recordings=True), Terms(BOTH, DAYTIME))
