"""Settings and policy that loosen what holds here: nobody is named under them before whoever has to agree did.

What held before stays in force meanwhile, as far as it can be: cameras go on and cover everybody,
nobody is named, and every other act happens. The way back is open without anybody's leave: the
settings, or the version, as they were.
"""

from __future__ import annotations

from collections.abc import Sequence

from beholden.acts.accounts.kept import Record, keep, kept
from beholden.acts.approvals.in_force import POLICY, SETTINGS, digest_of, put_in_force
from beholden.acts.approvals.loosening import another_model, loosens
from beholden.acts.approvals.requests import Particulars, Warrant, warranted
from beholden.acts.office import Office
from beholden.consent.oversight.rules import Act

_KIND = "held"


def hold_or_put(office: Office, rules: str, lines: Sequence[str]) -> bool:
    """Put these lines in force, or hold them until they are approved; whether they are in force.

    To be called before anything happens under them. Raises LogUnavailable, DataFolderError, KeystoreError.
    """
    with office.journal.acting():
        before = office.store.in_force(rules)
        act = None if before is None else act_of(rules, before, lines)
        if act is None or office.store.rehearsal:
            put_in_force(office, rules, lines)
            office.store.drop_kept(_KIND, [rules])
            return True
        keep(office, [Record(_KIND, rules, {"lines": list(lines), "before": list(before or ()), "act": str(act)})])
        return False


def held_rules(office: Office) -> tuple[str, ...]:
    """Which rules wait for approval: while there are any, nobody is named. Cheap."""
    return tuple(each.id for each in office.store.kept(_KIND))


def names_nobody(office: Office, own: Sequence[str]) -> bool:
    """Whether rules wait; or whoever asks has read `own` settings that are looser than those that hold by now: somebody
    else may have put tighter ones in force since."""
    if held_rules(office):
        return True
    return not office.store.rehearsal and act_of(SETTINGS, rules_in_force(office, SETTINGS), own) is not None


def rules_in_force(office: Office, rules: str) -> tuple[str, ...]:
    """What holds, line by line, whatever waits."""
    return office.store.in_force(rules) or ()


def held_particulars(office: Office, rules: str) -> tuple[Act, Particulars] | None:
    """What has to be asked for, so that the rules that wait come into force; None when none do."""
    found = next((each for each in kept(office, _KIND) if each.id == rules), None)
    if found is None:
        return None
    before, after = found.values["before"], found.values["lines"]
    went = sorted(f"- {line}" for line in set(before) - set(after))
    came = sorted(f"+ {line}" for line in set(after) - set(before))
    lines = [(f"line {number:04}", line) for number, line in enumerate((*went, *came))]
    return Act(found.values["act"]), (("what", "rules"), ("rules", rules), ("digest", digest_of(after)), *lines)


def accept_rules(office: Office, rules: str, warrant: Warrant | None) -> bool:
    """Let the rules that wait come into force; False when none do. Raises PolicyRefused, LogUnavailable."""
    with office.journal.acting():
        wanted = held_particulars(office, rules)
        if wanted is None:
            return False
        [lines] = [each.values["lines"] for each in kept(office, _KIND) if each.id == rules]
        with warranted(office, wanted[0], wanted[1], warrant) as repeated:
            if not repeated:
                put_in_force(office, rules, lines)
        if office.store.in_force(rules) != tuple(lines):  # the call was repeated, and others wait by now
            return False
        office.store.drop_kept(_KIND, [rules])  # after the request is done, so that it is of no use again
        return True


def act_of(rules: str, before: Sequence[str], after: Sequence[str]) -> Act | None:
    """What this change is: of policy or model, loosening, or (None) neither."""
    if tuple(before) == tuple(after):
        return None
    if rules == POLICY:
        return Act.CHANGE_POLICY
    if another_model(before, after):
        return Act.CHANGE_POLICY
    return Act.LOOSEN if loosens(before, after) else None
