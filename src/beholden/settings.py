"""Settings: one frozen object, read once from `beholden.toml` and BEHOLDEN_* variables, then passed in.

Environment wins over the file, the file over the defaults; nested names are joined by two
underscores (`BEHOLDEN_RECOGNITION__FPIR=0.001`). A name that does not exist is an error, never
ignored. docs/settings.md is made from this file.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails

from beholden.consent.policy import undeclared
from beholden.model.errors import FolderForbidden, SettingsError
from beholden.model.grant import Capture, Hours, Place, Purpose
from beholden.model.ids import PlaceId

FILE_NAME = "beholden.toml"
PREFIX = "BEHOLDEN_"
PLACE_NAME = r"^[a-z][a-z0-9_-]{0,39}$"
COUNTRY = r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$"
Country = Annotated[str, Field(pattern=COUNTRY)]
PlaceName = Annotated[str, Field(pattern=PLACE_NAME)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


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


class Cameras(_Section):
    """Live cameras: what is opened, and how many processes look at them."""

    loopback: bool = Field(
        default=False, description="Open addresses of this machine too (a rehearsal always may, and opens no others)."
    )
    workers: int | None = Field(
        default=None,
        ge=1,
        le=256,
        description="Worker processes; unset: as many as cores, if there are cameras enough.",
    )
    per_worker: int = Field(
        default=16, ge=1, le=256, description="Cameras that one worker process takes before another is started."
    )
    idle: Literal["never", "careful", "always"] = Field(
        default="careful",
        description="When a still scene is looked at only at its keyframes: where somebody who crosses between two of "
        "them would be noticed, wherever there is one a second, or never (docs/cameras.md).",
    )


class Recording(_Section):
    """How covered video is written, and for how long timelines of cameras are kept."""

    codec: Literal["libx264", "libvpx-vp9", "libsvtav1"] = Field(default="libx264", description="Encoder of FFmpeg.")
    crf: int | None = Field(
        default=None, ge=0, le=63, description="Lower is better and larger; unset: the encoder's usual."
    )
    keep_gb: float = Field(
        default=20,
        gt=0,
        le=100_000,
        description="Timelines of all cameras together, GB (10^9 bytes): the oldest go first.",
    )
    keep_days: float = Field(default=7, gt=0, le=365, description="Timelines older than this go, days.")


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


class Log(_Section):
    """Who outside sees the log grow (docs/log-format.md)."""

    batch: int = Field(
        default=32,
        ge=1,
        le=4096,
        description="Leaves of sightings that each place gets in each hour, busy or not; more than ever happen there.",
    )
    witnesses: tuple[str, ...] = Field(
        default=(),
        max_length=16,
        description="Each a key and an address with a space between them; asked every minute to cosign the log's head.",
    )


class Storage(_Section):
    """Where things lie."""

    database: SecretStr | None = Field(
        default=None,
        description="The records on a PostgreSQL server: `postgresql://USER@HOST/DATABASE`, a database for each data "
        "folder; `beholden.db` in the data folder if unset. Backups copy `beholden.toml`: a password belongs into "
        "`BEHOLDEN_STORAGE__DATABASE` or `~/.pgpass`.",
    )
    keystore: Path | None = Field(default=None, description="The keystore; `keystore` in the data folder if unset.")
    cache: Path | None = Field(default=None, description="Prepared weights; the user's cache folder if unset.")


class Keystore(_Section):
    """A program of yours that wraps the keystore's keys: a KMS, a vault, a token (docs/kms.md)."""

    wrap: tuple[str, ...] = Field(
        default=(),
        max_length=64,
        description="The program, by its absolute path, and its arguments; unset: keys lie in private files.",
    )
    unwrap: tuple[str, ...] = Field(
        default=(),
        max_length=64,
        description="The program that wrapped them until now, where `keystore.wrap` is another one, or unset again.",
    )

    @field_validator("wrap", "unwrap")
    @classmethod
    def _absolute(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if value and not Path(value[0]).is_absolute():
            raise ValueError(f"a program is named by its absolute path, and this is not one: {value[0]}")
        if any("\0" in each for each in value):
            raise ValueError("no argument has a zero byte in it")
        return value


class Controller(_Section):
    """Who answers for this installation: every notice says so, and without it nobody can be asked for a yes."""

    name: str = Field(default="", max_length=200, description="Who answers: a person, a company, an authority.")
    contact: str = Field(default="", max_length=500, description="How people reach them.")
    authority: str = Field(default="", max_length=200, description="The authority that takes complaints.")
    officer: str | None = Field(default=None, max_length=500, description="The data protection officer, if any.")
    address: str = Field(default="", max_length=500, description="Where they are; every receipt says it.")
    jurisdiction: Country | None = Field(
        default=None, description="Under whose law, as in ISO 3166, like `IE` or `US-IL`; every receipt says it."
    )
    stored_in: Country | None = Field(
        default=None, description="Where this installation keeps its records, likewise; unset: `jurisdiction`."
    )
    rights_at: str = Field(
        default="", max_length=500, description="Where or how people withdraw, correct and ask; unset: `contact`."
    )
    gdpr: bool = Field(default=True, description="Whether the GDPR applies: receipts then name its articles.")


class PlaceSettings(_Section):
    """A set of cameras that people know by one name: `[places.lobby]`."""

    zone: str = Field(default="UTC", description="IANA time zone, in which hours are read.")
    capture: Capture | None = Field(default=None, description="`lane`, `button` or `declared`; unset: no naming.")
    purposes: tuple[Purpose, ...] = Field(default=(Purpose.ENTRANCE,), description="What recognition is for here.")
    hours: str | None = Field(
        default=None, description="Nobody is named outside, like `08:00-20:00`, by the clock there; unset: always."
    )
    legal_basis: str | None = Field(
        default=None, max_length=500, description="For `declared`: why people who are not enrolled may be processed."
    )
    impact_assessment: str | None = Field(
        default=None, max_length=500, description="For `declared`: where the data protection impact assessment is."
    )

    @field_validator("zone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"no such time zone: {value}") from error
        return value

    @field_validator("hours")
    @classmethod
    def _hours_read(cls, value: str | None) -> str | None:
        if value is not None:
            Hours.parse(value)
        return value

    @model_validator(mode="after")
    def _declared_is_declared(self) -> PlaceSettings:
        missing = undeclared(self.capture, self.legal_basis, self.impact_assessment)
        if missing:
            raise ValueError(f'capture = "declared" needs {" and ".join(missing)} (docs/intended-use.md says why)')
        return self


class Settings(_Section):
    """Everything that can be set."""

    recognition: Recognition = Recognition()
    covering: Covering = Covering()
    cameras: Cameras = Cameras()
    recording: Recording = Recording()
    limits: Limits = Limits()
    models: Models = Models()
    log: Log = Log()
    storage: Storage = Storage()
    keystore: Keystore = Keystore()
    controller: Controller = Controller()
    places: dict[PlaceName, PlaceSettings] = Field(default_factory=dict)

    @property
    def database(self) -> str | None:
        """`storage.database` as it is written, with its password: never to be shown."""
        return None if self.storage.database is None else self.storage.database.get_secret_value()

    def place(self, name: str) -> Place:
        """The place of that name; SettingsError when there is none."""
        if name not in self.places:
            known = ", ".join(sorted(self.places)) or "none"
            raise SettingsError(f"there is no place called {name!r} (there are: {known})")
        found = self.places[name]
        hours = None if found.hours is None else Hours.parse(found.hours)
        return Place(PlaceId(name), found.zone, found.capture, found.purposes, hours)


def read_settings(folder: Path | None = None, environment: dict[str, str] | None = None) -> Settings:
    """The settings of a data folder (None, or no file there: defaults and environment only).

    Raises SettingsError that names every wrong entry at once, FolderForbidden when the file may not be read.
    """
    values = {} if folder is None else _read_file(folder / FILE_NAME)
    _merge_environment(values, dict(os.environ) if environment is None else environment)
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        wrong = "; ".join(_in_words(each) for each in error.errors())
        raise SettingsError(f"settings that cannot be used: {wrong}") from error


def _read_file(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except PermissionError as error:
        raise FolderForbidden(f"this account may not read {path}") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}") from error


def _in_words(error: ErrorDetails) -> str:
    """`recognition.fpri: there is no such setting (did you mean fpir?)`."""
    where = [str(part) for part in error["loc"] if part != "[key]"]
    name = ".".join(where)
    if error["type"] == "extra_forbidden":
        near = difflib.get_close_matches(where[-1], _names_in(where[:-1]), 1)
        return f"{name}: there is no such setting" + (f" (did you mean {near[0]}?)" if near else "")
    if error["type"] == "string_pattern_mismatch":
        return f"{name}: a place is a short lower-case name (a-z, 0-9, - and _)"
    said = error["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return f"{name}: {said[:1].lower()}{said[1:]}"


def _names_in(section: list[str]) -> list[str]:
    """The settings of a section, given by the names that lead to it."""
    if section[:1] == ["places"]:
        return list(PlaceSettings.model_fields)
    model: type[BaseModel] = Settings
    for part in section:
        field = model.model_fields.get(part)
        if field is None or not (isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)):
            return []
        model = field.annotation
    return list(model.model_fields)


_LISTS = frozenset({"purposes", "witnesses", "wrap", "unwrap"})
RESERVED = frozenset({"BEHOLDEN_DATA", "BEHOLDEN_ACCOUNT", "BEHOLDEN_KEY"})
"""Read by the command line itself: the data folder, whose account acts, and where its key is."""


def _merge_environment(values: dict[str, object], environment: dict[str, str]) -> None:
    """BEHOLDEN_A__B=value becomes values["a"]["b"]; in place. Lists are separated by commas."""
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
        at[last] = value.split(",") if last in _LISTS else value
