"""What tests break acts with: a process that ends anywhere, a disk that fails once."""

from __future__ import annotations


class Killed(BaseException):
    """A process that ended there."""


class Faulty:
    """The real thing, which fails before or after one of its methods, once."""

    def __init__(self, real, method, when, error):
        self._real, self._method, self._when, self._error = real, method, when, error

    def fail_once(self, error):
        self._error = error

    def __getattr__(self, name):
        real = getattr(self._real, name)
        if name != self._method:
            return real

        def call(*arguments, **options):
            error, self._error = self._error, None
            if error is not None and self._when == "before":
                raise error
            result = real(*arguments, **options)
            if error is not None:
                raise error
            return result

        return call
