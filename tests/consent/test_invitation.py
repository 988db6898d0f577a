"""An invitation gives nobody anything: it is what the person ticks, after reading, once, of what was offered."""

from __future__ import annotations

import hashlib
from dataclasses import fields, replace
from datetime import timedelta

import pytest

from beholden.consent.invitation import (
    Invitation,
    Offer,
    Tick,
    accepted,
    checked_label,
    closed,
    has_read,
    invited,
    new_token,
    offer_refusal,
    revoked,
)
from beholden.consent.notice import Controller, notice_for
from beholden.model.errors import PolicyRefused
from beholden.model.grant import Capture, Hours, Place, Purpose
from beholden.model.ids import PlaceId
from tests.people import NOW

DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
LOBBY, YARD = PlaceId("lobby"), PlaceId("yard")
PLACES = {
    LOBBY: Place(LOBBY, capture=Capture.LANE, purposes=(Purpose.ENTRANCE, Purpose.CARE)),
    YARD: Place(YARD, capture=Capture.LANE, purposes=(Purpose.CARE,)),
}
HOUSE = Controller("Elm House", "desk@elm.example", "the authority")
OFFER = Offer("Ada Vale", (Purpose.ENTRANCE, Purpose.CARE, Purpose.PHOTOS), frozenset({LOBBY, YARD}))
NOTICE = notice_for(OFFER.purposes, PLACES.values(), HOUSE)
CHANGED = notice_for(OFFER.purposes, PLACES.values(), replace(HOUSE, name="Oak House"))
TOKEN = "t" * 43
SENT = invited(OFFER, TOKEN, NOW)
READ = has_read(SENT, TOKEN, NOTICE, NOW + DAY)
CARE = Tick(Purpose.CARE, 30 * DAY, frozenset({YARD}))
PHOTOS = Tick(Purpose.PHOTOS, 30 * DAY)
USED = "this link was used: what you agreed to is in your own pages"


def refused(ticks, invitation=READ, token=TOKEN, notice=NOTICE, now=NOW + DAY):
    with pytest.raises(PolicyRefused) as refusal:
        accepted(invitation, token, ticks, notice, now)
    return refusal.value.message


def test_of_the_link_only_a_hash_is_kept():
    """Nothing that is stored opens it, and nothing was agreed to."""
    token_hash = hashlib.sha256(TOKEN.encode()).hexdigest()
    assert invited(OFFER, TOKEN, NOW) == Invitation(OFFER, token_hash, NOW, NOW + 14 * DAY)
    assert TOKEN not in repr(SENT)
    assert (SENT.read, SENT.used_at, SENT.revoked_at) == (None, None, None)


def test_an_invitation_has_no_place_for_a_photo_or_a_template():
    """I2: only what is listed here."""
    assert {field.name for field in fields(Offer)} == {"label", "purposes", "places"}
    assert {field.name for field in fields(Invitation)} == {
        "offer", "token_hash", "made_at", "expires_at", "read", "used_at", "revoked_at",
    }  # fmt: skip


def test_a_token_is_random_and_fits_in_an_address():
    """256 bits, no two alike."""
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(len(token) == 43 and token.replace("-", "").replace("_", "").isalnum() for token in tokens)


def test_a_name_is_kept_trimmed_and_composed():
    """And refused where people could not read it."""
    assert invited(replace(OFFER, label="  Ada \t Vale "), TOKEN, NOW).offer == OFFER
    assert checked_label("Zoe\u0308") == "Zoë"
    assert [checked_label(label) for label in ("x" * 100, "O")] == ["x" * 100, "O"]
    for wrong in ("", "   ", "x" * 101, "Ada\u202eVale", "A\0"):
        with pytest.raises(PolicyRefused, match=r"^a name is 1 to 100 printable characters$") as refusal:
            checked_label(wrong)
        assert refusal.value.advice == "Choose another name."


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, None),
        ({"purposes": ()}, "an invitation offers one purpose at least"),
        ({"purposes": (Purpose.CARE, Purpose.CARE)}, "a purpose is offered once"),
        ({"places": frozenset({LOBBY, PlaceId("b"), PlaceId("a")})}, "there is no place called a, b here"),
        ({"places": frozenset()}, "none of the places offered serves entrance, care"),
        ({"places": frozenset({YARD})}, "none of the places offered serves entrance"),
        ({"purposes": (Purpose.ENTRANCE, Purpose.FIND_ME)}, "none of the places offered serves find_me"),
        ({"purposes": (Purpose.ENTRANCE,)}, "yard serves nothing of what is offered"),
        ({"purposes": (Purpose.PHOTOS,)}, "lobby, yard serves nothing of what is offered"),
        ({"purposes": (Purpose.PHOTOS,), "places": frozenset()}, None),
    ],
)
def test_an_offer_is_about_purposes_and_places_that_are_here(change, reason):
    """The reason is a sentence for the operator."""
    assert offer_refusal(replace(OFFER, **change), PLACES) == reason


