"""The address of what is asked over HTTP, taken apart strictly: no name, no password, and nothing hidden in it."""

from __future__ import annotations

import http.client
import ipaddress
import re
import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

LONGEST = 2000
_PORTS = {"https": 443, "http": 80}
_NAME = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\.?")


@dataclass(frozen=True, slots=True)
class Address:
    """`host` is a name or an IP address without brackets, `path` what stands before a file's: empty, or `/...`."""

    secure: bool
    host: str
    port: int
    path: str

    def __str__(self) -> str:
        """As it may be shown anywhere."""
        scheme = "https" if self.secure else "http"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}{'' if self.port == _PORTS[scheme] else f':{self.port}'}{self.path}"

    @property
    def on_this_machine(self) -> bool:
        """Nobody else is on the way to it."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    def connection(self, timeout_s: float, trust: ssl.SSLContext | None = None) -> http.client.HTTPConnection:
        """Not open yet. `trust`: whose certificates are believed, those of this machine if None.

        The port is always told: without one the standard library takes the end of an IPv6 address for it.
        """
        if not self.secure:
            return http.client.HTTPConnection(self.host, self.port, timeout=timeout_s)
        return http.client.HTTPSConnection(self.host, self.port, timeout=timeout_s, context=trust)


def parse_address(text: str) -> Address:
    """An http:// or https:// address. Raises ValueError, which never quotes `text`: a password may be in it."""
    if len(text) > LONGEST:
        raise ValueError(f"it is longer than {LONGEST} characters")
    if not text.isascii() or any(c <= " " or c in "\\\x7f" for c in text):
        raise ValueError("there is a blank, a backslash, a control character or a letter beyond ASCII in it")
    scheme = text.partition("://")[0].lower()
    if scheme not in _PORTS:
        raise ValueError("it begins with neither https:// nor http://")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise ValueError("its host or its port cannot be read") from error
    if "@" in parts.netloc:
        raise ValueError("there is a name or a password in it")
    if "?" in text or "#" in text:
        raise ValueError("there is a ? or a # in it")
    host = parts.hostname or ""
    if not _NAME.fullmatch(host) and not _is_ipv6(host):
        raise ValueError("it names no host")
    return Address(scheme == "https", host, _PORTS[scheme] if port is None else port, parts.path.rstrip("/"))


def _is_ipv6(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).version == 6
    except ValueError:
        return False
