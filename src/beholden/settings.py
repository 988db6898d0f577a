"""Settings: one frozen object, read once from `beholden.toml` and BEHOLDEN_* variables, then passed in.

Environment wins over the file, the file over the defaults; nested names are joined by two
underscores (`BEHOLDEN_RECOGNITION__FPIR=0.001`). A name that does not exist is an error, never
ignored. docs/settings.md is made from this file.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from beholden.model.errors import SettingsError
from beholden.model.grant import Capture, Place, Purpose
from beholden.model.ids import PlaceId

FILE_NAME = "beholden.toml"
PREFIX = "BEHOLDEN_"
PlaceName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Recognition(_Section):
    """How sure a name must be."""

    fpir: float = Field(default=0.01, gt=0, le=0.1, description="How often a stranger's track may be named, at most.")
    min_width_px: float = Field(
        default=48, ge=32, le=400, description="Narrower faces are covered, never recognised (pixels)."
    )
    rate: float = Field(default=5.0, ge=1, le=30, description="Analysed frames per second.")
    analysis_width: int = Field(default=640, ge=320, le=3840, description="Width of the analysed picture (pixels).")
    analysis_height: int = Field(default=360, ge=180, le=2160, description="Height of the analysed picture (pixels).")


class Covering(_Section):
    """How faces are hidden."""

    score: float = Field(default=0.3, ge=0.05, le=0.5, description="Detector score from which a face is covered.")


class Recording(_Section):
    """How covered video is written."""

    codec: Literal["libx264", "libvpx-vp9", "libsvtav1"] = Field(default="libx264", description="Encoder of FFmpeg.")
    crf: int | None = Field(
        default=None, ge=0, le=63, description="Lower is better and larger; unset: the encoder's usual."
    )


class Limits(_Section):
    """What is accepted from outside."""

    max_pixels: int = Field(default=100_000_000, ge=1_000_000, description="Largest still, pixels.")
    max_bytes: int = Field(default=256 * 2**20, ge=1_000_000, description="Largest still, bytes.")


class Models(_Section):
    """Which recogniser is used."""

    recogniser: str = Field(default="sface-2021dec", description="A name from `beholden models`.")
    accept_non_commercial: bool = Field(
        default=False, description="Accept a model whose licence forbids commercial use."
    )


class Storage(_Section):
    """Where things lie."""

    keystore: Path | None = Field(default=None, description="The keystore; `keystore` in the data folder if unset.")
    cache: Path | None = Field(default=None, description="Prepared weights; the user's cache folder if unset.")


class PlaceSettings(_Section):
    """A set of cameras that people know by one name: `[places.lobby]`."""

    zone: str = Field(default="UTC", description="IANA time zone, in which granted hours are read.")
    capture: Capture | None = Field(default=None, description="`lane`, `button` or `declared`; unset: no naming.")
    purposes: tuple[Purpose, ...] = Field(default=(Purpose.ENTRANCE,), description="What recognition is for here.")

    @field_validator("zone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"no such time zone: {value}") from error
        return value


class Settings(_Section):
    """Everything that can be set."""

    recognition: Recognition = Recognition()
    covering: Covering = Covering()
    recording: Recording = Recording()
    limits: Limits = Limits()
    models: Models = Models()
    storage: Storage = Storage()
    places: dict[PlaceName, PlaceSettings] = Field(default_factory=dict)

    def place(self, name: str) -> Place:
        """The place of that name; SettingsError when there is none."""
        if name not in self.places:
            known = ", ".join(sorted(self.places)) or "none"
            raise SettingsError(f"there is no place called {name!r} (there are: {known})")
        found = self.places[name]
        return Place(PlaceId(name), found.zone, found.capture, found.purposes)


def read_settings(folder: Path | None = None, environment: dict[str, str] | None = None) -> Settings:
    """The settings of a data folder (None: defaults and environment only).

    Raises SettingsError that names every wrong entry at once.
    """
    values: dict[str, object] = {}
    if folder is not None and (folder / FILE_NAME).exists():
        try:
            values = tomllib.loads((folder / FILE_NAME).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise SettingsError(f"{FILE_NAME} cannot be read: {error}") from error
    _merge_environment(values, dict(os.environ) if environment is None else environment)
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise SettingsError(f"settings that cannot be used: {wrong}") from error


RESERVED = frozenset({"BEHOLDEN_DATA"})
"""Read by the command line itself: the data folder."""


def _merge_environment(values: dict[str, object], environment: dict[str, str]) -> None:
    """BEHOLDEN_A__B=value becomes values["a"]["b"]; in place."""
    for name, value in sorted(environment.items()):
        if not name.startswith(PREFIX) or name in RESERVED:
            continue
        *sections, last = name.removeprefix(PREFIX).lower().split("__")
        at = values
        for section in sections:
            inner = at.setdefault(section, {})
            if not isinstance(inner, dict):
                raise SettingsError(f"{name}: {section} is not a section")
            at = inner
        at[last] = value.split(",") if last == "purposes" else value
