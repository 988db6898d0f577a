"""Sightings: opened once per person and place, the leaf first; sealed under the person's key; dead after 24 hours.

One in the pictures of an event lives as long as that: until the grant ends (`consent.lifetimes`).
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from beholden.acts.office import Office
from beholden.acts.own_copy.history import bury
from beholden.acts.sightings.counts import add_track_ends, track_end
from beholden.acts.sightings.presence import Sighting, Where, death, newest, open_sighting, sealed_sighting, settled
from beholden.acts.store import SealedSighting
from beholden.consent.lifetimes import sighting_dies
from beholden.consent.purposes import policy_of
from beholden.model.errors import BeholdenError, ConsentError, KeyDestroyed, PolicyRefused, SealBroken
from beholden.model.event import Sighted, TrackEnded
from beholden.model.grant import Viewpoint
from beholden.model.ids import Epoch, GrantId, SightingId, SubjectId, TrackId, sighting_id
from beholden.model.match import Known, Match

_PURGE_EVERY = timedelta(minutes=1)
__all__ = ["Named", "Settle", "Sighting", "purge", "sightings"]


@dataclass(frozen=True, slots=True)
class Named:
    """A track was recognised at `moment` (aware UTC of the picture), in the run `epoch` of the viewpoint's camera."""

    viewpoint: Viewpoint
    epoch: Epoch
    track: TrackId
    match: Known
    moment: datetime

    @property
    def where(self) -> Where:
        place = self.viewpoint.place
        return Where.of(self.match.subject, None if place is None else place.id, self.viewpoint.camera)


class Settle:
    """What becomes of a track's answer. Handed to the pipeline, or to the keeper; safe for several threads.

    What is in storage is the truth. `_newest` holds, for whom it holds anything, the sighting of that
    person and place in which they were seen last; whatever goes wrong with one, it is forgotten here.
    """

    def __init__(self, office: Office) -> None:
        self._office = office
        self._lock = threading.Lock()
        self._newest: dict[Where, Sighting] = {}
        self._purged_at: datetime | None = None
        self._searched = False
        """Whether the sightings that another process left open were looked for."""

    def named(self, viewpoint: Viewpoint, epoch: Epoch, track: TrackId, match: Known, moment: datetime) -> SightingId:
        """A track was recognised: open a sighting, or update the one that is open. Delivering it twice changes nothing.

        The leaf is durable before the row exists. Raises LogUnavailable, KeyDestroyed (the person
        withdrew meanwhile), ConsentError, DataFolderError: then this track must not be named.
        """
        [result] = self.settle_many([Named(viewpoint, epoch, track, match, moment)])
        if isinstance(result, BeholdenError):
            raise result
        return result.id

    def settle_many(self, batch: Sequence[Named]) -> tuple[Sighting | BeholdenError, ...]:
        """As `named`, for many at once, in order: each one's sighting as it is afterwards, or why that one failed.

        All that open are one append to the log, and all rows are one transaction: a batch costs about
        as much as one. What fails for one person fails for nobody else.
        """
        if not batch:
            return ()
        with self._lock:
            try:
                draft = _Draft(self._office, self._newest, {named.match.subject for named in batch})
            except BeholdenError as error:
                return tuple(error for _ in batch)
            self._purge_now_and_then(draft.now)
            placed = [draft.take(named) for named in batch]
            failed = draft.write()
            self._newest = draft.remembered(self._newest, failed)
        return tuple(
            each if isinstance(each, BeholdenError) else failed.get(each) or draft.sightings[each] for each in placed
        )

    def close_due(self, moment: datetime) -> tuple[Sighting, ...]:
        """Close every sighting whose person has been away for a minute at `moment` (aware UTC); those.

        To be called every few seconds. The first call also looks for what an earlier process left
        open. A sighting that was closed early is opened again by `named`. Raises DataFolderError,
        KeystoreError: then it is done by the next call.
        """
        with self._lock:
            if not self._searched:
                self._search()
            office, now = self._office, self._office.clock()
            due = [each for each in self._newest.values() if each.due(moment)]
            keys = office.keystore.data_keys({each.subject for each in due})
            closed = {each.id: each.closed() for each in due if keys[each.subject] and each.dies_at > now}
            rows = [sealed_sighting(each, key) for each in closed.values() if (key := keys[each.subject])]
            refused = office.store.put_sightings(rows) if rows else frozenset[SightingId]()
            gone = {each.id for each in due}
            self._newest = {
                where: each for where, each in self._newest.items() if each.id not in gone and each.dies_at > now
            }
            return tuple(each for each in closed.values() if each.id not in refused)

    def ended(self, viewpoint: Viewpoint, track: TrackId, match: Match, moment: datetime, seconds: float) -> TrackEnded:
        """A track ended: stored as what it ended as, without any identity; `track` is not stored either."""
        del track
        event = track_end(viewpoint, match, moment, seconds)
        add_track_ends(self._office, (event,))
        return event

    def _purge_now_and_then(self, now: datetime) -> None:
        """Sightings die on time also where nobody calls `purge`, in a run that lasts for days."""
        if self._purged_at is None or not self._purged_at <= now < self._purged_at + _PURGE_EVERY:
            with suppress(BeholdenError):  # nobody goes unnamed for it: it is tried again with the next batch
                bury(self._office, now)
                self._purged_at = now

    def _search(self) -> None:
        """Take in the open sightings of storage, unless something newer of that person and place is known here."""
        office = self._office
        rows = office.store.sightings()
        keys = office.keystore.data_keys({row.subject for row in rows})
        for each in _readable(rows, keys):
            held = self._newest.get(each.where)
            if held is None or newest((held, each)) is each:
                self._newest[each.where] = each
        self._newest = {where: each for where, each in self._newest.items() if each.closed_at is None}
        self._searched = True


