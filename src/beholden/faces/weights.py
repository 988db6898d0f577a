"""Find the weights, check them, fold them once, and keep the result where the next start finds it.

Shipped weights are found among the installed files of a package whose code is never imported. The
folded graph is cached as `<digest>-v<fold>.onnx` beside a `.sha256` of its bytes. The cache is
written under a temporary name and renamed, so two processes that start at once both succeed; a
cache that was cut short or altered does not match its sum and is built again. Whoever may write the
cache folder may also write this program: the sum is against accidents, the digest of the shipped
file is against swapped weights.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import tempfile
from pathlib import Path

import platformdirs

from beholden.faces.catalogue import FOLD_VERSION, CatalogueEntry
from beholden.model.errors import WeightsAltered, WeightsMissing


def default_cache() -> Path:
    """The user's cache folder for folded weights."""
    return Path(platformdirs.user_cache_dir("beholden")) / "weights"


def find_shipped(entry: CatalogueEntry) -> Path:
    """Where the installed package keeps the file; WeightsMissing when it is not installed."""
    if entry.package is None:
        return Path(entry.file)
    try:
        files = importlib.metadata.distribution(entry.package).files or []
    except importlib.metadata.PackageNotFoundError as error:
        raise WeightsMissing(f"the package {entry.package}, which ships {entry.name}, is not installed") from error
    for file in files:
        if file.name == entry.file:
            return Path(str(file.locate()))
    raise WeightsMissing(f"the package {entry.package} does not hold {entry.file}")


def read_checked(path: Path, digest: str) -> bytes:
    """The file's bytes, when their SHA-256 is `digest`; WeightsAltered or WeightsMissing otherwise."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise WeightsMissing(f"cannot read the weights {path}: {error.strerror}") from error
    found = hashlib.sha256(data).hexdigest()
    if found != digest:
        raise WeightsAltered(f"{path.name} has digest {found[:16]}..., expected {digest[:16]}...")
    return data


def load_folded(entry: CatalogueEntry, cache: Path | None = None) -> bytes:
    """The folded fp32 graph of a model as serialised ONNX, from the cache or built from the shipped file."""
    folder = cache or default_cache()
    stem = f"{entry.digest}-v{FOLD_VERSION}"
    cached = _read_cache(folder, stem)
    if cached is not None:
        return cached
    shipped = read_checked(find_shipped(entry), entry.digest)
    # Imported only here: the package takes 0.2 s and 16 MB, and every worker starts with a cache.
    from beholden.faces.folding import prepared

    folded = prepared(shipped, entry)
    _write_cache(folder, stem, folded)
    return folded


def _read_cache(folder: Path, stem: str) -> bytes | None:
    try:
        data = (folder / f"{stem}.onnx").read_bytes()
        wanted = (folder / f"{stem}.sha256").read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return data if hashlib.sha256(data).hexdigest() == wanted else None


def _write_cache(folder: Path, stem: str, data: bytes) -> None:
    """Best effort: a read-only home means folding again at each start, not a failure.

    Two processes that fold at once write the same bytes, so in whatever order their renames fall,
    data and sum agree; if they did not, the next reader would build again.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for suffix, content in ((".onnx", data), (".sha256", hashlib.sha256(data).hexdigest().encode())):
            handle, name = tempfile.mkstemp(dir=folder, prefix=f".{stem[:12]}")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                Path(name).replace(folder / f"{stem}{suffix}")
            except OSError:
                Path(name).unlink(missing_ok=True)
                raise
    except OSError:
        return
