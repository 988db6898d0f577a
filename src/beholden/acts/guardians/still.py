"""A guardian answers "still yes?" for a dependent, or agrees for longer, after reading the notice as it is now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from beholden.acts.accounts.known import refused
from beholden.acts.accounts.signed import Signed, digest_of
from beholden.acts.grants import own
from beholden.acts.grants.life import look_after_one
from beholden.acts.guardians.kept import Asked, find_asked, speaker
from beholden.acts.guardians.seen import Guarded, guarded
from beholden.acts.office import Office
from beholden.model.ids import GrantId

STILL = "guardian still"
"""What is signed."""


@dataclass(frozen=True, slots=True)
class Words:
    """The notice about a grant as it is now; `digest` is what a guardian signs who read it."""

    text: str
    digest: str


def still_digest(grant: str, notice: str, days: int | None) -> str:
    """What is signed, by somebody who read the notice of that digest."""
    return digest_of({"grant": grant, "notice": notice, "days": None if days is None else str(days)})


def notice_of(office: Office, grant: GrantId) -> Words:
    """Raises InputError, PolicyRefused where the notice cannot be made."""
    tick = find_asked(office, grant).tick
    notice = office.house.notice([tick.purpose], tick.places)
    return Words(notice.text(), notice.digest)


def still(
    office: Office,
    grant: GrantId,
    notice: str,
    days: int | None = None,
    signed: Signed | None = None,
    as_who: str | None = None,
) -> Guarded:
    """A guardian says yes to the open question; with `days` for so long from now, and never beyond majority.

    `notice`: the digest of what they read. Raises PolicyRefused, also while the grant does not count; InputError,
    LogUnavailable (then nothing happened), DataFolderError, KeystoreError.
    """
    with office.journal.acting():
        asked = find_asked(office, grant)
        who = speaker(office, signed, STILL, still_digest(grant, notice, days), as_who)
        _refuse(office, asked, notice)
        if who not in asked.guardianship.authority.guardians:
            raise refused("whoever says so is no guardian by this authority")
        subject = asked.guardianship.subject
        look_after_one(office, subject)  # a notice that changed since is asked about anew
        [made] = [each for each in office.store.grants(subject) if each.id == grant]
        edition = office.house.edition_of(made)
        if days is None:
            own.confirm(office, subject, grant, edition)
        else:
            own.renew(office, subject, grant, timedelta(days=days), edition)
        return guarded(office, asked)


def _refuse(office: Office, asked: Asked, notice: str) -> None:
    bound = asked.guardianship
    why = bound.why_not(office.time.latest)
    if why is None and bound.grant not in office.store.standings(bound.subject):
        why = "nobody is enrolled under it yet"
    if why is None and notice != notice_of(office, bound.grant).digest:
        why = "the notice has changed since: read it as it is now, then answer"
    if why is not None:
        raise refused(why)
