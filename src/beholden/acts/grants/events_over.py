"""What was kept for the length of an event dies with the grant that it was kept under, also when that ends early."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from beholden.acts.office import Office
from beholden.acts.own_copy.history import bury
from beholden.acts.sightings.presence import Sighting, open_sighting, sealed_sighting
from beholden.consent.lifetimes import sighting_life
from beholden.consent.registry import Snapshot
from beholden.model.errors import SealBroken
from beholden.model.ids import GrantId, SubjectId

_LATELY = timedelta(days=7)
"""For so long after the end it is done again: a sighting that was being written meanwhile is found, too."""


def end_events(office: Office, snapshot: Snapshot) -> int:
    """Delete the sightings of events whose grants are over; how many. Safe to repeat.

    Raises DataFolderError, KeystoreError, StorageFull: then it is done by the next call.
    """
    now, over = office.clock(), dict[SubjectId, set[GrantId]]()
    for grant in snapshot.grants:
        standing = snapshot.standings.get(grant.id)
        ended = None if standing is None else standing.over_at
        if ended is not None and sighting_life(grant.purpose) is None and now < ended + _LATELY:
            over.setdefault(grant.subject, set()).add(grant.id)
    keys = office.keystore.data_keys(over)
    dead = 0
    for subject, grants in over.items():
        if (key := keys[subject]) is not None:
            rows = [sealed_sighting(replace(each, dies_at=now), key) for each in _kept(office, subject, key, grants)]
            dead += len(rows)
            if rows:
                office.store.put_sightings(rows)
    if dead:
        bury(office, now)
        office.store.compact()
    return dead


def _kept(office: Office, subject: SubjectId, key: bytes, grants: set[GrantId]) -> list[Sighting]:
    found: list[Sighting] = []
    for row in office.store.sightings(subject):
        with suppress(SealBroken):  # an altered row dies in its time
            found.append(open_sighting(row, key))
    return [each for each in found if each.grant in grants]
