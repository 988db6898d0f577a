"""The invited person's side of a link: they read the notice, tick what they want, and are enrolled by themselves.

For the portal. Each is logged before it takes effect and may be repeated. Whoever has no token learns nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from beholden.acts.grants.enrol import Enrolment, grant_id, keep_enrolment
from beholden.acts.grants.people import name_of
from beholden.acts.grants.reference import Reference
from beholden.acts.guardians.kept import asked_for
from beholden.acts.office import Office
from beholden.acts.store_life import Sent
from beholden.consent.invitation import Tick, accepted, has_read, token_hash
from beholden.consent.life import Standing, begun
from beholden.consent.notice import Notice
from beholden.consent.registry import SubjectState
from beholden.model.errors import PolicyRefused
from beholden.model.event import NoticeRead
from beholden.model.grant import Basis, Grant
from beholden.model.ids import GrantId, SubjectId

_NOT_OURS = "this link is not ours: please use it as it was sent"


@dataclass(frozen=True, slots=True)
class Opened:
    """What somebody sees who opens their link: their name, and the notice about everything that is offered."""

    name: str
    notice: Notice


def read(office: Office, token: str) -> Opened:
    """Open the link and read the notice as it is now. Raises PolicyRefused, LogUnavailable, DataFolderError."""
    with office.journal.acting():
        sent = sent_of(office, token)
        offer = sent.invitation.offer
        notice = office.house.notice(offer.purposes, offer.places)
        after = has_read(sent.invitation, token, notice, office.time.now)
        if after != sent.invitation:
            event = NoticeRead(at=office.clock(), subject=sent.subject, notice=notice.digest)
            with office.journal.act([event], about=sent.subject):
                office.store.change_invitation(after)
        return Opened(name_of(office, sent.subject), notice)


def accept(office: Office, token: str, ticks: tuple[Tick, ...], reference: Reference, request: SubjectId) -> Enrolment:
    """The person ticked `ticks` and was captured live: they are enrolled under one grant for each.

    `request` is a new id (`new_subject_id`): a call with the same is not done twice. The reference stays the caller's,
    to be wiped. Raises PolicyRefused (then the link still works), LogUnavailable, KeystoreError, DataFolderError.
    """
    with office.journal.acting():
        sent = sent_of(office, token)
        before = {grant.id: grant for grant in office.store.grants(sent.subject)}
        wanted = [grant_id(request, tick.purpose) for tick in ticks]
        if before and all(grant in before for grant in wanted):
            grants = tuple(before[grant] for grant in wanted)
            return Enrolment(sent.subject, grants, reference.quality, reference.shots)
        _refuse_guarded(office, sent.subject, ticks)
        offer = sent.invitation.offer
        notice = office.house.notice(offer.purposes, offer.places)
        used = accepted(sent.invitation, token, ticks, notice, office.time.now)
        record = office.store.subject(sent.subject)
        if record.state is not SubjectState.INVITED:
            raise PolicyRefused("this invitation is of the past: please ask for a new one")
        made = _granted(office, sent.subject, ticks, request)
        grants = tuple(grant for grant, _ in made)
        standings: dict[GrantId, Standing] = {grant.id: standing for grant, standing in made}
        keep_enrolment(office, replace(record, state=SubjectState.ENROLLED), reference, grants, standings, used)
        return Enrolment(sent.subject, grants, reference.quality, reference.shots)


def _granted(
    office: Office, subject: SubjectId, ticks: tuple[Tick, ...], request: SubjectId
) -> list[tuple[Grant, Standing]]:
    """A grant for each tick, of which `accepted` found nothing to say."""
    now = office.time.latest
    made: list[tuple[Grant, Standing]] = []
    for tick in ticks:
        edition = office.house.edition(tick.purpose, tick.places)
        standing = begun(tick.purpose, now, tick.duration, edition, rehearsal=office.store.rehearsal)
        grant = Grant(
            id=grant_id(request, tick.purpose),
            subject=subject,
            purpose=tick.purpose,
            basis=Basis.CONSENT,
            places=tick.places,
            starts_at=standing.starts_at,
            ends_at=standing.ends_at,
            hours=tick.hours,
            recordings=tick.recordings,
        )
        made.append((grant, standing))
    return made


def _refuse_guarded(office: Office, subject: SubjectId, ticks: tuple[Tick, ...]) -> None:
    """What guardians asked for is not agreed to around them, by whoever has the link. Raises PolicyRefused."""
    asked = {each.guardianship.purpose for each in asked_for(office, subject)}
    for tick in ticks:
        if tick.purpose in asked:
            raise PolicyRefused(f"guardians asked for {tick.purpose}: it begins once all of them agreed")


def sent_of(office: Office, token: str) -> Sent:
    """The link of that token. Raises PolicyRefused: whoever has no token learns nothing."""
    mine = token_hash(token)
    for each in office.store.invitations():
        if each.invitation.token_hash == mine:
            return each
    raise PolicyRefused(_NOT_OURS)
