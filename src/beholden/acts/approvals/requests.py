"""Acts that one credential alone cannot do: asked for, approved and then done once, each logged first.

`consent.oversight.approvals` decides, again at each step. In a rehearsal an act needs no request, and may
have one. An act that was cut off is carried on by the same request; one that was done is not done again.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from beholden.acts.accounts.kept import Record, keep, kept, moment_of, stored
from beholden.acts.accounts.known import directory_of, proven, refused
from beholden.acts.accounts.signed import Signed, parse_signed
from beholden.acts.approvals.people import list_digest, may_read, refuse_useless, show_digest, tell_if_odd
from beholden.acts.displays.watched import apart_from
from beholden.acts.office import Office
from beholden.consent.oversight.accounts import AccountId
from beholden.consent.oversight.approvals import APPROVAL_LASTS, TOO_LONG, Allowed, Approval, Request, decide
from beholden.consent.oversight.rules import Act, in_words
from beholden.consent.oversight.steps import Refused
from beholden.model.errors import InputError
from beholden.model.event import ActAllowed, ActApproved, ActRefused, ActRequested
from beholden.model.ids import SubjectId

REQUEST, APPROVE, DO = "request", "approve", "act"
"""What is signed: the digest of the request, each time."""
LIST, SHOW = "approvals list", "approvals show"
"""And to read them."""
REQUEST_LIVES = timedelta(days=90)
"""What was asked for is listed so long; the log knows it for ever."""
OPEN, BEGUN, DONE = "open", "begun", "done"
_KIND = "request"
Particulars = tuple[tuple[str, str], ...]
"""Everything that an act is about: names and values, in any order."""


@dataclass(frozen=True, slots=True)
class Warrant:
    """The request that an act is done under, signed by whoever asked: `Signed` says `DO` about its digest."""

    digest: str
    signed: Signed


@dataclass(frozen=True, slots=True)
class Standing:
    """A request as it stands. `refusal` is why the act may not happen now, None when it may."""

    digest: str
    act: Act
    about: str
    requester: str
    asked_at: datetime
    particulars: Particulars
    approved_by: tuple[str, ...]
    state: str
    refusal: str | None


@dataclass(frozen=True, slots=True)
class _Asked:
    request: Request
    approvals: tuple[Signed, ...] = ()
    keys: tuple[str, ...] = ()
    state: str = OPEN
    done_by: str | None = None
    """The signature that it was done with: the same call again is not another one."""


def request_of(act: Act, particulars: Particulars, account: str, at: datetime, subject: str | None = None) -> Request:
    """What an account asks for at that moment; its digest is what everybody signs."""
    about = None if subject is None else SubjectId(subject)
    return Request(act, AccountId(account), at, tuple(sorted(particulars)), about)


def ask(office: Office, act: Act, particulars: Particulars, signed: Signed, subject: str | None = None) -> Standing:
    """Ask for an act: `signed` says `REQUEST` about the digest of `request_of`, at its moment.

    Asking again for the same changes nothing. Raises PolicyRefused, LogUnavailable (then nothing happened),
    DataFolderError, KeystoreError.
    """
    with office.journal.acting():
        request = request_of(act, particulars, signed.account, signed.at, subject)
        held = proven(office, signed, REQUEST, request.digest)
        there = _found(office, request.digest)
        if there is not None:
            return _standing(office, there)
        early = _decided(office, _Asked(request))
        if isinstance(early, Refused) and early.reason.startswith(("only ", TOO_LONG)):
            raise refused(early.reason)
        asked = _Asked(request)
        tell_if_odd(office, request, held)
        event = ActRequested(at=office.clock(), digest=request.digest, act=str(act), by=held.account.id)
        with office.journal.act([event]):
            keep(office, [_record(asked)])
        return _standing(office, asked)


def approve(office: Office, digest: str, signed: Signed) -> Standing:
    """Agree to exactly that request: `signed` says `APPROVE` about its digest, at most a day ago.

    The request as it stands then, which says what is missing yet. Approving again renews it. Raises as `ask`, and
    PolicyRefused with the reason for an approval that could count in no company.
    """
    with office.journal.acting():
        asked = _listed(office, digest)
        digest = asked.request.digest
        if asked.state == DONE:
            raise refused("that was done already")
        held = proven(office, signed, APPROVE, digest, APPROVAL_LASTS)
        if signed in asked.approvals:
            return _standing(office, asked)
        refuse_useless(office, asked.request, Approval(held.account.id, held.account.key, digest, signed.at))
        others = [
            (each, key) for each, key in zip(asked.approvals, asked.keys, strict=True) if each.account != signed.account
        ]
        rows = (*others, (signed, held.account.key))
        after = _Asked(
            asked.request, tuple(each for each, _ in rows), tuple(key for _, key in rows), asked.state, asked.done_by
        )
        event = ActApproved(at=office.clock(), digest=digest, by=held.account.id, key=held.account.key)
        with office.journal.act([event]):
            keep(office, [_record(after)])
        return _standing(office, after)


def requests(office: Office, signed: Signed | None = None) -> tuple[Standing, ...]:
    """What was asked for in the last 90 days, as far as this account may read it, the newest first: unsigned, nothing
    that is about a person. Raises PolicyRefused."""
    reader = None if signed is None else proven(office, signed, LIST, list_digest(signed.account)).account
    every = [_asked(each) for each in kept(office, _KIND)]
    found = [each for each in every if may_read(office, reader, each.request)]
    return tuple(_standing(office, each) for each in sorted(found, key=lambda e: e.request.asked_at, reverse=True))


def request(office: Office, digest: str, signed: Signed | None = None) -> Standing:
    """The request of that digest, or of the one that begins so, as in `requests`. Raises InputError, PolicyRefused."""
    reader = None if signed is None else proven(office, signed, SHOW, show_digest(digest)).account
    asked = _listed(office, digest)
    if not may_read(office, reader, asked.request):
        raise _unknown(digest)
    return _standing(office, asked)


def request_digest(office: Office, digest: str) -> str:
    """The whole digest of the request that begins so: what is signed, and nothing that is asked for."""
    return _listed(office, digest).request.digest


def agreed(office: Office, warrant: Warrant) -> tuple[Request, Sequence[Approval]]:
    """A request that is signed to be done by whoever asked for it, and who approved: for an act that decides by itself.

    Raises PolicyRefused, InputError.
    """
    asked = _listed(office, warrant.digest)
    if proven(office, warrant.signed, DO, asked.request.digest).account.id != asked.request.requester:
        raise refused("whoever asked for it does it")
    return asked.request, _approvals(asked)


def was_done(office: Office, warrant: Warrant) -> bool:
    """Whether this very call was done before."""
    return _listed(office, warrant.digest).done_by == warrant.signed.encoded()


def done_record(office: Office, warrant: Warrant) -> Record:
    """That it is done, to be kept with what it does."""
    asked = _listed(office, warrant.digest)
    return _record(_Asked(asked.request, asked.approvals, asked.keys, DONE, warrant.signed.encoded()))


@contextmanager
def warranted(
    office: Office, act: Act, particulars: Particulars, warrant: Warrant | None, subject: str | None = None
) -> Generator[bool]:
    """The body is the act: it runs only when whoever had to agree did; True: this very call was done before.

    Raises PolicyRefused that says why not, which is logged; LogUnavailable before the body, DataFolderError.
    """
    if warrant is None:
        if not office.store.rehearsal:
            raise refused(f"one credential alone does not do this: {in_words(act)}")
        yield False
        return
    with office.journal.acting():
        asked = _listed(office, warrant.digest)
        if asked.state == DONE and asked.done_by == warrant.signed.encoded():
            proven(office, warrant.signed, DO, asked.request.digest)  # a call is repeated at once, not a month later
            yield True
            return
        begun = _begun(office, asked, request_of(act, particulars, "", asked.request.asked_at, subject), warrant)
        yield False
        done = _Asked(begun.request, begun.approvals, begun.keys, DONE, warrant.signed.encoded())
        keep(office, [_record(done)])


def _begun(office: Office, asked: _Asked, wanted: Request, warrant: Warrant) -> _Asked:
    """Decide, and log that it is allowed. Raises PolicyRefused."""
    request = asked.request
    signer = proven(office, warrant.signed, DO, request.digest).account.id
    reason = None
    if signer != request.requester:
        reason = "whoever asked for it does it"
    elif (wanted.act, wanted.particulars, wanted.subject) != (request.act, request.particulars, request.subject):
        reason = "what was asked for is something else"
    elif asked.state == DONE:
        reason = "that was done already"
    decision = _decided(office, asked)
    if reason is None and isinstance(decision, Refused):
        reason = decision.reason
    now, digest, act = office.clock(), request.digest, str(request.act)
    if reason is not None or not isinstance(decision, Allowed):
        office.journal.record([ActRefused(at=now, digest=digest, act=act, by=signer, reason=str(reason))])
        raise refused(str(reason))
    if asked.state == BEGUN:
        return asked
    approvers = tuple(each.id for each in decision.approvers)
    office.journal.record([ActAllowed(at=now, digest=digest, act=act, by=signer, approvers=approvers)])
    begun = _Asked(request, asked.approvals, asked.keys, BEGUN)
    keep(office, [_record(begun)])
    return begun


def _standing(office: Office, asked: _Asked) -> Standing:
    decision = _decided(office, asked)
    refusal = decision.reason if isinstance(decision, Refused) else None
    return Standing(
        digest=asked.request.digest,
        act=asked.request.act,
        about=in_words(asked.request.act),
        requester=asked.request.requester,
        asked_at=asked.request.asked_at,
        particulars=asked.request.particulars,
        approved_by=tuple(each.account for each in asked.approvals),
        state=asked.state,
        refusal="that was done already" if asked.state == DONE else refusal,
    )


def _decided(office: Office, asked: _Asked) -> Allowed | Refused:
    """Whether it may be now; whom it is about, and who is theirs, is looked up each time."""
    request = replace(asked.request, apart=apart_from(office, asked.request.subject))
    return decide(request, _approvals(asked), directory_of(office), office.clock())


def _approvals(asked: _Asked) -> Sequence[Approval]:
    return [
        Approval(AccountId(each.account), key, asked.request.digest, each.at)
        for each, key in zip(asked.approvals, asked.keys, strict=True)
    ]


def _listed(office: Office, digest: str) -> _Asked:
    found = [_asked(each) for each in kept(office, _KIND) if len(digest) >= 8 and each.id.startswith(digest)]
    if len(found) != 1:
        raise _unknown(digest)
    return found[0]


def _unknown(digest: str) -> InputError:
    return InputError(f"nobody asked for {digest[:80]!r}", advice="List requests with `beholden approvals list`.")


def _found(office: Office, digest: str) -> _Asked | None:
    return next((_asked(each) for each in kept(office, _KIND) if each.id == digest), None)


def _record(asked: _Asked) -> Record:
    request = asked.request
    values = {
        "act": str(request.act),
        "requester": request.requester,
        "asked_at": stored(request.asked_at),
        "particulars": [list(each) for each in request.particulars],
        "subject": request.subject,
        "approvals": [each.encoded() for each in asked.approvals],
        "keys": list(asked.keys),
        "state": asked.state,
        "done_by": asked.done_by,
    }
    return Record(_KIND, request.digest, values, dies_at=request.asked_at + REQUEST_LIVES)


def _asked(record: Record) -> _Asked:
    values = record.values
    particulars = tuple((str(name), str(value)) for name, value in values["particulars"])
    request = request_of(
        Act(values["act"]), particulars, values["requester"], moment_of(values["asked_at"]), values["subject"]
    )
    approvals = tuple(parse_signed(each) for each in values["approvals"])
    return _Asked(request, approvals, tuple(values["keys"]), values["state"], values["done_by"])
