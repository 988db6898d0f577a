"""What is due under a grant, when, and who is named meanwhile: each boundary by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from beholden.consent.life import (
    Due,
    Over,
    Question,
    Standing,
    Step,
    Unnamed,
    begun,
    due,
    ended,
    over_by,
    silent_from,
    taken,
    template_goes,
    template_until,
    unnamed,
)
from beholden.consent.notice import Edition
from beholden.model.grant import Purpose
from tests.people import NOW

DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
READ = Edition("words", "rules")
REWORDED = Edition("other words", "rules")
OTHER_RULES = Edition("other words", "other rules")
CARE = begun(Purpose.CARE, NOW, 365 * DAY, READ, rehearsal=False)
YEARS = begun(Purpose.FIND_ME, NOW, 730 * DAY, READ, rehearsal=False)


def on(day: float, standing: Standing = CARE, edition: Edition = READ) -> tuple[Step, ...]:
    return due(standing, NOW + day * DAY, edition).steps


def passing(day: float, standing: Standing = CARE, edition: Edition = READ) -> Standing:
    """The grant after what was due on that day."""
    for step in on(day, standing, edition):
        standing = taken(standing, step, NOW + day * DAY, edition)
    return standing


def test_a_grant_begins_after_its_cooling_off_and_lasts_from_then():
    """A year of naming, not a year less a day; nothing is asked or paused."""
    care = begun(Purpose.CARE, NOW, 365 * DAY, READ, rehearsal=False)
    assert care == Standing(Purpose.CARE, NOW, NOW + DAY, NOW + 366 * DAY, NOW, READ)
    at_once = begun(Purpose.PHOTOS, NOW, DAY, READ, rehearsal=False)
    assert (at_once.starts_at, at_once.ends_at) == (NOW, NOW + DAY)
    assert begun(Purpose.CARE, NOW, DAY, READ, rehearsal=True).starts_at == NOW


def test_nobody_is_named_in_the_cooling_off():
    """From its last microsecond on they are."""
    assert unnamed(CARE, NOW, READ) is Unnamed.COOLING_OFF
    assert unnamed(CARE, NOW + DAY - TICK, READ) is Unnamed.COOLING_OFF
    assert unnamed(CARE, NOW + DAY, READ) is None


def test_the_question_comes_on_the_thirtieth_day():
    """Not before, and it is foretold."""
    assert due(CARE, NOW, READ) == Due((), NOW + 30 * DAY)
    assert due(CARE, NOW + 30 * DAY - TICK, READ) == Due((), NOW + 30 * DAY)
    assert due(CARE, NOW + 30 * DAY, READ) == Due((Step.ASK,), NOW + 37 * DAY)
    asked = passing(30)
    assert asked == replace(CARE, question=Question(NOW + 30 * DAY, READ, reminded=False))
    assert on(30, asked) == ()


def test_after_a_yes_it_comes_every_half_year():
    """180 days after the yes, not after the question."""
    said = replace(CARE, confirmed_at=NOW + 31 * DAY, asked_before=True)
    assert due(said, NOW + 100 * DAY, READ) == Due((), NOW + 211 * DAY)
    assert on(211, said) == (Step.ASK,)


def test_the_person_is_reminded_once_after_a_week():
    """And not any more when it is too late for an answer."""
    asked = passing(30)
    assert on(36.999, asked) == ()
    assert due(asked, NOW + 37 * DAY, READ) == Due((Step.REMIND,), NOW + 44 * DAY)
    reminded = passing(37, asked)
    assert reminded == replace(asked, question=Question(NOW + 30 * DAY, READ, reminded=True))
    assert due(reminded, NOW + 40 * DAY, READ) == Due((), NOW + 44 * DAY)
    assert on(43.999, asked) == (Step.REMIND,)
    assert on(44, asked) == (Step.PAUSE,)


def test_silence_pauses_after_a_fortnight():
    """Exactly then, whether or not anybody took the step; after that only the end is to come."""
    asked = passing(37, passing(30))
    assert silent_from(asked) == NOW + 44 * DAY
    assert unnamed(asked, NOW + 44 * DAY - TICK, READ) is None
    assert on(43.999, asked) == ()
    assert unnamed(asked, NOW + 44 * DAY, READ) is Unnamed.SILENT
    assert due(asked, NOW + 44 * DAY, READ) == Due((Step.PAUSE,), NOW + 365 * DAY)
    silent = passing(44, asked)
    assert silent == replace(asked, silent_at=NOW + 44 * DAY)
    assert on(45, silent) == ()
    assert unnamed(silent, NOW + 2 * DAY, READ) is Unnamed.SILENT, "time that goes back does not end silence"


def test_silence_without_a_reminder_foretells_only_the_end():
    """A reminder that came too late for an answer is not sent."""
    assert due(passing(30), NOW + 44 * DAY, READ) == Due((Step.PAUSE,), NOW + 365 * DAY)


def test_a_question_that_nobody_asked_in_time_pauses_too():
    """No failure of ours is a yes; the person is asked as soon as it is possible, and reminded."""
    assert unnamed(CARE, NOW + 44 * DAY - TICK, READ) is None
    assert on(43.999) == (Step.ASK,)
    assert unnamed(CARE, NOW + 44 * DAY, READ) is Unnamed.SILENT
    assert due(CARE, NOW + 44 * DAY, READ) == Due((Step.PAUSE, Step.ASK), NOW + 51 * DAY)
    late = passing(44)
    assert late == replace(CARE, silent_at=NOW + 44 * DAY, question=Question(NOW + 44 * DAY, READ))
    assert on(51, late) == (Step.REMIND,)
    assert unnamed(late, NOW + 45 * DAY, READ) is Unnamed.SILENT


def test_a_question_asked_late_leaves_a_fortnight_to_answer():
    """Counted from the question."""
    assert silent_from(passing(40)) == NOW + 54 * DAY


def test_new_words_are_asked_about_at_once_and_silence_pauses():
    """Meanwhile what was agreed to goes on."""
    assert on(2, edition=REWORDED) == (Step.ASK,)
    asked = passing(2, edition=REWORDED)
    assert asked.question == Question(NOW + 2 * DAY, REWORDED)
    assert on(3, asked, REWORDED) == ()
    assert unnamed(asked, NOW + 3 * DAY, REWORDED) is None
    assert unnamed(asked, NOW + 16 * DAY, REWORDED) is Unnamed.SILENT


def test_new_rules_name_nobody_until_the_person_agreed_to_them():
    """From the first moment, asked or not."""
    assert unnamed(CARE, NOW + 2 * DAY, OTHER_RULES) is Unnamed.OTHER_RULES
    assert on(2, edition=OTHER_RULES) == (Step.ASK,)
    assert unnamed(passing(2, edition=OTHER_RULES), NOW + 3 * DAY, OTHER_RULES) is Unnamed.OTHER_RULES


def test_changing_the_notice_again_and_again_gives_no_new_time():
    """Who does not answer is paused a fortnight after the first question, however often it is asked anew."""
    standing = passing(37, passing(30))
    for day in (31, 40, 43):
        edition = Edition(f"words of day {day}", "rules")
        assert on(day, standing, edition) == (Step.ASK,)
        standing = passing(day, standing, edition)
        assert standing.question == Question(NOW + 30 * DAY, edition, reminded=True)
    assert on(44, standing, standing.question.edition) == (Step.PAUSE,)


def test_a_person_who_paused_is_named_no_more_and_is_asked_all_the_same():
    """Their pause is told before silence."""
    paused = replace(CARE, paused_at=NOW + 2 * DAY)
    assert unnamed(paused, NOW + 3 * DAY, READ) is Unnamed.PAUSED
    assert on(30, paused) == (Step.ASK,)
    assert unnamed(paused, NOW + 300 * DAY, READ) is Unnamed.PAUSED
    assert passing(30, paused).paused_at == NOW + 2 * DAY


@pytest.mark.parametrize(
    ("standing", "day", "why"),
    [
        (begun(Purpose.CARE, NOW, 10 * DAY, READ, rehearsal=False), 11, Over.ENDED),
        (begun(Purpose.CARE, NOW, 365 * DAY, READ, rehearsal=True), 365, Over.ENDED),
        (CARE, 365, Over.UNRENEWED),
        (YEARS, 365, Over.UNRENEWED),
        (replace(YEARS, confirmed_at=NOW + 200 * DAY), 565, Over.UNRENEWED),
        (replace(YEARS, confirmed_at=NOW + 600 * DAY), 731, Over.ENDED),
        (replace(YEARS, met_at=NOW + 5 * DAY), 5, Over.MET),
        (replace(YEARS, met_at=NOW + 731 * DAY, confirmed_at=NOW + 600 * DAY), 731, Over.MET),
        (replace(YEARS, met_at=NOW + 800 * DAY), 365, Over.UNRENEWED),
    ],
)
def test_it_is_over_at_the_earliest_of_its_limits(standing, day, why):
    """Purpose met, the end, a year without a yes: at that moment, with nothing more to come."""
    at = NOW + day * DAY
    assert over_by(standing) == at
    assert Step.END not in due(standing, at - TICK, READ).steps
    assert unnamed(standing, at - TICK, READ) is not Unnamed.OVER
    assert due(standing, at, READ) == Due((Step.END,), None)
    assert unnamed(standing, at, READ) is Unnamed.OVER
    over = taken(standing, Step.END, at, READ)
    assert over == replace(standing, over_at=at, over=why)
    assert due(over, at + 1000 * DAY, OTHER_RULES) == Due((), None)


def test_what_is_over_is_named_at_no_time():
    """Not at one that went back, either."""
    over = ended(CARE, NOW + 100 * DAY, Over.WITHDRAWN)
    assert unnamed(over, NOW + 2 * DAY, READ) is Unnamed.OVER
    assert unnamed(over, None, READ) is Unnamed.OVER
    assert due(over, NOW + 30 * DAY, READ) == Due((), None)


def test_what_is_over_stays_over_as_it_was():
    """The first reason counts; what was open or paused is no more."""
    busy = replace(CARE, question=Question(NOW, READ), paused_at=NOW, silent_at=NOW)
    over = ended(busy, NOW + DAY, Over.WITHDRAWN)
    assert over == replace(CARE, over_at=NOW + DAY, over=Over.WITHDRAWN)
    assert ended(over, NOW + 2 * DAY, Over.ENDED) is over


def test_while_the_time_is_in_doubt_nothing_is_due_and_nobody_is_named():
    """Whatever a clock says that nobody believes."""
    assert due(CARE, None, OTHER_RULES) == Due((), None)
    assert unnamed(CARE, None, READ) is Unnamed.IN_DOUBT


def test_the_template_goes_with_the_last_grant():
    """With a recorded end at its moment, else at the foretold one."""
    short = begun(Purpose.CARE, NOW, 10 * DAY, READ, rehearsal=False)
    assert template_until([short]) == NOW + 11 * DAY
    assert template_until([short, CARE]) == NOW + 365 * DAY
    assert template_until([short, ended(CARE, NOW + 2 * DAY, Over.WITHDRAWN)]) == NOW + 11 * DAY
    assert template_until([ended(CARE, NOW + 2 * DAY, Over.WITHDRAWN)]) == NOW + 2 * DAY
    assert not template_goes([short, CARE], NOW + 11 * DAY)
    assert not template_goes([short], NOW + 11 * DAY - TICK)
    assert template_goes([short], NOW + 11 * DAY)


def test_a_time_in_doubt_destroys_nothing_but_what_was_withdrawn():
    """A withdrawal needs no clock."""
    withdrawn = ended(CARE, NOW, Over.WITHDRAWN)
    assert not template_goes([withdrawn, CARE], None)
    assert template_goes([withdrawn], None)
