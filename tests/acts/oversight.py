"""Account holders with real keys, in a folder that is live, for tests of oversight through the real acts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from beholden.acts.accounts.change import ADD, add_account
from beholden.acts.accounts.signed import Signed, sign
from beholden.acts.accounts.wished import SAME, NewAccount
from beholden.acts.approvals.requests import APPROVE, DO, REQUEST, Warrant, approve, ask, request_of
from beholden.acts.office import Office
from beholden.acts.own_copy.own_request import Proof, prove
from beholden.consent.logkeys import tag_key
from beholden.ledger.leaf import Month
from beholden.ledger.note import SigningKey
from beholden.model.ids import SubjectId

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
ANOTHER = ("site", None, ("operator",))
"""A second one who is shown names: Oscar, where a test needs him."""


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
        """Whoever it is said to be the same as says so."""
        wish = self.new(name, *about, **other)
        signed = None if by is None else self.signed(by, ADD, wish.digest)
        who = (wish.same_as or "").lower()
        own = self.signed(who, SAME, wish.digest) if who in self.keys else None
        return add_account(self.office, wish, signed, own, self.proof(who, wish.asked) if who[:2] == "s_" else None)

    def proof(self, subject, asked) -> Proof | None:
        """By the log keys of somebody; None where there is nobody."""
        at, key = self.clock(), self.office.keystore.data_keys([SubjectId(subject)])[SubjectId(subject)]
        return None if key is None else prove(tag_key(key, Month.of(at)), subject, asked, at)

    def everybody(self, *names):
        """Accounts that have been here for long: the place adds the first of those who watch, who adds the others."""
        first = next((each for each in names or PEOPLE if PEOPLE[each][0] != "site"), None)
        chosen = names or tuple(PEOPLE)
        for name in chosen:
            if PEOPLE[name][0] == "site" or name == first:
                self.add(name, *PEOPLE[name], by=None if name == "olga" else "olga")
        others = [each for each in chosen if PEOPLE[each][0] != "site" and each != first]
        if others:
            self.clock.pass_by(hours=72)
        for name in others:
            self.add(name, *PEOPLE[name], by=first)
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
