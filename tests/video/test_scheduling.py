"""Encoders that would take the whole machine are held to what everybody has."""

from __future__ import annotations

import io
import os
from fractions import Fraction
from pathlib import Path

import av
import pytest
from tests.video.covered_clips import covered

from beholden.video.encode import CODECS, Encoder
from beholden.video.scheduling import ordinary_scheduling

REAL_TIME = {os.SCHED_FIFO, os.SCHED_RR}
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root may take real-time priority")


def real_time_threads() -> set[int]:
    return {
        thread
        for thread in (int(entry.name) for entry in Path("/proc/self/task").iterdir())
        if os.sched_getscheduler(thread) in REAL_TIME
    }


@pytest.mark.parametrize("codec", CODECS)
def test_no_thread_of_an_encoder_is_a_real_time_one(codec: str) -> None:
    """As root, SVT-AV1 makes all of its threads and its caller's SCHED_FIFO 99."""
    with av.open(io.BytesIO(), "w", format="matroska") as container:
        encoder = Encoder(container, (64, 48), codec, {}, Fraction(5))
        encoder.write(covered(0), 0)
        assert not real_time_threads()
        encoder.end()
    assert not real_time_threads()


@root_only
def test_the_caller_gets_back_what_it_had() -> None:
    """An idle caller stays idle."""
    before = os.sched_getscheduler(0)
    os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    try:
        with ordinary_scheduling():
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
        assert os.sched_getscheduler(0) == os.SCHED_BATCH
    finally:
        os.sched_setscheduler(0, before, os.sched_param(0))


@root_only
def test_whoever_was_real_time_before_stays_so() -> None:
    """Somebody who runs the whole program at a real-time priority meant it."""
    before = os.sched_getscheduler(0)
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    try:
        with ordinary_scheduling():
            pass
        assert os.sched_getscheduler(0) == os.SCHED_FIFO
    finally:
        os.sched_setscheduler(0, before, os.sched_param(0))


def test_threads_that_end_meanwhile_are_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread that was listed may be gone when it is asked about, before and after."""
    asked: list[int] = []

    def gone(thread: int) -> int:
        asked.append(thread)
        if thread:
            raise ProcessLookupError
        return os.SCHED_OTHER

    monkeypatch.setattr(os, "sched_getscheduler", gone)
    with ordinary_scheduling():
        pass
    assert sum(map(bool, asked)) >= 2
