"""Every display of a person by name: it belongs to an account that signed for it, counts, and is logged first.

`consent.oversight.displays` decides. A sighting that is pushed to a desk counts once for an account,
however often its line is drawn again; only somebody who was sighted is shown in that way. What somebody
asks to see counts each time it is signed for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from beholden.acts.accounts_kept import Record, keep, kept, moment_of, note, note_presence, stored, tell
from beholden.acts.accounts_known import Held, proven, refused
from beholden.acts.accounts_signed import Signed, digest_of, fingerprint
from beholden.acts.displays_desk import at_desk
from beholden.acts.displays_watched import families_here, watched
from beholden.acts.office import Office
from beholden.acts.people import name_of
from beholden.acts.presence import open_sighting
from beholden.consent.oversight.accounts import AccountId, PersonId
from beholden.consent.oversight.displays import BLOCKED, COUNTS_FOR, Answer, Display, Looked, Way, look
from beholden.model.ids import PlaceId, SightingId, SubjectId

LOOK = "look"
"""What is signed."""
UNSIGNED = "a person is shown to a named account only"
_DISPLAY = "display"


@dataclass(frozen=True, slots=True)
class Look:
    """`subject` is about to be displayed. `sighting`: which line of the feed it is; None where somebody asked."""

    subject: SubjectId
    way: Way
    place: PlaceId
    sighting: SightingId | None = None

    @property
    def digest(self) -> str:
        """What the account signs."""
        return digest_of({"subject": self.subject, "way": str(self.way), "place": self.place, "of": self.sighting})


@dataclass(frozen=True, slots=True)
class Shown:
    """What the account sees: a name; or why not; or, both None, nobody."""

    name: str | None = None
    refused: str | None = None


def show(office: Office, asked: Look, signed: Signed | None = None) -> Shown:
    """The name of whoever is to be displayed, after it was decided, logged and counted.

    Raises PolicyRefused for a signature that does not count, or for none outside a rehearsal; UnknownSubject;
    LogUnavailable, DataFolderError, KeystoreError: then nobody is displayed.
    """
    if signed is None:
        if not office.store.rehearsal:
            raise refused(UNSIGNED)
        return Shown(name_of(office, asked.subject))
    with office.journal.acting():
        viewer = proven(office, signed, LOOK, asked.digest)
        office.store.subject(asked.subject)
        if asked.way is Way.FEED:
            _refuse_unseen(office, asked)
            at_desk(office, viewer.account, asked.place)
        return counted(office, viewer, asked, signed)


def counted(office: Office, viewer: Held, asked: Look, signed: Signed) -> Shown:
    """As `show`, once it is known whose signature that is. To be called under `Journal.acting`."""
    if office.keystore.bucket(asked.subject) is None:
        return Shown(asked.subject)  # there is no name any more
    display = _name_of_display(viewer, asked, signed)
    before = _past(office, asked.subject)
    if display in before:
        return _shown(office, Answer(asked.subject) if before[display].shown else Answer(refused=BLOCKED))
    place, past = asked.place, tuple(before.values())
    looked = look(viewer.account.id, asked.subject, asked.way, place, past, watched(office), office.clock())
    _count(office, asked, display, looked)
    return _shown(office, looked.answer)


def _refuse_unseen(office: Office, asked: Look) -> None:
    """The feed shows who was sighted, there, and nobody else: an account does not choose. Raises PolicyRefused."""
    seen = None if asked.sighting is None else office.store.sighting(asked.sighting)
    if seen is not None and seen.subject == asked.subject and seen.dies_at > office.clock():
        key = office.keystore.data_keys([seen.subject])[seen.subject]
        if key is None or open_sighting(seen, key).place == asked.place:  # without a key there is no name either
            return
    raise refused("nobody was sighted there")


def _name_of_display(viewer: Held, asked: Look, signed: Signed) -> str:
    """One sighting is one display for an account; what was asked for is one for each signature."""
    of = asked.sighting if asked.way is Way.FEED else fingerprint(signed.signature)[:32]
    return f"{viewer.account.id}.{of}"


def _past(office: Office, subject: SubjectId) -> dict[str, Display]:
    """What was counted of a person and their relatives, by its name."""
    family = families_here(office).of(subject)
    return {each.id: _display(each) for each in kept(office, _DISPLAY, family)}


def _count(office: Office, asked: Look, display: str, looked: Looked) -> None:
    """Log it, then count it, before anybody sees anything. What the feed shows tells that somebody is there now."""
    if asked.way is Way.FEED:
        note_presence(office, looked.facts, asked.place)
    else:
        note(office, looked.facts)
    records: list[Record] = []
    if looked.counted is not None:
        records.append(_record(display, looked.counted))
        records += tell(office, display, looked.notices)
    if records:
        keep(office, records)


def _shown(office: Office, answer: Answer) -> Shown:
    return Shown(None if answer.shown is None else name_of(office, answer.shown), answer.refused)


def _record(name: str, display: Display) -> Record:
    values = {
        "account": display.account,
        "person": display.person,
        "way": str(display.way),
        "place": display.place,
        "at": stored(display.at),
        "shown": "yes" if display.shown else "no",
    }
    return Record(_DISPLAY, name, values, display.subject, _dies_at(display))


def _dies_at(display: Display) -> datetime:
    """As soon as it counts no more; of the feed at the full hour after that, which tells less about when it was."""
    counts_until = display.at + COUNTS_FOR[display.way]
    if display.way is not Way.FEED:
        return counts_until
    return counts_until.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def _display(record: Record) -> Display:
    values = record.values
    return Display(
        account=AccountId(values["account"]),
        person=PersonId(values["person"]),
        subject=SubjectId(record.about),
        way=Way(values["way"]),
        place=PlaceId(values["place"]),
        at=moment_of(values["at"]),
        shown=values["shown"] == "yes",
    )
