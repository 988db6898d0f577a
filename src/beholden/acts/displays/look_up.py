"""Somebody looked up by name or id: by name that is a display, which an account signs for, counts, and is logged first.

By their id anybody may ask what somebody agreed to; the answer has no name in it.
"""

from __future__ import annotations

from dataclasses import replace

from beholden.acts.accounts.known import proven, refuse_names
from beholden.acts.accounts.signed import Signed, digest_of
from beholden.acts.displays.show import UNSIGNED, Look, counted
from beholden.acts.grants.people import Person, find, nameless, people
from beholden.acts.office import Office
from beholden.consent.oversight.displays import Way
from beholden.model.errors import PolicyRefused, UnknownSubject
from beholden.model.ids import PlaceId

LOOK_UP = "look up"
"""What is signed."""
_ADVICE = "Give their subject id, or --account and --key (docs/oversight.md)."


def look_up(office: Office, who: str, signed: Signed | None = None) -> Person:
    """The person of that id, without a name; or of that name (case does not matter), for an account that signed.

    Without a signature a name is looked up in a rehearsal only. Raises UnknownSubject, also to an account that they
    barred; PolicyRefused for a signature that does not count, an account that is shown no names, or looked too often;
    LogUnavailable, DataFolderError, KeystoreError: then nobody is shown.
    """
    if signed is None:
        if office.store.rehearsal:
            return find(office, who)
        for each in people(office):
            if each.id == who:
                return each
        raise PolicyRefused(UNSIGNED, advice=_ADVICE)
    with office.journal.acting():
        viewer = proven(office, signed, LOOK_UP, who_digest(who))
        for each in people(office):
            if each.id == who:
                return nameless(each)
        try:
            person = find(office, who)
        except UnknownSubject:
            refuse_names(office, viewer.account)  # in the words of a name that is here
            raise
        refuse_names(office, viewer.account, person.id)
        shown = counted(office, viewer, Look(person.id, Way.LOOK_UP, PlaceId("")), signed)
        if shown.refused is not None:
            raise PolicyRefused(shown.refused, advice=_ADVICE)
        if shown.name is None:
            raise UnknownSubject(f"there is nobody called {who!r} here")
        return replace(nameless(person), label=shown.name)


def who_digest(who: str) -> str:
    """What is signed to look somebody up."""
    return digest_of({"who": who})