class _Draft:
    """One batch: what it changes, before and while that is written."""

    def __init__(self, office: Office, known: Mapping[Where, Sighting], subjects: set[SubjectId]) -> None:
        """`known` are newest sightings, of whomever. Raises KeystoreError."""
        self._office = office
        self.now = office.clock()
        self._keys = office.keystore.data_keys(subjects)
        last = {w: each for w, each in known.items() if w.subject in subjects and each.dies_at > self.now}
        self._known: dict[Where, tuple[Sighting, ...]] = {where: (each,) for where, each in last.items()}
        """By person and place: the newest sighting, or all."""
        self._all: set[Where] = set()
        self._opened: list[SightingId] = []
        self._changed: set[SightingId] = set()
        self._gone: set[SubjectId] = set()
        self.sightings: dict[SightingId, Sighting] = {each.id: each for each in last.values()}

    def take(self, named: Named) -> SightingId | BeholdenError:
        """The sighting that this belongs to, opened or changed in this draft; or why there can be none."""
        subject, where = named.match.subject, named.where
        if self._keys[subject] is None:
            self._gone.add(subject)
            return KeyDestroyed(f"there is no key of {subject}: it was destroyed when they withdrew")
        try:
            known = self._near(where, named.moment)
        except BeholdenError as error:
            return error
        current, changes = settled(known, _begun(named, where, self._dies_at(named)))
        if current.id not in {each.id for each in known}:
            self._opened.append(current.id)
        self.sightings.update((each.id, each) for each in (current, *changes))
        self._changed.update(each.id for each in changes)
        ids = dict.fromkeys([*(each.id for each in known), current.id])
        self._known[where] = tuple(self.sightings[identity] for identity in ids)
        return current.id

    def write(self) -> dict[SightingId, BeholdenError]:
        """Write what opened to the log, then every row; what failed, and why."""
        failed: dict[SightingId, BeholdenError] = {}
        noted: dict[bytes, int] = {}
        if self._opened:
            try:
                noted = self._announced()
            except BeholdenError as error:
                failed = dict.fromkeys(self._opened, error)
        rows = [
            sealed_sighting(self.sightings[identity], key)
            for identity in self._changed - failed.keys()
            if (key := self._keys[self.sightings[identity].subject]) is not None
        ]
        if rows:
            try:
                refused = self._office.store.put_sightings(rows, noted)
            except BeholdenError as error:
                return failed | {row.id: error for row in rows}
            failed |= {identity: ConsentError("they are no longer enrolled") for identity in refused}
        return failed

    def remembered(
        self, newest_known: Mapping[Where, Sighting], failed: Mapping[SightingId, BeholdenError]
    ) -> dict[Where, Sighting]:
        """The newest sightings after this draft. Whatever is odd is left out: the next batch reads it from storage."""
        kept = {w: each for w, each in newest_known.items() if w not in self._known and w.subject not in self._gone}
        for where, known in self._known.items():
            last = newest(known)
            if last is not None and where.subject not in self._gone and not {each.id for each in known} & failed.keys():
                kept[where] = last
        return kept

    def _near(self, where: Where, moment: datetime) -> tuple[Sighting, ...]:
        """What decides where a moment belongs: the newest sighting where it is near that one, else all of them."""
        known = self._known.get(where, ())
        if where in self._all or any(each.near(moment) for each in known):
            return known
        subject = where.subject
        stored = _readable(self._office.store.sightings(subject), {subject: self._keys[subject]})
        found = {each.id: each for each in stored if each.where == where and each.dies_at > self.now}
        found.update((each.id, each) for each in known)
        self.sightings.update(found)
        self._all.add(where)
        return tuple(found.values())

    def _dies_at(self, named: Named) -> datetime:
        """Only what is matched in files may be the pictures of an event."""
        if named.where.place is None:
            for grant in self._office.store.grants(named.match.subject):
                if grant.id == named.match.grant:
                    return sighting_dies(self.now, grant.purpose, grant.ends_at)
        return death(self.now)

    def _announced(self) -> dict[bytes, int]:
        begun = [self.sightings[identity] for identity in self._opened]
        keys = {subject: key for subject, key in self._keys.items() if key is not None}
        facts = [(_sighted(each), each.subject, each.place) for each in begun]
        return self._office.journal.announce(facts, keys, [each.dies_at for each in begun])


