"""Everything held about one person is what storage holds: no more, no numbers, and nobody else."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from beholden.acts.accounts.kept import Record, keep, stored
from beholden.acts.grants.life import look_after
from beholden.acts.grants.withdraw import withdraw
from beholden.acts.own_copy.export import ASKED, export_held
from beholden.acts.own_copy.export_words import line_words, without_others
from beholden.acts.own_copy.own_request import Proof
from beholden.acts.sightings.sighting import Settle
from beholden.consent.house import House
from beholden.consent.receipts.canonical import canonical
from beholden.ledger.memory import Weather
from beholden.model.errors import LogUnavailable, PolicyRefused
from beholden.model.event import ReceiptGiven
from beholden.model.ids import Epoch, GrantId, TrackId
from beholden.model.match import Known, Reason, Why
from beholden.storage.database import Database
from tests.acts.houses import CONTROLLER, PLACES, kinds, live_office
from tests.acts.test_receipts import ANN, BOB, SEATED, joined, proof, public, signed_by
from tests.people import AT_LOBBY, LOBBY, MODEL, NOW, vector

EPOCH = Epoch("aaaaaaaaaaaa")
HOUR = timedelta(hours=1)
LINK_ENDS, GRANT = "7 December 2026", GrantId("g_aaaaaaaaaaaaaaaaaaaa")


@pytest.fixture
def office(tmp_path, keystore, log, clock):
    with Database.create(tmp_path / "live.db", "f", rehearsal=False, moment=NOW) as database:
        yield live_office(database, keystore, log, clock, SEATED)


@pytest.fixture
def people(office, clock):
    """Ann and Bob, both seen at the lobby two days after they agreed."""
    ann, bob = joined(office), joined(office, "Bob", token="another token", subject=BOB)
    clock.pass_by(days=2)
    settle = Settle(office)
    for number, who in enumerate((ann, bob)):
        match = Known(who.subject, who.grants[0].id, Why(Reason.CLEAR, 2))
        settle.named(AT_LOBBY, EPOCH, TrackId(f"{EPOCH}-{number}"), match, clock.now)
    return ann, bob


def exported(office, subject):
    return export_held(office, subject, proof(office, subject, ASKED))


def held(office, subject):
    return json.loads(exported(office, subject).data)


def display(office, subject, account, at, shown="yes"):
    values = {"account": account, "person": "p_1", "way": "feed", "place": LOBBY, "at": stored(at), "shown": shown}
    keep(office, [Record("display", f"{account}.{subject}", values, subject)])


def notice(office, name, text, not_before=None):
    values = {"to": ANN, "text": text, "due": stored(NOW), "not_before": not_before}
    keep(office, [Record("notice", name, values, ANN)])


def test_it_says_what_storage_holds(office, people, clock):
    """Name, grant, template, sighting, lines of the log, notice and receipt: as many as there are, and as they are."""
    told = held(office, ANN)
    [grant] = office.store.grants(ANN)
    [sealed] = [each for each in office.store.snapshot().templates if each.subject == ANN]
    [seen] = office.store.sightings(ANN)
    assert {"heading": "What you are called here", "text": "Ann"} in told["particulars"]
    [one] = told["grants"]
    assert (one["id"], one["places"], one["standing"]) == (grant.id, ["gate", "lobby"], "It holds")
    assert one["asked_at"] == written(NOW + timedelta(days=30))
    assert one["destroy_by"] == written(NOW + timedelta(days=365))
    assert told["templates"] == [
        {"model": MODEL, "captured_at": written(sealed.captured_at), "quality_percent": 80, "shots": 3}
    ]
    [sighting] = told["sightings"]
    assert (sighting["place"], sighting["camera"], sighting["dies_at"]) == (LOBBY, "cam", written(seen.dies_at))
    own = [line for line in office.journal.read() if line.about == ANN]
    assert [each["index"] for each in told["leaves"]] == [line.leaf for line in own]
    assert [each["words"] for each in told["leaves"] if each["index"] is None] == [
        "You were recognised at lobby, by camera cam."  # it is public at the full hour
    ]
    assert "You asked for everything that is held about you." in [each["words"] for each in told["leaves"]]
    assert told["notices"][0]["sha256"] == SEATED.edition_of(grant).digest
    [receipt] = told["receipts"]
    assert signed_by(public(office), canonical(receipt))["dpv:hasRecordOfActivity"]["dct:identifier"] == grant.id


def test_who_she_is_here_is_told_line_by_line(office, people, clock):
    """What she is called, who guards her, since when, and what she was invited to until when."""
    assert [(each["heading"], each["text"]) for each in held(office, ANN)["particulars"]] == [
        ("What you are called here", "Ann"),
        ("Guardian", "None"),
        ("How you are known here", "Enrolled, since 23 November 2026"),
        ("You were invited", f"To entrance at gate, lobby; the link worked until {LINK_ENDS}"),
    ]


def written(moment):
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def test_no_number_of_a_template_and_nobody_else_is_in_it(office, people):
    """Neither as bytes, nor as text; nor Bob, who was there as well."""
    made = exported(office, ANN)
    numbers = vector(1)
    secrets = [str(float(each))[:8] for each in numbers[:20]]
    secrets += [numbers.tobytes()[:12].hex(), base64.b64encode(numbers.tobytes()[:12]).decode()]
    secrets += ["Bob", BOB, people[1].grants[0].id]
    for text in (made.data, made.page):
        assert [each for each in secrets if each in text] == []
        assert "Ann" in text


def test_somebody_outside_is_named_where_she_named_them_and_nowhere_else(office, people):
    """Whom she called herself is her own word; of what others said she reads that it was somebody."""
    for kind, name in (("find_wishes", "n_pat roe"), ("find_other", "n_kim doe")):
        keep(office, [Record(kind, f"{kind}.1", {"named": [name]}, ANN)])
    text = exported(office, ANN).data
    assert "pat roe" in text
    assert "n_pat" not in text
    assert "kim doe" not in text


def test_only_her_own_key_is_used(office, people, monkeypatch):
    """Not even to look whether something is hers."""
    asked, used = proof(office, ANN, ASKED), []
    open_keys = office.keystore.data_keys

    def noted(_, subjects):
        used.extend(asking := list(subjects))
        return open_keys(asking)

    monkeypatch.setattr(type(office.keystore), "data_keys", noted)
    export_held(office, ANN, asked)
    assert set(used) == {ANN}


def test_it_is_logged_before_anything_is_opened(office, log):
    """A log that fails gives nothing."""
    joined(office)
    asked = proof(office, ANN, ASKED)
    log.weather = Weather.FAILS
    with pytest.raises(LogUnavailable):
        export_held(office, ANN, asked)
    log.weather = Weather.WORKS
    exported(office, ANN)
    assert kinds(office)[-2:] == ["holdings_exported", "act_completed"]


def test_others_keys_and_no_keys_are_refused(office, people):
    """And nothing is logged about her."""
    for wrong in (None, Proof(office.clock(), bytes(32)), proof(office, BOB, ASKED)):
        with pytest.raises(PolicyRefused):
            export_held(office, ANN, wrong)
    assert "holdings_exported" not in kinds(office)


def test_after_a_withdrawal_there_is_nothing_to_export(office):
    """No key is left by which anybody could ask."""
    joined(office)
    asked = proof(office, ANN, ASKED)
    withdraw(office, ANN)
    with pytest.raises(PolicyRefused):
        export_held(office, ANN, asked)


def test_it_is_given_where_no_receipt_can_be(office, people):
    """The right to see what is held does not hang on a setting of the operator's."""
    told = held(replace(office, house=House(CONTROLLER, PLACES, None)), ANN)
    assert (told["receipts"], len(told["grants"]), told["controller"]["address"]) == ([], 1, "not said here")


