"""Acts that one credential alone cannot do, through the real acts: refused, asked for, approved, done once."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from beholden.acts.accounts.change import REVOKE, change_digest, revoke_account
from beholden.acts.approvals.camera import camera_particulars, place_particulars, without_password, zones_particulars
from beholden.acts.approvals.model import announce_model, model_particulars
from beholden.acts.approvals.requests import (
    DO,
    REQUEST,
    Warrant,
    approve,
    ask,
    request,
    request_of,
    requests,
    warranted,
)
from beholden.acts.camera import add_camera, cameras, remove_camera, set_zones
from beholden.acts.recording import export_particulars, log_export
from beholden.acts.recover import recover
from beholden.consent.oversight.rules import Act
from beholden.ledger.memory import Weather
from beholden.model.camera import Camera, Zone
from beholden.model.errors import DataFolderError, InputError, LogUnavailable, PolicyRefused
from beholden.model.grant import Capture, Hours, Place, Purpose
from beholden.model.ids import CameraId
from beholden.storage.memory import MemoryStore
from tests.acts.faults import Faulty, Killed
from tests.acts.oversight import HOUR, PEOPLE, World, told
from tests.acts.test_accounts import refusal
from tests.people import LOBBY, NOW, Clock, office_of

ADDRESS = "rtsp://viewer:swordfish@192.168.1.20:554/stream2"
DOOR = Camera(CameraId("door"), LOBBY, NOW, record=True)
ZONE = Zone(((0.0, 0.0), (0.3, 0.0), (0.3, 1.0)))
PLACED = (Act.CAMERA_PLACE, camera_particulars(DOOR, ADDRESS, None, None, None))
EXPORT = (Act.EXPORT_RECORDINGS, export_particulars(DOOR.id, NOW, NOW + HOUR))
MODEL = (Act.CHANGE_POLICY, model_particulars("mine", "ab" * 32, "MIT"))


def add_door(world, warrant=None, address=ADDRESS):
    return add_camera(world.office, DOOR, address, None, None, warrant)


@pytest.mark.parametrize(
    ("act", "start"),
    [
        (add_door, "one credential alone does not do this: a camera's place and capture mode"),
        (lambda w: log_export(w.office, DOOR.id, NOW, NOW), "one credential alone does not do this: an export of rec"),
        (lambda w: announce_model(w.office, "m", "ab" * 32, "MIT"), "one credential alone does not do this: a change"),
    ],
)
def test_in_a_live_folder_none_of_them_happens_without_a_request(live, act, start):
    """And no leaf says that it did."""
    assert refusal(lambda: act(live)).startswith(start)
    assert told(live.office, "camera_added", "recording_exported", "model_added") == []


def test_in_a_rehearsal_they_happen_and_may_have_a_request(keystore, log):
    """Which is then held to the rules, but for the three days."""
    clock = Clock()
    world = World(office_of(MemoryStore(), keystore, log, clock), clock)
    add_door(world)
    remove_camera(world.office, DOOR.id)
    for name in ("olga", "sam"):
        world.add(name, *PEOPLE[name])
    asked = world.ask("olga", *PLACED).digest
    assert refusal(lambda: add_door(world, world.warrant("olga", asked))) == "1 others must approve, and 0 did"
    world.approve("sam", asked)
    add_door(world, world.warrant("olga", asked))
    assert [each.id for each in cameras(world.office)] == ["door"]


def test_who_agrees_to_a_camera_reads_how_its_place_names_people_and_agrees_to_that_alone(live):
    """Mode, purposes and hours; a place that is another by then has to be agreed to anew."""
    lobby = Place(LOBBY, "Europe/Berlin", Capture.LANE, (Purpose.ENTRANCE, Purpose.CARE), Hours.parse("08:00-20:00"))
    asked = camera_particulars(DOOR, ADDRESS, None, None, lobby)
    told = {"capture": "lane", "purposes": "care, entrance", "hours": "08:00-20:00 Europe/Berlin"}
    assert told.items() <= dict(asked).items()
    assert dict(place_particulars(Place(LOBBY)))["capture"] == "unset: nobody is named there"
    assert dict(place_particulars(Place(LOBBY)))["hours"] == "always"
    live.everybody("olga", "sam")
    warrant = live.agreed("olga", Act.CAMERA_PLACE, asked, "sam")
    live.office.house.places[LOBBY] = replace(lobby, capture=Capture.DECLARED)
    assert refusal(lambda: add_door(live, warrant)) == "what was asked for is something else"
    live.office.house.places[LOBBY] = lobby
    add_door(live, warrant)
    assert [each.id for each in cameras(live.office)] == ["door"]


def test_a_camera_is_added_once_somebody_else_agreed(live):
    """Asked, approved, allowed, done: in that order in the log."""
    live.everybody("olga", "sam")
    warrant = live.agreed("olga", *PLACED, "sam")
    assert request(live.office, warrant.digest).refusal is None
    add_door(live, warrant)
    kinds = ("act_requested", "act_approved", "act_allowed", "camera_added")
    asked, approved, allowed, added = told(live.office, *kinds)
    assert [each["kind"] for each in (asked, approved, allowed, added)] == list(kinds)
    assert (asked["digest"], asked["act"], asked["by"]) == (warrant.digest, "camera_place", "a_olga")
    assert (approved["digest"], approved["by"]) == (warrant.digest, "a_sam")
    assert (allowed["by"], allowed["approvers"], allowed["act"]) == ("a_olga", ["a_sam"], "camera_place")
    stands = request(live.office, warrant.digest[:8])
    assert (stands.state, stands.refusal, stands.approved_by) == ("done", "that was done already", ("a_sam",))


def test_what_was_approved_is_done_once(live):
    """The camera is not there again after it was removed; asking for the same again is another request."""
    live.everybody("olga", "sam")
    warrant = live.agreed("olga", *PLACED, "sam")
    add_door(live, warrant)
    add_door(live, warrant)  # nothing to do
    remove_camera(live.office, DOOR.id)
    live.clock.pass_by(seconds=1)
    assert refusal(lambda: add_door(live, live.warrant("olga", warrant.digest))) == "that was done already"
    assert refusal(lambda: live.approve("sam", warrant.digest)) == "that was done already"
    assert live.ask("olga", *PLACED).digest != warrant.digest


def test_every_export_is_logged_and_one_call_is_no_leave_for_later(live):
    """A call is repeated when the keeper dies; a second command is another signature, and refused."""
    live.everybody("olga", "uwe")
    warrant = live.agreed("olga", *EXPORT, "uwe")
    log_export(live.office, DOOR.id, NOW, NOW + HOUR, warrant)
    log_export(live.office, DOOR.id, NOW, NOW + HOUR, warrant)
    assert len(told(live.office, "recording_exported")) == 2
    live.clock.pass_by(seconds=1)
    again = live.warrant("olga", warrant.digest)
    assert refusal(lambda: log_export(live.office, DOOR.id, NOW, NOW + HOUR, again)) == "that was done already"
    live.clock.pass_by(minutes=5)
    reason = "the signature is not of now"
    assert refusal(lambda: log_export(live.office, DOOR.id, NOW, NOW + HOUR, warrant)) == reason
    assert len(told(live.office, "recording_exported")) == 2


@pytest.mark.parametrize(
    "act",
    [
        lambda w, warrant: add_door(w, warrant, ADDRESS.replace(".20", ".21")),
        lambda w, warrant: add_camera(w.office, replace(DOOR, place="garden"), ADDRESS, warrant=warrant),
        lambda w, warrant: add_camera(w.office, replace(DOOR, record=False), ADDRESS, warrant=warrant),
        lambda w, warrant: add_camera(w.office, replace(DOOR, zones=(ZONE,)), ADDRESS, warrant=warrant),
        lambda w, warrant: add_camera(w.office, DOOR, ADDRESS, ADDRESS, warrant=warrant),
        lambda w, warrant: add_camera(w.office, DOOR, ADDRESS, None, "ab", warrant=warrant),
        lambda w, warrant: log_export(w.office, DOOR.id, NOW, NOW, warrant),
        lambda w, warrant: announce_model(w.office, "m", "ab" * 32, "MIT", "", warrant),
    ],
)
def test_an_approval_of_one_act_is_of_no_use_for_another(live, act):
    """Another camera, place, picture; and the refusal is in the log."""
    live.everybody("olga", "sam", "uwe")
    warrant = live.agreed("olga", *PLACED, "sam", "uwe")
    assert refusal(lambda: act(live, warrant)) == "what was asked for is something else"
    [event] = told(live.office, "act_refused")
    assert (event["reason"], event["by"]) == ("what was asked for is something else", "a_olga")
    add_door(live, warrant)


def test_the_password_is_no_part_of_what_is_asked_for(live):
    """Approvers see where the camera is, and a changed password needs no other approval."""
    live.everybody("olga", "sam")
    warrant = live.agreed("olga", *PLACED, "sam")
    assert "swordfish" not in str(requests(live.office))
    assert ("address", "rtsp://192.168.1.20:554/stream2") in requests(live.office)[0].particulars
    add_door(live, warrant, ADDRESS.replace("swordfish", "other"))


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("rtsp://u:p@w@host:1/x@y?z", "rtsp://host:1/x@y?z"),
        ("rtsp://u:p@host?a@b", "rtsp://host?a@b"),
        ("rtsp://host#a@b", "rtsp://host#a@b"),
        ("http://host/x", "http://host/x"),
        ("webcam:/dev/video0", "webcam:/dev/video0"),
    ],
)
def test_user_and_password_end_at_the_last_at_sign_of_the_host(address, shown):
    """What comes after the host is not theirs: an approver would see another address."""
    assert without_password(address) == shown


def test_zones_are_replaced_once_somebody_else_agreed(live):
    """Also taken away: what was hidden would be seen."""
    live.everybody("olga", "max", "sam")
    add_door(live, live.agreed("olga", *PLACED, "sam"))
    assert set_zones(live.office, DOOR.id, ()).zones == ()  # as it is: nothing to agree to
    assert refusal(lambda: set_zones(live.office, DOOR.id, (ZONE,))).startswith("one credential alone")
    warrant = live.agreed("max", Act.CAMERA_PLACE, zones_particulars(DOOR.id, [ZONE]), "sam")
    other = Zone(((0.0, 0.0), (0.1, 0.0), (0.3, 1.0)))
    reason = "what was asked for is something else"
    assert refusal(lambda: set_zones(live.office, DOOR.id, (other,), warrant)) == reason
    assert set_zones(live.office, DOOR.id, (ZONE,), warrant).zones == (ZONE,)


# Collusion, through the real acts: who approves what.

MATRIX = {
    "camera": (PLACED, {"sam", "sue", "wanda", "uwe"}),
    "export": (EXPORT, {"wanda", "uwe"}),
    "model": (MODEL, {"wanda", "uwe"}),
}


@pytest.mark.parametrize("what", MATRIX)
def test_two_credentials_are_two_people_and_for_some_acts_two_organisations(live, what):
    """Everybody tries alone; in the end whoever may did."""
    live.everybody()
    live.add("olga2", "union", None, ("approver",), by="uwe", same_as="Olga")
    live.add("fresh", "union", None, ("approver",), by="uwe")
    live.clock.pass_by(hours=71)
    asked, may = MATRIX[what]
    done = set()
    for name in (*PEOPLE, "olga2", "fresh"):
        digest = live.ask("olga", *asked).digest
        try:
            live.approve(name, digest)
        except PolicyRefused:
            continue
        if request(live.office, digest).refusal is None:
            done.add(name)
        live.clock.pass_by(seconds=1)
    assert done == may


USELESS = {
    "olga": "the account is not an approver",
    "olga2": "whoever asks does not approve",
    "max": "the account is not an approver",
    "sam": "one of the approvers must be of an organisation of its own",
    "fresh": "a new approver waits for 72 hours",
}


def test_an_approval_that_counts_in_no_company_is_refused_with_the_reason(live):
    """And is kept nowhere; one that another can complete is kept."""
    live.everybody("olga", "max", "sam", "sue", "wanda")
    digest = live.ask("olga", *EXPORT).digest
    for name in ("olga", "max", "sam"):
        assert refusal(lambda name=name: live.approve(name, digest)) == USELESS[name]
    assert (request(live.office, digest).approved_by, told(live.office, "act_approved")) == ((), [])
    plan = live.ask("olga", Act.OPEN_FIND_ME, (("plan", "p1"), ("day", "1")), "s_her").digest
    assert live.approve("sam", plan).approved_by == ("a_sam",)
    assert live.approve("wanda", plan).refusal is None


@pytest.mark.parametrize("pair", list(permutations(("olga2", "sam", "fresh"), 2)))
def test_two_who_may_not_are_no_more_together(live, pair):
    """A second account of whoever asks, a colleague, and somebody who is new: not for an export."""
    live.everybody("olga", "sam", "uwe")
    live.add("olga2", "union", None, ("approver",), by="uwe", same_as="Olga")
    live.clock.pass_by(hours=72)
    live.add("fresh", "union", None, ("approver",), by="uwe")
    digest = live.ask("olga", *EXPORT).digest
    for name in pair:
        assert refusal(lambda name=name: live.approve(name, digest)) == USELESS[name]
    warrant = live.warrant("olga", digest)
    assert refusal(lambda: log_export(live.office, DOOR.id, NOW, NOW + HOUR, warrant)).startswith("1 others must")
    assert told(live.office, "recording_exported") == []
    assert len(told(live.office, "act_refused")) == 1


def test_somebody_else_than_who_asked_does_not_do_it(live):
    """Nor with the digest alone, nor with an approval instead of an act."""
    live.everybody("olga", "max", "sam")
    warrant = live.agreed("olga", *PLACED, "sam")
    assert refusal(lambda: add_door(live, live.warrant("max", warrant.digest))) == "whoever asked for it does it"
    approval = Warrant(warrant.digest, live.signed("olga", "approve", warrant.digest))
    assert refusal(lambda: add_door(live, approval)).startswith("the signature is not that account's")


def test_only_whom_the_table_names_asks(live):
    """It is not even listed."""
    live.everybody("olga", "sam", "max")
    assert refusal(lambda: live.ask("sam", *PLACED)) == "only operator or maintainer asks for this"
    assert refusal(lambda: live.ask("max", *EXPORT)) == "only operator asks for this"
    assert requests(live.office) == ()
    live.ask("max", *PLACED)


def test_what_is_asked_for_is_signed_by_whoever_asks(live):
    """Exactly that, at that moment."""
    live.everybody("olga", "sam")
    other = request_of(*EXPORT, "a_olga", live.clock()).digest
    signed = live.signed("olga", REQUEST, other)
    assert refusal(lambda: ask(live.office, *PLACED, signed)).startswith("the signature is not that account's")
    digest = live.ask("olga", *PLACED).digest
    wrong = live.signed("sam", DO, digest)
    assert refusal(lambda: approve(live.office, digest, wrong)).startswith("the signature is not that account's")


def test_asking_and_approving_again_changes_nothing(live):
    """One leaf each; an approval that is signed anew replaces the older one."""
    live.everybody("olga", "sam")
    at = live.clock()
    digest = live.ask("olga", *PLACED).digest
    assert live.ask("olga", *PLACED).digest == digest
    live.approve("sam", digest, at)
    live.approve("sam", digest, at)
    assert len(told(live.office, "act_requested", "act_approved")) == 2
    live.clock.pass_by(hours=20)
    assert live.approve("sam", digest).approved_by == ("a_sam",)
    live.clock.pass_by(hours=20)
    add_door(live, live.warrant("olga", digest))


def test_an_approval_counts_for_a_day_and_while_its_account_does(live):
    """Decided again when it is done."""
    live.everybody("olga", "sam", "sue")
    warrant = live.agreed("olga", *PLACED, "sam")
    live.clock.pass_by(hours=24)
    late = live.warrant("olga", warrant.digest)
    assert refusal(lambda: add_door(live, late)) == "the approval is too old"
    live.approve("sue", warrant.digest)
    revoke_account(live.office, "a_sue", live.signed("olga", REVOKE, change_digest("a_sue")))
    late = live.warrant("olga", warrant.digest)
    assert refusal(lambda: add_door(live, late)) == "the approval is too old"
    assert cameras(live.office) == ()


def test_a_request_is_found_by_its_beginning_and_forgotten_after_ninety_days(live):
    """The log knows it for ever."""
    live.everybody("olga")
    digest = live.ask("olga", *PLACED).digest
    for wrong in (digest[:7], "0" * 64, ""):
        with pytest.raises(InputError, match="nobody asked for"):
            request(live.office, wrong)
    live.office.store.purge(live.clock.now + 90 * 24 * HOUR - HOUR / 3600)
    assert len(requests(live.office)) == 1
    live.office.store.purge(live.clock.now + 90 * 24 * HOUR)
    assert requests(live.office) == ()


@pytest.mark.parametrize("method", ["put_kept", "add_camera", "set_outcome", "add_openings"])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("skipped", [0, 1, 2])
def test_cut_off_anywhere_the_same_request_does_it_once(live, keystore, log, clock, method, when, skipped):
    """Never without a leaf that says who agreed, and never a second time."""
    live.everybody("olga", "sam")
    warrant = live.agreed("olga", *PLACED, "sam")
    faulty = _After(live.office.store, method, when, skipped)
    broken = World(office_of(faulty, keystore, log, clock), clock, live.keys)
    try:
        add_door(broken, warrant)
    except (Killed, DataFolderError):
        recover(live.office)
    assert not cameras(live.office) or told(live.office, "act_allowed")
    clock.pass_by(seconds=1)
    add_door(live, live.warrant("olga", warrant.digest))
    assert [each.id for each in cameras(live.office)] == ["door"]
    assert len(told(live.office, "act_allowed")) <= (1 if method == "add_camera" else 2)


class _After(Faulty):
    """Killed at a later call of the method."""

    def __init__(self, real, method, when, skipped):
        super().__init__(real, method, when, None)
        self.left = skipped

    def __getattr__(self, name):
        if name == self._method:
            if self.left == 0:
                self._error = Killed()
            self.left -= 1
        return super().__getattr__(name)


def test_while_the_log_fails_nothing_is_asked_approved_or_done(live, log):
    """And afterwards it is."""
    live.everybody("olga", "sam")
    warrant = live.agreed("olga", *PLACED, "sam")
    log.weather = Weather.FAILS
    live.clock.pass_by(seconds=1)
    for act in (
        lambda: add_door(live, warrant),
        lambda: live.ask("olga", *EXPORT),
        lambda: live.approve("sam", warrant.digest),
    ):
        with pytest.raises(LogUnavailable):
            act()
    assert cameras(live.office) == ()
    log.weather = Weather.WORKS
    add_door(live, warrant)


def test_a_model_is_added_with_the_thresholds_that_were_approved(live):
    """By another organisation; with others it would name more easily."""
    live.everybody("olga", "uwe")
    warrant = live.agreed("olga", Act.CHANGE_POLICY, model_particulars("mine", "ab" * 32, "MIT", "cd" * 32), "uwe")
    reason = "what was asked for is something else"
    assert refusal(lambda: announce_model(live.office, "mine", "ab" * 32, "MIT", "ee" * 32, warrant)) == reason
    announce_model(live.office, "mine", "ab" * 32, "MIT", "cd" * 32, warrant)
    assert [each["name"] for each in told(live.office, "model_added")] == ["mine"]


def test_an_approval_is_for_one_person(live):
    """A notice to another is another act."""
    live.everybody("olga", "uwe")
    asked = (Act.DELAY_NOTICE, (("notice", "n1"), ("seconds", "86400")))
    warrant = live.agreed("olga", *asked, "uwe", subject="s_ann")
    for other in ("s_ben", None):
        with pytest.raises(PolicyRefused, match="something else"), warranted(live.office, *asked, warrant, other):
            pytest.fail("it happened")
    with warranted(live.office, *asked, warrant, "s_ann") as repeated:
        assert not repeated
