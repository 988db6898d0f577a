"""Passwords of camera addresses: whether one is there, and how one that was asked for is put in.

They are put in percent-encoded, so that any password is possible; what is an address at all is
decided by `address.parse_address`.
"""

from __future__ import annotations

from urllib.parse import quote


def has_password(address: str) -> bool:
    """Whether the part before `@` holds a password: `rtsp://user:password@host`."""
    user, found = _user_part(address)
    return found and ":" in user


def wants_password(address: str) -> bool:
    """Whether there is a user without a password: `rtsp://user@host`."""
    user, found = _user_part(address)
    return found and bool(user) and ":" not in user


def with_password(address: str, password: str) -> str:
    """`address`, which names a user, with `password`."""
    scheme, _, rest = address.partition("://")
    authority, slash, path = rest.partition("/")
    user, _, host = authority.rpartition("@")
    return f"{scheme}://{user}:{quote(password, safe='')}@{host}{slash}{path}"


def _user_part(address: str) -> tuple[str, bool]:
    _, marked, rest = address.partition("://")
    user, at, _ = rest.partition("/")[0].rpartition("@")
    return user, bool(marked and at)
