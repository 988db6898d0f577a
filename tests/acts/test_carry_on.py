"""What a log that was away left unfinished is carried on while the folder is kept; acts under way are left alone."""

from __future__ import annotations

import pytest

from beholden.acts.approvals.model import announce_model, conclude_model
from beholden.acts.grants.withdraw import withdraw
from beholden.acts.recover import carry_on
from beholden.consent.registry import SubjectState
from beholden.ledger.memory import Weather
from beholden.model.errors import LogUnavailable
from beholden.model.ids import ModelDigest
from tests.acts.test_log_before_act import kinds
from tests.people import enrolled


def fails_after(log, appends):
    """The log takes so many appends more, then none."""
    append = log.append

    def counted(leaves):
        nonlocal appends
        appends -= 1
        log.weather = Weather.WORKS if appends >= 0 else Weather.FAILS
        return append(leaves)

    log.append = counted
    return append


def test_a_withdrawal_that_the_log_cut_off_is_carried_on(office, log, store):
    """Nobody repeats the command."""
    ann = enrolled(office, "Ann", 1)
    append = fails_after(log, 1)
    with pytest.raises(LogUnavailable):
        withdraw(office, ann.subject)
    log.append, log.weather = append, Weather.WORKS
    assert store.subject(ann.subject).state is SubjectState.WITHDRAWING
    carry_on(office)
    assert store.subject(ann.subject).state is SubjectState.WITHDRAWN
    assert kinds(office)[-1] == "erased"


def test_a_result_that_the_log_could_not_take_is_told_later_and_once(office, log, store):
    """The withdrawal was done by then."""
    ann = enrolled(office, "Ann", 1)
    append = fails_after(log, 2)
    assert not withdraw(office, ann.subject).result_logged
    log.append, log.weather = append, Weather.WORKS
    for _ in range(2):
        carry_on(office)
    assert kinds(office).count("erased") == 1


def test_an_act_that_is_under_way_is_not_said_to_be_interrupted(office):
    """A model whose file is being copied."""
    leaf = announce_model(office, "other", ModelDigest("bb" * 32), "MIT")
    carry_on(office)
    assert "act_completed" not in kinds(office)
    conclude_model(office, leaf, None)
    assert kinds(office).count("act_completed") == 1
