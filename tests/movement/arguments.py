"""Arguments for every use case, made from its type hints; signed as its account holders would sign."""

from __future__ import annotations

import dataclasses
import enum
import itertools
import random
import types
import typing
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import beholden.acts.accounts.change as accounts
import beholden.acts.accounts.listed as listed
import beholden.acts.approvals.breakglass as glass
import beholden.acts.sightings.incidents as incidents
from beholden.acts.accounts.signed import Signed
from beholden.acts.approvals import requests as approvals
from beholden.acts.displays import canaries, ties
from beholden.acts.displays.look_up import LOOK_UP, look_up, who_digest
from beholden.acts.displays.show import LOOK, Look, show
from beholden.acts.grants.reference import Reference
from beholden.acts.guardians import ask as guardian
from beholden.acts.guardians import seen as guardian_seen
from beholden.acts.guardians import still as guardian_still
from beholden.acts.own_copy import export, history, receipt
from beholden.acts.own_copy.own_request import Proof, prove
from beholden.acts.plans import listed as plan_listed
from beholden.acts.plans import matches as plan_matches
from beholden.acts.plans import open_close as plans
from beholden.acts.plans import own as plan_own
from beholden.acts.report import weekly
from beholden.consent.logkeys import tag_key
from beholden.consent.oversight.displays import Way
from beholden.ledger.leaf import Month
from tests.movement.planted import PLAN, Town
from tests.people import MODEL, vector

