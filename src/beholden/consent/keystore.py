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

Bucket keys may be wrapped themselves, by a program of the site (`use`): then the folder by itself
opens nothing, and while that program fails, what needs a bucket key that was not opened yet raises
KeystoreError and changes nothing. Opened bucket keys are in locked memory (`consent.buckets`); a data
key is opened where it is asked for, and overwritten when it is let go of.
"""

from __future__ import annotations

import base64
import os
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from beholden.consent.buckets import BucketKeys, Rows, all_of, open_key, seal_key
from beholden.consent.copies import Body, TwoCopies
from beholden.consent.wrapper import Wrapping
from beholden.ledger.durable import FileLock, sync_folder
from beholden.ledger.locked import Key, new_key
from beholden.model.errors import KeyDestroyed, KeystoreError, KeystoreExposed, KeystoreMissing
from beholden.model.ids import SubjectId

BUCKET_SIZE = 256
_FOLDER_MODE = 0o700


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
        self._pid = os.getpid()
        self._keks = BucketKeys()
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

    def use(self, wrapping: Wrapping) -> None:
        """Who wraps bucket keys from now on, and who opens wrapped ones. Nothing is changed on disk before `rewrap`."""
        self._keks.wrapping = wrapping

    def rewrap(self) -> int:
        """Wrap every bucket key as settings say, if it is not: how many. For whoever opens it for acts.

        One atomic replacement of each copy, so that cut off anywhere all keys open, as before or as wanted, and the
        next opening finishes it. Raises KeystoreError, StorageFull; then nothing was changed.
        """
        with self._current():
            rows = self._keks.wrapped_anew()
            if rows is None:
                return 0
            changed = {key for _, key in all_of(rows)} - {key for _, key in all_of(self._keks.rows)}
            self._write_keks(rows)
            return len(changed)

    def open_all(self) -> tuple[int, int]:
        """Open every bucket key, as a check: how many there are, and how many of them not wrapped as settings say.

        Raises KeystoreError.
        """
        with self._current():
            keys = tuple(all_of(self._keks.rows))
            self._keks.open((bucket, key.id) for bucket, key in keys)
            return len(keys), sum(key.by != self._keks.wrapping.by for _, key in keys)

    @property
    def locked(self) -> bool:
        """Whether the opened bucket keys are locked in memory, so that none reaches a swap device."""
        return self._keks.locked

    def close(self) -> None:
        """Overwrite every opened key, when nobody uses one. It may be used again, and opens them again then."""
        with suppress(OSError), self._lock.held():  # without its folder it cannot be used either
            self._keks.close()
            self._stamp = None

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
            wrapped, keks = dict(self._wrapped), dict(self._keks.rows)
            rooms = self._rooms()
            placed = [(subject, next(rooms)) for subject in subjects]
            buckets = {bucket for _, bucket in placed}
            self._keks.open((bucket, keks[bucket][-1].id) for bucket in buckets & keks.keys())
            keks |= {bucket: (self._keks.make(bucket),) for bucket in sorted(buckets - keks.keys())}
            if keks != self._keks.rows:
                self._write_keks(keks)
            for subject, bucket in placed:
                wrapped[subject] = self._sealed(subject, bucket, keks[bucket][-1].id, new_key())
            self._write_wrapped(wrapped)

    def create_key(self, subject: SubjectId) -> None:
        self.create_keys([subject])

    def data_key(self, subject: SubjectId) -> bytes:
        """32 bytes, overwritten when the last who holds them lets go (`ledger.locked`). Raises KeyDestroyed."""
        key = self.data_keys([subject])[subject]
        if key is None:
            raise KeyDestroyed(f"there is no key of {subject}: it was destroyed when they withdrew")
        return key

    def data_keys(self, subjects: Iterable[SubjectId]) -> dict[SubjectId, bytes | None]:
        """The key of each, None where it was destroyed (or is wrapped under a key that was)."""
        asked = list(subjects)
        with self._current():
            entries = (self._wrapped.get(subject) for subject in asked)
            self._keks.open({(entry.bucket, entry.kek) for entry in entries if entry is not None})
            return {subject: self._unwrap(subject) for subject in asked}

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
            bucket, known = entry.bucket, self._keks.rows.get(entry.bucket, ())
            self._keks.open((bucket, key.id) for key in known)  # what may fail does so before anything is written
            new = self._keks.make(bucket)
            old = tuple(replace(key, leaving=True) for key in known)
            self._write_keks({**self._keks.rows, bucket: (*old, new)})
            self._write_wrapped(self._rewrapped(bucket, new.id, without=subject))
            self._drop_unused()
            return bucket

    def _rewrapped(self, bucket: int, kek: str, without: str) -> dict[str, _Wrapped]:
        """All wrapped keys, those of one bucket under another key, one of them left out."""
        result: dict[str, _Wrapped] = {}
        for subject, entry in self._wrapped.items():
            if subject == without:
                continue
            key = self._unwrap(subject) if entry.bucket == bucket else None
            result[subject] = entry if key is None else self._sealed(subject, bucket, kek, key)
        return result

    def _sealed(self, subject: str, bucket: int, kek: str, key: Key) -> _Wrapped:
        """A data key, wrapped under an opened bucket key."""
        opened = self._keks.get(bucket, kek)
        if opened is None:
            raise KeystoreError(f"the key of bucket {bucket} is not there")
        return _Wrapped(bucket, kek, seal_key(opened, key, _about(subject, bucket, kek)))

    def _unwrap(self, subject: str) -> Key | None:
        entry = self._wrapped.get(subject)
        opened = None if entry is None else self._keks.get(entry.bucket, entry.kek)
        if entry is None or opened is None:
            return None
        return open_key(opened, entry.key, _about(subject, entry.bucket, entry.kek))

    def _rooms(self) -> Iterator[int]:
        """Bucket numbers with room, one per free place, lowest first, without end."""
        used = Counter(entry.bucket for entry in self._wrapped.values())
        bucket = 0
        while True:
            for _ in range(BUCKET_SIZE - used[bucket]):
                yield bucket
            bucket += 1

    def _drop_unused(self) -> None:
        """Finish a rotation that was cut off: drop each key under which nothing is wrapped any more."""
        used = {(entry.bucket, entry.kek) for entry in self._wrapped.values()}
        kept = {
            bucket: tuple(key for key in known if not key.leaving or (bucket, key.id) in used)
            for bucket, known in self._keks.rows.items()
        }
        if kept != self._keks.rows:
            self._write_keks(kept)

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
            if stamp != self._stamp or self._pid != os.getpid():  # a forked child has no opened keys
                self._stamp, self._pid = None, os.getpid()
                self._keks.read(self._kek_file.read())
                self._wrapped = _wrapped_of(self._wrapped_file.read())
                self._refuse_mixed()
                self._remember()
            yield
        finally:
            lock.__exit__(None, None, None)

    def _refuse_mixed(self) -> None:
        """Raise KeystoreError when a wrapped key was wrapped under a key that is not there."""
        known = {(bucket, key.id) for bucket, key in all_of(self._keks.rows)}
        lost = [subject for subject, entry in self._wrapped.items() if (entry.bucket, entry.kek) not in known]
        if lost:
            raise KeystoreError(
                f"the two parts of the keystore {self._folder} are of different days: {len(lost)} keys do not open",
                advice="Put today's kek.* and wrapped.* back, together. Nothing was changed.",
            )

    def _remember(self) -> None:
        self._stamp = (self._kek_file.stamp(), self._wrapped_file.stamp())

    def _write_keks(self, rows: Rows) -> None:
        self._stamp = None
        self._kek_file.write(self._keks.body(rows))
        self._keks.accept(rows)
        self._remember()

    def _write_wrapped(self, wrapped: dict[str, _Wrapped]) -> None:
        self._stamp = None
        self._wrapped_file.write(
            {subject: [e.bucket, e.kek, base64.b64encode(e.key).decode()] for subject, e in wrapped.items()}
        )
        self._wrapped = wrapped
        self._remember()


def _wrapped_of(body: Body) -> dict[str, _Wrapped]:
    return {subject: _Wrapped(bucket, kek, base64.b64decode(key)) for subject, (bucket, kek, key) in body.items()}
