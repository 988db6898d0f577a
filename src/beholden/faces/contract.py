"""Does a recogniser from a file do what its contract says? Asked before it is added, never assumed.

Colour order and scaling bugs are silent: people are still told apart, only worse. So the contract
is checked on photos of known people: with the declared colour order and scaling, different photos
of one person must be more alike than photos of two, clearly more than by chance; strangers must be
unlike (input scaled twice makes everybody alike); and in the other colour order one person's photos
must not be closer together, measured by how far apart strangers are.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import isfinite
from pathlib import Path

import numpy as np
import onnx

from beholden.faces.align import SIDE, align
from beholden.faces.catalogue import CatalogueEntry, Channels, InputContract, Role
from beholden.faces.detect import Detector
from beholden.faces.embed import Embedder
from beholden.model.errors import ContractBroken, MissingInput, ModelError
from beholden.model.frame import Pixels
from beholden.model.ids import ModelDigest

LARGEST = 2 * 2**30
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
LEAST_AUC = 0.98
"""Easy photos: anything that recognises people at all passes."""
MOST_ALIKE = 0.5
"""Mean cosine between strangers. Measured with SFace: .13 (40 adults) and .25 (openpeople) as it should be,
.65 to .97 with four wrong scalings, most of which still reach an AUC above LEAST_AUC on three people."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """What the user says of the file: see `InputContract` for mean and scale."""

    name: str
    licence: str
    channels: Channels
    mean: float
    scale: float
    commercial: bool


def declared_entry(path: Path, says: Declaration) -> tuple[CatalogueEntry, bytes]:
    """The catalogue entry of a file, its shapes checked, and its bytes. Raises ContractBroken, MissingInput."""
    try:
        if path.stat().st_size > LARGEST:
            raise ContractBroken(f"{path.name} is larger than 2 GiB")
        graph = path.read_bytes()
    except OSError as error:
        raise MissingInput(f"cannot read {path}: {error.strerror}") from error
    try:
        model = onnx.load_from_string(graph)
        onnx.checker.check_model(model)
    except (onnx.checker.ValidationError, ValueError, RuntimeError) as error:
        raise ContractBroken(f"{path.name} is not a valid ONNX model: {str(error).splitlines()[0]}") from error
    except Exception as error:
        # protobuf's DecodeError is not exported in one place across its versions; anything else is re-raised.
        if type(error).__name__ != "DecodeError":
            raise
        raise ContractBroken(f"{path.name} is not an ONNX file") from error
    known = {tensor.name for tensor in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in known]
    if len(inputs) != 1 or _sizes(inputs[0])[1:] != [3, SIDE, SIDE]:
        raise ContractBroken(f"{path.name} must have one input of N x 3 x {SIDE} x {SIDE}")
    if len(model.graph.output) != 1 or len(_sizes(model.graph.output[0])) != 2 or _sizes(model.graph.output[0])[1] < 16:
        raise ContractBroken(f"{path.name} must have one output of N x d, with d fixed and at least 16")
    if says.scale == 0 or not isfinite(says.scale) or not isfinite(says.mean):
        raise ContractBroken("mean and scale are numbers, and the scale is not 0", advice="Correct --mean or --scale.")
    if not NAME.fullmatch(says.name) or not says.licence.strip():
        raise ContractBroken(
            "a model has a licence, and a name of letters, digits, dots, - and _", advice="Correct --name or --licence."
        )
    entry = CatalogueEntry(
        name=says.name,
        role=Role.RECOGNISER,
        file=str(path),
        digest=ModelDigest(hashlib.sha256(graph).hexdigest()),
        licence=says.licence,
        source="added by the user",
        contract=InputContract(says.channels, (SIDE, SIDE), says.mean, says.scale),
        inputs=(inputs[0].name,),
        dimensions=_sizes(model.graph.output[0])[1],
        commercial=says.commercial,
    )
    return entry, graph


def check_contract(
    entry: CatalogueEntry, graph: bytes, people: Mapping[str, Sequence[Pixels]], detector: Detector
) -> None:
    """Run the recogniser on photos (BGR) of known people. Raises ContractBroken with what was wrong."""
    if len(people) < 3 or any(len(photos) < 2 for photos in people.values()):
        raise ContractBroken("the check needs two photos each of at least three people")
    faces = {name: [_aligned(photo, name, detector) for photo in photos] for name, photos in people.items()}
    try:
        declared = _separation(Embedder(entry, graph), faces)
        other = Channels.BGR if entry.contract.channels is Channels.RGB else Channels.RGB
        swapped = _separation(Embedder(replace(entry, contract=replace(entry.contract, channels=other)), graph), faces)
    except ModelError as error:
        raise ContractBroken(f"{entry.name} does not run as declared: {error}") from error
    if declared.auc < LEAST_AUC:
        raise ContractBroken(f"{entry.name} hardly tells people apart as declared: check mean, scale and channels")
    if declared.strangers > MOST_ALIKE:
        raise ContractBroken(
            f"{entry.name} finds strangers alike as declared",
            advice="Check --mean and --scale: perhaps the graph scales its input itself (then they are 0 and 1).",
        )
    if swapped.closeness > declared.closeness:
        raise ContractBroken(
            f"{entry.name} tells people apart better in {other} than in {entry.contract.channels}",
            advice=f"Declare --channels {other}; if {entry.contract.channels} is right, check with more people.",
        )


@dataclass(frozen=True, slots=True)
class _Separation:
    """How people are told apart: area under the ROC curve over all pairs, mean cosine between strangers, and
    `closeness`: by what share photos of one person are nearer than photos of strangers.

    Closeness hears a swapped colour order on three people with two photos each in 98.5-100 % of draws (40 adults,
    openpeople); the difference of mean cosines does in half of them, and the area is 1 either way.
    """

    auc: float
    strangers: float
    closeness: float


def _separation(embedder: Embedder, faces: Mapping[str, Sequence[Pixels]]) -> _Separation:
    vectors: list[tuple[str, np.ndarray]] = []
    for name, shots in faces.items():
        for shot in shots:
            with embedder.embed(shot) as probe, embedder.embed(shot) as again:
                if not np.allclose(probe.vector, again.vector, atol=1e-5):
                    raise ContractBroken(f"{embedder.entry.name} gives another template for the same face each time")
                vectors.append((name, probe.vector.copy()))
    scores: dict[bool, list[float]] = {True: [], False: []}
    for (one, a), (other, b) in combinations(vectors, 2):
        scores[one == other].append(float(a @ b))
    mated, strangers = np.array(scores[True]), np.array(scores[False])
    apart = max(1e-6, 1.0 - float(strangers.mean()))
    return _Separation(
        auc=float((mated[:, None] > strangers[None, :]).mean()),
        strangers=float(strangers.mean()),
        closeness=1.0 - (1.0 - float(mated.mean())) / apart,
    )


def _aligned(photo: Pixels, name: str, detector: Detector) -> Pixels:
    faces = detector.detect_at_scales(photo, 0.6, (640, 320))
    if not faces:
        raise ContractBroken(f"no face was found in a photo of {name}, so the check cannot be made")
    return align(photo, max(faces, key=lambda face: face.box.w).landmarks)


def _sizes(value: onnx.ValueInfoProto) -> list[int]:
    return [dim.dim_value for dim in value.type.tensor_type.shape.dim]
