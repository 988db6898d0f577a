"""Plans to find somebody that they are told of later, by an approved delay: until then they read nothing of them."""

from __future__ import annotations

from collections.abc import Collection

from beholden.acts.accounts.kept import kept, moment_of
from beholden.acts.office import Office

PLAN = "find_plan"
"""The kind of record that a plan is kept as."""


def told_name(plan: str) -> str:
    """How the ids of all notices about a plan begin."""
    return f"plan.{plan}."


def told_later(office: Office, subject: str) -> frozenset[str]:
    """The ids of plans about somebody whose notice was delayed, and is not due yet. Opens no seal of anybody else.

    Raises KeystoreError, DataFolderError.
    """
    now, found = office.clock(), set[str]()
    for each in kept(office, PLAN):
        values = each.values
        waits = values["delayed"] and values["told_at"] is None and now < moment_of(values["notice_due"])
        if waits and values["subject"] == subject:
            found.add(each.id)
    return frozenset(found)


def tells_of(notice: str, plans: Collection[str]) -> bool:
    """Whether the notice of that id is about one of these plans."""
    return notice.startswith(tuple(map(told_name, plans)))
