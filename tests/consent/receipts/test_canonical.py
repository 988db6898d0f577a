"""A JSON document has one text, and only that text is read."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beholden.consent.receipts.canonical import EXACT, LARGEST, canonical, parse, written
from beholden.consent.receipts.said import Status
from beholden.model.errors import InputError
from tests.consent.receipts.second_jcs import jcs

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
LEAVES = st.none() | st.booleans() | st.integers(-EXACT, EXACT) | TEXTS
VALUES = st.recursive(LEAVES, lambda each: st.lists(each, max_size=4) | st.dictionaries(TEXTS, each, max_size=4))
OBJECTS = st.dictionaries(TEXTS, VALUES, max_size=5)


@settings(max_examples=200, deadline=None)
@given(VALUES)
def test_it_is_what_a_second_implementation_writes(value):
    """Byte for byte."""
    assert canonical(value) == jcs(value)


@settings(max_examples=100, deadline=None)
@given(OBJECTS)
def test_what_is_written_is_read_again(value):
    """The same object."""
    assert parse(canonical(value)) == value


def test_keys_stand_in_the_order_of_the_specifications_example():
    """RFC 8785 section 3.2.3: by UTF-16 code units, where an emoji comes before a Hebrew letter."""
    keys = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    text = canonical(dict.fromkeys(keys, 0)).decode()
    assert list(json.loads(text)) == ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]


def test_tuples_are_lists_and_words_of_an_enum_are_text():
    """What our own nouns are made of."""
    assert canonical({"a": (Status.GIVEN, 1)}) == b'{"a":["given",1]}'


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (1.0, "float has no canonical form"),
        ({"a": 0.5}, "float has no canonical form"),
        ([float("nan")], "float has no canonical form"),
        (b"x", "bytes has no canonical form"),
        (object(), "object has no canonical form"),
        ({1: "a"}, "a key that is not text"),
        ({"a": 1, None: 2}, "a key that is not text"),
    ],
)
def test_what_has_no_exact_form_is_refused(value, why):
    """Floats above all."""
    with pytest.raises(TypeError, match=f"^{why}$"):
        canonical(value)


@pytest.mark.parametrize("value", ["\ud800", {"\udfff": 1}])
def test_half_a_surrogate_pair_is_refused(value):
    """UTF-8 has no form for it."""
    with pytest.raises(ValueError, match="surrogates not allowed"):
        canonical(value)


@pytest.mark.parametrize("value", [EXACT + 1, -EXACT - 1])
def test_what_readers_would_not_keep_is_refused(value):
    """Integers past 2^53 - 1."""
    with pytest.raises(ValueError, match=r"^an integer that not every reader keeps exactly$"):
        canonical(value)


def test_the_largest_integers_are_kept():
    """On both sides."""
    assert canonical([EXACT, -EXACT]) == b"[9007199254740991,-9007199254740991]"


ANOTHER_COPY = "Ask whoever gave it to you for another copy; a receipt is refused whole when one character differs."


def nested(depth, within=lambda value: [value]):
    value = 0
    for _ in range(depth):
        value = within(value)
    return value


def test_nesting_ends_somewhere():
    """The limit itself is allowed."""
    assert canonical(nested(16)) == b"[" * 16 + b"0" + b"]" * 16
    with pytest.raises(ValueError, match=r"^nested too deep$"):
        canonical(nested(17))
    objects = nested(16, lambda value: {"a": value})
    assert canonical(objects) == b'{"a":' * 16 + b"0" + b"}" * 16
    with pytest.raises(ValueError, match=r"^nested too deep$"):
        canonical({"a": objects})


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b'"a"',
        b'{"a": 1}',
        b'{"a":1}\n',
        b'{"b":1,"a":2}',
        b'{"a":1,"a":1}',
        b'{"a":1.0}',
        b'{"a":1e2}',
        b'{"a":-0}',
        b'{"a":NaN}',
        b'{"a":"\\u0041"}',
        b'{"a":"\\/"}',
        b'{"a":"\\ud800"}',
        b'{"a":9007199254740992}',
        b'{"a":"\xff"}',
        b'\xef\xbb\xbf{"a":1}',
        b'{"a":' + b"9" * 5000 + b"}",
        b"[" * 30_000,
        b'{"a":' * 10_000,
    ],
)
def test_every_other_text_is_refused(data):
    """Also the same value written in another way."""
    with pytest.raises(InputError) as refused:
        parse(data)
    assert refused.value.message in (
        "this is JSON, but not written as receipts are (RFC 8785)",
        "this is not JSON of the kind that receipts are written in",
    )
    assert refused.value.advice == ANOTHER_COPY


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"x", "this is not JSON of the kind that receipts are written in"),
        (b'{"a":1.5}', "this is not JSON of the kind that receipts are written in"),
        (b'{"a": 1}', "this is JSON, but not written as receipts are (RFC 8785)"),
        (b"[]", "this is JSON, but not written as receipts are (RFC 8785)"),
        (b" " * (LARGEST + 1), "more than 65536 bytes are no receipt"),
    ],
)
def test_why_a_text_is_refused_is_told_with_what_to_do(data, why):
    """One of three reasons; the advice is the same."""
    with pytest.raises(InputError) as refused:
        parse(data)
    assert (refused.value.message, refused.value.advice) == (why, ANOTHER_COPY)


def test_a_text_has_a_longest_size():
    """The limit itself is allowed."""
    room = LARGEST - len(b'{"a":""}')
    assert parse(b'{"a":"' + b"x" * room + b'"}')["a"] == "x" * room
    with pytest.raises(InputError, match=f"more than {LARGEST} bytes"):
        parse(b'{"a":"' + b"x" * (room + 1) + b'"}')


def test_moments_are_written_as_events_write_them():
    """UTC, to the millisecond; without a zone, not at all."""
    assert written(datetime(2026, 11, 23, 9, 41, 7, 250_999, tzinfo=UTC)) == "2026-11-23T09:41:07.250Z"
    assert written(datetime(2026, 11, 23, 11, 0, tzinfo=timezone(timedelta(hours=2)))) == "2026-11-23T09:00:00.000Z"
    with pytest.raises(TypeError, match=r"^a moment needs a time zone$"):
        written(datetime(2026, 11, 23))  # noqa: DTZ001


def test_moments_do_not_depend_on_the_clock_of_the_machine(monkeypatch):
    """One set to another zone writes the same."""
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    try:
        assert written(datetime(2026, 11, 23, 9, 41, tzinfo=UTC)) == "2026-11-23T09:41:00.000Z"
    finally:
        monkeypatch.undo()
        time.tzset()
