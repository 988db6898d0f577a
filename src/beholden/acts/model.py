"""Add a recogniser: a change of model is an act on everybody, so its leaf comes first."""

from __future__ import annotations

from collections.abc import Callable

from beholden.acts.office import Office
from beholden.model.event import ModelAdded
from beholden.model.ids import ModelDigest


def add_model(office: Office, name: str, digest: ModelDigest, licence: str, keep: Callable[[], None]) -> None:
    """Log the model, then `keep` it. Raises LogUnavailable (then nothing was kept), and what `keep` raises."""
    with office.journal.acting():
        event = ModelAdded(at=office.clock(), name=name, digest=digest, licence=licence)
        with office.journal.act([event]):
            keep()
