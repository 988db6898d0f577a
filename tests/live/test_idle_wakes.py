"""Which cameras never rest, and what wakes one that does."""

from __future__ import annotations

import random
from pathlib import Path

import av
import numpy as np
import pytest

from beholden.video.camera.feed import Arrival
from beholden.video.camera.idle import GROUPS, Resting
from tests.live.feeds import Joined, packet_of
from tests.live.resting import (
    FPS,
    Told,
    clip,
    frames_of,
    noisy,
    scene,
    watch,
)

STILL_S = 14
"""Long enough for a camera to come to rest."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("resting")


@pytest.fixture(scope="module")
def still(folder: Path) -> Path:
    return clip(folder / "still.h264", scene(STILL_S))


# ----- who never rests


def test_without_keyframes_every_second_it_never_rests(folder: Path) -> None:
    """Who comes would be seen too late."""
    for group in (30, 100):
        path = clip(folder / f"group-{group}.h264", scene(STILL_S), group=group)
        assert not watch(Joined([path], fps=FPS), Resting.ALWAYS).rested


def test_with_reordered_pictures_it_never_rests(folder: Path) -> None:
    """A keyframe by itself would not come out at once, and what follows it may reach over it."""
    path = clip(folder / "reordered.h264", scene(STILL_S), bf="2", b_adapt="0")
    with av.open(str(path)) as container:
        assert any(frame.pict_type == av.video.frame.PictureType.B for frame in container.decode(video=0))
    assert not watch(Told(path), Resting.ALWAYS).rested


def test_with_gradual_refresh_it_never_rests(folder: Path) -> None:
    """Its keyframes are flagged, and are none."""
    params = {"x264-params": "intra-refresh=1:keyint=25:bframes=0"}
    path = clip(folder / "refresh.h264", scene(STILL_S), **params)
    with av.open(str(path)) as container:
        assert sum(packet.is_keyframe for packet in container.demux(video=0)) > 5
    assert not watch(Joined([path], fps=FPS), Resting.ALWAYS).rested


def test_a_stream_of_keyframes_alone_never_rests(folder: Path) -> None:
    """There is nothing between them to be spared."""
    path = clip(folder / "keys.h264", scene(STILL_S), group=1)
    assert not watch(Joined([path], fps=FPS)).rested


def test_where_noise_is_encoded_it_rests_only_if_always_is_set(folder: Path) -> None:
    """There sizes do not tell of somebody who crosses between two keyframes."""
    noise = np.random.default_rng(2)
    path = clip(folder / "noise.h264", [noisy(picture, noise) for picture in scene(STILL_S)], crf="16")
    assert not watch(Joined([path], fps=FPS), Resting.CAREFUL).rested
    assert watch(Joined([path], fps=FPS), Resting.ALWAYS).rested
    assert not watch(Joined([path], fps=FPS), Resting.NEVER).rested


def test_where_nobody_says_that_nothing_moves_it_never_rests(still: Path) -> None:
    """No news is no peace."""
    feed, frames = Joined([still], fps=FPS), frames_of(Resting.ALWAYS)
    shown = [live for arrival in feed.arrivals() for live in frames.take(feed, arrival)]
    assert len(shown) == 5 * STILL_S


def test_while_somebody_is_followed_it_never_rests(still: Path) -> None:
    """Also if they do not move."""
    feed, frames = Joined([still], fps=FPS), frames_of(Resting.ALWAYS)
    for arrival in feed.arrivals():
        for live in frames.take(feed, arrival):
            frames.looked(live.frame.offset_s, still=False)
        assert not frames._idle.resting


# ----- what wakes it


def test_what_whoever_looks_sees_wakes_it(still: Path) -> None:
    """Word of a frame that was on its way when the camera came to rest: what was kept since is delivered."""
    feed, frames, told = Joined([still], fps=FPS), frames_of(Resting.CAREFUL), False
    for number, arrival in enumerate(feed.arrivals()):
        found = list(frames.take(feed, arrival))
        if told:
            assert [round(live.frame.offset_s, 3) for live in found if live.late] == [
                round(number // FPS + part / 5, 3) for part in range(1, 4)
            ]
            assert not frames._idle.resting
            return
        for live in found:
            frames.looked(live.frame.offset_s, still=True)
        if frames._idle.resting and number % FPS == 15:
            frames.looked(number / FPS, still=False)
            told = True
    raise AssertionError("it never rested")


def test_a_keyframe_that_does_not_come_wakes_it(still: Path) -> None:
    """It was lost, or the camera sends fewer from now on: until it has been right for a while, all is decoded."""
    at = 11 * FPS
    idle = watch(Joined([still], fps=FPS, lose=(at,)))
    assert idle.resting[at + 1]
    assert not any(idle.resting[at + 3 : -1])


def test_a_packet_flagged_as_broken_wakes_it(still: Path) -> None:
    """From then on everything is decoded until it has been whole for a while."""
    at = 13 * FPS + 5
    idle = watch(Told(still, broken={at}))
    assert idle.resting[at - 1]
    assert not any(idle.resting[at : at + GROUPS * FPS])


def test_a_clock_that_was_set_wakes_it_and_the_cut_comes_after_what_was_kept(still: Path) -> None:
    """What was kept has its own times, and continues what was before."""
    at = 12 * FPS + 12
    idle = watch(Told(still, jump=at))
    assert idle.resting[at - 1]
    cut = [number for number, frame in enumerate(idle.shown) if frame.cut]
    assert cut[0] == 0
    assert idle.offsets == sorted(set(idle.offsets))
    before = [frame.offset_s for frame, late in zip(idle.shown, idle.late, strict=True) if late and not frame.cut]
    assert [round(offset, 2) for offset in before[:2]] == [12.2, 12.4]
    assert all(idle.shown[one].offset_s >= at / FPS - 0.01 for one in cut[1:])


def test_a_connection_that_ends_brings_what_was_kept(still: Path) -> None:
    """Somebody may have cut the cable: the last moments before it are looked at."""
    feed, frames = Joined([still], fps=FPS), frames_of(Resting.CAREFUL)
    for number, arrival in enumerate(feed.arrivals()):
        for live in frames.take(feed, arrival):
            frames.looked(live.frame.offset_s, still=True)
        if number == 12 * FPS + 15:
            break
    assert frames._idle.resting
    assert [round(live.frame.offset_s, 2) for live in frames.lost()] == [12.2, 12.4, 12.6]
    assert list(frames.lost()) == []


def test_a_new_connection_begins_anew(still: Path) -> None:
    """Nothing of the one before is decoded into it, and it has to be still for a while again."""
    first, second = watch(Joined([still], fps=FPS)), Joined([still], fps=FPS)
    arrivals = [Arrival(one.packet, one.arrived_s + 100, one.begins) for one in second.arrivals() if one.packet.size]
    first.frames._idle.looked(99.0, still=True)
    (live,) = first.frames.take(second, arrivals[0])
    assert live.frame.cut
    assert not first.frames._idle.resting
    assert (live.frame.pixels == first.shown[0].pixels).all()


def test_broken_packets_end_nothing_while_it_rests(folder: Path) -> None:
    """Bytes that were changed, packets cut short: no error, and frames in order."""
    path = clip(folder / "broken.h264", scene(40))
    rested = 0
    for seed in range(3):
        chance, feed, frames = random.Random(seed), Told(path), frames_of(Resting.ALWAYS)
        offsets: list[float] = []
        for arrival in feed.arrivals():
            for live in frames.take(feed, spoiled(arrival, chance)):
                offsets.append(live.frame.offset_s)
                frames.looked(live.frame.offset_s, still=len(offsets) % 60 > 1)
            rested += frames._idle.resting
        assert offsets == sorted(set(offsets))
    assert rested > FPS


def spoiled(arrival: Arrival, chance: random.Random) -> Arrival:
    """One in a hundred with a bit changed, and cut short."""
    if chance.random() >= 0.01:
        return arrival
    broken = bytearray(bytes(arrival.packet))
    broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
    del broken[chance.randrange(1, len(broken) + 1) :]
    packet = packet_of(bytes(broken), arrival.packet.is_keyframe, arrival.packet.pts or 0, FPS)
    return Arrival(packet, arrival.arrived_s, arrival.begins)
