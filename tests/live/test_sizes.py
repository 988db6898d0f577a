"""What the sizes of packets tell of a scene that nobody decodes."""

from __future__ import annotations

from beholden.video.camera.sizes import RUN, Sizes


def taught(sizes: list[int], key: int = 100_000, groups: int = 4) -> Sizes:
    """After so many still groups of these packets."""
    told = Sizes()
    for _ in range(groups):
        told.begins(key, still=True)
        for size in sizes:
            told.passed(size)
    told.begins(key, still=True)
    return told


def test_packets_like_those_before_are_nothing_new() -> None:
    """Noise makes one of them larger now and then."""
    told = taught([100, 120, 90, 300, 110] * 5)
    for size in [90, 100, 310, 115, 120] * 5:
        assert not told.large(size)
        told.passed(size)


def test_a_packet_much_larger_than_any_is_suspicious() -> None:
    """Somebody near, or a light."""
    assert taught([100, 120, 90, 300, 110] * 5).large(600)


def test_a_run_of_packets_a_little_larger_is_suspicious() -> None:
    """Somebody far away: no packet is larger than all, but one after the other is larger than most."""
    told = taught([100, 120, 90, 300, 110] * 5)
    for _ in range(RUN - 1):
        assert not told.large(250)
        told.passed(250)
    assert told.large(250)


def test_sizes_tell_where_next_to_nothing_is_spent_on_a_still_scene() -> None:
    """Against a keyframe, which holds the whole scene."""
    assert taught([100] * 24).telling
    assert not taught([5000] * 24).telling
    assert not taught([100] * 24, key=2000).telling


def test_without_still_groups_they_tell_nothing_and_everything_is_suspicious() -> None:
    """Nothing is known of this stream."""
    told = Sizes()
    for _ in range(6):
        told.begins(100_000, still=False)
        for _ in range(24):
            told.passed(100)
    assert not told.telling
    assert told.large(1)


def test_groups_in_which_something_moved_teach_nothing() -> None:
    """Else somebody who stays for long would be what is usual."""
    told = taught([100] * 24)
    for _ in range(2):
        for size in [9000] * 24:
            told.passed(size)
        told.begins(100_000, still=False)
    assert told.telling
    assert told.large(9000)


def test_the_newest_group_teaches_nothing_yet() -> None:
    """Whoever looks may say in a moment that somebody was in it."""
    told = taught([100] * 24)
    for size in [9000] * 24:
        told.passed(size)
    told.begins(100_000, still=True)
    assert told.telling
    told.begins(100_000, still=True)
    assert not told.telling
