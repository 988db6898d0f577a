"""Enrol a person: grants, and a template sealed under their own key. The only builder of an `EnrolledTemplate` (I1)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from beholden.acts.grants.enrol_key import newcomers_key
from beholden.acts.grants.people import checked_label, find, refuse_duplicate
from beholden.acts.grants.reference import Reference
from beholden.acts.guardians.kept import has_refused
from beholden.acts.office import Office
from beholden.consent.invitation import Invitation
from beholden.consent.life import Standing
from beholden.consent.policy import cooling_off, refusal
from beholden.consent.purposes import policy_of
from beholden.consent.registry import Particulars, Subject, SubjectState
from beholden.consent.seal import seal_particulars, seal_template
from beholden.model.errors import BeholdenError, EmptyInput, EnrolmentRefused, PolicyRefused, UnknownSubject
from beholden.model.event import Enrolled, Event, Granted
from beholden.model.frame import Pixels
from beholden.model.grant import Basis, Grant, Hours, Purpose
from beholden.model.ids import GrantId, PlaceId, SubjectId, new_subject_id
from beholden.model.template import EnrolledTemplate, ProbeTemplate, Vector

MOST_PHOTOS = 5
"""More photos of one sitting add little, and a long list is how a gallery is imported."""
MakeTemplate = Callable[[Sequence[Pixels]], tuple[ProbeTemplate, float]]
"""Photos to a pooled probe and its mean quality 0-1; raises EnrolmentRefused."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody agrees to. `duration` None: the longest the policy table allows, for each purpose.

    `guardian` names who agreed for a dependent; None: the person did. `recordings` is the box that
    allows matching in files. `starts_at` None: now. `places` do not count for purposes about files.
    """

    purposes: tuple[Purpose, ...]
    places: frozenset[PlaceId] = frozenset()
    duration: timedelta | None = None
    hours: Hours | None = None
    guardian: str | None = None
    recordings: bool = False
    starts_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Who was enrolled, under which grants; `quality` 0-1 of the template and how many photos are in it."""

    subject: SubjectId
    grants: tuple[Grant, ...]
    quality: float
    shots: int


def enrol(office: Office, label: str, photos: Sequence[Pixels], make_template: MakeTemplate, wish: Wish) -> Enrolment:
    """Enrol somebody from photos, in a rehearsal folder only; elsewhere only the person can, live.

    Photos are HxWx3 uint8 BGR and are not kept; the probe made from them is wiped. Raises
    PolicyRefused, AlreadyEnrolled, EnrolmentRefused (from `make_template`), LogUnavailable (then
    nothing happened), DataFolderError, KeystoreError.
    """
    refuse_early(office, label, wish)
    label = checked_label(label)
    _refuse_photos(photos)
    with office.journal.acting():
        refuse_duplicate(office, label, but_invited=True)
        probe, quality = make_template(photos)
        with probe:
            made = Reference(probe.vector, probe.model, quality, probe.shots)
            return _enrol(office, label, made, wish, new_subject_id())


def make_enrolment_reference(photos: Sequence[Pixels], make_template: MakeTemplate) -> Reference:
    """A reference from photos (HxWx3 uint8 BGR, not kept), for `enrol_reference`, to be wiped; the probe is.

    Raises EmptyInput, EnrolmentRefused (from `make_template`).
    """
    _refuse_photos(photos)
    probe, quality = make_template(photos)
    with probe:
        return Reference(probe.vector.copy(), probe.model, quality, probe.shots)


def enrol_reference(office: Office, label: str, reference: Reference, wish: Wish, subject: SubjectId) -> Enrolment:
    """As `enrol`, with the reference made elsewhere. `subject` is a new id (`new_subject_id`).

    The call may be repeated: whoever was enrolled by it is not enrolled again, and its result is the
    same. Somebody who was invited keeps the id of the invitation. The reference stays the caller's,
    to be wiped. Raises as `enrol`, and EnrolmentRefused for a reference that is none.
    """
    _refuse_vector(reference.vector)
    label = checked_label(label)
    with office.journal.acting():
        before = _enrolled_before(office, label, wish, subject)
        if before:
            return Enrolment(before[0].subject, before, reference.quality, reference.shots)
        refuse_early(office, label, wish)
        return _enrol(office, label, reference, wish, subject)


def _refuse_photos(photos: Sequence[Pixels]) -> None:
    if not 1 <= len(photos) <= MOST_PHOTOS:
        many = f"{len(photos)} photos were given" if photos else "no photo was given"
        raise EmptyInput(many, advice=f"Give one to {MOST_PHOTOS} photos of one person.")


def _refuse_vector(vector: Vector) -> None:
    if vector.ndim != 1 or not len(vector) or vector.dtype != np.float32:
        raise EnrolmentRefused("the reference is no list of numbers")
    if not abs(float(np.linalg.norm(vector)) - 1.0) < 1e-3:  # also when it is not a number
        raise EnrolmentRefused("the reference is not of unit length")


def _enrolled_before(office: Office, label: str, wish: Wish, request: SubjectId) -> tuple[Grant, ...]:
    """The grants that an earlier call with the same id made; none when there was no such call."""
    try:
        made = {grant.id: grant for grant in find(office, label).grants}
    except UnknownSubject:
        return ()
    wanted = [grant_id(request, purpose) for purpose in dict.fromkeys(wish.purposes)]
    return tuple(made[grant] for grant in wanted if grant in made)


