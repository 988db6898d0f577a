"""An account as it is asked for, and what it would be: its key, roles and organisation are read strictly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from beholden.acts.accounts.known import Held, directory_of, find_account, refused
from beholden.acts.accounts.signed import digest_of, fingerprint
from beholden.acts.grants.people import checked_label
from beholden.acts.office import Office
from beholden.consent.oversight.accounts import (
    Account,
    AccountId,
    Kind,
    OrganisationId,
    PersonId,
    Role,
    roles_refusal,
)
from beholden.ledger.note import NoteError, parse_verifier
from beholden.model.errors import InputError
from beholden.model.ids import SubjectId

SAME = "account same-as"
"""What whoever the new account is said to be of signs, or proves."""
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

    @property
    def asked(self) -> str:
        """What somebody who may be recognised here proves with their log keys: that this account is theirs."""
        return f"{SAME} {self.digest}"


def wished(office: Office, wish: NewAccount) -> Held:
    """The account as it would be. Raises InputError, PolicyRefused."""
    now, roles = office.clock(), frozenset(known_roles(wish.roles))
    reason = roles_refusal(roles)
    if reason is not None:
        raise refused(reason)
    if not wish.id.startswith("a_") or not 1 <= wish.days <= LONGEST_DAYS:
        raise InputError(f"an account has an id and lasts for 1 to {LONGEST_DAYS} days")
    public, organisation = public_of(wish.public), OrganisationId(checked_label(wish.organisation))
    account = Account(
        id=AccountId(wish.id),
        organisation=organisation,
        person=_person(office, wish),
        key=fingerprint(public),
        roles=roles,
        added_at=now,
        expires_at=now + timedelta(days=wish.days),
    )
    return Held(account, checked_label(wish.name), _what(office, organisation, wish.what, roles), public)


def _what(office: Office, organisation: OrganisationId, said: str | None, roles: frozenset[Role]) -> Kind:
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
    if known is None and found is not Kind.OTHER and roles == frozenset({Role.SUBJECT}):
        raise InputError("whoever is a subject only makes no organisation a body of that kind", advice="--what other.")
    return found


def _person(office: Office, wish: NewAccount) -> PersonId:
    """Whoever holds `same_as`, or somebody new, who is called after the account."""
    if wish.same_as is None:
        return PersonId(f"p_{wish.id.removeprefix('a_')}")
    if wish.same_as.startswith("s_"):
        return PersonId(office.store.subject(SubjectId(wish.same_as)).id)
    return find_account(office, wish.same_as).account.person


def public_of(text: str) -> bytes:
    try:
        return parse_verifier(text.strip()).public
    except NoteError as error:
        raise InputError(
            f"that is no public key: {error}", advice="Make one with `beholden account key FILE`."
        ) from None


def known_roles(roles: Sequence[str]) -> list[Role]:
    try:
        return [Role(each) for each in roles]
    except ValueError:
        raise InputError("there is no such role", advice=f"There are: {', '.join(Role)}.") from None
