"""Colours and cuts: red stays red, and a cut is the same picture as the whole."""

from __future__ import annotations

import functools
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.reformatter import ColorRange, Colorspace
from hypothesis import given, settings
from hypothesis import strategies as st
from video_clips import CAMERA, STARTED, noise, write_clip

from beholden.model.frame import Frame
from beholden.video.picture import FilmDetail, Shrinker, fit
from beholden.video.source import open_source

X264 = {"preset": "veryfast", "crf": "4", "x264-params": "log-level=none"}
COLOURS = [
    (0, 0, 255),
    (0, 255, 0),
    (255, 0, 0),
    (255, 255, 255),
    (0, 0, 0),
    (40, 160, 220),
    (200, 90, 30),
    (128, 128, 128),
]


def chart() -> np.ndarray:
    """Eight patches of 160x180 in two rows, BGR."""
    rows = [np.hstack([np.full((180, 160, 3), colour, np.uint8) for colour in COLOURS[n : n + 4]]) for n in (0, 4)]
    return np.vstack(rows)


def to_yuv(space: Colorspace, extent: ColorRange, frame: av.VideoFrame, form: str = "yuv420p") -> av.VideoFrame:
    return frame.reformat(format=form, dst_colorspace=space, dst_color_range=extent)


def first_frame(path: Path) -> Frame:
    with open_source(path, camera=CAMERA, started_at=STARTED, analysis=(320, 180)) as source:
        return next(source.frames())


@pytest.mark.parametrize(
    ("space", "extent", "tags"),
    [
        (Colorspace.ITU709, ColorRange.MPEG, (1, 1)),
        (Colorspace.ITU709, ColorRange.JPEG, (1, 2)),
        (Colorspace.ITU601, ColorRange.MPEG, (6, 1)),
        (Colorspace.ITU601, ColorRange.JPEG, (6, 2)),
    ],
)
def test_a_colour_chart_comes_back_in_the_right_channels(
    tmp_path: Path, space: Colorspace, extent: ColorRange, tags: tuple[int, int]
) -> None:
    """Golden: every patch of a chart through H.264, small and cut, for both matrices and ranges."""
    prepare = functools.partial(to_yuv, space, extent)
    write_clip(tmp_path / "c.mp4", [chart()] * 2, options=X264, prepare=prepare, tags=tags)
    frame = first_frame(tmp_path / "c.mp4")
    for number, colour in enumerate(COLOURS):
        x, y = 160 * (number % 4), 180 * (number // 4)
        small = frame.pixels[y // 2 + 30 : y // 2 + 60, x // 2 + 25 : x // 2 + 55].reshape(-1, 3).mean(0)
        cut = frame.detail.crop(x + 50, y + 50, x + 110, y + 130).reshape(-1, 3).mean(0)
        assert np.abs(small - colour).max() <= 5, (colour, small)
        assert np.abs(cut - colour).max() <= 5, (colour, cut)


@functools.cache
def decoded(form: str, width: int, height: int, space: int, extent: int) -> av.VideoFrame:
    frame = av.VideoFrame.from_ndarray(noise(width, height, seed=3, block=5), format="bgr24")
    return frame.reformat(format=form, dst_colorspace=space, dst_color_range=extent)


@settings(max_examples=60, deadline=None)
@given(
    form=st.sampled_from(["yuv420p", "yuvj420p", "nv12", "yuv422p", "yuv444p", "gray", "yuv420p10le", "bgra"]),
    size=st.sampled_from([(64, 48), (130, 98), (65, 49)]),
    space=st.sampled_from([1, 5]),
    rotation=st.sampled_from([0, 90, -90, 180]),
    corners=st.tuples(*[st.floats(0, 1)] * 4),
)
def test_a_cut_equals_the_same_part_of_the_whole(
    form: str, size: tuple[int, int], space: int, rotation: int, corners: tuple[float, float, float, float]
) -> None:
    """Any region of any pixel format, turned or not, within 2 levels of cutting the full conversion."""
    extent = 2 if form in {"yuvj420p", "gray", "bgra"} else 1
    detail = FilmDetail(decoded(form, *size, space, extent), rotation)
    width, height = detail.size
    left, right = sorted((int(corners[0] * (width - 1)), int(corners[1] * (width - 1))))
    top, bottom = sorted((int(corners[2] * (height - 1)), int(corners[3] * (height - 1))))
    whole = detail.frame.to_ndarray(format="bgr24")
    whole = np.rot90(whole, {0: 0, 90: 1, 180: 2, -90: 3}[rotation])
    cut = detail.crop(left, top, right + 1, bottom + 1)
    assert cut.flags.owndata or cut.base is not detail.frame
    difference = np.abs(cut.astype(int) - whole[top : bottom + 1, left : right + 1])
    assert difference.max() <= 2


@pytest.mark.parametrize("region", [(-1, 0, 5, 5), (0, 0, 65, 5), (5, 5, 5, 9), (0, 40, 9, 49)])
def test_a_cut_outside_the_picture_is_refused(region: tuple[int, int, int, int]) -> None:
    """Never a silent smaller crop."""
    with pytest.raises(ValueError, match="not inside 64x48"):
        FilmDetail(decoded("yuv420p", 64, 48, 1, 1), 0).crop(*region)


@pytest.mark.parametrize("form", ["yuv420p", "yuvj420p", "nv12", "yuv422p", "yuv420p10le", "gray", "bgra"])
def test_shrinking_is_averaging(form: str) -> None:
    """A small picture is what averaging the full one gives, in every pixel format."""
    source = np.dstack([np.tile(np.linspace(20, 230, 480, dtype=np.uint8), (240, 1)) for _ in range(3)])
    frame = av.VideoFrame.from_ndarray(source, format="bgr24").reformat(
        format=form, dst_colorspace=1, dst_color_range=2 if form in {"yuvj420p", "gray", "bgra"} else 1
    )
    small = Shrinker().bgr(frame, 160, 80)
    expected = source.reshape(80, 3, 160, 3, 3).mean((1, 3))
    assert np.abs(small - expected).max() <= 6


@given(st.integers(1, 9000), st.integers(1, 9000), st.integers(2, 2000), st.integers(2, 2000))
def test_fit_is_inside_the_box_and_never_larger(width: int, height: int, box_w: int, box_h: int) -> None:
    """The box and the own size are both bounds (to the even pixel), and the shape is kept."""
    w, h = fit((width, height), (box_w, box_h))
    assert w <= max(2, box_w + 1)
    assert h <= max(2, box_h + 1)
    assert (w, h) == (width, height) or (w % 2 == 0 and h % 2 == 0)
    assert fit((width, height), None) == (width, height)
