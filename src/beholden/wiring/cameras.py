"""What live cameras are opened with, and where their covered timelines lie."""

from __future__ import annotations

from pathlib import Path

from beholden.settings import Settings
from beholden.video.camera.address import AddressRules
from beholden.video.camera.live import LiveOptions, Resting
from beholden.wiring.engine import input_limits

RECORDINGS = "recordings"
"""The covered timelines, inside the data folder."""


def recordings_folder(data: Path) -> Path:
    """Where the timelines of all cameras lie."""
    return data / RECORDINGS


def address_rules(settings: Settings, *, rehearsal: bool) -> AddressRules:
    """What may be opened: a rehearsal plays files and streams of this machine and nothing else."""
    return AddressRules(
        loopback=rehearsal or settings.cameras.loopback, loopback_only=rehearsal, webcams=not rehearsal, files=rehearsal
    )


def live_options(settings: Settings) -> LiveOptions:
    """How live cameras are looked at."""
    recognition = settings.recognition
    return LiveOptions(
        (recognition.analysis_width, recognition.analysis_height),
        recognition.rate,
        Resting(settings.cameras.idle),
        input_limits(settings),
    )
