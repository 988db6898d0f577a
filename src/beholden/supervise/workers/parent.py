"""What ties a child process to its parent: it ends with it, hears of a stop, and keeps its pipe to itself."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import BinaryIO

_PR_SET_PDEATHSIG = 1
_PR_SET_NAME = 15


def prctl(option: int, value: int | bytes) -> None:
    """Tell the kernel something about this process: prctl(2) of Linux, options by their numbers in linux/prctl.h."""
    ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


class Stopping:
    """Whether this process was asked to stop. A plain flag: a signal handler may set it at any moment."""

    def __init__(self) -> None:
        self.asked = False

    def __call__(self) -> bool:
        return self.asked

    def ask(self, _number: int = 0, _frame: FrameType | None = None) -> None:
        """Ask for an orderly stop."""
        self.asked = True


def die_with_parent() -> None:
    """Have the kernel send SIGTERM to this process when its parent ends.

    It comes when the *thread* that started this process ends: whoever starts children does so from a
    thread that outlives them. A parent that ended before this was called is noticed by its pipe.
    """
    prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def call_this(name: str) -> None:
    """Name this process for whoever lists processes, in at most 15 characters."""
    prctl(_PR_SET_NAME, name.encode())


def own_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Standard input and output as the pipes to the parent; whatever else prints goes to standard error from now on."""
    reports = os.fdopen(os.dup(1), "wb", buffering=0)
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
    os.dup2(2, 1)
    return os.fdopen(os.dup(0), "rb"), reports


def become_child() -> tuple[BinaryIO, BinaryIO, Callable[[], bool]]:
    """To be called first in a worker's main thread: its pipe in, its pipe out, and whether it was asked to stop.

    SIGTERM asks for a stop. Ctrl-C goes to every process of a terminal and is left to the parent.
    OpenCV uses one thread: a worker is one of as many as there are cores.
    """
    import cv2  # not with this file: whoever only forks has no use for it, nor for the threads of what it brings

    stopping = Stopping()
    signal.signal(signal.SIGTERM, stopping.ask)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with_parent()
    cv2.setNumThreads(1)
    pipe_in, pipe_out = own_pipes()
    return pipe_in, pipe_out, stopping
