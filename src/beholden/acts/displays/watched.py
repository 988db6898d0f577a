"""Ties of people and canaries, as they are kept: what decides, beside the count, whether somebody is displayed.

A tie is what a person said about who may look (`acts.displays.ties`). Each lies sealed with whom it is about, so that
a row tells neither which kind it is nor who the other one is; of relatives each has one.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from beholden.acts.accounts.kept import OWN, Record, kept, row_name
from beholden.acts.accounts.known import directory_of
from beholden.acts.office import Office
from beholden.consent.oversight.accounts import PersonId
from beholden.consent.oversight.displays import Watched
from beholden.consent.oversight.families import Bars, Families
from beholden.model.ids import SubjectId

TIE, CANARY = "tie", "canary"
"""Kinds of records."""


class Tie(StrEnum):
    """What a person says about somebody else."""

    BARRED = "barred"
    """To whoever holds that account, the person is not there."""
    RELATIVE = "relative"
    """Looking at the one is looking at the other."""
    KNOWN = "known"
    """Whoever holds that account knows them: those who watch are told when they look or are shown them,
    and they do not approve."""


def watched(office: Office, subject: SubjectId) -> Watched:
    """What is known of a person and their relatives, for whoever decides a display."""
    family = family_of(office, subject)
    bars = frozenset((SubjectId(row.about), PersonId(row.values["other"])) for row in _said(office, Tie.BARRED, family))
    canaries = frozenset({subject}) if is_canary(office, subject) else frozenset[SubjectId]()
    persons = {each: PersonId(each) for each in family}
    return Watched(directory_of(office), Families((family,)), Bars(bars), canaries, persons)


def family_of(office: Office, subject: SubjectId) -> frozenset[SubjectId]:
    """Whoever is joined with a person by a chain of relatives, the person among them."""
    family, new = {subject}, {subject}
    while new:
        new = {SubjectId(row.values["other"]) for row in _said(office, Tie.RELATIVE, new)} - family
        family |= new
    return frozenset(family)


def barred_by(office: Office, subject: SubjectId) -> frozenset[PersonId]:
    """Whom one person bars."""
    return frozenset(PersonId(row.values["other"]) for row in _said(office, Tie.BARRED, [subject]))


def links_of(office: Office, family: Iterable[SubjectId]) -> frozenset[frozenset[PersonId]]:
    """Who knows any of these personally, as they or those who hold the accounts said."""
    rows = _said(office, Tie.KNOWN, set(family))
    return frozenset(frozenset({PersonId(row.about), PersonId(row.values["other"])}) for row in rows)


def apart_from(office: Office, subject: SubjectId | None) -> frozenset[PersonId]:
    """Who does not approve an act about a person: themselves, relatives, whoever knows them, whom they bar."""
    if subject is None:
        return frozenset()
    family = family_of(office, subject)
    rows = [row for tie in (Tie.KNOWN, Tie.BARRED) for row in _said(office, tie, family)]
    return frozenset({*map(PersonId, family), *(PersonId(row.values["other"]) for row in rows)})


def is_canary(office: Office, subject: SubjectId) -> bool:
    """Whether somebody does not exist (`acts.displays.canaries`)."""
    rows = office.store.kept(CANARY)
    wanted = canary_row(office, subject) if rows else ""
    return any(row.id == wanted for row in rows)


def canary_row(office: Office, subject: SubjectId) -> str:
    """What the row of a canary is called: nobody without the key of the installation can tell whose it is."""
    return row_name(office, OWN, subject)


def tie_row(office: Office, subject: SubjectId, tie: Tie, other: str) -> str:
    """What the row of a tie is called: nobody without the person's key can tell what it is."""
    return row_name(office, subject, str(tie), other)


def ties_of(office: Office, subjects: Iterable[SubjectId] | None) -> list[Record]:
    """Every tie of these people, or of all."""
    return list(kept(office, TIE, None if subjects is None else set(subjects)))


def _said(office: Office, tie: Tie, subjects: Iterable[SubjectId]) -> list[Record]:
    return [row for row in ties_of(office, subjects) if row.values["tie"] == tie]
