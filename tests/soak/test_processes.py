"""A program's processes are found with all their children, and what they take is told."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest
from benchmarks.processes import CpuMeter, Process, Restarts, connections, own_mb, pss_mb, tree

PARENT = (
    "import subprocess, sys\n"
    "held = bytearray(b'x' * 50_000_000)\n"
    "words = ['-c', 'import sys; sys.stdin.read()', '-m', 'beholden.process', 'keepers', 'data']\n"
    "child = subprocess.Popen([sys.executable, *words], stdin=0)\n"
    "print(child.pid, flush=True); child.wait()"
)


@pytest.fixture
def program() -> Iterator[tuple[int, int]]:
    """A process that holds 50 MB, and its child, which calls itself a nursery of keepers."""
    running = subprocess.Popen([sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert running.stdout is not None
    assert running.stdin is not None
    yield running.pid, int(running.stdout.readline())
    running.stdin.close()
    running.wait()
    running.stdout.close()


def test_children_are_found_and_known_by_their_role(program: tuple[int, int]) -> None:
    """The program itself is `watch`."""
    parent, child = program
    assert [(one.pid, one.role) for one in tree(parent)] == [(parent, "watch"), (child, "nursery")]


def test_a_program_that_ended_has_no_processes() -> None:
    """Nor memory."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert tree(ended.pid) == ()
    assert pss_mb([ended.pid]) == 0


def test_memory_is_what_is_held(program: tuple[int, int]) -> None:
    """50 MB and a Python, not more than twice that."""
    assert 50 < pss_mb([program[0]]) < 100
    assert pss_mb(program) > pss_mb([program[0]])


def test_pages_of_files_are_not_a_programs_own_memory(program: tuple[int, int]) -> None:
    """What it holds is; the interpreter's libraries, which others map as well, are not."""
    assert 50 < own_mb([program[0]]) < pss_mb([program[0]])


def test_connections_are_counted_by_port(program: tuple[int, int]) -> None:
    """Those of this process to that port; another process has none."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert connections(os.getpid(), port) == 0
        with socket.create_connection(("127.0.0.1", port)), socket.create_connection(("127.0.0.1", port)):
            assert connections(os.getpid(), port) == 2
            assert connections(program[0], port) == 0


def test_cpu_of_processes_that_ended_is_not_forgotten() -> None:
    """The sum never goes down."""
    meter = CpuMeter()
    first, second = Process(1, 0, "watch", 2.0), Process(2, 1, "worker", 5.0)
    assert meter.look([first, second]) == 7.0
    assert meter.look([first]) == 7.0
    assert meter.look([first, Process(3, 1, "worker", 1.0)]) == 8.0


def test_a_replaced_worker_is_a_restart_and_a_second_one_is_not() -> None:
    """Two at once are two workers; a third that comes later replaced one."""
    restarts = Restarts()
    restarts.look([Process(2, 1, "worker", 0.0), Process(3, 1, "worker", 0.0), Process(4, 1, "keeper", 0.0)])
    assert restarts.counted() == {"keeper": 0, "nursery": 0, "worker": 0}
    restarts.look([Process(2, 1, "worker", 0.0), Process(5, 1, "worker", 0.0), Process(4, 1, "keeper", 0.0)])
    assert restarts.counted() == {"keeper": 0, "nursery": 0, "worker": 1}


WITH_THREADS = "import sys, threading; threading.Thread(target=sys.stdin.read).start(); print(flush=True)"


@pytest.mark.parametrize(
    ("program_text", "kind", "role"),
    [
        (WITH_THREADS, "workers", "worker"),
        (WITH_THREADS, "keepers", "keeper"),
        ("print(flush=True); input()", "workers", "nursery"),
        ("print(flush=True); input()", "keepers", "nursery"),
    ],
)
def test_a_child_has_the_words_of_its_nursery_and_threads(program_text: str, kind: str, role: str) -> None:
    """It is forked from it; the nursery itself has one thread."""
    words = [sys.executable, "-c", program_text, "-m", "beholden.process", kind, "data"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        running.stdout.readline()
        assert [one.role for one in tree(running.pid)] == [role]
        running.communicate("\n")
