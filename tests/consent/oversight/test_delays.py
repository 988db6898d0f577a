"""How long a notice is put off is said in whole seconds, once, and is three days at most."""

from __future__ import annotations

import pytest

from beholden.consent.oversight.approvals import Allowed, Request, decide
from beholden.consent.oversight.rules import Act
from beholden.consent.oversight.steps import Refused
from tests.consent.oversight.world import ANNA, HOUR, NOW, SUBJECT, approved, directory

WORLD = directory()
TOO_LONG = "a notice is delayed by 72 hours at most, and the request says how long"
THREE_DAYS = 72 * 60 * 60


def decided(*seconds: str):
    particulars = (("plan", "p1"), *(("seconds", each) for each in seconds))
    request = Request(Act.DELAY_NOTICE, "olga", NOW - HOUR, particulars, SUBJECT, frozenset({ANNA}))
    return decide(request, approved(request, "uwe"), WORLD, NOW)


@pytest.mark.parametrize("seconds", ["0", "1", str(THREE_DAYS), f"0{THREE_DAYS}", f"{THREE_DAYS:09}"])
def test_a_delay_of_three_days_or_less_is_allowed(seconds):
    """The limit itself; with as many digits as fit."""
    assert isinstance(decided(seconds), Allowed)


@pytest.mark.parametrize(
    "seconds",
    [
        (),
        ("",),
        ("1", "1"),
        (str(THREE_DAYS + 1),),
        (f"{1:010}",),
        ("-1",),
        ("+1",),
        (" 1",),
        ("1.0",),
        ("1_0",),
        ("one",),
        ("٣",),
        ("²",),
        ("9" * 5000,),
    ],
)
def test_a_delay_that_is_longer_or_does_not_say_how_long_is_refused(seconds):
    """No number, two, none that is plain digits, or one that takes long to read."""
    assert decided(*seconds) == Refused(TOO_LONG)


def test_whoever_may_ask_is_told_in_one_list():
    """Where more than one role may."""
    request = Request(Act.LOOSEN, "uwe", NOW - HOUR, ())
    assert decide(request, approved(request, "sam"), WORLD, NOW) == Refused("only operator or maintainer asks for this")
