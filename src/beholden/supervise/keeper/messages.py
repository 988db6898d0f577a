"""What processes ask the keeper, and what it answers: one frozen dataclass each, as JSON in a frame.

Parsed strictly: what is not exactly one of these is refused, whatever it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Annotated, Any, Literal, cast

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from beholden.acts.sightings.sighting import Named
from beholden.consent.view import View
from beholden.model import errors
from beholden.model.errors import BeholdenError, DataFolderError, PolicyRefused
from beholden.model.event import TrackEnded
from beholden.model.grant import Viewpoint
from beholden.model.ids import CameraId, Epoch, ModelDigest, PlaceId, SightingId, TrackId
from beholden.model.match import Known

STRICT = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False, ser_json_bytes="base64", val_json_bytes="base64")
VERSION = version("beholden")
RESTART = "Stop all Beholden processes of this data folder, and start them again: they must be of one version."


@dataclass(frozen=True, slots=True)
class Hello:
    """The first message of a connection. Two versions of Beholden do not talk to each other."""

    version: str = VERSION
    ask: Literal["hello"] = "hello"


@dataclass(frozen=True, slots=True)
class Do:
    """A use case by its name in `keeper.calls`; `arguments` are JSON, read by whoever knows its parameters."""

    act: str
    arguments: str = field(repr=False)
    ask: Literal["do"] = "do"


@dataclass(frozen=True, slots=True)
class Press:
    """Somebody pressed the button at a camera."""

    camera: CameraId
    ask: Literal["press"] = "press"


@dataclass(frozen=True, slots=True)
class From:
    """A viewpoint by names: what its place may do, the keeper knows. `place` None: a file."""

    camera: CameraId
    place: PlaceId | None


@dataclass(frozen=True, slots=True)
class AskView:
    """Who may be seen from a viewpoint in a picture of `moment` (aware), by a model."""

    model: ModelDigest
    viewpoint: From
    moment: datetime
    ask: Literal["view"] = "view"


@dataclass(frozen=True, slots=True)
class AskSegment:
    """The gallery segment of a model: its descriptor comes with the answer."""

    model: ModelDigest
    ask: Literal["segment"] = "segment"


@dataclass(frozen=True, slots=True)
class NamedAt:
    """A track was recognised, as `acts.sightings.sighting.Named`."""

    viewpoint: From
    epoch: Epoch
    track: TrackId
    match: Known
    moment: datetime


@dataclass(frozen=True, slots=True)
class Settle:
    """Names that are to take effect, and tracks that ended. `ended` is not safe to repeat."""

    named: tuple[NamedAt, ...] = ()
    ended: tuple[TrackEnded, ...] = ()
    ask: Literal["settle"] = "settle"


@dataclass(frozen=True, slots=True)
class AskStatus:
    """How the keeper is doing."""

    ask: Literal["status"] = "status"


Request = Hello | Do | Press | AskView | AskSegment | Settle | AskStatus


@dataclass(frozen=True, slots=True)
class Welcome:
    """The answer to `Hello`: whether the folder is for rehearsals, and the process that keeps it."""

    rehearsal: bool
    pid: int
    tell: Literal["welcome"] = "welcome"


@dataclass(frozen=True, slots=True)
class Done:
    """What a use case returned, as JSON."""

    result: str = field(repr=False)
    tell: Literal["done"] = "done"


@dataclass(frozen=True, slots=True)
class OpenUntil:
    """Until when a camera may name after its button was pressed."""

    moment: datetime
    tell: Literal["open until"] = "open until"


@dataclass(frozen=True, slots=True)
class Seen:
    """A view. It holds for all cameras of the place, or (`camera`) for that one only."""

    view: View
    camera: CameraId | None
    tell: Literal["view"] = "view"


@dataclass(frozen=True, slots=True)
class SegmentSent:
    """The descriptor of the segment came with this."""

    tell: Literal["segment"] = "segment"


@dataclass(frozen=True, slots=True)
class Failed:
    """An error of `model.errors` by the name of its class."""

    error: str
    message: str
    advice: str
    tell: Literal["failed"] = "failed"


@dataclass(frozen=True, slots=True)
class Settled:
    """For each name in order: its sighting, durable by now, or why it does not take effect."""

    results: tuple[SightingId | Failed, ...]
    tell: Literal["settled"] = "settled"


@dataclass(frozen=True, slots=True)
class Status:
    """`locked`: no page of the gallery reaches a swap device. `unopened`: people whose template does not open.
    `beats`: how often the registry was asked. `trouble`: what keeps the heartbeat from going on, in words."""

    pid: int
    locked: bool
    unopened: tuple[str, ...]
    connections: int
    beats: int
    trouble: str | None
    tell: Literal["status"] = "status"


Reply = Welcome | Done | OpenUntil | Seen | SegmentSent | Settled | Status | Failed
_REQUEST: TypeAdapter[Request] = TypeAdapter(Annotated[Request, Field(discriminator="ask")], config=STRICT)
_REPLY: TypeAdapter[Reply] = TypeAdapter(Annotated[Reply, Field(discriminator="tell")], config=STRICT)
_ERRORS: dict[str, type[BeholdenError]] = {
    name: found for name, found in vars(errors).items() if isinstance(found, type) and issubclass(found, BeholdenError)
}


def from_of(viewpoint: Viewpoint) -> From:
    """A viewpoint as it travels."""
    return From(viewpoint.camera, None if viewpoint.place is None else viewpoint.place.id)


def named_at(named: Named) -> NamedAt:
    """A name as it travels."""
    return NamedAt(from_of(named.viewpoint), named.epoch, named.track, named.match, named.moment)


def encode(message: Request | Reply) -> bytes:
    """As bytes of one frame."""
    adapter = _REQUEST if hasattr(message, "ask") else _REPLY
    return cast("TypeAdapter[Any]", adapter).dump_json(message)


def parse_request(payload: bytes) -> Request:
    """Raises DataFolderError for anything else."""
    try:
        request = _REQUEST.validate_json(payload)
    except ValidationError as error:
        raise DataFolderError(f"what was asked of the keeper is no question: {reason(error)}", advice=RESTART) from None
    refuse_unsendable(request)
    return request


def parse_reply(payload: bytes) -> Reply:
    """Raises DataFolderError for anything else."""
    try:
        return _REPLY.validate_json(payload)
    except ValidationError as error:
        raise DataFolderError(f"the keeper answered something else: {reason(error)}", advice=RESTART) from None


def reason(error: ValidationError) -> str:
    """Where it is wrong and how, without what was there: that may be a secret."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    return f"{'.'.join(map(str, first['loc'])) or 'message'}: {first['type']}"


def refuse_unsendable(value: object) -> None:
    """Raise DataFolderError for a moment without a time zone anywhere in it, PolicyRefused for text that is none."""
    if isinstance(value, str):
        if any("\ud800" <= character <= "\udfff" for character in value):  # a byte of an argument that was no text
            raise PolicyRefused("a name is printable text", advice="Choose another name.")
    elif isinstance(value, datetime):
        if value.tzinfo is None:
            raise DataFolderError("a moment without a time zone cannot be sent to the keeper", advice=RESTART)
    elif isinstance(value, tuple | list | set | frozenset):
        for item in cast("tuple[object, ...]", value):
            refuse_unsendable(item)
    elif is_dataclass(value):
        for each in fields(value):
            refuse_unsendable(getattr(value, each.name))


def failure(error: BeholdenError) -> Failed:
    """An error as it travels."""
    return Failed(type(error).__name__, error.message, error.advice)


def error_of(failed: Failed) -> BeholdenError:
    """The same error at the other end; DataFolderError for a class that is not known here."""
    kind = _ERRORS.get(failed.error)
    if kind is None:
        return DataFolderError(f"the keeper failed with {failed.error}", advice=RESTART)
    return kind(failed.message, advice=failed.advice)
