"""Watches the clip and takes down everything that must not be kept: run as a program, in a process of its own.

`python -m tests.strangers.recorder CLIP FOLDER CACHE`: leaves needles.npz in FOLDER.
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
import onnx
import onnxruntime as ort
from onnx import helper

from beholden.faces import shots
from beholden.faces.catalogue import SFACE
from beholden.faces.embed import Embedder
from beholden.faces.weights import load_folded
from beholden.model.frame import Pixels
from beholden.model.template import ProbeTemplate
from beholden.pipeline import shot
from beholden.video.picture import FilmDetail
from tests.strangers.needles import KINDS, Array, save
from tests.strangers.watching import OPEN, open_watch, watch

TAKEN: dict[str, list[Array]] = {kind: [] for kind in KINDS}
LAYERS = {"_mulscalar0": "prepared", "_minusscalar0": "prepared", "flatten_254": "features", "pre_fc1": "before_norm"}


class RecordingEmbedder(Embedder):
    """Keeps a copy of every input and output, as no part of Beholden may."""

    def embed(self, aligned: Pixels) -> ProbeTemplate:
        probe = super().embed(aligned)
        TAKEN["template"].append(probe.vector.copy())
        return probe

    def _run(self) -> None:
        blank = not self._input.any()
        if not blank:
            TAKEN["planes"].append(self._input.copy())
        super()._run()
        if not blank:
            TAKEN["raw"].append(self._output[0].copy())


def layers(cache: Path) -> None:
    """What the first and last layers of the network hold, for every input taken down."""
    model = onnx.load_from_string(load_folded(SFACE, cache))
    model.graph.output.extend(helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in LAYERS)
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    for planes in TAKEN["planes"]:
        for (_, kind), values in zip(LAYERS.items(), session.run(list(LAYERS), {SFACE.inputs[0]: planes}), strict=True):
            TAKEN[kind].append(np.asarray(values))


def main(clip: Path, folder: Path, cache: Path) -> None:
    cv2.setNumThreads(1)
    cut, pool, crop = shot.cut, shots.pool, FilmDetail.crop

    def taken_cut(*args: object) -> Pixels | None:
        aligned = cut(*args)  # type: ignore[arg-type]
        if aligned is not None:
            TAKEN["crop"].append(aligned.copy())
        return aligned

    def taken_pool(*args: object) -> ProbeTemplate:
        pooled = pool(*args)  # type: ignore[arg-type]
        TAKEN["pooled"].append(pooled.vector.copy())
        return pooled

    def taken_region(self: FilmDetail, *args: int) -> Pixels:
        region = crop(self, *args)
        TAKEN["region"].append(region.copy())
        return region

    FilmDetail.crop = taken_region  # type: ignore[assignment]
    shot.cut, shots.pool = taken_cut, taken_pool  # type: ignore[assignment]
    watching = open_watch(folder / "data", cache, RecordingEmbedder)
    watch(watching, clip, folder / "covered.mp4", lambda made, **_: None, None)
    OPEN.close()
    layers(cache)
    save(folder / "needles.npz", TAKEN)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
