"""What tests of the log share."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime

import pytest

from beholden.ledger.checkpoint import open_checkpoint
from beholden.ledger.log import FileLog
from beholden.ledger.note import parse_verifier
from tests.ledger.outside import LEAVES, ORIGIN, STEPS


@pytest.fixture
def moment() -> datetime:
    return datetime(2026, 11, 23, 9, 41, 7, tzinfo=UTC)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The log of 600 leaves, with its heads on the way; never changed, only copied."""
    folder = tmp_path_factory.mktemp("verify") / "log"
    log, heads = FileLog.create(folder, ORIGIN), {}
    for start, end in zip((0, *STEPS), STEPS, strict=False):
        log.append(LEAVES[start:end])
        heads[end] = log.checkpoint()
    return folder, parse_verifier(log.verifier), heads


@pytest.fixture
def folder(made, tmp_path):
    """As an outsider has it: no key, no lock, and nothing that may be written."""
    copy = tmp_path / "log"
    shutil.copytree(made[0], copy, ignore=shutil.ignore_patterns("key", "lock"))
    return copy


@pytest.fixture(scope="module")
def key(made):
    return made[1]


@pytest.fixture(scope="module")
def heads(made, key):
    return {size: open_checkpoint(data, ORIGIN, [key]) for size, data in made[2].items()}
