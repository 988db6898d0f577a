"""Who wraps the keystore's bucket keys: nobody (they lie in 0600 files), or something outside, such as a KMS.

A protocol, so that tests and programs bring their own; `consent.command` runs a site's program.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from beholden.ledger.locked import Key


class KeyWrapper(Protocol):
    """Wraps 32-byte keys under something that is not on this disk. One call takes several: a start opens all buckets.

    Every method raises KeystoreError when it cannot be done now; it is asked again later.
    """

    @property
    def name(self) -> str:
        """What the keystore says of keys that it wrapped; another name means that they are to be wrapped anew."""
        ...

    def wrap(self, keys: Sequence[tuple[str, Key]]) -> list[bytes]:
        """Each key, wrapped as being about the text beside it (printable ASCII, no secret)."""
        ...

    def unwrap(self, wrapped: Sequence[tuple[str, bytes]]) -> list[Key]:
        """The inverse of `wrap`, with the same texts."""
        ...


@dataclass(frozen=True, slots=True)
class Wrapping:
    """What settings say: `wrap` wraps bucket keys from now on (None: nobody does), `unwrap` opens those that
    something else wrapped before (None: `wrap` does)."""

    wrap: KeyWrapper | None = None
    unwrap: KeyWrapper | None = None

    @property
    def by(self) -> str | None:
        """Whose wrapping a bucket key should have."""
        return None if self.wrap is None else self.wrap.name

    def opener(self, by: str) -> KeyWrapper | None:
        """Who opens what `by` wrapped; None when settings name nobody."""
        if self.wrap is not None and (self.wrap.name == by or self.unwrap is None):
            return self.wrap
        return self.unwrap
