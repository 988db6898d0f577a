"""Accounts of the people who run, check and approve things here: added, changed and revoked, each logged first.

Who may add one: at the place itself an operator or a maintainer; in another organisation whoever acts
for it already. The first account of an organisation is added by the place, as is one when nobody could act for it
for 72 hours; the first of all by whoever has the data folder. That is logged, told to every account, and whoever is
added does not approve for 72 hours. It is allowed again only when no account of the place may add one any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from beholden.acts.accounts.kept import Record, keep, stored, tell
from beholden.acts.accounts.known import (
    Held,
    account_record,
    accounts_held,
    directory_of,
    end_before,
    find_account,
    proven,
    refused,
)
from beholden.acts.accounts.listed import Listed, listed
from beholden.acts.accounts.signed import Signed, digest_of, fingerprint
from beholden.acts.approvals.breakglass import close_revoked
from beholden.acts.grants.people import checked_label
from beholden.acts.office import Office
from beholden.consent.oversight.accounts import (
    NEW_FOR,
    Account,
    AccountId,
    Directory,
    Kind,
    OrganisationId,
    PersonId,
    Role,
    changed,
    roles_refusal,
)
from beholden.consent.oversight.steps import Notice
from beholden.ledger.note import NoteError, parse_verifier
from beholden.model.errors import InputError
from beholden.model.event import AccountAdded, AccountChanged, AccountRevoked, Event
from beholden.model.ids import SubjectId

ADMIN = frozenset({Role.OPERATOR, Role.MAINTAINER})
ADD, CHANGE, REVOKE = "account add", "account change", "account revoke"
"""What is signed."""
LONGEST_DAYS = 3660


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account as it is asked for. `id` is the caller's; `public` as `beholden account key` printed it.

    `what` the organisation is must be said when it is new here. `same_as` is another account, or a
    subject, of the same human being.
    """

    id: str
    name: str
    organisation: str
    what: str | None
    roles: tuple[str, ...]
    public: str
    days: int
    same_as: str | None = None

    @property
    def digest(self) -> str:
        """What whoever adds it signs."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return digest_of(values | {"roles": sorted(self.roles), "days": str(self.days)})


def add_account(office: Office, wish: NewAccount, by: Signed | None = None) -> Listed:
    """Add an account. Adding the same one again changes nothing.

    Raises PolicyRefused (who adds it, its roles), InputError (name, key, organisation), LogUnavailable (then
    nothing happened), DataFolderError, KeystoreError.
    """
    with office.journal.acting():
        held = _wished(office, wish)
        there = next((each for each in accounts_held(office) if each.account.id == wish.id), None)
        if there is not None:
            if not _same(there, held):
                raise InputError("there is another account of that id", advice="Leave the id out.")
            return listed(office, there)
        _refuse_taken(office, held)
        adder = _adder(office, held, wish.digest, by)
        account = held.account
        event = AccountAdded(
            at=office.clock(),
            account=account.id,
            organisation=account.organisation,
            what=str(held.what),
            holder=account.person,
            roles=tuple(sorted(account.roles)),
            key=account.key,
            expires_at=stored(account.expires_at),
            by=adder,
        )
        _put(office, event, held, f"was added for {account.organisation}, as {', '.join(sorted(account.roles))}")
        return listed(office, held)


def change_account(
    office: Office, who: str, public: str | None = None, roles: tuple[str, ...] = (), by: Signed | None = None
) -> Listed:
    """Give an account another key or other roles; it is as new as one that is added now. Raises as `add_account`.

    Its holder may change the key; roles are changed by whoever may add an account of that organisation.
    """
    with office.journal.acting():
        held = find_account(office, who)
        wanted = held.public if public is None else _public(public)
        kinds = frozenset(_roles(roles)) if roles else held.account.roles
        reason = roles_refusal(kinds)
        if reason is not None:
            raise refused(reason)
        if (wanted, kinds) == (held.public, held.account.roles):
            return listed(office, held)
        own = kinds == held.account.roles
        digest = change_digest(held.account.id, public, roles)
        signer = _changer(office, held, CHANGE, digest, by, own=own)
        account = changed(held.account, office.clock(), key=fingerprint(wanted), roles=kinds)
        after = Held(account, held.name, held.what, wanted)
        event = AccountChanged(
            at=office.clock(), account=account.id, roles=tuple(sorted(kinds)), key=account.key, by=signer
        )
        _put(office, event, after, f"was changed, and is {', '.join(sorted(kinds))} now", held.account)
        return listed(office, after)


def revoke_account(office: Office, who: str, by: Signed | None = None) -> Listed:
    """Let an account act no more: its holder, whoever may add one there, or the place. Raises as `add_account`."""
    with office.journal.acting():
        held = find_account(office, who)
        if held.account.revoked_at is not None:
            end_before(office)
            close_revoked(office, held.account.id)
            return listed(office, held)
        signer = _changer(office, held, REVOKE, change_digest(held.account.id), by, own=True, place=True)
        after = replace(held, account=replace(held.account, revoked_at=office.clock()))
        _put(
            office,
            AccountRevoked(at=office.clock(), account=held.account.id, by=signer),
            after,
            "was revoked",
            held.account,
        )
        close_revoked(office, after.account.id)
        return listed(office, after)


def change_digest(account: str, public: str | None = None, roles: Sequence[str] = ()) -> str:
    """What whoever changes or revokes an account signs."""
    return digest_of({"account": account, "public": public, "roles": sorted(roles)})


def _wished(office: Office, wish: NewAccount) -> Held:
    """The account as it would be. Raises InputError, PolicyRefused."""
    now, roles = office.clock(), frozenset(_roles(wish.roles))
    reason = roles_refusal(roles)
    if reason is not None:
        raise refused(reason)
    if not wish.id.startswith("a_") or not 1 <= wish.days <= LONGEST_DAYS:
        raise InputError(f"an account has an id and lasts for 1 to {LONGEST_DAYS} days")
    public, organisation = _public(wish.public), OrganisationId(checked_label(wish.organisation))
    account = Account(
        id=AccountId(wish.id),
        organisation=organisation,
        person=_person(office, wish),
        key=fingerprint(public),
        roles=roles,
        added_at=now,
        expires_at=now + timedelta(days=wish.days),
    )
    return Held(account, checked_label(wish.name), _what(office, organisation, wish.what), public)


def _what(office: Office, organisation: OrganisationId, said: str | None) -> Kind:
    known = directory_of(office).organisations.get(organisation)
    kinds = ", ".join(each.name.lower() for each in Kind)
    wanted = None if said is None else next((each for each in Kind if each.name.lower() == said.lower()), None)
    if said is not None and wanted is None:
        raise InputError(f"{said!r} is no kind of organisation", advice=f"There are: {kinds}.")
    if known is not None and wanted not in (None, known.kind):
        raise InputError(f"{organisation} is known here as what {known.kind}")
    found = wanted if known is None else known.kind
    if found is None:
        raise InputError(f"{organisation} is new here", advice=f"Say what it is (--what): {kinds}.")
    return found


def _person(office: Office, wish: NewAccount) -> PersonId:
    """Whoever holds `same_as`, or somebody new, who is called after the account."""
    if wish.same_as is None:
        return PersonId(f"p_{wish.id.removeprefix('a_')}")
    if wish.same_as.startswith("s_"):
        return PersonId(office.store.subject(SubjectId(wish.same_as)).id)
    return find_account(office, wish.same_as).account.person


def _refuse_taken(office: Office, held: Held) -> None:
    for each in accounts_held(office):
        if each.account.revoked_at is None and each.name.casefold() == held.name.casefold():
            raise InputError("there is an account of that name", advice="Choose another name, or revoke the first.")


def _adder(office: Office, held: Held, digest: str, by: Signed | None) -> str | None:
    """The account that adds it, None for the first of all. Raises PolicyRefused."""
    known, now = directory_of(office), office.clock()
    if by is not None:
        adder = proven(office, by, ADD, digest).account
        if not _may_add(adder, held.account.organisation, held.what, known, now):
            raise refused("this account may not add one of that organisation")
        return adder.id
    if office.store.rehearsal:
        return None
    if any(_runs(each, known) for each in known.everyone(now)):
        raise refused("an account is added by another one")
    if held.what is not Kind.SITE or held.account.roles.isdisjoint(ADMIN):
        raise refused("the first account is an operator's or a maintainer's, of whoever runs the place")
    return None


def _changer(
    office: Office, held: Held, what: str, digest: str, by: Signed | None, *, own: bool, place: bool = False
) -> str | None:
    if by is None:
        if office.store.rehearsal:
            return None
        raise refused("an account is changed by another one, or by its holder")
    changer = proven(office, by, what, digest).account
    known, now = directory_of(office), office.clock()
    if own and changer.id == held.account.id:
        return changer.id
    if _may_add(changer, held.account.organisation, held.what, known, now) or (place and _runs(changer, known)):
        return changer.id
    raise refused("this account may not change that one")


def _runs(account: Account, known: Directory) -> bool:
    """Whether it is one of the place that may add others."""
    return known.kind(account) is Kind.SITE and not account.roles.isdisjoint(ADMIN)


def _may_add(adder: Account, organisation: OrganisationId, what: Kind, known: Directory, now: datetime) -> bool:
    """The place puts nobody in the place of another organisation's people when it has just revoked them."""
    if adder.organisation == organisation:
        return what is not Kind.SITE or _runs(adder, known)
    theirs = [each for each in known.accounts.values() if each.organisation == organisation]
    ends = [min(each.revoked_at or each.expires_at, each.expires_at) for each in theirs]
    return _runs(adder, known) and all(end + NEW_FOR <= now for end in ends)


