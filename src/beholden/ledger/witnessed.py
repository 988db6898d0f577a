"""The newest head of a log with its witnesses' lines, kept beside the log: what a receipt is worth to an outsider.

witnessed        a checkpoint of before, or of now, with the lines of those witnesses who saw it

A witness that cannot be asked costs its line and nothing else: the log goes on, and receipts say who saw it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .checkpoint import open_checkpoint
from .cosignature import Cosignature, WitnessKey, cosignatures, with_line
from .durable import replace_file
from .errors import TAMPERED, LogUnavailable
from .log import FileLog
from .note import NoteError, Verifier, parse_verifier
from .witness_http import Cosigned, Refusal, ask

FILE = "witnessed"


@dataclass(frozen=True, slots=True)
class WitnessAt:
    """A witness, and where it is asked."""

    url: str
    key: WitnessKey


@dataclass(frozen=True, slots=True)
class Collected:
    """What asking all witnesses came to: who signed a head of `size` leaves, and why others did not, by name."""

    size: int
    signed: tuple[Cosignature, ...]
    refused: tuple[tuple[str, Refusal], ...]

    @property
    def forked(self) -> tuple[str, ...]:
        """The witnesses who know another tree: no restart and no waiting mends that."""
        return tuple(name for name, refusal in self.refused if refusal.forked)


def collect(folder: Path, log: FileLog, witnesses: Sequence[WitnessAt]) -> Collected:
    """Ask every witness for the newest head, one after the other, and keep what they signed; some seconds each at most.

    Raises LogUnavailable when the log cannot be read or the lines cannot be kept.
    """
    checkpoint, tree = log.signed_tree()
    keys = [each.key for each in witnesses]
    known = _seen_by(folder, parse_verifier(log.verifier), keys)
    signed, refused = checkpoint, list[tuple[str, Refusal]]()
    for witness in witnesses:
        done = ask(witness.url, witness.key, checkpoint, tree, known.get(witness.key.name, 0))
        if isinstance(done, Cosigned):
            signed = with_line(signed, done.line)
        else:
            refused.append((witness.key.name, done))
    if signed != checkpoint:
        try:
            replace_file(folder / FILE, signed)
        except OSError as error:
            raise LogUnavailable(f"cannot keep the witnesses' lines in {folder}: {error.strerror}") from error
    return Collected(tree.head.size, cosignatures(signed, keys), tuple(refused))


def _seen_by(folder: Path, key: Verifier, witnesses: Sequence[WitnessKey]) -> dict[str, int]:
    """Which size each witness signed last, as far as it is kept: a damaged file costs a question more."""
    try:
        data = witnessed(folder, key)
        if data is None:
            return {}
        size = open_checkpoint(data, key.name, [key]).size
        return {line.name: size for line in cosignatures(data, witnesses)}
    except (LogUnavailable, NoteError):
        return {}


def witnessed(folder: Path, key: Verifier) -> bytes | None:
    """The newest head that a witness signed, with every line; None when there is none. Raises LogUnavailable."""
    try:
        data = (folder / FILE).read_bytes()
        open_checkpoint(data, key.name, [key])
    except FileNotFoundError:
        return None
    except OSError as error:
        raise LogUnavailable(f"cannot read {folder / FILE}: {error.strerror}") from error
    except NoteError as error:
        raise LogUnavailable(f"{folder / FILE} is damaged: {error}", advice=TAMPERED) from error
    return data
