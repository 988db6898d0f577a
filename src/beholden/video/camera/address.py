"""Where a camera is: read strictly, so that what was checked is what is opened, and never shown with its secrets."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from pathlib import PurePath
from typing import Final, Literal
from urllib.parse import unquote

from beholden.model.errors import AddressRefused

LONGEST: Final = 2048

Kind = Literal["rtsp", "rtsps", "http", "https", "webcam", "file"]
_PORTS: Final[dict[str, tuple[Kind, int]]] = {
    "rtsp": ("rtsp", 554),
    "rtsps": ("rtsps", 322),
    "http": ("http", 80),
    "https": ("https", 443),
}

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,30}):")
_WEBCAM = re.compile(r"/dev/video(0|[1-9][0-9]{0,2})")
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_USER = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:-]|%[0-9A-Fa-f]{2})*")
_PATH = re.compile(r"[\x21-\x7e]*")
_HIDDEN_CONTROL = re.compile(r"%(?:[01][0-9A-Fa-f]|7[Ff])")


@dataclass(frozen=True, slots=True)
class AddressRules:
    """What may be opened here. `loopback`: also this machine; `loopback_only`: nothing but it (a rehearsal).

    Link-local, multicast, reserved and metadata addresses are refused whatever the rules say.
    """

    loopback: bool = False
    loopback_only: bool = False
    webcams: bool = True
    files: bool = False


@dataclass(frozen=True, slots=True)
class Login:
    """A user and password, as they are (not percent-encoded), without control characters."""

    user: str = field(repr=False)
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, repr=False)
class CameraAddress:
    """One camera's address. Made by `parse_address` only.

    `host` is a lower-case ASCII name or an IP address in its canonical form, without brackets; `path`
    begins with "/" and goes on to the end of the query, as it is sent; for a webcam it is the device, for
    a file its path (then `host` is empty and `port` 0). `str` and `repr` leave out login and path: either
    may hold a password.
    """

    kind: Kind
    host: str
    port: int
    path: str
    login: Login | None = None

    @property
    def tls(self) -> bool:
        return self.kind in {"rtsps", "https"}

    @property
    def authority(self) -> str:
        """`host:port`, an IPv6 address in brackets; the port always said."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def __str__(self) -> str:
        if self.kind == "webcam":
            return f"webcam:{self.path}"
        if self.kind == "file":
            return PurePath(self.path).name
        return f"{self.kind}://{self.authority}/…"

    def __repr__(self) -> str:
        return f"<{self}>"


def parse_address(text: str, rules: AddressRules) -> CameraAddress:
    """The address of a camera, if it is one that may be opened as far as can be told without looking up its name.

    rtsp, rtsps, http, https, `webcam:/dev/videoN`, and the path of a file where `rules.files`. What the
    host's name stands for is judged by `resolve`. Raises AddressRefused, which never quotes `text`.
    """
    if not text:
        raise AddressRefused("a camera's address is empty")
    if len(text) > LONGEST:
        raise AddressRefused(f"a camera's address is longer than {LONGEST} characters")
    found = _SCHEME.match(text)
    if found is None:
        return _file(text, rules)
    if not text.isascii() or any(c <= " " or c in "\\\x7f" for c in text):
        raise AddressRefused(
            "a camera's address has a space, a backslash, a control character or a letter beyond ASCII in it",
            advice="Write such characters of a password as %20, %5C and so on, and a host in its xn-- form.",
        )
    scheme, rest = found.group(1).lower(), text[found.end() :]
    if scheme == "webcam":
        return _webcam(rest, rules)
    if scheme not in _PORTS:
        raise AddressRefused(
            f"a camera's address begins with {scheme}:, which is never opened",
            advice="rtsp, rtsps, http, https and webcam:/dev/video0 are. A file of such a name: put ./ before it.",
        )
    if not rest.startswith("//"):
        raise AddressRefused(f"a camera's address has no // after {scheme}:")
    return _network(*_PORTS[scheme], rest[2:])


def _network(kind: Kind, default: int, rest: str) -> CameraAddress:
    authority, slash, path = rest.partition("/")
    if "#" in rest:
        raise AddressRefused(
            "a camera's address has a # in it, which is no part of an address",
            advice="A # in a password is written %23.",
        )
    user, at, place = authority.rpartition("@")
    if "@" in user:
        raise AddressRefused(
            "a camera's address has two @ before its path, so that its host is in doubt",
            advice="An @ in a user or password is written %40.",
        )
    host, port = _host_and_port(place, default)
    return CameraAddress(kind, host, port, _path(slash + path), _login(user) if at else None)


