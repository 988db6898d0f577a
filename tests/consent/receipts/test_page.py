"""The page for people: whatever somebody wrote stays text, nothing is loaded, and it can be heard as well as seen."""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beholden.consent.notice import Controller
from beholden.consent.receipts.holdings import NOT_HERE, WHY_NO_NUMBERS, Holdings
from beholden.consent.receipts.page import as_html
from beholden.consent.receipts.page_parts import listing, text, time
from beholden.model.grant import Basis, Purpose
from tests.consent.receipts.examples import CONTROLLER, GIVEN, GRANT, HOLDINGS, ISSUED, NOTICE, SEAT
from tests.word_for_word import same

PAGE = as_html(HOLDINGS, "Europe/Dublin")
EMPTY = as_html(Holdings(HOLDINGS.subject, ISSUED, CONTROLLER, SEAT))


class Reader(HTMLParser):
    """The page as a browser takes it apart: tags with attributes, texts, and whether every tag was closed in order."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.texts, self._open = [], [], []
        self.feed(page)
        self.close()
        assert not self._open

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, tuple(attrs)))
        if tag != "meta":
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)

    def handle_comment(self, data):
        raise AssertionError(f"a comment: {data}")

    def all_text(self):
        return "".join(self.texts)

    def named(self, tag):
        return [dict(attrs) for name, attrs in self.tags if name == tag]


@pytest.mark.parametrize(("name", "page"), [("page.html", PAGE), ("empty.html", EMPTY)])
def test_the_page_is_word_for_word_what_it_was(name, page):
    """Every heading and cell, and what stands where nothing is held."""
    same(page, Path(__file__).parent / name)


def filled(words) -> Holdings:
    """Holdings with these words wherever somebody writes something."""
    one = HOLDINGS.grants[0]
    sighting, leaf, display, receipt = (
        HOLDINGS.sightings[0],
        HOLDINGS.leaves[0],
        HOLDINGS.displays[0],
        HOLDINGS.receipts[0],
    )
    return replace(
        HOLDINGS,
        subject=words,
        controller=Controller(words, words, words, words),
        seat=replace(SEAT, address=words, rights_at=words),
        particulars=((words, words),),
        grants=(replace(one, standing=words, grant=replace(one.grant, id=words, places=frozenset({words}))),),
        templates=(replace(HOLDINGS.templates[0], model=words),),
        sightings=(replace(sighting, camera=words, place=words),),
        leaves=(replace(leaf, words=words),),
        displays=(replace(display, account=words, what=words),),
        notices=(replace(NOTICE, version=words, language=words, digest=words),),
        receipts=(replace(receipt, purpose=words),),
    )


PLACES_OF_WORDS = 22
PLAIN = Reader(as_html(filled("x")))
EVIL = [
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</bdi></td></table><h1>Withdrawn</h1>",
    '" onmouseover="alert(1)',
    "' style='display:none",
    "<!-- ",
    "]]>",
    "&lt;b&gt;",
    "&#60;b&#62;",
    "\u202egnp.exe",
    "a\u2066b\u2069c",
    "\ud800",
    "\x00\x1b[31m",
    "line\nline\r\n\u2028line",
    "https://example.org/ javascript:alert(1)",
]
WORDS = st.sampled_from(EVIL) | st.text(st.characters(), min_size=1, max_size=40)
TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029"


def shown(words: str) -> str:
    """What a person should read: the words, with what nobody sees told by its number."""
    hidden = {c for c in words if c in TURNING or unicodedata.category(c) in ("Cc", "Cs", "Cn", "Co")}
    return "".join(f"⟨U+{ord(c):04X}⟩" if c in hidden else c for c in words)


@settings(max_examples=150, deadline=None)
@given(WORDS)
def test_whatever_somebody_wrote_stays_text(words):
    """The page has the same tags and attributes with any words, and the words are read as they were written."""
    page = as_html(filled(words))
    read = Reader(page)
    assert read.tags == PLAIN.tags
    assert read.all_text().count(shown(words)) >= PLACES_OF_WORDS
    assert page.encode().decode() == page
    assert not set(page) & set(TURNING)
    assert not [c for c in page if unicodedata.category(c) == "Cc" and c != "\n"]


@pytest.mark.parametrize("words", EVIL)
def test_every_written_text_stands_apart(words):
    """In a `bdi` of its own, so that right-to-left writing in it turns nothing around beside it."""
    markup = text(words).markup
    assert markup.startswith("<bdi>")
    assert markup.endswith("</bdi>")
    assert Reader(markup).texts == [shown(words)]


def test_letters_that_people_need_are_left_alone():
    """Marks of right-to-left names, joiners, accents, emoji."""
    words = "שָׁלוֹם\u200f عمر می\u200cخواهم Zoë 👩‍👧"
    assert Reader(text(words).markup).all_text() == words


def test_nothing_is_loaded_and_nothing_runs():
    """No script, link, picture, form or address, and a policy that would stop them all the same."""
    read = Reader(PAGE)
    assert {tag for tag, _ in read.tags} <= {
        *("html", "head", "meta", "title", "style", "body", "main", "section", "h1", "h2", "h3", "p", "bdi", "code"),
        *("time", "table", "thead", "tbody", "tr", "th", "td"),
    }
    attributes = {name for _, attrs in read.tags for name, _ in attrs}
    assert attributes == {
        *("lang", "charset", "http-equiv", "content", "name", "id", "class", "role", "scope", "datetime"),
        *("aria-labelledby", "data-label"),
    }
    assert not re.search(r"url\(|@import|https?:|//", PAGE)


def test_the_policy_allows_this_style_and_nothing_else():
    """By its hash: another style, or one in an attribute, does not apply."""
    style = re.search(r"<style>(.*?)</style>", PAGE, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policies = [each["content"] for each in Reader(PAGE).named("meta") if "http-equiv" in each]
    assert policies == [f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"]
    assert PAGE.index("Content-Security-Policy") < PAGE.index("<style>")


@pytest.mark.parametrize("page", [PAGE, EMPTY])
def test_headings_lead_through_the_page(page):
    """One first, none skipped; each section is named by its own."""
    levels = [int(tag[1]) for tag, _ in Reader(page).tags if tag in ("h1", "h2", "h3")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert levels.count(2) == 12
    assert all(after <= before + 1 for before, after in pairwise(levels))
    named = [each["aria-labelledby"] for each in Reader(page).named("section")]
    assert named == [each["id"] for each in Reader(page).named("h2")]
    assert len(set(named)) == 12


def test_tables_say_what_they_are():
    """A list has its section's heading and one for each column, a line of a card its own, a fact one beside it."""
    read = Reader(PAGE)
    lists = [each for each in read.named("table") if each["class"] == "list"]
    assert all(each["role"] == "table" for each in lists)
    named = [each["id"] for each in read.named("h2")]
    assert len({each["aria-labelledby"] for each in lists} & set(named)) == len(lists) == 7
    assert {each["scope"] for each in read.named("th")} == {"row", "col"}
    heads = re.findall(
        r'<tr role="row">((?:<th.*?</th>)+)</tr></thead>\n<tbody role="rowgroup">\n<tr role="row">(.*?)</tr>', PAGE
    )
    assert len(heads) == 7
    for head, row in heads:
        assert re.findall(r">([^<]+)</th>", head) == re.findall(r'data-label="([^"]+)"', row)


