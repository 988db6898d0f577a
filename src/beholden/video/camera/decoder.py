"""From the packets of a live stream to whole pictures: what is damaged is not shown.

A picture that lost some of its bytes is patched up by the decoder and flagged; those that build on
it look whole and are not. So after any damage nothing is shown until the next keyframe.

Bytes of HEVC that were changed, and still mean something, are not noticed: it has no redundancy. TCP
changes none; what is lost or cut short is noticed.
"""

from __future__ import annotations

from typing import Literal, cast

import av
from av.codec.context import ThreadType
from av.error import FFmpegError

from beholden.model.errors import CameraRefused
from beholden.video.camera.gaps import Gaps

HEALED_S = 30.0
"""Streams without keyframes (gradual refresh) are shown again when nothing was damaged for this long."""
CODECS = ("h264", "hevc", "mjpeg", "mpeg4", "av1", "vp8", "vp9")
"""What cameras send. Other decoders of FFmpeg stay closed to them."""

_NOTHING = -(1 << 63)  # no time of any picture: FFmpeg's own mark for "none"


class Decoder:
    """One connection's decoder. `damaged` counts packets and pictures that were lost or broken.

    For one thread, and one decoding thread inside. It keeps no lock: whoever waits for it can tell
    from outside that it hangs.
    """

    def __init__(self, context: av.VideoCodecContext, max_pixels: int) -> None:
        """Takes over a context that has decoded nothing yet. Raises CameraRefused for pictures past `max_pixels`."""
        if context.width * context.height > max_pixels:
            raise CameraRefused(
                f"its pictures of {context.width}x{context.height} are past the limit of "
                f"{max_pixels / 1e6:.0f} million pixels",
                advice="Set a lower resolution in the camera, or raise BEHOLDEN_LIMITS__MAX_VIDEO_PIXELS.",
            )
        context.thread_count, context.thread_type = 1, ThreadType.NONE
        context.options = {"max_pixels": str(max_pixels)}
        if context.name == "mjpeg":
            context.options |= {"err_detect": "explode"}  # else half a JPEG is a grey picture, unflagged
        self._context = context
        self._alone = context.name == "mjpeg"  # no picture refers to another
        self._gaps = Gaps(context.name, context.extradata)
        self._skips: Literal["DEFAULT", "NONREF"] = "DEFAULT"
        self._shown = False
        self._hurt_s: float | None = None
        self._heals: int | None = _NOTHING
        self.damaged = 0

    def pictures(self, packet: av.Packet[av.VideoStream], at_s: float, *, needed: bool) -> list[av.VideoFrame]:
        """The whole pictures that `packet` completes, in the order in which they are shown.

        `at_s` is now, in seconds. Not `needed`: it is not decoded if no other picture refers to it.
        An empty packet is the end: what was held back for reordering comes out.
        """
        if self._alone and self._shown and not needed:
            return []
        if packet.size:
            if packet.is_corrupt or self._gaps.before(packet):
                self._hurt(at_s)
            if packet.is_keyframe and not packet.is_corrupt:
                self._heals = packet.pts
            self._skip("DEFAULT" if needed or not self._shown else "NONREF")
        try:
            found = cast("list[av.VideoFrame]", self._context.decode(packet if packet.size else None))
        except (FFmpegError, ValueError):  # ValueError: sizes and formats that PyAV cannot hold
            self._hurt(at_s)
            return []
        return [picture for picture in found if self._whole(picture, at_s)]

    def _whole(self, picture: av.VideoFrame, at_s: float) -> bool:
        self._shown = True
        if picture.is_corrupt:
            self._hurt(at_s)
        elif self._hurt_s is not None:
            # A keyframe that came before the damage may come out after it: that one heals nothing.
            healed = picture.key_frame and picture.pts == self._heals
            if healed or at_s - self._hurt_s >= HEALED_S:
                self._hurt_s = None
        return self._hurt_s is None

    def _hurt(self, at_s: float) -> None:
        self.damaged += 1
        self._heals = _NOTHING
        if self._shown:  # before the first picture the decoder itself waits for a keyframe
            self._hurt_s = at_s

    def _skip(self, which: Literal["DEFAULT", "NONREF"]) -> None:
        if which != self._skips:
            self._context.skip_frame = self._skips = which
