"""The pictures behind the golden vectors: synthetic people of the openpeople package, at odd sizes on purpose."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

import cv2
import numpy as np

GOLDEN = {
    "P003 selfie": ("P003/assets/amateur_selfie.jpg", (424, 632)),
    "P005 portrait": ("P005/assets/studio_portrait.jpg", (500, 500)),
    "P007 emotions": ("P007/assets/emotions_sheet.jpg", (1200, 896)),
    "P008 posture": ("P008/assets/amateur_posture.jpg", (848, 1264)),
}


def person_file(name: str) -> Path:
    """A file of the openpeople package, found without importing it."""
    for file in importlib.metadata.distribution("openpeople").files or []:
        if str(file).endswith(name):
            return Path(str(file.locate()))
    raise FileNotFoundError(name)


def golden_image(name: str) -> np.ndarray:
    """HxWx3 uint8 BGR."""
    file, size = GOLDEN[name]
    image = cv2.imread(str(person_file(file)), cv2.IMREAD_COLOR)
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)