NAMED = {
    "plan": [PLAN, "f_0000000000000000"],
    "what": ["open", "renew", "delay"],
    "reply": list(plan_own.replies()),
    "week": ["2026-W48"],
    "rules": ["settings", "policy"],
    "lines": [(), ("recognition.fpir = 0.01",), ("recognition.fpir = 0.02",)],
}
"""What a parameter of that name is given, whatever its type."""
MOST = 24
"""Calls of one use case; of more that are possible these are drawn, the same each time."""
Digest = Callable[[dict[str, Any], str, datetime], tuple[str, str]]
SIGNED: dict[Callable[..., Any], Digest] = {
    show: lambda a, _, __: (LOOK, a["asked"].digest),
    look_up: lambda a, _, __: (LOOK_UP, who_digest(a["who"])),
    listed.notices_for: lambda _, account, __: (listed.READ, listed.notices_digest(account)),
    incidents.keep_incident: lambda a, _, __: (incidents.KEEP, incidents.incident_digest(a["sighting"])),
    incidents.read_incident: lambda a, _, __: (incidents.READ, incidents.incident_digest(a["sighting"])),
    incidents.list_incidents: lambda _, __, ___: (incidents.LIST, incidents.list_digest()),
    accounts.add_account: lambda a, _, __: (accounts.ADD, a["wish"].digest),
    accounts.change_account: lambda a, _, __: (
        accounts.CHANGE, accounts.change_digest(a["who"], a["public"], a["roles"])),
    accounts.revoke_account: lambda a, _, __: (accounts.REVOKE, accounts.change_digest(a["who"])),
    approvals.ask: lambda a, account, at: (
        approvals.REQUEST, approvals.request_of(a["act"], a["particulars"], account, at, a["subject"]).digest),
    approvals.approve: lambda a, _, __: (approvals.APPROVE, a["digest"]),
    approvals.requests: lambda _, account, __: (approvals.LIST, approvals.list_digest(account)),
    approvals.request: lambda a, _, __: (approvals.SHOW, approvals.show_digest(a["digest"])),
    glass.open_glass: lambda a, _, __: (glass.OPEN, a["wish"].digest),
    glass.list_glasses: lambda _, account, __: (glass.LIST, glass.list_digest(account)),
    glass.close_glass: lambda a, _, __: (glass.CLOSE, glass.glass_digest(a["glass"])),
    glass.review_glass: lambda a, _, __: (
        glass.REVIEW, glass.glass_digest(a["glass"], "yes" if a["justified"] else "no")),
    ties.say: lambda a, _, __: (ties.SAY, ties.tie_digest(a["tie"], a["other"], a["subject"])),
    ties.take_back: lambda a, _, __: (ties.TAKE_BACK, ties.tie_digest(a["tie"], a["other"], a["subject"])),
    ties.ties: lambda _, account, __: (ties.READ, ties.ties_digest(account)),
    canaries.make_canary: lambda a, _, __: (canaries.MAKE, canaries.canary_digest(a["wish"])),
    canaries.list_canaries: lambda _, account, __: (canaries.LIST, canaries.canaries_digest(account)),
    weekly.openings: lambda a, _, __: (weekly.OPENINGS, weekly.openings_digest(a["week"])),
    plans.file_report: lambda a, _, __: (plans.REPORT, a["filing"].digest),
    plans.wanted: lambda a, _, __: (plans.ASK, plans.wanted_digest(a["plan"], a["what"], a["hours"])),
    plans.close_plan: lambda a, _, __: (plans.CLOSE, plan_listed.plan_digest(a["plan"])),
    plan_listed.list_plans: lambda _, account, __: (plan_listed.LIST, plan_listed.list_digest(account)),
    plan_matches.read_matches: lambda a, _, __: (plan_matches.MATCHES, plan_listed.plan_digest(a["plan"])),
    plan_own.lay_down: lambda a, _, __: (plan_own.LAY_DOWN, a["wish"].digest),
    plan_own.answer_plan: lambda a, _, __: (
        plan_own.ANSWER, plan_own.answer_digest(a["subject"], a["reply"])),
    guardian.ask: lambda a, _, __: (guardian.ASK, a["wish"].digest),
    guardian.say: lambda a, _, __: (guardian.YES if a["agrees"] else guardian.NO, guardian.said_digest(a["grant"])),
    guardian.refuse: lambda a, _, __: (guardian.PERSON_NO, guardian.own_digest(a["subject"])),
    guardian.allow: lambda a, _, __: (guardian.PERSON_YES, guardian.own_digest(a["subject"])),
    guardian.dispute: lambda a, _, __: (guardian.DISPUTE, guardian.said_digest(a["grant"], a["evidence"])),
    guardian_seen.show: lambda a, _, __: (guardian_seen.SHOW, guardian_seen.show_digest(a["grant"])),
    guardian_seen.approve: lambda a, _, __: (approvals.APPROVE, _seen(a)),
    guardian_seen.decline: lambda a, _, __: (guardian_seen.DECLINE, _seen(a)),
    guardian_seen.settle: lambda a, _, __: (approvals.APPROVE, _seen(a)),
    guardian_still.still: lambda a, _, __: (
        guardian_still.STILL, guardian_still.still_digest(a["grant"], a["notice"], a["days"])),
}  # fmt: skip
"""What an account signs for each use case that takes a signature."""
PROVEN: dict[Callable[..., Any], Callable[[dict[str, Any]], str]] = {
    accounts.add_account: lambda a: a["wish"].asked,
    export.export_held: lambda _: export.ASKED,
    history.turn_history_on: lambda a: history.asked_on(a["public"], a["days"]),
    history.turn_history_off: lambda _: history.ASKED_OFF,
    history.show_history: lambda _: history.ASKED_SHOW,
    receipt.give_receipts: lambda a: receipt.asked_receipts(a["grant"]),
    receipt.withdraw_with_receipt: lambda a: receipt.asked_withdrawal(a["grant"]),
}
"""What somebody proves that they ask for."""


def _seen(given: dict[str, Any]) -> str:
    """What an outside approver signs."""
    return guardian_seen.to_sign(given["office"], given["grant"], given.get("evidence"), given.get("others", ()))


def calls(town: Town, act: Callable[..., Any], most: int = MOST) -> Iterator[dict[str, Any]]:
    """Arguments by name. Raises LookupError for a hint, or a signature, of which nothing is known here."""
    hints = {name: hint for name, hint in typing.get_type_hints(act).items() if name not in ("office", "return")}
    pools = {name: NAMED[name] if name in NAMED else values(town, hint) for name, hint in hints.items()}
    chosen = list(itertools.islice(itertools.product(*pools.values()), 4000))
    random.Random(act.__name__).shuffle(chosen)
    for each in chosen[:most]:
        yield dict(zip(pools, each, strict=True))


def sign(town: Town, act: Callable[..., Any], given: dict[str, Any]) -> dict[str, Any]:
    """The same with a signature of now wherever a name of an account holder stands."""
    ready = dict(given)
    for name, value in given.items():
        if isinstance(value, Signer):
            if act not in SIGNED:
                raise LookupError(f"say in tests/movement/arguments.py what is signed for {act.__name__}")
            at = town.world.clock()
            whole = {**given, "office": town.office}
            what, digest = SIGNED[act](whole, f"a_{value.name}", at)
            what = accounts.SAME if name == "own" else what
            ready[name] = town.world.signed(value.name, what, digest, at)
        elif isinstance(value, Prover):
            at, keys = town.world.clock(), town.office.keystore
            key = tag_key(keys.data_key(town.people[value.whose].id), Month.of(at))
            ready[name] = prove(key, given.get("subject") or given["wish"].same_as or "", PROVEN[act](given), at)
    return ready


