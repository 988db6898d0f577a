"""One image file as pixels: checked by its header before it is decoded, turned upright, made BGR."""

from __future__ import annotations

import os
import stat
import threading
import warnings
from pathlib import Path
from typing import BinaryIO

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from beholden.model.errors import DecodeFailure, EmptyInput, InputTooLarge, MissingInput, NotMedia
from beholden.model.frame import Pixels
from beholden.video.limits import Limits

_FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "PPM", "AVIF")
_DEEP = {"I;16", "I;16L", "I;16B", "I;16N", "I"}
_warnings = threading.Lock()  # the warning filters are the process's, and cameras have threads


def looks_still(head: bytes) -> bool:
    """Whether the first 16 or more bytes of a file are those of an image format that `read_still` reads."""
    if head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\0", b"MM\0*")):
        return True
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return True
    if head[4:12] in {b"ftypavif", b"ftypavis"}:
        return True
    if head[:2] == b"BM" and head[6:10] == b"\0\0\0\0":
        return True
    return head[:1] == b"P" and head[1:2] in b"123456" and head[2:3].isspace()


def open_file(path: Path) -> tuple[BinaryIO, int]:
    """A regular file opened for reading, and its size in bytes.

    Raises MissingInput (no such file, no permission, not a file) and EmptyInput.
    """
    try:
        # A pipe or a device would block or never end: look before opening.
        if not stat.S_ISREG(path.stat().st_mode):
            raise MissingInput(f"{path}: not a file", advice="Give the path of a file or a folder, not an address.")
        file = path.open("rb")
    except FileNotFoundError as error:
        raise MissingInput(f"{path}: no such file", advice="Give the path of a file, not an address.") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise MissingInput(f"{path}: cannot be read ({reason})") from error
    size = os.fstat(file.fileno()).st_size
    if size == 0:
        file.close()
        raise EmptyInput(f"{path}: the file is empty")
    return file, size


def read_still(path: Path | str, limits: Limits | None = None) -> Pixels:
    """The image at `path`: HxWx3 uint8 BGR, read-only, upright (EXIF orientation applied).

    JPEG, PNG, WebP, BMP, TIFF, PBM/PGM/PPM, AVIF; of an animation or a multi-page file the first
    picture. Grey, palette, CMYK and 16 bits per channel become 8-bit BGR; transparency is laid on
    white. Raises MissingInput, EmptyInput, InputTooLarge (by the header, before memory is taken),
    NotMedia, DecodeFailure (truncated or damaged).
    """
    path = Path(path)
    limits = limits or Limits()
    file, size = open_file(path)
    with file:
        return _decode(path, file, size, limits)


def _decode(path: Path, file: BinaryIO, size: int, limits: Limits) -> Pixels:
    if size > limits.max_bytes:
        raise InputTooLarge(f"{path}: {size / 1e6:.0f} MB is past the limit of {limits.max_bytes / 1e6:.0f} MB")
    try:
        with _warnings, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of size and odd metadata; the check below decides
            image = Image.open(file, formats=_FORMATS)
    except Image.DecompressionBombError as error:
        raise InputTooLarge(f"{path}: past the limit of {limits.max_pixels / 1e6:.0f} million pixels") from error
    except UnidentifiedImageError as error:
        raise NotMedia(f"{path}: not an image that can be read") from error
    except Exception as error:  # a crafted header makes Pillow's parsers raise anything
        raise DecodeFailure(f"{path}: the image's header is damaged") from error
    if image.width * image.height > limits.max_pixels:
        raise InputTooLarge(
            f"{path}: {image.width}x{image.height} is past the limit of {limits.max_pixels / 1e6:.0f} million pixels"
        )
    try:
        with _warnings, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image.load()
            pixels = _bgr(ImageOps.exif_transpose(image))
    except Exception as error:  # damaged data makes Pillow's decoders raise anything
        raise DecodeFailure(f"{path}: the image is truncated or damaged") from error
    pixels.flags.writeable = False
    return pixels


def _bgr(image: Image.Image) -> Pixels:
    if image.mode in _DEEP:
        return _from_grey(np.asarray(image))
    if image.mode == "F":
        raise ValueError("floating point pixels have no known range")
    if image.mode in {"RGBA", "LA", "PA", "La", "RGBa"} or "transparency" in image.info:
        over = image.convert("RGBA")
        paper = Image.new("RGBA", over.size, (255, 255, 255, 255))
        image = Image.alpha_composite(paper, over)
    return np.asarray(cv2.cvtColor(np.asarray(image.convert("RGB")), cv2.COLOR_RGB2BGR), np.uint8)


def _from_grey(grey: npt.NDArray[np.generic]) -> Pixels:
    values = grey.astype(np.int64)
    if grey.dtype != np.uint8 and values.max(initial=0) > 255:
        values = (values.clip(0, 65535) + 128) // 257
    return np.asarray(cv2.cvtColor(values.clip(0, 255).astype(np.uint8), cv2.COLOR_GRAY2BGR), np.uint8)


def still_from_array(array: npt.NDArray[np.generic]) -> Pixels:
    """A picture handed in as an array: a fresh, read-only HxWx3 uint8 BGR copy.

    Takes HxW or HxWx1 (grey) and HxWx3 (BGR), uint8 or uint16 (scaled by 1/257). Raises NotMedia
    for any other shape or type and EmptyInput for no pixels.
    """
    if not isinstance(array, np.ndarray):
        raise NotMedia(f"a picture is a numpy array, not {type(array).__name__}", advice=_ARRAY_ADVICE)
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.ndim not in {2, 3} or (array.ndim == 3 and array.shape[2] != 3):
        raise NotMedia(f"an array of shape {array.shape} is not a picture", advice=_ARRAY_ADVICE)
    if array.dtype not in (np.uint8, np.uint16):
        raise NotMedia(f"pixels of type {array.dtype} have no known range", advice=_ARRAY_ADVICE)
    if array.size == 0:
        raise EmptyInput("the array holds no pixels", advice=_ARRAY_ADVICE)
    if array.dtype == np.uint16:
        array = (array.astype(np.uint32) + 128) // 257
    pixels = np.ascontiguousarray(array).astype(np.uint8)
    pixels = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR), np.uint8) if pixels.ndim == 2 else pixels
    pixels.flags.writeable = False
    return pixels


_ARRAY_ADVICE = "Give height x width x 3, uint8, in the order blue, green, red (as OpenCV reads images)."
