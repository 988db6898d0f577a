"""Face recognition for camera networks that answers to the people it sees.

from beholden import Beholden
b = Beholden()
open("covered.jpg", "wb").write(b.cover("street.jpg").to_jpeg())
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

# ONNX Runtime 1.32 reports how it is used, over HTTPS, from a thread that starts when it is imported, and keeps an
# id of the machine in the user's cache. What runs here is nobody else's concern: this comes before every import of it.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

if TYPE_CHECKING:
    from beholden.api import Beholden, FoundFace, Seen

__all__ = ["Beholden", "FoundFace", "Seen"]
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """The API is loaded when it is used: `import beholden` alone opens no model and no database."""
    if name in __all__:
        from beholden import api

        return getattr(api, name)
    raise AttributeError(f"module 'beholden' has no attribute {name!r}")
