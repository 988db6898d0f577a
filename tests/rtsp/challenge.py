"""A server's side of HTTP and RTSP passwords (RFC 7617, RFC 7616), written apart from the client's it tests."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass, field

from tests.rtsp.wire import headers_of

_PAIR = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')


@dataclass
class Challenge:
    """Asks for one user and password; `met` says whether a request brings them."""

    user: str
    password: str
    scheme: str = "digest"
    algorithm: str = "MD5"
    qop: bool = False
    realm: str = "town camera"
    nonce: str = field(default_factory=lambda: secrets.token_hex(16))

    def header(self) -> str:
        """The value of WWW-Authenticate."""
        if self.scheme == "basic":
            return f'Basic realm="{self.realm}"'
        text = f'Digest realm="{self.realm}", nonce="{self.nonce}"'
        if self.algorithm != "MD5":
            text += f", algorithm={self.algorithm}"
        return text + (', qop="auth"' if self.qop else "")

    def met(self, request: bytes) -> bool:
        given = headers_of(request).get("authorization", "")
        kind, _, rest = given.partition(" ")
        if self.scheme == "basic":
            expected = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
            return kind.lower() == "basic" and rest.strip() == expected
        return kind.lower() == "digest" and self._digest_met(request, rest)

    def _digest_met(self, request: bytes, rest: str) -> bool:
        sent = {name.lower(): quoted or plain for name, quoted, plain in _PAIR.findall(rest)}
        method, uri = request.split(b" ", 2)[:2]

        def hashed(text: str) -> str:
            name = "sha256" if self.algorithm == "SHA-256" else "md5"
            return hashlib.new(name, text.encode()).hexdigest()

        first = hashed(f"{self.user}:{self.realm}:{self.password}")
        second = hashed(f"{method.decode()}:{sent.get('uri', '')}")
        if self.qop:
            parts = (first, self.nonce, sent.get("nc", ""), sent.get("cnonce", ""), "auth", second)
        else:
            parts = (first, self.nonce, second)
        return (
            sent.get("username") == self.user
            and sent.get("nonce") == self.nonce
            and sent.get("uri") == uri.decode()
            and sent.get("response") == hashed(":".join(parts))
        )
