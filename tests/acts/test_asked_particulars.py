"""What approvers are shown of each act, word by word: what they sign is the digest of exactly this."""

from __future__ import annotations

from datetime import timedelta

from beholden.acts.approvals.camera import camera_particulars, zones_particulars
from beholden.acts.approvals.model import model_particulars
from beholden.acts.recording import export_particulars
from beholden.model.camera import Camera, Zone
from beholden.model.ids import CameraId, ModelDigest
from tests.people import LOBBY, NOW

DOOR, ZONE = CameraId("door"), Zone(((0.0, 0.0), (0.5, 0.0), (0.5, 1.0)))
CORNERS = "[[[0.0, 0.0], [0.5, 0.0], [0.5, 1.0]]]"


def test_a_camera_is_asked_for_with_its_place_its_zones_and_addresses_and_no_password():
    """What was not said is empty, and not missing."""
    bare = Camera(DOOR, LOBBY, NOW)
    unset = (("capture", "unset: nobody is named there"), ("purposes", ""), ("hours", ""))
    assert camera_particulars(bare, "rtsp://192.168.1.20/", None, None, None) == (
        ("what", "camera add"),
        ("camera", "door"),
        ("place", "lobby"),
        *unset,
        ("recorded", "yes" if bare.record else "no"),
        ("zones", "[]"),
        ("address", "rtsp://192.168.1.20/"),
        ("main", ""),
        ("fingerprint", ""),
    )
    for record, said in ((True, "yes"), (False, "no")):
        camera = Camera(DOOR, LOBBY, NOW, zones=(ZONE,), record=record)
        assert camera_particulars(camera, "rtsp://u:p@host/1", "rtsp://u:p@host/2", "ab", None) == (
            ("what", "camera add"),
            ("camera", "door"),
            ("place", "lobby"),
            *unset,
            ("recorded", said),
            ("zones", CORNERS),
            ("address", "rtsp://host/1"),
            ("main", "rtsp://host/2"),
            ("fingerprint", "ab"),
        )


def test_zones_a_model_and_recordings_are_asked_for_by_what_they_are():
    """Which camera, which file, from when to when."""
    assert zones_particulars(DOOR, [ZONE]) == (("what", "camera zones"), ("camera", "door"), ("zones", CORNERS))
    assert model_particulars("other", ModelDigest("ab" * 32), "MIT", "cd" * 32) == (
        ("what", "models add"),
        ("name", "other"),
        ("digest", "ab" * 32),
        ("licence", "MIT"),
        ("calibration", "cd" * 32),
    )
    assert model_particulars("other", ModelDigest("ab"), "MIT")[-1] == ("calibration", "")
    until = NOW + timedelta(hours=1)
    assert export_particulars(DOOR, NOW, until) == (
        ("what", "recordings export"),
        ("camera", "door"),
        ("from", "2026-11-23T09:41:07.250000+00:00"),
        ("until", "2026-11-23T10:41:07.250000+00:00"),
    )