@dataclasses.dataclass(frozen=True)
class Signer:
    """Stands for a signature that is made when the call is."""

    name: str


@dataclasses.dataclass(frozen=True)
class Prover:
    """Stands for a proof with the log keys of one of the people, by their number."""

    whose: int


def values(town: Town, hint: Any) -> Sequence[Any]:
    """Some of every kind that the hint allows, with what is known of people and their sightings among them."""
    if isinstance(hint, typing.NewType):
        return ids(town).get(hint.__name__, ids(town)["str"])
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return list(hint)
    plain = PLAIN.get(hint)
    if plain is not None:
        return plain(town)
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return [value for each in inner for value in ([None] if each is type(None) else values(town, each))]
    if origin is tuple and inner[-1] is not Ellipsis:
        return [tuple(each) for each in itertools.islice(zip(*(values(town, one) for one in inner), strict=False), 4)]
    if origin is not None and issubclass(origin, Collection) and not issubclass(origin, Mapping):
        kind = frozenset if origin is frozenset else tuple
        some = values(town, inner[0])[:4]
        return [kind(), *(kind([each]) for each in some), kind(some)]
    if dataclasses.is_dataclass(hint):
        fields = typing.get_type_hints(hint)
        pools = [values(town, fields[each.name]) for each in dataclasses.fields(hint) if each.init]
        made = itertools.islice(itertools.product(*(pool[:6] for pool in pools)), 3000)
        chosen = list(made)
        random.Random(hint.__name__).shuffle(chosen)
        names = [each.name for each in dataclasses.fields(hint) if each.init]
        return [hint(**dict(zip(names, each, strict=True))) for each in chosen[:60]]
    raise LookupError(f"say in tests/movement/arguments.py what values {hint} may have")


def ids(town: Town) -> dict[str, list[Any]]:
    """What may be known of people here, by the kind of id."""
    traces = [trace for person in town.people for trace in person.traces]
    people = [person.id for person in town.people]
    return {
        "SubjectId": people,
        "SightingId": [trace.sighting for trace in traces],
        "PlaceId": ["attic", "cellar", "lobby", ""],
        "CameraId": ["cam-attic", "cam-cellar"],
        "GrantId": [mark for person in town.people for mark in person.marks if mark.startswith("g_")],
        "str": [*people, *(person.name for person in town.people), traces[0].sighting, "attic", "a_olga",
                town.request, town.glass, PLAN, "2026-11", "2026-W48", "settings"],
    }  # fmt: skip


def _looks(town: Town) -> list[Any]:
    """Each sighting in each way, and one that is somebody else's."""
    found = [(person.id, trace) for person in town.people for trace in person.traces]
    right = [Look(subject, way, trace.place, trace.sighting) for subject, trace in found for way in Way]
    return [*right, Look(found[0][0], Way.FEED, found[-1][1].place, found[-1][1].sighting)]


def _warrants(town: Town) -> list[Any]:
    return [approvals.Warrant(town.request, town.world.signed("olga", approvals.DO, town.request))]


PLAIN: dict[Any, Callable[[Town], list[Any]]] = {
    str: lambda town: ids(town)["str"],
    int: lambda _: [1, 90],
    float: lambda _: [0.5, 1.0],
    bool: lambda _: [True, False],
    bytes: lambda _: [b"x"],
    datetime: lambda town: [town.people[0].traces[0].at - timedelta(days=1), town.world.clock()],
    date: lambda _: [date(2030, 4, 1)],
    time: lambda _: [time(8), time(20)],
    timedelta: lambda _: [timedelta(days=30)],
    Look: _looks,
    Signed: lambda _: [Signer(name) for name in ("max", "olga", "otto", "audrey", "sam", "wanda", "ann")],
    Proof: lambda town: [Prover(each) for each in range(len(town.people))],
    approvals.Warrant: _warrants,
    Reference: lambda _: [Reference(vector(9), MODEL, 0.8, 2)],
}