def test_the_page_is_fit_for_phones_and_for_dark_rooms_and_paper():
    """What the style answers to."""
    assert '<html lang="en">' in PAGE
    assert '<meta charset="utf-8">' in PAGE
    assert '<meta name="viewport" content="width=device-width,initial-scale=1">' in PAGE
    for wanted in ("color-scheme:light dark", "prefers-color-scheme:dark", "@media print", "max-width:40rem"):
        assert wanted in PAGE


def lines(page) -> str:
    """What is read aloud, in one line."""
    return " ".join(" ".join(Reader(page).texts).split())


def test_everything_is_said_in_plain_words():
    """Who, what, where, until when; in the hour of the place (an hour later in no winter here)."""
    told = lines(PAGE)
    for wanted in (
        "This is everything that Lindenhof Residence held about you on 21 February 2027, 09:42 .",
        "Times are those of Europe/Dublin .",
        "What you are called here Zofia Lindqvist",
        "Your number here s_aabbccddeeff00112233",
        "Entrance What for Tell the desk that a resident or member came.",
        "How it stands Active",
        "Who agreed You",
        "Where At garden gate, lobby, from 07:00 to 22:30; in no file or recording",
        "From 24 November 2026, 09:41",
        "Until 21 February 2028, 09:41",
        "You are asked again 20 August 2027, 10:41",
        "Templates are gone by 21 February 2028, 09:41",
        "Its number g_00112233445566778899",
        "23 November 2026, 09:41 5 81 of 100 " + "ab" * 32,
        WHY_NO_NUMBERS,
        "lobby door-2 21 February 2027, 06:42 21 February 2027, 06:44 22 February 2027, 06:42",
        "In a file party.mp4",
        "21 February 2027, 06:42 desk-1 Your name, the camera and the moment",
        "17 23 November 2026, 09:41 You agreed to entrance.",
        "entrance 3 en 23 November 2026, 09:37 " + "5e" * 32,
        "entrance 21 February 2027, 09:42 The receipts themselves, signed, are in the file for programs",
        "Withdraw, pause, correct At the desk, or with `beholden withdraw`",
        "Ask privacy@lindenhof.example",
        "Write 1 Linden Square, 1010 Example Town",
        "Data protection officer officer@lindenhof.example",
        "Complain The Example Data Protection Commission",
        *(f"{heading} {why}" for heading, why in NOT_HERE),
    ):
        assert wanted in told, wanted