def test_a_link_works_for_a_fortnight_once_unless_it_was_taken_back():
    """To the microsecond; and no link opens while nobody knows what time it is."""
    assert closed(SENT, NOW) is None
    assert closed(SENT, NOW + 14 * DAY - TICK) is None
    assert closed(SENT, NOW + 14 * DAY) == "this link is too old: please ask for a new one"
    assert closed(SENT, None) == "the clock here is wrong at the moment: please try again later"
    assert closed(replace(SENT, revoked_at=NOW), None) == "this invitation was taken back"
    used = replace(SENT, used_at=NOW, revoked_at=NOW)
    assert closed(used, NOW) == USED


def test_who_read_the_notice_and_ticked_a_part_of_the_offer_has_used_the_link():
    """Fewer places, or one purpose only, is theirs to choose."""
    assert replace(SENT, read=NOTICE.digest) == READ
    used = accepted(READ, TOKEN, [CARE, PHOTOS], NOTICE, NOW + 2 * DAY)
    assert used == replace(READ, used_at=NOW + 2 * DAY)
    assert refused([CARE], used) == USED
    with pytest.raises(PolicyRefused, match=f"^{USED}$"):
        has_read(used, TOKEN, NOTICE, NOW + 2 * DAY)


def test_the_notice_comes_before_the_yes():
    """As it is at the moment of the yes; reading again is enough."""
    assert refused([CARE], SENT) == "the notice comes first: please read it"
    assert refused([CARE], notice=CHANGED) == "the notice has changed since: please read it as it is now"
    again = has_read(READ, TOKEN, CHANGED, NOW + DAY)
    assert accepted(again, TOKEN, [CARE], CHANGED, NOW + DAY).used_at == NOW + DAY


@pytest.mark.parametrize(
    ("ticks", "reason"),
    [
        ([], "nothing is ticked, so nothing was agreed to; there is nothing else to do"),
        ([CARE, CARE], "a purpose is ticked once"),
        ([Tick(Purpose.FIND_ME, DAY, frozenset({LOBBY}))], "find_me was not offered"),
        ([CARE, replace(CARE, purpose=Purpose.SELF_EXCLUSION)], "self_exclusion was not offered"),
        ([replace(CARE, places=frozenset({YARD, PlaceId("w"), PlaceId("v")}))], "v, w was not offered"),
        ([replace(CARE, places=frozenset())], "care names the places where it holds"),
        ([replace(PHOTOS, places=frozenset({LOBBY}))], "photos has no places: it is about files, not cameras"),
        ([replace(CARE, duration=366 * DAY)], "care lasts 365 days at most, then the person is asked again"),
        ([PHOTOS, replace(CARE, duration=timedelta(0))], "a grant lasts some time"),
        (
            [replace(CARE, hours=Hours(NOW.time(), NOW.time()))],
            "hours are whole minutes of the place's own time",
        ),
    ],
)
def test_nothing_can_be_granted_that_was_not_offered_or_that_the_table_refuses(ticks, reason):
    """All or nothing: one wrong tick, and the link still works."""
    assert refused(ticks) == reason


def test_the_box_for_recordings_is_not_ticked_beforehand():
    """Nothing is: no place and no hours either."""
    bare = Tick(Purpose.PHOTOS, DAY)
    assert (bare.recordings, bare.places, bare.hours) == (False, frozenset(), None)


def test_a_link_opens_with_its_own_token_only_and_says_nothing_without():
    """Not even that it was used."""
    ours = "this link is not ours: please use it as it was sent"
    assert refused([CARE], token="u" * 43) == ours
    assert refused([CARE], replace(READ, used_at=NOW), token="") == ours
    assert refused([CARE], token=READ.token_hash) == ours
    with pytest.raises(PolicyRefused, match="not ours"):
        has_read(SENT, "é", NOTICE, NOW)


def test_neither_an_old_link_nor_a_time_in_doubt_grants_anything():
    """Else a cooling-off could begin too early."""
    assert refused([CARE], now=NOW + 14 * DAY) == "this link is too old: please ask for a new one"
    assert refused([CARE], now=None) == "the clock here is wrong at the moment: please try again later"
    for now in (NOW + 14 * DAY, None):
        with pytest.raises(PolicyRefused):
            has_read(SENT, TOKEN, NOTICE, now)


def test_an_invitation_can_be_taken_back_until_it_was_used():
    """Then only the person can withdraw; twice is once."""
    back = revoked(READ, NOW + DAY)
    assert back == replace(READ, revoked_at=NOW + DAY)
    assert revoked(back, NOW + 2 * DAY) is back
    assert refused([CARE], back) == "this invitation was taken back"
    with pytest.raises(PolicyRefused, match=r"^the person has agreed already: now only they can withdraw$"):
        revoked(replace(READ, used_at=NOW), NOW + DAY)
