"""One covered picture as a JPEG file."""

from __future__ import annotations

from pathlib import Path

from beholden.model.errors import OutputRefused
from beholden.model.frame import CoveredFrame
from beholden.video.output import PendingFile


def save_snapshot(picture: CoveredFrame, path: Path | str, *, quality: int = 90) -> None:
    """Write `picture` as JPEG, whole or not at all; an older file of that name is replaced.

    Raises TypeError for anything but a CoveredFrame, OutputRefused, StorageFull.
    """
    if not isinstance(picture, CoveredFrame):
        raise TypeError("only a CoveredFrame may leave")
    path = Path(path)
    if path.suffix.lower() not in {".jpg", ".jpeg"}:
        raise OutputRefused(f"{path}: snapshots are JPEG", advice="Give a name that ends in .jpg.")
    data = picture.to_jpeg(quality)
    file = PendingFile(path)
    file.write(data)
    file.commit()
