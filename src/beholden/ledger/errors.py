"""The one error of this room that a user meets: it is drawn in the tree of `model.errors`, wherever that is there.

The room can be copied out and used alone. Then there is no tree, and a class of the same name and
shape stands in for it. (Rejected: a class of this room's own that the tree would have to import from
above itself, and handing the class to every function.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from beholden.model.errors import LogUnavailable
else:
    try:
        from beholden.model.errors import LogUnavailable
    except ImportError:  # copied out, without the rest

        class LogUnavailable(Exception):
            """The log cannot be read or written, or is not what was signed."""

            def __init__(self, message: str, *, advice: str | None = None) -> None:
                super().__init__(message)
                self.message = message
                self.advice = advice


__all__ = ["TAMPERED", "LogUnavailable"]

TAMPERED = (
    "Do not write to it. Compare it with a backup and with what a witness has seen: somebody or some disk changed it."
)
"""What to do about bytes that are not the ones that were signed."""
