"""What a person says about their grant, and what it does: the stories that must come out right."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from beholden.consent.life import Over, Question, Step, Unnamed, begun, due, ended, template_goes, unnamed
from beholden.consent.notice import Edition
from beholden.consent.own_say import cancel, given_back, narrowed, pause, purpose_met, renew, resume, withdraw, yes
from beholden.model.errors import PolicyRefused
from beholden.model.grant import Purpose
from tests.people import NOW

DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
READ = Edition("words", "rules")
NEW = Edition("new words", "new rules")
CARE = begun(Purpose.CARE, NOW, 365 * DAY, READ, rehearsal=False)
ASKED = replace(CARE, question=Question(NOW + 30 * DAY, READ, reminded=True))
SILENT = replace(ASKED, silent_at=NOW + 44 * DAY)


def test_a_yes_that_was_regretted_the_same_day_was_never_said():
    """One tap until naming begins; the template goes at once, though the clock be in doubt."""
    over = cancel(CARE, NOW + DAY - TICK)
    assert over == replace(CARE, over_at=NOW + DAY - TICK, over=Over.CANCELLED)
    assert template_goes([over], None)
    with pytest.raises(
        PolicyRefused, match=r"^the cooling-off is over: the grant can be withdrawn, no longer cancelled$"
    ):
        cancel(CARE, NOW + DAY)


def test_photos_have_no_cooling_off_to_cancel_in():
    """They are withdrawn."""
    with pytest.raises(PolicyRefused, match="withdrawn"):
        cancel(begun(Purpose.PHOTOS, NOW, DAY, READ, rehearsal=False), NOW)


def test_a_withdrawal_is_the_last_word():
    """Whatever was open; a second one changes nothing, and nothing brings it back."""
    over = withdraw(SILENT, NOW + 50 * DAY)
    assert over == ended(SILENT, NOW + 50 * DAY, Over.WITHDRAWN)
    assert withdraw(over, NOW + 60 * DAY) is over
    for say in (
        lambda: cancel(over, NOW),
        lambda: pause(over, NOW),
        lambda: resume(over, NOW),
        lambda: yes(over, NOW, READ),
        lambda: renew(over, NOW, DAY, READ),
    ):
        with pytest.raises(PolicyRefused, match=r"^the grant is over: withdrawn$"):
            say()


def test_nothing_is_said_to_a_grant_whose_time_has_come():
    """Though nobody has ended it yet; a moment before, a yes is heard."""
    over = NOW + 365 * DAY
    for say in (
        lambda: pause(ASKED, over),
        lambda: resume(replace(CARE, paused_at=NOW), over),
        lambda: yes(ASKED, over, READ),
        lambda: renew(CARE, over, DAY, READ),
    ):
        with pytest.raises(PolicyRefused, match=r"^the grant is over: its time has come$"):
            say()
    assert yes(ASKED, over - TICK, READ).confirmed_at == over - TICK


def test_a_pause_is_ended_by_the_person_alone():
    """Not by questions, silence, a yes or a renewal, nor a year of waiting."""
    paused = pause(ASKED, NOW + 31 * DAY)
    assert paused == replace(ASKED, paused_at=NOW + 31 * DAY)
    assert pause(paused, NOW + 32 * DAY) is paused
    for later in (yes(paused, NOW + 33 * DAY, READ), renew(paused, NOW + 33 * DAY, 365 * DAY, READ)):
        assert later.paused_at == NOW + 31 * DAY
        assert unnamed(later, NOW + 40 * DAY, READ) is Unnamed.PAUSED
    back = resume(yes(paused, NOW + 33 * DAY, READ), NOW + 40 * DAY)
    assert back.paused_at is None
    assert unnamed(back, NOW + 41 * DAY, READ) is None


def test_resuming_is_no_answer():
    """Who paused, was asked and then resumed without a word has still to say yes."""
    silent = replace(SILENT, paused_at=NOW + 31 * DAY)
    back = resume(silent, NOW + 50 * DAY)
    assert back == SILENT
    assert unnamed(back, NOW + 50 * DAY, READ) is Unnamed.SILENT
    with pytest.raises(PolicyRefused, match=r'^it is paused because "still yes." was not answered: say yes to go on$'):
        resume(back, NOW + 51 * DAY)
    with pytest.raises(PolicyRefused, match=r"^the grant is not paused$"):
        resume(CARE, NOW + 2 * DAY)


def test_a_yes_ends_silence_however_late_and_lengthens_nothing():
    """The next question comes half a year after it."""
    said = yes(SILENT, NOW + 100 * DAY, READ)
    assert said == replace(CARE, confirmed_at=NOW + 100 * DAY, asked_before=True)
    assert said.ends_at == CARE.ends_at
    assert due(said, NOW + 100 * DAY, READ).next_at == NOW + 280 * DAY


def test_a_yes_is_to_the_notice_that_was_asked_about():
    """An old link answers nothing; the new notice is what counts from then on."""
    asked = replace(CARE, question=Question(NOW + 5 * DAY, NEW))
    with pytest.raises(PolicyRefused, match=r"^the notice has changed since: read it as it is now, then answer$"):
        yes(asked, NOW + 6 * DAY, READ)
    said = yes(asked, NOW + 6 * DAY, NEW)
    assert said.read == NEW
    assert unnamed(said, NOW + 7 * DAY, NEW) is None
    with pytest.raises(PolicyRefused, match=r"^nothing was asked: to agree anew, renew the grant$"):
        yes(CARE, NOW + 6 * DAY, READ)


def test_a_renewal_lasts_from_then_and_no_longer_than_the_table_allows():
    """The limit itself is allowed; two renewals in a row are one."""
    at = NOW + 40 * DAY
    assert renew(CARE, at, 365 * DAY, NEW) == replace(CARE, confirmed_at=at, read=NEW, ends_at=at + 365 * DAY)
    assert renew(renew(CARE, at, 365 * DAY, READ), at, 365 * DAY, READ).ends_at == at + 365 * DAY
    assert renew(CARE, at, DAY, READ).ends_at == at + DAY, "a new yes may be for less"
    with pytest.raises(PolicyRefused, match=r"^care lasts 365 days at most from a renewal$"):
        renew(CARE, at, 365 * DAY + TICK, READ)
    for nothing in (timedelta(0), -DAY):
        with pytest.raises(PolicyRefused, match=r"^a grant lasts some time$"):
            renew(CARE, at, nothing, READ)
    with pytest.raises(PolicyRefused, match=r"^photos is not renewed: the event is over$"):
        renew(begun(Purpose.PHOTOS, NOW, 90 * DAY, READ, rehearsal=False), at, DAY, READ)


def test_a_renewal_answers_an_open_question_and_only_then_is_one():
    """The rhythm of half a year begins with an answer; a renewal before the first question does not skip it."""
    assert renew(SILENT, NOW + 50 * DAY, DAY, READ) == replace(
        CARE, confirmed_at=NOW + 50 * DAY, asked_before=True, ends_at=NOW + 51 * DAY
    )
    early = renew(CARE, NOW + 2 * DAY, 300 * DAY, READ)
    assert not early.asked_before
    assert due(early, NOW + 32 * DAY, READ).steps == (Step.ASK,)
    assert renew(replace(CARE, asked_before=True), NOW + 2 * DAY, DAY, READ).asked_before


def test_a_renewal_does_not_shorten_the_cooling_off():
    """It counts from when naming begins."""
    early = renew(CARE, NOW + TICK, 365 * DAY, READ)
    assert (early.starts_at, early.ends_at) == (NOW + DAY, NOW + 366 * DAY)


def test_a_purpose_is_met_when_it_is_and_is_not_put_off():
    """The event's end, once known, only moves to earlier."""
    met = purpose_met(CARE, NOW + 10 * DAY)
    assert met == replace(CARE, met_at=NOW + 10 * DAY)
    assert purpose_met(met, NOW + 20 * DAY) == met
    assert purpose_met(met, NOW + 5 * DAY).met_at == NOW + 5 * DAY
    with pytest.raises(PolicyRefused, match=r"^the grant is over: withdrawn$"):
        purpose_met(withdraw(CARE, NOW), NOW)


