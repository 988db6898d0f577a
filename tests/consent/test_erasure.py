"""Invariant I7: an old backup with today's keystore opens exactly those who stayed. 10,000 and 100, scaled down."""

from __future__ import annotations

import random
import shutil

from beholden.consent.keystore import Keystore
from beholden.consent.seal import open_template, seal_template
from beholden.model.errors import KeyDestroyed, KeystoreError
from beholden.model.ids import SubjectId
from tests.people import MODEL, vector

PEOPLE, LEAVING = 1000, 10


def opened(keystore, backup):
    """How many of the backup's sealed templates this keystore opens, and whose."""
    result = set()
    for subject, sealed in backup.items():
        try:
            open_template(keystore.data_key(subject), sealed, subject, MODEL)
        except (KeyDestroyed, KeystoreError):
            continue
        result.add(subject)
    return result


def test_a_backup_from_before_opens_nobody_who_left_and_everybody_who_stayed(keystore, tmp_path):
    """The backup holds the sealed templates and, at worst, the old wrapped keys; the keystore is today's."""
    people = [SubjectId(f"s_{n:020x}") for n in range(PEOPLE)]
    keystore.create_keys(people)
    keys = keystore.data_keys(people)
    backup = {subject: seal_template(keys[subject], vector(n), subject, MODEL) for n, subject in enumerate(people)}
    shutil.copytree(tmp_path / "keystore", tmp_path / "before")
    assert opened(keystore, backup) == set(people)

    left = set(random.Random(7).sample(people, LEAVING))
    for subject in left:
        keystore.destroy(subject)
    today = Keystore.open(tmp_path / "keystore")
    assert opened(today, backup) == set(people) - left

    mixed = tmp_path / "mixed"
    shutil.copytree(tmp_path / "keystore", mixed)
    for copy in "ab":
        shutil.copy(tmp_path / "before" / f"wrapped.{copy}.json", mixed)
    with_old_wrapped = opened(Keystore(mixed), backup)
    assert not with_old_wrapped & left
    assert opened(Keystore.open(tmp_path / "before"), backup) == set(people), "the control: the old keystore opens all"
