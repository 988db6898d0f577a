"""Every display of a person by name: it belongs to an account that signed for it, counts, and is logged first.

`consent.oversight.displays` decides. A sighting that is pushed to a desk counts once for an account,
however often its line is drawn again; only somebody who was sighted is shown in that way. What somebody
asks to see counts each time it is signed for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from beholden.acts.accounts.kept import Record, keep, kept, moment_of, note, note_presence, stored, tell
from beholden.acts.accounts.known import Held, proven, refuse_names, refused
from beholden.acts.accounts.signed import Signed, digest_of, fingerprint
from beholden.acts.displays.desk import at_desk
from beholden.acts.displays.feed_days import Counted, count_today
from beholden.acts.displays.oddities import odd_display
from beholden.acts.displays.watched import family_of, watched
from beholden.acts.grants.people import name_of
from beholden.acts.office import Office
from beholden.acts.sightings.presence import open_sighting
from beholden.acts.sightings.sighting import found_by_plans
from beholden.consent.oversight.accounts import AccountId, PersonId
from beholden.consent.oversight.displays import BLOCKED, COUNTS_FOR, Answer, Display, Looked, Way, look
from beholden.model.errors import SealBroken, UnknownSubject
from beholden.model.ids import PlaceId, SightingId, SubjectId

LOOK = "look"
"""What is signed."""
NOBODY_THERE = "nobody was sighted there"
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

    Raises PolicyRefused for a signature that does not count, an account that is shown no names (`refuse_names`), or for
    none outside a rehearsal; UnknownSubject without one; LogUnavailable, DataFolderError, KeystoreError: then nobody is
    displayed.
    """
    if signed is None:
        if not office.store.rehearsal:
            raise refused(UNSIGNED)
        return Shown(name_of(office, asked.subject))
    with office.journal.acting():
        viewer = proven(office, signed, LOOK, asked.digest)
        refuse_names(office, viewer.account, asked.subject)
        if not _is_here(office, asked.subject):
            return Shown()  # as of somebody who bars the account
        if asked.way is Way.FEED:
            _refuse_unseen(office, asked)
            at_desk(office, viewer.account, asked.place)
        return counted(office, viewer, asked, signed)


def counted(office: Office, viewer: Held, asked: Look, signed: Signed) -> Shown:
    """As `show`, once it is known whose signature that is. To be called under `Journal.acting`."""
    if office.keystore.bucket(asked.subject) is None:
        return Shown(asked.subject)  # there is no name any more
    display = _name_of_display(viewer, asked, signed)
    before, known = _past(office, asked.subject), watched(office, asked.subject)
    if display in before and not known.bars.holds(asked.subject, viewer.account):  # barred since, nobody is there
        return _shown(office, Answer(asked.subject) if before[display].shown else Answer(refused=BLOCKED))
    past = tuple(before.values())
    looked = look(viewer.account.id, asked.subject, asked.way, asked.place, past, known, office.clock())
    day = Counted()
    if looked.counted is not None:
        odd, told = odd_display(office, viewer.account, looked.counted, past, known)
        day = count_today(office, viewer.account, looked.counted, known, odd)
        facts, notices = day.told
        looked = replace(looked, facts=(*looked.facts, *odd, *facts), notices=(*looked.notices, *told, *notices))
    _count(office, asked, display, looked, day)
    return _shown(office, looked.answer)


def past_displays(office: Office, subject: SubjectId) -> tuple[Display, ...]:
    """What was counted of a person and their relatives."""
    return tuple(_past(office, subject).values())


def _is_here(office: Office, subject: SubjectId) -> bool:
    try:
        return office.store.subject(subject).id == subject
    except UnknownSubject:
        return False


def _refuse_unseen(office: Office, asked: Look) -> None:
    """The feed shows who was sighted, there, and nobody else: an account does not choose. Raises PolicyRefused.

    Whoever was recognised under a find-me plan was not sighted for anybody who watches (`acts.plans.matches`).
    """
    seen = None if asked.sighting is None else office.store.sighting(asked.sighting)
    if seen is None or seen.subject != asked.subject or seen.dies_at <= office.clock():
        raise refused(NOBODY_THERE)
    key = office.keystore.data_keys([asked.subject])[asked.subject]
    if key is None:
        return  # there is no name either
    try:
        there = open_sighting(seen, key)
    except SealBroken as error:
        raise refused(NOBODY_THERE) from error
    if there.place != asked.place or there.grant in found_by_plans(office, asked.subject):
        raise refused(NOBODY_THERE)


def _name_of_display(viewer: Held, asked: Look, signed: Signed) -> str:
    """One sighting is one display for an account; what was asked for is one for each signature."""
    of = asked.sighting if asked.way is Way.FEED else fingerprint(signed.signature)[:32]
    return f"{viewer.account.id}.{of}"


def _past(office: Office, subject: SubjectId) -> dict[str, Display]:
    """What was counted of a person and their relatives, by its name."""
    return {each.id: _display(each) for each in kept(office, _DISPLAY, family_of(office, subject))}


def _count(office: Office, asked: Look, display: str, looked: Looked, day: Counted) -> None:
    """Log it, then count it, before anybody sees anything. What the feed shows tells that somebody is there now."""
    if asked.way is Way.FEED:
        note_presence(office, looked.facts, asked.place)
    else:
        note(office, looked.facts)
    records: list[Record] = []
    if looked.counted is not None:
        records += [_record(display, looked.counted), *day.records]
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
