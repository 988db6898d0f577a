"""C2SP tlog-proof: a receipt, one text file that proves offline that a leaf is in the log. https://c2sp.org/tlog-proof

c2sp.org/tlog-proof@v1
extra <base64>             here: the leaf itself
index <number of the leaf>
<base64 of a hash>         the inclusion proof, from the leaf's sibling up
...
                           an empty line
<the checkpoint, with its signatures>
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass

from .checkpoint import Checkpoint, open_checkpoint
from .cosignature import Cosignature, WitnessKey, cosignatures
from .hashing import HASH_SIZE, leaf_hash
from .note import LARGEST, NoteError, VerifierKey, unbase64
from .proof import verify_inclusion

FIRST_LINE = "c2sp.org/tlog-proof@v1"
SUFFIX = ".tlog-proof"
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})")
_LONGEST_PATH = 63


@dataclass(frozen=True, slots=True)
class Receipt:
    """`path`: hashes of 32 bytes. `checkpoint`: a signed note. `extra` is not authenticated by itself."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    def encoded(self) -> bytes:
        lines = [FIRST_LINE]
        if self.extra is not None:
            lines.append(f"extra {base64.b64encode(self.extra).decode()}")
        lines.append(f"index {self.index}")
        lines += [base64.b64encode(each).decode() for each in self.path]
        return "".join(f"{line}\n" for line in [*lines, ""]).encode() + self.checkpoint


@dataclass(frozen=True, slots=True)
class Included:
    """What a receipt proved: this leaf is number `index` under this head, which these witnesses saw."""

    leaf: bytes
    index: int
    head: Checkpoint
    witnesses: tuple[Cosignature, ...]


def parse_receipt(data: bytes) -> Receipt:
    """The inverse of `Receipt.encoded`; nothing is checked but the form. Raises NoteError."""
    if len(data) > LARGEST:
        raise NoteError("too long for a receipt")
    head, found, checkpoint = data.partition(b"\n\n")
    try:
        first, *lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise NoteError("not a receipt") from error
    if not found or first != FIRST_LINE or not lines:
        raise NoteError("not a receipt")
    extra = unbase64(lines.pop(0).removeprefix("extra ")) if lines[0].startswith("extra ") else None
    index = _INDEX.fullmatch(lines[0]) if lines else None
    path = tuple(unbase64(line) for line in lines[1:])
    if index is None or len(path) > _LONGEST_PATH or any(len(each) != HASH_SIZE for each in path):
        raise NoteError("not a receipt")
    receipt = Receipt(int(index[1]), path, checkpoint, extra)
    if receipt.encoded() != data:
        raise NoteError("a receipt that is not canonical")
    return receipt


def verify_receipt(
    receipt: Receipt, key: VerifierKey, witnesses: Sequence[WitnessKey] = (), leaf: bytes | None = None
) -> Included:
    """That the log with this key holds the leaf (the one given, or the one in `extra`). Raises NoteError.

    Nothing is asked of anybody: whether the log shows others the same head, only witnesses can say.
    """
    head = open_checkpoint(receipt.checkpoint, key.name, [key])
    entry = receipt.extra if leaf is None else leaf
    if entry is None:
        raise NoteError("the receipt does not hold the leaf")
    if not verify_inclusion(leaf_hash(entry), receipt.index, head.size, receipt.path, head.root):
        raise NoteError("the leaf is not in the log that was signed")
    return Included(entry, receipt.index, head, cosignatures(receipt.checkpoint, witnesses))
