"""Has anything changed since the detector last looked? If not, its answer still holds.

The picture is compared with the one the detector saw last (not with the frame before: slow changes add
up), by the rule of `video.change`. A frame that passes unseen differs nowhere from one that was seen,
so it inherits its covers.
"""

from __future__ import annotations

from beholden.model.frame import Pixels
from beholden.video.change import averaged, differ

LOOK_AGAIN_S = 2.0
"""The detector looks at least this often, changed or not."""


class MotionGate:
    """One camera's memory of what the detector saw last.

    `moved`: whether the last picture differed from it, and not only was due to be looked at again.
    """

    def __init__(self) -> None:
        self._seen: Pixels | None = None
        self._seen_s = -LOOK_AGAIN_S
        self.moved = True

    def changed(self, pixels: Pixels, now_s: float) -> bool:
        """Whether the detector must look at this BGR picture; remembers it when so."""
        grey = averaged(pixels)
        self.moved = self._seen is None or differ(grey, self._seen)
        look = self.moved or now_s - self._seen_s >= LOOK_AGAIN_S
        if look:
            self._seen, self._seen_s = grey, now_s
        return look
