"""Playing a camera as FFmpeg does, and saying which frames came."""

from __future__ import annotations

import av

from tests.rtsp.clip import frame_number

OPTIONS = {"rtsp_transport": "tcp", "timeout": "5000000", "fpsprobesize": "0", "analyzeduration": "500000"}


def play(url: str, count: int | None = None) -> list[int]:
    """The numbers of the first `count` frames of a moving clip at `url`; None = until it ends.

    Raises what PyAV raises.
    """
    seen: list[int] = []
    with av.open(url, options=OPTIONS, timeout=(8, 8)) as container:
        for frame in container.decode(video=0):
            seen.append(frame_number(frame.to_ndarray(format="bgr24")))
            if count is not None and len(seen) >= count:
                break
    return seen