FRESH = begun(Purpose.CARE, NOW + 20 * DAY, 365 * DAY, READ, rehearsal=False)
MADE_WAY = replace(CARE, ends_at=FRESH.starts_at)


def test_a_grant_that_made_way_for_another_lasts_as_long_as_that_one_would_have():
    """Who asked for more and took it back has lost nothing."""
    assert given_back(MADE_WAY, FRESH) == replace(MADE_WAY, ends_at=FRESH.ends_at)


@pytest.mark.parametrize(
    ("standing", "fresh"),
    [
        (replace(MADE_WAY, purpose=Purpose.ENTRANCE), FRESH),
        (withdraw(MADE_WAY, NOW), FRESH),
        (replace(MADE_WAY, ends_at=FRESH.starts_at + TICK), FRESH),
        (replace(MADE_WAY, ends_at=FRESH.starts_at - TICK), FRESH),
        (MADE_WAY, replace(FRESH, confirmed_at=FRESH.made_at + TICK)),
    ],
    ids=["another purpose", "over", "ends later", "ends before", "renewed since"],
)
def test_a_grant_that_made_way_for_nothing_is_given_nothing_back(standing, fresh):
    """Each reason alone."""
    assert given_back(standing, fresh) is None


def test_who_narrows_their_grant_is_not_asked_about_the_shorter_notice():
    """But who had not read the longer one is, and who was asked about it may answer."""
    less = Edition("less", "fewer rules")
    assert narrowed(ASKED, READ, less) == replace(CARE, read=less, question=replace(ASKED.question, edition=less))
    assert narrowed(CARE, READ, less) == replace(CARE, read=less)
    assert narrowed(ASKED, NEW, less) == ASKED
    reworded = replace(CARE, question=Question(NOW, NEW))
    assert narrowed(reworded, NEW, less) == replace(reworded, question=Question(NOW, less))
