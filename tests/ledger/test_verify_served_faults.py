"""Whatever a server sends in a file's place, the error names the file, says what came, and comes soon."""

from __future__ import annotations

import gzip
import socket
import threading
from concurrent.futures import Future
from dataclasses import replace
from itertools import islice

import pytest

from beholden.ledger.address import parse_address
from beholden.ledger.checked import reading_order
from beholden.ledger.fetched import AHEAD, CONNECTIONS, HELD, FetchedLog, FetchedTiles
from beholden.ledger.http_files import Patience
from beholden.ledger.note import LARGEST
from beholden.ledger.tiles import Tile
from beholden.ledger.verify import verify_log
from beholden.model.errors import LogUnavailable
from tests.ledger.outside import flip
from tests.ledger.served import AT_ONCE, answering, once, raw, served, silent

TILE, BUNDLE, EDGE = "tile/0/001", "tile/entries/001", "tile/entries/002.p/88"
BOMB = gzip.compress(bytes(20_000_000))
OK = b"HTTP/1.1 200 OK\r\n"


def verify_at(url, key, patience=AT_ONCE):
    with FetchedLog(parse_address(url), patience) as log:
        return verify_log(log, key)


def refused(folder, key, faults, match, patience=AT_ONCE) -> LogUnavailable:
    """The error; no thread goes on fetching after it."""
    with served(folder, faults) as server:
        with pytest.raises(LogUnavailable, match=match) as error:
            verify_at(server.url, key, patience)
        for thread in threading.enumerate():
            if thread.name.startswith("log-files"):
                thread.join(5)
                assert not thread.is_alive()
    assert "\x1b" not in error.value.message
    return error.value


@pytest.mark.parametrize("name", ["checkpoint", TILE, BUNDLE, EDGE])
@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (answering(b"<h1>Welcome</h1>", ("Content-Type", "text/html; charset=utf-8")), "a web page"),
        (answering(b"", status=401), r"wants a password for it \(401\)"),
        (answering(b"", status=503), "answers 503"),
        (answering(b"", status=206), "answers 206"),
        (answering(b"", ("Location", "https://elsewhere.example/x"), status=302), "to https://elsewhere.example/x$"),
        (answering(b"", ("Location", "https://me:secret@elsewhere.example"), status=308), "sends elsewhere for it$"),
        (answering(b"", ("Location", "\x1b[31mred"), status=301), "sends elsewhere for it$"),
        (answering(b"x", ("Content-Encoding", "br")), "in a way that was not asked for"),
        (answering(b"no gzip at all", ("Content-Encoding", "gzip")), "packed with gzip, and is not"),
        (answering(gzip.compress(b"x" * 99)[:-9], ("Content-Encoding", "gzip")), "cut off"),
        (answering(gzip.compress(b"x" * 99) * 2, ("Content-Encoding", "gzip")), "cut off or followed"),
        (answering(BOMB, ("Content-Encoding", "gzip")), "more than"),
        (answering(bytes(20_000_000), length=False), "sends more than the"),
        (answering(bytes(20_000_000)), "says that it has 20000000 bytes"),
        (raw(OK, b"Content-Length: 99999999999\r\n\r\n"), "says that it has 99999999999 bytes"),
        (raw(OK, b"Content-Length: -1\r\n\r\n"), "Content-Length is no length"),
        (raw(OK, b"Content-Length: 9\r\nContent-Length: 8\r\n\r\n123456789"), "Content-Length is no length"),
        (raw(OK, b"Content-Length: 640\r\n\r\nonly this"), "ended after 9 of 640 bytes"),
        (raw(OK, b"Transfer-Encoding: chunked\r\n\r\n9\r\nonly"), "breaks off"),
        (raw(OK, b"Transfer-Encoding: chunked\r\n\r\nno number\r\n"), "breaks off"),
        (raw(OK, b"Transfer-Encoding: chunked\r\n\r\n", b"1000\r\n" + bytes(0x1000) + b"\r\n", for_ever=True), "more"),
        (raw(OK, b"X: " + b"y" * 70_000), "does not speak HTTP"),
        (raw(OK, b"X: y\r\n", for_ever=True), "does not speak HTTP"),
        (raw(b"SSH-2.0-OpenSSH\r\n"), "does not speak HTTP"),
        (raw(), "breaks off"),
    ],
)  # fmt: skip
def test_what_is_no_file_is_told_with_its_name(folder, key, name, fault, says):
    """For the head as for tiles, full and partial."""
    error = refused(folder, key, {name: fault}, says)
    assert f"cannot fetch {name} of the log at http://127.0.0.1:" in error.message
    assert "secret" not in error.message


