"""A site's own program that wraps bucket keys: a few lines in front of a KMS, a vault, a PKCS#11 token or a TPM.

It reads lines of JSON until its input ends, and answers each with one line, in order (docs/kms.md):

    {"do": "wrap", "about": "...", "data": BASE64}      ->  {"data": BASE64}
    {"do": "unwrap", "about": "...", "data": BASE64}    ->  {"data": BASE64}  or  {"error": "in a few words"}

Whoever can change the program has every key, so it is code: named by an absolute path, owned by root or this account,
and writable by nobody else, and so is every folder above it and every file that it is given as an argument. No shell
is involved. What it prints on standard error is thrown away, and what it says is wrong is shown without anything that
could be a key. Keys on their way through are overwritten here; the pipes and the program itself are beyond us.
"""

from __future__ import annotations

import binascii
import hashlib
import json
import os
import re
import selectors
import signal
import stat
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from beholden.ledger.locked import SIZE, Key, taken, wipe
from beholden.model.errors import KeystoreError

TIMEOUT_S = 10.0
"""For one run, with all its lines: then the program is killed."""
AT_ONCE = 256
"""Lines in one run."""
LONGEST_ANSWER = 8192
"""Bytes in one line of an answer; what wraps 32 bytes is some hundreds."""
PATIENCE_S = 2.0
"""A program that failed is left alone for as long: a keeper asks several times a second."""
_DATA = re.compile(rb'[ \t]*\{[ \t]*"data"[ \t]*:[ \t]*"([A-Za-z0-9+/]+={0,2})"[ \t]*\}[ \t\r]*')
_ERROR = re.compile(rb'[ \t]*\{[ \t]*"error"[ \t]*:[ \t]*"([ !#-\[\]-~]{1,200})"[ \t]*\}[ \t\r]*')
_END = b'"}\n'
_COULD_BE_A_KEY = re.compile(r"[A-Za-z0-9+/=_-]{16,}")
_ADVICE = "Nobody is named until it works again, and then by itself. docs/kms.md says what it must do."


