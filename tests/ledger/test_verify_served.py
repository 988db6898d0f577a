"""A log that is served over HTTP passes exactly where the same log in a folder does."""

from __future__ import annotations

import gzip
import shutil
import ssl
from datetime import UTC, datetime, timedelta
from http.server import SimpleHTTPRequestHandler
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from beholden.ledger.address import parse_address
from beholden.ledger.checked import reading_order, replay
from beholden.ledger.checkpoint import Checkpoint
from beholden.ledger.cosignature import Cosignature, witness_of
from beholden.ledger.fetched import CONNECTIONS, FetchedLog
from beholden.ledger.hashing import root_of
from beholden.ledger.log import FileLog
from beholden.ledger.note import parse_verifier
from beholden.ledger.tile_folder import TileFolder
from beholden.ledger.tiles import ENTRIES, Edge, parse_leaves, tile_at
from beholden.ledger.verify import verify_folder, verify_log
from beholden.model.errors import LogUnavailable
from tests.ledger.outside import LEAVES, ORIGIN, STEPS, WITNESS, grown, kept, witnessed
from tests.ledger.served import AT_ONCE, answering, once, served


def verify_at(url, key, witnesses=(), since=None, look=None):
    with FetchedLog(parse_address(url), AT_ONCE) as log:
        return verify_log(log, key, witnesses, since, look)


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 600])
def test_a_served_log_is_verified_as_its_folder_is(tmp_path, size):
    """At and around the ends of a tile, to the last number."""
    key = parse_verifier(grown(tmp_path / "log", (size,) if size else ()).verifier)
    with served(tmp_path / "log") as server:
        assert verify_at(server.url, key) == verify_folder(tmp_path / "log", key)


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 512, 600])
def test_tiles_are_asked_for_ahead_in_the_order_in_which_they_are_read(tmp_path, size):
    """Otherwise each would be waited for by itself."""
    grown(tmp_path / "log", (size,) if size else ())
    read = []

    class Noted(TileFolder):
        def read(self, tile):
            read.append(tile)
            return super().read(tile)

    replay(Noted(tmp_path / "log"), Edge(), size)
    assert list(reading_order(size)) == read


@pytest.mark.parametrize("size", [65_535, 65_536, 65_537, 70_000, 131_072])
def test_every_tile_of_a_larger_log_is_asked_for(size):
    """Three levels, full and partial; none beside."""
    tiles = {
        tile for level in range(ENTRIES, 4) for index in range(520) if (tile := tile_at(level, index, size)) is not None
    }
    order = list(reading_order(size))
    assert set(order) == tiles
    assert len(order) == len(tiles) + (size % 256 != 0)


def test_nothing_is_asked_for_but_the_log(folder, key):
    """No listing, no key; each file once, the bundle that is not full twice."""
    with served(folder) as server:
        verify_at(server.url, key)
    notes, tiles = server.asked[:2], server.asked[2:]
    assert notes == ["witnessed", "checkpoint"]
    assert sorted(tiles) == sorted(tile.path for tile in reading_order(600))


def test_a_few_connections_are_kept(tmp_path):
    """One for each file would take most of the time."""
    log = grown(tmp_path / "log", (600,))
    for _ in range(8):
        log.append(LEAVES)
    with served(tmp_path / "log") as server:
        verify_at(server.url, parse_verifier(log.verifier))
    assert len(server.asked) > 40
    assert server.connections <= CONNECTIONS + 1  # one is closed after there was no `witnessed`


def test_a_server_that_closes_every_connection_is_asked_again(folder, key):
    """HTTP/1.0, as `python -m http.server` speaks it."""
    with served(folder, protocol="HTTP/1.0") as server:
        assert verify_at(server.url, key).size == 600
    assert server.connections == len(server.asked)


def test_a_connection_that_ended_unasked_is_made_anew(folder, key):
    """A server may close it after any answer, and says so too late."""

    def leaving(handler: SimpleHTTPRequestHandler) -> None:
        SimpleHTTPRequestHandler.do_GET(handler)
        handler.close_connection = True

    faults = {tile.path: leaving for tile in reading_order(600)}
    with served(folder, faults) as server:
        assert verify_at(server.url, key).size == 600


@pytest.mark.parametrize("slashes", ["", "/", "//"])
def test_a_log_may_be_at_the_root_of_a_server(folder, key, slashes):
    """With any slash at the end of the address."""
    with served(folder, prefix="") as server:
        assert verify_at(server.url + slashes, key).size == 600
    assert "checkpoint" in server.asked


def test_partial_tiles_that_became_full_are_cut_from_the_full_ones(folder, key, made):
    """The log grew after its head was fetched, or a copy of the head lags: the specification lets them go."""
    (folder / "checkpoint").write_bytes(made[2][300])
    assert not (folder / "tile/entries/001.p/44").exists()
    with served(folder) as server:
        assert verify_at(server.url, key).size == 300
    assert {"tile/entries/001.p/44", "tile/entries/001", "tile/0/001.p/44", "tile/0/001"} <= set(server.asked)


