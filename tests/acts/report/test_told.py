"""What the leaf of a week counts by place, and in which words a report is refused."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta

import pytest

from beholden.acts.camera import add_camera
from beholden.acts.grants.invite import invite_all
from beholden.acts.report.close import close_weeks, openings_of, tallied
from beholden.acts.report.week import Week, last_told, parse_week
from beholden.acts.report.weekly import openings, transparency
from beholden.acts.sightings.counts import add_track_ends
from beholden.acts.store import IN_FILES, AnswerCount
from beholden.consent.oversight.steps import Happened
from beholden.model.camera import Camera
from beholden.model.errors import DataFolderError, InputError, PolicyRefused, SettingsError
from beholden.model.event import BackedUp, FolderCreated, Overseen, TrackEnded
from beholden.model.ids import CameraId, PlaceId
from beholden.storage.memory import MemoryStore
from tests.acts.houses import invitee, live_office, tick
from tests.acts.report.conftest import WEEK, YARD
from tests.acts.words import lines, said_by
from tests.people import LOBBY, enrolled

WHOLE, GATE = datetime(2026, 12, 1, tzinfo=UTC), PlaceId("gate")


@pytest.fixture
def begun(keystore, log, clock):
    """A folder that began this week."""
    office = live_office(MemoryStore(), keystore, log, clock)
    office.journal.record([FolderCreated(at=clock(), rehearsal=True)])
    return office


def passed(office, place, number, outcome="unknown", at=None):
    """So many tracks ended."""
    event = TrackEnded(at=at or office.clock(), camera="cam", place=place, outcome=outcome, reason="clear", seconds=1)
    add_track_ends(office, (event,) * number)


def test_the_leaf_of_a_week_counts_faces_and_answers_by_place(begun, clock, monkeypatch):
    """As the counts of the hours tell them, added up; also of a place where nothing was."""
    office = begun
    add_camera(office, Camera(CameraId("cam"), GATE, clock()), "rtsp://192.168.1.20/")
    for _ in range(2):
        passed(office, LOBBY, 12)
        passed(office, LOBBY, 11, "known")
        passed(office, LOBBY, 10, "undecided")
        passed(office, YARD, 9)
        clock.pass_by(hours=1)
    answered = (
        AnswerCount(LOBBY, date(2026, 11, 23), True, 3),
        AnswerCount(LOBBY, date(2026, 11, 29), True, 2),
        AnswerCount(LOBBY, date(2026, 11, 29), False, 1),
        AnswerCount(LOBBY, date(2026, 11, 22), True, 7),
        AnswerCount(LOBBY, date(2026, 11, 30), True, 7),
        AnswerCount(IN_FILES, date(2026, 11, 25), False, 4),
    )
    monkeypatch.setattr(office.store, "answer_counts", lambda: answered)
    clock.now = WHOLE
    assert close_weeks(office) == 1
    [(about, said)] = lines(office, "week_tallied")
    counted = {name: int(number) for number, name in (each.split(" ", 1) for each in said["counts"])}
    assert about is None
    assert {name: n for name, n in counted.items() if "@" in name} == {
        "faces.unknown@lobby": 24, "faces.known@lobby": 22, "faces.undecided@lobby": 20,
        "faces.unknown@yard": 0, "faces.known@yard": 0, "faces.undecided@yard": 0,
        "faces.unknown@gate": 0, "faces.known@gate": 0, "faces.undecided@gate": 0,
        "answered.right@lobby": 5, "answered.wrong@lobby": 1,
        "answered.right@yard": 0, "answered.wrong@yard": 0,
        "answered.right@gate": 0, "answered.wrong@gate": 0,
        f"answered.right@{IN_FILES}": 0, f"answered.wrong@{IN_FILES}": 4,
    }  # fmt: skip


def test_the_leaf_of_a_week_pins_the_leaves_that_are_about_nobody(begun, clock):
    """How many, and the digest of their commitments in order: none about somebody is among them, nor one of later."""
    enrolled(begun, "Ann", 1)
    begun.journal.record([BackedUp(at=clock())])
    clock.now = WHOLE
    begun.journal.record([BackedUp(at=clock())])
    close_weeks(begun)
    leaves = openings_of(begun, parse_week(WEEK))
    [(_, said)] = lines(begun, "week_tallied")
    assert leaves[0].values["kind"] == "folder_created"
    assert "enrolled" not in [each.values["kind"] for each in leaves]
    assert said["opened"] == len(leaves) == len(openings(begun, WEEK)) - 1
    assert said["digest"] == hashlib.sha256(b"".join(each.commitment for each in leaves)).hexdigest()
    assert [each.leaf for each in leaves] == sorted(each.leaf for each in leaves)
    assert (said["week"], tallied(begun, parse_week(WEEK)).values["kind"]) == (WEEK, "week_tallied")
    assert tallied(begun, parse_week("2026-W49")) is None
    assert lines(begun, "openings_given") == [(None, {"week": WEEK, "by": None})]


def test_a_leaf_that_names_somebody_is_handed_to_no_auditor_though_it_is_sealed_for_nobody(begun, clock):
    """Wherever the id is: as whom it is about, or among the holders of accounts."""
    about = {"what": Happened.SHOWN, "about": "g_1", "detail": ""}
    begun.journal.record([Overseen(at=clock(), subject="s_ann", by=(), **about)])
    begun.journal.record([Overseen(at=clock(), subject=None, by=("a_olga", "s_ann"), **about)])
    begun.journal.record([Overseen(at=clock(), subject=None, by=("a_olga",), **about)])
    clock.now = WHOLE
    handed = [each.event for each in openings(begun, WEEK)]
    assert not any("s_ann" in each for each in handed)
    assert sum('"overseen"' in each for each in handed) == 1


def test_links_count_in_the_quarter_that_ends_with_the_week(begun, clock):
    """Sent in its first moment they do, a moment before they do not."""
    quarter = parse_week(WEEK).end - timedelta(weeks=13)
    for number, moment in enumerate((quarter - timedelta(microseconds=1), quarter, parse_week(WEEK).end)):
        clock.now = moment
        invite_all(begun, (invitee(f"P{number}", f"token {number}", (tick().purpose,)),))
    clock.now = WHOLE
    close_weeks(begun)
    counts = lines(begun, "week_tallied")[-1][1]["counts"]
    assert {each for each in counts if "quarter" in each} == {"1 quarter.invited", "0 quarter.accepted"}


def test_what_cannot_be_told_says_when_it_can_or_what_else(begun, clock):
    """No week, one of before, one that is not whole, one that was never told."""
    form = (SettingsError, "--week 'soon' is no week", "Write it like 2026-W47 (ISO 8601).")
    assert said_by(lambda: transparency(begun, "soon")) == form
    assert said_by(lambda: parse_week("x" * 50))[1] == f"--week {'x' * 40!r} is no week"
    assert said_by(lambda: transparency(begun, "2026-W40")) == (
        InputError,
        "there was no log in 2026-W40",
        "Name a later week.",
    )
    assert said_by(lambda: transparency(begun, WEEK)) == (
        InputError,
        "2026-W48 is not whole yet",
        "It is told from 2026-12-01 00:00 UTC on: answers may come until then.",
    )
    clock.now = WHOLE
    begun.journal.tally.close(parse_week(WEEK))
    assert said_by(lambda: transparency(begun)) == (
        InputError,
        "2026-W48 was never told to the log: its counts are gone, or nobody knows what time it is",
        "Name another week; `beholden time` says whether the time is in doubt.",
    )


def test_a_leaf_that_is_missing_is_told_and_no_report_is_made(begun, clock):
    """Somebody took its opening away after the week was told."""
    clock.now = WHOLE
    close_weeks(begun)
    whole = begun.store.openings_of_nobody
    begun.store.openings_of_nobody = lambda since: [each for each in whole(since) if each.leaf != 0]
    assert said_by(lambda: transparency(begun, WEEK)) == (
        DataFolderError,
        f"of 1 leaves of {WEEK} that are about nobody, 0 can be opened",
        "Look with `beholden doctor`, and tell your auditor.",
    )


def test_what_opens_leaves_is_not_handed_out_unsigned_in_a_live_folder(keystore, log, clock):
    """Whatever the week."""
    office = live_office(MemoryStore(rehearsal=False), keystore, log, clock)
    kind, message, _ = said_by(lambda: openings(office, WEEK))
    assert (kind, message) == (PolicyRefused, "what opens leaves is handed to an auditor only")


def test_weeks_are_of_the_years_1970_to_2999():
    """Before and after, nothing is kept."""
    assert [str(parse_week(each)) for each in ("1970-W01", "2999-W52", "2026-W53")] == [
        "1970-W01",
        "2999-W52",
        "2026-W53",
    ]
    for text in ("1969-W52", "3000-W01"):
        assert said_by(lambda text=text: parse_week(text))[0] is SettingsError
    assert last_told(WHOLE) == Week(2026, 48)
