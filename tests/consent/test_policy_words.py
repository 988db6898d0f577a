"""`beholden policy show` in words, and the values that its digest is of: as a reader saw them last."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path

from beholden.consent.allowing import Refusal
from beholden.consent.life import Over, Step, Unnamed
from beholden.consent.oversight.plans import Closing
from beholden.consent.policy_digest import policy_values
from beholden.consent.policy_words import general_rows, meaning_rows, policy_rows, stranger_rows, together_rows
from beholden.consent.receipts.said import By, Status
from beholden.model.grant import Purpose
from tests.word_for_word import same

HERE = Path(__file__).parent


def test_the_rules_are_told_word_for_word_as_they_were():
    """Every heading and every sentence: a change of one is a change of what people agreed to."""
    blocks = [
        ("IF I AGREED TO NOTHING", stranger_rows()),
        *((str(purpose).upper(), policy_rows(purpose)) for purpose in Purpose),
        ("ALWAYS", general_rows()),
        ("NOBODY DOES ALONE", together_rows()),
        ("WORDS", meaning_rows()),
    ]
    told = ["\n".join([title, *(f"{head}: {words}" for head, words in rows)]) for title, rows in blocks]
    same("\n\n".join(told) + "\n", HERE / "policy.txt")


def test_the_table_is_value_for_value_what_it_was():
    """What `policy_digest` is of: every number, word and order."""
    same(json.dumps(policy_values(), indent=1) + "\n", HERE / "policy.json")


def test_reasons_are_told_word_for_word_as_they_were():
    """Why nobody is named, why a grant or a plan is over, what has to happen to it, and what a receipt says of it."""
    kinds: tuple[type[StrEnum], ...] = (Refusal, Unnamed, Over, Step, Closing, Status, By)
    told = ["\n".join([kind.__name__, *(f"{each.name}: {each}" for each in kind)]) for kind in kinds]
    same("\n\n".join(told) + "\n", HERE / "reasons.txt")
