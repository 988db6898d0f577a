"""YuNet: where faces are, with five landmarks.

Source: Wu et al., "YuNet: A Tiny Millisecond-level Face Detector", 2023; decoding as in OpenCV's
`FaceDetectorYN` (modules/objdetect/src/face_detect.cpp), which the golden vectors compare with.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from beholden.faces.catalogue import CatalogueEntry
from beholden.faces.session import RUNTIME_ERRORS, open_session
from beholden.model.box import Box
from beholden.model.errors import ModelError
from beholden.model.face import Face
from beholden.model.frame import Pixels

STRIDES = (8, 16, 32)
NMS_IOU = 0.3
"""Boxes that overlap more are one face (OpenCV's default)."""
MOST_FACES = 5000
COVER_BORDER = 16
"""Black pixels around a picture that is to be covered. Half a face at the right edge: score .28 without them (and
nothing is covered), .66 and more with 16, .73 with 32, at a sixth more time at 640x360."""
PAD = 32

Rows = npt.NDArray[np.float32]
"""(n, 15) float32: x, y, w, h, five points (x, y), score; pixels of the given picture."""


class Detector:
    """Finds faces in BGR pictures. Not for use by two threads at once: the input buffer is reused."""

    def __init__(self, entry: CatalogueEntry, graph: bytes) -> None:
        self.entry = entry
        self._session = open_session(graph, entry.name)
        self._outputs = [f"{kind}_{stride}" for kind in ("cls", "obj", "bbox", "kps") for stride in STRIDES]
        self._buffer: npt.NDArray[np.float32] = np.zeros((1, 3, PAD, PAD), np.float32)
        self._filled = (0, 0, 0)
        self._planes: list[Pixels] = []
        self._cells: dict[tuple[int, int, int], npt.NDArray[np.float32]] = {}

    def detect(self, pixels: Pixels, threshold: float, border: int = 0) -> list[Face]:
        """Faces with a score of at least `threshold` (0-1) in one BGR picture, best first.

        `border` black pixels are put around the picture: half a face at its edge is found with them,
        and hardly without. Boxes are in pixels of the picture all the same.
        """
        rows = suppress(self._rows(pixels, threshold, border))
        return [_face(row) for row in rows]

    def detect_at_scales(self, pixels: Pixels, threshold: float, longest: Sequence[int], border: int = 0) -> list[Face]:
        """Faces found with the longer side shrunk to each of `longest` (never enlarged), merged.

        One size misses faces: at full size very large ones, at a small size small ones. `border` as in `detect`.
        """
        found: list[Rows] = []
        height, width = pixels.shape[:2]
        for side in dict.fromkeys(min(side, max(height, width)) for side in longest):
            ratio = side / max(height, width)
            if ratio == 1.0:
                found.append(self._rows(pixels, threshold, border))
                continue
            target = (max(1, round(width * ratio)), max(1, round(height * ratio)))
            small = np.asarray(cv2.resize(pixels, target, interpolation=cv2.INTER_AREA), np.uint8)
            rows = self._rows(small, threshold, border)
            rows[:, 0:14:2] *= width / small.shape[1]
            rows[:, 1:14:2] *= height / small.shape[0]
            found.append(rows)
        return [_face(row) for row in suppress(np.concatenate(found))]

    def _rows(self, pixels: Pixels, threshold: float, border: int) -> Rows:
        try:
            outputs = [
                np.asarray(output)[0]
                for output in self._session.run(self._outputs, {self.entry.inputs[0]: self._fill(pixels, border)})
            ]
        except RUNTIME_ERRORS as error:
            raise ModelError(f"{self.entry.name} failed: {str(error).splitlines()[0]}") from error
        width = self._buffer.shape[3]
        found: list[Rows] = []
        for level, stride in enumerate(STRIDES):
            cls, obj, bbox, kps = outputs[level::3]
            found.append(_decode(cls, obj, bbox, kps, self._grid(width, stride), stride, threshold))
        rows = np.concatenate(found)
        if border:
            rows[:, 0:2] -= border  # x and y move, width and height do not
            rows[:, 4:14] -= border
        return rows

    def _fill(self, pixels: Pixels, border: int) -> npt.NDArray[np.float32]:
        """BGR 0-255 planes inside `border` zeros, zero-padded further on the right and bottom to multiples of 32."""
        height, width = pixels.shape[:2]
        padded = (-(-(height + 2 * border) // PAD) * PAD, -(-(width + 2 * border) // PAD) * PAD)
        if self._buffer.shape[2:] != padded:
            self._buffer = np.zeros((1, 3, *padded), np.float32)
        elif self._filled != (height, width, border):
            self._buffer.fill(0.0)
        if self._filled[:2] != (height, width):
            self._planes = [np.empty((height, width), np.uint8) for _ in range(3)]
        self._filled = (height, width, border)
        # Taking the channels apart first makes the conversion read in order: half the time.
        cv2.split(pixels, self._planes)
        for channel, plane in enumerate(self._planes):
            np.copyto(self._buffer[0, channel, border : border + height, border : border + width], plane)
        return self._buffer

    def _grid(self, width: int, stride: int) -> npt.NDArray[np.float32]:
        """(cells, 2) column and row of every cell."""
        height = self._buffer.shape[2]
        key = (width, height, stride)
        if key not in self._cells:
            rows, columns = np.mgrid[0 : height // stride, 0 : width // stride]
            self._cells[key] = np.stack([columns.ravel(), rows.ravel()], axis=1).astype(np.float32)
        return self._cells[key]


def _decode(
    cls: Rows, obj: Rows, bbox: Rows, kps: Rows, grid: npt.NDArray[np.float32], stride: int, threshold: float
) -> Rows:
    """Rows of one level whose score = sqrt(cls * obj), each clamped to 0-1, reaches the threshold."""
    score = np.sqrt(np.clip(cls[:, 0], 0.0, 1.0) * np.clip(obj[:, 0], 0.0, 1.0))
    keep = np.flatnonzero(score >= threshold)
    rows = np.empty((keep.size, 15), np.float32)
    if not keep.size:
        return rows
    cells = grid[keep]
    centre = (cells + bbox[keep, :2]) * stride
    size = np.exp(bbox[keep, 2:]) * stride
    rows[:, 0:2] = centre - size / 2
    rows[:, 2:4] = size
    rows[:, 4:14] = ((kps[keep].reshape(-1, 5, 2) + cells[:, None, :]) * stride).reshape(-1, 10)
    rows[:, 14] = score[keep]
    return rows


def suppress(rows: Rows) -> Rows:
    """Keep the best of boxes that overlap (greedy non-maximum suppression), best first."""
    if not len(rows):
        return rows
    kept = cv2.dnn.NMSBoxes(rows[:, :4].tolist(), rows[:, 14].tolist(), 0.0, NMS_IOU, top_k=MOST_FACES)
    return rows[np.asarray(kept).ravel()]


def _face(row: npt.NDArray[np.float32]) -> Face:
    landmarks = row[4:14].reshape(5, 2).copy()
    landmarks.flags.writeable = False
    x, y, w, h = (float(value) for value in row[:4])
    return Face(Box(x, y, w, h), landmarks, float(row[14]))
