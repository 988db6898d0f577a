"""What holds here: settings and the policy, logged before anything happens under them when they have changed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from difflib import ndiff

from beholden.acts.office import Office
from beholden.model.event import RulesChanged

SETTINGS = "settings"
POLICY = "policy"


def put_in_force(office: Office, rules: str, lines: Sequence[str]) -> bool:
    """Log that these lines hold from now on, unless they did before; whether they changed.

    The event says which lines went and which came. To be called before anything happens under them:
    raises LogUnavailable, DataFolderError, and then nothing may.
    """
    with office.journal.acting():
        before = office.store.in_force(rules) or ()
        if tuple(lines) == before:
            return False
        changed = tuple(line for line in ndiff(before, tuple(lines)) if line[:2] in ("- ", "+ "))
        office.journal.record([RulesChanged(at=office.clock(), rules=rules, digest=digest_of(lines), changed=changed)])
        office.store.put_in_force(rules, lines)
        return True


def digest_of(lines: Sequence[str]) -> str:
    """SHA-256 (hex) of the lines, each with its line end."""
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()
