"""Cameras: what is known about one, what state it is in, and the parts of its picture that nobody looks at."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from beholden.model.ids import CameraId, PlaceId


@dataclass(frozen=True, slots=True)
class Zone:
    """A privacy zone: a polygon in fractions (0-1) of the picture's width and height, at least three corners.

    What lies in it is never analysed and always covered: a neighbour's window, a bench, a screen.
    """

    corners: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Camera:
    """A live camera of a place, without its address. `record`: its covered picture is kept as a timeline."""

    id: CameraId
    place: PlaceId
    added_at: datetime
    paused: bool = False
    record: bool = False
    zones: tuple[Zone, ...] = ()


@dataclass(frozen=True, slots=True)
class CameraSpec:
    """A camera with its addresses, credentials included: for the process that opens it, never stored or printed.

    `address` is what is analysed; `main`, when given, is the larger stream of the same camera from
    which shots are cut. `fingerprint` is the SHA-256 of the camera's TLS certificate (hexadecimal),
    when it is trusted by that and not by an authority.
    """

    camera: Camera
    address: str = field(repr=False)
    main: str | None = field(default=None, repr=False)
    fingerprint: str | None = None


class CameraState(StrEnum):
    """What a camera is doing, in one word."""

    CONNECTING = "connecting"
    LIVE = "live"
    LOST = "lost"
    REFUSED = "refused"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class CameraHealth:
    """How a camera is doing. Counters since its worker started; `latency_s` from a frame's arrival to its covered
    picture (newest); rates per second over the last seconds; `error` the last problem in words, no address in it."""

    camera: CameraId
    state: CameraState = CameraState.CONNECTING
    read: int = 0
    analysed: int = 0
    dropped: int = 0
    read_fps: float = 0.0
    analysed_fps: float = 0.0
    latency_s: float | None = None
    reconnects: int = 0
    error: str | None = None
    seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CameraStream:
    """What one stream of a camera is: codec and size (width, height), None before it came; `read` pictures and `bytes`
    that arrived since it was opened first."""

    codec: str | None
    size: tuple[int, int] | None
    read: int
    bytes: int
