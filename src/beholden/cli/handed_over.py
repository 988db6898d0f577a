"""Files that a person takes away, a receipt or keys: nothing is written over, and no other account can read them."""

from __future__ import annotations

import os
from pathlib import Path

from beholden.model.errors import OutputRefused


def refuse_existing(path: Path) -> None:
    """Before anything is done for it. Raises OutputRefused."""
    if os.path.lexists(path):
        raise OutputRefused(f"{path} is there already", advice="Name another file.")


def hand_over(path: Path, text: str) -> None:
    """Write a new file, mode 0600. Raises OutputRefused, StorageFull; then there is none."""
    from beholden.video.output import output_error

    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError as error:
        raise OutputRefused(f"{path} is there already", advice="Name another file.") from error
    except OSError as error:
        raise output_error(path, error) from error
    try:
        with open(file, "w", encoding="utf-8", newline="") as out:
            out.write(text)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise output_error(path, error) from error
