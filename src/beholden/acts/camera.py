"""Live cameras: added, paused, rezoned and removed, each announced in the log first; their addresses are sealed.

The addresses of a camera hold its password. They are sealed under a key of the camera's own, which is
in the keystore beside those of people (as `camera:NAME`) and is destroyed on removal, so that
backups forget the password too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from beholden.acts.approvals.camera import camera_particulars, zones_particulars
from beholden.acts.approvals.requests import Warrant, warranted
from beholden.acts.logged.rotation import destroy_key
from beholden.acts.office import Office
from beholden.acts.store import SealedCamera
from beholden.consent.oversight.rules import Act
from beholden.consent.seal import seal, unseal
from beholden.model.camera import Camera, CameraSpec, Zone
from beholden.model.errors import BeholdenError, CameraExists, CameraUnknown, InputError, PolicyRefused, SealBroken
from beholden.model.event import (
    CameraAdded,
    CameraPaused,
    CameraRemoved,
    CameraResumed,
    CameraRezoned,
    Event,
)
from beholden.model.grant import Capture, Place
from beholden.model.ids import CameraId, SubjectId

_CameraEvent = CameraAdded | CameraRemoved | CameraPaused | CameraResumed | CameraRezoned

MOST_ZONES = 32
MOST_CORNERS = 64
KEY_LOST = "the key that opens its address is lost"
ADD_AGAIN = "Remove the camera, and add it again."
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")


def add_camera(
    office: Office,
    camera: Camera,
    address: str,
    main: str | None = None,
    fingerprint: str | None = None,
    warrant: Warrant | None = None,
) -> Camera:
    """Add a camera, its addresses sealed; the camera as it is kept. They are opaque here: the caller checked them.

    Adding the same camera again changes nothing. Raises CameraExists for another one of that name, InputError
    (its name or zones), PolicyRefused (outside a rehearsal others must agree: `camera_particulars`), LogUnavailable
    (then nothing happened), DataFolderError, KeystoreError.
    """
    _refuse_odd(camera.id, camera.zones)
    spec = CameraSpec(camera, address, main, fingerprint)
    with office.journal.acting():
        _finish_removal(office, camera.id)
        held = _found(office, camera.id)
        if held is not None:
            if not _same(_spec(office, held), spec):
                raise CameraExists(f"there is a camera called {camera.id!r} already")
            return held.camera
        place = office.house.places.get(camera.place)
        asked = camera_particulars(camera, address, main, fingerprint, place)
        with (
            warranted(office, Act.CAMERA_PLACE, asked, warrant),
            office.journal.act([_told(CameraAdded, office, camera)]),
        ):
            key = _key_of(camera.id)
            try:
                if office.keystore.data_keys([key])[key] is None:  # a crash may have left one without a camera
                    office.keystore.create_key(key)
                office.store.add_camera(SealedCamera(camera, _sealed(spec, office.keystore.data_key(key))))
            except BeholdenError:
                with suppress(BeholdenError):  # a key of no camera harms nobody; what went wrong first matters
                    office.keystore.destroy(key)
                raise
    return camera


def remove_camera(office: Office, camera: CameraId) -> None:
    """Remove a camera, and destroy the key that opens its addresses, in backups too.

    Cut off anywhere after it was announced, it is carried on by asking again, or by `resume_removals`.
    Raises CameraUnknown; LogUnavailable before anything happened, or before the key is destroyed;
    DataFolderError, KeystoreError.
    """
    with office.journal.acting():
        held = _found(office, camera)
        if held is None:
            raise _unknown(camera)
        if held.removal is None:
            [leaf] = office.journal.intend([_told(CameraRemoved, office, held.camera)])
            office.store.begin_camera_removal(camera, leaf)
        _finish_removal(office, camera)


def resume_removals(office: Office) -> tuple[CameraId, ...]:
    """Carry on every removal that was cut off; of which cameras. Raises as `remove_camera` does."""
    with office.journal.acting():
        cut_off = [each.camera.id for each in office.store.cameras() if each.removal is not None]
        for camera in cut_off:
            _finish_removal(office, camera)
        return tuple(cut_off)


def pause_camera(office: Office, camera: CameraId) -> Camera:
    """Stop looking through a camera until it is resumed; nothing to do when it is paused. Raises as `set_zones`."""
    return _change(office, camera, CameraPaused, lambda held: replace(held, paused=True))


def resume_camera(office: Office, camera: CameraId) -> Camera:
    """Look through a paused camera again; nothing to do when it is not paused. Raises as `set_zones`."""
    return _change(office, camera, CameraResumed, lambda held: replace(held, paused=False))


def set_zones(office: Office, camera: CameraId, zones: tuple[Zone, ...], warrant: Warrant | None = None) -> Camera:
    """Replace the privacy zones of a camera; the camera as it is then.

    Raises CameraUnknown, InputError (the zones), PolicyRefused (outside a rehearsal others must agree:
    `zones_particulars`), LogUnavailable (then nothing happened), DataFolderError.
    """
    _refuse_odd(camera, zones)
    with office.journal.acting():
        held = _listed(office, camera)
        if held.zones == zones:
            return held
        with warranted(office, Act.CAMERA_PLACE, zones_particulars(camera, zones), warrant):
            return _change(office, camera, CameraRezoned, lambda held: replace(held, zones=zones))


def cameras(office: Office) -> tuple[Camera, ...]:
    """Every camera, paused ones too, by name. Raises DataFolderError."""
    return tuple(each.camera for each in office.store.cameras() if each.removal is None)


def camera_specs(office: Office) -> tuple[CameraSpec, ...]:
    """Every camera with its addresses, for the process that opens it; without those whose address does not open.

    Raises DataFolderError, KeystoreError.
    """
    specs = (_spec(office, each) for each in office.store.cameras())
    return tuple(spec for spec in specs if spec is not None)


def unopened_cameras(office: Office) -> tuple[CameraId, ...]:
    """Cameras whose address does not open, because their key is lost: to be removed and added again."""
    opened = {spec.camera.id for spec in camera_specs(office)}
    return tuple(camera.id for camera in cameras(office) if camera.id not in opened)


def cameras_revision(office: Office) -> int:
    """A number that rises with every change of the cameras; cheap. Raises DataFolderError."""
    return office.store.cameras_revision()


def check_press(camera: Camera, place: Place) -> None:
    """Raise PolicyRefused unless a button counts at this camera, which is of `place`. Nothing about people is kept."""
    if camera.place != place.id:
        raise PolicyRefused(f"the camera {camera.id} is not at {place.id}")
    if place.capture is not Capture.BUTTON:
        raise PolicyRefused(
            f"there is no button at {place.id}", advice=f'Set places.{place.id}.capture = "button", or do not press.'
        )
    if camera.paused:
        raise PolicyRefused(f"the camera {camera.id} is paused", advice="Resume it with `beholden camera resume`.")


def _change(office: Office, name: CameraId, told: type[_CameraEvent], changed: Callable[[Camera], Camera]) -> Camera:
    with office.journal.acting():
        held = _listed(office, name)
        camera = changed(held)
        if camera != held:
            with office.journal.act([_told(told, office, camera)]):
                office.store.change_camera(camera)
        return camera


def _told(kind: type[_CameraEvent], office: Office, camera: Camera) -> Event:
    return kind(at=office.clock(), camera=camera.id, place=camera.place, record=camera.record, zones=len(camera.zones))


def _finish_removal(office: Office, camera: CameraId) -> None:
    """Destroy the key, then the row, of a camera that is being removed; nothing to do for another."""
    held = _found(office, camera)
    if held is None or held.removal is None:
        return
    key = _key_of(camera)
    destroy_key(office, key)
    office.journal.complete(held.removal)  # what the log cannot take now, `Journal.recover` adds
    office.store.delete_camera(camera)


def _found(office: Office, camera: CameraId) -> SealedCamera | None:
    return next((each for each in office.store.cameras() if each.camera.id == camera), None)


def _listed(office: Office, camera: CameraId) -> Camera:
    held = _found(office, camera)
    if held is None or held.removal is not None:
        raise _unknown(camera)
    return held.camera


def _unknown(camera: CameraId) -> CameraUnknown:
    return CameraUnknown(f"there is no camera called {camera!r} here")


def _same(one: CameraSpec | None, other: CameraSpec) -> bool:
    """Whether adding `other` where `one` is there adds nothing: when it was added, or paused, does not matter."""
    if one is None:
        return False
    alike = replace(other.camera, added_at=one.camera.added_at, paused=one.camera.paused)
    return one == replace(other, camera=alike)


def _key_of(camera: CameraId) -> SubjectId:
    """A name in the keystore that nobody's id can be: those begin with `s_`."""
    return SubjectId(f"camera:{camera}")


