"""Enrolments, where each grant stands, invitations and the known time, in memory: this part of a `MemoryStore`."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace

from beholden.acts.store_life import Counted, Sent, state_of
from beholden.consent.invitation import Invitation
from beholden.consent.life import Standing, of_before
from beholden.consent.registry import SealedTemplate, Subject, SubjectState
from beholden.model.errors import ConsentError
from beholden.model.grant import Grant, GrantState
from beholden.model.ids import GrantId, SubjectId
from beholden.model.template import EnrolledTemplate


class MemoryStandings:
    """The rest of it is in `storage.memory`, which makes what both use."""

    _lock: threading.RLock
    _revision: int
    _subjects: dict[SubjectId, Subject]
    _grants: dict[GrantId, Grant]
    _templates: list[SealedTemplate]

    def __init__(self) -> None:
        super().__init__()
        self._standings: dict[GrantId, Standing] = {}
        self._invitations: dict[str, Sent] = {}
        self._known_time: Counted | None = None

    def add_enrolment(
        self,
        subject: Subject,
        grants: Sequence[Grant],
        template: EnrolledTemplate,
        standings: Mapping[GrantId, Standing] | None = None,
        used: Invitation | None = None,
    ) -> None:
        with self._lock:
            live = subject.state is SubjectState.ENROLLED and grants and grants[0].state is not GrantState.WITHDRAWN
            if not live or grants[0].subject != template.subject or any(grant.id in self._grants for grant in grants):
                raise ConsentError("the store refuses that: a template needs a live grant")
            if used is not None:
                self._use(used)
            self._put(subject)
            self._grants.update({grant.id: grant for grant in grants})
            self._templates.append(
                SealedTemplate(
                    subject=template.subject,
                    grant=grants[0].id,
                    sealed=template.sealed,
                    model=template.model,
                    captured_at=template.captured_at,
                    quality=template.quality,
                    shots=template.shots,
                )
            )
            self.set_standings(standings or {})

    def _put(self, subject: Subject) -> None:
        self._subjects[subject.id] = subject
        self._revision += 1

    def standings(self, subject: SubjectId | None = None) -> dict[GrantId, Standing]:
        with self._lock:
            found = [grant for grant in self._grants.values() if subject in (None, grant.subject)]
            return {grant.id: self._standing(grant) for grant in found}

    def _standing(self, grant: Grant) -> Standing:
        return self._standings.get(grant.id) or of_before(grant)

    def set_standings(self, standings: Mapping[GrantId, Standing]) -> None:
        with self._lock:
            self._stand(standings)
            for grant, standing in standings.items():
                held = standing.over is not None and not self._rested_elsewhere(grant)
                self._grants[grant] = replace(self._grants[grant], state=state_of(standing, held=held))

    def _stand(self, standings: Mapping[GrantId, Standing]) -> None:
        for grant, standing in standings.items():
            self._standings[grant] = standing
            changed = replace(self._grants[grant], starts_at=standing.starts_at, ends_at=standing.ends_at)
            self._grants[grant] = changed
            self._revision += 1

    def _rested_elsewhere(self, grant: GrantId) -> bool:
        """Move the templates under a grant that is over to another one; False while some cannot be."""
        owner = self._grants[grant].subject
        live = sorted(
            each.id
            for each in self._grants.values()
            if each.subject == owner
            and each.id != grant
            and each.state is not GrantState.WITHDRAWN
            and self._standing(each).over is None
        )
        if live:
            self._templates = [replace(t, grant=live[0]) if t.grant == grant else t for t in self._templates]
        return not any(template.grant == grant for template in self._templates)

    def change_terms(self, grant: Grant, standings: Mapping[GrantId, Standing], added: Sequence[Grant] = ()) -> None:
        with self._lock:
            if any(each.id in self._grants for each in added):
                raise ConsentError("the store refuses that: there is such a grant already")
            kept = self._grants[grant.id]
            self._grants[grant.id] = replace(kept, places=grant.places, hours=grant.hours, recordings=grant.recordings)
            self._grants.update({each.id: each for each in added})
            self._revision += 1
            self.set_standings(standings)

    def add_invitations(self, subjects: Sequence[Subject], sent: Sequence[Sent]) -> None:
        with self._lock:
            taken = [each.invitation.token_hash for each in sent if each.invitation.token_hash in self._invitations]
            if taken or any(each.id in self._subjects for each in subjects):
                raise ConsentError("the store refuses that: one of them is there already")
            self._subjects.update({each.id: each for each in subjects})
            self._invitations.update({each.invitation.token_hash: _nameless(each) for each in sent})
            self._revision += 1

    def invitations(self) -> tuple[Sent, ...]:
        with self._lock:
            found = self._invitations.values()
            return tuple(sorted(found, key=lambda each: (each.invitation.made_at, each.invitation.token_hash)))

    def change_invitation(self, invitation: Invitation) -> None:
        with self._lock:
            kept = self._invitations.get(invitation.token_hash)
            if kept is not None:
                changed = replace(kept.invitation, read=invitation.read, revoked_at=invitation.revoked_at)
                self._invitations[invitation.token_hash] = replace(kept, invitation=changed)

    def _use(self, invitation: Invitation) -> None:
        kept = self._invitations.get(invitation.token_hash)
        if kept is None or kept.invitation.used_at is not None or kept.invitation.revoked_at is not None:
            raise ConsentError("this link was used, or taken back")
        used = replace(kept.invitation, read=invitation.read, used_at=invitation.used_at)
        self._invitations[invitation.token_hash] = replace(kept, invitation=used)

    def _forget_invitations(self, subject: SubjectId) -> None:
        self._invitations = {key: each for key, each in self._invitations.items() if each.subject != subject}

    def known_time(self) -> Counted | None:
        return self._known_time

    def put_known_time(self, counted: Counted) -> None:
        self._known_time = counted


def _nameless(sent: Sent) -> Sent:
    made = sent.invitation
    return replace(sent, invitation=replace(made, offer=replace(made.offer, label="")))
