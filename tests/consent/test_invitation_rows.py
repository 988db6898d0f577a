"""A file of invitations is read strictly: every wrong row is named, and nothing is done by halves."""

from __future__ import annotations

import pytest

from beholden.consent.invitation import Offer
from beholden.consent.invitation_rows import InvitationRows, WrongRow, invitation_rows
from beholden.model.grant import Purpose
from beholden.model.ids import PlaceId
from tests.consent.test_invitation import LOBBY, PLACES, YARD

HEADING = "name,purposes,places\n"
ADA = Offer("Ada Vale", (Purpose.ENTRANCE, Purpose.PHOTOS), frozenset({LOBBY}))
BEN = Offer("Ben Ode", (Purpose.PHOTOS,))


def read(rows: str, heading: str = HEADING) -> InvitationRows:
    return invitation_rows((heading + rows).encode(), PLACES)


def wrong(rows: str, heading: str = HEADING) -> list[tuple[int, str]]:
    found = read(rows, heading)
    assert found.offers == ()
    return [(row.line, row.reason) for row in found.wrong]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_rows_are_offers_in_their_order(end, mark):
    """As any spreadsheet writes them, with a byte order mark or without."""
    text = f'{HEADING}Ada Vale,entrance;photos,lobby\n\n"Ben  Ode ", photos ; ,\nCy,care,lobby; yard'
    found = invitation_rows(mark + text.replace("\n", end).encode(), PLACES)
    cy = Offer("Cy", (Purpose.CARE,), frozenset({LOBBY, YARD}))
    assert found == InvitationRows((ADA, BEN, cy), ())
    assert found.complaint() is None


def test_every_wrong_row_is_named_with_its_line_and_nothing_is_done():
    """The good ones wait until all are."""
    rows = 'Ada Vale,entrance,lobby\n"Two\nlines",photos,\n,photos,\nEve,fun,\nFay,care,\nGus,photos\n'
    found = read(rows)
    assert found.offers == ()
    assert found.wrong == (
        WrongRow(3, "name: there is a line break, a tab or something else that nobody can see"),
        WrongRow(5, "a name is 1 to 100 printable characters"),
        WrongRow(
            6,
            "there is no purpose called fun: there are entrance, care, self_exclusion, photos, introductions, find_me",
        ),
        WrongRow(7, "none of the places offered serves care"),
        WrongRow(8, "there are 2 cells, not 3"),
    )
    assert found.complaint().splitlines()[1:3] == [
        "line 5: a name is 1 to 100 printable characters",
        f"line 6: {found.wrong[2].reason}",
    ]


@pytest.mark.parametrize("again", ["ada vale", " Ada  Vale", "ADA VALE"])
def test_one_person_has_one_row(again):
    """However the name is written; the later row is named, with the first."""
    rows = f"Ada Vale,photos,\nBen,photos,\n{again},photos,\n"
    assert wrong(rows) == [(4, f"{' '.join(again.split())} is in line 2 too: one invitation a person")]


def test_a_name_twice_is_told_though_the_first_row_is_wrong_as_well():
    """And a composed letter is the same as one with its accent apart."""
    found = wrong("Zoë,fun,\nZoe\u0308,photos,\nZoë,photos,\n")
    assert [line for line, _ in found] == [2, 3, 4]
    assert found[1][1] == "Zoë is in line 2 too: one invitation a person"
    assert "in line 2 too" in found[2][1]


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", " =", "＝", "＠"])
def test_a_cell_that_begins_like_a_formula_is_refused(begin):
    """In every column: a spreadsheet that opens the list again would run it."""
    message = "this begins like a formula, with one of = + - @"
    assert wrong(f'{begin}HYPERLINK("http://x")'.replace('"', "") + ",photos,\n") == [(2, f"name: {message}")]
    assert wrong(f"Ada,{begin}photos,\n") == [(2, f"purposes: {message}")]
    assert wrong(f"Ada,photos,{begin}lobby\n") == [(2, f"places: {message}")]


def test_a_name_with_such_a_sign_further_on_is_a_name():
    """People are called so."""
    assert read("Anne-Marie O'Dea = @home,photos,\n").offers[0].label == "Anne-Marie O'Dea = @home"


@pytest.mark.parametrize("cell", ["Ada\tVale", "Ada\u202eVale", "Ada\u200bVale", "\tAda", "Ada\x7f"])
def test_what_nobody_can_see_is_refused(cell):
    """Tabs, marks that turn the writing round, spaces without width."""
    assert wrong(f"{cell},photos,\n") == [
        (2, "name: there is a line break, a tab or something else that nobody can see")
    ]


@pytest.mark.parametrize(
    "heading",
    [
        "name;purposes;places\n",
        "name,purposes\n",
        "name,places,purposes\n",
        "name,purposes,places,photo\n",
        "name,purposes,places,template\n",
        "Name,purposes,places\n",
        "",
    ],
)
def test_another_heading_is_refused_and_a_photo_has_no_column(heading):
    """A row is an invitation and never more (I2)."""
    reason = "the heading has to be name,purposes,places: a row is an invitation and nothing else"
    assert wrong("Ada,photos,\n", heading) == [(1, reason)]


def test_a_row_with_a_cell_too_many_is_refused():
    """Nothing rides along."""
    assert wrong("Ada,photos,,ada.jpg\n") == [(2, "there are 4 cells, not 3")]


def test_a_file_without_rows_is_refused():
    """With nothing at all, with empty lines, with a heading only."""
    for nothing in ("", "\n\n"):
        ((line, reason),) = wrong("", nothing)
        assert line == 1
        assert reason.startswith("the heading has to be")
    assert wrong("\n\n") == [(1, "there is no row below the heading")]


def test_five_hundred_rows_are_allowed_and_one_more_is_not():
    """A list is invited in pieces that somebody can read."""
    rows = [f"Person {number},photos,\n" for number in range(501)]
    assert len(read("".join(rows[:500])).offers) == 500
    assert wrong("".join(rows)) == [(502, "there are more than 500 rows: split the file")]


def test_a_million_bytes_are_allowed_and_one_more_is_not():
    """Blank lines count."""
    row = f"{HEADING}Ada,photos,\n".encode()
    assert invitation_rows(row + b"\n" * (1_000_000 - len(row)), PLACES).wrong == ()
    assert invitation_rows(row + b"\n" * (1_000_001 - len(row)), PLACES).wrong == (
        WrongRow(1, "the file has more than 1000 kB: split it"),
    )


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_another_encoding_is_refused_at_the_line_where_it_shows(encoding):
    """No name is guessed."""
    found = invitation_rows(f"{HEADING}Ada,photos,\nZoë,photos,\n".encode(encoding), PLACES)
    line = 3 if encoding == "latin-1" else 1
    assert found == InvitationRows((), (WrongRow(line, "this is no UTF-8 text: export the table as 'CSV UTF-8'"),))


def test_bytes_of_nothing_are_no_text():
    """At their line."""
    assert wrong("Ada,photos,\nB\0n,photos,\n") == [(3, "this is no text: export the table as 'CSV UTF-8'")]


def test_a_quote_that_is_never_closed_is_named_where_its_row_begins():
    """Not at the end of the file."""
    found = wrong('Ada,photos,\n"Ben,photos,\nCy,photos,\n')
    assert found == [(3, "this cannot be read as CSV (unexpected end of data)")]


def test_places_are_those_of_this_folder():
    """Another name is told."""
    assert wrong("Ada,care,lobby;attic\n") == [(2, "there is no place called attic here")]
    assert read("Ada,care,yard\n").offers[0].places == {PlaceId("yard")}