def _login(text: str) -> Login | None:
    if not _USER.fullmatch(text):
        raise AddressRefused(
            "the user or password in a camera's address has a character that must be percent-encoded",
            advice="Write : as %3A, / as %2F, ? as %3F, # as %23, @ as %40 and % as %25.",
        )
    user, _, password = text.partition(":")
    try:
        login = Login(unquote(user, errors="strict"), unquote(password, errors="strict"))
    except UnicodeDecodeError:
        raise AddressRefused("the user or password in a camera's address is not UTF-8") from None
    if any(ord(c) < 32 or 127 <= ord(c) < 160 for c in login.user + login.password):
        raise AddressRefused("the user or password in a camera's address has a control character in it")
    if ":" in login.user:
        raise AddressRefused("the user in a camera's address has a : in it, which no camera can take")
    return login if login.user or login.password else None


def _host_and_port(text: str, default: int) -> tuple[str, int]:
    if text.startswith("["):
        inside, closed, after = text[1:].partition("]")
        if not closed or (after and not after.startswith(":")):
            raise AddressRefused("a camera's address has an IPv6 address whose brackets do not close")
        return _ipv6(inside), _port(after[1:] if after else None, default)
    host, colon, port = text.partition(":")
    if ":" in port:
        raise AddressRefused(
            "a camera's address has more than one : after its host",
            advice="An IPv6 address is written in brackets: rtsp://[fd12::20]:554/stream.",
        )
    return _host(host.lower()), _port(port if colon else None, default)


def _ipv6(text: str) -> str:
    if "%" in text:
        raise AddressRefused("a camera's address names a network interface (%), which is link-local and never opened")
    try:
        return str(IPv6Address(text))
    except AddressValueError:
        raise AddressRefused("a camera's address has something in brackets that is no IPv6 address") from None


def _host(host: str) -> str:
    if not host:
        raise AddressRefused("a camera's address has no host")
    labels = host.split(".")
    if _NUMBER.fullmatch(labels[-1]):  # some libraries read 127.1, 2130706433 or 0x7f.1 as an address: nobody here does
        try:
            return str(IPv4Address(host))
        except AddressValueError:
            raise AddressRefused(
                "a camera's address has a host that ends in a number and is no IPv4 address",
                advice="An IPv4 address is written as four decimal numbers: 192.168.1.20.",
            ) from None
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise AddressRefused("a camera's address has a host that is neither a name nor an IP address")
    return host


def _port(text: str | None, default: int) -> int:
    if text is None:
        return default
    if not re.fullmatch(r"[1-9][0-9]{0,4}", text) or int(text) > 65535:
        raise AddressRefused("a camera's address has a port that is no number from 1 to 65535")
    return int(text)


def _path(text: str) -> str:
    if not _PATH.fullmatch(text) or _HIDDEN_CONTROL.search(text):
        raise AddressRefused("the path of a camera's address has a control character in it")
    return text or "/"


def _webcam(text: str, rules: AddressRules) -> CameraAddress:
    if not _WEBCAM.fullmatch(text):
        raise AddressRefused(
            "a webcam's address names no video device", advice="Write it like webcam:/dev/video0; `ls /dev/video*`."
        )
    if not rules.webcams:
        raise AddressRefused(
            "webcams are not opened here: a rehearsal films nobody",
            advice="Use a file or a stream of this machine, or a data folder that is no rehearsal.",
        )
    return CameraAddress("webcam", "", 0, text)


def _file(text: str, rules: AddressRules) -> CameraAddress:
    if not rules.files:
        raise AddressRefused(
            "a camera's address has no scheme, and files are played as cameras in a rehearsal only",
            advice="Write it like rtsp://USER@192.168.1.20:554/stream, or use `beholden init --rehearsal`.",
        )
    if any(ord(c) < 32 or ord(c) == 127 or 0xD800 <= ord(c) < 0xE000 for c in text) or text.startswith(("//", "\\\\")):
        raise AddressRefused("the path of a file to play has a control character in it, or names another machine")
    if PurePath(text).parts[:2] in {("/", "dev"), ("/", "proc"), ("/", "sys")} or ".." in PurePath(text).parts[1:]:
        raise AddressRefused(
            "a file to play lies under /dev, /proc or /sys, or its path goes up again",
            advice="Give its plain path; a webcam is written webcam:/dev/video0.",
        )
    return CameraAddress("file", "", 0, text)
