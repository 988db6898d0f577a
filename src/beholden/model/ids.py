"""Names for things. Each is a string or a number with one meaning, so that they cannot be swapped."""

from __future__ import annotations

import hashlib
import secrets
from typing import NewType

SubjectId = NewType("SubjectId", str)
"""A person who agreed: random, `s_` and 20 hexadecimal digits; says nothing about them."""
GrantId = NewType("GrantId", str)
"""One person's agreement to one purpose: `g_` and 20 hexadecimal digits."""
PlaceId = NewType("PlaceId", str)
"""A set of cameras that people know by one name: `lobby`."""
CameraId = NewType("CameraId", str)
TrackId = NewType("TrackId", str)
"""`<epoch>-<n>`: unique over all runs and cameras, and never stored with a person."""
Epoch = NewType("Epoch", str)
"""One run of one camera: 12 hexadecimal digits, random."""
ModelDigest = NewType("ModelDigest", str)
"""SHA-256 of the exact weights that made a template, in hexadecimal."""
SightingId = NewType("SightingId", str)


def new_subject_id() -> SubjectId:
    return SubjectId(f"s_{secrets.token_hex(10)}")


def new_grant_id() -> GrantId:
    return GrantId(f"g_{secrets.token_hex(10)}")


def new_epoch() -> Epoch:
    return Epoch(secrets.token_hex(6))


def sighting_id(camera: CameraId, epoch: Epoch, track: TrackId, subject: SubjectId) -> SightingId:
    """The same after a restart: a hash of what it is about, so that writing it twice is writing it once."""
    text = "\x1f".join((camera, epoch, track, subject))
    return SightingId(hashlib.sha256(text.encode()).hexdigest()[:32])
