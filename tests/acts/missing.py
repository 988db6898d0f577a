"""A live office where Anna laid down a find-me plan: Bea may be told, Ben never. For stories through the real acts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import count

from beholden.acts.accounts.kept import keep
from beholden.acts.accounts.listed import READ, notices_digest, notices_for
from beholden.acts.approvals.breakglass import OPEN, Breaking, open_glass
from beholden.acts.approvals.requests import REQUEST, ask, request_of
from beholden.acts.plans.days import pass_days
from beholden.acts.plans.kept import Filed, filed_record, own_record, plans_here
from beholden.acts.plans.listed import LIST, list_digest, list_plans, plan_digest
from beholden.acts.plans.matches import MATCHES, read_matches, tell_match
from beholden.acts.plans.open_close import (
    ASK,
    CLOSE,
    REPORT,
    Filing,
    close_plan,
    delay_notice,
    file_report,
    open_plan,
    renew_plan,
    wanted,
    wanted_digest,
)
from beholden.acts.plans.own import ANSWER, LAY_DOWN, Laid, answer_digest, answer_plan, lay_down
from beholden.acts.plans.wishes import keep_wishes, wishes_of
from beholden.acts.sightings.presence import Sighting, death
from beholden.consent.house import House
from beholden.consent.life import of_before
from beholden.consent.oversight.accounts import AccountId, PersonId
from beholden.consent.oversight.plans import PlanId, Report, Source, Wishes
from beholden.model.grant import Basis, Capture, Grant, Place, Purpose
from beholden.model.ids import CameraId, GrantId, SightingId, SubjectId
from beholden.model.template import EnrolledTemplate
from tests.acts.houses import CONTROLLER, GATE, joined, tick
from tests.acts.oversight import World, told
from tests.people import LOBBY, MODEL

ANNA = SubjectId("s_anna")
SERVED = (Purpose.ENTRANCE, Purpose.FIND_ME)
PLACES = (Place(LOBBY, capture=Capture.LANE, purposes=SERVED), Place(GATE, capture=Capture.LANE, purposes=SERVED))
PLAN = "f_00000000000000a{}"


class Town:
    """Olga works here, Sam and Sue approve here; Wanda and Will at the welfare body, Uwe at the union."""

    def __init__(self, world: World, *purposes: Purpose) -> None:
        world.office = replace(world.office, house=House(CONTROLLER, PLACES))
        self.world, self.numbers = world, count()
        world.everybody()
        world.add("will", "welfare", None, ("approver",), by="wanda")
        world.add("bea", "friends", "other", ("subject",), by="olga")
        joined(world.office, "Anna", tuple(tick(each) for each in (Purpose.FIND_ME, *purposes)))
        world.add("anna", "residents", "other", ("subject",), by="olga", same_as=ANNA)
        world.clock.pass_by(hours=100)
        self.lays_down()

    @property
    def office(self):
        return self.world.office

    def lays_down(self, **other):
        wish = Laid(ANNA, **{"may_tell": ("Bea",), "never_tell": ("Ben",), **other})
        lay_down(self.office, wish, self.world.signed("anna", LAY_DOWN, wish.digest))

    def reported(self, by="Bea", who="Anna", name="olga", authority=False):
        """Somebody comes to the desk."""
        filing = Filing(PLAN.format(next(self.numbers)), who, by, authority)
        return file_report(self.office, filing, self.world.signed(name, REPORT, filing.digest))

    def agreed(self, asked, *approvers, name="olga"):
        """What is asked for, approved by all of them, and signed to be done."""
        at = self.world.clock()
        digest = request_of(asked.act, asked.particulars, f"a_{name}", at, asked.subject).digest
        ask(self.office, asked.act, asked.particulars, self.world.signed(name, REQUEST, digest, at), asked.subject)
        for each in approvers:
            self.world.approve(each, digest)
        return self.world.warrant(name, digest)

    def opened(self, *approvers, by="Bea"):
        """The plan, opened by these; its id."""
        asked = self.reported(by)
        open_plan(self.office, asked.plan, self.agreed(asked, *(approvers or ("sam", "wanda"))))
        return asked.plan

    def wanted(self, plan, what, hours=0, name="olga"):
        signed = self.world.signed(name, ASK, wanted_digest(plan, what, hours))
        return wanted(self.office, plan, what, hours, signed)

    def renewed(self, plan, *approvers):
        warrant = self.agreed(self.wanted(plan, "renew"), *(approvers or ("sue", "will")))
        return renew_plan(self.office, plan, warrant)

    def delayed(self, plan, hours, *approvers):
        warrant = self.agreed(self.wanted(plan, "delay", hours), *approvers)
        return delay_notice(self.office, plan, hours, warrant)

    def closed(self, plan, name):
        return close_plan(self.office, plan, self.world.signed(name, CLOSE, plan_digest(plan)))

    def answers(self, reply, name="anna"):
        answer_plan(self.office, ANNA, reply, self.world.signed(name, ANSWER, answer_digest(ANNA, reply)))

    def seen(self, number="1", place=LOBBY):
        """Anna passes a camera; whether somebody was told."""
        now = self.world.clock()
        [grant] = [each.id for each in self.office.store.grants(ANNA) if each.purpose is Purpose.FIND_ME]
        camera, sighting = CameraId("cam"), SightingId(f"sighting{number}")
        one = Sighting(sighting, ANNA, grant, camera, place, now, now, 3, death(now))
        return tell_match(self.office, one, camera, now)

    def matches(self, plan, name):
        return read_matches(self.office, plan, self.world.signed(name, MATCHES, plan_digest(plan)))

    def lists(self, name):
        """What an account reads of each plan."""
        signed = self.world.signed(name, LIST, list_digest(f"a_{name}"))
        return [each.state for each in list_plans(self.office, signed)]

    def broken(self, plan, name="sam", glass="g1"):
        wish = Breaking(glass, plan, ANNA, "no answer")
        return open_glass(self.office, wish, self.world.signed(name, OPEN, wish.digest))

    def reads(self, name):
        """Every notice of an account, and of its holder."""
        signed = self.world.signed(name, READ, notices_digest(f"a_{name}"))
        return [each.text for each in notices_for(self.office, signed) if "Account" not in each.text]

    def passes(self, **time):
        """Time passes, and the keeper does what is due; how much that was."""
        self.world.clock.pass_by(**time)
        return pass_days(self.office)

    @property
    def plans(self):
        return plans_here(self.office)

    @property
    def log(self):
        """What oversight noticed, and why."""
        return [(each["what"], each["detail"]) for each in told(self.office, "overseen")]


def missed(world: World, plan: str, subject: SubjectId) -> None:
    """Somebody was reported missing, who had laid down a plan; without anything that is not needed for that."""
    office, now = world.office, world.clock()
    if wishes_of(office, subject) is None:
        grant = Grant(
            GrantId(f"g_{subject}"), subject, Purpose.FIND_ME, Basis.CONSENT, frozenset({LOBBY}),
            now - timedelta(days=1), now + timedelta(days=300),
        )  # fmt: skip
        template = EnrolledTemplate(subject, b"x", MODEL, now, 0.8, 3)
        office.store.add_enrolment(office.store.subject(subject), [grant], template, {grant.id: of_before(grant)})
        keep_wishes(office, Wishes(subject, PersonId(subject), grant, frozenset(), frozenset()))
    report = Report(f"r_{plan}", PersonId("n_friend"), Source.PERSON, now)
    filed = Filed(PlanId(plan), report, subject, AccountId("a_olga"))
    keep(office, [filed_record(filed), *own_record(office, filed.plan, subject, report)])
