"""Per-person data keys, wrapped, in a folder of their own outside the database.

    kek.{a,b}.json       one key-encryption key per bucket of 256 people: small; never in a backup
    wrapped.{a,b}.json   each person's data key, wrapped under their bucket's key (AES-256-GCM)
    lock                 flock between processes

Why it is laid out so (invariant I7). A backup holds the database, with templates sealed under data
keys, and at worst an old `wrapped`. When somebody withdraws, their wrapped key is dropped and their
bucket's key replaced: an old `wrapped` then opens nobody of that bucket with today's `kek`, and
today's keystore, which wraps the same data keys of everyone who stayed anew, opens an old database
for exactly those who stayed. Copies of `kek` are beyond us, as SECURITY.md says.

Rotation is three durable steps, each leaving a keystore that opens everyone who should be opened:
the new key beside the old one, which is marked as leaving; the bucket wrapped anew without the
person; the old key dropped. Only a marked key is ever dropped, and a `wrapped` that asks for a key
that is not there is refused before anything is written: putting back an old `wrapped` by mistake
must not cost the keys of those who stayed.
"""

from __future__ import annotations

import base64
import secrets
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from beholden.consent.copies import Body, TwoCopies
from beholden.consent.seal import new_key, seal, unseal
from beholden.ledger.durable import FileLock, sync_folder
from beholden.model.errors import KeyDestroyed, KeystoreError, KeystoreExposed, KeystoreMissing
from beholden.model.ids import SubjectId

BUCKET_SIZE = 256
_FOLDER_MODE = 0o700
_LEAVING = "leaving"


@dataclass(frozen=True, slots=True)
class _Wrapped:
    bucket: int
    kek: str
    key: bytes


def _about(subject: str, bucket: int, kek: str) -> str:
    return f"data key\x1f{subject}\x1f{bucket}\x1f{kek}"


