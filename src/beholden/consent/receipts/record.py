"""A consent record: what a grant is, in the words of the W3C Data Privacy Vocabulary, as ISO/IEC TS 27560 asks."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from beholden.consent.policy import matches_files
from beholden.consent.policy_digest import policy_digest
from beholden.consent.policy_words import policy_rows, span
from beholden.consent.purposes import DAY, Sight, policy_of
from beholden.consent.receipts.canonical import written
from beholden.consent.receipts.did_key import did_key
from beholden.consent.receipts.said import By, Change, Consent, Seat, ShownNotice, Status
from beholden.consent.receipts.vocabulary import (
    BY,
    COMPLAINT,
    CONTROLLER,
    PERSONAL_DATA,
    PROCESSING,
    RECORD_PROFILE,
    REVOKED,
    RIGHTS,
    STATUS,
    SUBJECT,
)
from beholden.model.grant import Grant, Hours

Json = dict[str, object]


def record(consent: Consent, public: bytes) -> Json:
    """The record, of which a receipt is a signed copy. `public` is the key of the log, by which the controller is
    known to machines."""
    grant, seat = consent.grant, consent.seat
    law: Json = {"dpv:hasApplicableLaw": "eu-gdpr:GDPR"} if seat.gdpr else {}
    return {
        "@id": urn(consent.origin, grant.id),
        "@type": "dpv:ConsentRecord",
        "dct:identifier": grant.id,
        "dct:conformsTo": RECORD_PROFILE,
        "dpv:hasDataSubject": {"@id": SUBJECT, "@type": "dpv:DataSubject", "dct:identifier": grant.subject},
        "dpv:hasDataController": CONTROLLER,
        "dpv:hasEntity": [_entity(consent, public)],
        "dpv:hasJurisdiction": f"loc:{seat.jurisdiction}",
        **law,
        "dpv:hasLegalBasis": ["dpv:ExplicitlyExpressedConsent", *(["eu-gdpr:A9-2-a"] if seat.gdpr else [])],
        "dpv:hasProcess": _process(consent),
        "dpv:hasConsentControl": {
            "@type": ["dpv:WithdrawConsent", "dpv:ReaffirmConsent"],
            "dpv:isExercisedAt": seat.rights_at,
        },
        "dpv:hasRight": _rights(seat, consent.controller.authority),
        "dpv:hasNotice": [_notice(notice) for notice in consent.notices],
        "dpv:hasConsentStatus": [_status(change, consent.origin) for change in consent.history],
    }


def urn(*parts: str) -> str:
    """A name that is always the same for these parts: `urn:uuid:...` (RFC 9562, version 5)."""
    return f"urn:uuid:{uuid5(NAMESPACE_URL, '/'.join(parts))}"


def _entity(consent: Consent, public: bytes) -> Json:
    controller = consent.controller
    officer: Json = {"@type": "dpv:DataProtectionOfficer", "dpv:hasContact": controller.officer}
    return {
        "@id": CONTROLLER,
        "@type": ["dpv:Organisation", "dpv:DataController"],
        "dpv:hasIdentifier": did_key(public),
        "dpv:hasName": controller.name,
        "dpv:hasAddress": consent.seat.address,
        "dpv:hasContact": controller.contact,
        **({} if controller.officer is None else {"dpv:hasDataProtectionOfficer": officer}),
    }


def _process(consent: Consent) -> Json:
    grant, policy = consent.grant, policy_of(consent.grant.purpose)
    return {
        "@type": "dpv:Process",
        "dpv:hasPurpose": {
            "@type": "dpv:Purpose",
            "skos:broader": "dpv:RequestedServiceProvision",
            "dct:identifier": str(grant.purpose),
            "dct:description": policy.about,
        },
        "dpv:hasPersonalData": [
            {"@type": kind, "skos:broader": word, "dct:description": words, "dpv:hasNecessity": "dpv:Required"}
            for kind, word, words in PERSONAL_DATA
        ],
        "dpv:hasProcessing": list(PROCESSING),
        "dpv:hasProcessingCondition": _conditions(grant),
        "dpv:hasStorageCondition": [
            {"@type": "dpv:StorageLocation", "dpv:hasLocation": f"loc:{consent.seat.stored_in}"},
            {"@type": "dpv:StorageDuration", "dpv:hasDuration": _kept_until(consent.destroy_by)},
        ],
        "dpv:hasRecipient": [_recipient(sight) for sight in policy.sights],
        "dpv:hasRule": [{"@type": "dpv:Prohibition", "dct:description": policy.never}],
        "dpv:hasPolicy": _policy(grant),
    }


def _conditions(grant: Grant) -> list[Json]:
    """Where, when and in what it holds."""
    places: list[Json] = [
        {"@type": "dpv:ProcessingLocation", "dct:identifier": place} for place in sorted(grant.places)
    ]
    hours = [] if grant.hours is None else [_condition(f"Only {hours_words(grant.hours)}, on the place's own clock.")]
    files = matches_files(grant.purpose, recordings=grant.recordings)
    return [
        *places,
        *hours,
        _condition("Files and recordings are searched too." if files else "No file or recording is searched."),
        {
            "@type": "dpv:ProcessingDuration",
            "dpv:hasDuration": _until(grant.ends_at),
            "dct:description": f"Nobody is named before {written(grant.starts_at)}.",
        },
    ]


def _condition(words: str) -> Json:
    return {"@type": "dpv:ProcessingCondition", "dct:description": words}


def hours_words(hours: Hours) -> str:
    """`from 08:00 to 20:00`."""
    return f"from {hours.start:%H:%M} to {hours.end:%H:%M}"


def _recipient(sight: Sight) -> Json:
    """Who sees what for how long; a kind of people, never somebody by name."""
    return {
        "@type": "dpv:Recipient",
        "dct:title": str(sight.viewer),
        "dct:description": sight.what,
        "dpv:hasDuration": _lasting(sight.lasts),
    }


def _policy(grant: Grant) -> Json:
    """The row of the policy table in words, and the digest by which the whole table is known."""
    rows = [{"dct:title": heading, "dct:description": words} for heading, words in policy_rows(grant.purpose)]
    return {"@type": "dpv:Policy", "dct:hasPart": rows, "spdx:checksum": _sha256(policy_digest())}


def _rights(seat: Seat, authority: str) -> list[Json]:
    rights = [(*each, seat.rights_at) for each in RIGHTS]
    if seat.gdpr:
        rights.append((*COMPLAINT, authority))
    return [
        {
            "@type": ["dpv:DataSubjectRight", *([article] if seat.gdpr else [])],
            "dct:title": words,
            "dpv:isExercisedAt": where,
        }
        for article, words, where in rights
    ]


def _notice(notice: ShownNotice) -> Json:
    return {
        "@type": "dpv:ConsentNotice",
        "dct:identifier": notice.version,
        "dct:date": written(notice.shown_at),
        "dct:language": notice.language,
        "spdx:checksum": _sha256(notice.digest),
    }


def _status(change: Change, origin: str) -> Json:
    """One event: what, when, by whom, until when, and the leaf of the log that holds it."""
    revoked = change.status is Status.WITHDRAWN and change.by is not By.PERSON
    word = REVOKED if revoked else STATUS[change.status]
    return {
        "@type": [word, "dpv:ExplicitlyExpressedConsent"],
        "skos:prefLabel": str(change.status),
        "dpv:isIndicatedAtTime": written(change.at),
        "dpv:isIndicatedBy": BY[change.by],
        **({} if change.until is None else {"dpv:hasDuration": _until(change.until)}),
        "dct:provenance": {"dct:isPartOf": origin, "dct:identifier": change.leaf},
    }


def _kept_until(destroy_by: datetime | None) -> Json:
    if destroy_by is None:
        return {"@type": "dpv:UntilEventDuration", "rdf:value": "The templates are destroyed: nothing is kept."}
    return _until(destroy_by)


def _until(moment: datetime) -> Json:
    return {"@type": "dpv:UntilTimeDuration", "rdf:value": written(moment)}


def _lasting(length: timedelta | None) -> Json:
    if length is None:
        return {"@type": "dpv:UntilEventDuration", "rdf:value": "The grant ends."}
    return {"@type": "dpv:TemporalDuration", "rdf:value": f"P{length // DAY}D", "dct:description": span(length)}


def _sha256(digest: str) -> Json:
    return {
        "@type": "spdx:Checksum",
        "spdx:algorithm": "spdx:checksumAlgorithm_sha256",
        "spdx:checksumValue": digest,
    }
