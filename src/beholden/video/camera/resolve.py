"""From a camera's name to the one IP address that is dialled: looked up once, judged, and kept."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any, Final, Protocol

from beholden.model.errors import AddressRefused, SourceLost
from beholden.video.camera.address import AddressRules, CameraAddress

_AnyAddress = IPv4Address | IPv6Address

_WHY: Final = {
    "an unspecified address": ("0.0.0.0/8", "::/128"),
    "a link-local address": ("169.254.0.0/16", "fe80::/10", "fec0::/10"),
    "a multicast address": ("224.0.0.0/4", "ff00::/8"),
    "a cloud's metadata service": (
        "100.100.100.200/32",
        "168.63.129.16/32",
        "192.0.0.192/32",
        "fd00:ec2::/32",
        "fd20:ce::/32",
    ),
    "a reserved address": (
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "240.0.0.0/4",
        "2001:db8::/32",
        "3fff::/20",
    ),
    "an address inside an address": ("2001::/23", "2002::/16", "64:ff9b:1::/48"),
}
_REFUSED: Final = [(ip_network(net), why) for why, nets in _WHY.items() for net in nets]
_UNICAST_6: Final = (ip_network("2000::/3"), ip_network("fc00::/7"))
_NAT64: Final = ip_network("64:ff9b::/96")
_MOST: Final = 8  # addresses of one name; a camera has one or two


class Lookup(Protocol):
    """As `socket.getaddrinfo`: rows whose last field begins with an IP address as text. Raises OSError."""

    def __call__(self, host: str, port: int, /, *, type: int) -> list[tuple[Any, ...]]: ...


@dataclass(frozen=True, slots=True)
class Pinned:
    """Where the connection goes, whatever the name says later: `ip`, and where that does not answer, `others` in turn.

    All of them were judged.
    """

    ip: str
    port: int
    others: tuple[str, ...] = ()


def resolve(address: CameraAddress, rules: AddressRules, lookup: Lookup = socket.getaddrinfo) -> Pinned:
    """Look `address` up once and pin it. One address that is refused refuses the name, whatever the others are.

    May take as long as the system's resolver takes (seconds). Raises AddressRefused, SourceLost (the name is not
    known now), ValueError for an address without a host.
    """
    if not address.host:
        raise ValueError("a webcam or a file has no host")
    ips = _literal(address.host) or _looked_up(address, lookup)
    for ip in ips:
        why = refusal(ip, rules)
        if why is not None:
            raise AddressRefused(f"{address}: it leads to {why}, which is not opened here", advice=_advice(rules))
    texts = list(dict.fromkeys(str(ip) for ip in ips))
    return Pinned(texts[0], address.port, tuple(texts[1:]))


def refusal(ip: IPv4Address | IPv6Address, rules: AddressRules) -> str | None:
    """Why nothing at `ip` is opened, in words; None where it is."""
    if isinstance(ip, IPv6Address) and ip in _NAT64:  # public cameras, on networks that translate for IPv4
        inner = IPv4Address(int(ip) & 0xFFFFFFFF)
        if rules.loopback_only or not inner.is_global or refusal(inner, rules) is not None:
            return "an address inside an address"
        return None
    for net, why in _REFUSED:
        if ip in net:
            return why
    if ip.is_loopback:
        return None if rules.loopback or rules.loopback_only else "this machine itself"
    if isinstance(ip, IPv6Address) and not any(ip in net for net in _UNICAST_6):
        return "a reserved address"
    return "another machine than this one" if rules.loopback_only else None


def _advice(rules: AddressRules) -> str:
    if rules.loopback_only:
        return "A rehearsal opens files and streams of this machine only."
    return "Give the camera's own address on your network. This machine's streams need cameras.loopback = true."


def _literal(host: str) -> list[_AnyAddress]:
    try:
        return [_unmapped(ip_address(host))]
    except ValueError:
        return []


def _looked_up(address: CameraAddress, lookup: Lookup) -> list[_AnyAddress]:
    try:
        rows = lookup(address.host, address.port, type=socket.SOCK_STREAM)
        ips = [_unmapped(ip_address(str(row[4][0]))) for row in rows]
    except (OSError, UnicodeError) as error:
        raise SourceLost(
            f"{address}: its name is not known to this network now",
            advice="Check the name, or give the camera's IP address.",
        ) from error
    except (ValueError, IndexError, TypeError) as error:
        raise AddressRefused(f"{address}: its name stands for something that is no IP address") from error
    if not ips:
        raise SourceLost(f"{address}: its name stands for no address now", advice="Check the name.")
    if len(ips) > _MOST:
        raise AddressRefused(f"{address}: its name stands for more than {_MOST} addresses, which no camera has")
    return ips


def _unmapped(ip: _AnyAddress) -> _AnyAddress:
    """::ffff:127.0.0.1 is 127.0.0.1 to the kernel, so it is judged and dialled as that."""
    mapped = ip.ipv4_mapped if isinstance(ip, IPv6Address) else None
    return ip if mapped is None else mapped
