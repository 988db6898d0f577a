"""Files of installed packages that are used as data: found through their metadata, never imported."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from beholden.model.errors import MissingInput

EXTRA_ADVICE = "Install the demo's extra: pip install 'beholden[demo]'."


def package_files(package: str, suffix: str) -> Mapping[str, Path]:
    """The installed files of a package whose path ends in `suffix`: path inside the package -> path on disk.

    Raises MissingInput when the package, or every such file of it, is not installed.
    """
    try:
        listed = distribution(package).files or []
    except PackageNotFoundError as error:
        raise MissingInput(f"the package {package} is not installed", advice=EXTRA_ADVICE) from error
    found = {str(file): Path(str(file.locate())) for file in listed if str(file).endswith(suffix)}
    if not found:
        raise MissingInput(f"the package {package} holds no {suffix}", advice=EXTRA_ADVICE)
    return found
