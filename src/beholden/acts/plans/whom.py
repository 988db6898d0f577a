"""Whom somebody means in a find-me plan: account holders, subjects, and people who are neither."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from beholden.acts.accounts.known import find_account
from beholden.acts.grants.people import checked_label, find
from beholden.acts.office import Office
from beholden.acts.plans.wishes import OUTSIDE, outside
from beholden.consent.oversight.accounts import PersonId
from beholden.consent.oversight.plans import Wishes
from beholden.model.errors import InputError, PolicyRefused, UnknownSubject
from beholden.model.ids import SubjectId


def everybody_called(office: Office, name: str) -> frozenset[PersonId]:
    """Everybody who may be meant: whoever holds an account of that name, the subject, and somebody outside.

    Case and blanks do not matter. Raises PolicyRefused for what is no name.
    """
    return frozenset({outside(checked_label(name))}) | _reachable(office, name)


def reachable(office: Office, name: str) -> PersonId:
    """The one whom a notice reaches. Raises PolicyRefused."""
    found = _reachable(office, checked_label(name))
    if len(found) != 1:
        many = "more than one person is" if found else "nobody with an account here is"
        raise PolicyRefused(
            f"{many} called {name!r}", advice="Who may be told has an account here, or is a subject: give its id."
        )
    return next(iter(found))


def reporter(office: Office, name: str, wishes: Wishes | None) -> PersonId:
    """Who reported: where several are meant, whom the person excluded rather than somebody else."""
    found = sorted(everybody_called(office, name), key=lambda each: (each.startswith(OUTSIDE), each))
    excluded = [each for each in found if wishes is not None and each in wishes.never_tell]
    return (excluded or found)[0]


def subject_called(office: Office, who: str) -> SubjectId | None:
    """The subject of that name or id; None when nobody is: whoever asks is not told which."""
    try:
        return find(office, who).id
    except UnknownSubject:
        return None


def in_the_future(moment: datetime | None, now: datetime) -> datetime | None:
    """From when on somebody is an adult; None when they are. Raises InputError for a moment that is no birthday."""
    if moment is None or moment <= now:
        return None
    if moment.year > now.year + 18:
        raise InputError("nobody comes of age that late", advice="Give the day on which they are an adult.")
    return moment


def _reachable(office: Office, name: str) -> frozenset[PersonId]:
    found: set[PersonId] = set()
    with suppress(InputError):
        found.add(find_account(office, name).account.person)
    subject = subject_called(office, name)
    if subject is not None:
        found.add(PersonId(subject))
    return frozenset(found)