class Keystore:
    """Data keys by subject. Safe for several threads and processes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = FileLock(folder / "lock")
        self._kek_file = TwoCopies(folder, "kek")
        self._wrapped_file = TwoCopies(folder, "wrapped")
        self._stamp: object = None
        self._keks: dict[int, dict[str, bytes]] = {}
        """Per bucket by id, newest last; two only within a rotation."""
        self._leaving: frozenset[str] = frozenset()
        """Ids of the keys that a rotation under way replaces."""
        self._wrapped: dict[str, _Wrapped] = {}

    @classmethod
    def create(cls, folder: Path) -> Keystore:
        """A new, empty keystore in a new folder (0700). Raises KeystoreError, StorageFull."""
        try:
            folder.mkdir(mode=_FOLDER_MODE)
            sync_folder(folder.parent)
        except OSError as error:
            raise KeystoreError(f"cannot create the keystore {folder}: {error.strerror}") from error
        store = cls(folder)
        store._kek_file.write({})
        store._wrapped_file.write({})
        return cls.open(folder)

    @classmethod
    def open(cls, folder: Path) -> Keystore:
        """An existing keystore, repaired where one copy is damaged.

        Raises KeystoreMissing, KeystoreExposed, KeystoreError (both copies damaged, no permission).
        """
        store = cls(folder)
        with store._current():
            store._drop_unused()
        return store

    def subjects(self) -> frozenset[SubjectId]:
        """Everyone who has a key."""
        with self._current():
            return frozenset(SubjectId(subject) for subject in self._wrapped)

    def create_keys(self, subjects: Sequence[SubjectId]) -> None:
        """A new data key each, durable in both copies on return. Raises KeystoreError when one has a key already."""
        with self._current():
            for subject in subjects:
                if subject in self._wrapped:
                    raise KeystoreError(f"{subject} has a key already")
            wrapped, keks = dict(self._wrapped), dict(self._keks)
            rooms = self._rooms()
            for subject in subjects:
                bucket = next(rooms)
                if bucket not in keks:
                    keks[bucket] = {secrets.token_hex(8): new_key()}
                known = keks[bucket]
                kek = list(known)[-1]
                wrapped[subject] = _Wrapped(bucket, kek, seal(known[kek], new_key(), _about(subject, bucket, kek)))
            if keks != self._keks:
                self._write_keks(keks)
            self._write_wrapped(wrapped)

    def create_key(self, subject: SubjectId) -> None:
        self.create_keys([subject])

    def data_key(self, subject: SubjectId) -> bytes:
        """32 bytes. Raises KeyDestroyed."""
        key = self.data_keys([subject])[subject]
        if key is None:
            raise KeyDestroyed(f"there is no key of {subject}: it was destroyed when they withdrew")
        return key

    def data_keys(self, subjects: Iterable[SubjectId]) -> dict[SubjectId, bytes | None]:
        """The key of each, None where it was destroyed (or is wrapped under a key that was)."""
        with self._current():
            return {subject: self._unwrap(subject) for subject in subjects}

    def bucket(self, subject: SubjectId) -> int | None:
        """Which bucket's key a withdrawal would rotate; None when there is no key of theirs."""
        with self._current():
            entry = self._wrapped.get(subject)
            return None if entry is None else entry.bucket

    def destroy(self, subject: SubjectId) -> int | None:
        """Destroy a data key and rotate its bucket's key. The bucket, or None when there was no key: safe to repeat."""
        with self._current():
            self._drop_unused()
            entry = self._wrapped.get(subject)
            if entry is None:
                return None
            bucket, kek = entry.bucket, secrets.token_hex(8)
            old = self._keks.get(bucket, {})
            self._write_keks({**self._keks, bucket: {**old, kek: new_key()}}, leaving=self._leaving | set(old))
            self._write_wrapped(self._rewrapped(bucket, kek, without=subject))
            self._drop_unused()
            return bucket

    def _rewrapped(self, bucket: int, kek: str, without: str) -> dict[str, _Wrapped]:
        """All wrapped keys, those of one bucket under another key, one of them left out."""
        result: dict[str, _Wrapped] = {}
        for subject, entry in self._wrapped.items():
            if subject == without:
                continue
            key = self._unwrap(subject) if entry.bucket == bucket else None
            if key is not None:
                sealed = seal(self._keks[bucket][kek], key, _about(subject, bucket, kek))
                entry = _Wrapped(bucket, kek, sealed)  # noqa: PLW2901 - the entry, wrapped anew
            result[subject] = entry
        return result

    def _unwrap(self, subject: str) -> bytes | None:
        entry = self._wrapped.get(subject)
        kek = None if entry is None else self._keks.get(entry.bucket, {}).get(entry.kek)
        if entry is None or kek is None:
            return None
        return unseal(kek, entry.key, _about(subject, entry.bucket, entry.kek))

    def _rooms(self) -> Iterator[int]:
        """Bucket numbers with room, one per free place, lowest first, without end."""
        filled = Counter(entry.bucket for entry in self._wrapped.values())
        bucket = 0
        while True:
            for _ in range(BUCKET_SIZE - filled[bucket]):
                yield bucket
            bucket += 1

    def _drop_unused(self) -> None:
        """Finish a rotation that was cut off: drop each key under which nothing is wrapped any more."""
        used = {(entry.bucket, entry.kek) for entry in self._wrapped.values()}
        kept = {
            bucket: {kek: key for kek, key in known.items() if kek not in self._leaving or (bucket, kek) in used}
            for bucket, known in self._keks.items()
        }
        if kept != self._keks:
            self._write_keks(kept, leaving=self._leaving & {kek for known in kept.values() for kek in known})

    @contextmanager
    def _current(self) -> Generator[None]:
        """Hold the lock, with what other processes changed read in."""
        try:
            status = self._folder.stat()
            if status.st_mode & 0o077:
                raise KeystoreExposed(f"other accounts can enter the keystore {self._folder}")
            lock = self._lock.held()
            lock.__enter__()
        except FileNotFoundError as error:
            raise KeystoreMissing(f"there is no keystore in {self._folder}") from error
        except OSError as error:
            raise KeystoreError(f"cannot use the keystore {self._folder}: {error.strerror}") from error
        try:
            stamp = (self._kek_file.stamp(), self._wrapped_file.stamp())
            if stamp != self._stamp:
                self._keks, self._leaving = _keks_of(self._kek_file.read())
                self._wrapped = _wrapped_of(self._wrapped_file.read())
                self._refuse_mixed()
                self._remember()
            yield
        finally:
            lock.__exit__(None, None, None)

    def _refuse_mixed(self) -> None:
        """Raise KeystoreError when a wrapped key was wrapped under a key that is not there."""
        lost = [s for s, entry in self._wrapped.items() if entry.kek not in self._keks.get(entry.bucket, {})]
        if lost:
            raise KeystoreError(
                f"the two parts of the keystore {self._folder} are of different days: {len(lost)} keys do not open",
                advice="Put today's kek.* and wrapped.* back, together. Nothing was changed.",
            )

    def _remember(self) -> None:
        self._stamp = (self._kek_file.stamp(), self._wrapped_file.stamp())

    def _write_keks(self, keks: dict[int, dict[str, bytes]], leaving: frozenset[str] | None = None) -> None:
        leaving = self._leaving if leaving is None else leaving
        self._stamp = None
        self._kek_file.write({str(bucket): _encoded(known, leaving) for bucket, known in keks.items()})
        self._keks, self._leaving = keks, leaving
        self._remember()

    def _write_wrapped(self, wrapped: dict[str, _Wrapped]) -> None:
        self._stamp = None
        self._wrapped_file.write(
            {subject: [e.bucket, e.kek, base64.b64encode(e.key).decode()] for subject, e in wrapped.items()}
        )
        self._wrapped = wrapped
        self._remember()


def _encoded(known: dict[str, bytes], leaving: frozenset[str]) -> list[list[str]]:
    """Rows of id and key; a third word marks a key that is being replaced."""
    return [
        [kek, base64.b64encode(key).decode(), *([_LEAVING] if kek in leaving else [])] for kek, key in known.items()
    ]


def _keks_of(body: Body) -> tuple[dict[int, dict[str, bytes]], frozenset[str]]:
    keks = {int(bucket): {row[0]: base64.b64decode(row[1]) for row in known} for bucket, known in body.items()}
    return keks, frozenset(row[0] for known in body.values() for row in known if _LEAVING in row[2:])


def _wrapped_of(body: Body) -> dict[str, _Wrapped]:
    return {subject: _Wrapped(bucket, kek, base64.b64decode(key)) for subject, (bucket, kek, key) in body.items()}
