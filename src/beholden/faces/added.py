"""Recognisers that a user added from a file: where they lie, and which one is asked for.

models/<digest>.onnx   the file, as it was checked
models/<digest>.json   its catalogue entry
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from beholden.faces.catalogue import SHIPPED, CatalogueEntry, Channels, InputContract, Role
from beholden.model.errors import LicenceRefused, ModelError
from beholden.model.ids import ModelDigest

MODELS = "models"
"""Recognisers that a user added, inside the data folder."""


def added_models(folder: Path) -> tuple[CatalogueEntry, ...]:
    """The recognisers in a models folder, by name. Raises ModelError for an entry that cannot be read."""
    entries: list[CatalogueEntry] = []
    for path in sorted(folder.glob("*.json")) if folder.is_dir() else ():
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            contract = values.pop("contract")
            entries.append(
                CatalogueEntry(
                    **{
                        **values,
                        "role": Role(values["role"]),
                        "digest": ModelDigest(values["digest"]),
                        "file": str(path.with_suffix(".onnx")),
                        "inputs": tuple(values["inputs"]),
                        "contract": InputContract(
                            Channels(contract["channels"]),
                            tuple(contract["size"]),
                            float(contract["mean"]),
                            float(contract["scale"]),
                        ),
                    }
                )
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelError(f"the model entry {path.name} cannot be read: {error}") from error
    return tuple(sorted(entries, key=lambda entry: entry.name))


def keep_model(folder: Path, entry: CatalogueEntry, graph: bytes, calibration: dict[str, object] | None) -> None:
    """Write a checked recogniser, the entry last, so that a half-written one is never listed."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        _write(folder / f"{entry.digest}.onnx", graph)
        if calibration is not None:
            _write(folder / f"{entry.digest}.calibration", json.dumps(calibration).encode())
        values = asdict(entry) | {"file": f"{entry.digest}.onnx"}
        _write(folder / f"{entry.digest}.json", json.dumps(values, indent=1).encode())
    except OSError as error:
        raise ModelError(f"the model cannot be kept in {folder}: {error.strerror}") from error


def find_model(
    name: str, added: Sequence[CatalogueEntry] = (), *, accept_non_commercial: bool = False
) -> CatalogueEntry:
    """The recogniser of that name. Raises ModelError when there is none, LicenceRefused without the setting."""
    recognisers = [entry for entry in (*SHIPPED, *added) if entry.role is Role.RECOGNISER]
    for entry in recognisers:
        if entry.name == name:
            if not entry.commercial and not accept_non_commercial:
                raise LicenceRefused(f"{entry.name} ({entry.licence}) is not for commercial use")
            return entry
    raise ModelError(f"there is no recogniser called {name!r} (there are: {', '.join(e.name for e in recognisers)})")


def _write(path: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
