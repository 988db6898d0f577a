"""What a person says about who may look at them: whom they bar, who is family, who knows them. Nobody is told.

For whoever speaks for the person: the portal, their own account (role `subject`), or in a rehearsal anybody. Only
that somebody knows a person may be said by whoever it is about, too. Logged first, for the person alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from beholden.acts.accounts.kept import Record, keep, note
from beholden.acts.accounts.known import Held, directory_of, find_account, new_here, proven, refused, speaks_as
from beholden.acts.accounts.signed import Signed, digest_of
from beholden.acts.displays.watched import TIE, Tie, tie_row, ties_of
from beholden.acts.office import Office
from beholden.consent.lengths import length
from beholden.consent.oversight.accounts import NEW_FOR, Account, AccountId, Role
from beholden.consent.oversight.steps import Fact, Happened
from beholden.consent.registry import Subject, SubjectState
from beholden.model.errors import KeystoreError, PolicyRefused
from beholden.model.ids import SubjectId

SAY, TAKE_BACK, READ = "tie", "untie", "ties"
"""What is signed."""
MOST = {Tie.BARRED: 100, Tie.KNOWN: 100, Tie.RELATIVE: 12}
"""How many of each a person may name. One family counts together, so that a large one would empty the desk's list:
a dozen is more than a household. This project's choice."""


@dataclass(frozen=True, slots=True)
class Said:
    """A tie, for the person's own eyes. `other`: an account's id, or of relatives a subject's."""

    tie: Tie
    other: str


@dataclass(frozen=True, slots=True)
class _Wanted:
    """`kept` is what the row calls the other one: a human being, or a subject. `by`: the account that says so."""

    subject: SubjectId
    tie: Tie
    other: str
    kept: str
    by: Account | None


def say(office: Office, tie: Tie, other: str, subject: SubjectId | None = None, signed: Signed | None = None) -> None:
    """Say it. `other`: the id or name of an account; of relatives a subject's id. Saying it again changes nothing.

    `subject` may be left out where their own account signs. Raises PolicyRefused, InputError (no such account),
    UnknownSubject, LogUnavailable (then nothing happened), DataFolderError, KeystoreError.
    """
    with office.journal.acting():
        wanted = _wanted(office, tie, other, subject, signed, SAY)
        mine = ties_of(office, [wanted.subject])
        row = tie_row(office, wanted.subject, tie, wanted.kept)
        if any(each.id == row for each in mine):
            return
        if sum(each.values["tie"] == tie for each in mine) >= MOST[tie]:
            raise refused(f"{MOST[tie]} are enough: take one back first")
        note(office, _facts(office, Happened.TIE_SAID, wanted))
        keep(office, _records(office, wanted))


def take_back(
    office: Office, tie: Tie, other: str, subject: SubjectId | None = None, signed: Signed | None = None
) -> None:
    """As if it had never been said; by the account that said it, or by whom another one said it of. Raises as `say`."""
    with office.journal.acting():
        wanted = _wanted(office, tie, other, subject, signed, TAKE_BACK)
        row = tie_row(office, wanted.subject, tie, wanted.kept)
        there = next((each for each in ties_of(office, [wanted.subject]) if each.id == row), None)
        if there is None:
            return
        _refuse_other(office, wanted.subject, there.values["by"], wanted.by)
        note(office, _facts(office, Happened.TIE_TAKEN_BACK, wanted))
        office.store.drop_kept(TIE, [each.id for each in _records(office, wanted)])


def ties(office: Office, subject: SubjectId | None = None, signed: Signed | None = None) -> tuple[Said, ...]:
    """What a person said, and who said to be a relative; for the person only. Raises PolicyRefused, UnknownSubject."""
    signer = None if signed is None else proven(office, signed, READ, ties_digest(signed.account))
    found = ties_of(office, [_own(office, subject, signer, "read what they said").id])
    if signer is not None and not speaks_as(office, signer.account, signer.account.person):
        raise refused(f"a new account reads what they said after {length(NEW_FOR)}")
    shown = [Said(Tie(each.values["tie"]), each.values["account"] or each.values["other"]) for each in found]
    return tuple(sorted(shown, key=lambda each: (each.tie, each.other)))


def forget_ties(office: Office, subject: SubjectId) -> None:
    """Relatives of somebody who withdraws are not joined with them any more; their own rows go with everything else.

    What is sealed under a key that is damaged joins nobody, and stops nobody.
    """
    joined: list[str] = []
    for about in {SubjectId(row.about) for row in office.store.kept(TIE)}:
        with suppress(KeystoreError):
            joined += [each.id for each in ties_of(office, [about]) if each.values["other"] == subject]
    office.store.drop_kept(TIE, joined)


