"""Exact search: every reference in view is compared, in memory.

What it costs is reading the references once. Whatever is compared with all of them is therefore compared block by
block, while a block is in the processor's cache.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing

import numpy as np
import numpy.typing as npt

from beholden.model.gallery import Gallery
from beholden.model.template import ProbeTemplate, check_same_model

_BLOCK = 512
"""Rows at a time: a quarter of a megabyte, which stays in the processor's cache."""
_Places = npt.NDArray[np.intp]
_Rows = npt.NDArray[np.float32]


def similarities(probe: ProbeTemplate, gallery: Gallery) -> npt.NDArray[np.float32]:
    """(n,) cosine of the probe with each reference of the gallery. Raises ModelMismatch for another model's gallery.

    Rows of people who may not be seen here are not compared. The answer stays inside `faces`: people
    and programs outside get decisions (invariant I8).
    """
    check_same_model(probe.model, gallery.model)
    if gallery.rows is None:
        return gallery.vectors @ probe.vector
    scores = np.empty(len(gallery), np.float32)
    with closing(_blocks(gallery, None)) as blocks:
        for start, rows in blocks:
            np.matmul(rows, probe.vector, out=scores[start : start + len(rows)])
    return scores


def firsts(probes: Sequence[ProbeTemplate], gallery: Gallery, among: _Places | None = None) -> list[int]:
    """Which reference of a gallery that is not empty is the most alike to each probe; of equals, the first.

    `among`: some references, ascending, where no others can be meant; None: all. Memory is read once for all probes.
    Raises ModelMismatch. As `similarities`, it stays inside `faces`.
    """
    for probe in probes:
        check_same_model(probe.model, gallery.model)
    best = [(-np.inf, 0)] * len(probes)
    scores = np.empty(_BLOCK, np.float32)
    with closing(_blocks(gallery, among)) as blocks:
        for start, rows in blocks:
            held = scores[: len(rows)]
            for number, probe in enumerate(probes):
                np.matmul(rows, probe.vector, out=held)
                place = int(held.argmax())
                if held[place] > best[number][0]:
                    best[number] = float(held[place]), start + place
    return [place if among is None else int(among[place]) for _, place in best]


def _blocks(gallery: Gallery, among: _Places | None) -> Generator[tuple[int, _Rows], None, None]:
    """The references that are meant, block by block: at which of them a block starts, and its rows. It holds until the
    next one is asked for; whoever asks closes this, which wipes what was gathered."""
    chosen = gallery.rows if among is None else among if gallery.rows is None else gallery.rows[among]
    if chosen is None:
        for start in range(0, len(gallery), _BLOCK):
            yield start, gallery.vectors[start : start + _BLOCK]
        return
    block = np.empty((min(_BLOCK, len(chosen)), gallery.vectors.shape[1]), np.float32)
    try:
        for start in range(0, len(chosen), _BLOCK):
            here = chosen[start : start + _BLOCK]
            if here[-1] - here[0] == len(here) - 1 and (np.diff(here) == 1).all():
                yield start, gallery.vectors[here[0] : here[-1] + 1]  # nobody between them: nothing to gather
                continue
            # "raise", the default, would gather into a buffer of its own, which nobody wipes.
            np.take(gallery.vectors, here, axis=0, out=block[: len(here)], mode="clip")
            yield start, block[: len(here)]
    finally:
        block.fill(0.0)
