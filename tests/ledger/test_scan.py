"""Own leaves: exactly those, by the key of their month, among leaves that look alike."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import UTC, datetime, timedelta, timezone

import pytest

from beholden.ledger.leaf import Leaf, Month, new_leaf, parse_leaf, tag
from beholden.ledger.scan import own_leaves
from beholden.ledger.tiles import WIDTH, encode_leaves

NOVEMBER, DECEMBER = Month(2026, 11), Month(2026, 12)
LAST_HOUR, FIRST_HOUR = datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)


def leaf(moment: datetime, key: bytes | None = None) -> bytes:
    return new_leaf(secrets.token_bytes(32), moment, key).encoded()


def bundles(leaves: list[bytes]) -> list[bytes]:
    return [encode_leaves(leaves[at : at + WIDTH]) for at in range(0, len(leaves), WIDTH)]


@pytest.fixture
def key() -> bytes:
    return secrets.token_bytes(32)


def test_a_tag_is_the_hmac_of_the_nonce(key, moment):
    """As the standard library makes it; the rest of the leaf has no part in it."""
    made = parse_leaf(leaf(moment, key))
    assert made.tag == tag(key, made.nonce) == hmac.new(key, made.nonce, hashlib.sha256).digest()


def test_a_leaf_without_a_key_has_a_random_tag(key, moment):
    """It is nobody's, and of the same length."""
    one, two = parse_leaf(leaf(moment)), parse_leaf(leaf(moment))
    assert len(one.tag) == 32
    assert one.tag != two.tag
    assert own_leaves(bundles([one.encoded(), two.encoded()]), {NOVEMBER: key}) == []


@pytest.mark.parametrize("size", [0, 31, 33])
def test_keys_are_32_bytes(size, moment):
    """A shorter or longer one is a mistake of the caller."""
    with pytest.raises(ValueError, match="32"):
        new_leaf(bytes(32), moment, bytes(size))
    with pytest.raises(ValueError, match="32"):
        own_leaves([], {NOVEMBER: bytes(size)})


def test_exactly_the_own_leaves_are_found(key, moment):
    """At both ends of bundles and of the log, next to each other, across 1,000 leaves."""
    own = [0, 1, 255, 256, 511, 512, 700, 999]
    stored = bundles([leaf(moment, key if n in own else None) for n in range(1000)])
    assert own_leaves(stored, {NOVEMBER: key}) == own


def test_numbers_count_on_from_the_first_that_is_given(key, moment):
    """A part of the log is scanned with the numbers that it has in the whole."""
    assert own_leaves(bundles([leaf(moment), leaf(moment, key)]), {NOVEMBER: key}, first=512) == [513]


def test_none_are_found_for_another_key(key, moment):
    """Not those of others, and not with a key that differs by one bit."""
    stored = bundles([leaf(moment, key) for _ in range(300)])
    assert own_leaves(stored, {NOVEMBER: bytes([key[0] ^ 1]) + key[1:]}) == []
    assert own_leaves(stored, {}) == []


def test_a_key_counts_in_its_month_only(key):
    """From its first hour to its last; the same key for the month next to it finds nothing there."""
    stored = bundles([leaf(LAST_HOUR, key), leaf(FIRST_HOUR, key)])
    assert own_leaves(stored, {NOVEMBER: key}) == [0]
    assert own_leaves(stored, {DECEMBER: key}) == [1]
    assert own_leaves(stored, {NOVEMBER: key, DECEMBER: key}) == [0, 1]


def test_each_month_has_its_own_key(key):
    """A leaf tagged with the key of another month is not found: keys that were exchanged find nothing."""
    later = secrets.token_bytes(32)
    stored = bundles([leaf(LAST_HOUR, key), leaf(FIRST_HOUR, later)])
    assert own_leaves(stored, {NOVEMBER: key, DECEMBER: later}) == [0, 1]
    assert own_leaves(stored, {NOVEMBER: later, DECEMBER: key}) == []


def test_months_are_of_utc_and_follow_each_other():
    """No hour belongs to two of them or to none; a moment elsewhere is counted where it is in UTC."""
    months = [Month(2027 + n // 12, n % 12 + 1) for n in range(36)]
    hours = [month.hours() for month in months]
    assert [each.stop for each in hours[:-1]] == [each.start for each in hours[1:]]
    assert sum(map(len, hours)) == (365 + 366 + 365) * 24
    assert Month.of(datetime(2026, 12, 1, 0, 30, tzinfo=timezone(timedelta(hours=1)))) == NOVEMBER
    assert parse_leaf(leaf(LAST_HOUR)).hour == NOVEMBER.hours()[-1]
    assert parse_leaf(leaf(FIRST_HOUR)).hour == DECEMBER.hours()[0]


def test_other_leaves_between_are_passed_over_and_counted(key, moment):
    """Of another length, or another version of the same length, even with a good tag."""
    newer = b"\x02" + leaf(moment, key)[1:]
    stored = bundles([leaf(moment, key), b"", newer, b"x" * 300, leaf(moment, key)])
    assert own_leaves(stored, {NOVEMBER: key}) == [0, 4]
    assert own_leaves(bundles([newer, newer]), {NOVEMBER: key}) == []


def test_a_bundle_that_is_cut_off_is_refused(key, moment):
    """Its leaves are not passed over in silence."""
    with pytest.raises(ValueError, match="cut off"):
        own_leaves([bundles([leaf(moment, key)])[0][:-1]], {NOVEMBER: key})


def test_a_leaf_of_any_hour_is_no_trouble(key):
    """Hours come from strangers: four bytes of anything."""
    extremes = [Leaf(hour, bytes(32), bytes(16), tag(key, bytes(16))).encoded() for hour in (0, 2**32 - 1)]
    assert own_leaves(bundles(extremes), {NOVEMBER: key}) == []
