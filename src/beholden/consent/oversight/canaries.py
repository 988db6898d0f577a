"""Canaries: subjects who do not exist. Nobody has a reason to look at one, so whoever does raises an alarm at once."""

from __future__ import annotations

from datetime import datetime

from beholden.consent.oversight.accounts import Account, Directory
from beholden.consent.oversight.steps import Fact, Happened, Notice
from beholden.model.ids import SubjectId


def touched(
    account: Account, subject: SubjectId, directory: Directory, now: datetime
) -> tuple[tuple[Fact, ...], tuple[Notice, ...]]:
    """What is logged and who is told; the account itself notices nothing."""
    fact = Fact(now, Happened.CANARY_TOUCHED, subject, subject, (account.id,))
    text = f"Account {account.id} looked at a person who does not exist: nobody has a reason to."
    return (fact,), tuple(Notice(each.id, text, now) for each in directory.watchers(account, now))
