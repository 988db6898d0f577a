"""`beholden policy show`: what an outsider reads."""

from __future__ import annotations

import json
from pathlib import Path

from beholden.consent.oversight.rules import Act, in_words
from beholden.consent.policy_digest import policy_digest
from beholden.model.grant import Purpose
from tests.cli.conftest import Command


def test_every_purpose_is_told_with_the_digest_of_the_rules(beholden: Command, tmp_path: Path) -> None:
    """Without a data folder."""
    said = beholden("policy", "show", "--data", tmp_path / "none")
    assert said.code == 0
    for purpose in Purpose:
        assert f"\n{str(purpose).upper()}\n" in f"\n{said.out}"
    assert said.out.count("Who sees what") == said.out.count("Who agrees") == len(Purpose)
    assert policy_digest() in said.out
    assert "None shown        These are the rules alone." in said.out
    assert said.out.index("NOT THERE YET") < said.out.index("WORDS")
    assert max(map(len, said.out.splitlines())) <= 100


def test_one_purpose_is_told_alone(beholden: Command, tmp_path: Path) -> None:
    """And what holds for all."""
    said = beholden("policy", "show", "-p", "find_me", "--data", tmp_path / "none")
    assert "FIND_ME" in said.out
    assert "ALWAYS" in said.out
    assert "ENTRANCE" not in said.out
    assert "the outside welfare body" in " ".join(said.out.split())


def test_the_places_of_a_folder_are_told_with_what_was_recorded_for_them(beholden: Command, rehearsal: Path) -> None:
    """Capture, hours, and for `declared` the legal basis and the assessment."""
    (rehearsal / "beholden.toml").write_text(
        """[places.square]
capture = "declared"
purposes = ["care"]
hours = "08:00-20:00"
legal_basis = "vital interests, see file 7"
impact_assessment = "dpia-2026.pdf"
[places.shed]
"""
    )
    said = beholden("policy", "show", "--data", rehearsal)
    words = " ".join(said.out.split())
    assert "square care. Capture: the operator recorded an impact assessment" in words
    assert "Legal basis: vital interests, see file 7. Impact assessment: dpia-2026.pdf." in words
    assert "Nobody is named outside 08:00-20:00 (UTC)." in words
    assert "shed entrance. Capture: no naming at all" in words


def test_whoever_agreed_to_nothing_reads_who_sees_them_for_how_long_and_who_must_agree(
    beholden: Command, tmp_path: Path
) -> None:
    """First of all; and everything that nobody does alone, with who agrees."""
    said = beholden("policy", "show", "--data", tmp_path / "none")
    first = said.out.split("\n\n")[0]
    assert first.startswith("IF I AGREED TO NOTHING\n")
    assert [heading in first for heading in ("Who could see me", "For how long", "Who must agree")] == [True] * 3
    words = " ".join(said.out.split())
    assert all(in_words(act)[1:] in words for act in Act)


def test_programs_get_the_same_table(beholden: Command, rehearsal: Path) -> None:
    """With the digest and the places."""
    said = beholden("policy", "show", "--json", "--data", rehearsal)
    [row] = said.rows
    assert row["digest"] == policy_digest()
    assert set(row["purposes"]) == set(Purpose)
    assert "lobby" in row["places"]
    assert row["together"] == {str(act): in_words(act) for act in Act}
    assert "similarity" not in json.dumps(row)
