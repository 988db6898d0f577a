"""Pairs of pictures: every rate of a small table by hand, failures counted as ISO/IEC 19795-1 counts them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from beholden.evaluate.labels import Labels
from beholden.evaluate.pairs_file import Pairs
from beholden.evaluate.templates import Looked, Refusal
from beholden.evaluate.verification import BLOCK, Verification, score_pairs, verify
from tests.evaluate.conftest import crowd, looked_at, no_progress, setting_for


def pairs_of(people: list[int], rows: list[tuple[int, int]], *, by_folder: bool = True) -> Pairs:
    """Pairs of pictures of these people."""
    who = np.array(people, np.int32)
    table = np.array(rows, np.int32)
    return Pairs(
        pictures=tuple(Path(f"{index}.jpg") for index in range(len(who))),
        line=np.arange(2, len(who) + 2, dtype=np.int32),
        reference=table[:, 0],
        probe=table[:, 1],
        mated=who[table[:, 0]] == who[table[:, 1]],
        people=who,
        folders=tuple(f"p{person}" for person in range(int(who.max()) + 1)) if by_folder else None,
    )


def angles(*degrees: float) -> np.ndarray:
    """(n, 2): templates whose cosines are those of the angles between them."""
    radians = np.radians(degrees)
    return np.stack([np.cos(radians), np.sin(radians)], axis=1)


PEOPLE = [0, 0, 0, 1, 1, 2, 2]
TEMPLATES = angles(0, 20, 80, 90, 100, 180, 250)
ROWS = [(0, 1), (0, 2), (3, 4), (5, 6), (0, 3), (2, 3), (0, 5), (4, 5)]
"""Mated at 20, 80, 10 and 70 degrees; non-mated at 90, 10, 180 and 80. The threshold 0.5 is at 60 degrees."""


def measured(looked: Looked, rows: list[tuple[int, int]] = ROWS, labels: Labels | None = None) -> Verification:
    with_pairs = pairs_of(PEOPLE, rows)
    return verify(with_pairs, looked, setting_for, labels, no_progress)


def counts(result: Verification, which: str = "figures") -> dict[str, tuple[int, int]]:
    return {figure.term: (figure.rate.errors, figure.rate.trials) for figure in getattr(result, which)}


def test_rates_of_a_small_table() -> None:
    """Two of four mated pairs are below the threshold, one of four non-mated ones is above."""
    result = measured(looked_at(TEMPLATES))
    assert counts(result) == {
        **dict.fromkeys(("FMR", "FAR", "GFAR"), (1, 4)),
        **dict.fromkeys(("FNMR", "FRR", "GFRR"), (2, 4)),
    }
    assert (result.mated, result.nonmated, result.people) == (4, 4, 3)


def test_a_probe_that_is_not_acquired_rejects_and_accepts_nobody() -> None:
    """FRR = FTA + FNMR (1 - FTA), FAR = FMR (1 - FTA): picture 3 is the probe of two non-mated pairs, 1 of a mated."""
    at_camera = [None, Refusal.BLURRED, None, Refusal.BLURRED, None, None, None]
    nothing: list[Refusal | None] = [None] * 7
    result = measured(looked_at(TEMPLATES, nothing, at_camera))
    found = counts(result)
    assert found["FNMR"] == (2, 3)
    assert found["FRR"] == (3, 4)
    assert found["FMR"] == (0, 2)
    assert found["FAR"] == (0, 4)
    assert result.acquire.reasons == ((Refusal.BLURRED, 2),)
    assert (result.acquire.rate.errors, result.acquire.rate.trials) == (2, 6)


def test_a_reference_that_is_not_enrolled_counts_in_the_generalised_rates_only() -> None:
    """Picture 0 is the reference of two mated and two non-mated pairs."""
    at_enrolment = [Refusal.SMALL, None, None, None, None, None, None]
    result = measured(looked_at(TEMPLATES, at_enrolment, [None] * 7))
    found = counts(result)
    assert found["FNMR"] == found["FRR"] == (1, 2)
    assert found["GFRR"] == (3, 4)
    assert found["FMR"] == found["FAR"] == (1, 2)
    assert found["GFAR"] == (1, 4)
    assert result.enrol.reasons == ((Refusal.SMALL, 1),)


def test_without_gates_every_face_counts() -> None:
    """What gates refuse is compared there; what has no face is not."""
    at_enrolment = [Refusal.SMALL, Refusal.NO_FACE, None, None, None, None, None]
    quality = [0.3, np.nan, 0.8, 0.8, 0.8, 0.8, 0.8]
    result = measured(looked_at(TEMPLATES, at_enrolment, at_enrolment, quality))
    assert counts(result, "without_gates") == {"FMR": (1, 4), "FNMR": (2, 3)}


def test_an_unreadable_picture_is_in_no_rate() -> None:
    """Its pairs are counted apart: a damaged file says nothing of faces."""
    reasons = [None, Refusal.UNREADABLE, None, None, None, None, None]
    result = measured(looked_at(TEMPLATES, reasons, reasons, [0.8, np.nan, *[0.8] * 5]))
    assert counts(result)["FRR"] == (2, 3)
    assert counts(result)["GFRR"] == (2, 3)
    assert result.unreadable == 1
    assert result.mated == 3
    assert result.acquire.rate.errors == 0


def test_scores_are_the_cosines_of_the_pairs() -> None:
    """Over several blocks, in the order of the rows."""
    random = np.random.default_rng(3)
    looked = looked_at(crowd(40, 2))
    rows = random.integers(0, 80, size=(2 * BLOCK + 7, 2))
    scores = score_pairs(pairs_of([0] * 80, [tuple(row) for row in rows.tolist()]), looked, no_progress)
    vectors = looked.templates.vectors
    assert scores.dtype == np.float32
    assert np.allclose(scores, (vectors[rows[:, 0]] * vectors[rows[:, 1]]).sum(1), atol=1e-6)


def test_no_point_of_a_curve_is_somebodys_score() -> None:
    """Thresholds are on a grid, or raised to the next thousandth."""
    looked = looked_at(crowd(30, 2, spread=0.4))
    rows = [(2 * a, 2 * b + 1) for a in range(30) for b in range(30)]
    pairs = pairs_of([index // 2 for index in range(60)], rows)
    scores = score_pairs(pairs, looked, no_progress)
    result = verify(pairs, looked, setting_for, None, no_progress)
    shown = {point.threshold for point in result.det} | {each.threshold for each in result.at_rates}
    assert len(result.at_rates) == 2  # 870 non-mated pairs: 0.1 and 0.01 can be seen, 0.001 cannot
    assert not {np.float32(threshold) for threshold in shown} & set(scores)
    assert {round(threshold, 3) for threshold in shown} == shown


def test_a_threshold_for_a_round_rate_keeps_it() -> None:
    """Raising it to the next thousandth makes it stricter, never looser."""
    looked = looked_at(crowd(30, 2, spread=0.4))
    rows = [(2 * a, 2 * b + 1) for a in range(30) for b in range(30)]
    result = verify(pairs_of([index // 2 for index in range(60)], rows), looked, setting_for, None, no_progress)
    for each in result.at_rates:
        assert each.false.value is not None
        assert each.false.value <= each.asked


def test_the_result_is_json_without_names() -> None:
    """Everything is counts, rates and thresholds; nothing that is no number where JSON has none."""
    text = json.dumps(measured(looked_at(TEMPLATES)).as_values(), allow_nan=False)
    assert ".jpg" not in text
    assert '"p0"' not in text


def test_rates_by_label_are_of_the_people_who_said_it() -> None:
    """Six people of one label, mated pairs of all of them."""
    looked = looked_at(crowd(12, 2, spread=0.02))
    pairs = pairs_of([index // 2 for index in range(24)], [(2 * person, 2 * person + 1) for person in range(12)])
    labels = Labels({"sex": ("female",) * 6 + ("male",) * 6}, 0)
    result = verify(pairs, looked, setting_for, labels, no_progress)
    found = {group.label: group for group in result.groups["sex"]["FNMR"]}
    assert set(found) == {"female", "male"}
    assert found["female"].rate is not None
    assert (found["female"].rate.errors, found["female"].rate.trials) == (0, 6)


@pytest.mark.parametrize("rows", [[(0, 1)], [(0, 3)]])
def test_pairs_of_one_kind_only_measure_the_other_rate_not_at_all(rows: list[tuple[int, int]]) -> None:
    """No number is made up where nothing was compared."""
    result = measured(looked_at(TEMPLATES), rows)
    trials = {term: trials for term, (_, trials) in counts(result).items()}
    assert sorted({trials["FMR"], trials["FNMR"]}) == [0, 1]
    assert result.eer is None
