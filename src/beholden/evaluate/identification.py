"""Identification on pictures, open set: people who are enrolled come back, strangers pass, and each searches a gallery.

Repeated, seeded splits into enrolled, mated and non-mated, at the product's own setting and over all thresholds. A
picture that a camera's gates refuse is a search that finds nobody: it counts as a miss in FNIR, and as no false alert
in FPIR (ISO/IEC 19795-1: FNIR and FPIR with failures to acquire). People whom enrolment refuses are no part of FNIR;
GFNIR counts them as missed. One picture is less than a camera has: the product pools shots and wants two that agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from beholden.evaluate.alerts import Estimate, per_alert, per_camera_day, per_face
from beholden.evaluate.comparisons import Comparisons
from beholden.evaluate.curves import GRID, RATES, AtRate, raised
from beholden.evaluate.discard import DiscardPoint, error_versus_discard
from beholden.evaluate.failures import Failures, failures
from beholden.evaluate.groups import Difference, Group, differences, fnir_by_label, fpir_by_label
from beholden.evaluate.labels import Labels
from beholden.evaluate.people_folder import PeopleFolder
from beholden.evaluate.rates import Rate, exact
from beholden.evaluate.resampling import by_person
from beholden.evaluate.searches import OpenSetPoint, Searches
from beholden.evaluate.setting import Setting, SettingFor
from beholden.evaluate.splits import LEAST_ENROLLED, LEAST_PEOPLE, Plan, Searched, pictures_by_person, search_all
from beholden.evaluate.templates import Flags, Looked, Progress
from beholden.evaluate.words import Figure, of_so_many
from beholden.model.errors import InputError

SHARES = (0.5, 0.1, 0.01)
"""How many of the faces that pass are enrolled, for the share of alerts that is false: it depends on nothing more."""
RANKS = 10
MOST_SEARCHES = 20_000_000
"""Over all splits: what is kept of them takes half a gigabyte."""


@dataclass(frozen=True, slots=True)
class Alerts:
    """False alerts in both denominators, where this share of the faces that pass is of people enrolled."""

    enrolled_share: float
    per_face: Estimate | None
    per_alert: Estimate | None
    per_camera_day: Estimate | None

    def as_values(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "enrolled_share": self.enrolled_share,
            "per_face": None if self.per_face is None else self.per_face.as_values(),
            "per_alert": None if self.per_alert is None else self.per_alert.as_values(),
            "per_camera_day": None if self.per_camera_day is None else self.per_camera_day.as_values(),
        }


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the searches came to, with the gates of the product."""

    gallery: int
    figures: tuple[Figure, ...]
    gfnir: Estimate | None
    cmc: tuple[Rate, ...]
    at_rates: tuple[AtRate, ...]
    curve: tuple[OpenSetPoint, ...]
    alerts: tuple[Alerts, ...]
    groups: dict[str, dict[str, tuple[Group, ...]]]
    clear: dict[str, dict[str, tuple[Difference, ...]]]

    def as_values(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "gallery": self.gallery,
            "figures": [figure.as_values() for figure in self.figures],
            "gfnir": None if self.gfnir is None else self.gfnir.as_values(),
            "cmc": [rate.as_values() for rate in self.cmc],
            "at_rates": [each.as_values() for each in self.at_rates],
            "curve": [point.as_values() for point in self.curve],
            "alerts": [each.as_values() for each in self.alerts],
            "groups": {
                kind: {term: [each.as_values() for each in groups] for term, groups in by_term.items()}
                for kind, by_term in self.groups.items()
            },
            "differences": {
                kind: {term: [each.as_values() for each in found] for term, found in by_term.items()}
                for kind, by_term in self.clear.items()
            },
        }


