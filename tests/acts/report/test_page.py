"""The page of a week, word for word, from figures that are all told, and from figures that are all hidden."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from beholden.acts.report.figures import figures
from beholden.acts.report.page import as_html
from beholden.acts.report.week import parse_week
from beholden.acts.sightings.counts import SMALLEST
from beholden.ledger.leaf import hour_of
from tests.acts.report.conftest import WEEK
from tests.acts.report.test_recomputed import EVENTS, NAMES
from tests.word_for_word import same

HERE = Path(__file__).parent
HOUR = timedelta(hours=1)


def report(counts, events, rehearsal):
    """As `weekly.transparency` tells it."""
    week = parse_week(WEEK)
    return {
        "week": WEEK,
        "from": week.start.isoformat(),
        "until": week.end.isoformat(),
        "rehearsal": rehearsal,
        "smallest_count_told": SMALLEST,
        "log": {"leaf": 17, "digest": "ab" * 32},
        **figures(week, [f"{number} {name}" for name, number in counts.items()], events),
    }


def much():
    """Each count another one, so that none is taken for another; and every event, some hours apart."""
    first = hour_of(parse_week(WEEK).start)
    counts = {name: 1000 + 7 * place for place, name in enumerate(NAMES)}
    return report(counts, [(first + 2 * place, event) for place, event in enumerate(EVENTS)], rehearsal=False)


@pytest.mark.parametrize(
    ("name", "made"), [("much.html", much), ("nothing.html", lambda: report({}, [], rehearsal=True))]
)
def test_the_page_is_word_for_word_what_it_was(name, made):
    """Every cell, and what stands where nothing is told."""
    same(as_html(made()), HERE / name)
