"""Add a recogniser: a change of model is an act on everybody, so its leaf comes before the file."""

from __future__ import annotations

from beholden.acts.approvals.requests import Particulars, Warrant, warranted
from beholden.acts.logged.journal import DONE
from beholden.acts.office import Office
from beholden.consent.oversight.rules import Act
from beholden.model.event import ModelAdded
from beholden.model.ids import ModelDigest


def announce_model(
    office: Office, name: str, digest: ModelDigest, licence: str, calibration: str = "", warrant: Warrant | None = None
) -> int:
    """Log that a model will be kept; the leaf, for `conclude_model`.

    Raises PolicyRefused (outside a rehearsal others must agree: `model_particulars`), LogUnavailable: then keep
    nothing.
    """
    asked = model_particulars(name, digest, licence, calibration)
    with office.journal.acting(), warranted(office, Act.CHANGE_POLICY, asked, warrant):
        [leaf] = office.journal.intend([ModelAdded(at=office.clock(), name=name, digest=digest, licence=licence)])
    return leaf


def model_particulars(name: str, digest: ModelDigest, licence: str, calibration: str = "") -> Particulars:
    """What is asked for when a model is to be added; `calibration` is the digest of its thresholds, or empty."""
    about = (("name", name), ("digest", digest), ("licence", licence), ("calibration", calibration))
    return (("what", "models add"), *about)


def conclude_model(office: Office, leaf: int, failed: str | None) -> None:
    """Log what became of it: `failed` is the name of an error, None when the model was kept. A command that is
    cut off before this is recorded as interrupted by whoever opens the folder next."""
    with office.journal.acting():
        office.journal.complete(leaf, failed or DONE)
