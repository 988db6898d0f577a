"""Enrolment on pictures: who could not be enrolled, and why; and what a camera's gates would refuse of the same.

At the product's ENROLMENT_GATES. A person may be refused in two ways, and both are told: no picture of theirs is
accepted, however often they try (FTE), or all pictures at once are not, as `beholden enrol` takes them. A picture that
a camera's gates refuse is a failure to acquire (FTA). Pictures are stills: a camera has worse, and many more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from beholden.evaluate.duplicates import Indices
from beholden.evaluate.failures import Failures, by_reason, failures
from beholden.evaluate.groups import FEWEST_PEOPLE, Group
from beholden.evaluate.labels import Labels
from beholden.evaluate.people_folder import PeopleFolder
from beholden.evaluate.rates import Rate, exact
from beholden.evaluate.setting import Setting
from beholden.evaluate.splits import all_alike, pictures_by_person
from beholden.evaluate.templates import Flags, Looked, Refusal
from beholden.evaluate.words import Figure, of_so_many

MOST_PHOTOS = 5
"""Pictures that `beholden enrol` takes for one person."""


@dataclass(frozen=True, slots=True)
class EnrolmentTrial:
    """Counts and rates with bounds: no name, no file, no single score.

    `refused_people`: for the people who cannot be enrolled at all, what is wrong with their pictures, one reason per
    person: the most frequent one. `at_once`: the same where a person's first five pictures are given together.
    """

    setting: Setting
    people: int
    pictures: dict[str, Any]
    left_out: dict[str, int]
    figures: tuple[Figure, ...]
    refused_people: tuple[tuple[Refusal, int], ...]
    refused_at_once: tuple[tuple[Refusal, int], ...]
    refused_pictures: Failures
    acquire: Failures
    groups: dict[str, tuple[Group, ...]]

    def as_values(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "protocol": "enrolment",
            "setting": self.setting.as_values(),
            "people": self.people,
            "pictures": self.pictures,
            "left_out": self.left_out,
            "figures": [figure.as_values() for figure in self.figures],
            "people_who_cannot_enrol_by_reason": {str(reason): count for reason, count in self.refused_people},
            "people_refused_all_at_once_by_reason": {str(reason): count for reason, count in self.refused_at_once},
            "pictures_refused_at_enrolment": self.refused_pictures.as_values(),
            "failure_to_acquire": self.acquire.as_values(),
            "groups": {kind: [group.as_values() for group in groups] for kind, groups in self.groups.items()},
        }


def try_enrolment(people: PeopleFolder, looked: Looked, setting: Setting, labels: Labels | None) -> EnrolmentTrial:
    """Who could be enrolled from these pictures. `looked` is of `people.pictures`."""
    everything: Flags = np.ones(len(looked), bool)
    own = pictures_by_person(people, looked.readable)
    never = [_never(looked, each) for each in own]
    at_once = [_at_once(looked, each[:MOST_PHOTOS], setting.alike) for each in own]
    asked = sum(len(each) > 0 for each in own)
    fte = exact(sum(reason is not None for reason in never), asked)
    together = exact(sum(reason is not None for reason in at_once), asked)
    refused = failures(looked.at_enrolment, people.person, everything)
    acquire = failures(looked.at_camera, people.person, everything)
    return EnrolmentTrial(
        setting=setting,
        people=asked,
        pictures=looked.as_values(),
        left_out={
            "folders_without_pictures": people.empty,
            "files_that_are_no_pictures": people.passed_over,
            "repeated_pictures": people.repeated,
        },
        figures=(
            Figure("FTE", fte, of_so_many(fte, "people", "cannot be enrolled from any of their pictures")),
            Figure(
                "FTE, all at once",
                together,
                of_so_many(together, "people", "are refused when they give all of their pictures together"),
            ),
            Figure("refused", refused.rate, of_so_many(refused.rate, "pictures", "are refused at enrolment")),
            Figure("FTA", acquire.rate, of_so_many(acquire.rate, "pictures", "are refused by a camera's gates")),
        ),
        refused_people=by_reason(never),
        refused_at_once=by_reason(at_once),
        refused_pictures=refused,
        acquire=acquire,
        groups={} if labels is None else {kind: _by_label(never, own, row) for kind, row in labels.by_kind.items()},
    )


def _never(looked: Looked, own: Indices) -> Refusal | None:
    """Why none of a person's pictures is accepted: the most frequent reason. None where one is, or there is none."""
    reasons = [looked.at_enrolment[picture] for picture in map(int, own)]
    return by_reason(reasons)[0][0] if reasons and None not in reasons else None


def _at_once(looked: Looked, own: Indices, alike: float) -> Refusal | None:
    """What `make_reference` would say of these pictures together."""
    for reason in (looked.at_enrolment[picture] for picture in map(int, own)):
        if reason is not None:
            return reason
    return None if all_alike(looked, own, alike) else Refusal.PHOTOS_DIFFER


def _by_label(
    never: Sequence[Refusal | None], own: Sequence[Indices], labels: Sequence[str | None]
) -> tuple[Group, ...]:
    """FTE of each label's people."""
    groups: list[Group] = []
    for label in sorted({label for label in labels if label is not None}):
        who = [person for person, said in enumerate(labels) if said == label and len(own[person])]
        rate: Rate = exact(sum(never[person] is not None for person in who), len(who))
        groups.append(Group(label, len(who), rate if len(who) >= FEWEST_PEOPLE else None))
    return tuple(groups)
