"""Papers made from what runs: true to it, the same for the same, without secrets, and what is missing stands out."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from beholden.consent.notice import Controller, notice_for
from beholden.consent.purposes import POLICIES
from beholden.ledger.cosignature import WitnessKey
from beholden.ledger.note import SigningKey
from beholden.model.camera import Camera
from beholden.model.errors import SettingsError
from beholden.model.grant import Capture, Purpose
from beholden.model.ids import CameraId, PlaceId
from beholden.papers import retention
from beholden.papers.answers import parse_answers, strange_answers, with_questions
from beholden.papers.drift import drifted
from beholden.papers.made import Made, make_papers
from beholden.papers.parts import Answers, blanks_in
from beholden.papers.place_notice import place_notice
from beholden.papers.running import Running
from beholden.papers.sign import sign
from beholden.papers.threat_lines import THREATS, named_tests
from beholden.settings import Settings
from beholden.wiring.papers import what_runs

ROOT = Path(__file__).resolve().parents[2]
ADDED = datetime(2026, 1, 1, tzinfo=UTC)
GATE = Camera(CameraId("gate"), PlaceId("lobby"), ADDED, record=True)
HOUSE: dict[str, object] = {
    "controller": {"name": "The house", "contact": "at the desk", "authority": "the authority"},
    "places": {
        "lobby": {"capture": "lane", "purposes": ["entrance", "care"], "hours": "08:00-20:00"},
        "square": {
            "capture": "declared",
            "purposes": ["find_me"],
            "legal_basis": "file 7",
            "impact_assessment": "file 8",
        },
        "shed": {"purposes": ["entrance"]},
        "room": {"capture": "button", "purposes": ["introductions"]},
    },
}


def running(cameras: tuple[Camera, ...] = (GATE,), *, rehearsal: bool = False, **changed: object) -> Running:
    return what_runs(Settings.model_validate({**HOUSE, **changed}), cameras, rehearsal=rehearsal)


def made(**changed: object) -> Made:
    return make_papers(running(**changed), Answers())


def everything(papers: Made) -> str:
    return "\n".join(papers.files.values())


# The threat model names tests that are there


def not_there(names: tuple[str, ...]) -> list[str]:
    missing: list[str] = []
    for name in names:
        file, _, function = name.partition("::")
        path = ROOT / file
        code = ast.parse(path.read_text(encoding="utf-8")) if path.is_file() else ast.Module([], [])
        if function not in {node.name for node in code.body if isinstance(node, ast.FunctionDef)}:
            missing.append(name)
    return missing


def test_every_test_that_the_threat_model_names_is_there() -> None:
    """And each line is held by one."""
    assert all(threat.tests for threat in THREATS)
    assert len(named_tests()) > len(THREATS) > 15
    assert not_there(named_tests()) == []


def test_a_test_that_is_not_there_would_be_noticed() -> None:
    """In a file that is, and in one that is not."""
    here = "tests/papers/test_papers.py"
    planted = (f"{here}::test_that_never_was", "tests/nowhere.py::test_x", f"{here}::{not_there.__name__}")
    assert not_there(planted) == list(planted[:2])


def test_the_papers_name_the_tests() -> None:
    """On the page, in the text, and for programs."""
    papers = made()
    assert json.loads(papers.files["papers.json"])["tests"] == list(named_tests())
    text, page = papers.files["threats.md"], papers.files["threats.html"].replace("<wbr>", "")
    assert all(name in text and name in page for name in named_tests())


# The same for the same, and another line for anything else


def test_the_same_configuration_gives_the_same_bytes() -> None:
    """So a comparison is enough."""
    assert made().files == made().files
    assert drifted(made().files, made().files) == ()


@pytest.mark.parametrize(
    ("changed", "file", "words"),
    [
        ({"recognition": {"fpir": 0.02}}, "impact-assessment.md", "1 in 50"),
        ({"recording": {"keep_days": 2}}, "retention.md", "2 days at most"),
        ({"recording": {"keep_days": 2}}, "sign-lobby.html", "kept for 2 days"),
        ({"cameras": (replace(GATE, record=False),)}, "notice-lobby.html", "No video is kept"),
        ({"cameras": (GATE, replace(GATE, id=CameraId("door")))}, "record-of-processing.md", "door"),
        ({"storage": {"keystore": "/keys"}}, "threats.md", "apart from the data folder"),
    ],
    ids=["threshold", "retention", "sign", "recording", "camera", "keystore"],
)
def test_what_changes_is_told_by_line(changed: dict[str, object], file: str, words: str) -> None:
    """The line that no longer fits, and what it would say."""
    before, now = made().files, made(**changed).files
    found = drifted(before, now)
    [line] = [each for each in found if each.file == file and words in each.now][:1]
    assert before[file].splitlines()[line.line - 1] != now[file].splitlines()[line.line - 1]
    assert line.in_words() == f"{file}:{line.line}\n  - {line.was}\n  + {line.now}"


def test_a_changed_setting_is_named_in_the_index() -> None:
    """`papers.json` holds the rules that the papers were made from, a line each."""
    found = drifted(made().files, made(recognition={"fpir": 0.02}).files)
    told = [each for each in found if each.file == "papers.json"]
    assert any("recognition.fpir = 0.01" in each.was and "recognition.fpir = 0.02" in each.now for each in told)


def test_a_changed_policy_changes_the_papers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The policy table is read, not retyped."""
    before = made()
    monkeypatch.setitem(POLICIES, Purpose.CARE, replace(POLICIES[Purpose.CARE], longest=timedelta(days=123)))
    files = {each.file for each in drifted(before.files, made().files)}
    assert {"retention.md", "record-of-processing.md", "impact-assessment.md", "notice-lobby.html"} <= files
    assert "123 days" in made().files["retention.md"]