@dataclass(frozen=True, slots=True)
class Identification:
    """Counts, rates with bounds, and curves: no name, no file, no single score. `outcome` None: nobody was enrolled."""

    setting: Setting
    plan: Plan
    faces_a_day: float
    people: int
    of_one_picture: int
    pictures: dict[str, Any]
    left_out: dict[str, int]
    enrol: Rate
    refused: Failures
    acquire: Failures
    differed: int
    outcome: Outcome | None
    without_gates: tuple[Figure, ...]
    discard: tuple[DiscardPoint, ...]

    def as_values(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "protocol": "identification",
            "setting": self.setting.as_values(),
            "splits": self.plan.splits,
            "photos_per_enrolment": self.plan.photos,
            "seed": self.plan.seed,
            "faces_per_camera_day": self.faces_a_day,
            "people": self.people,
            "people_of_one_picture": self.of_one_picture,
            "pictures": self.pictures,
            "left_out": self.left_out,
            "failure_to_enrol": self.enrol.as_values(),
            "pictures_refused_at_enrolment": self.refused.as_values(),
            "failure_to_acquire": self.acquire.as_values(),
            "enrolments_of_photos_that_differ": self.differed,
            "at_the_products_setting": None if self.outcome is None else self.outcome.as_values(),
            "without_gates": [figure.as_values() for figure in self.without_gates],
            "error_versus_discard": [point.as_values() for point in self.discard],
        }


def refuse_sizes(people: PeopleFolder, photos: int, splits: int) -> None:
    """Raise InputError, before anything is looked at, for too few people for an open set or too many searches."""
    if (searches := splits * len(people.pictures)) > MOST_SEARCHES:
        raise InputError(
            f"{splits} splits of {len(people.pictures)} pictures are {searches} searches, past {MOST_SEARCHES}",
            advice="Give fewer --splits.",
        )
    counts = people.per_person()
    able = int((counts > photos).sum())
    if len(counts) < LEAST_PEOPLE or able < LEAST_ENROLLED:
        raise InputError(
            f"{len(counts)} people, {able} of them with {photos + 1} pictures, are too few for an open set",
            advice=f"Give {LEAST_PEOPLE} people at least, {LEAST_ENROLLED} of them with so many pictures: "
            "some enrol and come back, the others are strangers.",
        )


def identify(
    people: PeopleFolder,
    looked: Looked,
    setting_for: SettingFor,
    plan: Plan,
    labels: Labels | None,
    faces_a_day: float,
    progress: Progress,
) -> Identification:
    """Search the galleries of all splits. `looked` is of `people.pictures`."""
    gated = search_all(people, looked, looked.enrollable, looked.acquired, plan, progress)
    plain = search_all(people, looked, looked.found, looked.found, plan, progress)
    progress("bounds", 0, 1)
    gallery = gated or plain
    setting = setting_for(1 if gallery is None else gallery.searches.gallery)
    enrol = _failure_to_enrol(people, looked, plan.photos)
    everything: Flags = np.ones(len(looked), bool)
    return Identification(
        setting=setting,
        plan=plan,
        faces_a_day=faces_a_day,
        people=len(people.names),
        of_one_picture=int((people.per_person() == 1).sum()),
        pictures=looked.as_values(),
        left_out={
            "folders_without_pictures": people.empty,
            "files_that_are_no_pictures": people.passed_over,
            "repeated_pictures": people.repeated,
        },
        enrol=enrol,
        refused=failures(looked.at_enrolment, people.person, everything),
        acquire=failures(looked.at_camera, people.person, everything),
        differed=0 if gated is None else gated.differed,
        outcome=None if gated is None else _outcome(gated.searches, setting.threshold, enrol, labels, faces_a_day),
        without_gates=() if plain is None else _figures(plain.searches, setting.threshold),
        discard=() if plain is None else _discard(plain, looked, setting.threshold),
    )


