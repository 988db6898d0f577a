"""Workers that are forked: whose children they are, how they end, and what becomes of them without their nursery."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from beholden.supervise.workers.nursery import LOST, Nursery, Nursling, adopt_orphans

COMMAND = [sys.executable, "-m", "tests.supervise.fake_nursery"]


def until(found: Callable[[], object], seconds: float = 20.0) -> None:
    ends = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < ends
        time.sleep(0.005)


def say(child: Nursling, line: bytes) -> bytes:
    child.stdin.write(line)
    return child.stdout.readline()


@pytest.fixture
def nursery() -> Iterator[Nursery]:
    adopt_orphans()
    made = Nursery(COMMAND, os.environ)
    yield made
    made.close()


@pytest.fixture
def child(nursery: Nursery) -> Iterator[Nursling]:
    born = nursery.spawn()
    until(lambda: born.pid)
    yield born
    born.kill()
    until(lambda: born.poll() is not None)
    born.stdin.close()
    born.stdout.close()


def test_a_worker_has_its_pipes_and_is_our_child(child: Nursling) -> None:
    """Not the nursery's: whoever asked for it is told how it ends."""
    assert say(child, b"hello\n") == b"hello\n"
    assert say(child, b"parent\n") == f"{os.getpid()}\n".encode()


def test_its_exit_code_is_known(child: Nursling) -> None:
    """As of any child."""
    assert child.poll() is None
    child.stdin.write(b"exit 70\n")
    until(lambda: child.poll() is not None)
    assert child.returncode == 70


def test_the_signal_that_ended_it_is_known(child: Nursling) -> None:
    """As a negative number."""
    child.kill()
    until(lambda: child.poll() is not None)
    assert child.returncode == -signal.SIGKILL


def test_without_its_pipe_it_ends(child: Nursling) -> None:
    """No other process holds the other end."""
    child.stdin.close()
    until(lambda: child.poll() is not None)
    assert child.returncode == 0


def test_a_worker_that_is_killed_before_it_is_born_is_killed(nursery: Nursery) -> None:
    """It never runs: a nursery that hangs ends with it."""
    child = nursery.spawn()
    child.kill()
    until(lambda: child.poll() is not None)
    assert child.returncode in (LOST, -signal.SIGKILL)
    child.stdin.close()
    child.stdout.close()


def test_workers_outlive_their_nursery_and_another_one_is_started(nursery: Nursery, child: Nursling) -> None:
    """Killed, it takes nobody with it."""
    first = nursery.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    until(lambda: nursery.pid is None)
    assert say(child, b"still here\n") == b"still here\n"
    another = nursery.spawn()
    until(lambda: another.pid)
    assert nursery.pid not in (None, first)
    another.stdin.close()
    until(lambda: another.poll() is not None)
    another.stdout.close()


def test_a_nursery_that_died_is_there_again_before_anybody_is_asked_for(nursery: Nursery, child: Nursling) -> None:
    """Loading takes a second, and a killed keeper cannot wait for it."""
    first = nursery.pid
    assert first is not None
    nursery.tend()
    assert nursery.pid == first
    os.kill(first, signal.SIGKILL)
    until(lambda: nursery.pid is None)
    nursery.tend()
    assert nursery.pid not in (None, first)


def test_a_nursery_that_raised_nobody_is_not_started_for_nobody() -> None:
    """It would die again and again."""
    made = Nursery([sys.executable, "-c", "pass"], os.environ)
    child = made.spawn()
    until(lambda: child.poll() is not None and made.pid is None)
    made.tend()
    assert made.pid is None
    child.stdin.close()
    child.stdout.close()
    made.close()


def test_who_was_asked_for_when_the_nursery_died_is_lost(nursery: Nursery) -> None:
    """Nobody waits for it for ever."""
    child = nursery.spawn()
    assert nursery.pid is not None
    os.kill(nursery.pid, signal.SIGKILL)
    until(lambda: child.poll() is not None)
    assert child.returncode in (LOST, 0)  # 0: it was born, and its pipe ends here
    child.stdin.close()
    child.stdout.close()


def test_a_nursery_with_a_second_thread_raises_nobody() -> None:
    """Its lock might be held for ever in a fork."""
    adopt_orphans()
    made = Nursery([*COMMAND, "1"], os.environ)
    child = made.spawn()
    until(lambda: child.poll() is not None)
    assert child.returncode == LOST
    child.stdin.close()
    child.stdout.close()
    made.close()


def test_a_hundred_workers_come_and_go_and_nothing_is_left(nursery: Nursery) -> None:
    """No descriptor of theirs."""
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(100):
        child = nursery.spawn()
        child.stdin.write(b"exit 3\n")
        until(lambda child=child: child.poll() is not None)
        assert child.returncode == 3
        child.stdin.close()
        child.stdout.close()
    assert len(os.listdir("/proc/self/fd")) <= before + 1
