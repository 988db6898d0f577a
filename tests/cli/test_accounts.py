"""Accounts and approvals as people type them, in a folder that is live and in a rehearsal."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

import beholden.wiring.clock as wall
import beholden.wiring.folder as wired
from beholden.acts.displays.show import NOBODY_THERE, Look, Shown, show
from beholden.cli.account_names import NOT_SHOWN, Names
from beholden.cli.account_options import Signer
from beholden.cli.log_mine import FORMAT
from beholden.consent.keystore import Keystore
from beholden.consent.logkeys import tag_key
from beholden.consent.oversight.displays import Way
from beholden.ledger.leaf import Month
from beholden.ledger.note import SigningKey
from beholden.model.box import Box
from beholden.model.errors import PolicyRefused
from beholden.model.grant import Place, Viewpoint
from beholden.model.ids import CameraId, GrantId, PlaceId, SightingId, SubjectId, TrackId
from beholden.model.match import Known, Reason, Unknown, Why
from beholden.pipeline.ports import TrackDecision
from beholden.settings import read_settings
from tests.people import NOW


@pytest.fixture
def days(monkeypatch):
    """A clock that the test moves."""

    class Clock:
        now = NOW

        def __call__(self):
            self.now += timedelta(milliseconds=1)
            return self.now

    clock = Clock()
    monkeypatch.setattr(wall, "now", clock)
    monkeypatch.setattr(wired.open_acting.__wrapped__, "__defaults__", (clock,))
    return clock


@pytest.fixture
def town(beholden, tmp_path, days):
    data = tmp_path / "town"
    assert beholden("init", "--data", data, "--place", "lobby").code == 0
    return data


def keys(beholden, tmp_path, name):
    """A new key file: where it is, and the public key."""
    path = tmp_path / f"{name}.key"
    said = beholden("account", "key", path, "--name", name)
    assert said.code == 0, said.err
    return path, said.out.strip()


@pytest.fixture
def holders(beholden, town, tmp_path, days):
    """Olga asks; Sam is her colleague; Uwe is of the union. All have been here for long."""
    by = {}
    for name, organisation, what, role in (
        ("Olga", "Townhall", "site", "operator"),
        ("Sam", "Townhall", None, "approver"),
        ("Uwe", "Union", "other", "approver"),
    ):
        path, public = keys(beholden, tmp_path, name.lower())
        kind = () if what is None else ("--what", what)
        signed = () if not by else ("--account", "Olga", "--key", by["Olga"])
        said = beholden(
            "account", "add", name, "--organisation", organisation, *kind, "--role", role, "--public", public, *signed,
            "--data", town,
        )  # fmt: skip
        assert said.code == 0, said.err
        by[name] = path
    days.now += timedelta(hours=73)
    return by


def test_a_key_file_is_private_and_never_in_the_data_folder(beholden, town, tmp_path):
    """Nor written over."""
    path, public = keys(beholden, tmp_path, "olga")
    assert path.stat().st_mode & 0o777 == 0o600
    assert public.startswith("olga+")
    again = beholden("account", "key", path)
    assert (again.code, "cannot create the key" in again.complaint) == (3, True)
    inside = beholden("account", "key", town / "olga.key", "--data", town)
    assert (inside.code, "is in the data folder" in inside.complaint) == (3, True)
    assert not (town / "olga.key").exists()


def test_a_key_that_others_can_read_signs_nothing(beholden, town, holders):
    """It says how to mend that."""
    holders["Olga"].chmod(0o644)
    said = beholden("account", "notices", "--account", "Olga", "--key", holders["Olga"], "--data", town)
    assert (said.code, "other accounts can read the key" in said.complaint) == (3, True)


def test_accounts_are_listed_with_what_they_may_do(beholden, town, holders):
    """The private key of nobody is in the folder."""
    rows = beholden("account", "list", "--data", town, "--json").rows
    assert [(each["name"], each["organisation"], each["roles"], each["acts"], each["new"]) for each in rows] == [
        ("Olga", "Townhall", ["operator"], True, False),
        ("Sam", "Townhall", ["approver"], True, False),
        ("Uwe", "Union", ["approver"], True, False),
    ]
    secret = holders["Olga"].read_bytes().strip()
    assert not any(secret in path.read_bytes() for path in town.rglob("*") if path.is_file())
    assert "Uwe (a_" in beholden("account", "list", "--data", town).out


def test_nobody_adds_changes_or_revokes_without_a_key(beholden, town, holders, tmp_path):
    """Each refusal is one line."""
    _, public = keys(beholden, tmp_path, "max")
    new = ("account", "add", "Max", "--organisation", "Townhall", "--role", "maintainer", "--public", public)
    assert beholden(*new, "--data", town).code == 5
    assert beholden(*new, "--data", town, "--account", "Sam", "--key", holders["Sam"]).code == 5
    assert beholden(*new, "--data", town, "--account", "Olga", "--key", holders["Sam"]).code == 5
    assert beholden(*new, "--data", town, "--account", "Olga").code == 2
    assert beholden("account", "revoke", "Sam", "--data", town).code == 5
    assert beholden(*new, "--data", town, "--account", "Olga", "--key", holders["Olga"]).code == 0
    by = ("--account", "Olga", "--key", holders["Olga"], "--data", town)
    assert "does not approve yet" in beholden("account", "change", "Sam", "--role", "operator", *by).out
    assert "the credential was revoked" in beholden("account", "revoke", "Sam", *by).out
    told = beholden("account", "notices", *by).out
    assert told.count("\n") == 5
    assert beholden("account", "notices", "--data", town).code == 2


def test_the_account_may_be_set_for_all_commands(beholden, town, holders, monkeypatch):
    """By the environment; no setting is meant by it."""
    monkeypatch.setenv("BEHOLDEN_ACCOUNT", "Olga")
    monkeypatch.setenv("BEHOLDEN_KEY", str(holders["Olga"]))
    assert beholden("account", "notices", "--data", town).code == 0


CAMERA = ("camera", "add", "door", "rtsp://192.168.1.20:554/stream2", "--place", "lobby")


def test_a_camera_is_added_to_a_live_folder_once_a_colleague_approved(beholden, town, holders):
    """Refused, asked for, approved with a signature made elsewhere, and added."""
    olga = ("--account", "Olga", "--key", holders["Olga"], "--data", town)
    refused = beholden(*CAMERA, "--data", town)
    assert (refused.code, "one credential alone does not do this" in refused.complaint) == (5, True)
    asked = beholden("request", *CAMERA, *olga)
    digest = asked.out.split()[0]
    assert asked.code == 0
    assert len(digest) == 64
    assert "address: rtsp://192.168.1.20:554/stream2" in asked.out
    assert "not now: 1 others must approve, and 0 did" in asked.out
    assert beholden(*CAMERA, *olga, "--request", digest).code == 5
    sam = beholden("account", "list", "--data", town, "--json").rows[1]["account"]
    line = beholden("approve", digest, "--print", "--account", sam, "--key", holders["Sam"]).out.strip()
    approved = beholden("approve", digest[:10], "--signed", line, "--data", town)
    assert "it may be done now" in approved.out, approved.err
    done = beholden(*CAMERA, *olga, "--request", digest[:10])
    assert done.code == 0, done.err
    [row] = beholden("approvals", "list", "--data", town, "--json").rows
    assert (row["request"], row["state"], row["approved_by"]) == (digest, "done", [sam])
    assert "done already" in beholden("approvals", "show", digest, "--data", town).out


def test_zones_need_another_request(beholden, town, holders):
    """Approved by either."""
    olga = ("--account", "Olga", "--key", holders["Olga"], "--data", town)
    for command in (CAMERA, ("camera", "zones", "door", "--zone", "0,0 0.3,0 0.3,1")):
        assert beholden(*command, "--data", town).code == 5
        digest = beholden("request", *command, *olga).out.split()[0]
        beholden("approve", digest, "--account", "Uwe", "--key", holders["Uwe"], "--data", town)
        assert beholden(*command, *olga, "--request", digest).code == 0


def test_what_is_asked_for_must_be_a_command_that_needs_it(beholden, town):
    """And an export needs its moments."""
    assert beholden("request").code == 2
    assert beholden("request", "people", "--data", town).code == 2
    assert beholden("request", "recordings", "export", "door", town / "x.mp4", "--data", town).code == 2


def test_looser_settings_wait_and_the_command_says_that_nobody_is_named(beholden, town, holders):
    """Until a colleague agreed; or the settings are as they were."""
    olga = ("--account", "Olga", "--key", holders["Olga"], "--data", town)
    settings = town / "beholden.toml"
    before = settings.read_text()
    settings.write_text(before + "\n[recognition]\nfpir = 0.05\n")
    listed = beholden("approvals", "list", "--data", town)
    assert "NOBODY IS NAMED: the settings wait" in listed.err
    assert "beholden request approvals accept settings" in listed.out
    [rules] = [row for row in beholden("doctor", "--data", town, "--json").rows if row["check"] == "rules"]
    assert (rules["ok"], "nobody is named: the settings wait for approval" in rules["detail"]) == (False, True)
    assert beholden("approvals", "accept", "settings", "--data", town).code == 5
    settings.write_text(before)
    assert "NOBODY" not in beholden("approvals", "list", "--data", town).err
    assert "No settings wait" in beholden("approvals", "accept", "settings", "--data", town).out
    settings.write_text(before + "\n[recognition]\nfpir = 0.05\n")
    digest = beholden("request", "approvals", "accept", "settings", *olga).out.split()[0]
    beholden("approve", digest, "--account", "Sam", "--key", holders["Sam"], "--data", town)
    assert "are in force" in beholden("approvals", "accept", "settings", *olga, "--request", digest).out
    assert "NOBODY" not in beholden("approvals", "list", "--data", town).err


def test_a_rehearsal_says_so_and_needs_nobody(beholden, rehearsal, tmp_path):
    """Accounts may be added as they are wished."""
    _, public = keys(beholden, tmp_path, "sam")
    said = beholden(
        "account", "add", "Sam", "--organisation", "Union", "--what", "other", "--role", "approver", "--public",
        public, "--data", rehearsal,
    )  # fmt: skip
    assert (said.code, said.err) == (0, "REHEARSAL\n")
    assert "; acts" in said.out


def test_settings_of_one_watch_wait_although_another_process_keeps_the_folder(beholden, town, clip, monkeypatch):
    """Also those of its environment: who keeps the folder did not read them."""
    monkeypatch.setenv("BEHOLDEN_RECOGNITION__FPIR", "0.05")
    with wired.open_acting(town, read_settings(town, {})):
        watched = beholden("watch", clip, "--data", town)
    assert "NOBODY IS NAMED: the settings wait" in watched.err


def test_a_name_in_a_live_folder_is_shown_to_an_account_and_nobody_else():
    """Without one it is not shown; barred, the line is about a stranger; too often, it is not shown any more."""
    match = Known(SubjectId("s_ann"), GrantId("g"), Why(Reason.CLEAR, 3))
    decision = TrackDecision(
        Viewpoint(CameraId("door"), Place(PlaceId("lobby"))), TrackId("t-1"), NOW, 0.0, Box(0.1, 0.1, 0.2, 0.2), match,
        sighting=SightingId("1"),
    )  # fmt: skip
    for shown, name, answer in (
        (PolicyRefused("no account"), NOT_SHOWN, Known),
        (Shown(refused="too often"), NOT_SHOWN, Known),
        (Shown("Ann"), "Ann", Known),
        (Shown(), None, Unknown),
    ):
        acting = Answering(shown)
        seen, who = Names(acting, None, Way.FEED).seen(decision)
        assert (who, type(seen.match)) == (name, answer)
        assert (seen.sighting is None) == (answer is Unknown)
        assert acting.asked == [Look(SubjectId("s_ann"), Way.FEED, PlaceId("lobby"), SightingId("1"))]
    assert seen.match.why.reason is Reason.NOBODY_ALIKE


def test_a_name_is_asked_for_once_for_each_sighting_of_an_account():
    """Without an account once for each person."""
    signer = Signer("a_1", SigningKey.generate("k"))
    for by, asked in ((None, 1), (signer, 2)):
        acting = Answering(Shown("Ann"))
        names = Names(acting, by, Way.FEED)
        for sighting in ("1", "2", "1"):
            assert names.of(SubjectId("s_ann"), SightingId(sighting), PlaceId("lobby")) == "Ann"
        assert len(acting.asked) == asked


def test_why_an_account_is_not_shown_names_is_said_once(capsys):
    """Not of somebody who was not sighted there: that would tell who was."""
    for shown, said in (
        (PolicyRefused("a new account is shown names after 72 hours"), 1),
        (Shown(refused="too often"), 1),
        (PolicyRefused(NOBODY_THERE), 0),
    ):
        names = Names(Answering(shown), Signer("a_1", SigningKey.generate("k")), Way.FEED)
        for sighting in ("1", "2"):
            assert names.of(SubjectId("s_ann"), SightingId(sighting), PlaceId("lobby")) == NOT_SHOWN
        assert capsys.readouterr().err.count(NOT_SHOWN) == said


class Answering:
    """Shows what it was told to show."""

    def __init__(self, shown):
        self.shown, self.asked = shown, []

    def do(self, act, look, signed):
        assert act is show
        self.asked.append(look)
        if isinstance(self.shown, Exception):
            raise self.shown
        return self.shown


def test_people_of_a_live_folder_are_named_to_an_account_and_each_time_counts(beholden, town, holders):
    """Three times; without --names, or without an account, never."""
    invited = beholden("invite", "person", "Ada", "-p", "entrance", "--place", "lobby", "--data", town)
    assert invited.code == 0, invited.err
    olga = ("--account", "Olga", "--key", holders["Olga"], "--data", town, "--json")
    for plain in (("--data", town, "--json"), ("--names", "--data", town, "--json"), olga):
        assert [row["name"] for row in beholden("people", *plain).rows] == [NOT_SHOWN]
    shown = [beholden("people", "--names", *olga).rows[0]["name"] for _ in range(5)]
    assert shown == ["Ada"] * 3 + [NOT_SHOWN] * 2
    assert "again and again" in beholden("account", "notices", "--account", "Uwe", "--key", holders["Uwe"],
                                         "--data", town).out  # fmt: skip


def test_somebody_is_found_by_name_for_an_account_only_and_that_counts(beholden, town, holders):
    """By id for everybody, without the name; nothing that goes over the socket holds it."""
    ada = beholden("invite", "Ada", "-p", "entrance", "--place", "lobby", "--data", town, "--json").rows[0]["subject"]
    for command in (("grant", "show", "Ada"), ("withdraw", "Ada", "--yes"), ("grant", "pause", "Ada")):
        refused = beholden(*command, "--data", town)
        assert (refused.code, "a named account only" in refused.complaint) == (5, True)
    shown = beholden("grant", "show", ada, "--data", town)
    assert (shown.code, "Ada" in shown.out) == (0, False)
    olga = ("--account", "Olga", "--key", holders["Olga"], "--data", town)
    said = [beholden("grant", "show", "Ada", *olga) for _ in range(4)]
    assert [each.code for each in said] == [0, 0, 0, 5]
    assert "Ada has not agreed" in said[0].out
    assert "too often" in said[3].complaint
    assert beholden("grant", "show", "Zoe", *olga).code == 5
    assert beholden("grant", "show", ada, *olga).code == 0


@pytest.mark.parametrize("who", ["Sam", "Uwe"])
def test_an_approver_reads_no_name_in_a_list_and_finds_nobody_by_name(beholden, town, holders, who):
    """Of the place or elsewhere: why is said once, and the same of nobody; by id they are answered without a name."""
    ada = beholden("invite", "Ada", "-p", "entrance", "--place", "lobby", "--data", town, "--json").rows[0]["subject"]
    account = ("--account", who, "--key", holders[who], "--data", town)
    listed = beholden("people", "--names", *account, "--json")
    assert ([row["name"] for row in listed.rows], "operators of those who run the place" in listed.err) == (
        [NOT_SHOWN],
        True,
    )
    found = [beholden("grant", "show", called, *account) for called in ("Ada", "Zoe")]
    assert [(each.code, "operators of those who run" in each.complaint) for each in found] == [(5, True)] * 2
    by_id = beholden("grant", "show", ada, *account)
    assert (by_id.code, "Ada" in by_id.out) == (0, False)


def test_a_glass_is_not_broken_on_a_plan_that_was_made_up(beholden, town, holders):
    """Nobody reported anything; and without an account nothing is asked."""
    beholden("invite", "person", "Ada", "-p", "entrance", "--place", "lobby", "--data", town)
    [ada] = beholden("people", "--data", town, "--json").rows
    asked = ("glass", "open", "plan-1", "--subject", ada["subject"], "--why", "no answer", "--data", town)
    refused = beholden(*asked, "--account", "Sam", "--key", holders["Sam"])
    assert (refused.code, "there is no report that this plan" in refused.complaint) == (5, True)
    assert beholden(*asked).code == 2
    assert "None." in beholden("glass", "list", "--data", town, "--account", "Sam", "--key", holders["Sam"]).out


def log_keys(town, path, subject):
    """As somebody's portal would give them."""
    month = Month.of(NOW)
    key = tag_key(Keystore.open(town / "keystore").data_key(SubjectId(subject)), month).hex()
    path.write_text(json.dumps({"format": FORMAT, "subject": subject, "months": {str(month): key}}))
    return path


