"""Add a recogniser: a change of model is an act on everybody, so its leaf comes before the file."""

from __future__ import annotations

from beholden.acts.journal import DONE
from beholden.acts.office import Office
from beholden.model.event import ModelAdded
from beholden.model.ids import ModelDigest


def announce_model(office: Office, name: str, digest: ModelDigest, licence: str) -> int:
    """Log that a model will be kept; the leaf, for `conclude_model`. Raises LogUnavailable: then keep nothing."""
    with office.journal.acting():
        [leaf] = office.journal.intend([ModelAdded(at=office.clock(), name=name, digest=digest, licence=licence)])
    return leaf


def conclude_model(office: Office, leaf: int, failed: str | None) -> None:
    """Log what became of it: `failed` is the name of an error, None when the model was kept. A command that is
    cut off before this is recorded as interrupted by whoever opens the folder next."""
    with office.journal.acting():
        office.journal.complete(leaf, failed or DONE)
