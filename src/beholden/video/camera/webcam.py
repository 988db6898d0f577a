"""A camera of this machine, through Video4Linux."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable

import av
from av.error import FFmpegError

from beholden.model.errors import CameraRefused, SourceLost
from beholden.video.camera.decoder import CODECS
from beholden.video.camera.feed import ContainerFeed, Feed

_TIMEOUT_S = (5.0, 5.0)
_ADVICE = "List them with `ls /dev/video*`; plug it in, and close other programs that use it."


def open_webcam(device: str, monotonic: Callable[[], float]) -> Feed:
    """The pictures of `device` (/dev/videoN). Raises SourceLost (not there, in use) or CameraRefused (not allowed)."""
    try:
        if not stat.S_ISCHR(os.stat(device).st_mode):
            raise SourceLost("there is no such webcam", advice=_ADVICE)
        if not os.access(device, os.R_OK | os.W_OK):
            raise CameraRefused("this account may not use the webcam", advice="Add it to the group `video`.")
    except OSError as error:
        raise SourceLost("there is no such webcam", advice=_ADVICE) from error
    try:
        container = av.open(device, format="v4l2", timeout=_TIMEOUT_S)
    except (FFmpegError, OSError, ValueError):
        raise SourceLost("the webcam cannot be opened", advice=_ADVICE) from None
    return ContainerFeed(
        container,
        monotonic=monotonic,
        why=lambda: SourceLost("the webcam was unplugged, or sends nothing", advice=_ADVICE),
        release=lambda: None,
        codecs=(*CODECS, "rawvideo"),
    )
