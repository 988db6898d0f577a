"""Acts that are cut off by kill -9 at a random moment, and what is there afterwards.

A child process acts again and again and acknowledges each act by a byte on a pipe once it is durable; it is killed,
and whoever opens the folder next finds what it left. The child is forked: loading Python a thousand times would take
longer than all acts together.
"""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import numpy as np

from beholden.acts.grants.enrol import Wish, enrol_reference
from beholden.acts.grants.people import people
from beholden.acts.grants.reference import Reference
from beholden.acts.grants.withdraw import withdraw
from beholden.acts.recover import recover
from beholden.consent.registry import SubjectState
from beholden.consent.seal import open_template
from beholden.ledger.log import FileLog
from beholden.model.errors import BeholdenError
from beholden.model.grant import Purpose
from beholden.model.ids import ModelDigest, PlaceId, SubjectId
from beholden.storage.folder import DataFolder, create_folder, open_folder

ORIGIN = "beholden.invalid/faults"
BATCH = 5
MODEL = ModelDigest("aa" * 32)
WISH = Wish((Purpose.ENTRANCE,), frozenset({PlaceId("hall")}))
AT_ONCE = 40
"""People in a folder: a new one is begun after so many, so that opening it stays quick."""
LONGEST_S = 0.12
"""From the first acknowledged act to the kill, at most: a few acts."""
_PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one kill: acts acknowledged, of these `lost`, and what is neither done nor not done, in words."""

    acknowledged: int
    lost: int
    half_done: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Killing:
    """One kind of act. `prepare(folder)` makes what a trial begins with; `act(folder, acknowledge)` runs in the child
    until it is killed or has nothing more to do; `judge(folder, before, acknowledged)` looks at what is there then."""

    name: str
    prepare: Callable[[Path], int]
    act: Callable[[Path, Callable[[], None]], None]
    judge: Callable[[Path, int, int], Outcome]


def kill(killing: Killing, folder: Path, chance: Random) -> Outcome:
    """One trial. The folder is that of the last one, until `prepare` begins another."""
    before = killing.prepare(folder)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _be_killed(killing, folder, writing)
    os.close(writing)
    try:
        told = os.read(reading, 1)  # the first act is durable, or the child is gone
        time.sleep(chance.uniform(0.0, LONGEST_S))
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        while more := os.read(reading, 4096):
            told += more
    finally:
        os.close(reading)
        os.waitpid(child, 0)
    try:
        return killing.judge(folder, before, len(told))
    except BeholdenError as error:
        shutil.rmtree(folder, ignore_errors=True)
        return Outcome(len(told), 0, (error.one_line(),))


def _be_killed(killing: Killing, folder: Path, writing: int) -> None:
    """The child: never returns, and runs nothing of its parent's at the end."""
    try:
        killing.act(folder, lambda: os.write(writing, b".") and None)
        time.sleep(_PATIENCE_S)
    finally:
        os._exit(1)


# ----- appending


def _log(folder: Path) -> int:
    if not folder.exists() or FileLog.open(folder).size() > 20_000:
        shutil.rmtree(folder, ignore_errors=True)
        FileLog.create(folder, ORIGIN)
    return FileLog.open(folder).size()


def _append(folder: Path, acknowledge: Callable[[], None]) -> None:
    log = FileLog.open(folder)
    at = log.size()
    while True:
        log.append([(at + number).to_bytes(85, "big") for number in range(BATCH)])
        at += BATCH
        acknowledge()


def _appended(folder: Path, before: int, acknowledged: int) -> Outcome:
    leaves = FileLog.open(folder).leaves()
    wrong = sum(int.from_bytes(leaf, "big") != number for number, leaf in enumerate(leaves))
    part = (len(leaves) - before) % BATCH
    half = [f"{wrong} leaves are not what was appended"] * bool(wrong) + [f"{part} leaves of a batch"] * bool(part)
    return Outcome(acknowledged, max(0, before + acknowledged * BATCH - len(leaves)), tuple(half))


# ----- enrolling


def _now() -> datetime:
    return datetime.now(UTC)


