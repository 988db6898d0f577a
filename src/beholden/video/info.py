"""What is known about a source before its first frame is used."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """`size` (width, height) as displayed, None for a folder; `rotation` degrees counter-clockwise that
    were applied (0, 90, 180, -90); `codec` as FFmpeg names it, or the image format; `frame_rate` per
    second and `duration_s` None when the file does not say; `pictures` how many files a folder has.
    """

    path: Path
    kind: Literal["video", "still", "folder"]
    codec: str
    size: tuple[int, int] | None
    rotation: int = 0
    frame_rate: float | None = None
    duration_s: float | None = None
    pictures: int | None = None
