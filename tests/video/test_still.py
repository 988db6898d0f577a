"""Images: every common kind becomes upright 8-bit BGR, and every bad one a named error."""

from __future__ import annotations

import contextlib
import io
import os
import struct
import tracemalloc
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from video_clips import noise

from beholden.model.errors import BeholdenError, DecodeFailure, EmptyInput, InputTooLarge, MissingInput, NotMedia
from beholden.video.limits import Limits
from beholden.video.still import looks_still, read_still, still_from_array

PICTURE = cv2.GaussianBlur(noise(64, 48, seed=5), (9, 9), 0)
RGB = Image.fromarray(cv2.cvtColor(PICTURE, cv2.COLOR_BGR2RGB))


@pytest.mark.parametrize(
    ("name", "options", "tolerance"),
    [
        ("a.png", {}, 0),
        ("a.bmp", {}, 0),
        ("a.tiff", {}, 0),
        ("a.ppm", {}, 0),
        ("a.jpg", {"quality": 95}, 12),
        ("a.webp", {"lossless": True}, 0),
        ("a.avif", {"quality": 95}, 12),
    ],
)
def test_each_format_gives_the_picture_in_bgr(tmp_path: Path, name: str, options: dict, tolerance: int) -> None:
    """The colours of a known picture, channel by channel; the name's suffix does not matter."""
    RGB.save(tmp_path / name, **options)
    (tmp_path / name).rename(tmp_path / "no_suffix")
    assert looks_still((tmp_path / "no_suffix").read_bytes()[:32])
    pixels = read_still(tmp_path / "no_suffix")
    assert pixels.dtype == np.uint8
    assert not pixels.flags.writeable
    assert np.abs(pixels.astype(int) - PICTURE).mean(axis=(0, 1)).max() <= tolerance


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(tmp_path: Path, orientation: int) -> None:
    """Each of the eight orientations gives the same upright picture."""
    undo = {
        1: lambda p: p,
        2: np.fliplr,
        3: lambda p: np.rot90(p, 2),
        4: np.flipud,
        5: lambda p: np.fliplr(np.rot90(p, 3)),
        6: lambda p: np.rot90(p, 1),
        7: lambda p: np.fliplr(np.rot90(p, 1)),
        8: lambda p: np.rot90(p, 3),
    }
    stored = np.ascontiguousarray(undo[orientation](np.asarray(RGB)))
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(stored).save(tmp_path / "a.png", exif=exif)
    assert np.array_equal(read_still(tmp_path / "a.png"), PICTURE)


def test_grey_palette_and_cmyk_become_bgr(tmp_path: Path) -> None:
    """Three equal channels for grey; near the original for palette and CMYK."""
    RGB.convert("L").save(tmp_path / "grey.png")
    RGB.convert("1").save(tmp_path / "one.png")
    RGB.quantize(256).save(tmp_path / "palette.png")
    RGB.convert("CMYK").save(tmp_path / "cmyk.jpg", quality=98)
    grey = read_still(tmp_path / "grey.png")
    assert np.array_equal(grey[..., 0], grey[..., 2])
    assert grey.shape == PICTURE.shape
    assert read_still(tmp_path / "one.png").shape == PICTURE.shape
    assert np.abs(read_still(tmp_path / "palette.png").astype(int) - PICTURE).mean() < 6
    assert np.abs(read_still(tmp_path / "cmyk.jpg").astype(int) - PICTURE).mean() < 8


@pytest.mark.parametrize("name", ["deep.png", "deep.tiff", "deep.pgm"])
def test_sixteen_bits_are_scaled_not_cut(tmp_path: Path, name: str) -> None:
    """0, half and full of 16 bits are 0, 128 and 255."""
    deep = np.array([[0, 32896, 65535]] * 3, np.uint16)
    cv2.imwrite(str(tmp_path / name), deep)
    assert read_still(tmp_path / name)[0, :, 0].tolist() == [0, 128, 255]


def test_sixteen_bit_colour_keeps_its_channels(tmp_path: Path) -> None:
    """A 48-bit PNG is its 8-bit picture."""
    cv2.imwrite(str(tmp_path / "a.png"), PICTURE.astype(np.uint16) * 257)
    assert np.abs(read_still(tmp_path / "a.png").astype(int) - PICTURE).max() <= 1


def test_transparency_is_laid_on_white(tmp_path: Path) -> None:
    """Clear is white, opaque is itself, in RGBA and in grey with alpha."""
    clear = np.dstack([np.full((4, 4, 3), 10, np.uint8), np.array([[0, 0, 255, 255]] * 4, np.uint8)])
    Image.fromarray(clear).save(tmp_path / "a.png")
    Image.fromarray(clear).convert("LA").save(tmp_path / "b.png")
    for name in ("a.png", "b.png"):
        assert read_still(tmp_path / name)[0, :, 1].tolist() == [255, 255, 10, 10]


