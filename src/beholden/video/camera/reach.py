"""Opening a camera, of whichever kind its address says: RTSP, MJPEG, a webcam, or a file played as one."""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import av
from av.container import InputContainer
from av.error import FFmpegError

from beholden.model.errors import InputError, SourceLost
from beholden.video.camera.address import AddressRules, CameraAddress, parse_address
from beholden.video.camera.decoder import CODECS
from beholden.video.camera.dial import Timeouts
from beholden.video.camera.feed import ContainerFeed, Feed
from beholden.video.camera.jpeg_feed import JpegFeed
from beholden.video.camera.mjpeg import open_mjpeg
from beholden.video.camera.relay import Relay, open_relay
from beholden.video.camera.replay import Replay
from beholden.video.camera.resolve import Lookup, resolve
from beholden.video.camera.webcam import open_webcam

_LONGER_S = 2.0  # the relay speaks first: it knows what is wrong


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a camera takes from outside: clocks (time.monotonic, time.time), names, and chance (0 up to 1)."""

    monotonic: Callable[[], float] = time.monotonic
    system: Callable[[], float] = time.time
    lookup: Lookup = socket.getaddrinfo
    chance: Callable[[], float] = random.random
    timeouts: Timeouts = field(default_factory=Timeouts)


def open_feed(
    address: str,
    rules: AddressRules,
    around: Surroundings,
    pause: Callable[[float], object],
    fingerprint: str | None = None,
) -> Feed:
    """Connect to a camera; blocks for its timeouts at most. `pause` waits for seconds (a file is played in real time).

    Raises AddressRefused, CameraRefused, SourceLost, and for a file what opening one raises.
    """
    where = parse_address(address, rules)
    if where.kind == "file":
        return Replay(Path(where.path), monotonic=around.monotonic, pause=pause)
    if where.kind == "webcam":
        return open_webcam(where.path, around.monotonic)
    pinned = resolve(where, rules, around.lookup)
    if where.kind in {"http", "https"}:
        return JpegFeed(open_mjpeg(where, pinned, around.timeouts, fingerprint=fingerprint, monotonic=around.monotonic))
    return _open_rtsp(where, open_relay(where, pinned, around.timeouts, fingerprint=fingerprint), around)


def _open_rtsp(where: CameraAddress, relay: Relay, around: Surroundings) -> Feed:
    def why() -> InputError | None:
        relay.close()
        return relay.problem

    try:
        container = _open_container(relay.url, around.timeouts)
    except (FFmpegError, OSError, ValueError):  # its text holds the relay's address, and says nothing
        raise why() or SourceLost(f"{where}: the camera answers, and its stream cannot be read") from None
    except BaseException:
        relay.close()
        raise
    return ContainerFeed(container, monotonic=around.monotonic, why=why, release=relay.close)


def _open_container(url: str, timeouts: Timeouts) -> InputContainer:
    connect_s, idle_s = timeouts.connect_s + timeouts.idle_s + _LONGER_S, timeouts.idle_s + _LONGER_S
    return av.open(
        url,
        format="rtsp",
        container_options={
            "rtsp_transport": "tcp",
            "timeout": str(round(idle_s * 1e6)),
            "allowed_media_types": "video",  # sound is not even asked for
            "protocol_whitelist": "tcp",
            "codec_whitelist": ",".join(CODECS),
            "fpsprobesize": "0",
            "analyzeduration": str(round(connect_s * 0.5e6)),
        },
        timeout=(connect_s, idle_s),
        metadata_errors="replace",
    )