@pytest.mark.parametrize(
    ("name", "length", "told"),
    [
        ("MOST_DAYS", 19, "19 days at most, or for as long as they said"),
        ("LIVES", timedelta(days=21), "| 21 days |"),
        ("MATCH_LIVES", timedelta(days=23), "told everything | 23 days at most"),
        ("KEPT_AFTER", timedelta(days=29), "29 days after the day on which the person is of age"),
        ("sighting_life", lambda _: None, "A sighting in pictures, for care"),
    ],
)
def test_every_kind_of_record_about_people_has_its_row(
    monkeypatch: pytest.MonkeyPatch, name: str, length: object, told: str
) -> None:
    """Histories, plans, guardians' records, pictures of an event: from what the program goes by."""
    monkeypatch.setattr(retention, name, length)
    assert told in made().files["retention.md"]


def test_whoever_is_named_by_somebody_else_is_in_the_record() -> None:
    """Guardians by name; who reported, and whom a person names beforehand, where there are such plans."""
    text = made().files["record-of-processing.md"]
    for who in ("Guardians | name,", "Whoever reports somebody missing | name", "Whom somebody names for when they go"):
        assert who in text
    without = made(places={}).files["record-of-processing.md"]
    assert "reports somebody missing" not in without


def test_a_changed_constant_changes_the_retention_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """The table holds what the program goes by."""
    monkeypatch.setattr(retention, "COUNTS_LIVE", timedelta(days=17))
    assert "17 days" in made().files["retention.md"]


def test_a_place_that_is_gone_leaves_papers_that_no_longer_fit() -> None:
    """And other files of the folder are nobody's business."""
    there = {**made().files, "sign-cellar.html": "old", "holiday.html": "mine", "notes.txt": None}
    assert [each.in_words() for each in drifted(there, made().files)] == [
        "sign-cellar.html: there is no such place any more"
    ]


def test_missing_and_damaged_papers_are_told() -> None:
    """By file."""
    there: dict[str, str | None] = {**made().files, "threats.html": None}
    del there["retention.md"]
    assert {(each.file, each.line) for each in drifted(there, made().files)} == {
        ("threats.html", 0),
        ("retention.md", 0),
    }


# What is in them, and what is not


def test_every_paper_says_what_it_was_made_from() -> None:
    """The digests of rules and settings; a sign the first letters of them."""
    what = running()
    for name, text in made().files.items():
        length = 16 if name.startswith("sign-") else 64
        assert what.policy_digest[:length] in text, name
        assert what.settings_digest[:length] in text, name


def test_no_secret_is_in_any_paper() -> None:
    """Passwords, paths, addresses and programs of the settings; a witness is known by the name of its key."""
    key = WitnessKey("eye.example/one", SigningKey.generate("eye.example/one").verifier.public)
    text = everything(
        made(
            storage={"database": "postgresql://roberta:hunter2@db.internal/x", "keystore": "/secret/keys"},
            keystore={"wrap": ["/opt/vault/seal", "--token", "s3cr3t"]},
            log={"witnesses": [f"{key.encoded()} https://internal.example/"]},
        )
    )
    assert not [
        word for word in ("hunter2", "db.internal", "/secret", "/opt/vault", "s3cr3t", "roberta") if word in text
    ]
    assert "a program of the operator" in text
    assert "PostgreSQL" in text
    assert "eye.example/one" in text


def test_pages_need_nothing_from_outside() -> None:
    """No script, no link, no picture; and the policy of each page allows none."""
    for name, text in made().files.items():
        if name.endswith(".html"):
            assert not re.search(r"<(script|link|img|iframe|a|form)\b|https?://|url\(|@import", text), name
            assert "default-src 'none'" in text


def test_a_rehearsal_is_told_on_everything() -> None:
    """Nobody hangs up such a sign."""
    papers = make_papers(running(rehearsal=True, controller={}), Answers())
    assert all("REHEARSAL" in text for name, text in papers.files.items() if name != "papers.json")
    assert not [name for name in papers.to_fill_in if name.startswith("controller.")]


def test_rules_that_wait_for_approval_are_told_on_everything() -> None:
    """They are in the settings, and do not hold yet."""
    what = replace(running(), held=("settings",))
    papers = make_papers(what, Answers())
    assert all("Not in force until approved" in text for name, text in papers.files.items() if name != "papers.json")
    assert "Not in force" not in everything(made())


