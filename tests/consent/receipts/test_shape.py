"""The strict check of a form: nothing missing, nothing besides, and the path to what is wrong."""

from __future__ import annotations

import pytest

from beholden.consent.receipts.shape import Each, Either, Exactly, Fields, Text, Whole, misfit

FORM = Fields({"a": Text("[a-z]+"), "b": Each(Whole(), most=2)}, may={"c": Exactly(["x"])})


@pytest.mark.parametrize(
    "value", [{"a": "xy", "b": [0]}, {"a": "x", "b": [1, 2], "c": ["x"]}, {"c": ["x"], "b": [7], "a": "z"}]
)
def test_what_has_the_form_fits(value):
    """Optional fields or none, in any order."""
    assert misfit(value, FORM) is None


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ([], "it is not an object"),
        (None, "it is not an object"),
        ({"b": [1]}, "it has no a"),
        ({"a": "x"}, "it has no b"),
        ({"a": "x", "b": [1], "d": 1}, "it has a field 'd' that nobody knows"),
        ({"a": "X", "b": [1]}, "it.a is not such a text"),
        ({"a": "x\n", "b": [1]}, "it.a is not such a text"),
        ({"a": "", "b": [1]}, "it.a is not such a text"),
        ({"a": 1, "b": [1]}, "it.a is not such a text"),
        ({"a": "x", "b": (1,)}, "it.b is not a list"),
        ({"a": "x", "b": []}, "it.b has not 1 to 2 items"),
        ({"a": "x", "b": [1, 2, 3]}, "it.b has not 1 to 2 items"),
        ({"a": "x", "b": [1, -1]}, "it.b[1] is not a whole number"),
        ({"a": "x", "b": [True]}, "it.b[0] is not a whole number"),
        ({"a": "x", "b": ["1"]}, "it.b[0] is not a whole number"),
        ({"a": "x", "b": [1], "c": "x"}, "it.c is not ['x']"),
        ({"a": "x", "b": [1], "c": ["y"]}, "it.c is not ['x']"),
    ],
)
def test_what_has_not_the_form_is_told_where(value, why):
    """The first thing that is wrong."""
    assert misfit(value, FORM) == why


def test_a_value_is_itself_and_of_its_own_type():
    """1 is not True."""
    assert misfit(1, Exactly(1)) is None
    assert misfit(True, Exactly(1)) == "it is not 1"
    assert misfit("1", Exactly(1)) == "it is not 1"


def test_one_of_several_is_enough():
    """And none is too few."""
    either = Either((Exactly("a"), Whole()))
    assert (misfit("a", either), misfit(4, either)) == (None, None)
    assert misfit("b", either, "here") == "here fits no shape"


def test_a_text_has_1_to_1000_characters_where_nothing_else_is_said():
    """Line breaks among them."""
    assert misfit("x", Text()) is None
    assert misfit("\n" * 1000, Text()) is None
    assert misfit("", Text()) == "it is not such a text"
    assert misfit("x" * 1001, Text()) == "it is not such a text"


def test_a_list_has_at_most_100_items_where_nothing_else_is_said():
    """The limit itself is allowed, and so is one item."""
    assert misfit([1] * 100, Each(Whole())) is None
    assert misfit([1], Each(Whole())) is None
    assert misfit([1] * 101, Each(Whole())) == "it has not 1 to 100 items"
