"""Withdraw, or forget when all is over: template, key of every copy of it, name and sightings are destroyed.

Each step is durable and may be repeated; the person's state says that a withdrawal is under way, so
that one cut off anywhere is carried on by whoever opens the folder next (`resume`).
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from beholden.acts.displays.canaries import forget_canary
from beholden.acts.displays.ties import forget_ties
from beholden.acts.logged.rotation import destroy_key
from beholden.acts.office import Office
from beholden.acts.own_copy.history import forget_history
from beholden.acts.plans.kept import forget_matches
from beholden.consent.life import Over, Standing, ended
from beholden.consent.registry import Subject, SubjectState
from beholden.model.errors import BeholdenError, ConsentError, LogUnavailable
from beholden.model.event import Event, Forgotten, Withdrawn
from beholden.model.ids import GrantId, SubjectId


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """`already` when the person had withdrawn before; `result_logged` is false when the log could not take the result
    (the withdrawal is done; `Journal.recover` adds the leaf)."""

    subject: SubjectId
    already: bool
    result_logged: bool


def withdraw(office: Office, subject: SubjectId) -> Withdrawal:
    """Destroy what recognises a person. Nobody is recognised as them from the second step on.

    Raises UnknownSubject; LogUnavailable before anything happened, or before the keys are rotated
    (then it is carried on by `resume`); DataFolderError, KeystoreError, StorageFull likewise.
    """
    with office.journal.acting():
        record = office.store.subject(subject)
        if record.state is SubjectState.WITHDRAWN:
            return Withdrawal(subject, already=True, result_logged=True)
        if record.state is SubjectState.WITHDRAWING:
            return _carry_on(office, record)
        now = office.time.latest
        mine = office.store.standings(subject)
        over = {grant: ended(standing, now, Over.WITHDRAWN) for grant, standing in mine.items()}
        return _destroy(office, Withdrawn(at=office.clock(), subject=subject), subject, over)


def forget(office: Office, subject: SubjectId, over: Mapping[GrantId, Standing]) -> Withdrawal:
    """As `withdraw`, of somebody whose grants are all over by themselves; `over`: as they end now, or ended before.

    To be called under `Journal.acting`. Raises as `withdraw` does.
    """
    last = max(over.values(), key=lambda standing: (standing.over_at or standing.made_at, str(standing.over)))
    why = (last.over or Over.ENDED).name.lower()
    return _destroy(office, Forgotten(at=office.clock(), subject=subject, why=why), subject, over)


def _destroy(office: Office, event: Event, subject: SubjectId, over: Mapping[GrantId, Standing]) -> Withdrawal:
    keyless = office.keystore.data_keys([subject])[subject] is None  # they withdrew, and a backup was put back
    moment = office.clock()
    [leaf] = office.journal.intend([event], about=None if keyless else subject, readable=True)
    try:
        office.store.begin_withdrawal(subject, leaf, over)
    except BeholdenError as error:
        with suppress(BeholdenError):  # what went wrong first is what matters
            if office.store.subject(subject).withdrawal != leaf:  # else it did begin, and is carried on
                office.journal.complete(leaf, type(error).__name__)
                office.journal.tally.take_back([event.as_dict()], moment)
        raise
    return _carry_on(office, office.store.subject(subject))


def withdrawal_receipt(office: Office, subject: SubjectId) -> str:
    """What proves to anybody that somebody withdrew, and what was destroyed: a text for a file (`ledger.opened`).

    Raises UnknownSubject; ConsentError before it is done and in the log; LogUnavailable, DataFolderError.
    """
    record = office.store.subject(subject)
    if record.state is not SubjectState.WITHDRAWN or record.withdrawal is None:
        raise ConsentError(f"{subject} has not withdrawn", advice="A receipt is of a withdrawal that is done.")
    announced = office.store.opening(record.withdrawal)
    if announced is None or announced.result is None:
        raise ConsentError(
            f"the result of the withdrawal of {subject} is not in the log yet", advice="Try again when the log works."
        )
    return office.journal.receipt([record.withdrawal, announced.result]).decode()


def resume(office: Office) -> tuple[SubjectId, ...]:
    """Carry on every withdrawal that was cut off; whose. Raises as `withdraw` does."""
    with office.journal.acting():
        cut_off = [s for s in office.store.subjects() if s.state is SubjectState.WITHDRAWING]
        for record in cut_off:
            _carry_on(office, record)
        return tuple(record.id for record in cut_off)


def _carry_on(office: Office, record: Subject) -> Withdrawal:
    store, subject = office.store, record.id
    store.delete_templates(subject)
    destroy_key(office, subject)  # before anything that needs the key of somebody else, which may be damaged
    store.drop_about(subject)
    forget_ties(office, subject)
    forget_canary(office, subject)
    store.delete_sightings(subject)
    forget_history(office, subject)
    forget_matches(office, subject)
    store.strip(subject)
    store.compact()
    logged = True
    if record.withdrawal is not None:
        try:
            logged = office.journal.complete(record.withdrawal)
        except LogUnavailable:
            logged = False
    store.end_withdrawal(subject)
    return Withdrawal(subject, already=False, result_logged=logged)