def png_header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    body = chunk(b"IDAT", zlib.compress(bytes(100_000)))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        + body
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("side", [11_000, 50_000])
def test_an_image_bomb_is_refused_by_its_header(tmp_path: Path, side: int) -> None:
    """Hundreds of millions of pixels in a few bytes: refused, and no memory taken for them."""
    bomb = tmp_path / "bomb.png"
    bomb.write_bytes(png_header(side, side))
    assert bomb.stat().st_size < 5000
    tracemalloc.start()
    with pytest.raises(InputTooLarge, match="million pixels"):
        read_still(bomb)
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


def test_too_many_bytes_are_refused(tmp_path: Path) -> None:
    """The limit on bytes is looked at before anything is read."""
    RGB.save(tmp_path / "a.bmp")
    with pytest.raises(InputTooLarge, match="MB"):
        read_still(tmp_path / "a.bmp", Limits(max_bytes=1000))


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.tiff", "a.bmp", "a.ppm"])
def test_a_truncated_image_is_a_decode_failure(tmp_path: Path, name: str) -> None:
    """Half of the bytes: never half of a picture."""
    RGB.save(tmp_path / name)
    data = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(data[: len(data) // 2])
    with pytest.raises((DecodeFailure, NotMedia)):
        read_still(tmp_path / name)


@pytest.mark.parametrize("content", [b"text, no picture", b"%PDF-1.7 ...", b"GIF89a" + bytes(50), b"\0" * 500])
def test_what_is_no_image_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    """Text, PDF, zeros and formats that are not read."""
    (tmp_path / "a.jpg").write_bytes(content)
    with pytest.raises(NotMedia):
        read_still(tmp_path / "a.jpg")


def test_missing_empty_and_forbidden_files_have_their_own_errors(tmp_path: Path) -> None:
    """No such file, no bytes, a folder, a pipe."""
    with pytest.raises(MissingInput, match="no such file"):
        read_still(tmp_path / "gone.jpg")
    (tmp_path / "empty.jpg").touch()
    with pytest.raises(EmptyInput):
        read_still(tmp_path / "empty.jpg")
    with pytest.raises(MissingInput):
        read_still(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(MissingInput, match="not a file"):
        read_still(tmp_path / "pipe")


def test_a_file_without_permission_is_missing_input(tmp_path: Path) -> None:
    """Permission is named in the message. Root may read everything, so it becomes nobody for a moment."""
    RGB.save(tmp_path / "a.png")
    (tmp_path / "a.png").chmod(0)
    me = os.geteuid()
    try:
        if me == 0:
            os.seteuid(65534)
        with pytest.raises(MissingInput, match="Permission"):
            read_still(tmp_path / "a.png")
    finally:
        os.seteuid(me)


def saved(kind: str) -> bytes:
    buffer = io.BytesIO()
    RGB.save(buffer, kind)
    return buffer.getvalue()


KINDS = {kind: saved(kind) for kind in ("PNG", "JPEG", "TIFF", "WEBP", "BMP", "PPM")}


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from(sorted(KINDS)),
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=8),
)
def test_no_damage_raises_a_foreign_error(
    tmp_path_factory: pytest.TempPathFactory, kind: str, flips: list[tuple[int, int]]
) -> None:
    """Any bytes changed: a picture, or one of our errors."""
    data = bytearray(KINDS[kind])
    for at, value in flips:
        data[at % len(data)] = value
    path = tmp_path_factory.getbasetemp() / "flipped"
    path.write_bytes(data)
    with contextlib.suppress(BeholdenError):
        assert read_still(path, Limits(max_pixels=10_000)).ndim == 3


@pytest.mark.parametrize(
    ("array", "first"),
    [
        (np.full((4, 5, 3), (1, 2, 3), np.uint8), [1, 2, 3]),
        (np.full((4, 5), 7, np.uint8), [7, 7, 7]),
        (np.full((4, 5, 1), 7, np.uint8), [7, 7, 7]),
        (np.full((4, 5), 65535, np.uint16), [255, 255, 255]),
        (np.full((8, 10, 3), 9, np.uint8)[::2, ::2], [9, 9, 9]),
    ],
)
def test_an_array_becomes_its_own_read_only_picture(array: np.ndarray, first: list[int]) -> None:
    """Grey, 16 bits and strided arrays; the caller's array is not kept."""
    pixels = still_from_array(array)
    assert pixels.shape == (4, 5, 3)
    assert pixels[0, 0].tolist() == first
    assert not pixels.flags.writeable
    assert not np.shares_memory(pixels, array)
    assert array.flags.writeable


@pytest.mark.parametrize(
    ("array", "error"),
    [
        (np.zeros((4, 5, 4), np.uint8), NotMedia),
        (np.zeros((4, 5, 3), np.float32), NotMedia),
        (np.zeros((3,), np.uint8), NotMedia),
        (np.zeros((0, 5, 3), np.uint8), EmptyInput),
        ([[1, 2]], NotMedia),
    ],
)
def test_an_array_that_is_no_picture_is_refused_with_advice(array: object, error: type[BeholdenError]) -> None:
    """Four channels, floats, a row, nothing, a list."""
    with pytest.raises(error) as raised:
        still_from_array(array)
    assert "uint8" in raised.value.one_line()
