"""What is asked for when a camera is to be added, or its privacy zones replaced; passwords left out."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from beholden.acts.approvals.requests import Particulars
from beholden.model.camera import Camera, Zone
from beholden.model.grant import Place
from beholden.model.ids import CameraId

UNSET = "unset: nobody is named there"


def camera_particulars(
    camera: Camera, address: str, main: str | None, fingerprint: str | None, place: Place | None
) -> Particulars:
    """What is asked for when a camera is to be added, and what its place is used for. No password is in it."""
    return (
        ("what", "camera add"),
        ("camera", camera.id),
        ("place", camera.place),
        *place_particulars(place),
        ("recorded", "yes" if camera.record else "no"),
        ("zones", _corners(camera.zones)),
        ("address", without_password(address)),
        ("main", "" if main is None else without_password(main)),
        ("fingerprint", fingerprint or ""),
    )


def place_particulars(place: Place | None) -> Particulars:
    """How people are named at a place, for what and when: whoever agrees to a camera there agrees to that."""
    if place is None:
        return (("capture", UNSET), ("purposes", ""), ("hours", ""))
    return (
        ("capture", str(place.capture or UNSET)),
        ("purposes", ", ".join(sorted(place.purposes))),
        ("hours", "always" if place.hours is None else f"{place.hours} {place.zone}"),
    )


def zones_particulars(camera: CameraId, zones: Sequence[Zone]) -> Particulars:
    """What is asked for when the zones of a camera are to be replaced."""
    return (("what", "camera zones"), ("camera", camera), ("zones", _corners(zones)))


def without_password(address: str) -> str:
    """An address without user and password, which end at the last @ of its host part (RFC 3986)."""
    scheme, slashes, rest = address.partition("//")
    if not slashes:
        return address
    host = re.split(r"[/?#]", rest, maxsplit=1)[0]
    return f"{scheme}//{host.rpartition('@')[2]}{rest[len(host) :]}"


def _corners(zones: Sequence[Zone]) -> str:
    return json.dumps([zone.corners for zone in zones])
