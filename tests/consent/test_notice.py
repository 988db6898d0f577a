"""The notice says what the table says, of this installation, and its digest changes with any of it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from beholden.consent import notice as notices
from beholden.consent.notice import NOTICE_VERSION, Controller, Section, notice_for
from beholden.consent.policy_digest import policy_values
from beholden.consent.policy_words import general_rows, policy_rows
from beholden.consent.purposes import FIRST_QUESTION, POLICIES, policy_of
from beholden.model.errors import PolicyRefused
from beholden.model.grant import Capture, Hours, Place, Purpose
from beholden.model.ids import PlaceId
from tests.word_for_word import same

LOBBY = Place(PlaceId("lobby"), "Europe/Berlin", Capture.LANE, (Purpose.ENTRANCE, Purpose.CARE))
YARD = Place(PlaceId("yard"), "UTC", Capture.BUTTON, (Purpose.CARE,), Hours.parse("08:00-20:30"))
EVERYWHERE = Place(PlaceId("all"), capture=Capture.DECLARED, purposes=tuple(Purpose))
HOUSE = Controller("Elm House", "desk@elm.example", "the data protection authority of Elmshire", "Dr. Oak")


def words_of(notice, purpose):
    return {section.heading: section.words for section in notice.sections if section.purpose is purpose}


@pytest.mark.parametrize("purpose", Purpose)
def test_every_row_of_the_policy_table_is_in_the_notice_word_by_word(purpose):
    """So that policy and notice cannot disagree; only where it is served is added."""
    told = words_of(notice_for([purpose], [EVERYWHERE], HOUSE), purpose)
    rows = dict(policy_rows(purpose))
    assert list(told) == list(rows)
    for heading, words in rows.items():
        assert told[heading].startswith(words) if heading == "Where" else told[heading] == words


def test_it_says_where_by_what_kind_of_camera_and_in_which_hours():
    """Of each place that serves the purpose, in the order of their names."""
    where = words_of(notice_for([Purpose.CARE], [YARD, LOBBY], HOUSE), Purpose.CARE)["Where"]
    assert where.endswith(
        "for recordings. lobby: a separate lane, for people who chose it. yard: a person presses a button to be "
        "recognised. Nobody is named outside 08:00-20:30 (UTC)."
    )


def test_a_place_that_does_not_serve_a_purpose_is_not_told_under_it():
    """Nor one where photos are concerned."""
    notice = notice_for([Purpose.ENTRANCE, Purpose.PHOTOS], [LOBBY, YARD, EVERYWHERE], HOUSE)
    assert "yard" not in words_of(notice, Purpose.ENTRANCE)["Where"]
    assert words_of(notice, Purpose.PHOTOS)["Where"].startswith("In the files of the event")
    assert words_of(notice, Purpose.PHOTOS)["Where"].endswith("At no camera.")


def test_it_says_who_answers_how_to_withdraw_and_where_to_complain():
    """And everything that holds for all purposes, once."""
    told = words_of(notice_for([Purpose.CARE], [LOBBY], HOUSE), None)
    assert told["Who answers"] == "Elm House: desk@elm.example. The data protection officer is Dr. Oak."
    assert told["Complaint"] == "To the data protection authority of Elmshire, at any time."
    assert list(told)[-3:] == ["What the person may ask for", "Withdrawal", "Complaint"]
    assert told["Withdrawal"].startswith("At any time, as easily as the yes, and without a reason.")
    assert told["A no costs nothing"].startswith("Nothing is ticked beforehand, each purpose stands by itself")
    assert told["What is kept"].startswith("Numbers that describe the person's face, sealed under a key of their own")
    assert told["What the person may ask for"].startswith("A copy of everything that is kept about them")
    for heading, words in general_rows():
        assert told[heading] == words
    alone = replace(HOUSE, officer=None)
    assert words_of(notice_for([Purpose.CARE], [LOBBY], alone), None)["Who answers"] == "Elm House: desk@elm.example."


def test_a_notice_about_several_says_of_each_what_its_own_notice_says():
    """So a grant can be compared with the notice about its own purpose and places."""
    both = notice_for([Purpose.PHOTOS, Purpose.CARE], [LOBBY, YARD], HOUSE)
    for purpose in (Purpose.PHOTOS, Purpose.CARE):
        alone = notice_for([purpose], [LOBBY, YARD], HOUSE)
        assert words_of(both, purpose) == words_of(alone, purpose)
        assert words_of(both, None) == words_of(alone, None)


def test_the_order_in_which_things_are_named_does_not_matter():
    """The same notice has one digest."""
    one = notice_for([Purpose.CARE, Purpose.ENTRANCE], [LOBBY, YARD], HOUSE)
    other = notice_for([Purpose.ENTRANCE, Purpose.CARE], [YARD, LOBBY], HOUSE)
    assert one == other
    assert one.edition == other.edition


def test_the_digest_is_the_sha256_of_canonical_json():
    """Anybody can compute it again from what they read."""
    notice = notice_for([Purpose.CARE], [LOBBY], HOUSE)
    values = {
        "language": "en",
        "version": NOTICE_VERSION,
        "rules": notice.rules,
        "sections": [{"purpose": s.purpose, "heading": s.heading, "words": s.words} for s in notice.sections],
    }
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert notice.digest == hashlib.sha256(text.encode()).hexdigest()
    assert (notice.edition.digest, notice.edition.rules) == (notice.digest, notice.rules)
    assert len(notice.rules) == 64


def test_the_rules_are_the_sha256_of_who_answers_what_the_table_says_and_where():
    """Of each purpose in the notice, with the numbers that hold for all, and no word of the notice."""
    table = policy_values()
    rules = {
        "policy": table["purposes"]["care"],
        "asked": {"first_days": 30, "then_days": 180},
        "unrenewed_days": 365,
        "places": [
            {"place": "lobby", "zone": "Europe/Berlin", "capture": "lane", "hours": None},
            {"place": "yard", "zone": "UTC", "capture": "button", "hours": "08:00-20:30"},
        ],
    }
    text = json.dumps({"controller": "Elm House", "rules": {"care": rules}}, sort_keys=True, separators=(",", ":"))
    assert notice_for([Purpose.CARE], [YARD, LOBBY], HOUSE).rules == hashlib.sha256(text.encode()).hexdigest()


def test_an_accent_is_hashed_as_it_is_written():
    """UTF-8, not escaped."""
    notice = replace(notice_for([Purpose.CARE], [LOBBY], HOUSE), sections=(Section(None, "Öl", "für"),))
    text = f'{{"language":"en","rules":"{notice.rules}","sections":[{{"heading":"Öl","purpose":null,"words":"für"}}],'
    assert notice.digest == hashlib.sha256(f'{text}"version":"{NOTICE_VERSION}"}}'.encode()).hexdigest()


BASE = notice_for([Purpose.CARE], [LOBBY], HOUSE)


@pytest.mark.parametrize(
    "place",
    [
        replace(LOBBY, capture=Capture.DECLARED),
        replace(LOBBY, capture=None),
        replace(LOBBY, hours=Hours.parse("08:00-20:00")),
        replace(LOBBY, id=PlaceId("hall")),
        replace(LOBBY, zone="UTC", hours=None),
    ],
)
def test_another_place_kind_of_camera_or_hour_is_another_rule(place):
    """Digest of the rules and of the notice change, but for what no word says."""
    changed = notice_for([Purpose.CARE], [place], HOUSE)
    assert changed.rules != BASE.rules
    assert changed.digest != BASE.digest


def test_one_place_more_and_another_controller_are_other_rules():
    """So is one purpose more."""
    rules = {
        BASE.rules,
        notice_for([Purpose.CARE], [LOBBY, YARD], HOUSE).rules,
        notice_for([Purpose.CARE], [LOBBY], replace(HOUSE, name="Oak House")).rules,
        notice_for([Purpose.CARE, Purpose.PHOTOS], [LOBBY], HOUSE).rules,
        notice_for([Purpose.PHOTOS], [LOBBY], HOUSE).rules,
    }
    assert len(rules) == 5


@pytest.mark.parametrize(
    "controller",
    [
        replace(HOUSE, contact="other@elm.example"),
        replace(HOUSE, authority="another authority"),
        replace(HOUSE, officer=None),
    ],
)
def test_another_address_changes_the_words_and_not_the_rules(controller):
    """The person is asked again, and named meanwhile."""
    changed = notice_for([Purpose.CARE], [LOBBY], controller)
    assert changed.rules == BASE.rules
    assert changed.digest != BASE.digest


@pytest.mark.parametrize("change", [{"longest": timedelta(days=400)}, {"never": "x"}, {"sights": ()}, {"about": "y"}])
def test_a_changed_policy_is_a_changed_notice(monkeypatch, change):
    """Rules and words; a notice about another purpose stays."""
    photos = notice_for([Purpose.PHOTOS], [], HOUSE)
    monkeypatch.setitem(POLICIES, Purpose.CARE, replace(policy_of(Purpose.CARE), **change))
    changed = notice_for([Purpose.CARE], [LOBBY], HOUSE)
    assert changed.rules != BASE.rules
    assert changed.digest != BASE.digest
    assert notice_for([Purpose.PHOTOS], [], HOUSE) == photos


@pytest.mark.parametrize("number", ["FIRST_QUESTION", "NEXT_QUESTION", "MOST_UNRENEWED"])
def test_other_questions_are_other_rules(monkeypatch, number):
    """How often somebody is asked, and when the end is."""
    monkeypatch.setattr(f"beholden.consent.policy.{number}", 2 * FIRST_QUESTION)
    assert notice_for([Purpose.CARE], [LOBBY], HOUSE).rules != BASE.rules


def test_other_words_are_another_version(monkeypatch):
    """The version is part of the digest, the language too."""
    monkeypatch.setattr(notices, "NOTICE_VERSION", "2")
    changed = notice_for([Purpose.CARE], [LOBBY], HOUSE)
    assert (changed.version, changed.language) == ("2", "en")
    assert len({BASE.digest, changed.digest, replace(BASE, language="de").digest}) == 3


@pytest.mark.parametrize("name", ["name", "contact", "authority"])
def test_without_somebody_who_answers_there_is_no_notice(name):
    """Nothing that the law wants said is left empty."""
    with pytest.raises(PolicyRefused, match=f"says who answers: {name} of the controller is not set"):
        notice_for([Purpose.CARE], [LOBBY], replace(HOUSE, **{name: " "}))
    with pytest.raises(PolicyRefused, match="name, contact, authority of"):
        notice_for([Purpose.CARE], [LOBBY], Controller("", "", ""))


def test_a_notice_says_where_about_what_and_in_a_language_of_the_table():
    """Else there is none."""
    with pytest.raises(PolicyRefused, match="entrance is served at none of these places"):
        notice_for([Purpose.ENTRANCE], [YARD], HOUSE)
    with pytest.raises(PolicyRefused, match=r"^a notice is about one purpose at least$"):
        notice_for([], [LOBBY], HOUSE)
    with pytest.raises(PolicyRefused, match="no notice in 'de' yet"):
        notice_for([Purpose.CARE], [LOBBY], HOUSE, language="de")


def test_as_text_each_purpose_has_a_title_and_each_section_a_paragraph():
    """For a terminal, a printer and a screen reader."""
    notice = notice_for([Purpose.CARE, Purpose.PHOTOS], [LOBBY], HOUSE)
    paragraphs = notice.text().removesuffix("\n").split("\n\n")
    assert notice.text().endswith("at any time.\n")
    assert [p for p in paragraphs if ":" not in p] == ["CARE", "PHOTOS", "ALWAYS"]
    assert paragraphs[:2] == ["CARE", f"What for: {policy_of(Purpose.CARE).about}"]
    assert len(paragraphs) == len(notice.sections) + 3


def test_a_notice_is_word_for_word_what_it_was():
    """Of a place with a lane and hours, one with a button, and files: what somebody reads before they agree."""
    lobby = replace(LOBBY, hours=Hours.parse("22:00-06:30"))
    notice = notice_for([Purpose.CARE, Purpose.PHOTOS], [lobby, YARD], HOUSE)
    same(notice.text(), Path(__file__).parent / "notice.txt")


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (([], [LOBBY], HOUSE), "a notice is about one purpose at least"),
        (
            ([Purpose.CARE], [LOBBY], HOUSE, "de"),
            "there is no notice in 'de' yet: a person agrees only to what they can read",
        ),
        (
            ([Purpose.CARE], [LOBBY], Controller("a", " ", "")),
            "a notice says who answers: contact, authority of the controller is not set",
        ),
        (([Purpose.FIND_ME], [LOBBY], HOUSE), "find_me is served at none of these places: a notice says where"),
    ],
)
def test_why_there_is_no_notice_is_told_in_these_words(asked, why):
    """Whole sentences, for whoever set the place up."""
    with pytest.raises(PolicyRefused) as refused:
        notice_for(*asked)
    assert refused.value.message == why
