"""What runs here, as far as papers tell it: values that whoever makes them hands in, no secret among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from beholden.consent.notice import Controller
from beholden.consent.purposes import policy_of
from beholden.model.camera import Camera
from beholden.model.grant import Capture, Place, Purpose


@dataclass(frozen=True, slots=True)
class PlaceRunning:
    """A place with its cameras, and what the operator recorded for `declared`."""

    place: Place
    cameras: tuple[Camera, ...] = ()
    legal_basis: str = ""
    impact_assessment: str = ""

    @property
    def recorded(self) -> bool:
        """Whether any covered picture of the place is kept."""
        return any(camera.record for camera in self.cameras)


@dataclass(frozen=True, slots=True)
class ModelRunning:
    name: str
    role: str
    digest: str
    licence: str
    source: str


@dataclass(frozen=True, slots=True)
class Keeping:
    """Where things lie, in words: no path, no address, no password. `witnesses`: names of their keys."""

    records: str
    keystore: str
    wrapping: str
    witnesses: tuple[str, ...]
    keep_days: float
    keep_gb: float


@dataclass(frozen=True, slots=True)
class Running:
    """All of it. `thresholds`: what is promised, and what it is here. `policy` and `settings`: the lines that hold.

    `policy_digest` (SHA-256, hex) is what `beholden policy show` prints, `settings_digest` what the log's
    `rules_changed` has. `held`: which of them others have not approved yet.
    """

    version: str
    rehearsal: bool
    controller: Controller
    places: tuple[PlaceRunning, ...]
    models: tuple[ModelRunning, ...]
    thresholds: tuple[tuple[str, str], ...]
    keeping: Keeping
    policy: Sequence[str]
    settings: Sequence[str]
    policy_digest: str
    settings_digest: str
    held: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What has to stand on every paper before anybody believes it."""
        found = ["REHEARSAL: nobody in this installation is real."] if self.rehearsal else []
        if self.held:
            found.append(f"Not in force until approved: the {' and '.join(self.held)}. Until then nobody is named.")
        return tuple(found)

    @property
    def purposes(self) -> tuple[Purpose, ...]:
        """What recognition may be for here: at some place, or in files, which have none."""
        at_places = {purpose for each in self.places for purpose in each.place.purposes}
        return tuple(each for each in Purpose if each in at_places or not policy_of(each).at_places)

    def at(self, purpose: Purpose) -> tuple[str, ...]:
        """The places that serve a purpose."""
        return tuple(each.place.id for each in self.places if purpose in each.place.purposes)

    @property
    def declared(self) -> tuple[PlaceRunning, ...]:
        """Where everybody who passes is compared."""
        return tuple(each for each in self.places if each.place.capture is Capture.DECLARED)