def test_the_notice_of_a_place_has_the_words_that_people_agree_to() -> None:
    """With their digest, as a grant records it."""
    what = running()
    [lobby] = [each for each in what.places if each.place.id == "lobby"]
    page = made().files["notice-lobby.html"]
    notice = notice_for(lobby.place.purposes, [lobby.place], what.controller)
    assert notice.digest in page
    assert all(section.words.split(".")[0].replace("'", "&#x27;") in page for section in notice.sections)


def test_where_nobody_answers_yet_the_papers_say_so() -> None:
    """A blank, and no digest of a notice that nobody can agree to."""
    papers = made(controller={"name": "The house"})
    assert {"controller.contact", "controller.authority"} <= set(papers.to_fill_in)
    page = papers.files["notice-lobby.html"]
    assert "These are the words that people agree to" not in page
    assert "setting controller.contact" in page
    assert "setting controller.contact" in papers.files["sign-lobby.html"]


@pytest.mark.parametrize("capture", [None, *Capture])
def test_a_sign_tells_what_who_how_not_and_where_to_ask(capture: Capture | None) -> None:
    """In this order; where nobody is named there is nothing to avoid."""
    place = {"capture": capture, "purposes": ["entrance"], "legal_basis": "law", "impact_assessment": "file"}
    what = running(places={"door": place}, cameras=())
    shown = sign(what, what.places[0], Answers())
    headings = [line.heading for line in shown.lines]
    assert headings == [
        "What happens",
        *(["What for"] if capture else []),
        "Who",
        *(["How to avoid it"] if capture else []),
        "Where to ask",
    ]
    assert shown.naming is (capture is not None)
    assert ("declared" in str(capture)) == ("compare every face" in shown.headline)


def test_where_everybody_is_compared_the_notice_says_why_it_is_allowed() -> None:
    """As the operator recorded it."""
    what = running()
    [square] = [each for each in what.places if each.place.id == "square"]
    assert (square.legal_basis, square.impact_assessment) == ("file 7", "file 8")
    assert "file 7" in made().files["notice-square.html"]
    assert "file 7" not in made().files["notice-lobby.html"]
    assert any(
        blank.name == "place.square.other_way" for blank in blanks_in(place_notice(what, square, Answers()).sections)
    )


# What only the operator knows


def test_what_is_not_filled_in_stands_out_and_is_counted() -> None:
    """On the paper, and all together."""
    papers = made()
    assert "record.transfers" in papers.to_fill_in
    assert "<b>To fill in:</b>" in papers.files["record-of-processing.html"]
    counted = re.search(r"Not finished: (\d+) still", papers.files["record-of-processing.html"])
    told = {each["name"]: each["to_fill_in"] for each in json.loads(papers.files["papers.json"])["papers"]}
    assert counted is not None
    assert int(counted[1]) == len(told["record-of-processing"])


def test_an_answer_fills_its_blank_and_stays_text() -> None:
    """Whatever is written in it."""
    hostile = "<script>alert(1)</script> | **bold** \u202eevil"
    papers = make_papers(running(), Answers({"record.transfers": hostile}))
    assert "record.transfers" not in papers.to_fill_in
    page, text = papers.files["record-of-processing.html"], papers.files["record-of-processing.md"]
    assert "&lt;script&gt;" in page
    assert "<script" not in page
    assert "\u202e" not in page
    assert r"\<script\>alert(1)\</script\> \| \*\*bold\*\*" in text


def test_papers_are_finished_when_everything_is_answered() -> None:
    """Nothing is marked any more."""
    papers = make_papers(running(), Answers(dict.fromkeys(made().to_fill_in, "none")))
    assert papers.to_fill_in == ()
    assert "To fill in" not in everything(papers)
    assert "Not finished" not in everything(papers)


def test_questions_are_added_and_answers_kept() -> None:
    """A new place asks new questions; what stands in the file stays as it is."""
    first = with_questions("", make_papers(running(places={}), Answers()).blanks)
    filled = first.replace('"record.transfers" = ""', '"record.transfers" = "none"  # as of May')
    second = with_questions(filled, made().blanks)
    assert second.startswith(filled)
    assert '"place.square.other_way" = ""' in second
    assert parse_answers(second).values["record.transfers"] == "none"
    assert with_questions(second, made().blanks) == second
    assert set(parse_answers(second).values) == {blank.name for blank in made().blanks if not blank.setting}


def test_answers_to_nothing_are_told() -> None:
    """A slip of the pen would leave a blank open for ever."""
    assert strange_answers(Answers({"record.tranfers": "none", "record.transfers": ""}), made().blanks) == (
        "record.tranfers",
    )


@pytest.mark.parametrize("text", ['"record.transfers" = 3', "record.transfers = ", '[record]\ntransfers = ""'])
def test_what_are_no_answers_is_refused(text: str) -> None:
    """With the form that an answer has."""
    with pytest.raises(SettingsError, match=r"answers\.toml"):
        parse_answers(text)


def test_a_controller_in_the_settings_is_who_answers() -> None:
    """On paper as in the notice."""
    assert running().controller == Controller("The house", "at the desk", "the authority")
