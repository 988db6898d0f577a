"""The keeper's minute for guardians' grants: on the day of majority each is over, logged and told.

It ends as any other grant does: with the person's last one, everything that recognises them is destroyed. Nobody is
named under it from that moment on, whether a keeper runs or not: the gate reads the day by itself.
"""

from __future__ import annotations

from datetime import datetime

from beholden.acts.accounts.kept import keep, note, stored
from beholden.acts.grants.life import ended_event, look_after
from beholden.acts.grants.withdraw import forget
from beholden.acts.guardians.kept import GUARDIAN, Asked, asked_for, tell_people
from beholden.acts.office import Office
from beholden.consent.life import Over, ended
from beholden.consent.oversight.guardians import come_of_age
from beholden.consent.registry import SubjectState
from beholden.model.errors import BeholdenError, LogUnavailable


def pass_minutes(office: Office) -> int:
    """What is due in the lives of all grants, guardians' first; how many steps. To be called every minute.

    No destruction waits for what went wrong elsewhere. Raises as `look_after`.
    """
    steps = 0
    try:
        steps += come_of_age_all(office)
    finally:
        steps += look_after(office)
    return steps


def come_of_age_all(office: Office) -> int:
    """End what majority ends; how many grants. To be called every minute, before `look_after`; may be cut off.

    What fails for one person does not keep the others waiting. Raises LogUnavailable, KeystoreError, DataFolderError:
    the first that there was.
    """
    now = office.time.now
    if now is None or not office.store.kept(GUARDIAN):
        return 0
    ended_now, first = 0, None
    for asked in asked_for(office):
        if not asked.guardianship.of_age(now):
            continue
        try:
            ended_now += _end(office, asked, now)
        except LogUnavailable:
            raise
        except BeholdenError as error:
            first = first or error
    if first is not None:
        raise first
    return ended_now


def _end(office: Office, asked: Asked, now: datetime) -> int:
    """The record goes last, so that whatever was cut off before is done again."""
    with office.journal.acting():
        bound = asked.guardianship
        standings = office.store.standings(bound.subject)
        mine = standings.get(bound.grant)
        step = come_of_age(bound, now)
        if step is not None and (mine is None or mine.over is None):
            note(office, step.facts)
            # The person's own notice goes with their key, when this was all there was.
            keep(office, tell_people(office, f"guardian.{bound.grant}.age.{stored(now)}", step.notices))
            if mine is not None:
                _over(office, asked, now)
        office.store.drop_kept(GUARDIAN, [bound.grant])
        return 1


def _over(office: Office, asked: Asked, now: datetime) -> None:
    bound = asked.guardianship
    standings = office.store.standings(bound.subject)
    after = ended(standings[bound.grant], now, Over.OF_AGE)
    if all(each.over is not None for key, each in standings.items() if key != bound.grant):
        if office.store.subject(bound.subject).state is SubjectState.ENROLLED:
            forget(office, bound.subject, {**standings, bound.grant: after})
        return
    [grant] = [each for each in office.store.grants(bound.subject) if each.id == bound.grant]
    with office.journal.act([ended_event(office, grant, after)], about=bound.subject):
        office.store.set_standings({bound.grant: after})