def test_who_has_nothing_here_is_told_so():
    """In a sentence each, not with empty tables."""
    told = lines(EMPTY)
    for wanted in (
        "Nothing. You agreed to nothing here.",
        "Your face templates None.",
        "Nowhere that is still known.",
        "Who was shown something of you Nobody.",
        "Lines about you in the log None.",
        "Notices that you were shown None.",
        "Receipts of what you agreed to None.",
        "What you are told Nothing.",
        "Other records about you None.",
    ):
        assert wanted in told
    assert "for programs" not in told
    assert "REHEARSAL" not in told
    assert "Times are those of UTC ." in told


def one_grant(**changed):
    held = replace(HOLDINGS.grants[0], asked_at=None, destroy_by=None, grant=replace(GRANT, **changed))
    return lines(as_html(replace(HOLDINGS, grants=(held,))))


def test_a_grant_that_is_over_or_of_another_kind_is_told_as_it_is():
    """No places, no hours, files; a guardian; nothing left to ask or to destroy."""
    told = one_grant(purpose=Purpose.PHOTOS, basis=Basis.GUARDIAN, places=frozenset(), hours=None, recordings=False)
    assert "Where At no camera; also in files and recordings" in told
    assert "Who agreed A guardian, for you" in told
    assert "You are asked again Not any more" in told
    assert "Templates are gone by They are gone already" in told
    assert "Where At garden gate, lobby; also in files and recordings" in one_grant(hours=None, recordings=True)
    told = one_grant(purpose=Purpose.FIND_ME, hours=None, recordings=True)
    assert "Find me What for" in told
    assert "Where At garden gate, lobby; in no file or recording" in told


def test_a_controller_without_an_officer_names_none():
    """All else stands."""
    told = lines(as_html(replace(HOLDINGS, controller=replace(CONTROLLER, officer=None))))
    assert "Data protection officer" not in told
    assert "You may withdraw at any time" in told


def test_a_rehearsal_says_so_first():
    """Before anything else."""
    told = lines(as_html(replace(HOLDINGS, rehearsal=True)))
    assert told.index("REHEARSAL") < told.index("This is everything")


def test_moments_are_told_for_people_and_for_machines():
    """With the offset, so that an hour that comes twice is still one moment."""
    assert time(GIVEN, "Asia/Kolkata").markup == (
        '<time datetime="2026-11-23T15:11:07+05:30">23 November 2026, 15:11</time>'
    )


def test_a_row_has_a_cell_for_each_heading():
    """A bug would shift what everything means."""
    with pytest.raises(ValueError, match="zip"):
        listing("a", ("b", "c"), [("d",)], "none")
