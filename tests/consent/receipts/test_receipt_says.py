"""What stands in a receipt: each change, each purpose, each right; and that its form leaves nothing open."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from beholden.consent.purposes import policy_of
from beholden.consent.receipts.canonical import canonical
from beholden.consent.receipts.form import RECEIPT
from beholden.consent.receipts.receipt import issue, open_receipt, receipt
from beholden.consent.receipts.said import By, Change, Status
from beholden.consent.receipts.shape import misfit
from beholden.consent.receipts.vocabulary import CONTEXT
from beholden.model.grant import Basis, GrantState, Purpose
from tests.consent.receipts.examples import (
    CONSENT,
    CONTROLLER,
    DAY,
    ENDS,
    GRANT,
    HISTORY,
    ISSUED,
    KEY,
    PUBLIC,
    RENEWED,
    SEAT,
    SIGNED,
)

LATER = RENEWED + DAY


def record(consent=CONSENT, issued=ISSUED):
    return open_receipt(issue(consent, KEY, issued), PUBLIC)["dpv:hasRecordOfActivity"]


def statuses(consent, issued):
    return [each["@type"][0] for each in record(consent, issued)["dpv:hasConsentStatus"]]


YES = replace(HISTORY[0], until=ENDS)


@pytest.mark.parametrize(
    ("change", "state", "word"),
    [
        (Change(Status.PAUSED, LATER, By.RULE, 5), GrantState.PAUSED, "dpv:ConsentStatusInvalidForProcessing"),
        (Change(Status.RESUMED, LATER, By.PERSON, 5), GrantState.ACTIVE, "dpv:ConsentStatusValidForProcessing"),
        (Change(Status.RENEWED, LATER, By.PERSON, 5, ENDS), GrantState.ACTIVE, "dpv:RenewedConsentGiven"),
        (Change(Status.WITHDRAWN, LATER, By.PERSON, 5), GrantState.WITHDRAWN, "dpv:ConsentWithdrawn"),
        (Change(Status.EXPIRED, LATER, By.RULE, 5), GrantState.ACTIVE, "dpv:ConsentExpired"),
    ],
)
def test_each_change_has_its_word(change, state, word):
    """Of the vocabulary, with our own beside it."""
    consent = replace(CONSENT, history=(YES, change), grant=replace(GRANT, state=state))
    assert statuses(consent, LATER) == ["dpv:ConsentGiven", word]
    assert record(consent, LATER)["dpv:hasConsentStatus"][1]["skos:prefLabel"] == str(change.status)


def test_what_a_guardian_ends_is_revoked_and_no_guardian_is_named():
    """DPV keeps `ConsentWithdrawn` for the person."""
    history = (replace(YES, by=By.GUARDIAN), Change(Status.WITHDRAWN, LATER, By.GUARDIAN, 5))
    grant = replace(GRANT, basis=Basis.GUARDIAN, purpose=Purpose.CARE, state=GrantState.WITHDRAWN)
    consent = replace(CONSENT, history=history, grant=grant, destroy_by=None)
    assert statuses(consent, LATER) == ["dpv:ConsentGiven", "dpv:ConsentRevoked"]
    said = record(consent, LATER)
    assert {each["dpv:isIndicatedBy"] for each in said["dpv:hasConsentStatus"]} == {"dpv:GuardianOfDataSubject"}
    kept = said["dpv:hasProcess"]["dpv:hasStorageCondition"][1]["dpv:hasDuration"]
    assert kept == {"@type": "dpv:UntilEventDuration", "rdf:value": "The templates are destroyed: nothing is kept."}


def test_pictures_of_an_event_are_seen_until_the_grant_ends():
    """Which has no number of days."""
    grant = replace(GRANT, purpose=Purpose.PHOTOS, places=frozenset())
    [recipient] = record(replace(CONSENT, grant=grant))["dpv:hasProcess"]["dpv:hasRecipient"]
    assert recipient["dpv:hasDuration"] == {"@type": "dpv:UntilEventDuration", "rdf:value": "The grant ends."}


def test_a_person_may_end_what_a_guardian_began():
    """Then it is withdrawn, not revoked."""
    history = (replace(YES, by=By.GUARDIAN), Change(Status.WITHDRAWN, LATER, By.PERSON, 5))
    grant = replace(GRANT, basis=Basis.GUARDIAN, purpose=Purpose.CARE, state=GrantState.WITHDRAWN)
    assert statuses(replace(CONSENT, history=history, grant=grant), LATER)[1] == "dpv:ConsentWithdrawn"


@pytest.mark.parametrize("purpose", Purpose)
def test_every_purpose_has_a_receipt_that_says_what_the_table_says(purpose):
    """Who sees what for how long, and what it is never used for."""
    at_places = policy_of(purpose).at_places
    grant = replace(GRANT, purpose=purpose, places=GRANT.places if at_places else frozenset())
    process = record(replace(CONSENT, grant=grant))["dpv:hasProcess"]
    policy = policy_of(purpose)
    assert process["dpv:hasPurpose"]["dct:identifier"] == purpose
    assert process["dpv:hasPurpose"]["dct:description"] == policy.about
    assert process["dpv:hasRule"] == [{"@type": "dpv:Prohibition", "dct:description": policy.never}]
    told = [(each["dct:title"], each["dct:description"]) for each in process["dpv:hasRecipient"]]
    assert told == [(sight.viewer, sight.what) for sight in policy.sights]
    assert searched(purpose) is (purpose is Purpose.PHOTOS)


def searched(purpose, *, recordings=False) -> bool:
    """What a receipt says of files."""
    places = GRANT.places if policy_of(purpose).at_places else frozenset()
    grant = replace(GRANT, purpose=purpose, places=places, recordings=recordings)
    told = [
        each["dct:description"]
        for each in record(replace(CONSENT, grant=grant))["dpv:hasProcess"]["dpv:hasProcessingCondition"]
        if "dct:description" in each
    ]
    words = ("Files and recordings are searched too.", "No file or recording is searched.")
    assert sum(each in told for each in words) == 1
    return words[0] in told


@pytest.mark.parametrize("purpose", Purpose)
def test_the_box_for_recordings_is_told_where_it_opens_files(purpose):
    """Whoever ticked it reads that files are searched; for find_me none is, whatever was ticked."""
    assert searched(purpose, recordings=True) is (purpose is not Purpose.FIND_ME)


def test_a_grant_without_hours_says_nothing_of_hours():
    """And one with hours does."""
    assert "on the place's own clock" not in json.dumps(record(replace(CONSENT, grant=replace(GRANT, hours=None))))
    assert "Only from 07:00 to 22:30, on the place's own clock." in json.dumps(record())


def test_without_the_gdpr_no_article_is_named():
    """The rights are the same but for the complaint."""
    plain = record(replace(CONSENT, seat=replace(SEAT, gdpr=False, jurisdiction="US-IL")))
    assert "gdpr" not in json.dumps(plain)
    assert plain["dpv:hasJurisdiction"] == "loc:US-IL"
    assert len(plain["dpv:hasRight"]) == len(record()["dpv:hasRight"]) - 1


def test_a_controller_without_an_officer_names_none():
    """And one with an officer says how to reach them."""
    assert "Officer" not in json.dumps(record(replace(CONSENT, controller=replace(CONTROLLER, officer=None))))
    told = record()["dpv:hasEntity"][0]["dpv:hasDataProtectionOfficer"]
    assert told == {"@type": "dpv:DataProtectionOfficer", "dpv:hasContact": "officer@lindenhof.example"}


def test_a_rehearsal_says_so():
    """And only a rehearsal does."""
    assert (
        open_receipt(issue(replace(CONSENT, rehearsal=True), KEY, ISSUED), PUBLIC)["rdfs:comment"]
        == "REHEARSAL: this is no real consent."
    )
    assert "REHEARSAL" not in SIGNED.decode()


def test_a_receipt_holds_no_template_and_no_figure_of_likeness():
    """The only numbers in it are those of leaves."""
    found = []

    def walk(value):
        if isinstance(value, dict | list):
            for each in value.values() if isinstance(value, dict) else value:
                walk(each)
        elif not isinstance(value, str):
            found.append(value)

    walk(json.loads(SIGNED))
    assert found == [change.leaf for change in HISTORY]
    assert not re.search('score|similar|distance|template":', SIGNED.decode())


def test_every_name_is_written_with_a_prefix_that_the_context_explains():
    """Nothing has to be fetched, and nothing is left to guess."""
    used = set(re.findall(r'"([a-z-]+):[A-Za-z0-9-]+"', SIGNED.decode())) - {"urn"}
    assert used <= CONTEXT.keys()
    assert used >= {"dpv", "dct", "eu-gdpr", "loc", "pd", "skos", "spdx"}


MAY_BE_MISSING = {"dpv:hasDuration", "dpv:hasApplicableLaw", "dpv:hasDataProtectionOfficer"}


def objects(value):
    """Every object inside, but for the context, which is compared whole."""
    if isinstance(value, dict):
        yield value
    if isinstance(value, dict | list):
        inside = value if isinstance(value, list) else [each for name, each in value.items() if name != "@context"]
        for each in inside:
            yield from objects(each)


def test_one_field_more_or_less_is_no_receipt():
    """At every level: each object lists its fields, so that the form cannot drift, nor a name slip in."""
    document = json.loads(canonical(receipt(CONSENT, PUBLIC, ISSUED)))
    every = list(objects(document))
    assert len(every) > 50
    for each in every:
        each["rdfs:label"] = "Zofia Lindqvist"
        assert misfit(document, RECEIPT) is not None
        del each["rdfs:label"]
        for name in list(each):
            value = each.pop(name)
            assert misfit(document, RECEIPT) is not None or name in MAY_BE_MISSING, name
            each[name] = 7.5
            assert misfit(document, RECEIPT) is not None, name
            each[name] = value
    assert misfit(document, RECEIPT) is None


def test_a_complaint_goes_to_somebody_else():
    """All other rights are exercised where the controller says."""
    where = {each["@type"][-1]: each["dpv:isExercisedAt"] for each in record()["dpv:hasRight"]}
    assert where.pop("eu-gdpr:A77") == CONTROLLER.authority
    assert set(where.values()) == {SEAT.rights_at}


def test_the_moments_of_a_receipt_are_told_as_they_were():
    """Beginning, end, and each change, with its leaf in the log."""
    told = [
        (each["dpv:isIndicatedAtTime"], each["dct:provenance"]["dct:identifier"])
        for each in record()["dpv:hasConsentStatus"]
    ]
    assert told[0] == ("2026-11-23T09:41:07.250Z", 17)
    assert told[3] == ("2027-02-21T09:41:07.250Z", 977)
