"""Exact search: every reference in view is compared, in memory."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from beholden.model.gallery import Gallery
from beholden.model.template import ProbeTemplate, check_same_model


def similarities(probe: ProbeTemplate, gallery: Gallery) -> npt.NDArray[np.float32]:
    """(n,) cosine of the probe with each row of the gallery. Raises ModelMismatch for another model's gallery.

    The answer stays inside `faces`: people and programs outside get decisions (invariant I8).
    """
    check_same_model(probe.model, gallery.model)
    return gallery.vectors @ probe.vector
