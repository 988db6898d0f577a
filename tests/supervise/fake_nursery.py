"""A nursery whose workers echo lines; `python -m tests.supervise.fake_nursery [THREADS]`.

A line `exit N` ends the worker with that code; `parent` makes it say who its parent is.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
import time

from beholden.supervise.workers.nursery import raise_children


def work() -> int:
    while line := os.read(0, 100):
        words = line.decode().split()
        if words[0] == "exit":
            return int(words[1])
        os.write(1, f"{os.getppid()}\n".encode() if words[0] == "parent" else line)
    return 0


if __name__ == "__main__":
    for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 0):
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    with socket.socket(fileno=os.dup(0)) as line:
        raise_children(line, work)