class CommandWrapper:
    """A `KeyWrapper` that asks a program. `argv[0]` is its absolute path; `clock_s` is monotonic."""

    def __init__(
        self, argv: Sequence[str], timeout_s: float = TIMEOUT_S, clock_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._argv = tuple(argv)
        self._timeout_s, self._clock_s = timeout_s, clock_s
        self._failed: tuple[float, str] | None = None

    @property
    def name(self) -> str:
        """Of the whole command: naming another key in it is another wrapping."""
        return hashlib.sha256("\0".join(self._argv).encode()).hexdigest()[:16]

    @property
    def program(self) -> str:
        return self._argv[0]

    def wrap(self, keys: Sequence[tuple[str, Key]]) -> list[bytes]:
        return self._asked("wrap", keys)

    def unwrap(self, wrapped: Sequence[tuple[str, bytes]]) -> list[Key]:
        opened = [taken(data) if len(data) == SIZE else None for data in self._asked("unwrap", wrapped)]
        result = [key for key in opened if key is not None]
        if len(result) != len(opened):
            raise self._error("gave back something that is no key")
        return result

    def _asked(self, do: str, what: Sequence[tuple[str, bytes]]) -> list[bytes]:
        if self._failed is not None and self._clock_s() < self._failed[0]:
            raise self._error(self._failed[1])
        self._failed = None
        answers: list[bytes] = []
        try:
            for start in range(0, len(what), AT_ONCE):
                answers += self._run(do, what[start : start + AT_ONCE])
        except _Trouble as error:
            for answer in answers:
                wipe(answer)
            self._failed = (self._clock_s() + PATIENCE_S, str(error))
            raise self._error(str(error)) from None
        return answers

    def _error(self, words: str) -> KeystoreError:
        return KeystoreError(f"the program that wraps the keystore's keys, {self.program}, {words}", advice=_ADVICE)

    def _run(self, do: str, what: Sequence[tuple[str, bytes]]) -> list[bytes]:
        """One run of the program. Raises _Trouble."""
        for argument in self._argv:
            _check(argument, must_be_there=argument == self._argv[0])
        request, answer = _request(do, what), bytearray((LONGEST_ANSWER + 1) * len(what) + 1)
        try:
            return _parse(answer, self._exchange(request, answer), len(what))
        finally:
            request[:] = bytes(len(request))
            answer[:] = bytes(len(answer))

    def _exchange(self, request: bytearray, answer: bytearray) -> int:
        """Say `request`, read what is said into `answer`: how many bytes. Raises _Trouble."""
        deadline = self._clock_s() + self._timeout_s
        try:
            program = subprocess.Popen(  # noqa: S603 - no shell; who may write it was checked
                self._argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd="/",
                bufsize=0,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            raise _Trouble(f"cannot be run: {getattr(error, 'strerror', None) or 'not a command'}") from error
        try:
            count = _talk(program, request, answer, lambda: deadline - self._clock_s())
            code = program.wait(max(0.1, deadline - self._clock_s()))
        except subprocess.TimeoutExpired as error:
            raise _Trouble(f"did not answer within {self._timeout_s:g} s") from error
        finally:
            _end(program)
        if code and not _ERROR.match(answer, 0, count):
            raise _Trouble(f"failed (exit code {code})")
        return count


class _Trouble(Exception):
    """What went wrong, in words that hold no key. It never leaves this file."""


def _request(do: str, what: Sequence[tuple[str, bytes]]) -> bytearray:
    lines = [
        (f'{{"do": "{do}", "about": {json.dumps(about)}, "data": "'.encode(), binascii.b2a_base64(data, newline=False))
        for about, data in what
    ]
    request = bytearray(sum(len(begin) + len(text) + len(_END) for begin, text in lines))
    size = 0  # of its final size at once: a bytearray that grows leaves copies behind
    for begin, text in lines:
        for part in (begin, text, _END):
            request[size : size + len(part)] = part
            size += len(part)
        wipe(text)
    return request


def _talk(program: subprocess.Popen[bytes], request: bytearray, answer: bytearray, left_s: Callable[[], float]) -> int:
    """Write and read at once until the program closes its output. Raises _Trouble, subprocess.TimeoutExpired."""
    assert program.stdin is not None
    assert program.stdout is not None
    said, count = 0, 0
    unsaid, room = memoryview(request), memoryview(answer)
    with selectors.DefaultSelector() as ready:
        for pipe, event in ((program.stdin, selectors.EVENT_WRITE), (program.stdout, selectors.EVENT_READ)):
            os.set_blocking(pipe.fileno(), False)
            ready.register(pipe, event)
        while True:
            if left_s() <= 0:
                raise subprocess.TimeoutExpired(program.args, 0)
            for key, _ in ready.select(left_s()):
                if key.fileobj is program.stdin:
                    with suppress(BrokenPipeError):  # it has read enough: what it answers is judged
                        said += os.write(key.fd, unsaid[said:])
                        if said < len(request):
                            continue
                    ready.unregister(program.stdin)
                    program.stdin.close()
                    continue
                got = os.readv(key.fd, [room[count:]])
                count += got
                if count == len(answer):
                    raise _Trouble("said more than was asked")
                if not got:
                    return count


def _end(program: subprocess.Popen[bytes]) -> None:
    """What did not end by itself ends now, with everything that it started."""
    if program.poll() is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(program.pid, signal.SIGKILL)
        program.wait()
    for pipe in (program.stdin, program.stdout):
        if pipe is not None:
            pipe.close()


def _parse(answer: bytearray, count: int, lines: int) -> list[bytes]:
    """What each line holds. Raises _Trouble."""
    found: list[bytes] = []
    try:
        found.extend(_line(answer, start, end) for start, end in _lines(answer, count))
    except _Trouble:
        for each in found:
            wipe(each)
        raise
    if len(found) == lines:
        return found
    for each in found:
        wipe(each)
    raise _Trouble(f"answered {len(found)} of {lines} lines")


def _line(answer: bytearray, start: int, end: int) -> bytes:
    """One line is of exactly one of two kinds. Raises _Trouble."""
    if (error := _ERROR.fullmatch(answer, start, end)) is not None:
        raise _Trouble(f"says: {_COULD_BE_A_KEY.sub('[...]', error[1].decode())}")
    data = _DATA.fullmatch(answer, start, end)
    if data is None or end - start > LONGEST_ANSWER:
        raise _Trouble("said something that is no answer")
    try:
        with memoryview(answer)[slice(*data.span(1))] as text:
            return binascii.a2b_base64(text, strict_mode=True)
    except binascii.Error as error:
        raise _Trouble("said something that is no answer") from error


def _lines(answer: bytearray, count: int) -> Iterator[tuple[int, int]]:
    start = 0
    while start < count:
        end = answer.find(b"\n", start, count)
        end = count if end < 0 else end
        yield start, end
        start = end + 1


def _check(argument: str, *, must_be_there: bool) -> None:
    """That nobody but root and this account can change a file, nor put another one in its place. Raises _Trouble.

    Arguments that name no file are none of our business.
    """
    path = Path(argument)
    if not path.is_absolute():
        if must_be_there:
            raise _Trouble("is not named by an absolute path")
        return
    try:
        if not must_be_there and not path.is_file():
            return
        if not path.is_file():
            raise _Trouble("is not there, or is no file")
        for each in _steps(path):
            _check_rights(each)
    except OSError as error:
        raise _Trouble(f"cannot be used: {error.strerror}: {argument}") from error


def _steps(path: Path) -> Iterator[Path]:
    """Every folder, link and file on the way to where an absolute path ends. Raises OSError."""
    at, left = Path("/"), list(reversed(path.parts[1:]))
    yield at
    while left:
        part = left.pop()
        if part == "..":
            at = at.parent
            continue
        step = at / part
        yield step
        if step.is_symlink():  # a loop of them is no file, as was seen before
            target = step.readlink()
            at = Path("/") if target.is_absolute() else at
            left += [part for part in reversed(target.parts) if part != "/"]
        else:
            at = step


def _check_rights(path: Path) -> None:
    status = path.lstat()
    replaceable = status.st_mode & 0o022 and not stat.S_ISLNK(status.st_mode)  # a link's own mode says nothing
    sticky = stat.S_ISDIR(status.st_mode) and status.st_mode & stat.S_ISVTX
    if status.st_uid not in (0, os.geteuid()) or (replaceable and not sticky):
        raise _Trouble(f"could be changed by other accounts: see the owner and the mode of {path}")
