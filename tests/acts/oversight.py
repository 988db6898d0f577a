"""Account holders with real keys, in a folder that is live, for tests of oversight through the real acts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from beholden.acts.accounts.change import ADD, NewAccount, add_account
from beholden.acts.accounts.signed import Signed, sign
from beholden.acts.approvals.requests import APPROVE, DO, REQUEST, Warrant, approve, ask, request_of
from beholden.acts.office import Office
from beholden.ledger.note import SigningKey

HOUR = timedelta(hours=1)
PEOPLE = {
    "olga": ("site", "site", ("operator",)),
    "max": ("site", None, ("maintainer",)),
    "sam": ("site", None, ("approver",)),
    "sue": ("site", None, ("approver",)),
    "wanda": ("welfare", "welfare", ("approver",)),
    "uwe": ("union", "other", ("approver",)),
    "audrey": ("audit", "other", ("auditor",)),
    "paul": ("police", "authority", ("approver", "operator")),
}


@dataclass
class World:
    """`keys` stay here: acts see signatures only."""

    office: Office
    clock: object
    keys: dict[str, SigningKey] = field(default_factory=dict)

    def new(self, name, organisation="site", what=None, roles=("operator",), **other) -> NewAccount:
        key = self.keys.setdefault(name, SigningKey.generate(name))
        values = {"days": 365, "public": key.verifier.encoded(), **other}
        return NewAccount(f"a_{name}", name.title(), organisation, what, roles, **values)

    def signed(self, name, what, digest, at=None) -> Signed:
        return sign(self.keys[name], f"a_{name}", what, digest, at or self.clock())

    def add(self, name, *about, by=None, **other):
        wish = self.new(name, *about, **other)
        return add_account(self.office, wish, None if by is None else self.signed(by, ADD, wish.digest))

    def everybody(self, *names):
        """Accounts that have been here for long."""
        for name in names or PEOPLE:
            self.add(name, *PEOPLE[name], by=None if name == "olga" else "olga")
        self.clock.pass_by(hours=100)
        return self

    def ask(self, name, act, particulars, subject=None):
        at = self.clock()
        digest = request_of(act, particulars, f"a_{name}", at, subject).digest
        return ask(self.office, act, particulars, self.signed(name, REQUEST, digest, at), subject)

    def approve(self, name, digest, at=None):
        return approve(self.office, digest, self.signed(name, APPROVE, digest, at))

    def warrant(self, name, digest) -> Warrant:
        return Warrant(digest, self.signed(name, DO, digest))

    def agreed(self, name, act, particulars, *approvers, subject=None) -> Warrant:
        """Asked for by `name`, approved by all of them, and signed to be done."""
        digest = self.ask(name, act, particulars, subject).digest
        for each in approvers:
            self.approve(each, digest)
        return self.warrant(name, digest)


def told(office: Office, *kinds: str) -> list[dict]:
    """What the log says, opened and genuine."""
    lines = office.journal.read()
    assert all(line.genuine for line in lines if line.event is not None)
    return [line.event for line in lines if line.event is not None and line.event["kind"] in kinds]