def test_a_store_that_forbids_what_it_does_not_have_will_do(folder, key, made):
    """Object stores answer 403 where nobody may list their files: there is no `witnessed`, and no such partial tile."""
    (folder / "checkpoint").write_bytes(made[2][300])
    missing = ("witnessed", "tile/entries/001.p/44", "tile/0/001.p/44", "tile/1/000.p/1")
    (folder / "tile/1/000.p/1").rename(folder / "tile/1/000")
    (folder / "tile/1/000").write_bytes((folder / "tile/1/000").read_bytes() * 256)
    with served(folder, {name: answering(b"", status=403) for name in missing}) as server:
        assert verify_at(server.url, key).size == 300


@pytest.mark.parametrize("size", STEPS)
def test_every_older_head_is_a_beginning_of_the_served_log(folder, key, heads, size):
    """By a proof that is read from its tiles."""
    with served(folder) as server:
        assert verify_at(server.url, key, since=heads[size]).size == 600


def test_any_log_follows_from_an_empty_one(folder, key):
    """Nothing was said yet."""
    with served(folder) as server:
        assert verify_at(server.url, key, since=Checkpoint(ORIGIN, 0, root_of([]))).size == 600


def test_a_served_log_that_went_back_or_was_rewritten_is_found(folder, key, heads, made):
    """By an older head that was kept."""
    (folder / "checkpoint").write_bytes(made[2][599])
    with served(folder) as server:
        with pytest.raises(LogUnavailable, match="went back from 600 to 599"):
            verify_at(server.url, key, since=heads[600])
        with pytest.raises(LogUnavailable, match="first 300 leaves are not those"):
            verify_at(server.url, key, since=Checkpoint(ORIGIN, 300, bytes(32)))


def test_a_server_that_answers_otherwise_the_second_time_is_found(folder, key, heads, made, tmp_path):
    """Its leaves were rewritten; when it is asked how they follow from an older head, it shows the tiles of before."""
    fork = tmp_path / "fork"
    shutil.copytree(made[0], fork)
    shutil.rmtree(fork / "tile")
    (fork / "checkpoint").write_bytes(Checkpoint(ORIGIN, 0, root_of([])).signed(FileLog.open(made[0])._key))
    FileLog.open(fork).append([*LEAVES[:298], b"another", *LEAVES[299:]])
    hashes = "tile/0/001"
    two_faced = once(answering((fork / hashes).read_bytes()), answering((folder / hashes).read_bytes()))
    with (
        served(fork, {hashes: two_faced}) as server,
        pytest.raises(LogUnavailable, match="first 300 leaves are not those of the older head"),
    ):
        verify_at(server.url, key, since=heads[300])
    assert server.asked.count(hashes) == 2


def test_witnesses_of_a_served_log_are_counted(folder, key, made):
    """Those under its head, and those of an older one that is served beside it."""
    trusted = [witness_of(WITNESS)]
    kept(folder, made[2][599], (WITNESS, 5))
    with served(folder) as server:
        found = verify_at(server.url, key, trusted)
        assert (found.witnessed, found.witnesses) == (599, (Cosignature("witness.example/w", 5),))
        witnessed(folder, (WITNESS, 7))
        found = verify_at(server.url, key, trusted)
        assert (found.witnessed, found.witnesses) == (600, (Cosignature("witness.example/w", 7),))


def test_what_is_looked_for_in_leaves_is_looked_for_in_those_that_were_hashed(folder, key):
    """In order and each once: a second look could be shown other ones."""
    leaves: list[bytes] = []
    with served(folder) as server:
        verify_at(server.url, key, look=lambda bundle: leaves.extend(parse_leaves(bundle)))
    assert leaves == LEAVES


def packed(folder: Path, name: str):
    return answering(gzip.compress((folder / name).read_bytes()), ("Content-Encoding", "gzip"))


def chunked(folder: Path, name: str):
    data = (folder / name).read_bytes()
    parts = [data[at : at + 1000] for at in range(0, len(data), 1000)]
    body = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"

    def fault(handler: SimpleHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(body)

    return fault


@pytest.mark.parametrize("way", [packed, chunked])
def test_files_may_come_packed_or_in_chunks(folder, key, way):
    """As the specification allows without being asked, and as caches do; connections are kept."""
    names = ["checkpoint", *(tile.path for tile in reading_order(600))]
    with served(folder, {name: way(folder, name) for name in names}) as server:
        assert verify_at(server.url, key).size == 600
    assert server.connections <= CONNECTIONS + 1


@pytest.fixture
def certificate(tmp_path):
    """Of this machine, signed by itself: the file, and a server's side of it."""
    signer, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "log")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, signer.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(signer, hashes.SHA256())
    )
    file, private = tmp_path / "certificate.pem", tmp_path / "private.pem"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        signer.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    side.load_cert_chain(file, private)
    return file, side


def test_https_is_spoken_to_a_server_whose_certificate_is_believed(folder, key, certificate, monkeypatch):
    """By the authorities of this machine; SSL_CERT_FILE names others."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    with served(folder, secure=certificate[1]) as server:
        assert server.url.startswith("https://")
        assert verify_at(server.url, key).size == 600


def test_a_certificate_that_nobody_vouches_for_is_refused(folder, key, certificate):
    """Nothing was asked for."""
    with (
        served(folder, secure=certificate[1]) as server,
        pytest.raises(LogUnavailable, match="certificate is not valid") as error,
    ):
        verify_at(server.url, key)
    assert "Do not go round this" in str(error.value.advice)
    assert server.asked == []
