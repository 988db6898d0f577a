"""Tiles as files below a log's folder: read strictly, written durably, and swept where nobody signed for them.

A path that was signed is never written again: what a tree of another size needs has another path. So
writing needs no second copy, and reading no lock. The partial tiles of older heads stay until their
tile is full, as the specification asks: whoever holds such a head can go on reading by it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from pathlib import Path

from .durable import sync_folder, write_all
from .errors import TAMPERED, LogUnavailable
from .hashing import HASH_SIZE
from .tile_source import beginning
from .tiles import ENTRIES, WIDTH, Tile, parse_path, tile_at

_OPEN_AT_ONCE = 64
"""Files that are open together: written first and synced then, they share the disk's waits."""

_LEVELS = {"entries", *map(str, range(64))}
_PARTIAL = frozenset(map(str, range(1, WIDTH)))


class TileFolder:
    """The `tile/` of one log. Its methods raise LogUnavailable where they read, OSError where they write."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._prefix = str(folder)

    def read(self, tile: Tile) -> bytes:
        """Its bytes, as many leaves or hashes as it is wide. Where a partial tile has become full, its beginning.

        Raises LogUnavailable when neither is there, or when it is not as long as it must be.
        """
        try:
            data = self._bytes(tile.path)
            if data is None and tile.width < WIDTH:
                whole = self._bytes(tile.whole_path)
                data = None if whole is None else beginning(whole, tile)
        except OSError as error:
            raise LogUnavailable(f"cannot read {tile.path} of the log: {error.strerror}") from error
        if data is None:
            raise LogUnavailable(f"the log is shorter than its signed head: {tile.path} is missing", advice=TAMPERED)
        if tile.level != ENTRIES and len(data) != tile.width * HASH_SIZE:
            raise LogUnavailable(f"the log is shorter or longer than its signed head: {tile.path}", advice=TAMPERED)
        return data

    def older_widths(self, tile: Tile) -> list[int]:
        """Of the narrower partial tiles at a place, which older heads need. Raises LogUnavailable."""
        try:
            return [width for width in self._widths(tile) if width < tile.width]
        except OSError as error:
            raise LogUnavailable(f"cannot list {tile.whole_path}.p of the log: {error.strerror}") from error

    def older(self, tile: Tile, widths: Iterable[int]) -> Iterator[tuple[int, bytes]]:
        """Partial tiles of these widths at a place, those that are there. Raises LogUnavailable."""
        place = tile.whole_path
        for width in widths:
            try:
                data = self._bytes(f"{place}.p/{width}")
            except OSError as error:
                raise LogUnavailable(f"cannot read {place}.p/{width} of the log: {error.strerror}") from error
            if data is not None:  # otherwise its tile has just become full
                yield width, data

    def write(self, files: Mapping[Tile, bytes]) -> None:
        """Durable on return: each file, its name, and the folders above it. Raises OSError."""
        folders: dict[Path, None] = {}
        waiting = iter(files.items())
        while group := list(islice(waiting, _OPEN_AT_ONCE)):
            open_files: list[int] = []
            try:
                for tile, data in group:
                    path = self._folder / tile.path
                    folders[path.parent] = None
                    self._make(path.parent, folders)
                    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
                    open_files.append(os.open(path, flags, 0o600))
                    write_all(open_files[-1], data)
                for file in open_files:
                    os.fsync(file)
            finally:
                for file in open_files:
                    os.close(file)
        for folder in sorted(folders, key=lambda each: -len(each.parts)):
            sync_folder(folder)

    def forget_partial(self, tile: Tile) -> bool:
        """Remove the partial tiles at a place whose full tile is there and signed. Whether none is left."""
        folder = self._folder / f"{tile.whole_path}.p"
        with suppress(OSError):  # closing a folder may fail in spite of ignore_errors
            shutil.rmtree(folder, ignore_errors=True)
        return not os.path.lexists(folder)

    def sweep(self, tile: Tile) -> None:
        """Remove what lies at the place of a partial tile, or of none yet, beyond its width. Raises OSError.

        It was written by a process that died before it signed; only whoever holds the log's lock may know that.
        """
        with suppress(FileNotFoundError):
            os.unlink(self._folder / tile.whole_path)
        for width in self._widths(tile):
            if width > tile.width:
                with suppress(FileNotFoundError):
                    os.unlink(self._folder / f"{tile.whole_path}.p" / str(width))

    def sweep_edge(self, size: int) -> None:
        """`sweep` at the right edge of a tree of `size` leaves, on every level. Raises OSError.

        Partial tiles left of it go too, where a process died before it could remove them: nobody compares them.
        """
        for level in self.levels():
            index = (size >> (8 * max(level, 0))) // WIDTH
            at_edge = tile_at(level, index, size)
            self.sweep(at_edge if at_edge is not None else Tile(level, index, 0))
            for tile in list(self._partial(level)):
                if tile.index < index:
                    self.forget_partial(tile)

    def levels(self) -> list[int]:
        """Levels that there are files of, ENTRIES among them. Raises OSError."""
        try:
            names = os.listdir(self._folder / "tile")
        except FileNotFoundError:
            return []
        return sorted(ENTRIES if name == "entries" else int(name) for name in names if name in _LEVELS)

    def paths(self) -> Iterator[str]:
        """Every file below `tile/`, as a path below the log's folder, in no order. Raises OSError."""
        for folder, _, names in os.walk(self._folder / "tile", onerror=_fail):
            below = Path(folder).relative_to(self._folder)
            yield from ((below / name).as_posix() for name in names)

    def _partial(self, level: int) -> Iterator[Tile]:
        """A tile of each place on a level that has a folder of partial ones. Raises OSError."""
        top = self._folder / "tile" / ("entries" if level == ENTRIES else str(level))
        for folder, names, _ in os.walk(top, onerror=_fail):
            below = Path(folder).relative_to(self._folder)
            found = (parse_path((below / name / "1").as_posix()) for name in names)
            yield from (tile for tile in found if tile is not None)
            names[:] = [name for name in names if not name.endswith(".p")]

    def _widths(self, tile: Tile) -> list[int]:
        try:
            names = os.listdir(self._folder / f"{tile.whole_path}.p")
        except (FileNotFoundError, NotADirectoryError):
            return []
        return sorted(int(name) for name in names if name in _PARTIAL)

    def _make(self, folder: Path, folders: dict[Path, None]) -> None:
        """A folder (0700) with those above it; what must be synced for it is added to `folders`."""
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            return
        except FileNotFoundError:
            self._make(folder.parent, folders)
            folder.mkdir(mode=0o700)
        folders[folder.parent] = None

    def _bytes(self, path: str) -> bytes | None:
        """A file's bytes, None where there is none. Tiles are small, and a full check reads thousands of them."""
        try:
            file = os.open(f"{self._prefix}/{path}", os.O_RDONLY | os.O_CLOEXEC)
        except (FileNotFoundError, NotADirectoryError):
            return None
        try:
            data = os.read(file, 1 << 16)
            if len(data) == 1 << 16:
                parts = [data]
                while parts[-1]:
                    parts.append(os.read(file, 1 << 20))
                data = b"".join(parts)
        finally:
            os.close(file)
        return data


def _fail(error: OSError) -> None:
    raise error
