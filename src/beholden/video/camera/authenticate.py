"""Answering a camera that asks for a password: HTTP and RTSP Basic (RFC 7617) and Digest (RFC 7616). Pure."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from beholden.video.camera.address import Login

_LONGEST: Final = 4096  # one WWW-Authenticate header
_HASHES: Final[dict[str, Callable[[bytes], str]]] = {
    "md5": lambda data: hashlib.md5(data, usedforsecurity=False).hexdigest(),  # what most cameras know
    "sha-256": lambda data: hashlib.sha256(data).hexdigest(),
}
_SCHEME = re.compile(r"\s*,*\s*([A-Za-z]+)(?:\s+|$)(?!=)")
_PAIR = re.compile(r'\s*,*\s*([A-Za-z0-9_-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a camera asks for: the scheme in lower case, and its parameters by lower-case name, unquoted."""

    scheme: str
    given: dict[str, str] = field(default_factory=dict)

    @property
    def answerable(self) -> bool:
        """Whether it is Basic, or a Digest of a kind that is known here."""
        if self.scheme == "basic":
            return True
        return (
            self.scheme == "digest"
            and self.given.get("algorithm", "md5").lower() in _HASHES
            and "nonce" in self.given
            and ("qop" not in self.given or "auth" in _tokens(self.given["qop"]))
        )


def challenges(headers: Iterable[str]) -> list[Challenge]:
    """The challenges of WWW-Authenticate headers, in order; what cannot be read ends its header's list."""
    found: list[Challenge] = []
    for header in headers:
        at = 0
        while at < len(header) <= _LONGEST and (scheme := _SCHEME.match(header, at)):
            at = scheme.end()
            given: dict[str, str] = {}
            while pair := _PAIR.match(header, at):
                at = pair.end()
                quoted, plain = pair.group(2), pair.group(3)
                value = plain if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
                given.setdefault(pair.group(1).lower(), value)
            found.append(Challenge(scheme.group(1).lower(), given))
    return found


class Authenticator:
    """Puts a login into requests of one connection, once the camera has said how.

    The best of what is offered is taken: Digest SHA-256, Digest MD5, then Basic; a password that went
    as a Digest never goes as Basic later on the same connection. `token` makes the client's nonces.
    """

    def __init__(self, login: Login | None, token: Callable[[], str] = lambda: secrets.token_hex(8)) -> None:
        self._login, self._token = login, token
        self._chosen: Challenge | None = None
        self._count = 0
        self._proven = False

    @property
    def ready(self) -> bool:
        """Whether requests carry an answer already."""
        return self._chosen is not None

    def challenged(self, headers: Iterable[str]) -> bool:
        """Take up the challenges of a 401. True if there is something new to try: the request may be sent once more.

        False without a login, when nothing offered is known, or when what was sent was already the
        answer to this very challenge: the password is wrong.
        """
        offered = [one for one in challenges(headers) if one.answerable]
        if self._login is None or not offered:
            return False
        best = min(offered, key=_rank)
        before = self._chosen
        if before is not None and not (best.scheme == "digest" and self._renewed(before, best)):
            return False
        self._chosen, self._count, self._proven = best, 0, False
        return True

    def accepted(self) -> None:
        """The camera took what was sent: a later challenge with another nonce is about the nonce."""
        self._proven = True

    def _renewed(self, before: Challenge, after: Challenge) -> bool:
        """Whether a second challenge is about a nonce that ran out, and not about the password."""
        other = after.given.get("nonce") != before.given.get("nonce")
        stale = self._proven or after.given.get("stale", "").lower() == "true"
        return before.scheme == "digest" and other and stale

    def header(self, method: str, uri: str) -> str | None:
        """The value of Authorization for a request; None before the camera asked."""
        if self._chosen is None or self._login is None:
            return None
        if self._chosen.scheme == "basic":
            both = f"{self._login.user}:{self._login.password}".encode()
            return "Basic " + base64.b64encode(both).decode("ascii")
        return self._digest(self._chosen, self._login, method, uri)

    def _digest(self, asked: Challenge, login: Login, method: str, uri: str) -> str:
        given = asked.given
        digest = _HASHES[given.get("algorithm", "md5").lower()]
        realm, nonce = given.get("realm", ""), given["nonce"]

        def hashed(*parts: str) -> str:
            return digest(":".join(parts).encode("utf-8", "surrogateescape"))

        first, second = hashed(login.user, realm, login.password), hashed(method, uri)
        parts = {"username": _quoted(login.user), "realm": _quoted(realm), "nonce": _quoted(nonce), "uri": _quoted(uri)}
        if "qop" in given:
            self._count += 1
            count, token = f"{self._count:08x}", self._token()
            parts |= {"qop": "auth", "nc": count, "cnonce": _quoted(token)}
            response = hashed(first, nonce, count, token, "auth", second)
        else:
            response = hashed(first, nonce, second)
        parts["response"] = _quoted(response)
        if "algorithm" in given:
            parts["algorithm"] = given["algorithm"]
        if "opaque" in given:
            parts["opaque"] = _quoted(given["opaque"])
        return "Digest " + ", ".join(f"{name}={value}" for name, value in parts.items())


def _rank(one: Challenge) -> int:
    if one.scheme == "basic":
        return 2
    return 0 if one.given.get("algorithm", "").lower() == "sha-256" else 1


def _tokens(text: str) -> set[str]:
    return {token.strip().lower() for token in text.split(",")}


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
