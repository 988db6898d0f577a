"""Looking a camera up: every address is judged, one is pinned, and nobody is asked twice."""

from __future__ import annotations

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beholden.model.errors import AddressRefused, SourceLost
from beholden.video.camera.address import AddressRules, parse_address
from beholden.video.camera.resolve import Pinned, refusal, resolve

LIVE = AddressRules()
OPEN = AddressRules(loopback=True)
REHEARSAL = AddressRules(loopback_only=True)


class Names:
    """A resolver that knows what a test says, and counts how often it is asked."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers, self.asked = list(answers), 0

    def __call__(self, host: str, port: int, /, *, type: int) -> list[tuple]:
        self.asked += 1
        ips = self.answers.pop(0)
        return [(socket.AF_INET6 if ":" in ip else socket.AF_INET, type, 6, "", (ip, port)) for ip in ips]


def at(host: str, rules: AddressRules, *answers: list[str]) -> Pinned:
    return resolve(parse_address(f"rtsp://{host}:8554/x", rules), rules, Names(*answers))


@pytest.mark.parametrize(
    "ip", ["192.168.1.20", "10.0.0.3", "172.16.0.9", "100.64.0.7", "8.8.8.8", "fd12:3456::20", "2606:4700::1111"]
)
def test_private_and_public_addresses_are_pinned(ip: str) -> None:
    assert at("door.example", LIVE, [ip]) == Pinned(ip, 8554)


def test_a_literal_address_is_never_looked_up() -> None:
    assert at("192.168.1.20", LIVE) == Pinned("192.168.1.20", 8554)


BAD = [
    "0.0.0.0", "0.1.2.3", "127.0.0.1", "127.255.255.254", "169.254.0.1", "169.254.169.254", "224.0.0.1",
    "239.255.255.250", "255.255.255.255", "240.0.0.1", "192.0.0.192", "192.0.0.8", "192.0.2.1", "198.51.100.7",
    "203.0.113.9", "198.18.0.1", "192.88.99.1", "100.100.100.200", "168.63.129.16",
    "::", "::1", "fe80::1", "fe80::a9fe:a9fe", "febf::1", "fec0::1", "ff02::1", "ff0e::1", "fd00:ec2::254",
    "fd00:ec2::23", "fd20:ce::254", "2001:db8::1", "3fff::1", "100::1", "5f00::1", "4000::1",
    "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:0.0.0.0", "::ffff:100.100.100.200", "::ffff:255.255.255.255",
    "::127.0.0.1", "::169.254.169.254", "::ffff:0:127.0.0.1",
    "64:ff9b::127.0.0.1", "64:ff9b::169.254.169.254", "64:ff9b::10.0.0.1", "64:ff9b::192.168.1.1",
    "64:ff9b:1::127.0.0.1", "64:ff9b:1::8.8.8.8", "2002:7f00:1::", "2002:a9fe:a9fe::", "2002:808:808::1",
    "2001:0:7f00:1::", "2001::a9fe:a9fe", "2001:20::1",
]  # fmt: skip


@pytest.mark.parametrize("ip", BAD)
def test_addresses_where_no_camera_is_are_refused(ip: str) -> None:
    with pytest.raises(AddressRefused):
        at("door.example", LIVE, [ip])
    literal = f"[{ip}]" if ":" in ip else ip
    with pytest.raises(AddressRefused):
        at(literal, LIVE)


HERE = {"127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1"}


@pytest.mark.parametrize("ip", sorted(set(BAD) - HERE))
def test_no_rule_opens_them(ip: str) -> None:
    """Neither allowing this machine nor a rehearsal opens link-local, metadata, multicast or reserved addresses."""
    for rules in (OPEN, REHEARSAL):
        with pytest.raises(AddressRefused):
            at("door.example", rules, [ip])


@pytest.mark.parametrize("ip", BAD)
@pytest.mark.parametrize("first", [True, False])
def test_one_bad_address_refuses_the_name(ip: str, first: bool) -> None:
    both = [ip, "192.168.1.20"] if first else ["192.168.1.20", ip]
    with pytest.raises(AddressRefused):
        at("door.example", LIVE, both)


@pytest.mark.parametrize("ip", ["127.0.0.1", "127.9.9.9", "::1"])
def test_this_machine_is_opened_where_the_rules_say_so(ip: str) -> None:
    assert at("door.example", OPEN, [ip]).ip == ip
    assert at("door.example", REHEARSAL, [ip]).ip == ip


def test_a_mapped_address_is_dialled_as_what_it_is() -> None:
    assert at("door.example", OPEN, ["::ffff:127.0.0.1"]).ip == "127.0.0.1"
    assert at("door.example", LIVE, ["::ffff:192.168.1.20"]).ip == "192.168.1.20"


@pytest.mark.parametrize("ip", ["192.168.1.20", "8.8.8.8", "fd12::20", "2606:4700::1111", "64:ff9b::808:808"])
def test_a_rehearsal_opens_nothing_but_this_machine(ip: str) -> None:
    with pytest.raises(AddressRefused, match=r"another machine|inside an address"):
        at("door.example", REHEARSAL, [ip])


def test_public_cameras_are_reached_through_nat64() -> None:
    assert at("door.example", LIVE, ["64:ff9b::808:808"]).ip == "64:ff9b::808:808"


def test_the_name_is_looked_up_once_and_the_others_are_kept() -> None:
    names = Names(["192.168.1.20", "fd12::20", "192.168.1.20"], ["169.254.169.254"])
    pinned = resolve(parse_address("rtsp://door.example/x", LIVE), LIVE, names)
    assert pinned == Pinned("192.168.1.20", 554, ("fd12::20",))
    assert names.asked == 1


def test_a_name_that_is_not_known_now_is_tried_again_and_not_refused() -> None:
    def nobody(host: str, port: int, /, *, type: int) -> list[tuple]:
        raise socket.gaierror(-2, "Name or service not known")

    address = parse_address("rtsp://u:p4ss@door.example/pa7h", LIVE)
    with pytest.raises(SourceLost, match="not known") as caught:
        resolve(address, LIVE, nobody)
    assert "p4ss" not in caught.value.one_line()
    with pytest.raises(SourceLost):
        resolve(address, LIVE, Names([]))


@pytest.mark.parametrize("rows", [[("x",)], [(2, 1, 6, "", ("not an ip", 1))], [(2, 1, 6, "", (None, 1))]])
def test_a_resolver_that_answers_nonsense_refuses_the_name(rows: list[tuple]) -> None:
    with pytest.raises(AddressRefused):
        resolve(parse_address("rtsp://door.example/", LIVE), LIVE, lambda *_, **__: rows)


def test_a_name_for_a_crowd_is_refused() -> None:
    with pytest.raises(AddressRefused, match="more than"):
        at("door.example", LIVE, [f"192.168.1.{n}" for n in range(1, 20)])


@given(st.ip_addresses())
def test_what_is_allowed_is_unicast_and_no_link_of_anybody(ip) -> None:
    if refusal(ip, LIVE) is None:
        assert not any((ip.is_loopback, ip.is_link_local, ip.is_multicast, ip.is_unspecified))
        assert ip.version == 6 or not ip.is_reserved
    assert refusal(ip, REHEARSAL) is not None or ip.is_loopback
