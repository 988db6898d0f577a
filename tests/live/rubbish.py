"""Live cameras whose packets are mutated on the way, in a process of its own.

`python -m tests.live.rubbish FOLDER COUNT` plays `noisy.mp4` of FOLDER by real RTSP through faulty proxies,
several at once, until COUNT packets were mutated. Prints one line of JSON: packets mutated, frames, and
frames that the decoder flags as corrupt.
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
from pathlib import Path

from beholden.video.camera.live import LiveFrame
from beholden.video.picture import FilmDetail
from tests.live.watched import Watched, spec_of
from tests.rtsp.faults import FaultProxy
from tests.rtsp.server import TownRtsp

SHARES = (0.1, 0.002, 0.01, 0.002, 0.05)
"""Of the packets of each camera that are mutated: with many, no picture is whole; with few, most are."""
_LONGEST_S = 240.0


class Counting(Watched):
    """Keeps no frames: counts them, and those whose picture the decoder flags."""

    count = corrupt = 0

    def _deliver(self, live: LiveFrame) -> None:
        detail = live.frame.detail
        assert isinstance(detail, FilmDetail)
        self.count += 1
        self.corrupt += detail.frame.is_corrupt


def main(folder: str, count: int) -> dict[str, int]:
    with contextlib.ExitStack() as stack:
        town = stack.enter_context(TownRtsp(Path(folder)))
        proxies = [stack.enter_context(FaultProxy(town.port)) for _ in SHARES]
        for seed, (proxy, share) in enumerate(zip(proxies, SHARES, strict=True)):
            proxy.garbage(seed, share, framing=seed % 2 == 0)
        cameras = [stack.enter_context(Counting(spec_of(proxy.url("noisy.mp4")), rate=None)) for proxy in proxies]
        until = time.monotonic() + _LONGEST_S
        while sum(proxy.mutated for proxy in proxies) < count and time.monotonic() < until:
            time.sleep(0.1)
    return {
        "mutated": sum(proxy.mutated for proxy in proxies),
        "frames": sum(camera.count for camera in cameras),
        "corrupt": sum(camera.corrupt for camera in cameras),
        "reconnects": sum(camera.health.reconnects for camera in cameras),
    }


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]))))