def grant_id(request: SubjectId, purpose: Purpose) -> GrantId:
    """The same for the same call, so that one that is repeated finds what it did."""
    digest = hashlib.sha256("\x1f".join((request, purpose)).encode())
    return GrantId(f"g_{digest.hexdigest()[:20]}")


def refuse_early(office: Office, label: str, wish: Wish) -> None:
    """Everything that can be refused without looking at a photo. Raises PolicyRefused, AlreadyEnrolled."""
    if not office.store.rehearsal:
        raise PolicyRefused(
            "photos are accepted in a rehearsal folder only: nobody can be enrolled by somebody else",
            advice="Use `beholden invite`, or create a rehearsal folder with `beholden init --rehearsal`.",
        )
    label = checked_label(label)
    refuse_wish(wish)
    refuse_duplicate(office, label, but_invited=True)


def refuse_wish(wish: Wish) -> None:
    """Raise PolicyRefused unless the policy table allows every grant of this wish."""
    if not wish.purposes:
        raise PolicyRefused("no purpose was chosen")
    for purpose in wish.purposes:
        places = wish.places if policy_of(purpose).at_places else frozenset[PlaceId]()
        reason = refusal(purpose, _basis(wish), _duration(wish, purpose), places, wish.hours, wish.guardian)
        if reason is not None:
            raise PolicyRefused(reason)


def _enrol(office: Office, label: str, made: Reference, wish: Wish, request: SubjectId) -> Enrolment:
    invited = refuse_duplicate(office, label, but_invited=True)
    if invited is not None and wish.guardian is not None and has_refused(office, invited.id):
        raise PolicyRefused("the person refused")
    now = known_now(office)
    subject = invited.id if invited else request
    key = office.keystore.data_key(subject) if invited else newcomers_key(office, subject)
    try:
        grants = _grants(subject, request, wish, now, rehearsal=office.store.rehearsal)
        record = Subject(
            subject,
            SubjectState.ENROLLED,
            seal_particulars(key, Particulars(label, wish.guardian), subject),
            invited.created_at if invited else now,
        )
        standings = {grant.id: _standing(office, grant, now) for grant in grants}
        keep_enrolment(office, record, made, grants, standings)
    except BeholdenError:
        if invited is None:
            with suppress(BeholdenError):  # a key of nobody harms nobody; what went wrong first matters
                office.keystore.destroy(subject)
        raise
    return Enrolment(subject, grants, made.quality, made.shots)


def known_now(office: Office) -> datetime:
    """The time, for a grant that begins with it. Raises PolicyRefused while it is in doubt."""
    now = office.time.now
    if now is None:
        raise PolicyRefused("the clock here is wrong at the moment: a grant would begin at the wrong time")
    return now


def keep_enrolment(
    office: Office,
    record: Subject,
    made: Reference,
    grants: Sequence[Grant],
    standings: Mapping[GrantId, Standing],
    used: Invitation | None = None,
) -> None:
    """Keep grants and a template that the person agreed to; `used`: by which link. Logged first; all or nothing.

    Raises LogUnavailable, KeyDestroyed, DataFolderError, ConsentError where the link was used meanwhile.
    """
    subject, now = record.id, standings[grants[0].id].made_at
    sealed = seal_template(office.keystore.data_key(subject), made.vector, subject, made.model)
    template = EnrolledTemplate(subject, sealed, made.model, now, made.quality, made.shots)
    enrolled: list[Event] = [Enrolled(at=now, subject=subject, model=made.model, shots=made.shots)]
    granted = [granted_event(grant, standings[grant.id]) for grant in grants]
    with office.journal.act([*enrolled, *granted], about=subject):
        office.store.add_enrolment(record, grants, template, standings, used)


def _standing(office: Office, grant: Grant, now: datetime) -> Standing:
    """Somebody's own yes in a rehearsal, which begins when they wished; they read the notice as it is now."""
    read = office.house.edition_of(grant)
    return Standing(grant.purpose, now, grant.starts_at, grant.ends_at, now, read)


def _basis(wish: Wish) -> Basis:
    return Basis.CONSENT if wish.guardian is None else Basis.GUARDIAN


def _duration(wish: Wish, purpose: Purpose) -> timedelta:
    return policy_of(purpose).longest if wish.duration is None else wish.duration


def _grants(subject: SubjectId, request: SubjectId, wish: Wish, now: datetime, *, rehearsal: bool) -> tuple[Grant, ...]:
    """One grant per purpose; cooling-off delays the beginning, and the duration counts from there."""
    grants: list[Grant] = []
    for purpose in dict.fromkeys(wish.purposes):
        starts = (now if wish.starts_at is None else wish.starts_at) + cooling_off(purpose, rehearsal=rehearsal)
        grants.append(
            Grant(
                id=grant_id(request, purpose),
                subject=subject,
                purpose=purpose,
                basis=_basis(wish),
                places=wish.places if policy_of(purpose).at_places else frozenset(),
                starts_at=starts,
                ends_at=starts + _duration(wish, purpose),
                hours=wish.hours if policy_of(purpose).at_places else None,
                recordings=wish.recordings,
            )
        )
    return tuple(grants)


def granted_event(grant: Grant, standing: Standing) -> Granted:
    """What is logged of a new grant, with the notice that was read."""
    return Granted(
        at=standing.made_at,
        subject=grant.subject,
        grant=grant.id,
        purpose=grant.purpose,
        basis=grant.basis,
        places=tuple(sorted(grant.places)),
        starts_at=grant.starts_at,
        ends_at=grant.ends_at,
        notice=standing.read.digest,
    )
