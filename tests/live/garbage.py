"""Decoding what is broken, in a process of its own: `python -m tests.live.garbage CLIP CODEC SEED COUNT`.

Packets of a clip are mutated and taken as a camera's. Prints one line of JSON: how many packets were
mutated, how many frames came, and how many of those the decoder itself flags as corrupt.
"""

from __future__ import annotations

import json
import sys
import time

from beholden.model.errors import InputError
from beholden.model.frame import Frame
from beholden.model.ids import CameraId
from beholden.video.camera.frames import Frames, LiveOptions
from beholden.video.camera.wall import WallClock
from beholden.video.camera.zones import Zones
from beholden.video.picture import FilmDetail
from tests.live.feeds import BrokenFeed


def main(path: str, codec: str, seed: int, count: int) -> dict[str, int]:
    feed = BrokenFeed(path, codec, seed)
    clock = WallClock(0.0, time.time())
    frames = Frames(CameraId("broken"), LiveOptions(rate=None), Zones(()), clock, time.time)
    came: list[Frame] = []
    corrupt = refused = 0
    while feed.mutated < count:
        try:
            for arrival in feed.arrivals():
                for live in frames.take(feed, arrival):
                    detail = live.frame.detail
                    assert isinstance(detail, FilmDetail)
                    corrupt += detail.frame.is_corrupt
                    came.append(live.frame)
                    del came[:-3]
                if feed.mutated >= count:
                    break
        except InputError:  # the camera is given up, and comes back
            refused += 1
    return {"mutated": feed.mutated, "frames": frames.analysed, "corrupt": corrupt, "given_up": refused}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))))
