"""Consent receipts: issued as one signed line of JSON, and read back only when every character is as it was signed."""

from __future__ import annotations

from datetime import datetime

from beholden.consent.receipts.canonical import ADVICE, LARGEST, canonical, parse, written
from beholden.consent.receipts.form import RECEIPT, REHEARSAL
from beholden.consent.receipts.proof import Signer, check_proof, sign
from beholden.consent.receipts.record import record, urn
from beholden.consent.receipts.said import Consent, contradiction
from beholden.consent.receipts.shape import misfit
from beholden.consent.receipts.vocabulary import CONTEXT, CONTROLLER, RECEIPT_PROFILE, SUBJECT
from beholden.model.errors import InputError


def receipt(consent: Consent, public: bytes, issued: datetime) -> dict[str, object]:
    """The receipt without its signature; `public` is the key that will sign it. Raises ValueError with the reason
    when it would contradict itself, or would not have the form of a receipt."""
    reason = contradiction(consent, issued)
    if reason is not None:
        raise ValueError(reason)
    moment = written(issued)
    name = urn(consent.origin, consent.grant.id, moment)
    document: dict[str, object] = {
        "@context": CONTEXT,
        "@id": name,
        "@type": "dpv:ConsentReceipt",
        "dct:identifier": name,
        "dct:conformsTo": RECEIPT_PROFILE,
        "dct:created": moment,
        "dct:publisher": CONTROLLER,
        "schema:recipient": SUBJECT,
        **({"rdfs:comment": REHEARSAL} if consent.rehearsal else {}),
        "dpv:hasRecordOfActivity": record(consent, public),
    }
    wrong = misfit(document, RECEIPT)
    if wrong is not None:
        raise ValueError(wrong)
    return document


def issue(consent: Consent, key: Signer, issued: datetime) -> bytes:
    """The signed receipt, as it is given to the person. Raises ValueError as `receipt`, and when it gets too long."""
    data = canonical(sign(receipt(consent, key.verifier.public, issued), key, issued))
    if len(data) > LARGEST:
        raise ValueError(f"a receipt has at most {LARGEST} bytes")
    return data


def open_receipt(data: bytes, public: bytes) -> dict[str, object]:
    """The receipt without its proof, once the log's 32-byte key is known to have signed exactly these bytes.

    Nothing is asked of anybody, and nothing in the receipt says which key to trust. Raises InputError.
    """
    document = check_proof(parse(data), public)
    wrong = misfit(document, RECEIPT)
    if wrong is not None:
        raise InputError(f"signed, but not a receipt: {wrong}", advice=ADVICE)
    return document
