"""What acts under approval have to do with whom they are about: who reads of them, and what is odd about who asks."""

from __future__ import annotations

from beholden.acts.accounts.kept import keep, note, tell
from beholden.acts.accounts.known import Held, directory_of, refused
from beholden.acts.accounts.signed import digest_of
from beholden.acts.displays.oddities import odd_request
from beholden.acts.displays.show import past_displays
from beholden.acts.displays.watched import apart_from, watched
from beholden.acts.office import Office
from beholden.acts.plans.kept import filed_here
from beholden.acts.plans.wishes import wishes_of
from beholden.consent.oversight.accounts import Account, AccountId, Role
from beholden.consent.oversight.approvals import Approval, Request, never_counts
from beholden.consent.oversight.displays import Display, Way
from beholden.consent.oversight.findme import apart_of
from beholden.consent.oversight.rules import RULES
from beholden.model.ids import PlaceId, SubjectId

READERS = frozenset({Role.APPROVER, Role.AUDITOR})


def may_read(office: Office, reader: Account | None, request: Request) -> bool:
    """Whether somebody (None: nobody signed) reads how that request stands; in a rehearsal anybody does."""
    plan = dict(request.particulars).get("plan")
    return request.subject is None or may_read_about(office, reader, request.subject, plan, request.requester)


def may_read_about(
    office: Office, reader: Account | None, subject: SubjectId, plan: str | None, mine: AccountId
) -> bool:
    """Whether somebody reads of an act about a person: approvers, auditors, and whoever it is of (`mine`).

    Nobody who is apart from the person, or reported them missing in that `plan`: it would tell them that the person is
    here, that somebody looks for them, or that they were barred.
    """
    if reader is None:
        return office.store.rehearsal
    if reader.id != mine and reader.roles.isdisjoint(READERS):
        return False
    apart, wishes = set(apart_from(office, subject)), wishes_of(office, subject)
    filed = next((each for each in filed_here(office) if each.plan == plan), None) if plan else None
    if wishes is not None and filed is not None:
        apart |= apart_of(wishes, filed.report)
    return reader.person not in apart


def refuse_useless(office: Office, request: Request, approval: Approval) -> None:
    """Raises PolicyRefused with the reason for an approval that counts for nothing whoever else approves."""
    reason = never_counts(request, approval, directory_of(office), office.clock())
    if reason is not None:
        raise refused(reason)


def list_digest(account: str) -> str:
    """What is signed to list requests, or glasses."""
    return digest_of({"account": account})


def show_digest(digest: str) -> str:
    """What is signed to read the request that begins so."""
    return digest_of({"request": digest})


def tell_if_odd(office: Office, request: Request, asking: Held) -> None:
    """Whoever asks for an act about somebody whom they know, or looked at again and again, is told of."""
    subject = request.subject
    if subject is None or office.keystore.bucket(subject) is None:
        return
    viewer, known = asking.account, watched(office, subject)
    if subject in known.persons and viewer.person == known.persons[subject]:
        return
    display = Display(viewer.id, viewer.person, subject, Way.LOOK_UP, PlaceId(""), office.clock())
    facts, notices = odd_request(
        office, viewer, RULES[request.act].about, display, past_displays(office, subject), known
    )
    note(office, facts)
    keep(office, tell(office, f"odd.{request.digest[:32]}", notices))
