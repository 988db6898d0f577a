"""Addresses that are asked over HTTP: written as they are read, and nothing hidden in them."""

from __future__ import annotations

import pytest

from beholden.ledger.address import Address, parse_address
from beholden.ledger.fetched import log_address


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://town.example", "https://town.example"),
        ("https://town.example/log/", "https://town.example/log"),
        ("HTTPS://Town.Example:443/Log", "https://town.example/Log"),
        ("https://town.example:8443/a/b//", "https://town.example:8443/a/b"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        ("http://[::1]:7440/log", "http://[::1]:7440/log"),
        ("https://xn--strae-oqa.example./%20", "https://xn--strae-oqa.example./%20"),
    ],
)
def test_an_address_is_shown_in_one_way(text, shown):
    """And read again it is the same."""
    assert str(parse_address(text)) == shown
    assert parse_address(shown) == parse_address(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "neither https"),
        ("town.example/log", "neither https"),
        ("ftp://town.example", "neither https"),
        ("https:/town.example", "neither https"),
        ("https://", "no host"),
        ("https:///log", "no host"),
        ("https://a..b", "no host"),
        ("https://-!", "no host"),
        (f"https://{'a' * 64}.example", "no host"),
        ("https://[::1", "cannot be read"),
        ("https://[town]", "cannot be read|no host"),
        ("https://town.example:99999", "cannot be read"),
        ("https://town.example:x", "cannot be read"),
        ("https://ada:hunter2@town.example", "a name or a password"),
        ("https://hunter2@town.example", "a name or a password"),
        ("https://town.example/log?token=hunter2", "a [?] or a #"),
        ("https://town.example/log#hunter2", "a [?] or a #"),
        ("https://town.example\\@hunter2", "a backslash"),
        ("https://town.example/hunter2 ", "a blank"),
        ("https://town.example/\thunter2", "a blank"),
        ("https://town.example/\x1b[31m", "a control character"),
        ("https://t\u00f6wn.example", "beyond ASCII"),
        ("https://town.example/" + "a" * 2000, "longer than 2000"),
    ],
)  # fmt: skip
def test_what_is_no_plain_address_is_refused_and_not_quoted(text, why):
    """A password may be in it."""
    with pytest.raises(ValueError, match=why) as error:
        parse_address(text)
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize("text", ["http://127.0.0.1:8000/log", "http://127.9.9.9", "http://[::1]", "http://localhost"])
def test_plain_http_is_for_this_machine(text):
    """Where nobody is on the way."""
    assert not log_address(text).secure


@pytest.mark.parametrize(
    "text", ["http://town.example", "http://192.168.1.20", "http://[fe80::1]", "http://localhost.example", "http://128.0.0.1"]
)  # fmt: skip
def test_elsewhere_a_log_is_fetched_over_https(text):
    """Whoever is on the way could show each reader another log."""
    with pytest.raises(ValueError, match="plain http:// is for this machine alone"):
        log_address(text)
    assert log_address(text.replace("http:", "https:")).secure


def test_a_connection_goes_to_the_host_and_port_of_its_address():
    """Also where the end of an IPv6 address looks like a port."""
    connection = Address(secure=False, host="::1", port=80, path="").connection(1.0)
    assert (connection.host, connection.port) == ("::1", 80)
