"""Invite people to read the notice and decide. An operator can do this, and nothing beyond it (invariant I2)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from beholden.acts.grants.enrol_key import newcomers_key
from beholden.acts.grants.people import checked_label, find, name_of, refuse_duplicate
from beholden.acts.office import Office
from beholden.acts.store_life import Sent
from beholden.consent.invitation import Invitation, Offer, closed, invited, offer_refusal, revoked
from beholden.consent.registry import Particulars, Subject, SubjectState
from beholden.consent.seal import seal_particulars
from beholden.model.errors import AlreadyEnrolled, BeholdenError, PolicyRefused, UnknownSubject
from beholden.model.event import InvitationRevoked, Invited
from beholden.model.grant import Purpose
from beholden.model.ids import PlaceId, SubjectId, new_subject_id


@dataclass(frozen=True, slots=True)
class Invitee:
    """Whom to invite to what. `subject` is a new id, `token_hash` of a new token (`consent.invitation`), which whoever
    asks keeps to themselves; a call with the same may be repeated. `token_hash` None: no link."""

    label: str
    purposes: tuple[Purpose, ...]
    places: frozenset[PlaceId]
    subject: SubjectId
    token_hash: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A link that was sent: nobody can tell a no from silence. `name`: in a rehearsal only, elsewhere each display of
    somebody counts (`acts.displays.show`). `closed`: why it does not work."""

    name: str | None
    subject: SubjectId
    purposes: tuple[Purpose, ...]
    places: tuple[PlaceId, ...]
    made_at: datetime
    expires_at: datetime
    closed: str | None


def invite(office: Office, label: str, purposes: Sequence[Purpose], subject: SubjectId | None = None) -> SubjectId:
    """A new subject with a key and a name, and no template: nobody can be recognised by an invitation. No link.

    Whoever gives a new id as `subject` may repeat the call: somebody who was invited by it is not
    invited again. Raises as `invite_all`.
    """
    subject = subject or new_subject_id()
    invite_all(office, (Invitee(label, tuple(purposes), frozenset(), subject),))
    return subject


def invite_all(office: Office, invitees: tuple[Invitee, ...]) -> None:
    """Invite each of them, or nobody. May be repeated.

    Raises AlreadyEnrolled, PolicyRefused (a name, or what is offered), LogUnavailable (then nobody is invited),
    DataFolderError, KeystoreError.
    """
    invitees = tuple(replace(each, label=checked_label(each.label)) for each in invitees)
    with office.journal.acting():
        new = [each for each in invitees if not _invited_before(office, each)]
        _refuse(office, new)
        made: list[SubjectId] = []
        try:
            keys: dict[SubjectId, bytes] = {}
            for each in new:
                keys[each.subject] = newcomers_key(office, each.subject)
                made.append(each.subject)
            _invite(office, new, keys)
        except BeholdenError:
            for each in made:
                with suppress(BeholdenError):  # a key of nobody harms nobody; what went wrong first matters
                    office.keystore.destroy(each)
            raise


def links(office: Office) -> tuple[Link, ...]:
    """Every link of people who did not withdraw, oldest first. Raises DataFolderError, KeystoreError."""
    return tuple(
        Link(
            name_of(office, each.subject) if office.store.rehearsal else None,
            each.subject,
            each.invitation.offer.purposes,
            tuple(sorted(each.invitation.offer.places)),
            each.invitation.made_at,
            each.invitation.expires_at,
            closed(each.invitation, office.time.now),
        )
        for each in office.store.invitations()
    )


def revoke(office: Office, subject: SubjectId) -> int:
    """Take back the links of somebody; how many were open. May be repeated. Raises PolicyRefused once one was used."""
    with office.journal.acting():
        mine = [each.invitation for each in office.store.invitations() if each.subject == subject]
        if not mine:
            raise PolicyRefused(f"{office.store.subject(subject).id} was sent no link")
        now = office.time.latest
        changed = [(each, revoked(each, now)) for each in mine]
        for before, after in changed:
            if after != before:
                event = InvitationRevoked(at=office.clock(), subject=subject)
                with office.journal.act([event], about=subject):
                    office.store.change_invitation(after)
        return sum(before != after for before, after in changed)


def _invite(office: Office, new: Sequence[Invitee], keys: dict[SubjectId, bytes]) -> None:
    """Announced one by one, for each is sealed for one person; then stored all together."""
    if not new:
        return
    now, leaves = office.time.latest, list[int]()
    try:
        for each in new:
            event = Invited(at=office.clock(), subject=each.subject, purposes=tuple(each.purposes))
            leaves += office.journal.intend([event], about=each.subject)
        subjects = [
            Subject(
                each.subject,
                SubjectState.INVITED,
                seal_particulars(keys[each.subject], Particulars(each.label), each.subject),
                office.clock(),
            )
            for each in new
        ]
        sent = [Sent(each.subject, _invitation(each, now)) for each in new if each.token_hash is not None]
        office.store.add_invitations(subjects, sent)
    except BeholdenError as error:
        for leaf in leaves:
            with suppress(BeholdenError):
                office.journal.complete(leaf, type(error).__name__)
        raise
    for leaf in leaves:
        office.journal.complete(leaf)


def _invitation(each: Invitee, now: datetime) -> Invitation:
    """With no name in it: that is sealed with the person."""
    made = invited(Offer(each.label, each.purposes, each.places), "", now)
    return replace(made, token_hash=each.token_hash or "", offer=replace(made.offer, label=""))


def _refuse(office: Office, new: Sequence[Invitee]) -> None:
    names = [each.label.casefold() for each in new]
    for number, each in enumerate(new):
        if each.token_hash is not None:
            why = offer_refusal(Offer(each.label, each.purposes, each.places), office.house.places)
            if why is not None:
                raise PolicyRefused(why)
        if names[number] in names[:number]:
            raise AlreadyEnrolled(f"{each.label!r} is there twice: one name, one person")
        refuse_duplicate(office, each.label)


def _invited_before(office: Office, each: Invitee) -> bool:
    try:
        return find(office, each.label).id == each.subject
    except UnknownSubject:
        return False
