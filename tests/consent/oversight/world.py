"""A small world for the tests of oversight: five organisations, and accounts that differ in one thing each."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from beholden.consent.oversight.accounts import Account, AccountId, Directory, Kind, Organisation, PersonId, Role
from beholden.consent.oversight.approvals import Approval, Request
from beholden.consent.oversight.plans import PlanId, Report, Source, Wishes
from beholden.model.grant import Basis, Grant, Purpose
from beholden.model.ids import GrantId, PlaceId, SubjectId

NOW = datetime(2026, 11, 23, 9, 41, tzinfo=UTC)
HOUR, DAY, TICK = timedelta(hours=1), timedelta(days=1), timedelta(microseconds=1)
LONG_AGO = NOW - 400 * DAY

ORGANISATIONS = {
    "site": Kind.SITE,
    "welfare": Kind.WELFARE,
    "shelter": Kind.WELFARE,
    "union": Kind.OTHER,
    "police": Kind.AUTHORITY,
}
ANNA, EX, MOTHER, FRIEND = PersonId("anna"), PersonId("ex"), PersonId("mother"), PersonId("friend")
SUBJECT = SubjectId("s_anna")


def account(name, organisation="site", *roles, **other) -> Account:
    """Held by a person of the account's name, with a key of its own, for long, unless said otherwise."""
    values = {"person": PersonId(name), "key": f"key of {name}", "added_at": LONG_AGO, "expires_at": NOW + 4000 * DAY}
    return Account(AccountId(name), organisation, roles=frozenset(roles or {Role.APPROVER}), **{**values, **other})


BASE = (
    account("olga", "site", Role.OPERATOR),
    account("max", "site", Role.MAINTAINER),
    account("sam", "site", Role.APPROVER),
    account("sue", "site", Role.APPROVER),
    account("wanda", "welfare", Role.APPROVER),
    account("will", "welfare", Role.APPROVER),
    account("shirin", "shelter", Role.APPROVER),
    account("uwe", "union", Role.APPROVER),
    account("paul", "police", Role.APPROVER, Role.OPERATOR, Role.AUDITOR),
    account("audrey", "union", Role.AUDITOR),
    account("anna", "site", Role.SUBJECT),
)


def directory(*more: Account, locked=()) -> Directory:
    """The base world, with more accounts, or others in the place of those of the same name."""
    accounts = {each.id: each for each in (*BASE, *more)}
    return Directory(
        accounts, {name: Organisation(name, kind) for name, kind in ORGANISATIONS.items()}, frozenset(locked)
    )


def approved(
    request: Request, *names: str, at: datetime | None = None, world: Directory | None = None
) -> list[Approval]:
    """By these accounts, as it should be."""
    known = (world or directory()).accounts
    return [Approval(AccountId(each), known[each].key, request.digest, at or request.asked_at) for each in names]


def wishes(name="anna", **other) -> Wishes:
    """Anna's: her friend may be told, her ex never; made a month ago."""
    subject = SubjectId(f"s_{name}")
    grant = Grant(
        GrantId(f"g_{name}"), subject, Purpose.FIND_ME, Basis.CONSENT, frozenset({PlaceId("lobby")}),
        NOW - 30 * DAY, NOW + 300 * DAY,
    )  # fmt: skip
    found = Wishes(subject, PersonId(name), grant, frozenset({FRIEND}), frozenset({EX}), frozenset({MOTHER}))
    return replace(found, **other)


def report(by=FRIEND, filed_at=NOW - HOUR, source=Source.PERSON, name="report") -> Report:
    return Report(name, by, source, filed_at)


PLAN = PlanId("plan")
