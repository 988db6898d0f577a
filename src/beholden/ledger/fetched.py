"""A log that is served over HTTP as C2SP tlog-tiles, read by somebody who trusts nothing but its public key.

Its tiles are asked for a little before they are needed, over a few connections, and held as briefly:
about a megabyte of them with our leaves of 85 bytes. With the longest that there can be, 16 MB each,
the whole check takes 300 MB (measured): a server can send no more than is asked for.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from .address import Address, parse_address
from .checked import reading_order
from .errors import LogUnavailable
from .http_files import FileServer, Patience
from .note import LARGEST
from .tile_source import Tiles, beginning, longest, shortest
from .tiles import WIDTH, Edge, Tile

T = TypeVar("T")
CONNECTIONS = 6
AHEAD = 48
"""Tiles that were asked for and not read yet, at most; of those that have not come, CONNECTIONS and two."""
HELD = 1 << 24
"""Bytes of tiles that have come and were not read yet, above which none is asked for."""
_MISSING = (
    "A copy may lag behind its head: try again in some minutes. If it stays so, ask whoever serves it, and check "
    "another copy: leaves that nobody can see prove nothing."
)


def log_address(text: str) -> Address:
    """Where a log may be fetched from: https anywhere, plain http on this machine alone.

    What is signed cannot be changed on the way; but who can change what is on the way could show each reader a
    log of its own, or an old one. Raises ValueError, which never quotes `text`.
    """
    address = parse_address(text)
    if not address.secure and not address.on_this_machine:
        raise ValueError("plain http:// is for this machine alone (127.0.0.1, localhost); elsewhere it is https://")
    return address


class FetchedLog:
    """As `verify.OpenLog`: what the server at an address has. Used in a `with` block, by one thread.

    Files cannot be listed there: partial tiles of older heads, and files beyond the head, are not looked at.
    """

    def __init__(self, address: Address, patience: Patience | None = None) -> None:
        self._patience = patience or Patience()
        self._server = FileServer(address, self._patience)
        self._threads = ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="log-files")

    def __enter__(self) -> FetchedLog:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()
        self._threads.shutdown(wait=False, cancel_futures=True)

    @property
    def where(self) -> str:
        return f"at {self._server.address}"

    def note(self, name: str) -> bytes | None:
        """A signed note, None where there is none. Raises LogUnavailable."""
        return self._wait(self._threads.submit(self._server.get, name, 0, LARGEST), name)

    def names(self) -> Sequence[Tile]:
        return ()

    def tiles(self, size: int, names: Sequence[Tile]) -> Tiles:
        """To be read in the order of `checked.replay`, which makes it fast, or in any other."""
        return FetchedTiles(self._begin, self._wait, reading_order(size))

    def others(self, edge: Edge, names: Sequence[Tile], tiles: Tiles) -> tuple[int, int]:
        return 0, 0

    def _begin(self, tile: Tile) -> Future[bytes]:
        return self._threads.submit(self._tile, tile)

    def _wait(self, coming: Future[T], path: str) -> T:
        """What comes. Raises LogUnavailable: it was refused, or the server keeps us waiting for ever."""
        try:
            return coming.result(self._patience.file_s)
        except TimeoutError as error:
            why = f"it did not come whole within {self._patience.file_s:g} s"
            raise self._server.refused(path, why) from error

    def _tile(self, tile: Tile) -> bytes:
        """Its bytes; where the partial tile went because it has become full, the beginning of the full one."""
        data = self._server.get(tile.path, shortest(tile), longest(tile))
        if data is None and tile.width < WIDTH:
            full = Tile(tile.level, tile.index)
            whole = self._server.get(full.path, shortest(full), longest(full))
            data = None if whole is None else beginning(whole, tile)
        if data is None:
            raise LogUnavailable(
                f"the log {self.where} is shorter than its signed head: {tile.path} is missing", advice=_MISSING
            )
        return data


class FetchedTiles:
    """As `Tiles`. Those of `order` are asked for ahead."""

    def __init__(
        self,
        begin: Callable[[Tile], Future[bytes]],
        wait: Callable[[Future[bytes], str], bytes],
        order: Iterator[Tile],
    ) -> None:
        self._begin, self._wait, self._order = begin, wait, order
        self._coming: deque[tuple[Tile, Future[bytes]]] = deque()

    def read(self, tile: Tile) -> bytes:
        self._ask()
        if self._coming and self._coming[0][0] == tile:
            return self._wait(self._coming.popleft()[1], tile.path)
        return self._wait(self._begin(tile), tile.path)

    def _ask(self) -> None:
        """Begin to fetch what is read next, as far as there is room."""
        come = [future for _, future in self._coming if future.done()]
        away = len(self._coming) - len(come)
        if sum(len(future.result()) for future in come if future.exception() is None) > HELD:
            return
        while away < CONNECTIONS + 2 and len(self._coming) < AHEAD:
            tile = next(self._order, None)
            if tile is None:
                return
            self._coming.append((tile, self._begin(tile)))
            away += 1