def _town(folder: Path) -> int:
    """A rehearsal folder with few people; the number of the next one."""
    if folder.exists():
        with open_folder(folder, clock=_now) as opened:
            count = len(opened.database.subjects())
        if count < AT_ONCE:
            return count
        shutil.rmtree(folder)
    create_folder(folder, rehearsal=True, clock=_now)
    return 0


def _subject(number: int) -> SubjectId:
    return SubjectId(f"s_{number:020x}")


def _vector(number: int) -> np.ndarray:
    values = np.random.default_rng(number).normal(size=128).astype(np.float32)
    return values / np.linalg.norm(values)


def _enrol(folder: Path, acknowledge: Callable[[], None]) -> None:
    with open_folder(folder, clock=_now) as opened:
        recover(opened.office)
        first = len(opened.database.subjects())
        for number in range(first, first + 10 * AT_ONCE):
            reference = Reference(_vector(number), MODEL, 0.9, 2)
            enrol_reference(opened.office, f"P{number}", reference, WISH, _subject(number))
            acknowledge()


def _enrolled(folder: Path, before: int, acknowledged: int) -> Outcome:
    with open_folder(folder, clock=_now) as opened:
        recover(opened.office)
        found = {each.id for each in opened.database.subjects() if each.state is SubjectState.ENROLLED}
        lost = sum(_subject(number) not in found for number in range(before + acknowledged))
        return Outcome(acknowledged, lost, _half(opened))


# ----- withdrawing


def _crowd(folder: Path) -> int:
    """A folder in which everybody is enrolled: a copy of one that was made once."""
    made = folder.with_name("everybody")
    if not made.exists():
        create_folder(made, rehearsal=True, clock=_now)
        with open_folder(made, clock=_now) as opened:
            for number in range(AT_ONCE):
                reference = Reference(_vector(number), MODEL, 0.9, 2)
                enrol_reference(opened.office, f"P{number}", reference, WISH, _subject(number))
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(made, folder)
    return 0


def _withdraw(folder: Path, acknowledge: Callable[[], None]) -> None:
    with open_folder(folder, clock=_now) as opened:
        recover(opened.office)
        for number in range(AT_ONCE):
            withdraw(opened.office, _subject(number))
            acknowledge()


def _withdrawn(folder: Path, before: int, acknowledged: int) -> Outcome:
    with open_folder(folder, clock=_now) as opened:
        recover(opened.office)
        gone = {each.id for each in opened.database.subjects() if each.state is SubjectState.WITHDRAWN}
        lost = sum(_subject(number) not in gone for number in range(before + acknowledged))
        return Outcome(acknowledged, lost, _half(opened))


def _half(folder: DataFolder) -> tuple[str, ...]:
    """What is neither in nor out: an open template without a key, a key or name without a person, and so on."""
    templates = {each.subject: each for each in folder.database.snapshot().templates}
    known = people(folder.office)
    half = [f"a key of nobody: {each}" for each in folder.keystore.subjects() - {each.id for each in known}]
    for person in known:
        key, sealed = folder.keystore.data_keys([person.id])[person.id], templates.get(person.id)
        has = (person.state, key is not None, sealed is not None, person.label is not None)
        if has not in ((SubjectState.ENROLLED, True, True, True), (SubjectState.WITHDRAWN, False, False, False)):
            half.append(f"{person.id} is {has[0]}; key, template, name: {has[1:]}")
        elif key is not None and sealed is not None:
            open_template(key, sealed.sealed, person.id, sealed.model)
    lines = folder.office.journal.read()
    half += [f"leaf {line.leaf} says something else" for line in lines if line.event is not None and not line.genuine]
    # An opening without a leaf is of an append that did not happen: it is forgotten after an hour.
    half += [f"leaf {each.leaf} has no result" for each in folder.database.unsettled() if each.leaf is not None]
    return tuple(half)


APPENDING = Killing("appending", _log, _append, _appended)
ENROLLING = Killing("enrolling", _town, _enrol, _enrolled)
WITHDRAWING = Killing("withdrawing", _crowd, _withdraw, _withdrawn)