def test_displays_are_told_by_account_and_only_her_own(office, people, clock):
    """Shown and refused."""
    display(office, ANN, "a_olga", clock.now)
    display(office, BOB, "a_paul", clock.now, "no")
    assert held(office, ANN)["displays"] == [
        {"at": written(clock.now), "account": "a_olga", "what": "In the live feed, at lobby: your name"}
    ]


def test_a_notice_is_in_it_from_when_she_may_read_it(office, people, clock):
    """Whoever reported somebody reads "closed" on a day of its own."""
    notice(office, "n1.0", "Somebody looked at you a third time.")
    notice(office, "n2.0", "closed", stored(clock.now + HOUR))
    assert [each["words"] for each in held(office, ANN)["messages"]] == ["Somebody looked at you a third time."]
    clock.pass_by(hours=2)
    assert len(held(office, ANN)["messages"]) == 2


def test_an_open_question_and_an_end_are_told_in_words(office, clock):
    """To the person, not about them."""
    joined(office)
    for _ in range(45):
        clock.pass_by(days=1)
        look_after(office)
    [grant] = held(office, ANN)["grants"]
    assert grant["standing"].startswith('Nobody recognises you under it now, because you were asked "still yes?"')
    assert grant["standing"].endswith("It goes on when you say yes")
    assert 'You were asked "still yes?" about entrance.' in [each["words"] for each in held(office, ANN)["leaves"]]


@pytest.mark.parametrize(
    ("places", "hours", "held_where"),
    [
        (["gate", "lobby"], None, " at gate, lobby"),
        (["lobby"], "08:00-20:00", " at lobby, 08:00-20:00"),
        ([], "08:00-20:00", ", 08:00-20:00"),
        ([], None, " in files"),
    ],
)
def test_what_she_corrected_is_told_with_its_places_and_hours(places, hours, held_where):
    """From her own line."""
    event = {"kind": "corrected", "grant": GRANT, "places": places, "hours": hours}
    event |= {"ends_at": "2026-12-23T09:41:07.250Z"}
    assert line_words(event, {GRANT: "entrance"}) == (
        f"You corrected entrance: from then on it held{held_where}, until 23 December 2026."
    )


def test_a_line_of_a_kind_without_words_says_what_every_such_line_means():
    """The first sentence of its documentation; and no id of anybody else."""
    assert line_words({"kind": "forgotten", "subject": ANN, "why": "ended"}, {}) == (
        "All grants of a person are over: the templates, and the key that opened them, are destroyed."
    )
    assert line_words(ReceiptGiven(at=NOW, subject=ANN, grant="g_1").as_dict(), {}) == "You asked for a receipt of g_1."
    assert without_others(f"{ANN} and {BOB}", ANN) == f"{ANN} and somebody else"
