"""How much a file may ask of this machine before it is refused."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one input. A file past one of them raises InputTooLarge before memory is taken for it.

    `max_bytes` and `max_pixels` are for stills (a video is read piece by piece, so its length costs
    nothing); `max_video_pixels` is for one picture of a video; `max_folder` is how many files of a
    folder are read. `max_damaged` is how many undecodable pictures close together are passed over
    before a video counts as damaged: one broken packet of a camera's recording should not cost the
    rest of the day.
    """

    max_bytes: int = 256 * 1024 * 1024
    max_pixels: int = 100_000_000
    max_video_pixels: int = 8192 * 8192
    max_folder: int = 100_000
    max_damaged: int = 5