def _put(office: Office, event: Event, held: Held, happened: str, before: Account | None = None) -> None:
    """Log it, keep it, and tell every account that acts, and the person in whose name it is. `before`: as it was."""
    text = f"Account {held.account.id} {happened}."
    everyone = directory_of(office).everyone(office.clock())
    with office.journal.act([event]) as leaves:
        notices = [Notice(each.id, text, office.clock()) for each in everyone]
        if held.account.person.startswith("s_"):
            notices.append(Notice(held.account.person, f"{text} It is in your name.", office.clock()))
        records: list[Record] = [account_record(held, before), *tell(office, f"account.{leaves[0]}", notices)]
        keep(office, records)
        if before is not None:
            end_before(office)


def _same(there: Held, held: Held) -> bool:
    """Whether adding `held` adds nothing: when it was added does not matter."""
    moments = {"added_at": there.account.added_at, "expires_at": there.account.expires_at}
    return there == replace(held, account=replace(held.account, **moments, revoked_at=there.account.revoked_at))


def _public(text: str) -> bytes:
    try:
        return parse_verifier(text.strip()).public
    except NoteError as error:
        raise InputError(
            f"that is no public key: {error}", advice="Make one with `beholden account key FILE`."
        ) from None


def _roles(roles: Sequence[str]) -> list[Role]:
    try:
        return [Role(each) for each in roles]
    except ValueError:
        raise InputError("there is no such role", advice=f"There are: {', '.join(Role)}.") from None