def _outcome(searches: Searches, threshold: float, enrol: Rate, labels: Labels | None, faces_a_day: float) -> Outcome:
    fpir, fnir = searches.fpir(threshold), searches.fnir(threshold)
    groups = _groups(searches, labels, threshold)
    return Outcome(
        gallery=searches.gallery,
        figures=_figures(searches, threshold),
        gfnir=_generalised(enrol, fnir),
        cmc=searches.cmc(min(RANKS, searches.gallery)),
        at_rates=_at_rates(searches),
        curve=searches.curve(GRID),
        alerts=tuple(
            Alerts(
                share,
                per_face(fpir, share),
                per_alert(fpir, fnir, share),
                per_camera_day(fpir, faces_a_day, share),
            )
            for share in SHARES
        ),
        groups=groups,
        clear={kind: {term: differences(each) for term, each in by.items()} for kind, by in groups.items()},
    )


def _figures(searches: Searches, threshold: float) -> tuple[Figure, ...]:
    fpir, fnir, other = searches.fpir(threshold), searches.fnir(threshold), misnamed(searches, threshold)
    return (
        Figure("FPIR", fpir, of_so_many(fpir, "strangers' pictures", "are taken for somebody enrolled")),
        Figure("FNIR", fnir, of_so_many(fnir, "pictures of people enrolled", "are not recognised")),
        Figure("misnamed", other, of_so_many(other, "pictures of people enrolled", "are taken for another of them")),
    )


def misnamed(searches: Searches, threshold: float) -> Rate:
    """Mated searches that return another person first, at or above the threshold: a part of FNIR, told by itself."""
    mated = searches.own_rank > 0
    wrong = mated & (searches.other >= threshold) & (searches.other >= searches.own)
    trials = np.bincount(searches.people[mated])
    errors = np.bincount(searches.people[wrong], minlength=len(trials))
    return by_person(errors[trials > 0], trials[trials > 0])


def _failure_to_enrol(people: PeopleFolder, looked: Looked, photos: int) -> Rate:
    """Of the people with more readable pictures than enrol one: those of whom too few are accepted."""
    asked = [own for own in pictures_by_person(people, looked.readable) if len(own) > photos]
    enrollable = looked.enrollable
    return exact(sum(int(enrollable[own].sum()) < photos for own in asked), len(asked))


def _generalised(enrol: Rate, fnir: Rate) -> Estimate | None:
    """GFNIR = FTE + (1 - FTE) FNIR; where both rates are at their bounds it is at its own, which are wide so."""
    if enrol.value is None or fnir.value is None or enrol.bounds is None or fnir.bounds is None:
        return None

    def both(fte: float, missed: float) -> float:
        return fte + (1 - fte) * missed

    return Estimate(
        both(enrol.value, fnir.value),
        both(enrol.bounds.low, fnir.bounds.low),
        both(enrol.bounds.high, fnir.bounds.high),
        "both rates at their bounds",
    )


def _at_rates(searches: Searches) -> tuple[AtRate, ...]:
    """FNIR where FPIR is a round number, as far as there are strangers enough to see one error."""
    strangers = searches.fpir(2.0).trials
    found: list[AtRate] = []
    for asked in RATES:
        if strangers * asked >= 1:
            threshold = raised(searches.threshold_at_fpir(asked))
            found.append(AtRate("FPIR", asked, threshold, searches.fpir(threshold), searches.fnir(threshold)))
    return tuple(found)


def _discard(plain: Searched, looked: Looked, threshold: float) -> tuple[DiscardPoint, ...]:
    """Error versus discard of the mated comparisons, by the quality of the probe."""
    searches = plain.searches
    made = ~np.isnan(searches.own) & ~plain.failed
    who = searches.people[made]
    mated = Comparisons(searches.own[made], np.ones(len(who), bool), np.stack([who, who], axis=1))
    return error_versus_discard(mated, looked.quality[plain.picture[made]], threshold)


def _groups(searches: Searches, labels: Labels | None, threshold: float) -> dict[str, dict[str, tuple[Group, ...]]]:
    if labels is None:
        return {}
    return {
        kind: {
            "FNIR": fnir_by_label(searches, column, threshold),
            "FPIR": fpir_by_label(searches, column, threshold),
        }
        for kind, column in labels.by_kind.items()
    }
