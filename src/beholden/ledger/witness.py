"""C2SP tlog-witness: who signs only what follows from all that they signed before. https://c2sp.org/tlog-witness

key              the witness's own key, 0600: it signs nothing but cosignatures
logs             the verifier keys of the logs that are witnessed, one a line
heads/<name>     of each log the newest checkpoint that was cosigned; <name> is SHA-256 of its origin
forks/<name>-*   pairs of checkpoints, both signed, that no honest log would have signed
lock             flock between processes

A head is durable before its cosignature is told: whoever has the line can rely on nothing older being signed later.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from .checkpoint import Checkpoint, parse_checkpoint
from .cosignature import WitnessKey, cosign, with_line, witness_of
from .durable import FileLock, replace_file, sync_folder
from .errors import LogUnavailable
from .hashing import EMPTY_ROOT, HASH_SIZE
from .keyfile import create_key, load_key
from .note import (
    LARGEST,
    Note,
    NoteError,
    SigningKey,
    VerifierKey,
    check_name,
    open_note,
    parse_note,
    parse_verifier,
    unbase64,
)
from .proof import verify_consistency

LARGEST_REQUEST = LARGEST + 4096
SIZE_TYPE = "text/x.tlog.size"
_TEXT = "text/plain; charset=utf-8"
_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})")
_LONGEST_PROOF = 63


@dataclass(frozen=True, slots=True)
class Request:
    """What a log asks: to cosign `checkpoint`, by a proof that it follows from the tree of `old_size` leaves."""

    old_size: int
    proof: tuple[bytes, ...]
    checkpoint: bytes

    def encoded(self) -> bytes:
        lines = [f"old {self.old_size}", *(base64.b64encode(each).decode() for each in self.proof), ""]
        return "".join(f"{line}\n" for line in lines).encode() + self.checkpoint


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP status, a body and its type."""

    status: int
    body: bytes
    kind: str = _TEXT


def parse_request(data: bytes) -> Request:
    """The inverse of `Request.encoded`. Raises NoteError on anything else."""
    if len(data) > LARGEST_REQUEST:
        raise NoteError("too long for a request")
    head, found, checkpoint = data.partition(b"\n\n")
    try:
        first, *lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise NoteError("not a request") from error
    old = _OLD.fullmatch(first)
    proof = tuple(unbase64(line) for line in lines)
    if not found or old is None or len(proof) > _LONGEST_PROOF or any(len(each) != HASH_SIZE for each in proof):
        raise NoteError("not a request")
    return Request(int(old[1]), proof, checkpoint)