def sightings(office: Office) -> tuple[Sighting, ...]:
    """Every sighting that still lives, oldest first, but for those under a find-me plan. PolicyRefused outside a
    rehearsal folder."""
    if not office.store.rehearsal:
        raise PolicyRefused("sightings are listed in a rehearsal folder only: nobody may build a profile of movements")
    rows = office.store.sightings()
    keys = office.keystore.data_keys({row.subject for row in rows})
    hidden = {grant for subject in {row.subject for row in rows} for grant in found_by_plans(office, subject)}
    opened = [open_sighting(row, key) for row in rows if (key := keys[row.subject]) is not None]
    opened = [each for each in opened if each.grant not in hidden]
    return tuple(sorted(opened, key=lambda sighting: (sighting.opened_at, sighting.id)))


def found_by_plans(office: Office, subject: SubjectId) -> frozenset[GrantId]:
    """The grants of somebody under which only the welfare body of a plan, and they, learn where they were."""
    return frozenset(each.id for each in office.store.grants(subject) if policy_of(each.purpose).opening is not None)


def purge(office: Office) -> int:
    """Delete sightings past their time, from the journal too; how many. To be called every few minutes.

    Whoever wanted a history of their own has them sealed to themself first (`acts.own_copy.history`). Ends of tracks
    past theirs, and counts past their 90 days, go as well.
    """
    count = bury(office, office.clock())
    if count:
        office.store.compact()
    return count


def _begun(named: Named, where: Where, dies_at: datetime) -> Sighting:
    match = named.match
    return Sighting(
        id=sighting_id(named.viewpoint.camera, named.epoch, named.track, match.subject),
        subject=match.subject,
        grant=match.grant,
        camera=named.viewpoint.camera,
        place=where.place,
        opened_at=named.moment,
        seen_at=named.moment,
        shots=match.why.shots,
        dies_at=dies_at,
    )


def _sighted(begun: Sighting) -> Sighted:
    """What the leaf of a sighting tells."""
    return Sighted(
        at=begun.opened_at,
        sighting=begun.id,
        camera=begun.camera,
        place=begun.place,
        subject=begun.subject,
        grant=begun.grant,
        shots=begun.shots,
    )


def _readable(rows: Iterable[SealedSighting], keys: Mapping[SubjectId, bytes | None]) -> Iterator[Sighting]:
    """Those that open: one altered row must not stop a person from being named for a day."""
    for row in rows:
        key = keys[row.subject]
        if key is not None:
            with suppress(SealBroken):
                yield open_sighting(row, key)
