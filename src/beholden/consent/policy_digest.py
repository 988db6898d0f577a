"""The digest of everything that decides who may do what to people: purposes, who must agree, and every figure."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict

from beholden.consent.figures import figures
from beholden.consent.oversight.rules import RULES
from beholden.consent.policy import plain, table_values


def policy_values() -> dict[str, object]:
    """The rules as JSON-ready values: what `policy_digest` is of."""
    return {
        **table_values(),
        "acts": {str(act): plain(asdict(rule)) for act, rule in RULES.items()},
        "figures": {each.name: each.plain() for each in figures()},
    }


def policy_digest() -> str:
    """SHA-256 (hex) of the rules' canonical JSON: two installations with the same digest have the same rules."""
    text = json.dumps(policy_values(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
