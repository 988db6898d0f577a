"""Who is known here: names are opened under each person's own key, one at a time, and kept nowhere."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
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
    """A subject with what people call them; `label` is None once they withdrew (or their key is lost)."""

    id: SubjectId
    label: str | None
    guardian: str | None
    state: SubjectState
    created_at: datetime
    grants: tuple[Grant, ...]


def checked_label(label: str) -> str:
    """The label as it is kept: trimmed, composed Unicode. Raises PolicyRefused when people could not read it."""
    text = unicodedata.normalize("NFC", " ".join(label.split()))
    if not 1 <= len(text) <= LONGEST_LABEL or not text.isprintable():
        raise PolicyRefused(f"a name is 1 to {LONGEST_LABEL} printable characters", advice="Choose another name.")
    return text


def people(office: Office) -> tuple[Person, ...]:
    """Everybody who was ever invited or enrolled, oldest first. Raises DataFolderError, KeystoreError."""
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
    return tuple(p.id for p in people(office) if p.label is None and p.state is not SubjectState.WITHDRAWN)


def find(office: Office, who: str) -> Person:
    """The person of that id, or of that name (case does not matter). Raises UnknownSubject."""
    for person in people(office):
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
    raise AlreadyEnrolled(f"there is somebody called {person.label or label!r} here already")


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
    return Person(subject.id, label, guardian, subject.state, subject.created_at, office.store.grants(subject.id))
