"""A keystore that is killed at a write."""

from __future__ import annotations

from beholden.consent.keystore import Keystore


class Killed(BaseException):
    """The process ended there."""


def kill_after(store: Keystore, writes: int) -> None:
    """The process ends before the next write after so many; each file is written twice, once per copy."""
    left = [writes]
    for file in (store._kek_file, store._wrapped_file):

        def replace(path, generation, body, real=file._replace):
            if left[0] == 0:
                raise Killed
            left[0] -= 1
            real(path, generation, body)

        file._replace = replace
