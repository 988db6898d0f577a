"""JPEG pictures of an HTTP camera as a feed: each is a packet of its own, without a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import av

from beholden.model.errors import SourceLost
from beholden.video.camera.feed import Arrival
from beholden.video.camera.mjpeg import Mjpeg


class JpegFeed:
    """A feed from `Mjpeg`, which it takes over."""

    def __init__(self, camera: Mjpeg) -> None:
        self._camera = camera
        self.context = cast("av.VideoCodecContext", av.CodecContext.create("mjpeg", "r"))

    def arrivals(self) -> Iterator[Arrival]:
        """Raises SourceLost, CameraRefused."""
        begins = True
        for jpeg in self._camera.pictures():
            packet = cast("av.Packet[av.VideoStream]", av.Packet(jpeg.data))
            packet.is_keyframe = True
            yield Arrival(packet, jpeg.arrived_s, begins)
            begins = False
        raise SourceLost("the camera was let go")

    def close(self) -> None:
        self._camera.close()
