"""The words of a receipt: the W3C Data Privacy Vocabulary 2, with the context that every receipt carries.

Names follow the guide of the W3C community group for ISO/IEC TS 27560:2023 (https://w3id.org/dpv/guides/consent-27560,
corrected August 2024: what was `hasWithdrawalMethod` is `hasConsentControl`). The context is written out in each
receipt, so that nobody has to fetch anything to read one.
"""

from __future__ import annotations

from beholden.consent.receipts.said import By, Status

RECORD_PROFILE = "https://w3id.org/dpv/schema/dpv-27560#record"
RECEIPT_PROFILE = "https://w3id.org/dpv/schema/dpv-27560#receipt"
CONTROLLER = "_:controller"
SUBJECT = "_:subject"

_SECURITY = "https://w3id.org/security#"
_NAMED_BY_IRI = (
    "dct:conformsTo",
    "dct:publisher",
    "dpv:hasApplicableLaw",
    "dpv:hasDataController",
    "dpv:hasJurisdiction",
    "dpv:hasLegalBasis",
    "dpv:hasLocation",
    "dpv:hasNecessity",
    "dpv:hasProcessing",
    "dpv:isIndicatedBy",
    "schema:recipient",
    "skos:broader",
    "spdx:algorithm",
)
"""Fields whose text is the name of a thing, not a text."""

CONTEXT: dict[str, object] = {
    "dct": "http://purl.org/dc/terms/",
    "dpv": "https://w3id.org/dpv#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "loc": "https://w3id.org/dpv/loc#",
    "pd": "https://w3id.org/dpv/pd#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    **{name: {"@id": name, "@type": "@id"} for name in _NAMED_BY_IRI},
    "DataIntegrityProof": f"{_SECURITY}DataIntegrityProof",
    "assertionMethod": f"{_SECURITY}assertionMethod",
    "created": {"@id": "dct:created", "@type": "xsd:dateTime"},
    "cryptosuite": {"@id": f"{_SECURITY}cryptosuite", "@type": f"{_SECURITY}cryptosuiteString"},
    "proof": {"@id": f"{_SECURITY}proof", "@type": "@id", "@container": "@graph"},
    "proofPurpose": {"@id": f"{_SECURITY}proofPurpose", "@type": "@vocab"},
    "proofValue": {"@id": f"{_SECURITY}proofValue", "@type": f"{_SECURITY}multibase"},
    "type": "@type",
    "verificationMethod": {"@id": f"{_SECURITY}verificationMethod", "@type": "@id"},
}

STATUS: dict[Status, str] = {
    Status.GIVEN: "dpv:ConsentGiven",
    Status.RENEWED: "dpv:RenewedConsentGiven",
    Status.PAUSED: "dpv:ConsentStatusInvalidForProcessing",
    Status.RESUMED: "dpv:ConsentStatusValidForProcessing",
    Status.CORRECTED: "dpv:ConsentStatus",
    Status.WITHDRAWN: "dpv:ConsentWithdrawn",
    Status.EXPIRED: "dpv:ConsentExpired",
}
"""The vocabulary has no word for a pause or a correction: there the broader one stands, with ours beside it."""
REVOKED = "dpv:ConsentRevoked"
"""Ended by somebody else than the person: for them, DPV keeps `ConsentWithdrawn`."""

BY: dict[By, str] = {
    By.PERSON: SUBJECT,
    By.GUARDIAN: "dpv:GuardianOfDataSubject",
    By.RULE: CONTROLLER,
}

PERSONAL_DATA: tuple[tuple[str, str, str], ...] = (
    (
        "dpv:SpecialCategoryPersonalData",
        "pd:FacialPrint",
        "A face template: numbers computed from the face, sealed under a key of the person's own.",
    ),
    ("dpv:PersonalData", "pd:Name", "What the person is called here."),
    ("dpv:PersonalData", "pd:Location", "By which camera and when the person was recognised."),
)
"""Type, the word of the vocabulary, and ours."""
PROCESSING = ("dpv:Collect", "dpv:Derive", "dpv:Store", "dpv:Match", "dpv:Erase")

RIGHTS: tuple[tuple[str, str], ...] = (
    ("eu-gdpr:A7-3", "To withdraw at any time; the templates are destroyed"),
    ("eu-gdpr:A15", "To see everything that is held"),
    ("eu-gdpr:A16", "To have it corrected"),
    ("eu-gdpr:A17", "To have it erased"),
    ("eu-gdpr:A18", "To pause it"),
    ("eu-gdpr:A20", "To take it away in a form that machines read"),
)
"""What everybody may do here, whatever the law; where the GDPR applies, its article is named."""
COMPLAINT = ("eu-gdpr:A77", "To complain to a supervisory authority")
