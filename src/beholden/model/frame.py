"""A picture from a camera, and the only kind of picture that may leave.

`Frame` has no way to be encoded. `CoveredFrame` has, and only `video.cover` builds one
(invariant I6, held by an architecture test).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt

from beholden.model.ids import CameraId

Pixels = npt.NDArray[np.uint8]
"""HxWx3, uint8, BGR, 0-255, C-contiguous unless said otherwise."""


class Detail(Protocol):
    """The largest picture available of a frame's moment, from which single faces are cut.

    Kept as the decoder made it, so that only the cut region is converted to BGR.
    """

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels, as displayed (rotation applied)."""
        ...

    @property
    def exact(self) -> bool:
        """Whether it is the very picture that was analysed.

        False: it is of another stream of the same camera, up to a tenth of a second apart, so that a
        face has to be found in it again before it is cut out.
        """
        ...

    def settled(self) -> Detail:
        """What can really be had: itself, or the smaller picture that stands in when the larger did not come.

        May decode for a while, so it is asked only when a face is worth cutting out.
        """
        ...

    def crop(self, left: int, top: int, right: int, bottom: int) -> Pixels:
        """The region as BGR; coordinates in this picture's pixels, inside it; a fresh array."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One moment of one camera.

    `pixels` is what is analysed (HxWx3 uint8 BGR, read-only; usually smaller than the camera's
    picture); `detail` is the same moment at the camera's own size, from which shots are cut.
    `captured_at` is aware UTC. `offset_s` is seconds since the source began. `cut`: nothing in this
    frame continues the one before (another file of a folder, a camera that was lost): no face is the
    same face as before. `blind`, HxW uint8 like `pixels`, is 255 where a privacy zone was filled in;
    None without zones.
    """

    camera: CameraId
    index: int
    captured_at: datetime
    offset_s: float
    pixels: Pixels
    detail: Detail
    cut: bool = False
    blind: npt.NDArray[np.uint8] | None = None

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of `pixels`."""
        return self.pixels.shape[1], self.pixels.shape[0]

    @property
    def scale(self) -> tuple[float, float]:
        """Factors from a position in `pixels` to the same position in `detail`."""
        width, height = self.detail.size
        return width / self.pixels.shape[1], height / self.pixels.shape[0]

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a Frame is not to be pickled: only covered pixels leave")


@dataclass(frozen=True, slots=True, eq=False)
class CoveredFrame:
    """Pixels in which every detected face is a solid shape: the only pixels that are stored or shown.

    `pixels` HxWx3 uint8 BGR, read-only. `covers` counts the shapes; `whole` is true when the
    detector failed and the whole picture was covered.
    """

    index: int
    offset_s: float
    pixels: Pixels
    covers: int
    whole: bool = False

    @property
    def size(self) -> tuple[int, int]:
        return self.pixels.shape[1], self.pixels.shape[0]

    def to_jpeg(self, quality: int = 85) -> bytes:
        """The picture as JPEG bytes; `quality` 1-100. Nothing of the original file (EXIF, thumbnail) is in it."""
        done, data = cv2.imencode(".jpg", self.pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
        if not done:
            raise ValueError("cannot encode an empty picture")
        return data.tobytes()
