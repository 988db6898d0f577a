"""The numbers of use cases that decide who sees what of people, and for how long: beside `consent.figures`."""

from __future__ import annotations

from beholden.acts import store
from beholden.acts.accounts import signed
from beholden.acts.displays import desk, ties
from beholden.acts.sightings import counts
from beholden.consent.figures import Figure
from beholden.consent.figures import figures as of_consent
from beholden.consent.oversight import plans


def all_figures() -> tuple[Figure, ...]:
    """Every figure of the rules, in the order in which they are told."""
    return (*of_consent(), *act_figures())


def act_figures() -> tuple[Figure, ...]:
    """Those of use cases, each read where it decides."""
    return (
        Figure("desk_shift", desk.SHIFT, "an account is shown live sightings of one place only"),
        Figure("plan_match_lasts", plans.MATCH_LIVES, "from the opening of a plan its matches are kept"),
        Figure("plan_told_lasts", plans.EVERYTHING_LIVES, "what the person was told of a plan is kept"),
        Figure("signature_counts_for", signed.FRESH, "a signature counts, but for approvals"),
        *(Figure(f"most_{tie}", most, f"people or accounts that a person may name ({tie})") for tie, most in _ties()),
        Figure("smallest_count", counts.SMALLEST, "smaller counts are hidden"),
        Figure("counts_last", store.COUNTS_LIVE, "counts of an hour are kept"),
    )


def _ties() -> list[tuple[str, int]]:
    return [(str(tie), most) for tie, most in ties.MOST.items()]
