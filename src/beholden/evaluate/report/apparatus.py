"""What measured: models, thresholds, code and libraries, by versions and digests, so that a figure can be traced."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterator
from importlib import resources
from importlib.metadata import PackageNotFoundError, version
from importlib.resources.abc import Traversable
from typing import Any

from beholden.faces.calibration import MOST_DECISIONS, Calibration, Threshold
from beholden.faces.catalogue import YUNET, CatalogueEntry
from beholden.faces.engine import FaceEngine

ROOMS = ("model", "video", "faces", "consent", "pipeline", "evaluate")
"""What figures depend on; the report's own pages are left out, so that a word can be mended without measuring anew."""
LIBRARIES = ("numpy", "onnxruntime", "opencv-python-headless", "av", "pillow", "dlib-bin")
GALLERIES = (1000, 10_000)
"""Places that are larger than the least one."""
SHOTS = (1, 3, 5)


def apparatus(engine: FaceEngine) -> dict[str, Any]:
    """For JSON: everything by which two reports can be told apart but the data and the extent."""
    calibration, rule = engine.calibration, engine.rule
    return {
        "beholden": version("beholden"),
        "code_sha256": code_digest(),
        "python": ".".join(platform.python_version_tuple()[:2]),
        "libraries": {name: _version(name) for name in LIBRARIES},
        "detector": _model(YUNET),
        "recogniser": _model(engine.embedder.entry),
        "calibration_sha256": _digest(repr(calibration)),
        "fpir": rule.fpir,
        "least_gallery": rule.least_gallery,
        "cover_score": engine.cover_score,
        "gates": {name: getattr(engine.gates, name) for name in type(engine.gates).__dataclass_fields__},
    }


def operating_point(engine: FaceEngine) -> dict[str, Any]:
    """For JSON: the product's threshold, where it comes from, how far its data reach, what it is in other places."""
    table, rule = engine.calibration, engine.rule
    default = table.for_fpir(rule.fpir, rule.least_gallery, 1)
    return {
        "fpir_asked": rule.fpir,
        "held_to_gallery": rule.least_gallery,
        "shots": 1,
        **_threshold(default),
        "expected_fpir": table.expected_fpir(default.cosine, rule.least_gallery, 1),
        "expected_fpir_alike": table.expected_fpir(default.cosine, rule.least_gallery, 1, alike=True),
        "decisions_counted": MOST_DECISIONS,
        "decisions_measured": table.decisions,
        "calibration": {
            "model": table.model,
            "data": table.data,
            "stratum": table.stratum,
            "people": table.people,
            "pairs": table.pairs,
            "reach": table.reach,
        },
        "table": list(_rows(table)),
        "galleries": [
            {"gallery": size, **_threshold(table.for_fpir(rule.fpir, size, 1))}
            for size in (rule.least_gallery, *(size for size in GALLERIES if size > rule.least_gallery))
        ],
    }


def code_digest() -> str:
    """SHA-256 of the code that figures depend on, as it is installed."""
    digest = hashlib.sha256()
    for room in ROOMS:
        for name, file in _files(resources.files("beholden") / room, room):
            digest.update(f"{name}\n".encode() + file.read_bytes())
    return digest.hexdigest()


def _files(folder: Traversable, name: str) -> Iterator[tuple[str, Traversable]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        here = f"{name}/{entry.name}"
        if entry.is_dir() and here != "evaluate/report" and entry.name != "__pycache__":
            yield from _files(entry, here)
        elif entry.name.endswith((".py", ".json")):
            yield here, entry


def _threshold(found: Threshold) -> dict[str, Any]:
    return {
        "threshold": found.cosine,
        "fmr_per_comparison": found.fmr,
        "extrapolated": found.extrapolated,
        "best_guess": found.point,
        "best_guess_alike": found.alike,
    }


def _rows(table: Calibration) -> Iterator[dict[str, Any]]:
    """The thresholds that decisions use, by number of pooled shots."""
    for shots in SHOTS:
        for rate, cosine, extrapolated in table.rows.get(shots, ()):
            point, alike = (table.best_at_fmr(rate, shots, alike=among) for among in (False, True))
            yield {
                "shots": shots,
                "fmr": rate,
                "threshold": cosine,
                "extrapolated": extrapolated,
                "best_guess": point,
                "best_guess_alike": alike,
            }


def _model(entry: CatalogueEntry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "sha256": entry.digest,
        "licence": entry.licence,
        "source": entry.source,
        "input": entry.contract_in_words(),
        "commercial": entry.commercial,
        "shipped": entry.package is not None,
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def key_of(values: Any) -> str:  # noqa: ANN401  (whatever JSON holds)
    """SHA-256 of values as JSON: the same values have the same key."""
    return _digest(json.dumps(values, sort_keys=True, ensure_ascii=False))
