"""Keys that were destroyed are nowhere in the memory of the process that had them open.

A child has a keystore open and is told what to do; its memory is searched from outside (`tests/strangers/search.py`)
for either half of a key, since whoever frees memory may write over its first bytes. Each search first finds what the
child holds on purpose.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from beholden.consent.command import CommandWrapper
from beholden.consent.keystore import Keystore
from beholden.consent.wrapper import Wrapping
from beholden.ledger.log import FileLog
from beholden.model.ids import SubjectId
from tests.strangers.search import written_memory

ANN, BEN = SubjectId("s_ann"), SubjectId("s_ben")
PEOPLE = [ANN, BEN, *(SubjectId(f"s_{n}") for n in range(20))]

CHILD = """
import json, sys
from pathlib import Path
from beholden.consent.command import CommandWrapper
from beholden.consent.keystore import Keystore
from beholden.consent.logkeys import log_key
from beholden.consent.seal import seal, unseal
from beholden.consent.wrapper import Wrapping

store = Keystore.open(Path(sys.argv[1]))
store.use(Wrapping(CommandWrapper(sys.argv[2:])) if sys.argv[2:] else Wrapping())
people, held = sorted(store.subjects()), []

def use():
    for _ in range(3):
        for subject, key in store.data_keys(people).items():
            if key is not None:
                assert unseal(key, seal(key, b"a name", subject), subject) == b"a name"
                assert len(log_key(key)) == 32

for line in sys.stdin:
    match line.split():
        case ["use"]:
            use()
        case ["hold", subject]:
            held = [store.data_key(subject), log_key(store.data_key(subject))]
        case ["let", "go"]:
            held.clear()
        case ["destroy", subject]:
            store.destroy(subject)
            use()
        case ["close"]:
            store.close()
    print("done", flush=True)
"""
FILE_KEY = """
import base64, json, sys
from pathlib import Path
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

key = AESGCM(Path(sys.argv[1]).read_bytes())
for line in sys.stdin:
    asked = json.loads(line)
    done = getattr(key, "encrypt" if asked["do"] == "wrap" else "decrypt")
    data = done(bytes(12), base64.b64decode(asked["data"]), asked["about"].encode())
    print(json.dumps({"data": base64.b64encode(data).decode()}), flush=True)
"""


class Child:
    """The process that has the keystore open."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def do(self, what: str) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(what, file=self._process.stdin, flush=True)
        assert self._process.stdout.readline() == "done\n"

    def finds(self, *keys: bytes) -> int:
        """How often a half of one of these is in its memory, as it is or as base64, also after one byte or two."""
        pieces = [half for key in keys for half in (key[:16], key[16:])]
        shifted = [base64.b64encode(bytes(shift) + key) for key in keys for shift in (0, 1, 2)]
        pieces += [text[at : at + 16] for text in shifted for at in (4, 24)]
        count = 0
        for memory in written_memory(self._process.pid):
            data = memory.tobytes()
            count += sum(data.count(piece) for piece in pieces)
        return count


@contextmanager
def child(folder: Path, *program: str, code: str = CHILD) -> Iterator[Child]:
    command = [sys.executable, "-c", code, str(folder), *program]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Child(process)
        finally:
            process.kill()


@pytest.fixture
def folder(keystore, tmp_path) -> Path:
    keystore.create_keys(PEOPLE)
    return tmp_path / "keystore"


@pytest.fixture
def program(tmp_path) -> list[str]:
    """A program that wraps under the key in a file."""
    (tmp_path / "wrapping.key").write_bytes(bytes(range(32)))
    (tmp_path / "wrap.py").write_text(FILE_KEY)
    (tmp_path / "wrap").write_text(
        f'#!/bin/sh\nexec "{sys.executable}" "{tmp_path}/wrap.py" "{tmp_path}/wrapping.key"\n'
    )
    for name in ("wrapping.key", "wrap.py", "wrap"):
        (tmp_path / name).chmod(0o700)
    return [str(tmp_path / "wrap")]


def data_keys(folder: Path, subject: SubjectId) -> tuple[bytes, bytes]:
    """A person's data key and log key, as plain bytes."""
    from beholden.consent.logkeys import log_key

    key = Keystore.open(folder).data_key(subject)
    return bytes(memoryview(key)), bytes(memoryview(log_key(key)))


@pytest.mark.parametrize("wrapped", [False, True])
def test_who_withdrew_has_no_key_in_memory(folder, program, wrapped):
    """Neither their data key nor what is derived from it, after a hundred uses; while it was held, it was found."""
    keys, stays = data_keys(folder, ANN), data_keys(folder, BEN)
    if wrapped:
        store = Keystore.open(folder)
        store.use(Wrapping(CommandWrapper(program)))
        assert store.rewrap() == 1
    with child(folder, *(program if wrapped else ())) as opened:
        opened.do("use")
        opened.do(f"hold {ANN}")
        assert [opened.finds(key) >= 2 for key in keys] == [True, True]
        opened.do("let go")
        opened.do(f"destroy {ANN}")
        assert opened.finds(*keys) == 0
        opened.do(f"hold {BEN}")
        assert [opened.finds(key) >= 2 for key in stays] == [True, True]


def test_a_key_that_nobody_holds_any_more_is_nowhere(folder):
    """Also of somebody who stays: it is opened anew each time."""
    keys = data_keys(folder, BEN)
    with child(folder) as opened:
        opened.do("use")
        assert opened.finds(*keys) == 0
        opened.do(f"hold {BEN}")
        assert opened.finds(*keys) >= 4


def bucket_keys(folder: Path, program: list[str]) -> list[bytes]:
    """Today's bucket keys, asked for as the keystore does."""
    rows = json.loads((folder / "kek.a.json").read_bytes())["body"]
    asked = [(f"beholden bucket {n} key {row[0]}", base64.b64decode(row[1])) for n in rows for row in rows[n]]
    return [bytes(memoryview(key)) for key in CommandWrapper(program).unwrap(asked)]


def test_a_replaced_bucket_key_is_nowhere_and_the_new_one_in_one_place(folder, program):
    """Wrapped outside, it is in locked memory and nowhere else, until the bucket rotates or the keystore is closed."""
    store = Keystore.open(folder)
    store.use(Wrapping(CommandWrapper(program)))
    store.rewrap()
    [old] = bucket_keys(folder, program)
    with child(folder, *program) as opened:
        opened.do("use")
        assert opened.finds(old) == 2
        opened.do(f"destroy {ANN}")
        [new] = bucket_keys(folder, program)
        assert (opened.finds(old), opened.finds(new)) == (0, 2)
        opened.do("close")
        assert opened.finds(new) == 0


LOG = """
import sys
from pathlib import Path
from beholden.ledger.log import FileLog

log = FileLog.open(Path(sys.argv[1]))
for line in sys.stdin:
    for n in range(20):
        log.append([line.encode()])
    print("done", flush=True)
"""


def test_the_key_that_signs_the_log_is_in_one_place(tmp_path):
    """Opened, used and compared with its file many times, it is in locked memory and nowhere else."""
    log = FileLog.create(tmp_path / "log", "beholden.invalid/test")
    text = (tmp_path / "log" / "key").read_text().split("+", 4)[4]
    seed = base64.b64decode(text)[1:]
    with child(tmp_path / "log", code=LOG) as opened:
        opened.do("a leaf")
        assert opened.finds(seed) == 2
    assert log.size() == 20
