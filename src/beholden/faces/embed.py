"""A recogniser: from an aligned face to a template.

Invariant I4 starts here: the network writes into one reused buffer, input and output are wiped
after each run, and `flush` drives a blank picture through the network so that the activations of
the last face, which the runtime's arena still holds, are overwritten too.

That works because the runtime puts them into the same places each time, which holds from the
second run on: it lays out its memory by what it learnt in the first. So the first runs see a blank.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from beholden.faces.align import SIDE
from beholden.faces.catalogue import CatalogueEntry, Channels
from beholden.faces.session import RUNTIME_ERRORS, open_session
from beholden.model.errors import ContractBroken, ModelError
from beholden.model.frame import Pixels
from beholden.model.ids import ModelDigest
from beholden.model.template import ProbeTemplate


class Embedder:
    """Makes templates from aligned 112x112 BGR faces. Not for use by two threads at once."""

    def __init__(self, entry: CatalogueEntry, graph: bytes) -> None:
        self.entry = entry
        self._session = open_session(graph, entry.name)
        self._input = np.zeros((1, 3, SIDE, SIDE), np.float32)
        self._output = np.zeros((1, entry.dimensions), np.float32)
        self._binding = self._bind()
        self._dirty = True
        # Once to learn the places, once in them: see above. No face is ever in the first run's memory.
        self._run()
        self.flush()

    @property
    def model(self) -> ModelDigest:
        return self.entry.digest

    def embed(self, aligned: Pixels) -> ProbeTemplate:
        """The template of one aligned face (112x112x3 uint8 BGR), unit length, in a buffer of its own."""
        if aligned.shape != (SIDE, SIDE, 3) or aligned.dtype != np.uint8:
            raise ContractBroken(f"an aligned face is 112x112x3 uint8, not {aligned.shape} {aligned.dtype}")
        self._dirty = True
        try:
            self._fill(aligned)
            self._run()
            length = float(np.sqrt(self._output[0] @ self._output[0]))
            if not np.isfinite(length) or length == 0.0:
                raise ModelError(f"{self.entry.name} gave no template for a face")
            # Straight from the wiped buffer: the numbers are never anywhere at another length.
            return ProbeTemplate(self._output[0] / np.float32(length), self.entry.digest, shots=1)
        finally:
            self._input.fill(0.0)
            self._output.fill(0.0)

    def _fill(self, aligned: Pixels) -> None:
        """The input buffer, as the model's contract wants it."""
        contract = self.entry.contract
        order = (2, 1, 0) if contract.channels is Channels.RGB else (0, 1, 2)
        for plane, channel in enumerate(order):
            np.copyto(self._input[0, plane], aligned[:, :, channel])
        if contract.mean or contract.scale != 1.0:
            self._input -= contract.mean
            self._input /= contract.scale

    def flush(self) -> None:
        """Overwrite what the runtime still holds of the last face. Cheap when nothing was embedded since."""
        if self._dirty:
            self._run()
            self._output.fill(0.0)
            self._dirty = False

    def _run(self) -> None:
        try:
            self._session.run_with_iobinding(self._binding)
        except RUNTIME_ERRORS as error:
            raise ModelError(f"{self.entry.name} failed: {str(error).splitlines()[0]}") from error

    def _bind(self) -> ort.IOBinding:
        """Input and output bound once to this object's own memory: the runtime allocates neither."""
        binding = self._session.io_binding()
        try:
            binding.bind_ortvalue_input(self.entry.inputs[0], _shared(self._input))
            binding.bind_ortvalue_output(self._session.get_outputs()[0].name, _shared(self._output))
        except (*RUNTIME_ERRORS, ValueError, RuntimeError) as error:
            raise ContractBroken(f"{self.entry.name} cannot be bound: {str(error).splitlines()[0]}") from error
        return binding


def _shared(array: npt.NDArray[np.float32]) -> ort.OrtValue:
    return ort.OrtValue.ortvalue_from_numpy(array)
