"""Accounts of the people who run, check and approve things here: added, changed and revoked, each logged first.

`acts.accounts.who_may` says who adds, changes and revokes which. The first account of all is added by whoever has the
data folder, and again only when no account of the place may add one any more. All of it is told to every account,
and whoever is added does not approve for 72 hours. What an account is said to be of somebody who is here already, they
say themselves; and no two people have one key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

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
    speaks_as,
)
from beholden.acts.accounts.listed import Listed, listed
from beholden.acts.accounts.signed import Signed, digest_of, fingerprint
from beholden.acts.accounts.who_may import ADMIN, is_theirs_alone, may_add, may_rule, runs
from beholden.acts.accounts.wished import SAME, NewAccount, known_roles, public_of, wished
from beholden.acts.approvals.breakglass import close_revoked
from beholden.acts.office import Office
from beholden.acts.own_copy.own_request import Proof, refuse_others
from beholden.consent.oversight.accounts import (
    Account,
    Kind,
    PersonId,
    changed,
    roles_refusal,
)
from beholden.consent.oversight.steps import Notice
from beholden.model.errors import InputError, PolicyRefused
from beholden.model.event import AccountAdded, AccountChanged, AccountRevoked, Event
from beholden.model.ids import SubjectId

ADD, CHANGE, REVOKE = "account add", "account change", "account revoke"
"""What is signed."""


def add_account(
    office: Office,
    wish: NewAccount,
    by: Signed | None = None,
    own: Signed | None = None,
    proof: Proof | None = None,
) -> Listed:
    """Add an account. Adding the same one again changes nothing. `own` or `proof`: that `same_as` says so, too.

    Raises PolicyRefused (who adds it, its roles, whose it is), InputError (name, key, organisation), LogUnavailable
    (then nothing happened), DataFolderError, KeystoreError.
    """
    with office.journal.acting():
        held = wished(office, wish)
        there = next((each for each in accounts_held(office) if each.account.id == wish.id), None)
        if there is not None:
            if not _same(there, held):
                raise InputError("there is another account of that id", advice="Leave the id out.")
            return listed(office, there)
        _refuse_taken(office, held)
        adder = _adder(office, held, wish.digest, by)
        _refuse_unsaid(office, wish, held.account.person, by, own, proof)
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

    Its holder may change the key; roles are changed by its organisation. Nobody else gives a person's account a key.
    """
    with office.journal.acting():
        held = find_account(office, who)
        wanted = held.public if public is None else public_of(public)
        kinds = frozenset(known_roles(roles)) if roles else held.account.roles
        reason = roles_refusal(kinds)
        if reason is not None:
            raise refused(reason)
        if (wanted, kinds) == (held.public, held.account.roles):
            return listed(office, held)
        own = kinds == held.account.roles
        digest = change_digest(held.account.id, public, roles)
        signer = _changer(office, held, CHANGE, digest, by, own=own)
        if wanted != held.public and is_theirs_alone(held.account) and signer not in (None, held.account.id):
            raise refused("the key of a person's account is changed by its holder")
        account = changed(held.account, office.clock(), key=fingerprint(wanted), roles=kinds)
        had = held.had if wanted == held.public else (*held.had, held.account.key)
        after = Held(account, held.name, held.what, wanted, had)
        _refuse_key_of_another(office, after)
        event = AccountChanged(
            at=office.clock(), account=account.id, roles=tuple(sorted(kinds)), key=account.key, by=signer
        )
        _put(office, event, after, f"was changed, and is {', '.join(sorted(kinds))} now", held.account)
        return listed(office, after)


def revoke_account(office: Office, who: str, by: Signed | None = None) -> Listed:
    """Let an account act no more: its holder, or its organisation; nobody else. Raises as `add_account`."""
    with office.journal.acting():
        held = find_account(office, who)
        if held.account.revoked_at is not None:
            end_before(office)
            close_revoked(office, held.account.id)
            return listed(office, held)
        signer = _changer(office, held, REVOKE, change_digest(held.account.id), by, own=True)
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


def _refuse_taken(office: Office, held: Held) -> None:
    for each in accounts_held(office):
        if each.account.revoked_at is None and each.name.casefold() == held.name.casefold():
            raise InputError("there is an account of that name", advice="Choose another name, or revoke the first.")
    _refuse_key_of_another(office, held)


def _refuse_key_of_another(office: Office, held: Held) -> None:
    """One key is one human being: else whatever counts or holds for them is got around with another account."""
    for each in accounts_held(office):
        if each.account.person != held.account.person and held.account.key in (each.account.key, *each.had):
            raise InputError(
                "somebody else has, or had, an account with that key here",
                advice="Make another key with `beholden account key FILE`; of the same holder, say so (--same-as).",
            )


def _adder(office: Office, held: Held, digest: str, by: Signed | None) -> str | None:
    """The account that adds it, None for the first of all. Raises PolicyRefused."""
    known, now = directory_of(office), office.clock()
    if by is not None:
        adder = proven(office, by, ADD, digest).account
        if not may_add(known.accounts[adder.id], held.account, held.what, known, now):
            raise refused("this account may not add one of that organisation")
        return adder.id
    if office.store.rehearsal:
        return None
    if any(runs(each, known) for each in known.everyone(now)):
        raise refused("an account is added by another one")
    if held.what is not Kind.SITE or held.account.roles.isdisjoint(ADMIN):
        raise refused("the first account is an operator's or a maintainer's, of whoever runs the place")
    places = {each.id for each in known.organisations.values() if each.kind is Kind.SITE}
    if not places <= {held.account.organisation}:
        raise refused("the place is run by one organisation, which is known here")
    return None


def _refuse_unsaid(
    office: Office, wish: NewAccount, person: PersonId, by: Signed | None, own: Signed | None, proof: Proof | None
) -> None:
    """Whose an account is, they say: nobody is believed who adds one in the name of another. Raises PolicyRefused."""
    if wish.same_as is None or office.store.rehearsal:
        return
    if proof is not None and person.startswith("s_"):
        refuse_others(office, SubjectId(person), wish.asked, proof)
        return
    if by is not None and speaks_as(office, find_account(office, by.account).account, person):
        return  # was proven
    if own is not None and speaks_as(office, proven(office, own, SAME, wish.digest).account, person):
        return
    raise PolicyRefused(
        "an account is somebody's who is known here only when they say so",
        advice="They prove it: --log-keys FILE, or --own-account NAME --own-key FILE of an account of theirs.",
    )


def _changer(office: Office, held: Held, what: str, digest: str, by: Signed | None, *, own: bool) -> str | None:
    """The account that does it. `own`: its holder may. Raises PolicyRefused."""
    if by is None:
        if office.store.rehearsal:
            return None
        raise refused("an account is changed by another one, or by its holder")
    itself = by.account == held.account.id
    changer = proven(office, by, what, digest, in_doubt=what == REVOKE and itself).account
    if own and (itself or (what == REVOKE and speaks_as(office, changer, held.account.person))):
        return changer.id
    if may_rule(changer, held.account, directory_of(office)):
        return changer.id
    raise refused("this account may not change that one")


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
