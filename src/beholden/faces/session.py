"""ONNX Runtime, in one place: one thread, no surprises.

One thread per session and N workers is faster and steadier than one session with N threads
(2-thread runs were erratic). Sessions are not shared between threads.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager

import onnxruntime as ort
from onnxruntime.capi.onnxruntime_pybind11_state import (
    Fail,
    InvalidArgument,
    InvalidGraph,
    InvalidProtobuf,
    NotImplemented,
)

from beholden.model.errors import ModelError

RUNTIME_ERRORS = (Fail, InvalidArgument, InvalidGraph, InvalidProtobuf, NotImplemented)
"""What ONNX Runtime raises; kept here so that no other room has to know."""


def open_session(graph: bytes, name: str) -> ort.InferenceSession:
    """A single-threaded CPU session over a serialised graph; ModelError when it does not load."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.enable_mem_pattern = False  # 20 MB less for both models, and no slower at sizes that do not change
    try:
        with _in_memory(graph) as source:
            return ort.InferenceSession(source, options, providers=["CPUExecutionProvider"])
    except RUNTIME_ERRORS as error:
        raise ModelError(f"{name} does not load in ONNX Runtime: {str(error).splitlines()[0]}") from error


@contextmanager
def _in_memory(graph: bytes) -> Generator[str | bytes]:
    """A path to memory that holds the graph: given bytes, a session keeps a copy as long as it lives (39 MB of SFace).

    Where there is no such memory (a limit on the size of files counts there, too) the bytes themselves.
    """
    try:
        held = os.memfd_create("beholden-model", os.MFD_CLOEXEC)
    except OSError:
        yield graph
        return
    try:
        with open(held, "wb", closefd=False) as file:
            file.write(graph)
        source: str | bytes = f"/proc/self/fd/{held}"
    except OSError:
        source = graph
    try:
        yield source
    finally:
        os.close(held)
