"""The form that every receipt has, field by field: what is issued is held to it, and so is what is read.

People keep receipts for years: whoever changes the form keeps this one beside it, for those that were issued.
"""

from __future__ import annotations

from beholden.consent.receipts.said import Status
from beholden.consent.receipts.shape import Each, Either, Exactly, Fields, Shape, Text, Whole
from beholden.consent.receipts.vocabulary import (
    BY,
    COMPLAINT,
    CONTEXT,
    CONTROLLER,
    PERSONAL_DATA,
    PROCESSING,
    RECEIPT_PROFILE,
    RECORD_PROFILE,
    REVOKED,
    RIGHTS,
    STATUS,
    SUBJECT,
)

REHEARSAL = "REHEARSAL: this is no real consent."

_WORDS = Text()
_MOMENT = Text(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_URN = Text(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_COUNTRY = Text(r"loc:[A-Z]{2}(-[A-Z0-9]{1,3})?")


def _one_of(*values: object) -> Shape:
    return Either(tuple(Exactly(value) for value in values))


_SHA256 = Fields(
    {
        "@type": Exactly("spdx:Checksum"),
        "spdx:algorithm": Exactly("spdx:checksumAlgorithm_sha256"),
        "spdx:checksumValue": Text(r"[0-9a-f]{64}"),
    }
)
_UNTIL = Fields({"@type": Exactly("dpv:UntilTimeDuration"), "rdf:value": _MOMENT})
_UNTIL_EVENT = Fields({"@type": Exactly("dpv:UntilEventDuration"), "rdf:value": _WORDS})
_DAYS = Fields({"@type": Exactly("dpv:TemporalDuration"), "rdf:value": Text(r"P[1-9]\d*D"), "dct:description": _WORDS})

_ENTITY = Fields(
    {
        "@id": Exactly(CONTROLLER),
        "@type": Exactly(["dpv:Organisation", "dpv:DataController"]),
        "dpv:hasIdentifier": Text(r"did:key:z6Mk[1-9A-HJ-NP-Za-km-z]{44}"),
        "dpv:hasName": _WORDS,
        "dpv:hasAddress": _WORDS,
        "dpv:hasContact": _WORDS,
    },
    may={
        "dpv:hasDataProtectionOfficer": Fields(
            {"@type": Exactly("dpv:DataProtectionOfficer"), "dpv:hasContact": _WORDS}
        )
    },
)
_CONDITION = Either(
    (
        Fields({"@type": Exactly("dpv:ProcessingLocation"), "dct:identifier": _WORDS}),
        Fields({"@type": Exactly("dpv:ProcessingCondition"), "dct:description": _WORDS}),
        Fields({"@type": Exactly("dpv:ProcessingDuration"), "dpv:hasDuration": _UNTIL, "dct:description": _WORDS}),
    )
)
_PERSONAL_DATA = Exactly(
    [
        {"@type": kind, "skos:broader": word, "dct:description": words, "dpv:hasNecessity": "dpv:Required"}
        for kind, word, words in PERSONAL_DATA
    ]
)
_POLICY = Fields(
    {
        "@type": Exactly("dpv:Policy"),
        "dct:hasPart": Each(Fields({"dct:title": _WORDS, "dct:description": _WORDS})),
        "spdx:checksum": _SHA256,
    }
)
_PROCESS = Fields(
    {
        "@type": Exactly("dpv:Process"),
        "dpv:hasPurpose": Fields(
            {
                "@type": Exactly("dpv:Purpose"),
                "skos:broader": Exactly("dpv:RequestedServiceProvision"),
                "dct:identifier": Text(r"[a-z_]+"),
                "dct:description": _WORDS,
            }
        ),
        "dpv:hasPersonalData": _PERSONAL_DATA,
        "dpv:hasProcessing": Exactly(list(PROCESSING)),
        "dpv:hasProcessingCondition": Each(_CONDITION, most=1000),
        "dpv:hasStorageCondition": Each(
            Either(
                (
                    Fields({"@type": Exactly("dpv:StorageLocation"), "dpv:hasLocation": _COUNTRY}),
                    Fields(
                        {"@type": Exactly("dpv:StorageDuration"), "dpv:hasDuration": Either((_UNTIL, _UNTIL_EVENT))}
                    ),
                )
            ),
            most=2,
        ),
        "dpv:hasRecipient": Each(
            Fields(
                {
                    "@type": Exactly("dpv:Recipient"),
                    "dct:title": _WORDS,
                    "dct:description": _WORDS,
                    "dpv:hasDuration": Either((_DAYS, _UNTIL_EVENT)),
                }
            )
        ),
        "dpv:hasRule": Each(Fields({"@type": Exactly("dpv:Prohibition"), "dct:description": _WORDS})),
        "dpv:hasPolicy": _POLICY,
    }
)
_RIGHT = Fields(
    {
        "@type": _one_of(
            ["dpv:DataSubjectRight"], *(["dpv:DataSubjectRight", article] for article, _ in (*RIGHTS, COMPLAINT))
        ),
        "dct:title": _WORDS,
        "dpv:isExercisedAt": _WORDS,
    }
)
_NOTICE = Fields(
    {
        "@type": Exactly("dpv:ConsentNotice"),
        "dct:identifier": _WORDS,
        "dct:date": _MOMENT,
        "dct:language": Text(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*"),
        "spdx:checksum": _SHA256,
    }
)
_STATUS = Fields(
    {
        "@type": _one_of(*([word, "dpv:ExplicitlyExpressedConsent"] for word in (*STATUS.values(), REVOKED))),
        "skos:prefLabel": _one_of(*(str(status) for status in Status)),
        "dpv:isIndicatedAtTime": _MOMENT,
        "dpv:isIndicatedBy": _one_of(*BY.values()),
        "dct:provenance": Fields({"dct:isPartOf": _WORDS, "dct:identifier": Whole()}),
    },
    may={"dpv:hasDuration": _UNTIL},
)
_RECORD = Fields(
    {
        "@id": _URN,
        "@type": Exactly("dpv:ConsentRecord"),
        "dct:identifier": Text(r"g_[0-9a-f]{20}"),
        "dct:conformsTo": Exactly(RECORD_PROFILE),
        "dpv:hasDataSubject": Fields(
            {
                "@id": Exactly(SUBJECT),
                "@type": Exactly("dpv:DataSubject"),
                "dct:identifier": Text(r"s_[0-9a-f]{20}"),
            }
        ),
        "dpv:hasDataController": Exactly(CONTROLLER),
        "dpv:hasEntity": Each(_ENTITY, most=1),
        "dpv:hasJurisdiction": _COUNTRY,
        "dpv:hasLegalBasis": _one_of(
            ["dpv:ExplicitlyExpressedConsent"], ["dpv:ExplicitlyExpressedConsent", "eu-gdpr:A9-2-a"]
        ),
        "dpv:hasProcess": _PROCESS,
        "dpv:hasConsentControl": Fields(
            {"@type": Exactly(["dpv:WithdrawConsent", "dpv:ReaffirmConsent"]), "dpv:isExercisedAt": _WORDS}
        ),
        "dpv:hasRight": Each(_RIGHT),
        "dpv:hasNotice": Each(_NOTICE),
        "dpv:hasConsentStatus": Each(_STATUS, most=1000),
    },
    may={"dpv:hasApplicableLaw": Exactly("eu-gdpr:GDPR")},
)

RECEIPT = Fields(
    {
        "@context": Exactly(CONTEXT),
        "@id": _URN,
        "@type": Exactly("dpv:ConsentReceipt"),
        "dct:identifier": _URN,
        "dct:conformsTo": Exactly(RECEIPT_PROFILE),
        "dct:created": _MOMENT,
        "dct:publisher": Exactly(CONTROLLER),
        "schema:recipient": Exactly(SUBJECT),
        "dpv:hasRecordOfActivity": _RECORD,
    },
    may={"rdfs:comment": Exactly(REHEARSAL)},
)
