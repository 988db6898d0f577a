"""C2SP tlog-checkpoint: the signed head of a log. https://c2sp.org/tlog-checkpoint

The text of the note is three lines: the origin, the number of leaves (decimal), the root hash
(base64); lines after these are extensions, kept as they came.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass

from .hashing import HASH_SIZE
from .note import NoteError, SigningKey, Verifier, open_note, sign_note

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A tree head: `origin` names the log, `size` counts leaves, `root` is 32 bytes."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def text(self) -> str:
        """The note's text, ending in a newline."""
        lines = (self.origin, str(self.size), base64.b64encode(self.root).decode(), *self.extensions)
        return "".join(f"{line}\n" for line in lines)

    def signed(self, key: SigningKey) -> bytes:
        """The checkpoint as a signed note."""
        return sign_note(self.text(), key).encoded()


def parse_checkpoint(text: str) -> Checkpoint:
    """The inverse of `Checkpoint.text`; raises NoteError on anything that it would not have written."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1]:
        raise NoteError("a checkpoint has at least three lines")
    origin, size, root, *extensions = lines[:-1]
    if not origin or not _DECIMAL.fullmatch(size) or not all(extensions):
        raise NoteError("not a checkpoint")
    try:
        digest = base64.b64decode(root, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteError("the root is not base64") from error
    checkpoint = Checkpoint(origin, int(size), digest, tuple(extensions))
    if len(digest) != HASH_SIZE or checkpoint.text() != text:
        raise NoteError("not a canonical checkpoint")
    return checkpoint


def open_checkpoint(data: bytes, origin: str, trusted: Sequence[Verifier]) -> Checkpoint:
    """The checkpoint of this log, signed by a trusted key. Raises NoteError."""
    checkpoint = parse_checkpoint(open_note(data, trusted).text)
    if checkpoint.origin != origin:
        raise NoteError(f"a checkpoint of {checkpoint.origin!r}, not of {origin!r}")
    return checkpoint
