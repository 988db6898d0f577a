"""Passwords for cameras: the answers of the RFCs' own examples, and what is never answered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beholden.video.camera.address import Login
from beholden.video.camera.authenticate import Authenticator, challenges

MUFASA = Login("Mufasa", "Circle of Life")


def answered(login: Login, header: str, method: str, uri: str, token: str = "") -> str:
    """Authorization for one request after one challenge."""
    one = Authenticator(login, lambda: token)
    assert one.header(method, uri) is None
    assert one.challenged([header])
    answer = one.header(method, uri)
    assert answer is not None
    return answer


def test_digest_as_in_rfc_2617() -> None:
    header = (
        'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", '
        'opaque="5ccc069c403ebaf9f0171e9517f40e41"'
    )
    answer = answered(Login("Mufasa", "Circle Of Life"), header, "GET", "/dir/index.html", "0a4f113b")
    assert 'response="6629fae49393a05397450978507c4ef1"' in answer
    assert "nc=00000001" in answer
    assert 'opaque="5ccc069c403ebaf9f0171e9517f40e41"' in answer


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_digest_as_in_rfc_7616(algorithm: str, response: str) -> None:
    header = (
        f'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={algorithm}, '
        'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
    )
    answer = answered(
        MUFASA, header, "GET", "/dir/index.html", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
    )  # fmt: skip
    assert f'response="{response}"' in answer
    assert f"algorithm={algorithm}" in answer


def test_basic_as_in_rfc_7617() -> None:
    answer = answered(Login("Aladdin", "open sesame"), 'Basic realm="WallyWorld"', "GET", "/")
    assert answer == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="


def test_the_best_of_what_is_offered_is_taken() -> None:
    offers = ['Basic realm="r"', 'Digest realm="r", nonce="a"', 'Digest realm="r", nonce="b", algorithm=SHA-256']
    one = Authenticator(MUFASA)
    assert one.challenged(offers)
    assert "SHA-256" in (one.header("GET", "/") or "")


def test_several_challenges_in_one_header_are_told_apart() -> None:
    found = challenges(['Basic realm="a, b=\\"c\\"", Digest realm="d",nonce="n" , qop="auth"'])
    assert [one.scheme for one in found] == ["basic", "digest"]
    assert found[0].given == {"realm": 'a, b="c"'}
    assert found[1].given == {"realm": "d", "nonce": "n", "qop": "auth"}


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Negotiate",
        "NTLM TlRMTVNT",
        'Bearer realm="x"',
        'Digest realm="r"',
        'Digest realm="r", nonce="n", algorithm=SHA-512-256',
        'Digest realm="r", nonce="n", algorithm=MD5-sess',
        'Digest realm="r", nonce="n", qop="auth-int"',
        'Digest realm="r", nonce="n' + "x" * 5000 + '"',
        "=",
        'Digest "',
    ],
)
def test_what_is_not_known_is_not_answered(header: str) -> None:
    one = Authenticator(MUFASA)
    assert not one.challenged([header])
    assert one.header("GET", "/") is None


def test_the_same_challenge_again_means_the_password_is_wrong() -> None:
    one = Authenticator(MUFASA)
    header = 'Digest realm="r", nonce="a"'
    assert one.challenged([header])
    assert not one.challenged([header])
    assert not one.challenged([header.replace('"a"', '"b"')])


def test_a_nonce_that_ran_out_is_replaced_and_the_count_begins_again() -> None:
    one = Authenticator(MUFASA)
    assert one.challenged(['Digest realm="r", nonce="a", qop="auth"'])
    one.header("GET", "/")
    assert "nc=00000002" in (one.header("GET", "/") or "")
    assert one.challenged(['Digest realm="r", nonce="b", qop="auth", stale=TRUE'])
    assert "nc=00000001" in (one.header("GET", "/") or "")
    one.accepted()
    assert one.challenged(['Digest realm="r", nonce="c", qop="auth"'])
    assert not one.challenged(['Digest realm="r", nonce="d", qop="auth"'])


def test_a_password_that_went_as_a_digest_never_goes_as_basic() -> None:
    one = Authenticator(MUFASA)
    assert one.challenged(['Digest realm="r", nonce="a"'])
    one.accepted()
    assert not one.challenged(['Basic realm="r"'])
    assert (one.header("GET", "/") or "").startswith("Digest ")


def test_without_a_login_nothing_is_answered() -> None:
    one = Authenticator(None)
    assert not one.challenged(['Basic realm="r"'])
    assert one.header("GET", "/") is None


def test_quotes_in_a_user_cannot_leave_their_quotes() -> None:
    answer = answered(Login('a"b\\c', "p"), 'Digest realm="x\\"y", nonce="n"', "GET", "/")
    assert 'username="a\\"b\\\\c"' in answer
    assert 'realm="x\\"y"' in answer


@given(st.text(max_size=200))
def test_any_header_is_read_without_an_error(header: str) -> None:
    one = Authenticator(MUFASA)
    if one.challenged([header, "Digest " + header, 'Digest nonce="n", realm=' + header]):
        assert one.header("GET", "/")
