"""Turn a face upright into the 112x112 picture that recognisers were trained on.

The five template points are ArcFace's; the transform is the least-squares similarity of Umeyama,
"Least-squares estimation of transformation parameters between two point patterns", PAMI 1991,
as in OpenCV's `FaceRecognizerSF::alignCrop`.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from beholden.model.box import Box
from beholden.model.face import Landmarks
from beholden.model.frame import Detail, Pixels

SIDE = 112
TEMPLATE: npt.NDArray[np.float64] = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]]
)
"""Where the subject's right eye, left eye, nose, right and left mouth corner belong, pixels."""
Transform = npt.NDArray[np.float64]
"""(2, 3): multiply (x, y, 1) to move from the source to the aligned picture."""


def similarity(points: npt.NDArray[np.floating]) -> Transform:
    """The rotation, uniform scale and shift that bring `points` (5x2) closest to the template."""
    source = np.asarray(points, np.float64)
    source_mean, target_mean = source.mean(0), TEMPLATE.mean(0)
    a, b = source - source_mean, TEMPLATE - target_mean
    u, singular, vt = np.linalg.svd(b.T @ a / len(source))
    sign = np.array([1.0, np.sign(np.linalg.det(u) * np.linalg.det(vt)) or 1.0])
    rotation = u @ np.diag(sign) @ vt
    variance = (a**2).sum() / len(source)
    scale = float((singular * sign).sum() / variance) if variance > 0 else 1.0
    matrix = np.empty((2, 3))
    matrix[:, :2] = scale * rotation
    matrix[:, 2] = target_mean - scale * rotation @ source_mean
    return matrix


def align(pixels: Pixels, landmarks: npt.NDArray[np.floating], out: Pixels | None = None) -> Pixels:
    """The aligned face, 112x112x3 uint8 BGR, bilinear; written into `out` where given."""
    return cv2.warpAffine(  # type: ignore[return-value]
        pixels, similarity(landmarks), (SIDE, SIDE), dst=out, flags=cv2.INTER_LINEAR
    )


def cut(detail: Detail, landmarks: Landmarks, scale: tuple[float, float], out: Pixels | None = None) -> Pixels | None:
    """The aligned face cut from the largest picture of its moment; None when it lies outside.

    `landmarks` are pixels of the analysed picture, `scale` leads to pixels of `detail`. Only the
    region that the transform reads is converted.
    """
    points = landmarks.astype(np.float64) * scale
    inverse = cv2.invertAffineTransform(similarity(points))
    corners = np.array([[0, 0, 1], [SIDE, 0, 1], [0, SIDE, 1], [SIDE, SIDE, 1]], np.float64) @ inverse.T
    low, high = corners.min(0) - 2, corners.max(0) + 2
    region = Box(float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1])).within(*detail.size)
    if region is None:
        return None
    left, top, right, bottom = region
    pixels = detail.crop(left, top, right, bottom)
    # An offset crop moves the points only: widths and distances stay as they are.
    aligned = align(pixels, points - (left, top), out)
    pixels.fill(0)
    return aligned
