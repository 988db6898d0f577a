"""Exact search: every reference in view is compared, in memory."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from beholden.model.gallery import Gallery
from beholden.model.template import ProbeTemplate, check_same_model

_BLOCK = 512
"""Rows gathered at once: a quarter of a megabyte, which stays in the processor's cache."""


def similarities(probe: ProbeTemplate, gallery: Gallery) -> npt.NDArray[np.float32]:
    """(n,) cosine of the probe with each reference of the gallery. Raises ModelMismatch for another model's gallery.

    Rows of people who may not be seen here are not compared. The answer stays inside `faces`: people
    and programs outside get decisions (invariant I8).
    """
    check_same_model(probe.model, gallery.model)
    if gallery.rows is None:
        return gallery.vectors @ probe.vector
    scores = np.empty(len(gallery.rows), np.float32)
    block = np.empty((min(_BLOCK, len(scores)), gallery.vectors.shape[1]), np.float32)
    try:
        for start in range(0, len(scores), _BLOCK):
            chosen = gallery.rows[start : start + _BLOCK]
            held = block[: len(chosen)]
            # "raise", the default, would gather into a buffer of its own, which nobody wipes.
            np.take(gallery.vectors, chosen, axis=0, out=held, mode="clip")
            np.matmul(held, probe.vector, out=scores[start : start + _BLOCK])
    finally:
        block.fill(0.0)
    return scores