def _about(camera: CameraId) -> str:
    return f"camera\x1f{camera}"


def _sealed(spec: CameraSpec, key: bytes) -> bytes:
    text = json.dumps({"address": spec.address, "main": spec.main, "fingerprint": spec.fingerprint})
    return seal(key, text.encode(), _about(spec.camera.id))


def _spec(office: Office, held: SealedCamera) -> CameraSpec | None:
    """The camera with its addresses; None when they do not open, or it is being removed."""
    name = _key_of(held.camera.id)
    key = office.keystore.data_keys([name])[name]
    if key is None or held.sealed is None:
        return None
    try:
        values: dict[str, Any] = json.loads(unseal(key, held.sealed, _about(held.camera.id)))
    except SealBroken:
        return None  # one altered row must not stop the other cameras
    return CameraSpec(held.camera, values["address"], values["main"], values["fingerprint"])


def _refuse_odd(name: str, zones: Sequence[Zone]) -> None:
    """Raise InputError for a name or for zones that cannot be."""
    if not _NAME.fullmatch(name):
        raise InputError(
            f"{name!r} is no name for a camera",
            advice="Use at most 60 of a-z, 0-9, - and _, beginning with a letter or a digit.",
        )
    if len(zones) > MOST_ZONES:
        raise InputError(f"{len(zones)} privacy zones are too many", advice=f"Give at most {MOST_ZONES}.")
    for zone in zones:
        inside = all(0 <= value <= 1 for corner in zone.corners for value in corner)
        if not inside or not 3 <= len(zone.corners) <= MOST_CORNERS:
            raise InputError(
                "a privacy zone that is no polygon in the picture",
                advice=f"Give 3 to {MOST_CORNERS} corners, in fractions (0-1) of the picture's width and height.",
            )
