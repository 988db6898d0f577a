"""What an act says when it refuses, and what the log says of one, word by word."""

from __future__ import annotations

import pytest

from beholden.model.errors import BeholdenError


def said_by(act):
    """The kind of error, its message and its advice."""
    with pytest.raises(BeholdenError) as caught:
        act()
    return type(caught.value), caught.value.message, caught.value.advice


def lines(office, kind, what=None):
    """Leaves of that kind (of oversight: and of what), each as whom it is sealed for and what it says, without `at`."""
    found = [line for line in office.journal.read() if line.event is not None and line.event["kind"] == kind]
    found = [line for line in found if what is None or line.event["what"] == what]
    return [(line.about, {k: v for k, v in line.event.items() if k not in ("at", "kind", "what")}) for line in found]
