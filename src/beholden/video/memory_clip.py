"""A video file that lies in memory only: made by a program from pictures it drew, gone when it is closed.

For evaluation, whose clips show consenting people uncovered: nothing of them may ever lie on a disk. The recorder is
another one, and takes covered pictures alone (invariant I6; who calls this is held by an architecture test).
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
from av.error import FFmpegError

from beholden.model.errors import OutputRefused
from beholden.model.frame import Pixels

_PRESET = "ultrafast"  # as little work as a camera's own encoder does


class MemoryClip:
    """An mp4 (H.264) in anonymous memory; `path` leads to it, in this process, as long as it is not closed."""

    def __init__(self, pictures: Iterable[Pixels], size: tuple[int, int], *, fps: float, crf: int) -> None:
        """Encode pictures (HxWx3 uint8 BGR) of `size` (width, height, both even), the same bytes each time.

        `crf` of libx264: higher is worse. Raises OutputRefused when they cannot be encoded, and what `pictures` raises.
        """
        self._fd: int | None = os.memfd_create("beholden-clip", os.MFD_CLOEXEC)
        self.path = Path(f"/proc/{os.getpid()}/fd/{self._fd}")
        try:
            with open(self._fd, "wb", closefd=False) as file, av.open(file, "w", format="mp4") as container:
                rate = Fraction(fps).limit_denominator(1000)
                stream = container.add_stream("libx264", rate=rate, options={"preset": _PRESET, "crf": str(crf)})
                stream.width, stream.height = size
                stream.pix_fmt = "yuv420p"
                stream.gop_size = round(2 * fps)
                stream.codec_context.thread_count = 1
                for pixels in pictures:
                    container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="bgr24")))
                container.mux(stream.encode(None))
        except (FFmpegError, OSError) as error:
            self.close()
            raise OutputRefused(f"a clip cannot be encoded: {error}") from error
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Give the memory back. Safe to call twice."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
