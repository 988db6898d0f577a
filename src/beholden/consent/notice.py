"""The notice that a person reads before agreeing: made of the policy table's own words, with a digest.

Policy and notice cannot disagree: what a purpose does is said by `consent.policy_words`, and nothing
is written twice. A notice about several purposes says of each exactly what a notice about that one
alone says. So a grant records the edition of the notice about its own purpose and places, which can be
made again and compared at any time (`consent.life.due`), beside the digest of what was on the screen.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import cast

from beholden.consent.policy import CAPTURE_DESCRIPTION, table_values
from beholden.consent.policy_words import general_rows, policy_rows
from beholden.consent.purposes import policy_of
from beholden.model.errors import PolicyRefused
from beholden.model.grant import Hours, Place, Purpose

NOTICE_VERSION = "1"
"""Of the words of this module; raised when they change."""
LANGUAGES = ("en",)
"""Other languages need the policy table in them: not yet."""


@dataclass(frozen=True, slots=True)
class Controller:
    """Who answers: the name and how to reach them, the authority that takes complaints, the data protection officer."""

    name: str
    contact: str
    authority: str
    officer: str | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and its words, about one purpose; None: about all of them."""

    purpose: Purpose | None
    heading: str
    words: str


@dataclass(frozen=True, slots=True)
class Edition:
    """Which notice somebody read. `digest`: SHA-256 (hex) of all of it. `rules`: of who sees what, where and when,
    and who answers: a change of words, or of a telephone number, leaves it."""

    digest: str
    rules: str


@dataclass(frozen=True, slots=True)
class Notice:
    """What is read: `sections` in order. `rules`: as in `Edition`."""

    language: str
    version: str
    sections: tuple[Section, ...]
    rules: str

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of the notice's canonical JSON (RFC 8785: nothing but strings and null)."""
        return _digest(asdict(self))

    @property
    def edition(self) -> Edition:
        return Edition(self.digest, self.rules)

    def text(self) -> str:
        """The notice as plain text, a paragraph per section, a title before each purpose."""
        lines: list[str] = []
        before: Purpose | None = None
        for section in self.sections:
            if section.purpose is not before:
                before = section.purpose
                lines.append(str(before).upper() if before is not None else "ALWAYS")
            lines.append(f"{section.heading}: {section.words}")
        return "\n\n".join(lines) + "\n"


def notice_for(
    purposes: Collection[Purpose], places: Collection[Place], controller: Controller, language: str = "en"
) -> Notice:
    """The notice about `purposes` at `places`, as far as each serves them; the order of neither matters.

    Raises PolicyRefused where a notice would leave out what it has to say: who answers, or where.
    """
    if language not in LANGUAGES:
        raise PolicyRefused(f"there is no notice in {language!r} yet: a person agrees only to what they can read")
    if not purposes:
        raise PolicyRefused("a notice is about one purpose at least")
    missing = [name for name in ("name", "contact", "authority") if not str(getattr(controller, name)).strip()]
    if missing:
        raise PolicyRefused(f"a notice says who answers: {', '.join(missing)} of the controller is not set")
    sections: list[Section] = []
    rules: dict[str, object] = {}
    for purpose in (each for each in Purpose if each in purposes):
        served = _served(purpose, places)
        sections += _about(purpose, served)
        rules[purpose] = _rules(purpose, served)
    sections += [Section(None, heading, words) for heading, words in (*general_rows(), *_always(controller))]
    return Notice(language, NOTICE_VERSION, tuple(sections), _digest({"controller": controller.name, "rules": rules}))


def _served(purpose: Purpose, places: Collection[Place]) -> list[Place]:
    if not policy_of(purpose).at_places:
        return []
    served = sorted((place for place in places if purpose in place.purposes), key=lambda place: place.id)
    if not served:
        raise PolicyRefused(f"{purpose} is served at none of these places: a notice says where")
    return served


def _about(purpose: Purpose, served: list[Place]) -> list[Section]:
    """The rows of the policy table, with the places of this installation where it says where."""
    here = " ".join(f"{place.id}: {_place(place)}" for place in served)
    rows = [(head, f"{words} {here}".strip() if head == "Where" else words) for head, words in policy_rows(purpose)]
    return [Section(purpose, heading, words) for heading, words in rows]


def _place(place: Place) -> str:
    words = f"{CAPTURE_DESCRIPTION[place.capture]}."
    return words if place.hours is None else f"{words} Nobody is named outside {_span(place.hours)} ({place.zone})."


def _span(hours: Hours) -> str:
    return str(hours)


def _rules(purpose: Purpose, served: list[Place]) -> dict[str, object]:
    values = table_values()
    return {
        "policy": cast("dict[str, object]", values["purposes"])[purpose],
        "asked": values["asked"],
        "unrenewed_days": values["unrenewed_days"],
        "places": [
            {
                "place": place.id,
                "zone": place.zone,
                "capture": place.capture,
                "hours": None if place.hours is None else _span(place.hours),
            }
            for place in served
        ],
    }


def _always(controller: Controller) -> tuple[tuple[str, str], ...]:
    officer = "" if controller.officer is None else f" The data protection officer is {controller.officer}."
    return (
        (
            "What is kept",
            "Numbers that describe the person's face, sealed under a key of their own, and what they agreed to. The "
            "pictures that the numbers are made from are not kept. A computer compares numbers, and may be wrong; "
            "people decide what to do.",
        ),
        (
            "A no costs nothing",
            "Nothing is ticked beforehand, each purpose stands by itself, and without a yes there is an equal way.",
        ),
        ("Who answers", f"{controller.name}: {controller.contact}.{officer}"),
        (
            "What the person may ask for",
            "A copy of everything that is kept about them, its correction, its destruction, and its transfer.",
        ),
        (
            "Withdrawal",
            "At any time, as easily as the yes, and without a reason. What recognises the person is destroyed at once, "
            "in backups too; a receipt proves it. What was lawful before stays so.",
        ),
        ("Complaint", f"To {controller.authority}, at any time."),
    )


def _digest(value: object) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