@pytest.mark.parametrize(
    "fault",
    [
        raw(OK, b"Content-Length: 8192\r\n\r\n", b"x", every_s=0.05, for_ever=True),
        raw(OK, b"\r\n", b"x", every_s=0.05, for_ever=True),
        raw(OK, b"X: ", b"y", every_s=0.05, for_ever=True),
        raw(b"HTTP/1.1 100 Continue\r\n\r\n", every_s=0.05, for_ever=True),
        raw(OK, b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n", every_s=0.05, for_ever=True),
    ],
)
def test_a_server_that_keeps_sending_a_little_is_left(folder, key, fault):
    """No step of it takes long; all of it would never end."""
    says = "cannot fetch witnessed of .*: it did not come whole within 0.6 s"
    refused(folder, key, {"witnessed": fault}, says, Patience(file_s=0.6))


@pytest.mark.parametrize(("name", "step_s", "pauses_s"), [("witnessed", 0.2, (0.0,)), (TILE, 1.0, ())])
def test_a_server_that_says_nothing_is_left(folder, key, name, step_s, pauses_s):
    """It took the request, and that is all."""
    says = f"cannot fetch {name} of .*: the server sends nothing for {step_s:g} s"
    refused(folder, key, {name: silent}, says, Patience(step_s, 60.0, pauses_s))


@pytest.mark.parametrize("name", [TILE, BUNDLE])
def test_a_missing_tile_is_named(folder, key, name):
    """With what to do: it may come, or be withheld."""
    for status in (403, 404, 410):
        error = refused(folder, key, {name: answering(b"", status=status)}, f"{name} is missing")
        assert "try again in some minutes" in str(error.advice)


def test_a_missing_partial_tile_is_named_when_its_full_one_is_missing_too(folder, key):
    """Both were asked for."""
    (folder / EDGE).unlink()
    refused(folder, key, {}, f"{EDGE} is missing")


def test_an_address_without_a_log_is_told(tmp_path, key):
    """Nothing but the address is wrong."""
    refused(tmp_path, key, {}, "there is no checkpoint of a log at http://127.0.0.1:")


@pytest.mark.parametrize(
    ("name", "at", "named"),
    [
        (TILE, 5, TILE),
        (BUNDLE, 900, TILE),
        (EDGE, 300, "tile/0/002.p/88"),
        ("tile/1/000.p/2", 63, "tile/1/000.p/2"),
    ],
)
def test_a_tampered_tile_is_caught(folder, key, name, at, named):
    """One bit of a leaf or of a hash: leaves and their hashes contradict each other."""
    flip(folder / name, at)
    refused(folder, key, {}, f"{named} differs")


@pytest.mark.parametrize(
    ("name", "cut", "says"),
    [
        (TILE, 8191, "8191 bytes, and cannot have less than 8192"),
        (TILE, 0, "0 bytes"),
        ("tile/1/000.p/2", 32, "32 bytes, and cannot have less than 64"),
        (BUNDLE, 900, "does not hold 256 leaves"),
        (BUNDLE, 511, "cannot have less than 512"),
    ],
)
def test_a_tile_that_is_cut_off_is_named(folder, key, name, cut, says):
    """With a length that fits what comes."""
    data = (folder / name).read_bytes()[:cut]
    assert name in refused(folder, key, {name: answering(data)}, says).message


def test_a_tile_with_bytes_too_many_is_named(folder, key):
    """Also within what a bundle may have."""
    data = (folder / BUNDLE).read_bytes() + b"\0\0"
    refused(folder, key, {BUNDLE: answering(data)}, f"{BUNDLE} does not hold 256 leaves")


def test_a_full_tile_in_place_of_a_partial_one_is_not_believed(folder, key):
    """It was not asked for."""
    data = (folder / "tile/0/001").read_bytes()
    refused(folder, key, {"tile/0/002.p/88": answering(data)}, "tile/0/002.p/88 .*8192 bytes")


def test_a_full_tile_that_does_not_begin_with_the_partial_one_is_found(folder, key, made):
    """The partial one is gone, and the full one is another's."""
    (folder / "checkpoint").write_bytes(made[2][300])
    full = (folder / BUNDLE).read_bytes()
    refused(folder, key, {BUNDLE: answering(bytes(2) + full)}, "differs|not the ones")
    refused(folder, key, {BUNDLE: answering(b"\xff" * 1000)}, "does not hold 44 leaves")


@pytest.mark.parametrize("body", [b"hello", b"", bytes(LARGEST)])
def test_a_head_that_is_none_is_told(folder, key, body):
    """Within its length, and without one word of it."""
    refused(folder, key, {"checkpoint": answering(body)}, "checkpoint is no head of the log with this key")


def test_a_fault_that_passes_costs_a_moment(folder, key):
    """A server that is busy, or breaks off once."""
    faults = {
        "checkpoint": once(answering(b"", status=503)),
        TILE: once(raw(OK, b"Content-Length: 8192\r\n\r\nonly this")),
        EDGE: once(raw()),
    }
    with served(folder, faults) as server:
        assert verify_at(server.url, key).size == 600


def test_a_fault_that_does_not_pass_is_tried_a_few_times(folder, key):
    """And one that cannot pass is not."""
    patience = replace(AT_ONCE, pauses_s=(0.0, 0.0))
    for status, times in ((503, 3), (404, 1), (401, 1)):
        with served(folder, {"checkpoint": answering(b"", status=status)}) as server:
            with pytest.raises(LogUnavailable):
                verify_at(server.url, key, patience)
            assert server.asked.count("checkpoint") == times


def test_a_redirect_is_not_followed(folder, key):
    """Not even to the same server: who asked for one place is not sent to another."""
    with served(folder, {TILE: answering(b"", ("Location", "/log/tile/0/001?"), status=307)}) as server:
        with pytest.raises(LogUnavailable, match="sends elsewhere"):
            verify_at(server.url, key)
        assert server.asked.count("tile/0/001?") == 0


def test_a_server_that_is_not_there_is_told(key):
    """Nothing listens at the port."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(LogUnavailable, match="cannot be reached") as error:
            verify_at(url, key)
    assert "nothing is known about the log yet" in str(error.value.advice)


def test_a_host_that_nobody_knows_is_told(key, monkeypatch):
    """Once: a name does not appear by asking again."""

    def unknown(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(LogUnavailable, match=r"witnessed of the log at https://town\.example/log: nobody knows"):
        verify_at("https://town.example/log", key)


@pytest.mark.parametrize(
    ("size", "come", "most"), [(100, True, AHEAD), (100, False, CONNECTIONS + 2), (HELD, True, CONNECTIONS + 3)]
)
def test_no_more_is_asked_for_than_there_is_room(size, come, most):
    """Neither where much has come that was not read yet, nor where nothing comes."""
    asked: list[Future[bytes]] = []
    data = bytes(size)

    def begin(_: Tile) -> Future[bytes]:
        asked.append(Future())
        if come:
            asked[-1].set_result(data)
        return asked[-1]

    tiles, ahead = FetchedTiles(begin, lambda coming, _: b"", reading_order(1 << 20)), 0
    for done, tile in enumerate(islice(reading_order(1 << 20), 60)):
        tiles.read(tile)
        ahead = max(ahead, len(asked) - done)
    assert ahead == most