class Witness:
    """A witness in a folder of its own, away from the logs that it watches. Safe for several threads and processes.

    `clock` gives whole seconds since 1970.
    """

    def __init__(self, folder: Path, key: SigningKey, logs: Sequence[VerifierKey], clock: Callable[[], int]) -> None:
        self._folder, self._key, self._clock = folder, key, clock
        self._logs: dict[str, list[VerifierKey]] = {}
        for log in logs:
            self._logs.setdefault(log.name, []).append(log)
        self._lock = FileLock(folder / "lock")

    @classmethod
    def create(cls, folder: Path, name: str, clock: Callable[[], int]) -> Witness:
        """A new witness, which knows no log yet. Raises LogUnavailable; NoteError for a name that a key cannot have."""
        check_name(name)
        try:
            folder.mkdir(mode=0o700)
            create_key(folder / "key", name)
            for below in ("heads", "forks"):
                (folder / below).mkdir(mode=0o700)
            replace_file(folder / "logs", b"")
            sync_folder(folder.parent)
        except OSError as error:
            raise LogUnavailable(f"cannot create the witness in {folder}: {error.strerror}") from error
        return cls.open(folder, clock)

    @classmethod
    def open(cls, folder: Path, clock: Callable[[], int]) -> Witness:
        """Raises LogUnavailable: there is none, its key is exposed, or its list of logs is damaged."""
        key = load_key(folder / "key")
        try:
            lines = (folder / "logs").read_text("utf-8").splitlines()
            return cls(folder, key, [parse_verifier(line) for line in lines], clock)
        except OSError as error:
            raise LogUnavailable(f"cannot read the witness in {folder}: {error.strerror}") from error
        except (NoteError, UnicodeDecodeError) as error:
            raise LogUnavailable(f"{folder / 'logs'} is damaged: {error}") from error

    @property
    def verifier(self) -> WitnessKey:
        """By whom its lines are checked."""
        return witness_of(self._key)

    @property
    def origins(self) -> tuple[str, ...]:
        """The logs that it watches."""
        return tuple(self._logs)

    def watch(self, log: VerifierKey) -> None:
        """Witness this log from now on; a log that is known stays. Raises LogUnavailable."""
        try:
            with self._lock.held():
                known = self._logs.setdefault(log.name, [])
                if log not in known:
                    known.append(log)
                    keys = [key for keys in self._logs.values() for key in keys]
                    replace_file(self._folder / "logs", "".join(f"{key.encoded()}\n" for key in keys).encode())
        except OSError as error:
            raise LogUnavailable(f"cannot write to the witness in {self._folder}: {error.strerror}") from error

    def head(self, origin: str) -> bytes | None:
        """The newest checkpoint of a log that was cosigned, with our line; None when there is none.

        Raises LogUnavailable.
        """
        try:
            return self._head_file(origin).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise LogUnavailable(f"cannot read what was witnessed of {origin}: {error.strerror}") from error

    def add_checkpoint(self, data: bytes) -> Answer:
        """What the specification says to a request's body. Raises LogUnavailable: then nothing was cosigned."""
        try:
            request = parse_request(data)
            asked = parse_checkpoint(parse_note(request.checkpoint).text)
        except NoteError as error:
            return _refused(400, str(error))
        keys = self._logs.get(asked.origin)
        if keys is None:
            return _refused(404, "this log is not witnessed here")
        try:
            note = open_note(request.checkpoint, keys)
        except NoteError as error:
            return _refused(403, str(error))
        if request.old_size > asked.size:
            return _refused(400, "the old size is larger than the checkpoint's")
        try:
            with self._lock.held():
                return self._consider(request, asked, _signed_by(note, keys))
        except OSError as error:
            raise LogUnavailable(f"cannot write to the witness in {self._folder}: {error.strerror}") from error

    def _consider(self, request: Request, asked: Checkpoint, note: Note) -> Answer:
        stored = self.head(asked.origin)
        known = Checkpoint(asked.origin, 0, EMPTY_ROOT) if stored is None else self._opened(stored, asked.origin)
        if stored is not None and known.size == asked.size and known.root != asked.root:
            self._keep_fork(asked.origin, stored, request.checkpoint)
            return _refused(409, "another tree of this size was signed before: the log is forked")
        if request.old_size != known.size:
            return Answer(409, b"%d\n" % known.size, SIZE_TYPE)
        if not _follows(known, asked, request.proof):
            return _refused(422, "the proof does not lead from the old tree to the new one")
        line = cosign(note.text, self._key, self._clock())
        replace_file(self._head_file(asked.origin), with_line(note.encoded(), line))
        return Answer(200, Note("", (line,)).encoded().removeprefix(b"\n"))

    def _opened(self, stored: bytes, origin: str) -> Checkpoint:
        """What was cosigned last: both signatures must hold, or this is no memory to rely on."""
        try:
            checkpoint = parse_checkpoint(open_note(stored, [self.verifier]).text)
        except NoteError as error:
            raise LogUnavailable(f"what was witnessed of {origin} is damaged: {error}") from error
        if checkpoint.origin != origin:
            raise LogUnavailable(f"what was witnessed of {origin} is of {checkpoint.origin}")
        return checkpoint

    def _keep_fork(self, origin: str, one: bytes, other: bytes) -> None:
        """Both heads are signed by the log: whoever sees them knows that it lied to somebody."""
        name = f"{_name(origin)}-{hashlib.sha256(other).hexdigest()[:16]}"
        with suppress(OSError):  # a full disk does not make it less of a fork
            replace_file(self._folder / "forks" / name, one + b"\n" + other)

    def _head_file(self, origin: str) -> Path:
        return self._folder / "heads" / _name(origin)


def _signed_by(note: Note, keys: Sequence[VerifierKey]) -> Note:
    """The note with the log's own signatures alone: lines of unknown keys are not kept."""
    own = {(key.name, key.id) for key in keys}
    return Note(note.text, tuple(each for each in note.signatures if (each.name, each.key_id) in own))


def _follows(known: Checkpoint, asked: Checkpoint, proof: Sequence[bytes]) -> bool:
    if known.size == 0:
        return not proof and (asked.size > 0 or asked.root == EMPTY_ROOT)
    return verify_consistency(known.size, known.root, asked.size, asked.root, proof)


def _refused(status: int, why: str) -> Answer:
    return Answer(status, f"{why}\n".encode())


def _name(origin: str) -> str:
    return hashlib.sha256(origin.encode()).hexdigest()
