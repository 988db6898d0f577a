"""Arguments for every use case, made from its type hints; signed as its account holders would sign."""

from __future__ import annotations

import dataclasses
import enum
import itertools
import random
import types
import typing
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

import beholden.acts.accounts as accounts
import beholden.acts.accounts_listed as listed
import beholden.acts.breakglass as glass
import beholden.acts.displays_watched as watched
import beholden.acts.incidents as incidents
from beholden.acts import approvals
from beholden.acts.accounts_signed import Signed
from beholden.acts.displays import LOOK, Look, show
from beholden.acts.look_up import LOOK_UP, look_up, who_digest
from beholden.acts.reference import Reference
from beholden.consent.oversight.displays import Way
from tests.movement.planted import Town
from tests.people import MODEL, vector

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
    watched.relate: lambda a, _, __: (watched.RELATE, watched.related_digest(a["one"], a["other"])),
    watched.bar: lambda a, _, __: (watched.BAR, watched.bar_digest(a["account"])),
    watched.lift_bar: lambda a, _, __: (watched.LIFT, watched.bar_digest(a["account"])),
    watched.add_canary: lambda a, _, __: (watched.CANARY, watched.canary_digest(a["subject"])),
}  # fmt: skip
"""What an account signs for each use case that takes a signature."""


def calls(town: Town, act: Callable[..., Any], most: int = MOST) -> Iterator[dict[str, Any]]:
    """Arguments by name. Raises LookupError for a hint, or a signature, of which nothing is known here."""
    hints = {name: hint for name, hint in typing.get_type_hints(act).items() if name not in ("office", "return")}
    pools = {name: values(town, hint) for name, hint in hints.items()}
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
            ready[name] = town.world.signed(value.name, *SIGNED[act](given, f"a_{value.name}", at), at)
    return ready


@dataclasses.dataclass(frozen=True)
class Signer:
    """Stands for a signature that is made when the call is."""

    name: str


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
                town.request, town.glass, "2026-11", "settings"],
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
    time: lambda _: [time(8), time(20)],
    timedelta: lambda _: [timedelta(days=30)],
    Look: _looks,
    Signed: lambda _: [Signer(name) for name in ("max", "olga", "audrey", "sam")],
    approvals.Warrant: _warrants,
    Reference: lambda _: [Reference(vector(9), MODEL, 0.8, 2)],
}
