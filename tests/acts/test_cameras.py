"""Cameras are announced before they are added, changed and removed; their addresses are sealed and forgotten."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from beholden.acts.camera import (
    add_camera,
    camera_specs,
    cameras,
    cameras_revision,
    check_press,
    pause_camera,
    remove_camera,
    resume_camera,
    resume_removals,
    set_zones,
    unopened_cameras,
)
from beholden.acts.grants.people import people, without_key
from beholden.acts.recording import log_export
from beholden.acts.recover import recover
from beholden.ledger.memory import Weather
from beholden.model.camera import Camera, CameraSpec, Zone
from beholden.model.errors import (
    BeholdenError,
    CameraExists,
    CameraUnknown,
    DataFolderError,
    InputError,
    KeystoreError,
    LogUnavailable,
    PolicyRefused,
)
from beholden.model.grant import Capture, Place
from beholden.model.ids import CameraId, PlaceId
from tests.acts.faults import Faulty, Killed
from tests.people import LOBBY, NOW, enrolled, office_of

SECRET = "correct horse battery"
ADDRESS = f"rtsp://viewer:{SECRET}@192.168.1.20:554/stream2"
ZONE = Zone(((0.0, 0.0), (0.3, 0.0), (0.3, 1.0)))
DOOR = Camera(CameraId("door"), LOBBY, NOW, record=True, zones=(ZONE,))
SPEC = CameraSpec(DOOR, ADDRESS, ADDRESS.replace("stream2", "stream1"), "ab" * 32)


def added(office, spec=SPEC):
    return add_camera(office, spec.camera, spec.address, spec.main, spec.fingerprint)


def told(office):
    return [line.event for line in office.journal.read()]


def kinds(office):
    return [event and event["kind"] for event in told(office)]


def test_a_camera_is_added_with_its_addresses_sealed(office):
    """What opens it gets them back."""
    added(office)
    assert (cameras(office), camera_specs(office)) == ((DOOR,), (SPEC,))


def test_it_is_announced_without_its_address(office, store, tmp_path):
    """Camera, place, whether it is recorded, how many zones; the password lies nowhere in clear."""
    added(office)
    announced, result = told(office)
    assert announced == {
        "kind": "camera_added",
        "at": "2026-11-23T09:41:07.250Z",
        "camera": "door",
        "place": "lobby",
        "record": True,
        "zones": 1,
    }
    assert (result["kind"], result["error"]) == ("act_completed", None)
    assert SECRET not in json.dumps(told(office))
    assert SECRET not in repr(store.cameras()) + repr(camera_specs(office))
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or SECRET.encode() not in file.read_bytes(), file
    assert SECRET in camera_specs(office)[0].address


def test_adding_it_again_changes_nothing(office, log):
    """Neither when it was asked for later, nor when it was paused meanwhile."""
    added(office)
    pause_camera(office, DOOR.id)
    size, revision = log.size(), cameras_revision(office)
    again = added(office, replace(SPEC, camera=replace(DOOR, added_at=NOW.replace(hour=23))))
    assert again == replace(DOOR, paused=True)
    assert (log.size(), cameras_revision(office)) == (size, revision)


@pytest.mark.parametrize(
    "other",
    [
        replace(SPEC, address=ADDRESS + "x"),
        replace(SPEC, main=None),
        replace(SPEC, fingerprint=None),
        replace(SPEC, camera=replace(DOOR, place=PlaceId("yard"))),
        replace(SPEC, camera=replace(DOOR, zones=())),
        replace(SPEC, camera=replace(DOOR, record=False)),
    ],
)
def test_another_camera_of_that_name_is_refused(office, other):
    """A name is never taken over; the refusal does not tell an address."""
    added(office)
    with pytest.raises(CameraExists, match="door") as refused:
        added(office, other)
    assert SECRET not in refused.value.one_line()
    assert camera_specs(office) == (SPEC,)


@pytest.mark.parametrize("name", ["", "Door", "a b", "-a", "_a", "ä", "a.b", "a/b", "a" * 61, "a\n"])
def test_a_name_that_could_not_be_typed_is_refused(office, log, name):
    """Before anything is logged."""
    with pytest.raises(InputError, match="name"):
        add_camera(office, replace(DOOR, id=CameraId(name)), ADDRESS)
    assert (cameras(office), log.size()) == ((), 0)


@pytest.mark.parametrize("name", ["a", "9", "front-door_2", "a" * 60])
def test_other_names_are_taken(office, name):
    """Short, lower-case."""
    add_camera(office, replace(DOOR, id=CameraId(name)), ADDRESS)
    assert [camera.id for camera in cameras(office)] == [name]


@pytest.mark.parametrize(
    "corners",
    [
        ((0.0, 0.0), (1.0, 1.0)),
        ((0.0, 0.0), (1.1, 0.0), (1.0, 1.0)),
        ((0.0, 0.0), (-0.1, 0.0), (1.0, 1.0)),
        ((0.0, 0.0), (float("nan"), 0.0), (1.0, 1.0)),
        ((0.0, 0.0), (float("inf"), 0.0), (1.0, 1.0)),
        ((0.0, 0.0),) * 65,
    ],
)
def test_a_zone_that_is_no_polygon_in_the_picture_is_refused(office, log, corners):
    """When it is added, and when it is changed."""
    with pytest.raises(InputError, match="zone"):
        add_camera(office, replace(DOOR, zones=(Zone(corners),)), ADDRESS)
    assert log.size() == 0
    added(office)
    with pytest.raises(InputError, match="zone"):
        set_zones(office, DOOR.id, (Zone(corners),))
    with pytest.raises(InputError, match="zones"):
        set_zones(office, DOOR.id, (ZONE,) * 33)
    assert cameras(office) == (DOOR,)


def test_pausing_resuming_and_rezoning_are_announced_once_each(office):
    """Doing it again says nothing more."""
    added(office)
    assert pause_camera(office, DOOR.id).paused
    assert pause_camera(office, DOOR.id).paused
    assert not resume_camera(office, DOOR.id).paused
    assert not resume_camera(office, DOOR.id).paused
    assert set_zones(office, DOOR.id, (ZONE, ZONE)).zones == (ZONE, ZONE)
    assert set_zones(office, DOOR.id, (ZONE, ZONE)).zones == (ZONE, ZONE)
    acts = [kind for kind in kinds(office) if kind != "act_completed"]
    assert acts == ["camera_added", "camera_paused", "camera_resumed", "camera_rezoned"]
    assert told(office)[-2]["zones"] == 2
    assert camera_specs(office)[0] == replace(SPEC, camera=replace(DOOR, zones=(ZONE, ZONE)))


def test_every_change_shows_in_the_revision(office):
    """So that whoever watches them asks for the list when there is something new, and not before."""
    seen = [cameras_revision(office)]
    for act in (
        lambda: added(office),
        lambda: pause_camera(office, DOOR.id),
        lambda: resume_camera(office, DOOR.id),
        lambda: set_zones(office, DOOR.id, ()),
        lambda: remove_camera(office, DOOR.id),
    ):
        act()
        assert cameras_revision(office) > seen[-1]
        seen.append(cameras_revision(office))
        assert cameras_revision(office) == seen[-1]


@pytest.mark.parametrize("act", [remove_camera, pause_camera, resume_camera, lambda o, c: set_zones(o, c, ())])
def test_a_camera_that_is_not_there_is_an_error(office, act):
    """Exit code 3, and nothing is logged."""
    with pytest.raises(CameraUnknown, match="window"):
        act(office, CameraId("window"))
    assert told(office) == []


@pytest.mark.parametrize("weather", [Weather.FAILS, Weather.FAILS_BUT_PERSISTED])
def test_while_the_log_fails_nothing_happens_to_cameras(office, log, keystore, weather):
    """Log before act, for each of them; no key is left behind."""
    window = CameraId("window")
    added(office)
    revision = cameras_revision(office)
    log.weather = weather
    for act in (
        lambda: add_camera(office, replace(DOOR, id=window), ADDRESS),
        lambda: pause_camera(office, DOOR.id),
        lambda: set_zones(office, DOOR.id, ()),
        lambda: remove_camera(office, DOOR.id),
    ):
        with pytest.raises(LogUnavailable):
            act()
    assert (cameras(office), cameras_revision(office)) == ((DOOR,), revision)
    assert keystore.subjects() == {"camera:door"}


# Removing


def test_a_removed_camera_is_gone_and_its_name_is_free(office, store, keystore):
    """Row, key, address; announced, rotated, completed."""
    added(office)
    remove_camera(office, DOOR.id)
    assert (cameras(office), camera_specs(office), store.cameras()) == ((), (), ())
    assert keystore.subjects() == frozenset()
    assert kinds(office)[2:] == ["camera_removed", "keys_rotated", "act_completed"]
    other = replace(SPEC, address="http://192.168.1.21/")
    added(office, other)
    assert camera_specs(office) == (other,)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("error", [Killed(), DataFolderError("the disk went away")], ids=["killed", "failed"])
@pytest.mark.parametrize("step", ["begin_camera_removal", "delete_camera", "set_outcome"])
@pytest.mark.parametrize("carry_on", ["by asking again", "at the next start"])
def test_a_removal_that_was_cut_off_is_carried_on(office, store, keystore, log, clock, step, error, when, carry_on):
    """Wherever that was; its result says that it was done, unless it had not begun."""
    added(office)
    with pytest.raises((Killed, DataFolderError)):
        remove_camera(office_of(Faulty(store, step, when, error), keystore, log, clock), DOOR.id)
    begun = not (step == "begin_camera_removal" and when == "before")
    if begun:
        assert cameras(office) == ()
    if carry_on == "by asking again" and store.cameras():
        remove_camera(office, DOOR.id)
    recover(office)
    gone = begun or carry_on == "by asking again"
    assert (store.cameras() == (), keystore.subjects() == frozenset()) == (gone, gone)
    assert all(opening.result is not None for opening in store.openings() if opening.intent)
    outcomes = [o.outcome for o in store.openings() if o.intent][1:]
    assert outcomes == (["done"] if begun else ["interrupted"] if not gone else ["interrupted", "done"])


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("error", [Killed(), KeystoreError("the disk went away")], ids=["killed", "failed"])
def test_a_removal_cut_off_around_the_key_is_carried_on_at_the_next_start(
    office, store, keystore, log, clock, error, when
):
    """Until then the camera is not opened; adding one of that name finishes it first."""
    added(office)
    with pytest.raises((Killed, KeystoreError)):
        remove_camera(office_of(store, Faulty(keystore, "destroy", when, error), log, clock), DOOR.id)
    assert (cameras(office), camera_specs(office), unopened_cameras(office)) == ((), (), ())
    assert recover(office).cameras == (DOOR.id,)
    assert resume_removals(office) == ()
    assert (store.cameras(), keystore.subjects()) == ((), frozenset())


def test_adding_a_camera_whose_removal_was_cut_off_finishes_that_first(office, store, keystore, log, clock):
    """Under a new key."""
    added(office)
    with pytest.raises(Killed):
        remove_camera(office_of(store, Faulty(keystore, "destroy", "before", Killed()), log, clock), DOOR.id)
    added(office)
    assert camera_specs(office) == (SPEC,)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", ["create_key", "data_key"])
def test_an_addition_that_was_cut_off_can_be_done_again(office, store, keystore, log, clock, step, when):
    """A key that was made for it is used, not in the way."""
    with pytest.raises(Killed):
        added(office_of(store, Faulty(keystore, step, when, Killed()), log, clock))
    assert cameras(office) == ()
    recover(office)
    added(office)
    assert camera_specs(office) == (SPEC,)


def test_a_store_that_fails_leaves_neither_key_nor_camera(office, store, keystore, log, clock):
    """And the result names the error, not its text."""
    with pytest.raises(DataFolderError):
        added(office_of(Faulty(store, "add_camera", "before", DataFolderError(SECRET)), keystore, log, clock))
    assert (store.cameras(), keystore.subjects()) == ((), frozenset())
    assert told(office)[-1]["error"] == "DataFolderError"
    assert SECRET not in json.dumps(told(office))


# The key of a camera among those of people


def test_the_key_of_a_camera_is_nobody(office):
    """It is in the keystore, and is no person: neither listed, nor missed by the doctor."""
    added(office)
    ann = enrolled(office, "Ann", 1)
    assert [person.id for person in people(office)] == [ann.subject]
    assert without_key(office) == ()


def test_removing_a_camera_keeps_the_keys_of_people(office, keystore):
    """Their bucket is rotated, their keys stay."""
    ann = enrolled(office, "Ann", 1)
    key = keystore.data_key(ann.subject)
    added(office)
    remove_camera(office, DOOR.id)
    assert keystore.data_key(ann.subject) == key
    assert people(office)[0].label == "Ann"


def test_one_camera_that_does_not_open_does_not_stop_the_others(office, store, keystore):
    """A lost key, an altered row: named, left out, and removable."""
    for name in ("a", "b", "c"):
        added(office, replace(SPEC, camera=replace(DOOR, id=CameraId(name))))
    keystore.destroy("camera:a")
    [_, altered, _] = store.cameras()
    store.delete_camera(CameraId("b"))
    store.add_camera(replace(altered, sealed=altered.sealed[:-1] + bytes([altered.sealed[-1] ^ 1])))
    assert [spec.camera.id for spec in camera_specs(office)] == ["c"]
    assert unopened_cameras(office) == ("a", "b")
    with pytest.raises(CameraExists):
        added(office, replace(SPEC, camera=replace(DOOR, id=CameraId("a"))))
    remove_camera(office, CameraId("a"))
    remove_camera(office, CameraId("b"))
    assert [camera.id for camera in cameras(office)] == ["c"]


def test_an_address_cannot_be_passed_off_as_another_cameras(office, store, keystore):
    """It is sealed as being about this one, under its key."""
    window = replace(DOOR, id=CameraId("window"))
    added(office)
    add_camera(office, window, "rtsp://192.168.1.30/")
    door, other = store.cameras()
    store.delete_camera(window.id)
    store.add_camera(replace(other, sealed=door.sealed))
    assert [spec.camera.id for spec in camera_specs(office)] == ["door"]


# Buttons and exports


@pytest.mark.parametrize(
    ("camera", "place", "words"),
    [
        (DOOR, Place(LOBBY, capture=Capture.LANE), "no button"),
        (DOOR, Place(LOBBY, capture=Capture.DECLARED), "no button"),
        (DOOR, Place(LOBBY), "no button"),
        (DOOR, Place(PlaceId("yard"), capture=Capture.BUTTON), "not at yard"),
        (replace(DOOR, paused=True), Place(LOBBY, capture=Capture.BUTTON), "paused"),
    ],
)
def test_a_button_counts_only_where_there_is_one(camera, place, words):
    """Elsewhere it is refused, with what to do."""
    with pytest.raises(PolicyRefused, match=words):
        check_press(camera, place)


def test_a_button_counts_at_its_place():
    """And nothing is kept of it."""
    check_press(DOOR, Place(LOBBY, capture=Capture.BUTTON))


def test_an_export_is_logged_with_what_it_covers(office):
    """Camera and time, before it happens."""
    log_export(office, DOOR.id, NOW, NOW.replace(hour=10))
    [event] = told(office)
    assert (event["kind"], event["camera"]) == ("recording_exported", "door")
    assert (event["starts_at"], event["ends_at"]) == ("2026-11-23T09:41:07.250Z", "2026-11-23T10:41:07.250Z")


@pytest.mark.parametrize("weather", [Weather.FAILS, Weather.FAILS_BUT_PERSISTED])
def test_an_export_that_cannot_be_logged_is_refused(office, log, weather):
    """Log before act."""
    log.weather = weather
    with pytest.raises(BeholdenError):
        log_export(office, DOOR.id, NOW, NOW)