def test_a_person_bars_an_account_which_sees_nobody_and_what_is_new_waits(beholden, town, holders, tmp_path):
    """Nobody's list tells either."""
    beholden("invite", "person", "Ada", "-p", "entrance", "--place", "lobby", "--data", town)
    [ada] = beholden("people", "--data", town, "--json").rows
    olga = ("--account", "Olga", "--key", holders["Olga"], "--data", town)
    uwe = ("--account", "Uwe", "--key", holders["Uwe"], "--data", town)
    own = ("--same-as", ada["subject"])
    proven = ("--log-keys", log_keys(town, tmp_path / "ada.keys", ada["subject"]))
    for name, role, more, by in (("Ada", "subject", (*own, *proven), olga), ("Audrey", "auditor", (), uwe)):
        holders[name], public = keys(beholden, tmp_path, name.lower())
        new = ("account", "add", name, "--organisation", f"{name}s", "--what", "other", "--role", role)
        if more:
            unsaid = beholden(*new, *own, "--public", public, *by)
            assert (unsaid.code, "only when they say so" in unsaid.complaint) == (5, True)
        said = beholden(*new, *more, "--public", public, *by)
        assert said.code == 0, said.err
    own, audrey = (("--account", who, "--key", holders[who], "--data", town) for who in ("Ada", "Audrey"))
    assert beholden("ties", "bar", "Olga", "--data", town).code == 5
    barred = beholden("ties", "bar", "Olga", *own)
    assert (barred.code, "you are not there" in barred.out) == (0, True), barred.err
    assert beholden("ties", "known", "Sam", *own).code == 0
    assert "after 72 hours" in beholden("ties", "list", *own).complaint
    assert beholden("ties", "list", *olga).code == 5
    assert beholden("people", "--names", *olga, "--json").rows == []
    assert "after 72 hours" in beholden("ties", "unbar", "Olga", *own).complaint
    for who, words in ((olga, "only an auditor"), (audrey, "a new auditor waits")):
        for asked in (("add", "Vera", "--place", "lobby"), ("list",)):
            assert words in beholden("canary", *asked, *who).complaint


def test_somebody_who_does_not_exist_is_made_up_and_listed(beholden, rehearsal):
    """In a rehearsal by anybody."""
    assert "does not exist" in beholden("canary", "add", "Vera", "--place", "lobby", "--data", rehearsal).out
    assert [row["name"] for row in beholden("canary", "list", "--data", rehearsal, "--json").rows] == ["Vera"]
    assert len(beholden("people", "--data", rehearsal, "--json").rows) == 1


def test_ties_are_said_for_anybody_in_a_rehearsal(beholden, rehearsal):
    """And taken back."""
    for name in ("Ada", "Ben"):
        assert beholden("invite", "person", name, "-p", "entrance", "--place", "lobby", "--data", rehearsal).code == 0
    ada, ben = (row["subject"] for row in beholden("people", "--data", rehearsal, "--json").rows)
    said = ("--subject", ada, "--data", rehearsal)
    assert beholden("ties", "relative", ben, *said).code == 0
    assert beholden("ties", "list", *said).out == f"relative  {ben}\n"
    assert beholden("ties", "unrelate", ben, *said).code == 0
    assert "Nothing was said" in beholden("ties", "list", *said).out
    assert beholden("ties", "bar", "Nobody", *said).code == 3
