"""A camera that rests decodes only keyframes, and misses nothing that the full mode sees."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import cast

import av
import numpy as np
import pytest

from beholden.model.camera import Zone
from beholden.model.frame import Frame, Pixels
from beholden.video.camera.idle import MOST_BYTES, Idle, Resting, Step
from beholden.video.camera.kept import Kept
from beholden.video.change import averaged, differ
from beholden.video.cover import FILL
from tests.live.clips import plain, write_pictures
from tests.live.feeds import Joined, packet_of
from tests.live.resting import (
    FPS,
    Told,
    Visit,
    Watch,
    backdrop,
    clip,
    noisy,
    packets,
    random_visits,
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


def unlike(frames: list[Frame], picture: Pixels) -> dict[float, Frame]:
    """The frames that differ from a picture by the gate's own rule, by offset."""
    grey = averaged(picture)
    return {round(one.offset_s, 4): one for one in frames if differ(averaged(one.pixels), grey)}


def missed(full: Watch, idle: Watch) -> list[float]:
    """Offsets of frames that the full mode took for movement, or that show more than the still scene, and idle has
    not, or not the same."""
    still = full.shown[0].pixels
    moving = {offset for offset, moved in zip(full.offsets, full.moved, strict=True) if moved}
    moving |= unlike(full.shown, still).keys()
    found = dict(zip(idle.offsets, idle.shown, strict=True))
    pixels = dict(zip(full.offsets, full.shown, strict=True))
    return sorted(one for one in moving if one not in found or (found[one].pixels != pixels[one].pixels).any())


# ----- nothing is missed


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("lag", [0, 2])
def test_nothing_that_moves_is_missed(seed: int, lag: int, folder: Path) -> None:
    """Squares of any size come at any moment, also for a fourth of a second between two keyframes: every frame of the
    full mode that shows one is there, to the pixel, also when whoever looks is some frames behind."""
    visits = random_visits(seed, 60)
    path = clip(folder / f"visits-{seed}.h264", scene(60, visits))
    full, idle = watch(Joined([path], fps=FPS), Resting.NEVER), watch(Joined([path], fps=FPS), lag=lag)
    surprised = [visit for visit in visits if visit.first < len(idle.resting) and idle.resting[visit.first - 1]]
    assert len(surprised) >= 3
    assert any(visit.last - visit.first < FPS for visit in surprised)
    assert unlike(full.shown, full.shown[0].pixels)
    assert missed(full, idle) == []
    assert len(idle.shown) < 0.8 * len(full.shown)


def test_frames_come_in_order_and_as_they_would_have_come(folder: Path) -> None:
    """Offsets only go up, numbers have no gap, and all are moments of the full mode or of a keyframe."""
    visits = random_visits(7, 40)
    path = clip(folder / "order.h264", scene(40, visits))
    full, idle = watch(Joined([path], fps=FPS), Resting.NEVER), watch(Joined([path], fps=FPS))
    assert idle.rested
    assert idle.offsets == sorted(set(idle.offsets))
    assert [frame.index for frame in idle.shown] == list(range(len(idle.shown)))
    assert set(idle.offsets) <= set(full.offsets)
    assert [frame.cut for frame in idle.shown] == [True] + [False] * (len(idle.shown) - 1)


def test_a_keyframe_that_shows_somebody_brings_the_frames_before_it(folder: Path) -> None:
    """Where sizes tell nothing, who came in half a second before a keyframe is seen on the way."""
    noise = np.random.default_rng(1)
    visit = Visit(12 * FPS + 12, 14 * FPS)
    pictures = [noisy(picture, noise) for picture in scene(15, [visit])]
    path = clip(folder / "between.h264", pictures, crf="16")
    full = watch(Joined([path], fps=FPS), Resting.NEVER)
    idle = watch(Joined([path], fps=FPS), Resting.ALWAYS)
    assert idle.resting[visit.first + 1]
    assert not idle.resting[13 * FPS]
    shown = unlike(full.shown, backdrop())
    assert min(shown) < 13 < max(shown)
    assert shown.keys() <= set(idle.offsets)
    assert any(idle.late)