def tie_digest(tie: Tie, other: str, subject: str | None = None) -> str:
    """What is signed to say it, or to take it back: `other` is an account's id, or a subject's."""
    return digest_of({"tie": str(tie), "other": other, "subject": subject})


def ties_digest(account: str) -> str:
    """What is signed to read them."""
    return digest_of({"account": account})


def _wanted(
    office: Office, tie: Tie, other: str, subject: SubjectId | None, signed: Signed | None, what: str
) -> _Wanted:
    held = None if tie is Tie.RELATIVE else find_account(office, other)
    named = other if held is None else held.account.id
    signer = None if signed is None else proven(office, signed, what, tie_digest(tie, named, subject))
    if tie is Tie.KNOWN and held is not None and _speaks_for(signer, held) and subject is not None:
        mine = _living(office, subject)
    else:
        mine = _own(office, subject, signer, "say who may look at them")
    if held is None and _living(office, SubjectId(other)).id == mine.id:
        raise refused("nobody is a relative of themselves")
    if held is not None and held.account.person == mine.id:
        raise refused("that is an account of their own")
    kept = other if held is None else held.account.person
    return _Wanted(mine.id, tie, named, kept, None if signer is None else signer.account)


def _speaks_for(signer: Held | None, held: Held) -> bool:
    """Whoever knows somebody may say so of themselves."""
    return signer is not None and signer.account.person == held.account.person


def _own(office: Office, subject: SubjectId | None, signer: Held | None, what: str) -> Subject:
    """Whose word it is. Raises PolicyRefused."""
    if signer is None:
        if subject is None or not office.store.rehearsal:
            raise PolicyRefused(
                f"only the person can {what}",
                advice="They sign with an account of their own: `beholden account add --role subject --same-as ID`.",
            )
        return _living(office, subject)
    account = signer.account
    if Role.SUBJECT not in account.roles or not account.person.startswith("s_"):
        raise refused(f"only the person can {what}, with an account of the role subject")
    if subject not in (None, account.person):
        raise refused("nobody speaks for somebody else")
    return _living(office, SubjectId(account.person))


def _living(office: Office, subject: SubjectId) -> Subject:
    found = office.store.subject(subject)
    if found.state in (SubjectState.WITHDRAWING, SubjectState.WITHDRAWN):
        raise refused("they withdrew: nothing is kept of them")
    return found


def _refuse_other(office: Office, subject: SubjectId, said_by: str | None, by: Account | None) -> None:
    """Who added an account in a person's name after they spoke does not lift their bars with it. What somebody else
    said, of relatives or of themselves, the person takes back too. With another key an account is new again."""
    if by is None or (said_by == by.id and not (by.person == subject and new_here(office, by))):
        return
    now, known = office.clock(), directory_of(office)
    speaker = None if said_by is None else known.accounts.get(AccountId(said_by))
    theirs = speaker is not None and (speaker.person != subject or isinstance(known.acting(speaker.id, (now,)), str))
    if not theirs or new_here(office, by):
        raise refused(f"it is taken back by the account that said it, or after {length(NEW_FOR)} when that is gone")


def _records(office: Office, wanted: _Wanted) -> list[Record]:
    """The row of the person; of relatives both have one."""
    pairs = [(wanted.subject, wanted.kept)]
    if wanted.tie is Tie.RELATIVE:
        pairs.append((SubjectId(wanted.kept), wanted.subject))
    account = None if wanted.tie is Tie.RELATIVE else wanted.other
    by = None if wanted.by is None else wanted.by.id
    return [
        Record(
            TIE,
            tie_row(office, mine, wanted.tie, other),
            {"tie": str(wanted.tie), "other": other, "account": account, "by": by},
            mine,
        )
        for mine, other in pairs
    ]


def _facts(office: Office, what: Happened, wanted: _Wanted) -> Sequence[Fact]:
    by = () if wanted.by is None else (str(wanted.by.id),)
    facts = [Fact(office.clock(), what, str(wanted.tie), wanted.subject, by, wanted.other)]
    if wanted.tie is Tie.RELATIVE:
        facts.append(Fact(office.clock(), what, str(wanted.tie), SubjectId(wanted.other), by, wanted.subject))
    return facts
