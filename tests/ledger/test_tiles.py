"""Tiles: paths as the specification writes them, edges against the second implementation, what stays and what goes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beholden.ledger.hashing import leaf_hash
from beholden.ledger.log import FileLog
from beholden.ledger.tiles import (
    ENTRIES,
    WIDTH,
    Edge,
    Tile,
    encode_leaves,
    filled_by,
    grow,
    parse_leaves,
    parse_path,
    tile_at,
)
from tests.ledger.test_merkle import oracle

ORIGIN = "beholden.invalid/test"


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(0, 273, 112), "tile/0/273.p/112"),
        (Tile(5, 1234067), "tile/5/x001/x234/067"),
        (Tile(ENTRIES, 1000, 1), "tile/entries/x001/000.p/1"),
        (Tile(63, 999999, 255), "tile/63/x999/999.p/255"),
    ],
)
def test_paths_are_those_of_the_specification(tile, path):
    """1234067 is its own example."""
    assert tile.path == path
    assert parse_path(path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "tile/00/000",
        "tile/64/000",
        "tile/0/00",
        "tile/0/x000/000",
        "tile/0/001/000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/x/000",
        "tile/0/000.p/",
        "/tile/0/000",
        "tile/0/000\n",
        "tile/0/٠٠٠",
    ],
)
def test_other_paths_are_nobodys(path):
    """No leading zeros, no empty groups, no widths out of range."""
    assert parse_path(path) is None


def test_a_tree_of_70000_has_the_tiles_that_the_specification_counts():
    """Its own example: 273 full tiles and one of 112; one full and one of 17; one of 1."""
    assert (tile_at(0, 272, 70000), tile_at(0, 273, 70000), tile_at(0, 274, 70000)) == (
        Tile(0, 272),
        Tile(0, 273, 112),
        None,
    )
    assert (tile_at(1, 0, 70000), tile_at(1, 1, 70000)) == (Tile(1, 0), Tile(1, 1, 17))
    assert (tile_at(2, 0, 70000), tile_at(3, 0, 70000)) == (Tile(2, 0, 1), None)


def test_a_bundle_that_completes_several_levels_names_them():
    """The 65,536th leaf fills three tiles."""
    assert filled_by(255) == [Tile(ENTRIES, 255), Tile(0, 255), Tile(1, 0)]
    assert filled_by(256) == [Tile(ENTRIES, 256), Tile(0, 256)]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.binary(max_size=300), max_size=20))
def test_bundles_are_read_as_they_are_written(leaves):
    """Any lengths."""
    assert parse_leaves(encode_leaves(leaves)) == leaves


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60))
def test_bundles_are_read_strictly(data):
    """What is read and written again is the same bytes, or is refused."""
    try:
        leaves = parse_leaves(data)
    except ValueError:
        return
    assert encode_leaves(leaves) == data


def test_roots_of_edges_are_those_of_the_second_implementation():
    """At every size to 300, and around a full tile of level 1."""
    leaves = [n.to_bytes(2, "big") for n in range(300)]
    hashes = list(map(leaf_hash, leaves))
    edge = Edge()
    for size, leaf in enumerate(leaves, 1):
        edge, _ = grow(edge, [leaf])
        assert (edge.size, edge.root()) == (size, oracle(hashes[:size]))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 700), min_size=1, max_size=4))
def test_any_steps_lead_to_the_same_tiles(steps):
    """One append or many: the same tree, the same files."""
    leaves = [n.to_bytes(3, "big") for n in range(sum(steps))]
    whole, tiles = grow(Edge(), leaves)
    edge, found = Edge(), {}
    for step in steps:
        edge, full = grow(edge, leaves[edge.size : edge.size + step])
        found.update(full)
    assert (edge, found) == (whole, tiles)


def test_the_tree_of_65537_leaves_has_a_second_and_a_third_level():
    """A full tile of level 1, its root in level 2, and one leaf at the edge."""
    edge, full = grow(Edge(), [n.to_bytes(3, "big") for n in range(65537)])
    assert len(full) == 256 + 256 + 1
    assert set(edge.partial()) == {Tile(ENTRIES, 256, 1), Tile(0, 256, 1), Tile(2, 0, 1)}
    assert edge.root() == oracle([leaf_hash(n.to_bytes(3, "big")) for n in range(65537)])


def paths(folder):
    return sorted(file.relative_to(folder).as_posix() for file in (folder / "tile").rglob("*") if file.is_file())


def test_what_older_heads_need_stays_until_the_tile_is_full(tmp_path):
    """Then the partial tiles go: whoever holds an older head finds its leaves in the full one."""
    log = FileLog.create(tmp_path / "log", ORIGIN)
    log.append([b"a"])
    log.append([b"b"] * 2)
    old = ["tile/0/000.p/1", "tile/0/000.p/3", "tile/entries/000.p/1", "tile/entries/000.p/3"]
    assert paths(tmp_path / "log") == old
    log.append([b"c"] * 300)
    full = ["tile/0/000", "tile/0/001.p/47", "tile/1/000.p/1", "tile/entries/000", "tile/entries/001.p/47"]
    assert paths(tmp_path / "log") == full
    assert not (tmp_path / "log/tile/0/000.p").exists()


@pytest.mark.parametrize("reopened", [True, False])
def test_what_a_process_that_died_did_not_remove_goes_with_the_next_append(tmp_path, reopened):
    """Beside full tiles nobody would compare it; at the edge it stays."""
    log = FileLog.create(tmp_path / "log", ORIGIN)
    log.append([b"a"] * 515)
    log.append([b"a"] * 85)
    left = [tmp_path / "log" / place for place in ("tile/entries/001.p/3", "tile/0/000.p/9")]
    for file in left:
        file.parent.mkdir()
        file.write_bytes(b"left behind")
    if reopened:
        log = FileLog.open(tmp_path / "log")
    else:
        (tmp_path / "log" / "lock").write_bytes(b"appending")
    log.append([b"b"])
    edge = [f"tile/{level}/002.p/{width}" for level in ("0", "entries") for width in (3, 88, 89)]
    assert [path for path in paths(tmp_path / "log") if ".p/" in path] == sorted([*edge, "tile/1/000.p/2"])
    assert not any(file.parent.exists() for file in left)


def test_an_append_that_ends_with_a_tile_leaves_no_empty_one(tmp_path):
    """Empty tiles must not be there."""
    log = FileLog.create(tmp_path / "log", ORIGIN)
    log.append([b"a"] * WIDTH)
    assert paths(tmp_path / "log") == ["tile/0/000", "tile/1/000.p/1", "tile/entries/000"]
    assert (tmp_path / "log/tile/0/000").stat().st_size == 8192


def test_leaves_are_read_across_tiles(tmp_path):
    """Any part of them."""
    log = FileLog.create(tmp_path / "log", ORIGIN)
    leaves = [str(n).encode() for n in range(600)]
    log.append(leaves)
    for start, end in ((0, 600), (255, 257), (256, 512), (511, 513), (599, 600), (3, 3)):
        assert log.leaves(start, end) == leaves[start:end]
