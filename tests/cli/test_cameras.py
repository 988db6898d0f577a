"""`beholden camera ...`: what is kept of a camera, what is refused, and that no password gets out."""

from __future__ import annotations

from pathlib import Path

import pytest

from beholden.model.camera import CameraState
from beholden.model.ids import SubjectId
from beholden.settings import read_settings
from beholden.wiring.folder import open_acting, open_data
from beholden.wiring.live import LiveSystem
from tests.cli.conftest import Command, child
from tests.rtsp.clip import write_moving_clip
from tests.rtsp.server import TownRtsp

SECRET = "hunter-2/@:ü"
ADDRESS = "rtsp://viewer@127.0.0.1:8554/stream"


@pytest.fixture
def camera(data: Path, beholden: Command, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with one camera, whose password came from standard input."""
    said = child("camera", "add", "door", ADDRESS, "--place", "lobby", "--password-stdin", "--data", data, input=SECRET)
    assert said.code == 0, said.err
    return data


def test_a_camera_is_listed_without_its_address(camera: Path, beholden: Command) -> None:
    """Name, place, state; nothing by which it could be opened."""
    said = beholden("camera", "list", "--json", "--data", camera)
    [row] = said.rows
    assert {"camera": "door", "place": "lobby", "paused": False, "record": False}.items() <= row.items()
    assert "rtsp" not in said.out


@pytest.fixture
def lost(camera: Path) -> Path:
    """The folder, the key of whose camera is gone."""
    with open_data(camera, read_settings(camera)) as folder:
        folder.keystore.destroy(SubjectId("camera:door"))
    return camera


def test_a_camera_whose_key_is_lost_is_listed_as_that(lost: Path, beholden: Command) -> None:
    """Who sees "on" there would wait for a picture that never comes."""
    assert beholden("camera", "list", "--json", "--data", lost).rows[0]["key_lost"] is True
    assert "Remove the camera" in beholden("camera", "list", "--data", lost).out


def test_checking_a_camera_whose_key_is_lost_says_so(lost: Path, beholden: Command) -> None:
    """It is there: "no such camera" would be wrong."""
    said = beholden("camera", "check", "door", "--data", lost)
    assert said.code != 0
    assert "its address is lost" in said.complaint


def test_watching_shows_a_camera_whose_key_is_lost(lost: Path) -> None:
    """In the table, beside those that can be opened."""
    settings = read_settings(lost)
    system = LiveSystem(lost, settings, [], [], rehearsal=True)
    with open_acting(lost, settings) as system._acting:
        system._desired()
    [shown] = system.snapshot()
    assert (shown.camera, shown.state) == ("door", CameraState.REFUSED)
    assert "its address is lost" in str(shown.error)


def test_no_file_of_the_folder_and_no_output_holds_the_password(camera: Path) -> None:
    """It is sealed, also as it is percent-encoded."""
    said = child("camera", "list", "--data", camera)
    written = b"".join(path.read_bytes() for path in camera.rglob("*") if path.is_file())
    for secret in (SECRET, "hunter-2%2F%40%3A%C3%BC", "hunter-2"):
        assert secret.encode() not in written
        assert secret not in said.out + said.err


def test_the_search_for_the_password_finds_a_planted_one(camera: Path) -> None:
    """An empty finding above means something."""
    (camera / "planted").write_text(f"rtsp://viewer:{SECRET}@host/")
    assert SECRET.encode() in b"".join(path.read_bytes() for path in camera.rglob("*") if path.is_file())


def test_a_password_on_the_command_line_is_refused(data: Path, beholden: Command) -> None:
    """Everybody on the machine could read it; the refusal does not repeat it."""
    said = beholden("camera", "add", "door", "rtsp://viewer:hunter2@127.0.0.1/", "--place", "lobby", "--data", data)
    assert said.code == 3
    assert "--password-stdin" in said.complaint
    assert "hunter2" not in said.complaint
    assert beholden("camera", "list", "--json", "--data", data).rows == []


@pytest.mark.parametrize(
    "address",
    [
        "rtsp://192.168.1.20/",  # a rehearsal opens this machine only
        "rtsp://169.254.169.254/",
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "rtsp://",
        "rtsp://127.0.0.1:99999/",
    ],
)
def test_addresses_that_are_never_opened_are_refused_at_once(data: Path, beholden: Command, address: str) -> None:
    """Exit code 3, one line, no camera."""
    said = beholden("camera", "add", "door", address, "--place", "lobby", "--data", data)
    assert said.code == 3, said
    assert said.complaint
    assert beholden("camera", "list", "--json", "--data", data).rows == []


def test_a_second_camera_of_that_name_is_refused(camera: Path, beholden: Command) -> None:
    """The first stays as it is."""
    said = beholden("camera", "add", "door", "rtsp://127.0.0.1:9/other", "--place", "lobby", "--data", camera)
    assert said.code == 3
    assert "already" in said.complaint


@pytest.mark.parametrize("command", [("pause",), ("resume",), ("remove", "--yes"), ("check",), ("press",), ("zones",)])
def test_a_camera_that_is_not_there_is_said_to_be_unknown(
    data: Path, beholden: Command, command: tuple[str, ...]
) -> None:
    """Every command that takes a name."""
    name, *more = command
    said = beholden("camera", name, "nowhere", *more, "--data", data)
    assert said.code == 3, said
    assert "nowhere" in said.complaint


def test_pausing_and_resuming_is_kept(camera: Path, beholden: Command) -> None:
    """By the camera's own record."""
    assert beholden("camera", "pause", "door", "--data", camera).code == 0
    assert beholden("camera", "list", "--json", "--data", camera).rows[0]["paused"] is True
    assert beholden("camera", "resume", "door", "--data", camera).code == 0
    assert beholden("camera", "list", "--json", "--data", camera).rows[0]["paused"] is False


def test_a_removed_camera_is_gone(camera: Path, beholden: Command) -> None:
    """And its name is free again."""
    assert beholden("camera", "remove", "door", "--yes", "--data", camera).code == 0
    assert beholden("camera", "list", "--json", "--data", camera).rows == []
    assert beholden("camera", "add", "door", "rtsp://127.0.0.1:9/x", "--place", "lobby", "--data", camera).code == 0


@pytest.mark.parametrize("corners", ["", "0,0 1,1", "0,0 1,0 2,1", "a,b c,d e,f", "0,0,0 1,1,1 0,1,0"])
def test_a_zone_that_is_none_is_refused(camera: Path, beholden: Command, corners: str) -> None:
    """Three corners or more, in fractions."""
    said = beholden("camera", "zones", "door", "--zone", corners, "--data", camera)
    assert said.code == 2
    assert "--zone" in said.complaint


def test_zones_are_kept_with_the_camera(camera: Path, beholden: Command) -> None:
    """As they were given."""
    assert beholden("camera", "zones", "door", "--zone", "0,0 0.5,0 0.5,1", "--data", camera).code == 0
    [row] = beholden("camera", "list", "--json", "--data", camera).rows
    assert row["zones"] == [[[0.0, 0.0], [0.5, 0.0], [0.5, 1.0]]]


def test_a_button_counts_only_where_there_is_one(camera: Path, beholden: Command) -> None:
    """The lobby is a lane."""
    said = beholden("camera", "press", "door", "--data", camera)
    assert said.code == 5
    assert "button" in said.complaint


def test_check_says_how_good_the_faces_are_and_shows_none(
    data: Path, clip: Path, tmp_path: Path, beholden: Command
) -> None:
    """A real stream with people in it: sizes, and a covered picture."""
    import cv2

    from beholden.evaluate.faces_left import count_visible_faces

    picture = tmp_path / "check.jpg"
    with TownRtsp(clip.parent) as town:
        assert beholden("camera", "add", "door", town.url(clip.name), "--place", "lobby", "--data", data).code == 0
        said = beholden("camera", "check", "door", "--seconds", "3", "--picture", picture, "--json", "--data", data)
    assert said.code == 0, said
    [row] = said.rows
    assert row["usable"] is True
    assert picture.exists()
    assert count_visible_faces(cv2.imread(str(picture))) == []


def test_check_without_people_says_so(data: Path, tmp_path: Path, beholden: Command) -> None:
    """Exit code 1: nothing is known yet of how faces look there."""
    folder = tmp_path / "clips"
    folder.mkdir()
    write_moving_clip(folder / "empty.mp4")
    with TownRtsp(folder) as town:
        assert beholden("camera", "add", "door", town.url("empty.mp4"), "--place", "lobby", "--data", data).code == 0
        said = beholden("camera", "check", "door", "--seconds", "1", "--data", data)
    assert said.code == 1, said
    assert "Nobody" in said.out


def test_check_of_a_camera_that_is_off_says_what_is_wrong(data: Path, beholden: Command) -> None:
    """In words, without the address."""
    assert beholden("camera", "add", "door", "rtsp://127.0.0.1:9/x", "--place", "lobby", "--data", data).code == 0
    said = child("camera", "check", "door", "--seconds", "1", "--data", data)
    assert said.code == 3
    assert "door" in said.err
    assert ":9/" not in said.err


def test_recordings_of_a_camera_that_was_meant_otherwise_are_not_said_to_be_none(
    camera: Path, beholden: Command, tmp_path: Path
) -> None:
    """A camera without recordings has none; a name or a folder that is not there is said to be wrong."""
    assert "Nothing of door was recorded" in beholden("recordings", "list", "door", "--data", camera).out
    assert "Cameras here: door." in beholden("recordings", "list", "dor", "--data", camera).complaint
    assert beholden("recordings", "list", "door", "--data", tmp_path / "elsewhere").code != 0
