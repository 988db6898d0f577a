"""Kim, who was invited for care, with a mother and a father who have accounts, in a live house with places."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from beholden.acts.approvals.requests import APPROVE
from beholden.acts.grants.accept import read
from beholden.acts.grants.invite import invite_all
from beholden.acts.grants.life import not_named
from beholden.acts.grants.reference import Reference
from beholden.acts.guardians.ask import (
    ASK,
    DISPUTE,
    NO,
    PERSON_NO,
    PERSON_YES,
    YES,
    Ask,
    allow,
    ask,
    dispute,
    list_guarded,
    own_digest,
    refuse,
    said_digest,
    say,
)
from beholden.acts.guardians.enrol_dependent import accept_for
from beholden.acts.guardians.kept import Bound
from beholden.acts.guardians.seen import DECLINE, approve, decline, settle, to_sign
from beholden.acts.guardians.still import STILL, notice_of, still, still_digest
from beholden.consent.gate import Gate
from beholden.consent.living import Lives
from beholden.model.grant import Purpose, Viewpoint
from beholden.model.ids import CameraId, GrantId, SubjectId
from tests.acts.houses import HOUSE, PLACES, TOKEN, invitee
from tests.acts.oversight import World
from tests.people import LOBBY, MODEL, vector

KIM, CARE = SubjectId("s_kim"), GrantId("g_care")
MAJORITY = date(2030, 4, 1)
BERLIN = "Europe/Berlin"


def sha(paper: bytes) -> str:
    return hashlib.sha256(paper).hexdigest()


PAPER, COURT = sha(b"Custody of both parents"), sha(b"The court: custody of the mother alone")
PARENTS = ("a_mother", "a_father")
DEFAULT = Ask(CARE, KIM, Purpose.CARE, PARENTS, MAJORITY, BERLIN, PAPER, frozenset({LOBBY}), timedelta(days=300))


@dataclass
class Home:
    """Everybody signs with their own key, through the real acts."""

    world: World
    gate: Gate = field(init=False)

    def __post_init__(self) -> None:
        world = self.world
        world.office = replace(world.office, house=HOUSE)
        world.add("olga", "site", "site", ("operator",))
        for name, where, what, role in (
            ("sam", "site", None, "approver"),
            ("uwe", "union", "other", "approver"),
            ("wanda", "welfare", "welfare", "approver"),
            ("mother", "hill", "other", "subject"),
            ("father", "works", "other", "subject"),
            ("colleague", "works", "other", "approver"),
        ):
            if name == "wanda":
                world.clock.pass_by(hours=72)
            by = "uwe" if name in ("wanda", "colleague") else "olga"
            world.add(name, where, what, (role,), by=by)
        invite_all(self.office, (invitee("Kim", TOKEN, (Purpose.CARE,)),))
        world.add("kim", "kims", "other", ("subject",), by="olga", same_as=KIM)
        world.clock.pass_by(hours=100)
        self.gate = self.new_gate()

    @property
    def office(self):
        return self.world.office

    @property
    def clock(self):
        return self.world.clock

    def new_gate(self) -> Gate:
        office = self.office
        return Gate(office.store, office.keystore, lives=Lives(self.now, office.house, Bound(office)))

    def now(self):
        return self.office.time.now

    def signed(self, who, what, digest):
        return self.world.signed(who, what, digest)

    def asks(self, who="mother", **changes):
        wish = replace(DEFAULT, **changes)
        return ask(self.office, wish, self.signed(who, ASK, wish.digest))

    def says(self, who, yes=True, grant=CARE):
        return say(self.office, grant, yes, self.signed(who, YES if yes else NO, said_digest(grant)))

    def sees(self, who="uwe", paper=PAPER, grant=CARE):
        return approve(self.office, grant, paper, self.signed(who, APPROVE, to_sign(self.office, grant, paper)))

    def declines(self, who="uwe"):
        return decline(self.office, CARE, None, self.signed(who, DECLINE, to_sign(self.office, CARE)))

    def refuses(self, who="kim"):
        refuse(self.office, KIM, self.signed(who, PERSON_NO, own_digest(KIM)))

    def takes_back(self, who="kim"):
        allow(self.office, KIM, self.signed(who, PERSON_YES, own_digest(KIM)))

    def disputes(self, who="father", paper=COURT):
        return dispute(self.office, CARE, paper, self.signed(who, DISPUTE, said_digest(CARE, paper)))

    def settles(self, *others, by="uwe", paper=COURT):
        digest = to_sign(self.office, CARE, paper, others)
        return settle(self.office, CARE, paper, others, self.signed(by, APPROVE, digest))

    def still(self, who="mother", days=None):
        notice = notice_of(self.office, CARE).digest
        return still(self.office, CARE, notice, days, self.signed(who, STILL, still_digest(CARE, notice, days)))

    def agreed(self, **changes):
        """Asked for, agreed to by both, seen from outside."""
        self.asks(**changes)
        self.says("father")
        return self.sees()

    def agreed_for(self, subject, grant, purpose, places, majority):
        """As `agreed`, for somebody else or something else."""
        self.asks(subject=subject, grant=grant, purpose=purpose, places=places, majority=majority)
        self.says("father", grant=grant)
        self.sees(grant=grant)

    def comes(self):
        """Kim is captured live, after a guardian read the notice."""
        return self.comes_by(TOKEN, CARE)

    def comes_by(self, token, *grants):
        if self.office.store.standings() == {}:
            read(self.office, token)
        return accept_for(self.office, token, grants, Reference(vector(1), MODEL, 0.8, 3))

    def whole(self, **changes):
        """Enrolled, and the cooling-off is over."""
        self.agreed(**changes)
        self.comes()
        self.clock.pass_by(days=1)
        assert self.named()
        return self

    def named(self) -> bool:
        """By the gate that was there all the time, which has asked the registry."""
        view = Viewpoint(CameraId("cam"), PLACES[0])
        self.gate.beat(self.clock.now, lambda: 1)
        shown = self.gate.gallery(view, [Purpose.CARE], self.clock.now, MODEL, False).subjects
        assert shown in ((), (KIM,))
        assert (shown == ()) is bool(not_named(self.office) or not self.office.store.snapshot().templates)
        return shown == (KIM,)

    def why_not(self) -> str | None:
        [found] = list_guarded(self.office)
        return found.why_not
