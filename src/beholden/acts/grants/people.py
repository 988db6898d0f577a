"""Who is known here: names are opened under each person's own key, one at a time, and kept nowhere.

What is handed to whoever asks the keeper (`people`, `list_people`) has names in a rehearsal only: elsewhere a name is
shown by `acts.displays.show` and `acts.displays.look_up`, to an account that signed for it.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime

from beholden.acts.office import Office
from beholden.consent.registry import Particulars, Subject, SubjectState
from beholden.consent.seal import open_particulars
from beholden.model.errors import AlreadyEnrolled, PolicyRefused, SealBroken, UnknownSubject
from beholden.model.event import PeopleListed
from beholden.model.grant import Grant
from beholden.model.ids import SubjectId

LONGEST_LABEL = 100


@dataclass(frozen=True, slots=True)
class Person:
    """A subject with what people call them. `opens`: whether what is kept of them opens; False once they withdrew (or
    their key is lost). `label` and `guardian` are None then, and where no names are told."""

    id: SubjectId
    label: str | None
    guardian: str | None
    state: SubjectState
    created_at: datetime
    grants: tuple[Grant, ...]
    opens: bool


def checked_label(label: str) -> str:
    """The label as it is kept: trimmed, composed Unicode. Raises PolicyRefused when people could not read it."""
    text = unicodedata.normalize("NFC", " ".join(label.split()))
    if not 1 <= len(text) <= LONGEST_LABEL or not text.isprintable():
        raise PolicyRefused(f"a name is 1 to {LONGEST_LABEL} printable characters", advice="Choose another name.")
    return text


def people(office: Office) -> tuple[Person, ...]:
    """Everybody who was ever invited or enrolled, oldest first, with names in a rehearsal only.

    Raises DataFolderError, KeystoreError.
    """
    found = everybody(office)
    return found if office.store.rehearsal else tuple(map(nameless, found))


def everybody(office: Office) -> tuple[Person, ...]:
    """As `people`, with names: for acts that compare them, and never for an answer."""
    subjects = office.store.subjects()
    keys = office.keystore.data_keys([subject.id for subject in subjects])
    return tuple(_person(office, subject, keys[subject.id]) for subject in subjects)


def list_people(office: Office) -> tuple[Person, ...]:
    """As `people`, for somebody's eyes: logged first. Raises LogUnavailable: then nothing is shown."""
    found = people(office)
    office.journal.record([PeopleListed(at=office.clock(), people=len(found))])
    return found


def name_of(office: Office, subject: SubjectId) -> str:
    """What people call somebody; the id once they withdrew. Opens nobody else's name. Raises UnknownSubject."""
    key = office.keystore.data_keys([subject])[subject]
    return _person(office, office.store.subject(subject), key).label or subject


def without_key(office: Office) -> tuple[SubjectId, ...]:
    """People who did not withdraw and whose key is gone or does not open: nobody can recognise them any more."""
    return tuple(p.id for p in people(office) if not p.opens and p.state is not SubjectState.WITHDRAWN)


def nameless(person: Person) -> Person:
    """Without what would tell who they are."""
    return replace(person, label=None, guardian=None)


def find(office: Office, who: str) -> Person:
    """The person of that id, or of that name (case does not matter), with their name: for acts, as `everybody`.

    Raises UnknownSubject.
    """
    for person in everybody(office):
        if who == person.id or (person.label is not None and _same(person.label, who)):
            return person
    raise UnknownSubject(f"there is nobody called {who!r} here")


def refuse_duplicate(office: Office, label: str, *, but_invited: bool = False) -> Person | None:
    """Raise AlreadyEnrolled when somebody has that name; `but_invited` returns one who was only invited."""
    try:
        person = find(office, label)
    except UnknownSubject:
        return None
    if but_invited and person.state is SubjectState.INVITED:
        return person
    raise AlreadyEnrolled(f"there is somebody called {label!r} here already")


def _same(one: str, other: str) -> bool:
    return one.casefold() == unicodedata.normalize("NFC", " ".join(other.split())).casefold()


def _person(office: Office, subject: Subject, key: bytes | None) -> Person:
    particulars: Particulars | None = None
    if subject.particulars is not None and key is not None:
        try:
            particulars = open_particulars(key, subject.particulars, subject.id)
        except SealBroken:
            particulars = None  # listed all the same, so that an operator can withdraw a record that does not open
    label, guardian = (particulars.label, particulars.guardian) if particulars else (None, None)
    grants, opens = office.store.grants(subject.id), particulars is not None
    return Person(subject.id, label, guardian, subject.state, subject.created_at, grants, opens)