def test_while_nothing_moves_a_frame_comes_with_each_keyframe(still: Path) -> None:
    """One a second instead of five; every packet is counted as read, every frame as analysed."""
    idle = watch(Joined([still], fps=FPS))
    began = idle.resting.index(True)
    offsets = [
        offset for offset, late in zip(idle.offsets, idle.late, strict=True) if offset > began / FPS and not late
    ]
    assert offsets == [float(second) for second in range(began // FPS + 1, STILL_S)]
    assert idle.frames.read == STILL_S * FPS
    assert idle.frames.analysed == len(idle.shown)
    assert idle.frames.last is not None
    assert idle.frames.last.offset_s == pytest.approx((STILL_S * FPS - 1) / FPS)  # the end brings what waited


def test_hevc_rests_and_wakes_as_well(folder: Path) -> None:
    """Its keyframes are told apart in another way."""
    path = folder / "visit.hevc"
    params = "keyint=25:min-keyint=25:bframes=0:open-gop=0:log-level=none"
    visit = Visit(12 * FPS + 6, 12 * FPS + 18)
    write_pictures(path, scene(15, [visit]), FPS, "libx265", {"x265-params": params})
    full, idle = watch(Told(path, codec="hevc"), Resting.NEVER), watch(Told(path, codec="hevc"))
    assert idle.resting[visit.first - 1]
    assert len(unlike(full.shown, full.shown[0].pixels)) >= 2
    assert missed(full, idle) == []


# ----- damage, zones, memory


def test_what_is_not_decoded_is_no_damage(still: Path) -> None:
    """The numbers of the pictures that wait are not missing."""
    idle = watch(Joined([still], fps=FPS))
    assert idle.rested
    decoder = idle.frames._decoder
    assert decoder is not None
    assert decoder.damaged == 0


def test_a_picture_that_was_lost_meanwhile_hides_as_much_as_ever(folder: Path) -> None:
    """After it nothing of its group is shown, by the full mode neither; the next keyframe is."""
    visit = Visit(12 * FPS + 14, 14 * FPS)
    path = clip(folder / "lossy.h264", scene(17, [visit]))
    lost = (12 * FPS + 6,)
    full = watch(Joined([path], fps=FPS, lose=lost), Resting.NEVER)
    idle = watch(Joined([path], fps=FPS, lose=lost))
    assert idle.resting[12 * FPS + 10]
    assert 13.0 in unlike(full.shown, backdrop())
    assert missed(full, idle) == []
    assert not [offset for offset in idle.offsets if 12.3 < offset < 12.99]


def test_zones_are_filled_and_what_moves_in_them_wakes_nobody(folder: Path) -> None:
    """They are filled in before anything is compared."""
    zone = Zone(((0.0, 0.3), (1.0, 0.3), (1.0, 0.7), (0.0, 0.7)))
    noise = np.random.default_rng(3)
    path = clip(folder / "zoned.h264", [noisy(one, noise) for one in scene(18, [Visit(0, 450)])], crf="16")
    idle = watch(Joined([path], fps=FPS), Resting.ALWAYS, zones=[zone])
    assert all(idle.resting[12 * FPS : -1])
    assert all((frame.pixels[80:160] == FILL).all() for frame in idle.shown)
    assert not watch(Joined([path], fps=FPS), Resting.ALWAYS).rested


@dataclass
class Picture:
    """All that `Idle` wants to know of one."""

    pts: int


def test_what_waits_is_bounded() -> None:
    """More than its share is not kept: the camera wakes, and nothing is lost."""
    idle, size = Idle(Resting.ALWAYS), MOST_BYTES // 10 + 1
    idle.begin_again("h264", None)
    number, step = 0, Step.DECODE
    while step is Step.DECODE:
        packet = packet_of(b"\0\0\1\x65" + bytes(size), number % FPS == 0, number, FPS)
        step = idle.step(packet, number / FPS, jumped=False)
        idle.looked(number / FPS, still=number > 0)
        if idle.decoded(packet, number / FPS, cast("list[av.VideoFrame]", [Picture(number)]), needed=True):
            idle.rest(Kept.of(packet, number / FPS, number / FPS), plain((9, 9, 9)))
            break
        number += 1
    steps: list[Step] = []
    while not steps or steps[-1] is Step.KEEP:
        number += 1
        packet = packet_of(bytes(size), False, number, FPS)
        steps.append(idle.step(packet, number / FPS, jumped=False))
        if steps[-1] is Step.KEEP:
            idle.keep(Kept.of(packet, number / FPS, number / FPS))
    assert steps == [Step.KEEP] * 8 + [Step.WAKE]
    assert len(idle.wake()) == 9


def test_what_waits_is_let_go_with_the_next_keyframe(still: Path) -> None:
    """A group at a time, and each packet a copy that is tied to no connection."""
    idle = watch(Joined([still], fps=FPS))
    sizes = [packet.size for packet in packets(still)]
    largest = max(sum(sizes[at : at + FPS]) for at in range(0, len(sizes), FPS))
    assert 0 < max(idle.kept) <= largest
