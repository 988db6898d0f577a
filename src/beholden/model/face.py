"""A face that a detector found in one frame."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from beholden.model.box import Box

Landmarks = npt.NDArray[np.float32]
"""5x2 float32 pixels (x, y): the subject's right eye, left eye, nose tip, right and left mouth corner."""


class Flaw(StrEnum):
    """Why a face is not fit to be recognised; each is a sentence in `FLAW_WORDS`."""

    SMALL = "small"
    BLURRED = "blurred"
    TURNED = "turned"
    DARK = "dark"
    BRIGHT = "bright"
    CUT_OFF = "cut_off"
    OCCLUDED = "occluded"
    UNSURE = "unsure"


FLAW_WORDS: dict[Flaw, str] = {
    Flaw.SMALL: "the face has too few pixels: come closer, or use a sharper camera",
    Flaw.BLURRED: "the face is blurred: hold still, or add light so that the shutter is faster",
    Flaw.TURNED: "the face is turned away: look towards the camera",
    Flaw.DARK: "the face is too dark: add light from the front",
    Flaw.BRIGHT: "the face is over-exposed: avoid direct light on it",
    Flaw.CUT_OFF: "the face is cut off by the edge of the picture",
    Flaw.OCCLUDED: "part of the face is hidden: remove what is in front of it",
    Flaw.UNSURE: "the detector is not sure that this is a face",
}


@dataclass(frozen=True, slots=True)
class Quality:
    """How fit one face is to be recognised.

    `width_px` in the detail picture; `sharpness`, `frontal`, `light` 0-1 (1 is best); `score`
    their product, used to choose the best shots; `flaws` empty when all gates are passed.
    """

    width_px: float
    sharpness: float
    frontal: float
    light: float
    score: float
    flaws: tuple[Flaw, ...]

    @property
    def usable(self) -> bool:
        return not self.flaws


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """A detection: `box` and `landmarks` in pixels of the analysed picture; `score` 0-1 of the detector."""

    box: Box
    landmarks: Landmarks
    score: float
