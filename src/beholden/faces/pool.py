"""One template from several: the mean direction, weighted by quality."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from beholden.model.template import ProbeTemplate, check_same_model


def pool(probes: Sequence[tuple[ProbeTemplate, float]]) -> ProbeTemplate:
    """The weighted mean of (probe, weight) pairs, unit length, in a new buffer.

    Raises ModelMismatch for probes of two models and ValueError for none at all.
    """
    if not probes:
        raise ValueError("nothing to pool")
    first = probes[0][0]
    total = np.zeros_like(first.vector)
    for probe, weight in probes:
        check_same_model(first.model, probe.model)
        # In place, so that no temporary with a template's direction is left on the heap.
        total *= 1.0 / max(weight, 1e-3)
        total += probe.vector
        total *= max(weight, 1e-3)
    length = float(np.sqrt(total @ total))
    if length > 0:
        total /= length
    return ProbeTemplate(total, first.model, shots=sum(probe.shots for probe, _ in probes))


def agreement(one: ProbeTemplate, other: ProbeTemplate) -> float:
    """Cosine of two probes of the same track, -1 to 1: low when the track jumped to another person."""
    check_same_model(one.model, other.model)
    return float(one.vector @ other.vector)
